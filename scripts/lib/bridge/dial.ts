// A WebSocket to a node, and what is said on it before a client's own commands.

import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";

export const OPEN_TIMEOUT_MS = 10_000;

/** Rejects with what to tell the user. */
export function dial(url: URL, protocols: readonly string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(url, [...protocols]);
  socket.binaryType = "arraybuffer";
  return new Promise((done, failed) => {
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    const settle = (work: () => void) => (): void => {
      clearTimeout(timer);
      work();
    };
    socket.addEventListener(
      "open",
      settle(() => done(socket)),
    );
    socket.addEventListener(
      "close",
      settle(() => failed(new Error(`cannot reach ${url.origin}`))),
    );
  });
}

export async function authenticate(socket: WebSocket, password: string): Promise<void> {
  const reply = await ask(socket, ["AUTH", password]);
  if (reply instanceof ReplyError) throw refusal(reply.text);
}

export function refusal(text: string): Error {
  return new Error(`the password is refused: ${text}`);
}

/** One command, before the client's own. */
export function ask(socket: WebSocket, args: readonly string[]): Promise<Reply> {
  const decoder = new ReplyDecoder();
  return new Promise((done, failed) => {
    const listening = new AbortController();
    const { signal } = listening;
    const take = ({ data }: MessageEvent): void => {
      decoder.push(toBinary(new Uint8Array(data as ArrayBuffer)));
      const reply = decoder.next();
      if (reply === undefined) return;
      listening.abort();
      done(reply);
    };
    socket.addEventListener("message", take, { signal });
    socket.addEventListener("close", () => failed(new Error("the connection ended")), { signal });
    socket.send(fromBinary(encodeCommand(args)));
  });
}
