// A RESP client that pipelines, over TCP or a WebSocket: a command at a time, or millions of them.
//
//   const client = await RespClient.tcp(port);
//   await client.send("SET", "a", "1");
//   await client.run(commands, { onReply: (reply, i) => … });
//   client.close();

import { once } from "node:events";
import { connect } from "node:net";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { type Reply, ReplyError } from "../../shared/resp/reply.ts";

export type Args = readonly string[];

/** Commands under way at most while `run` sends many. */
const WINDOW = 2000;
/** Commands in one write. */
const BATCH = 200;

/** Where the bytes go. */
type Wire = {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** Ends it at once. */
  destroy(): void;
};

type Waiting = { done: (reply: Reply) => void; fail: (error: Error) => void };

export class RespClient {
  readonly #wire: Wire;
  readonly #decoder = new ReplyDecoder();
  #waiting: Waiting[] = [];
  #waitingAt = 0;
  #isClosed = false;
  #onClosed: () => void = () => undefined;
  /** Settles when the connection is gone, whoever ended it. */
  readonly closed: Promise<void>;

  private constructor(wire: Wire) {
    this.#wire = wire;
    this.closed = new Promise((done) => (this.#onClosed = done));
  }

  static async tcp(port: number, host = "127.0.0.1"): Promise<RespClient> {
    const socket = connect({ port, host });
    socket.setNoDelay();
    await once(socket, "connect");
    const client = new RespClient({
      write: (bytes) => void socket.write(bytes),
      destroy: () => void socket.destroy(),
    });
    socket.on("data", (bytes) => client.#receive(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => client.#end());
    return client;
  }

  /** `url` is a deployment's `/resp`, with http or ws in front. */
  static async webSocket(
    url: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<RespClient> {
    // Node's own takes options in place of protocols.
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
    socket.binaryType = "arraybuffer";
    await new Promise<void>((done, fail) => {
      socket.addEventListener("open", () => done());
      socket.addEventListener("error", () => fail(new Error(`no WebSocket at ${url}`)));
    });
    const client = new RespClient({
      write: (bytes) => socket.send(bytes),
      destroy: () => socket.close(),
    });
    socket.addEventListener("message", ({ data }) =>
      client.#receive(new Uint8Array(data as ArrayBuffer)),
    );
    socket.addEventListener("close", () => client.#end());
    return client;
  }

  /** One command; rejects when the connection ends before its answer. */
  send(...args: string[]): Promise<Reply> {
    return this.sendBytes(fromBinary(encodeCommand(args)));
  }

  /** One command in bytes of the caller's. */
  sendBytes(bytes: Uint8Array<ArrayBuffer>): Promise<Reply> {
    const reply = new Promise<Reply>((done, fail) => this.#expect({ done, fail }));
    this.write(bytes);
    return reply;
  }

  /** Bytes that bring no answer, or only part of a command. */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#isClosed) this.#wire.write(bytes);
  }

  /** An answer to what was or will be written. */
  next(): Promise<Reply> {
    return new Promise<Reply>((done, fail) => this.#expect({ done, fail }));
  }

  /** Several commands in one write. */
  async pipeline(commands: readonly Args[]): Promise<Reply[]> {
    const replies = commands.map(() => this.next());
    this.write(fromBinary(commands.map((args) => encodeCommand(args)).join("")));
    return await Promise.all(replies);
  }

  /**
   * As many commands as you like, some thousands under way at any time. `onReply` sees each answer in
   * order; without it an error throws. Rejects when the connection ends before the last answer.
   */
  async run(
    commands: Iterable<Args>,
    { onReply = refuseErrors }: { onReply?: (reply: Reply, at: number) => void } = {},
  ): Promise<number> {
    let sent = 0;
    let answered = 0;
    let wake: () => void = () => undefined;
    let failure: unknown;
    const waiting: Waiting = {
      done: (reply) => {
        try {
          onReply(reply, answered);
        } catch (error) {
          failure ??= error;
        }
        answered++;
        if (sent - answered <= WINDOW / 2) wake();
      },
      fail: (error) => {
        failure ??= error;
        wake();
      },
    };
    const room = async (inFlightMax: number): Promise<void> => {
      while (failure === undefined && sent - answered > inFlightMax) {
        await new Promise<void>((done) => (wake = done));
      }
      if (failure !== undefined) throw failure as Error;
    };
    let text = "";
    let count = 0;
    const flush = async (): Promise<void> => {
      for (let i = 0; i < count; i++) this.#expect(waiting);
      sent += count;
      count = 0;
      this.write(fromBinary(text));
      text = "";
      await room(WINDOW);
    };
    for (const args of commands) {
      text += encodeCommand(args);
      if (++count === BATCH) await flush();
    }
    if (count > 0) await flush();
    await room(0);
    return answered;
  }

  close(): void {
    this.#wire.destroy();
  }

  #expect(waiting: Waiting): void {
    if (this.#isClosed) waiting.fail(new Error("the connection has ended"));
    else this.#waiting.push(waiting);
  }

  #receive(bytes: Uint8Array): void {
    this.#decoder.push(toBinary(bytes));
    for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
      this.#waiting[this.#waitingAt++]?.done(reply);
    }
    if (this.#waitingAt < 10_000 && this.#waitingAt < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#waitingAt);
    this.#waitingAt = 0;
  }

  #end(): void {
    this.#isClosed = true;
    for (const { fail } of this.#waiting.slice(this.#waitingAt)) {
      fail(new Error("the connection ended"));
    }
    this.#waiting = [];
    this.#waitingAt = 0;
    this.#onClosed();
  }
}

function refuseErrors(reply: Reply): void {
  if (reply instanceof ReplyError) throw new Error(reply.text);
}
