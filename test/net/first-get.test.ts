// A node wakes in a time that does not depend on how many keys it holds.

import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Args, RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const FEW = scaled({ short: 1000, full: 10_000 });
const MANY = scaled({ short: 20_000, full: 1_000_000 });
const RESTARTS = scaled({ short: 2, full: 3 });
const RATIO_MAX = 3;
const LOAD_MS = 60_000 + MANY / 2;

describe("the first GET after a restart", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterAll(() => served.stop());

  it(
    `with ${MANY} keys takes at most ${RATIO_MAX} times as long as with ${FEW}`,
    async () => {
      await fill(served, { from: 0, to: FEW });
      const fewMs = await firstGetMs(served);
      await fill(served, { from: FEW, to: MANY });
      const manyMs = await firstGetMs(served);
      const shown = (ms: number): string => `${ms.toFixed(1)} ms`;
      const figures = `${FEW} keys ${shown(fewMs)}, ${MANY} keys ${shown(manyMs)}`;
      process.stdout.write(`first GET after a restart: ${figures}\n`);
      expect(manyMs / fewMs).toBeLessThanOrEqual(RATIO_MAX);
    },
    LOAD_MS * 2,
  );
});

async function fill(served: Served, { from, to }: { from: number; to: number }): Promise<void> {
  const client = await RespClient.tcp(served.ports.master);
  const commands = function* (): Generator<Args> {
    for (let i = from; i < to; i++) yield ["SET", `key:${i}`, `value:${i}`];
  };
  await client.run(commands());
  // As an idle node has it: with nothing left to replay.
  await until("a checkpoint", async () => {
    return (await infoOf(client, "persistence")).get("rdb_changes_since_last_save") === "0";
  });
  client.close();
}

/**
 * From the start of the process to the answer, which includes what does not depend on the data: the best
 * of a few, as on a busy machine the rest is noise.
 */
async function firstGetMs(served: Served): Promise<number> {
  const tries: number[] = [];
  for (let i = 0; i < RESTARTS; i++) {
    await served.kill9();
    const startedMs = performance.now();
    await served.restart();
    const client = await RespClient.tcp(served.ports.master);
    expect(await client.send("GET", "key:77")).toBe("value:77");
    tries.push(performance.now() - startedMs);
    client.close();
  }
  return Math.min(...tries);
}
