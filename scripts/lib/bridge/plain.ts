// One client over a WebSocket of its own.

import type { Socket } from "node:net";

/**
 * A client is not read from while so much waits to go either way. Replies wait here and not in the node:
 * a WebSocket has no flow control, so what is not taken from it piles up in the memory of the object.
 */
const WINDOW_BYTES = 1 << 20;
/** A WHATWG WebSocket does not say when its buffer has emptied, so it is looked at. */
const DRAIN_POLL_MS = 5;
/** What a node asks, and what it hears when all before has been handed on (workers/node/sockets.ts). */
const PROBE = "?";
const ALIVE = "!";

/** Carries a client's bytes both ways until either side ends. */
export function carryPlain(client: Socket, socket: WebSocket): void {
  if (client.destroyed) {
    socket.close();
    return;
  }
  const isFull = (): boolean =>
    socket.bufferedAmount > WINDOW_BYTES || client.writableLength > WINDOW_BYTES;
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = isFull() ? setTimeout(resume, DRAIN_POLL_MS) : undefined;
    if (timer === undefined) client.resume();
  };
  client.on("data", (bytes) => {
    socket.send(bytes);
    if (!isFull()) return;
    client.pause();
    resume();
  });
  client.on("close", () => {
    clearTimeout(timer);
    socket.close();
  });
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer) client.write(new Uint8Array(data));
    // The node asks how far we are: a snapshot is sent no faster than the client takes it.
    else if (data === PROBE) client.write("", () => socket.send(ALIVE));
  });
  socket.addEventListener("close", () => client.destroySoon());
  client.resume();
}
