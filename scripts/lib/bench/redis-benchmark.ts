// Runs redis-benchmark and reads its figures.

import { HOST } from "./client.ts";
import type { Bench } from "./measurement.ts";
import type { Servers } from "./servers.ts";

type Pace = {
  readonly clients: number;
  /** Commands that a client sends before it waits. */
  readonly pipeline: number;
  readonly requests: number;
  /** Random keys among so many; one key without it. */
  readonly keys?: number | undefined;
  /** Of a value; three without it. */
  readonly bytes?: number | undefined;
};

export type Load<Test extends string> = Pace & {
  /** As redis-benchmark names them: "set", "get". */
  readonly tests: readonly Test[];
};

/** `__rand_int__` in an argument stands for one of `keys`. */
export type CommandLoad = Pace & { readonly command: readonly string[] };

const TIMEOUT_MS = 600_000;

/** Requests a second, by the test's name in lower case. Rejects when a test gave no figure. */
export async function redisBenchmark<Test extends string>(
  { servers }: Bench,
  port: number,
  load: Load<Test>,
): Promise<Record<Test, number>> {
  const { tests } = load;
  const { rates, said } = await run(servers, port, load, ["-t", tests.join(","), "--csv"]);
  const missing = tests.filter((test) => !((rates[test] ?? 0) > 0));
  if (missing.length === 0) return rates;
  throw new Error(`redis-benchmark gave no figure for ${missing.join(", ")}: ${said}`);
}

/** The same of a command of one's own. */
export async function benchmarkCommand(
  { servers }: Bench,
  port: number,
  load: CommandLoad,
): Promise<number> {
  const { rates, said } = await run(servers, port, load, ["--csv", "-e", ...load.command]);
  const [rate = 0] = Object.values(rates);
  if (rate > 0) return rate;
  throw new Error(`redis-benchmark gave no figure for ${load.command[0]}: ${said}`);
}

async function run(
  servers: Servers,
  port: number,
  { clients, pipeline, requests, keys, bytes }: Pace,
  more: readonly string[],
): Promise<{ rates: Record<string, number>; said: string }> {
  // It sends whole pipelines: with a rest it now and then takes its own end for that of the server (7.0).
  const n = Math.ceil(requests / pipeline) * pipeline;
  const numbers = { p: port, c: clients, P: pipeline, n, r: keys, d: bytes };
  const args = Object.entries({ h: HOST, ...numbers })
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`-${name}`, String(value)]);
  const { stdout, stderr } = await servers.run("redis-benchmark", [...args, ...more], {
    timeoutMs: TIMEOUT_MS,
  });
  return { rates: parseCsv(stdout), said: `${stdout}${stderr}`.trim().slice(-300) };
}

/**
 * The output of `redis-benchmark --csv`: before Redis 7 `"SET","rate"`, since then with latencies behind and a
 * line of headings. Other lines are warnings.
 */
export function parseCsv(output: string): Record<string, number> {
  const rates: Record<string, number> = {};
  for (const line of output.split(/[\r\n]+/)) {
    const match = /^"([^"]+)","([\d.]+)"/.exec(line.trim());
    if (match === null) continue;
    const [, test = "", rate = ""] = match;
    // What follows the name explains it: "LRANGE_100 (first 100 elements)".
    rates[test.toLowerCase().split(" ", 1)[0]!] = Number(rate);
  }
  return rates;
}
