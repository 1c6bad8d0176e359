// Clients that send an HTTP request on a connection of their own and wait for its answer, again and again.
// On bare sockets, because the runtime's HTTP costs more than the servers that are to be measured.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { HOST } from "./client.ts";

export type HttpLoad = {
  readonly path: string;
  /** Of a POST, another or the same at each call. */
  readonly body: () => string;
  readonly clients: number;
  readonly requests: number;
  /** How many requests are made before the clock runs, to be sent again and again; one, if they are all one. */
  readonly distinct?: number;
};

const TIMEOUT_MS = 60_000;
const HEAD_END = "\r\n\r\n";

/** Requests a second. Rejects where a server refuses, ends a connection or does not answer in time. */
export async function httpLoad(port: number, load: HttpLoad): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: load.clients }, () => open(port)));
  try {
    const made = Array.from({ length: load.distinct ?? 1 }, () => requestOf(port, load));
    const each = Math.max(1, Math.round(load.requests / load.clients));
    const startedMs = performance.now();
    await Promise.all(sockets.map((socket) => exchange(socket, made, each)));
    const seconds = (performance.now() - startedMs) / 1000;
    return (each * load.clients) / seconds;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

function requestOf(port: number, { path, body }: HttpLoad): Buffer {
  const text = body();
  const length = Buffer.byteLength(text);
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: ${HOST}:${port}\r\nContent-Length: ${length}\r\n\r\n${text}`,
  );
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: HOST, port });
  socket.setNoDelay();
  await once(socket, "connect");
  return socket;
}

/** One client's requests, one after the other. */
function exchange(socket: Socket, made: readonly Buffer[], count: number): Promise<void> {
  return new Promise((done, failed) => {
    let sent = 0;
    const send = (): void => void socket.write(made[sent++ % made.length]!);
    let heard = "";
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      const end = answerEnd(heard);
      if (end === undefined) return;
      if (!heard.startsWith("HTTP/1.1 200")) {
        failed(new Error(`over HTTP: ${heard.slice(0, 500)}`));
        return;
      }
      heard = heard.slice(end);
      if (sent === count) done();
      else send();
    });
    socket.on("error", failed);
    socket.on("close", () => failed(new Error("over HTTP: the connection ended")));
    send();
  });
}

/** Where the answer ends that `heard` begins with, once all of it is there. */
function answerEnd(heard: string): number | undefined {
  const headEnd = heard.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const bodyAt = headEnd + HEAD_END.length;
  const length = /\r\ncontent-length: (\d+)/i.exec(heard.slice(0, headEnd))?.[1];
  if (length === undefined) {
    const end = heard.indexOf(`0${HEAD_END}`, bodyAt);
    return end < 0 ? undefined : end + 1 + HEAD_END.length;
  }
  const end = bodyAt + Number(length);
  return heard.length < end ? undefined : end;
}
