// Commands a second, from clients that wait for their answers.

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row, Target } from "./rows.ts";
import type { Server } from "./servers.ts";
import { webSocketLoad } from "./websocket-load.ts";

type Case = {
  readonly clients: number;
  readonly pipeline: number;
  /** Requests, for about a second of ours on a quiet machine; a tenth of a second is only noise. */
  readonly full: number;
  readonly quick: number;
  /** The least share of the floor that is asked for (issue 2 §7). */
  readonly share?: number;
};

const CASES: readonly Case[] = [
  { clients: 1, pipeline: 1, full: 15_000, quick: 500 },
  { clients: 50, pipeline: 1, full: 25_000, quick: 1000, share: 0.6 },
  { clients: 50, pipeline: 16, full: 250_000, quick: 20_000, share: 0.5 },
  { clients: 50, pipeline: 100, full: 500_000, quick: 100_000, share: 0.5 },
];

/** For each of `CASES` without random keys, as these were not asked for. */
const KEYS = 100_000;

const WEBSOCKET_CASES: readonly Case[] = [
  { clients: 50, pipeline: 1, full: 25_000, quick: 1500 },
  { clients: 10, pipeline: 100, full: 500_000, quick: 100_000 },
];

const TESTS = ["set", "get"] as const;

/** redis-benchmark's default: every client sets and gets the same key. */
export async function overTcp(bench: Bench): Promise<Row[]> {
  return await measureTcp(bench, CASES);
}

/** Keys at random, where a keyspace and a checkpoint have more to do. No target: the issue names none. */
export async function overTcpRandom(bench: Bench): Promise<Row[]> {
  const cases = CASES.filter(({ clients }) => clients > 1);
  return await measureTcp(bench, cases, KEYS);
}

async function measureTcp(bench: Bench, cases: readonly Case[], keys?: number): Promise<Row[]> {
  const { servers } = bench;
  const ports = {
    ours: (await servers.ours()).port,
    floor: (await servers.floor()).port,
    redis: (await servers.redis()).port,
  };
  bench.tell("warming up");
  for (const port of Object.values(ports)) await warmUp(port);
  const rows: Row[] = [];
  for (const each of cases) {
    const { clients, pipeline } = each;
    const load = { tests: TESTS, clients, pipeline, keys, requests: bench.size(each) };
    const title = titleOf(each);
    const turn = (name: keyof typeof ports) => async (round: number) => {
      bench.tell(`${title}, round ${round + 1} of ${bench.rounds}, ${name}`);
      return await redisBenchmark(ports[name], load);
    };
    const runs = { ours: turn("ours"), floor: turn("floor"), redis: turn("redis") };
    const figures = await interleave(runs, bench);
    const target = keys === undefined ? targetOf(each) : undefined;
    for (const test of TESTS) {
      const what = `${test.toUpperCase()} ${title}`;
      rows.push({ what, unit: "/s", samples: pick(figures, test), target });
    }
  }
  return rows;
}

/** Against the floor only: Redis has no WebSockets. The commands are redis-benchmark's. */
export async function overWebSocket(bench: Bench): Promise<Row[]> {
  const servers = { ours: await bench.servers.ours(), floor: await bench.servers.floor() };
  const commands = {
    SET: encodeCommand(["SET", "key:__rand_int__", "VXK"]),
    GET: encodeCommand(["GET", "key:__rand_int__"]),
  };
  const rows: Row[] = [];
  for (const each of WEBSOCKET_CASES) {
    for (const [name, command] of Object.entries(commands)) {
      const load = { ...each, command, requests: bench.size(each) };
      const turn = (server: Server) => () => {
        return webSocketLoad(server.httpPort!, load).then((rate) => ({ rate }));
      };
      bench.tell(`${name} ${titleOf(each)}`);
      const runs = { ours: turn(servers.ours), floor: turn(servers.floor) };
      await interleave(runs, { rounds: 1 }); // unmeasured, to warm up
      const figures = await interleave(runs, bench);
      rows.push({ what: `${name} ${titleOf(each)}`, unit: "/s", samples: pick(figures, "rate") });
    }
  }
  return rows;
}

/** A short run that is not counted: the first ones are slow until V8 has compiled what is hot. */
async function warmUp(port: number): Promise<void> {
  await redisBenchmark(port, { tests: TESTS, clients: 50, pipeline: 16, requests: 20_000 });
}

/** In redis-benchmark's words. */
function titleOf({ clients, pipeline }: Case): string {
  return `-c ${clients} -P ${pipeline}`;
}

function targetOf({ share }: Case): Target | undefined {
  if (share === undefined) return undefined;
  return { of: "ours/floor", is: "at least", limit: share };
}
