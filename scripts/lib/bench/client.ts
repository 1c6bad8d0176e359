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
/** Commands in one write of `fill`. */
const BATCH = 1000;

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

/** Writes small keys, from number `from` up to but without `to`. */
export async function fill(
  port: number,
  { from, to }: { from: number; to: number },
): Promise<void> {
  const client = await Client.connect(port);
  let under: Promise<unknown> = Promise.resolve();
  for (let at = from; at < to; at += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, to - at) }, (_, i) => at + i);
    const next = client.pipeline(
      numbers.map((number) => ["SET", keyOf(number), `value:${number}`]),
    );
    await under; // so two batches are under way, and an error is not missed
    under = next;
  }
  await under;
  client.close();
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
