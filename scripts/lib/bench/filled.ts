// Servers that hold many keys already. A million of them take a while to write, so that is done once a run, and
// each measurement starts on a copy.

import { checkpointed } from "./checkpointed.ts";
import { ask, Client, fill, until } from "./client.ts";
import type { Kind } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { groupBytes } from "./memory.ts";
import type { Server } from "./servers.ts";

export type Filled = {
  /** Where the data is; others start on it too, and must not change it. */
  readonly folder: string;
  /** What the keys have added to the memory of the process that took them, in bytes. */
  readonly memoryBytes: number;
  /** How many of them it held in memory. */
  readonly residentKeys: number;
};

/** A running server with keys 0 up to but without `keys`, and nothing left to do. */
export async function startFilled(bench: Bench, kind: Kind, keys: number): Promise<Server> {
  const folder = await bench.servers.copyOf((await filled(bench, kind, keys)).folder);
  const server = await bench.servers.of(kind, folder);
  await until("all keys", async () => {
    try {
      return (await ask(server.port, "DBSIZE")) === keys;
    } catch {
      return false; // it is loading
    }
  });
  return server;
}

/** The data of such a server, and what it took to hold it. */
export async function filled(bench: Bench, kind: Kind, keys: number): Promise<Filled> {
  const name = `${kind} ${keys}`;
  const known = bench.filled.get(name);
  if (known !== undefined) return known;
  bench.tell(`filling ${keys.toLocaleString("en-US")} keys, ${kind}`);
  const server = await bench.servers.of(kind);
  const bytesBefore = groupBytes(server.group);
  await fill(server.port, { from: 0, to: keys });
  if (kind === "ours") await checkpointed(server.port);
  const client = await Client.connect(server.port);
  const residentKeys = Number((await client.info("memory")).get("cache_keys") ?? keys);
  client.close();
  const memoryBytes = groupBytes(server.group) - bytesBefore;
  await server.kill();
  const made = { folder: server.folder, memoryBytes, residentKeys };
  bench.filled.set(name, made);
  return made;
}
