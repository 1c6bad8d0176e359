// Scripts: calls a second of a small rate limiter, and what the first call of a process costs.

import { Client } from "./client.ts";
import type { Bench } from "./measurement.ts";
import { benchmarkCommand } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";

const LOAD = { clients: 50, pipeline: 16, keys: 1000 } as const;
const SHARE_MIN = 0.25; // issue 4

/** Window in milliseconds and how many calls it allows. */
const LIMITS = ["60000", "1000000"];
const RATE_LIMITER = `
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
if count > tonumber(ARGV[2]) then return 0 end
return 1`;
const SMALL = "return redis.call('GET', KEYS[1])";

export async function scripts(bench: Bench): Promise<Row[]> {
  return [...(await rates(bench)), ...(await firstCalls(bench))];
}

async function rates(bench: Bench): Promise<Row[]> {
  const { servers } = bench;
  const ports = { ours: (await servers.ours()).port, redis: (await servers.redis()).port };
  const sha = await loaded(ports.ours);
  await loaded(ports.redis);
  const cases = [
    { what: "EVALSHA of a rate limiter", command: ["EVALSHA", sha, "1", KEY, ...LIMITS] },
    { what: "INCR alone", command: ["INCR", KEY] },
  ];
  const rows: Row[] = [];
  for (const { what, command } of cases) {
    const requests = bench.size({ full: 50_000, quick: 10_000 });
    const load = { ...LOAD, command, requests };
    const turn = (name: keyof typeof ports) => async (round: number) => {
      bench.tell(`${what}, round ${round + 1} of ${bench.rounds}, ${name}`);
      return { rate: await benchmarkCommand(bench, ports[name], load) };
    };
    const runs = { ours: turn("ours"), redis: turn("redis") };
    await interleave(runs, { rounds: 1 }); // unmeasured, to warm up
    const samples = pick(await interleave(runs, bench), "rate");
    const target = { of: "ours/redis", is: "at least", limit: SHARE_MIN } as const;
    const row = { what: `${what} -c 50 -P 16`, unit: "/s", samples } as const;
    rows.push(command[0] === "EVALSHA" ? { ...row, target } : row);
  }
  return rows;
}

const KEY = "rate:__rand_int__";

async function loaded(port: number): Promise<string> {
  const client = await Client.connect(port);
  const sha = (await client.send("SCRIPT", "LOAD", RATE_LIMITER)) as string;
  client.close();
  return sha;
}

/** The interpreter is loaded by the first script of a process, which waits for it. */
async function firstCalls(bench: Bench): Promise<Row[]> {
  const turn = (start: () => Promise<Server>) => async (round: number) => {
    bench.tell(`first call, round ${round + 1} of ${bench.rounds}`);
    const server = await start();
    const client = await Client.connect(server.port);
    await client.send("SET", "k", "v");
    const times: number[] = [];
    for (let call = 0; call < 3; call++) {
      const startedMs = performance.now();
      await client.send("EVAL", SMALL, "1", "k");
      times.push(performance.now() - startedMs);
    }
    client.close();
    await server.kill();
    return { first: times[0]!, third: times[2]! };
  };
  const runs = { ours: turn(() => bench.servers.ours()), redis: turn(() => bench.servers.redis()) };
  const figures = await interleave(runs, bench);
  return (["first", "third"] as const).map((name) => ({
    what: `the ${name} EVAL of a process`,
    unit: "ms",
    samples: pick(figures, name),
  }));
}
