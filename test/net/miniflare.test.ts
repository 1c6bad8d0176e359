// The Worker under Miniflare, Cloudflare's own emulator: what `npm start` does without, a deployment is
// closer to.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundle, MAIN_MODULE } from "../../scripts/lib/bundle.ts";
import { COMPATIBILITY_DATE } from "../../scripts/lib/workerd.ts";

let folder: string;
let script: string;
const wasm: Record<string, { type: "wasm"; contents: Buffer }> = {};

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "antipode-miniflare-"));
  await bundle("workers/index.ts", folder);
  script = await readFile(path.join(folder, MAIN_MODULE), "utf8");
  for (const name of await readdir(folder)) {
    if (!name.endsWith(".wasm")) continue;
    wasm[name] = { type: "wasm", contents: await readFile(path.join(folder, name)) };
  }
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function withWorker(work: (ask: (command: string[]) => Promise<unknown>) => Promise<void>) {
  const node = { type: "durable-object", worker: "antipode", exportName: "Node" };
  const miniflare = new Miniflare({
    port: 0,
    host: "127.0.0.1",
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: folder,
    workers: [
      {
        config: {
          name: "antipode",
          compatibilityDate: COMPATIBILITY_DATE,
          manifest: {
            mainModule: "worker.js",
            modules: { "worker.js": { type: "esm", contents: script }, ...wasm },
          },
          env: {
            NODE: node,
            REDIS_PASSWORD: { type: "text", value: "secret" },
            REPLICAS: { type: "text", value: "" },
          },
          exports: { Node: { type: "durable-object", storage: "sqlite" } },
        },
      },
    ],
  } as ConstructorParameters<typeof Miniflare>[0]);
  try {
    const url = await miniflare.ready;
    await work(async (command) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: "Bearer secret" },
        body: JSON.stringify(command),
      });
      return await response.json();
    });
  } finally {
    await miniflare.dispose();
  }
}

it("keeps what it answered over a restart of the emulator", { timeout: 60_000 }, async () => {
  await withWorker(async (ask) => {
    expect(await ask(["SET", "k", "v"])).toEqual({ result: "OK" });
    expect(await ask(["INCR", "n"])).toEqual({ result: 1 });
  });
  await withWorker(async (ask) => {
    expect(await ask(["GET", "k"])).toEqual({ result: "v" });
    expect(await ask(["INCR", "n"])).toEqual({ result: 2 });
  });
});
