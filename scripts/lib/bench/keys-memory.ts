// What a million small keys take, in memory and on disk.

import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { filled } from "./filled.ts";
import { each } from "./links.ts";
import type { Bench } from "./measurement.ts";
import type { Row, Unit } from "./rows.ts";

const MEGABYTE = 1e6;

type Taken = { readonly memory: number; readonly resident: number; readonly disk: number };

/** One sample: it hardly varies. Ours keeps `cache-bytes` of keys in memory, and the rest on disk. */
export async function memoryOfKeys(bench: Bench): Promise<Row[]> {
  const keys = bench.size({ full: 1_000_000, quick: 10_000 });
  const taken = await each(async (kind): Promise<Taken> => {
    const { folder, memoryBytes, residentKeys } = await filled(bench, kind, keys);
    return { memory: memoryBytes, resident: residentKeys, disk: await folderBytes(folder) };
  });
  const row = (what: string, unit: Unit, figure: (taken: Taken) => number): Row => ({
    what,
    unit,
    samples: { ours: [figure(taken.ours)], redis: [figure(taken.redis)] },
  });
  const count = keys.toLocaleString("en-US");
  return [
    row(`memory that ${count} keys add to the process`, "MB", ({ memory }) => memory / MEGABYTE),
    row("the same per key", "bytes", ({ memory }) => memory / keys),
    row("the same per key that is in memory", "bytes", ({ memory, resident }) => memory / resident),
    row("disk per key, logs included", "bytes", ({ disk }) => disk / keys),
  ];
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await stat(path.join(folder, name));
      // Our Worker stands beside the data.
      return found.isFile() && !/\.(js|wasm|capnp)$/.test(name) ? found.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
