// A WebSocket with many channels that nobody reads from: it waits, and the node lives.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toBinary } from "../../shared/base/bytes.ts";
import { CHANNELS_PROTOCOL, ChannelWriter } from "../../shared/resp/channels.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { FrameReader, maskedFrame } from "../../scripts/lib/bench/websocket-frames.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { asText } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const MB = 1024 ** 2;
const CHANNELS = 150;
const VALUE_BYTES = 900_000;
/** What may wait for the socket, what the kernel takes, and what is not collected yet. */
const GROWTH_BYTES_MAX = 90 * MB;

let served: Served;
beforeAll(async () => {
  served = await serve({ replicas: [] });
});
afterAll(() => served.stop());

/** A WebSocket as the bridge opens it, on a bare socket, so that it can be left unread. */
async function open(): Promise<Socket> {
  const { port, host } = new URL(served.http);
  const socket = connect(Number(port), "127.0.0.1");
  const lines = [
    "GET /resp?node=master HTTP/1.1",
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    `Sec-WebSocket-Protocol: ${CHANNELS_PROTOCOL}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString("latin1")).toMatch(/^HTTP\/1\.1 101 /);
  return socket;
}

describe("a WebSocket with channels that is not read", () => {
  /** Each channel asks for `VALUE_BYTES`, and nobody reads; then somebody does. */
  async function unread(
    command: string,
    look: (ask: (...args: string[]) => Promise<Reply>) => Promise<void>,
  ): Promise<void> {
    const client = await RespClient.tcp(served.ports.master);
    await client.send("SET", "long", "x".repeat(VALUE_BYTES));
    const before = served.residentBytes();
    const socket = await open();
    socket.pause();
    const writer = new ChannelWriter();
    for (let channel = 1; channel <= CHANNELS; channel++) {
      writer.open(channel);
      writer.data(channel, command);
    }
    socket.write(maskedFrame(toBinary(writer.take())));
    await look((...args) => client.send(...args));
    expect(asText(await client.send("PING"))).toBe("PONG");
    expect(served.residentBytes() - before).toBeLessThan(GROWTH_BYTES_MAX);

    let byteCount = 0;
    const reader = new FrameReader((bytes) => (byteCount += bytes.length));
    socket.on("data", (bytes) => reader.push(bytes)).resume();
    await until("all answers", () => byteCount > CHANNELS * VALUE_BYTES);
    socket.destroy();
    client.close();
  }

  it("is not run for beyond a bound, and everything arrives once it is read", async () => {
    await unread(encodeCommand(["GET", "long"]), async (ask) => {
      const clients = async (): Promise<number> => {
        const info = asText(await ask("INFO", "clients"));
        return Number(/^connected_clients:(\d+)/m.exec(info)?.[1]);
      };
      await until("the first of them", async () => (await clients()) > 1);
      expect(await clients()).toBeLessThan(CHANNELS / 2);
    });
  });

  it("is not sent beyond a bound what was run together", async () => {
    await unread(encodeCommand(["INCR", "runs"]) + encodeCommand(["GET", "long"]), async (ask) => {
      const runs = async (): Promise<number> => Number(await ask("GET", "runs"));
      await until("the first of them", async () => (await runs()) > 0);
      // One group: what they wrote is seen when all are done.
      expect(await runs()).toBe(CHANNELS);
    });
  });
});
