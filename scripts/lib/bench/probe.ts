// A client that does nothing but GET, in a thread of its own: how long each takes while others work.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { percentile } from "./statistics.ts";

/** What the thread is given. */
export type ProbeTask = { readonly port: number; readonly keys: number };

export type Pauses = { readonly p50: number; readonly p999: number; readonly max: number };

/** Between two GETs: a pause of the server is seen, and the machine has a core for others. */
export const PROBE_EVERY_MS = 1;
const PROBE = new URL("./probe-thread.ts", import.meta.url);

/** Milliseconds of a GET at any moment while the work ran. */
export async function pausesDuring(task: ProbeTask, work: () => Promise<void>): Promise<Pauses> {
  const thread = new Worker(PROBE, { workerData: task });
  try {
    await once(thread, "message"); // it is connected
    await work();
    const heard = once(thread, "message");
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    thread.postMessage("stop");
    const [tookMs] = (await heard) as [readonly number[]];
    return pausesOf(withOmitted(tookMs, PROBE_EVERY_MS));
  } finally {
    await thread.terminate();
  }
}

/**
 * With the GETs that were not sent because one before them was not answered: they would have waited for
 * what was left of it (Gil Tene's correction for coordinated omission, as HdrHistogram has it).
 */
export function withOmitted(tookMs: readonly number[], everyMs: number): number[] {
  return tookMs.flatMap((took) => {
    const count = Math.max(1, Math.ceil(took / everyMs));
    return Array.from({ length: count }, (_, i) => took - i * everyMs);
  });
}

export function pausesOf(tookMs: readonly number[]): Pauses {
  if (tookMs.length === 0) throw new Error("no GET was answered meanwhile");
  const sorted = tookMs.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 50), p999: percentile(sorted, 99.9), max: sorted.at(-1)! };
}
