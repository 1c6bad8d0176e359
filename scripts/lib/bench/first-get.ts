// How soon a node answers after a restart, with few keys and with many: waking must not depend on them.

import { Client, fill, keyOf, until } from "./client.ts";
import type { Bench } from "./measurement.ts";
import { interleave } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";
import { checkpointed } from "./checkpointed.ts";

const RATIO_MAX = 3; // issue 2 §7
const TIMEOUT_MS = 60_000;

export async function firstGet(bench: Bench): Promise<Row[]> {
  const few = bench.size({ full: 10_000, quick: 10_000 });
  const many = bench.size({ full: 1_000_000, quick: 50_000 });
  const { servers } = bench;
  const ours = (folder?: string): Promise<Server> => servers.ours(folder);
  const redis = (folder?: string): Promise<Server> => servers.redis(folder);

  const folders = {
    oursFew: await filled(bench, ours, few),
    oursMany: await filled(bench, ours, many),
    redisFew: await filled(bench, redis, few),
    redisMany: await filled(bench, redis, many),
  };
  const turn = (start: (folder: string) => Promise<Server>, folder: string) => (round: number) => {
    bench.tell(`round ${round + 1} of ${bench.rounds}`);
    return firstGetMs(start, folder);
  };
  const runs = {
    oursFew: turn(ours, folders.oursFew),
    oursMany: turn(ours, folders.oursMany),
    redisFew: turn(redis, folders.redisFew),
    redisMany: turn(redis, folders.redisMany),
  };
  const { oursFew, oursMany, redisFew, redisMany } = await interleave(runs, bench);

  const ratios = (many: number[], few: number[]): number[] => many.map((ms, i) => ms / few[i]!);
  const [shownFew, shownMany] = [few.toLocaleString("en-US"), many.toLocaleString("en-US")];
  return [
    { what: `${shownFew} keys`, unit: "ms", samples: { ours: oursFew, redis: redisFew } },
    { what: `${shownMany} keys`, unit: "ms", samples: { ours: oursMany, redis: redisMany } },
    {
      what: `${shownMany} / ${shownFew}`,
      unit: "×",
      samples: { ours: ratios(oursMany, oursFew), redis: ratios(redisMany, redisFew) },
      target: { of: "ours", is: "at most", limit: RATIO_MAX },
    },
  ];
}

/** The folder of a server that was ended when it had nothing left to do. */
async function filled(bench: Bench, start: () => Promise<Server>, keys: number): Promise<string> {
  bench.tell(`filling ${keys} keys`);
  const server = await start();
  await fill(server.port, { from: 0, to: keys });
  if (server.httpPort !== undefined) await checkpointed(server.port);
  await server.kill();
  return server.folder;
}

async function firstGetMs(
  start: (folder: string) => Promise<Server>,
  folder: string,
): Promise<number> {
  const startedMs = performance.now();
  const server = await start(folder);
  const client = await Client.connect(server.port);
  const number = 77;
  const hasAnswered = async (): Promise<boolean> => {
    try {
      const value = await client.send("GET", keyOf(number));
      if (value === `value:${number}`) return true;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("LOADING")) return false;
      throw error;
    }
    throw new Error("a key is gone after a restart");
  };
  await until("the first GET", hasAnswered, { timeoutMs: TIMEOUT_MS });
  const tookMs = performance.now() - startedMs;
  client.close();
  await server.kill();
  return tookMs;
}
