// A RESP client inside workerd, on a WebSocket to a node or to the edge.

import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import {
  MapReply,
  NilArray,
  Push,
  type Reply,
  ReplyError,
  Status,
  Verbatim,
} from "../../../shared/resp/reply.ts";

/** A reply as tests write it down: errors as `-text`, statuses as `+text`. */
export type Shown = string | number | bigint | null | readonly Shown[];

export class Client {
  readonly socket: WebSocket;
  readonly #decoder = new ReplyDecoder();
  readonly #replies: Shown[] = [];
  readonly #waiting: ((reply: Shown) => void)[] = [];
  /** Text messages that came. */
  readonly texts: string[] = [];
  isClosed = false;
  /** The code that the connection was closed with. */
  readonly closed: Promise<number>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    this.closed = new Promise((resolve) => {
      const end = (code: number): void => {
        this.isClosed = true;
        resolve(code);
        for (const done of this.#waiting.splice(0)) done("closed");
      };
      socket.addEventListener("close", ({ code }) => end(code));
      socket.addEventListener("error", () => end(1006));
    });
    socket.addEventListener("message", ({ data }) => this.#receive(data as ArrayBuffer | string));
    socket.accept();
  }

  /** `response` is the answer to an upgrade. */
  static of(response: Response): Client {
    if (response.webSocket === null) throw new Error(`no WebSocket: ${response.status}`);
    return new Client(response.webSocket);
  }

  async send(...args: readonly string[]): Promise<Shown> {
    this.write(encodeCommand(args));
    return await this.next();
  }

  /** Bytes as a binary string. */
  write(text: string): void {
    this.socket.send(fromBinary(text));
  }

  /** The next reply; `closed` once there will be none. */
  next(): Promise<Shown> {
    const reply = this.#replies.shift();
    if (reply !== undefined) return Promise.resolve(reply);
    if (this.isClosed) return Promise.resolve("closed");
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.socket.close(1000);
  }

  #receive(data: ArrayBuffer | string): void {
    if (typeof data === "string") {
      this.texts.push(data);
      return;
    }
    this.#decoder.push(toBinary(new Uint8Array(data)));
    for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
      const done = this.#waiting.shift();
      if (done === undefined) this.#replies.push(show(reply));
      else done(show(reply));
    }
  }
}

function show(reply: Reply): Shown {
  if (reply instanceof Status) return `+${reply.text}`;
  if (reply instanceof Verbatim) return reply.text;
  if (reply instanceof ReplyError) return `-${reply.text}`;
  if (reply instanceof NilArray) return null;
  if (reply instanceof MapReply) return reply.flat.map(show);
  if (reply instanceof Push) return reply.items.map(show);
  if (Array.isArray(reply)) return (reply as readonly Reply[]).map(show);
  return reply as string | number | bigint | null;
}
