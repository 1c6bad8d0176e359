// Who sends without pause, or takes all there is, leaves others their turns.

import { once } from "node:events";
import { connect } from "node:net";

import { afterAll, beforeAll, expect, it } from "vitest";

import { Pinger } from "../support/pinger.ts";
import { type Args, RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";

const COUNT = 20_000;
const VALUE = "v".repeat(1000);
/** What goes on has many times as many turns. */
const SHARE_MAX = 1 / 4;

let served: Served;
let pinger: Pinger;
beforeAll(async () => {
  served = await serve({ replicas: [] });
  pinger = await Pinger.on(served.ports.master);
});
afterAll(async () => {
  await pinger.close();
  await served.stop();
});

/** Which share of the time that the work took somebody else waited for one answer, at most. */
async function longestShare(work: () => Promise<unknown>): Promise<number> {
  await pinger.pauses();
  const fromMs = performance.now();
  await work();
  const tookMs = performance.now() - fromMs;
  const { longestMs } = await pinger.pauses();
  return longestMs / tookMs;
}

const writes: Args[] = Array.from({ length: COUNT }, (_, i) => ["SET", `key:${i}`, VALUE]);
it("others are answered while a client sends all it has at once", async () => {
  const client = await RespClient.tcp(served.ports.master);
  expect(await longestShare(() => client.pipeline(writes))).toBeLessThan(SHARE_MAX);
  client.close();
});

it("others are answered while a stock replica takes a snapshot", async () => {
  const client = await RespClient.tcp(served.ports.master);
  await client.run(writes);
  const share = await longestShare(async () => {
    const socket = connect(served.ports.master, "127.0.0.1");
    await once(socket, "connect");
    socket.write("SYNC\r\n");
    let byteCount = 0;
    for await (const bytes of socket) {
      byteCount += (bytes as Buffer).length;
      if (byteCount > COUNT * VALUE.length) break;
    }
  });
  expect(share).toBeLessThan(SHARE_MAX);
  client.close();
});
