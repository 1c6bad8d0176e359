// A client that does nothing but GET, in a thread of its own: how long each takes while others work.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { percentile } from "./statistics.ts";

/** What the thread is given. */
export type ProbeTask = { readonly port: number; readonly keys: number };

export type Pauses = { readonly p50: number; readonly p999: number; readonly max: number };

const PROBE = new URL("./probe-thread.ts", import.meta.url);

/** Milliseconds of the GETs that were sent while the work ran, one after the other. */
export async function pausesDuring(task: ProbeTask, work: () => Promise<void>): Promise<Pauses> {
  const thread = new Worker(PROBE, { workerData: task });
  await once(thread, "message"); // it is connected
  await work();
  const heard = once(thread, "message");
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  thread.postMessage("stop");
  const [tookMs] = (await heard) as [readonly number[]];
  await thread.terminate();
  return pausesOf(tookMs);
}

export function pausesOf(tookMs: readonly number[]): Pauses {
  if (tookMs.length === 0) throw new Error("no GET was answered meanwhile");
  const sorted = tookMs.toSorted((a, b) => a - b);
  return { p50: percentile(sorted, 50), p999: percentile(sorted, 99.9), max: sorted.at(-1)! };
}
