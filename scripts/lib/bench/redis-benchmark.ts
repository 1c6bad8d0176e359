// Runs redis-benchmark and reads its figures.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { HOST } from "./client.ts";

type Pace = {
  readonly clients: number;
  /** Commands that a client sends before it waits. */
  readonly pipeline: number;
  readonly requests: number;
  /** Random keys among so many; one key without it. */
  readonly keys?: number | undefined;
};

export type Load<Test extends string> = Pace & {
  /** As redis-benchmark names them: "set", "get". */
  readonly tests: readonly Test[];
};

/** `__rand_int__` in an argument stands for one of `keys`. */
export type CommandLoad = Pace & { readonly command: readonly string[] };

const TIMEOUT_MS = 120_000;

/** Requests a second, by the test's name in lower case. Rejects when a test gave no figure. */
export async function redisBenchmark<Test extends string>(
  port: number,
  load: Load<Test>,
): Promise<Record<Test, number>> {
  const { tests } = load;
  const { rates, said } = await run(port, load, ["-t", tests.join(","), "--csv"]);
  const missing = tests.filter((test) => !((rates[test] ?? 0) > 0));
  if (missing.length === 0) return rates;
  throw new Error(`redis-benchmark gave no figure for ${missing.join(", ")}: ${said}`);
}

/** The same of a command of one's own. */
export async function benchmarkCommand(port: number, load: CommandLoad): Promise<number> {
  const { rates, said } = await run(port, load, ["--csv", "-e", ...load.command]);
  const [rate = 0] = Object.values(rates);
  if (rate > 0) return rate;
  throw new Error(`redis-benchmark gave no figure for ${load.command[0]}: ${said}`);
}

async function run(
  port: number,
  { clients, pipeline, requests, keys }: Pace,
  more: readonly string[],
): Promise<{ rates: Record<string, number>; said: string }> {
  const args = Object.entries({ h: HOST, p: port, c: clients, P: pipeline, n: requests, r: keys })
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`-${name}`, String(value)]);
  const { stdout, stderr } = await promisify(execFile)("redis-benchmark", [...args, ...more], {
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
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
    rates[test.toLowerCase()] = Number(rate);
  }
  return rates;
}
