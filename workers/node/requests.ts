/** Requests that come as calls and not over a socket (REST): a connection of their own, for one call. */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { admit, type Admission } from "../../shared/replication/admission.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import { Decoder, defaultLimits } from "../../shared/resp/decoder.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { errorJson } from "../../shared/resp/json.ts";
import { Answers, type Format, type Refused, type Shape, type Whole } from "./answers.ts";
import { Outcomes, type Repeat } from "./outcomes.ts";
import type { PlatformHost } from "./platform-host.ts";
import { forbidden } from "./rest-commands.ts";

/** Commands, as they go to the node. */
export interface Requests {
  /** One after the other in RESP, as a binary string: the cheapest there is to carry. */
  readonly resp: string;
  /** How many there are in it. */
  readonly count: number;
  /** Those that are not in it, because they were refused before; in order. */
  readonly refused?: readonly Refused[];
}

export interface CallOptions {
  /** Who calls: by the token it offers (undefined: none), or by a binding, which tells what it may. */
  readonly caller:
    | { readonly token: string | undefined }
    | { readonly binding: "admitted" | "read-only" };
  readonly format: Format;
  readonly shape: Shape;
  /** For what must not run twice. */
  readonly repeat?: Repeat | undefined;
}

export interface CallAnswer {
  readonly admission: Admission;
  /** JSON text: `{ result }` or `{ error }`, or a list of them; or RESP2, as bytes. */
  readonly body: Whole["body"];
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

/** Commands -> what `run` takes. */
export function toRequests(
  commands: readonly (readonly string[])[],
  refused: readonly Refused[] = [],
): Requests {
  let resp = "";
  for (const args of commands) resp += encodeCommand(args);
  return refused.length === 0
    ? { resp, count: commands.length }
    : { resp, count: commands.length, refused };
}

export class Calls {
  readonly #host: PlatformHost;
  readonly #core: NodeCore;
  readonly #outcomes = new Outcomes<CallAnswer>({
    sizeOf: ({ body }) => body.length,
    lost: () => this.#refusal("admitted", LOST),
  });

  constructor(host: PlatformHost, core: NodeCore) {
    this.#host = host;
    this.#core = core;
  }

  /** Runs requests in order, as one client would, and answers when all have. */
  run(requests: Requests, options: CallOptions): Promise<CallAnswer> | CallAnswer {
    const { caller, repeat } = options;
    const admission = "binding" in caller ? caller.binding : admit(this.#core.engine, caller.token);
    if (admission !== "admitted" && admission !== "read-only") return this.#refusal(admission, "");
    const work = (): Promise<CallAnswer> => this.#answer(requests, options, admission);
    return repeat === undefined ? work() : this.#outcomes.run(repeat, Date.now(), work);
  }

  async #answer(
    given: Requests,
    { format, shape }: CallOptions,
    admission: Admission,
  ): Promise<CallAnswer> {
    const requests = admission === "read-only" ? this.#readable(given) : given;
    const { refused = [] } = requests;
    if (shape === "transaction" && refused.length > 0) {
      return this.#refusal(admission, refused[0]![1]);
    }
    const answers = new Answers(requests.count, { format, shape });
    let position = this.#position;
    if (requests.count > 0) position = await this.#ask(requests, answers, shape);
    const { body, byteCount, isError } = answers.body(refused);
    if (byteCount > CALL_BYTES_MAX) return this.#refusal(admission, tooLarge(byteCount));
    return { admission, body, isError, position };
  }

  #refusal(admission: Admission, text: string): CallAnswer {
    return { admission, body: errorJson(text), isError: true, position: this.#position };
  }

  get #position(): string {
    return `${this.#core.history.id}:${this.#core.log.end}`;
  }

  /** Without what a reader may not send. */
  #readable({ resp, count, refused = [] }: Requests): Requests {
    const { registry } = this.#core.engine;
    const decoder = new Decoder(defaultLimits());
    decoder.push(resp);
    const kept: (readonly string[])[] = [];
    const all = [...refused];
    for (let at = 0, next = 0; at < count + refused.length; at++) {
      if (refused[next]?.[0] === at) {
        next++;
        continue;
      }
      const args = decoder.next()!;
      const why = forbidden(args, registry);
      if (why === undefined) kept.push(args);
      else all.push([at, why]);
    }
    return toRequests(
      kept,
      all.sort(([a], [b]) => a - b),
    );
  }

  /** Fills `answers`; resolves with the position of the caller behind that. */
  async #ask({ resp }: Requests, answers: Answers, shape: Shape): Promise<string> {
    const host = this.#host;
    const bytes = fromBinary(shape === "transaction" ? `${MULTI}${resp}${EXEC}` : resp);
    const connection = host.event(() => {
      const opened = this.#core.open(TRANSPORT);
      host.adopt(opened, {
        write: (sent) => {
          opened.unsentBytes = 0;
          answers.take(toBinary(sent));
        },
        probe: () => undefined,
        close: () => answers.finish("ERR connection closed"),
      });
      this.#core.receive(opened, bytes);
      return opened;
    });
    // All have run, though the answers may wait for the commit: the caller sees the state of now, which is
    // behind its own last write and before anyone else's next one.
    const isRun = connection.session.blocked === undefined;
    const position = this.#position;
    if (!answers.isComplete) {
      // Nobody tells us when a caller has gone: one that waits for ever must not keep its place for ever.
      const timer = isRun
        ? undefined
        : setTimeout(() => answers.finish("ERR timed out"), CALL_TIMEOUT_MS);
      await answers.completed();
      if (timer !== undefined) clearTimeout(timer);
    }
    host.closedByPeer(connection);
    return isRun ? position : this.#position;
  }
}

const MULTI = encodeCommand(["MULTI"]);
const EXEC = encodeCommand(["EXEC"]);

const TRANSPORT = { kind: "bytes", isTrusted: true, address: "rest:0", localAddress: "" } as const;
