// A RESP client over TCP, for what redis-benchmark cannot do: filling, asking, waiting.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";

export const HOST = "127.0.0.1";

const POLL_MS = 5;
/** A server that says nothing for so long will not any more. */
const TIMEOUT_MS = 60_000;
/** Commands in one write of `fill`, and how many of these wait for answers. */
const BATCH = 1000;
const BATCHES_OPEN = 4;
/** Of `+OK\r\n`, and how an answer begins that is none. */
const OK_BYTES = 5;
const ERROR = "-";

type Waiting = { readonly done: (reply: Reply) => void; readonly failed: (error: Error) => void };

export class Client {
  readonly #socket: Socket;
  readonly #decoder = new ReplyDecoder();
  readonly #waiting: Waiting[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay();
    socket.on("data", (bytes) => this.#receive(bytes));
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      for (const { failed } of this.#waiting.splice(0)) failed(new Error("the connection ended"));
    });
  }

  /** Rejects where nobody listens. */
  static async connect(port: number): Promise<Client> {
    const socket = connect({ host: HOST, port });
    await once(socket, "connect");
    return new Client(socket);
  }

  /** One command. An error in reply rejects, here and below. */
  async send(...args: string[]): Promise<Reply> {
    const [reply] = await this.pipeline([args]);
    return reply ?? null;
  }

  /** Several in one write. */
  pipeline(commands: readonly (readonly string[])[]): Promise<Reply[]> {
    const replies = commands.map(
      () => new Promise<Reply>((done, failed) => this.#waiting.push({ done, failed })),
    );
    this.#socket.write(fromBinary(commands.map((args) => encodeCommand(args)).join("")));
    return Promise.all(replies);
  }

  /** The fields of INFO. */
  async info(section: string): Promise<ReadonlyMap<string, string>> {
    const text = (await this.send("INFO", section)) as string;
    return new Map(
      [...text.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = "", value = ""]) => {
        return [name, value];
      }),
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Uint8Array): void {
    this.#decoder.push(toBinary(bytes));
    for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
      const waiting = this.#waiting.shift();
      if (reply instanceof ReplyError) waiting?.failed(new Error(reply.text));
      else waiting?.done(reply);
    }
  }
}

/** The name of the key of that number, as `fill` writes it. */
export const keyOf = (number: number): string => `key:${String(number).padStart(12, "0")}`;

/** What `fill` writes to the key of that number, unless told otherwise. */
export const valueOf = (number: number): string => `value:${number}`;

/** Writes small keys, from number `from` up to but without `to`, as fast as the server takes them. */
export async function fill(
  port: number,
  { from, to, value = valueOf }: { from: number; to: number; value?: (number: number) => string },
): Promise<void> {
  const socket = connect({ host: HOST, port });
  await once(socket, "connect");
  let sent = from;
  let answered = from;
  await new Promise<void>((done, failed) => {
    // A client that makes a promise of each answer would be slower than who answers.
    const more = (): void => {
      while (sent < to && sent - answered < BATCHES_OPEN * BATCH) {
        const end = Math.min(to, sent + BATCH);
        let batch = "";
        for (; sent < end; sent++) batch += encodeCommand(["SET", keyOf(sent), value(sent)]);
        socket.write(batch, "latin1");
      }
      if (answered >= to) done();
    };
    let restBytes = 0;
    socket.on("data", (bytes) => {
      if (bytes.includes(ERROR)) failed(new Error(`a key was not written: ${toBinary(bytes)}`));
      restBytes += bytes.length;
      answered += Math.floor(restBytes / OK_BYTES);
      restBytes %= OK_BYTES;
      more();
    });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.once("error", failed);
    socket.once("close", () => failed(new Error("the connection ended")));
    more();
  }).finally(() => socket.destroy());
}

/** One command on a connection of its own. */
export async function ask(port: number, ...args: string[]): Promise<Reply> {
  const client = await Client.connect(port);
  try {
    return await client.send(...args);
  } finally {
    client.close();
  }
}

/** Resolves once `check` says so; rejects after `timeoutMs`. */
export async function until(
  what: string,
  check: () => Promise<boolean>,
  { timeoutMs = 60_000 }: { timeoutMs?: number } = {},
): Promise<void> {
  const untilMs = performance.now() + timeoutMs;
  while (!(await check())) {
    if (performance.now() > untilMs) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await sleep(POLL_MS);
  }
}
