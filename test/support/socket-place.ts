// A server behind a TCP port as a place to tell stories: redis-server, which proves them, or a node.

import { connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { type Client, isMessage, type Place } from "./transcript.ts";

const POLL_MS = 5;
const HEARD_WITHIN_MS = 5000;

export interface SocketClient extends Client {
  send(args: readonly string[]): Promise<Reply>;
  hear(): Promise<Reply>;
  close(): void;
}

/** Empties the server first: whatever it held is gone. */
export async function socketPlace(port: number): Promise<Place> {
  const clients: SocketClient[] = [];
  const connect = async (): Promise<SocketClient> => {
    const client = await socketClient(port);
    clients.push(client);
    return client;
  };
  const own = await connect();
  await own.send(["FLUSHALL"]);
  return {
    connect,
    turn: async (ms) => {
      const untilMs = (await serverTimeMs(own)) + ms;
      while ((await serverTimeMs(own)) < untilMs) await sleep(POLL_MS);
    },
    close: () => clients.forEach((client) => client.close()),
  };
}

async function serverTimeMs(client: SocketClient): Promise<number> {
  const [seconds, microseconds] = (await client.send(["TIME"])) as [string, string];
  return Number(seconds) * 1000 + Number(microseconds) / 1000;
}

/** One connection; replies come in the order of the commands. */
export async function socketClient(port: number, host = "127.0.0.1"): Promise<SocketClient> {
  const socket = dial({ host, port });
  socket.setNoDelay();
  await new Promise<void>((done, fail) => {
    socket.once("connect", done);
    socket.once("error", fail);
  });
  const waiting: { done: (reply: Reply) => void; fail: (error: Error) => void }[] = [];
  const decoder = new ReplyDecoder();
  const unasked: Reply[] = [];
  socket.on("data", (bytes) => {
    decoder.push(toBinary(bytes));
    for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
      if (waiting.length === 0 || isMessage(reply)) unasked.push(reply);
      else waiting.shift()!.done(reply);
    }
  });
  endAll(socket, waiting);
  return {
    send: (args) =>
      new Promise((done, fail) => {
        waiting.push({ done, fail });
        socket.write(fromBinary(encodeCommand(args)));
      }),
    hear: async () => {
      const untilMs = Date.now() + HEARD_WITHIN_MS;
      while (unasked.length === 0 && Date.now() < untilMs) await sleep(POLL_MS);
      const reply = unasked.shift();
      if (reply === undefined) throw new Error("nothing was sent");
      return reply;
    },
    close: () => void socket.destroy(),
  };
}

function endAll(socket: Socket, waiting: { fail: (error: Error) => void }[]): void {
  const end = (): void => {
    for (const { fail } of waiting.splice(0)) fail(new Error("the connection ended"));
  };
  socket.on("close", end);
  socket.on("error", end);
}
