// Asks a server again and again, on a thread of its own so that what the test does costs no answer time,
// and tells how long it had to wait at most: how long the server stopped for others.

import { Worker } from "node:worker_threads";

/** Plain JavaScript: a worker's source may be no file here. */
const SOURCE = `
const { connect } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const socket = connect(workerData, "127.0.0.1");
socket.setNoDelay(true);
let longestMs = 0, count = 0, askedAtMs = 0, isOpen = false;
const ask = () => { askedAtMs = performance.now(); socket.write("PING\\r\\n"); };
const note = () => { longestMs = Math.max(longestMs, performance.now() - askedAtMs); };
socket.on("connect", () => { isOpen = true; ask(); parentPort.postMessage("open"); });
socket.on("error", () => undefined);
socket.on("data", () => { note(); count++; setTimeout(ask, 1); });
parentPort.on("message", () => {
  // An answer that is still missing has taken so long at least.
  if (count > 0 && performance.now() - askedAtMs > longestMs) note();
  parentPort.postMessage({ longestMs, count });
  [longestMs, count] = [0, 0];
});
`;

export type Pauses = { readonly longestMs: number; readonly count: number };

export class Pinger {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  static async on(port: number): Promise<Pinger> {
    const worker = new Worker(SOURCE, { eval: true, workerData: port });
    await new Promise<void>((done) => worker.once("message", () => done()));
    return new Pinger(worker);
  }

  /** The longest wait since it was asked last. */
  pauses(): Promise<Pauses> {
    return new Promise((done) => {
      this.#worker.once("message", (pauses: Pauses) => done(pauses));
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
      this.#worker.postMessage("pauses");
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
