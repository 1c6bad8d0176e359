// The thread of probe.ts: GETs of random keys until it is told to stop; then it says what each took.

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Client, keyOf } from "./client.ts";
import { PROBE_EVERY_MS, type ProbeTask } from "./probe.ts";

const { port, keys } = workerData as ProbeTask;
const client = await Client.connect(port);
const tookMs: number[] = [];
let isStopped = false;
parentPort?.once("message", () => (isStopped = true));
tell("connected");
while (!isStopped) {
  const key = keyOf(Math.floor(Math.random() * keys));
  const sentMs = performance.now();
  await client.send("GET", key);
  tookMs.push(performance.now() - sentMs);
  await sleep(PROBE_EVERY_MS);
}
client.close();
tell(tookMs);

function tell(what: unknown): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
  parentPort?.postMessage(what);
}
