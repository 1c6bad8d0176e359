// What redis-benchmark is for TCP, over WebSockets: clients that send a batch and wait for its answers.
// On bare sockets, because the runtime's WebSocket costs more than the servers that are to be measured.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { HOST } from "./client.ts";
import { FrameReader, maskedFrame } from "./websocket-frames.ts";

export type WebSocketLoad = {
  /** A command, encoded, another or the same at each call; their answers must all have the same length. */
  readonly command: () => string;
  readonly clients: number;
  readonly pipeline: number;
  readonly requests: number;
  /** How many commands are made before the clock runs, to be sent again and again; one, if they are all one. */
  readonly distinct?: number;
};

const TIMEOUT_MS = 60_000;
const PATH = "/resp?node=master";

/** Requests a second. Rejects where a server refuses, ends a connection or does not answer in time. */
export async function webSocketLoad(httpPort: number, load: WebSocketLoad): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: load.clients }, () => open(httpPort)));
  try {
    const { command, pipeline, distinct = 1 } = load;
    const answerBytes = await oneAnswer(sockets[0]!, command());
    const made = Array.from({ length: Math.ceil(distinct / pipeline) }, () => {
      return maskedFrame(Array.from({ length: pipeline }, command).join(""));
    });
    const batches = Math.max(1, Math.round(load.requests / load.clients / pipeline));
    const batchBytes = answerBytes * pipeline;
    const startedMs = performance.now();
    await Promise.all(sockets.map((socket) => exchange(socket, { made, batches, batchBytes })));
    const seconds = (performance.now() - startedMs) / 1000;
    return (batches * pipeline * load.clients) / seconds;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: HOST, port });
  socket.setNoDelay();
  await once(socket, "connect");
  const lines = [
    `GET ${PATH} HTTP/1.1`,
    `Host: ${HOST}:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
  ];
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  // Nothing follows the head before we have said something.
  const [head] = (await once(socket, "data")) as [Buffer];
  if (!head.toString("latin1").startsWith("HTTP/1.1 101 ")) {
    socket.destroy();
    throw new Error(`no WebSocket: ${head.toString("latin1").split("\r\n", 1)[0]}`);
  }
  return socket;
}

/** The length of an answer, by asking once. */
async function oneAnswer(socket: Socket, command: string): Promise<number> {
  socket.write(maskedFrame(command));
  let answer = "";
  const reader = new FrameReader((bytes) => (answer += bytes.toString("latin1")));
  while (answer === "") {
    const [bytes] = (await once(socket, "data")) as [Buffer];
    reader.push(bytes);
  }
  if (answer.startsWith("-")) throw new Error(`over WebSocket: ${answer.trim()}`);
  return answer.length;
}

/** One client's batches, one after the other. */
function exchange(
  socket: Socket,
  { made, batches, batchBytes }: { made: readonly Buffer[]; batches: number; batchBytes: number },
): Promise<void> {
  return new Promise((done, failed) => {
    let sent = 0;
    let missingBytes = 0;
    const send = (): void => {
      if (sent === batches) {
        done();
        return;
      }
      missingBytes = batchBytes;
      socket.write(made[sent++ % made.length]!);
    };
    const reader = new FrameReader((bytes) => {
      missingBytes -= bytes.length;
      if (missingBytes < 0) failed(new Error("over WebSocket: an answer is of another length"));
      if (missingBytes === 0) send();
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on("data", (bytes) => {
      try {
        reader.push(bytes);
      } catch (error) {
        failed(error instanceof Error ? error : new Error(String(error)));
      }
    });
    socket.on("error", failed);
    socket.on("close", () => failed(new Error("over WebSocket: the connection ended")));
    send();
  });
}
