// How soon all is ready, and how soon a node answers after a restart, with few keys and with many: waking must
// not depend on them.

import { Client, keyOf, until, valueOf } from "./client.ts";
import { filled } from "./filled.ts";
import type { Kind } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";

const RATIO_MAX = 3; // issue 2 §7
const ROUNDS_MAX = 3;
const TIMEOUT_MS = 60_000;

export async function start(bench: Bench): Promise<Row[]> {
  const rounds = Math.min(bench.rounds, ROUNDS_MAX);
  return [await ready(bench, rounds), ...(await firstGets(bench, rounds))];
}

/** `npm start` builds the Worker, starts a master and two replicas, and waits for them. */
async function ready(bench: Bench, rounds: number): Promise<Row> {
  const turn = (work: () => Promise<unknown>) => async (round: number) => {
    bench.tell(`ready, round ${round + 1} of ${rounds}`);
    const startedMs = performance.now();
    await work();
    return { tookMs: performance.now() - startedMs };
  };
  const runs = {
    ours: turn(() => bench.servers.readyOnce()),
    redis: turn(() => bench.servers.redis()),
  };
  const figures = await interleave(runs, { rounds });
  await bench.servers.stopAll();
  const what = "npm start with two replicas (redis-server alone)";
  return { what, unit: "ms", samples: pick(figures, "tookMs") };
}

async function firstGets(bench: Bench, rounds: number): Promise<Row[]> {
  const few = bench.size({ full: 10_000, quick: 1000 });
  const many = bench.size({ full: 1_000_000, quick: 10_000 });
  const turn = (kind: Kind, keys: number) => async (round: number) => {
    const { folder } = await filled(bench, kind, keys);
    bench.tell(`first GET, round ${round + 1} of ${rounds}`);
    return await firstGetMs(() => bench.servers.of(kind, folder));
  };
  const runs = {
    oursFew: turn("ours", few),
    oursMany: turn("ours", many),
    redisFew: turn("redis", few),
    redisMany: turn("redis", many),
  };
  const { oursFew, oursMany, redisFew, redisMany } = await interleave(runs, { rounds });

  const ratios = (many: number[], few: number[]): number[] => many.map((ms, i) => ms / few[i]!);
  const [shownFew, shownMany] = [few.toLocaleString("en-US"), many.toLocaleString("en-US")];
  return [
    {
      what: `first GET, ${shownFew} keys`,
      unit: "ms",
      samples: { ours: oursFew, redis: redisFew },
    },
    {
      what: `first GET, ${shownMany} keys`,
      unit: "ms",
      samples: { ours: oursMany, redis: redisMany },
    },
    {
      what: `first GET, ${shownMany} / ${shownFew}`,
      unit: "×",
      samples: { ours: ratios(oursMany, oursFew), redis: ratios(redisMany, redisFew) },
      target: { of: "ours", is: "at most", limit: RATIO_MAX },
    },
  ];
}

async function firstGetMs(start: () => Promise<Server>): Promise<number> {
  const startedMs = performance.now();
  const server = await start();
  const client = await Client.connect(server.port);
  const number = 77;
  const hasAnswered = async (): Promise<boolean> => {
    try {
      const value = await client.send("GET", keyOf(number));
      if (value === valueOf(number)) return true;
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
