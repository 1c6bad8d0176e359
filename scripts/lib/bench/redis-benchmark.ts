// Runs redis-benchmark and reads its figures.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { HOST } from "./client.ts";

export type Load<Test extends string> = {
  /** As redis-benchmark names them: "set", "get". */
  readonly tests: readonly Test[];
  readonly clients: number;
  /** Commands that a client sends before it waits. */
  readonly pipeline: number;
  readonly requests: number;
  /** Random keys among so many; one key without it. */
  readonly keys?: number | undefined;
};

const TIMEOUT_MS = 120_000;

/** Requests a second, by the test's name in lower case. Rejects when a test gave no figure. */
export async function redisBenchmark<Test extends string>(
  port: number,
  load: Load<Test>,
): Promise<Record<Test, number>> {
  const { tests, clients, pipeline, requests, keys } = load;
  const args = Object.entries({ h: HOST, p: port, c: clients, P: pipeline, n: requests, r: keys })
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [`-${name}`, String(value)]);
  args.push("-t", tests.join(","), "--csv");
  const { stdout, stderr } = await promisify(execFile)("redis-benchmark", args, {
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const rates = parseCsv(stdout);
  const missing = tests.filter((test) => !((rates[test] ?? 0) > 0));
  if (missing.length === 0) return rates;
  const said = `${stdout}${stderr}`.trim().slice(-300);
  throw new Error(`redis-benchmark gave no figure for ${missing.join(", ")}: ${said}`);
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
