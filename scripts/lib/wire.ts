// Bytes to and from a server, over TCP, TLS or a WebSocket: written no faster than they are taken.

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ServerAddress } from "./server-address.ts";

export interface Wire {
  /** Resolves once there is room for more. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Ends it at once. */
  close(): void;
}

/** Who is told what comes; `onEnd` once, with a reason where there is one. */
export interface Listener {
  onBytes(bytes: Uint8Array): void;
  onEnd(why: string): void;
}

const OPEN_TIMEOUT_MS = 10_000;
/** A WHATWG WebSocket does not say when its buffer has emptied, so it is looked at. */
const DRAIN_POLL_MS = 5;
const BUFFER_BYTES_MAX = 1 << 20;

/** Resolves once it is open; rejects with a message that names nothing but the reason. */
export async function openWire(address: ServerAddress, listener: Listener): Promise<Wire> {
  if (address.kind === "deployment") return await openWebSocket(address.url, listener);
  return await openSocket(address, listener);
}

async function openSocket(
  { host, port, isTls }: Extract<ServerAddress, { kind: "redis" }>,
  listener: Listener,
): Promise<Wire> {
  const socket: Socket = isTls
    ? connectTls({ host, port, servername: host })
    : connectTcp({ host, port });
  socket.setNoDelay();
  await new Promise<void>((done, fail) => {
    const timer = setTimeout(() => socket.destroy(new Error("no answer")), OPEN_TIMEOUT_MS);
    socket.once(isTls ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      done();
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      fail(new Error(error.code ?? error.message));
    });
  });
  let why = "the server closed the connection";
  socket.removeAllListeners("error");
  socket.on("error", (error: NodeJS.ErrnoException) => (why = error.code ?? error.message));
  socket.on("close", () => listener.onEnd(why));
  socket.on("data", (bytes) => listener.onBytes(bytes));
  return {
    write: async (bytes) => {
      if (socket.write(bytes) || socket.destroyed) return;
      await new Promise<void>((done) => {
        socket.once("drain", done);
        socket.once("close", () => done());
      });
    },
    close: () => void socket.destroy(),
  };
}

async function openWebSocket(url: URL, listener: Listener): Promise<Wire> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  await new Promise<void>((done, fail) => {
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      done();
    });
    socket.addEventListener("close", () => {
      clearTimeout(timer);
      fail(new Error("no WebSocket there"));
    });
  });
  socket.addEventListener("close", () => listener.onEnd("the server closed the connection"));
  socket.addEventListener("message", ({ data }) => {
    // A node that streams to us asks how far we are (workers/node/sockets.ts).
    if (data === "?") socket.send("!");
    else listener.onBytes(new Uint8Array(data as ArrayBuffer));
  });
  return {
    write: async (bytes) => {
      socket.send(bytes);
      while (socket.bufferedAmount > BUFFER_BYTES_MAX && socket.readyState === WebSocket.OPEN) {
        await new Promise((done) => setTimeout(done, DRAIN_POLL_MS));
      }
    },
    close: () => socket.close(),
  };
}
