// Talks to a Redis server for the tools: a command at a time, or many under way, within bounds of memory.

import { fromBinary, toBinary, utf8ToBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { type Reply, ReplyError, Verbatim } from "../../shared/resp/reply.ts";
import { Pipeline, type Waiting } from "./pipeline.ts";
import { type ServerAddress, shownAddress } from "./server-address.ts";
import { openWire, type Wire } from "./wire.ts";

type Args = readonly string[];
export class RedisClient {
  readonly address: ServerAddress;
  #wire!: Wire;
  readonly #decoder = new ReplyDecoder();
  /** Takes the bytes in place of the decoder: a snapshot is no reply. */
  #reader: ((bytes: string) => void) | undefined;
  readonly #waiting: Waiting[] = [];
  #waitingAt = 0;
  #onLost: (error: Error) => void = () => {};
  #endedWhy: string | undefined;

  private constructor(address: ServerAddress) {
    this.address = address;
  }

  /** Connects and authenticates, by the address's own password or else this one. */
  static async connect(address: ServerAddress, password: string): Promise<RedisClient> {
    const client = new RedisClient(address);
    const where = shownAddress(address);
    try {
      client.#wire = await openWire(address, {
        onBytes: (bytes) => client.#receive(toBinary(bytes)),
        onEnd: (why) => client.#end(why),
      });
    } catch (error) {
      throw new Error(`cannot reach ${where} (${(error as Error).message})`, { cause: error });
    }
    const own = address.kind === "redis" ? address : { user: "", password: "" };
    const secret = own.password === "" ? password : own.password;
    const user = own.user === "" ? [] : [utf8ToBinary(own.user)];
    const first = secret === "" ? ["PING"] : ["AUTH", ...user, utf8ToBinary(secret)];
    const reply = await client.send(first);
    if (reply instanceof ReplyError) throw new Error(`${where} answers: ${reply.text}`);
    return client;
  }

  /** One command; an error of the server's is an answer, the end of the connection is not. */
  async send(args: Args): Promise<Reply> {
    const reply = new Promise<Reply>((done, fail) => this.#expect({ done, fail }));
    if (this.#endedWhy === undefined) await this.#wire.write(fromBinary(encodeCommand(args)));
    return await reply;
  }

  /** One command; throws where the server answers an error. */
  async ask(...args: Args): Promise<Reply> {
    const reply = await this.send(args);
    if (!(reply instanceof ReplyError)) return reply;
    throw new Error(`${shownAddress(this.address)} answers ${args[0]}: ${reply.text}`);
  }

  /** One command whose answer is a text. */
  async text(...args: Args): Promise<string> {
    const reply = await this.ask(...args);
    if (reply instanceof Verbatim) return reply.text;
    return typeof reply === "string" ? reply : "";
  }

  pipeline(): Pipeline {
    return new Pipeline({
      expect: (waiting) => this.#expect(waiting),
      write: async (text) => {
        if (this.#endedWhy === undefined) await this.#wire.write(fromBinary(text));
      },
    });
  }

  /**
   * A command behind whose answer no replies come any more: `onReply` returns who reads those bytes.
   */
  readBehind(
    args: Args,
    {
      onReply,
      onFailure,
    }: {
      onReply: (reply: Reply) => ((bytes: string) => void) | undefined;
      onFailure: (error: Error) => void;
    },
  ): void {
    this.#onLost = onFailure;
    this.#expect({ done: (reply) => (this.#reader = onReply(reply)), fail: onFailure });
    this.write(args);
  }

  /** Sends what brings no reply of its own. */
  write(args: Args): void {
    if (this.#endedWhy === undefined) void this.#wire.write(fromBinary(encodeCommand(args)));
  }

  close(): void {
    this.#wire.close();
  }

  #expect(waiting: Waiting): void {
    if (this.#endedWhy === undefined) this.#waiting.push(waiting);
    else waiting.fail(new Error(this.#endedWhy));
  }

  #receive(bytes: string): void {
    try {
      if (this.#reader === undefined) this.#answer(bytes);
      else this.#reader(bytes);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
      this.#wire.close();
    }
  }

  #answer(bytes: string): void {
    this.#decoder.push(bytes);
    while (this.#reader === undefined) {
      const reply = this.#decoder.next();
      if (reply === undefined) break;
      this.#waiting[this.#waitingAt++]?.done(reply);
    }
    this.#reader?.(this.#decoder.takeRest());
    if (this.#waitingAt < 1000 && this.#waitingAt < this.#waiting.length) return;
    this.#waiting.splice(0, this.#waitingAt);
    this.#waitingAt = 0;
  }

  #end(why: string): void {
    if (this.#endedWhy !== undefined) return;
    this.#endedWhy = `${shownAddress(this.address)}: ${why}`;
    const waiting = this.#waiting.splice(this.#waitingAt);
    for (const { fail } of waiting) fail(new Error(this.#endedWhy));
    this.#onLost(new Error(this.#endedWhy));
  }
}
