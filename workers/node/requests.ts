/** Requests that come as calls and not over a socket (REST): a connection of their own, for one call. */
import { binaryToUtf8, fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { admit, type Admission } from "../../shared/replication/admission.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import { encodeCommand, encodeReply } from "../../shared/resp/encoder.ts";
import { type Json, replyToJson } from "../../shared/resp/json.ts";
import { type Reply, ReplyError } from "../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { Outcomes, type Repeat } from "./outcomes.ts";
import type { PlatformHost } from "./platform-host.ts";
import { refusalOf } from "./rest-commands.ts";

type Shape = "one" | "many" | "transaction";

export interface CallOptions {
  /** Who calls: by the token it offers (undefined: none), or by a binding, which tells what it may. */
  readonly caller:
    | { readonly token: string | undefined }
    | { readonly binding: "admitted" | "read-only" };
  /** JSON with strings as text or as base64; or the replies as RESP2 has them. */
  readonly format: "text" | "base64" | "resp2";
  /** One command's outcome, a list of outcomes, or the outcomes of a MULTI … EXEC. */
  readonly shape: Shape;
  /** For what must not run twice. */
  readonly repeat?: Repeat | undefined;
}

export interface CallAnswer {
  readonly admission: Admission;
  /** JSON text: `{ result }` or `{ error }`, or a list of them; or bytes of RESP2. */
  readonly body: string | Uint8Array<ArrayBuffer>;
  /** The body is one error. */
  readonly isError: boolean;
  /** What the caller has seen by this answer: `history:offset`. */
  readonly position: string;
}

/** A call between the Worker and a node carries 32 MiB, with its frame; so does its answer. */
export const CALL_BYTES_MAX = 32 * 1024 * 1024 - 4096;

/** Who waits for something longer than this is told that it timed out. */
const CALL_TIMEOUT_MS = 30_000;

export function tooLarge(byteCount: number): string {
  return `ERR max request size exceeded. Limit: ${CALL_BYTES_MAX} bytes, Actual: ${byteCount} bytes`;
}

const LOST =
  "ERR this request was executed before; its answer was too large to be kept for a retry";

type Requests = readonly (readonly string[])[];

export class Calls {
  readonly #host: PlatformHost;
  readonly #core: NodeCore;
  readonly #outcomes = new Outcomes<CallAnswer>({
    sizeOf: ({ body }) => body.length,
    lost: () => ({ admission: "admitted", isError: true, ...this.#error(LOST) }),
  });

  constructor(host: PlatformHost, core: NodeCore) {
    this.#host = host;
    this.#core = core;
  }

  /** Runs requests in order, as one client would, and answers when all have. */
  async run(requests: Requests, options: CallOptions): Promise<CallAnswer> {
    const { caller, repeat } = options;
    const admission = "binding" in caller ? caller.binding : admit(this.#core.engine, caller.token);
    if (admission !== "admitted" && admission !== "read-only") {
      return { admission, body: "", isError: true, position: "" };
    }
    const work = () => this.#answer(requests, options, admission);
    return await (repeat === undefined ? work() : this.#outcomes.run(repeat, Date.now(), work));
  }

  async #answer(
    requests: Requests,
    options: CallOptions,
    admission: Admission,
  ): Promise<CallAnswer> {
    const asking = {
      registry: this.#core.engine.registry,
      isReadOnly: admission === "read-only",
    };
    const refusals = requests.map((args) => refusalOf(args, asking));
    const { replies, position } = await this.#allowed(requests, refusals, options.shape);
    const { body, byteCount, isError } =
      options.format === "resp2" && options.shape !== "transaction"
        ? asResp(replies, options)
        : asJson(replies, options);
    if (byteCount <= CALL_BYTES_MAX) return { admission, body, isError, position };
    return { admission, isError: true, ...this.#error(tooLarge(byteCount)), position };
  }

  #error(text: string): { body: string; position: string } {
    return { body: JSON.stringify({ error: text }), position: this.#position };
  }

  get #position(): string {
    return `${this.#core.history.id}:${this.#core.log.end}`;
  }

  /** Asks what may be asked and answers the rest; a transaction is asked as a whole or not at all. */
  async #allowed(
    requests: Requests,
    refusals: readonly (ReplyError | undefined)[],
    shape: Shape,
  ): Promise<Answered> {
    const refusal = refusals.find((why) => why !== undefined);
    if (shape === "transaction") {
      if (refusal !== undefined) return { replies: [refusal], position: this.#position };
      return await this.#ask([["MULTI"], ...requests, ["EXEC"]]);
    }
    if (refusal === undefined) return await this.#ask(requests);
    const { replies, position } = await this.#ask(
      requests.filter((_args, i) => refusals[i] === undefined),
    );
    let next = 0;
    return { replies: refusals.map((why) => why ?? replies[next++]!), position };
  }

  async #ask(requests: Requests): Promise<Answered> {
    if (requests.length === 0) return { replies: [], position: this.#position };
    const host = this.#host;
    const core = this.#core;
    const collector = new Collector(requests.length);
    let text = "";
    for (const args of requests) text += encodeCommand(args);
    const connection = host.event(() => {
      const opened = core.open({
        kind: "bytes",
        isTrusted: true,
        address: "rest:0",
        localAddress: "",
      });
      host.adopt(opened, collector.outletOf(opened));
      core.receive(opened, fromBinary(text));
      return opened;
    });
    // All have run, though their answers may wait for the commit: the caller sees the state of now, which
    // is behind its own last write and before anyone else's next one.
    const isRun = connection.session.blocked === undefined;
    const position = this.#position;
    if (!collector.isDone) {
      // Nobody tells us when a caller has gone: one that waits for ever must not keep its place for ever.
      const timer = isRun
        ? undefined
        : setTimeout(() => collector.finish("ERR timed out"), CALL_TIMEOUT_MS);
      await collector.done;
      if (timer !== undefined) clearTimeout(timer);
    }
    host.closedByPeer(connection);
    return { replies: collector.replies, position: isRun ? position : this.#position };
  }
}

interface Answered {
  readonly replies: readonly Reply[];
  readonly position: string;
}

/** Gathers the replies to so many requests. */
class Collector {
  readonly replies: Reply[] = [];
  readonly #count: number;
  readonly #decoder = new ReplyDecoder();
  #byteCount = 0;
  isDone = false;
  /** Not within the core's own call: it may still have something to say to the connection. */
  readonly done: Promise<void>;
  #settle: () => void = () => undefined;

  constructor(count: number) {
    this.#count = count;
    this.done = new Promise((resolve) => (this.#settle = resolve));
  }

  outletOf(connection: Connection) {
    return {
      write: (bytes: Uint8Array) => {
        connection.unsentBytes = 0;
        this.#take(bytes);
      },
      probe: () => undefined,
      close: () => this.finish("ERR connection closed"),
    };
  }

  /** What has not been answered is answered by this. */
  finish(why: string): void {
    while (this.replies.length < this.#count) this.replies.push(new ReplyError(why));
    this.isDone = true;
    this.#settle();
  }

  #take(bytes: Uint8Array): void {
    if (this.isDone) return;
    this.#byteCount += bytes.byteLength;
    // The answer could not be carried; no need to collect the rest of it.
    if (this.#byteCount > 2 * CALL_BYTES_MAX) {
      this.finish(tooLarge(this.#byteCount));
      return;
    }
    this.#decoder.push(toBinary(bytes));
    for (;;) {
      const reply = this.#decoder.next();
      if (reply === undefined) return;
      this.replies.push(reply);
      if (this.replies.length === this.#count) this.finish("");
    }
  }
}

interface Body {
  readonly body: CallAnswer["body"];
  readonly byteCount: number;
  readonly isError: boolean;
}

function asResp(replies: readonly Reply[], { shape }: CallOptions): Body {
  let text = "";
  for (const reply of replies) text += encodeReply(reply, 2);
  const isError = shape === "one" && replies[0] instanceof ReplyError;
  return { body: fromBinary(text), byteCount: text.length, isError };
}

function asJson(replies: readonly Reply[], { shape, format }: CallOptions): Body {
  const options = { base64: format === "base64" };
  const answer = SHAPES[shape](replies, (reply) =>
    reply instanceof ReplyError
      ? { error: binaryToUtf8(reply.text) }
      : { result: replyToJson(reply, options) },
  );
  const body = JSON.stringify(answer);
  // A text of one-byte characters is carried as such, any other at two bytes each.
  const byteCount = /[\u0100-\uffff]/.test(body) ? body.length * 2 : body.length;
  return { body, byteCount, isError: "error" in answer };
}

type Outcome = { readonly result: Json } | { readonly error: string };

type Shaping = (
  replies: readonly Reply[],
  toOutcome: (reply: Reply) => Outcome,
) => Outcome | readonly Outcome[];

const SHAPES: Readonly<Record<Shape, Shaping>> = {
  one: (replies, toOutcome) => toOutcome(replies[0]!),
  many: (replies, toOutcome) => replies.map(toOutcome),
  transaction: (replies, toOutcome) => {
    const last = replies.at(-1)!;
    if (Array.isArray(last)) return (last as readonly Reply[]).map(toOutcome);
    // Why it was not run: the first command that was refused says it best.
    return toOutcome(replies.find((reply) => reply instanceof ReplyError) ?? last);
  },
};
