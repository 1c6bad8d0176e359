/** The three kinds of socket a connection may run over, behind one face. */
import { parseSeen, positionText } from "../../shared/replication/freshness.ts";
import type { Position } from "../../shared/replication/position.ts";

/** Where bytes of a connection go. Writes keep their order; nothing is thrown, a failure ends the peer. */
export interface Outlet {
  write(bytes: Uint8Array): void;
  /** Asks for a sign of life that does not wake the peer, where the transport has one. */
  probe(): void;
  /** Ends the connection after what was written. */
  close(): void;
}

/** A Worker takes messages of 32 MiB, other clients often less: long replies come in several. */
const MESSAGE_BYTES_MAX = 1 << 20;

/** The text frame with which our own nodes ask each other for a sign of life. */
export const PROBE = "?";
const ALIVE = "!";

/**
 * What the edge asks a node for a session that reads there and writes elsewhere (near-session.ts), in text
 * frames among the session's own: where it is (`@?`), or whether it is as far as `@history:offset`, once it is.
 */
export const NEAR_MARK = "@";
export const NEAR_WHERE = "@?";
export const NEAR_NOW = "@now";
export const NEAR_FORWARD = "@forward";

/** The answer to a probe. A master says how far it is, which may prove a replica fresh (proof.ts). */
export function aliveText(standing: Position | undefined): string {
  return standing === undefined ? ALIVE : ALIVE + positionText(standing);
}

/** What a text frame that is no probe says of where its sender is. */
export function standingIn(text: string): Position | undefined {
  return text.startsWith(ALIVE) ? parseSeen(text.slice(ALIVE.length)) : undefined;
}

/**
 * A WebSocket has no flow control: what a client does not read piles up in our memory. One that lets so
 * much of it pile up is not worth the others' while.
 */
const UNREAD_BYTES_MAX = 64 << 20;

/** `onSlow` hears that the peer does not read, and that the socket is being closed. */
export function webSocketOutlet(socket: WebSocket, onSlow: () => void = () => undefined): Outlet {
  const quietly = (action: () => void): void => {
    try {
      action();
    } catch {
      // The socket is closing already; its close event ends the connection.
    }
  };
  return {
    write: (bytes) =>
      quietly(() => {
        for (let at = 0; at < bytes.byteLength; at += MESSAGE_BYTES_MAX) {
          socket.send(bytes.subarray(at, at + MESSAGE_BYTES_MAX));
        }
        if (socket.bufferedAmount > UNREAD_BYTES_MAX) {
          socket.close(1013, "what was sent is not read");
          // Not now: the core is in the middle of sending.
          queueMicrotask(onSlow);
        }
      }),
    probe: () => quietly(() => socket.send(PROBE)),
    close: () => quietly(() => socket.close(1000)),
  };
}

/** `onTaken` hears how many bytes the peer's side has taken; `onFailed` that the socket is gone. */
export function tcpOutlet(
  writable: WritableStream<Uint8Array>,
  events: { onTaken(byteCount: number): unknown; onFailed(): void },
): Outlet & { drained(): Promise<void> } {
  const writer = writable.getWriter();
  let last: Promise<void> = Promise.resolve();
  writer.closed.catch(events.onFailed);
  return {
    write: (bytes) => {
      last = writer.write(bytes).then(
        () => {
          events.onTaken(bytes.byteLength);
        },
        () => undefined,
      );
    },
    probe: () => undefined,
    close: () => {
      writer.close().catch(() => undefined);
    },
    drained: () => last,
  };
}
