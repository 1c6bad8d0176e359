/** Requests that come as calls and not over a socket (REST): a connection of their own, for one call. */
import { admit, type Admission } from "../../shared/replication/admission.ts";
import {
  type Ask,
  type Contract,
  parseContract,
  type Verdict,
} from "../../shared/replication/freshness.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import type { Position } from "../../shared/replication/position.ts";
import { lagMsOf } from "../../shared/replication/reads.ts";
import { Decoder, defaultLimits } from "../../shared/resp/decoder.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { errorJson } from "../../shared/resp/json.ts";
import {
  Answers,
  CALL_BYTES_MAX,
  type Format,
  type Refused,
  type Shape,
  type Whole,
} from "./answers.ts";
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
  /** Who is to answer it; undefined: this node, whatever it is. */
  readonly route?: Route | undefined;
}

export interface Route {
  /** The master; the replica next to the caller; or this node, which was asked for by name. */
  readonly to: "master" | "near" | "here";
  /** How fresh an answer must be: of what only reads, and waits for nothing. */
  readonly read:
    | {
        /** Undefined: what the caller's token has by default. */
        readonly contract: Contract | undefined;
        readonly seen: Position | undefined;
      }
    | undefined;
}

/** Nothing was run: another node has to answer. */
export interface Forward {
  readonly why: string;
  /** The node that this one follows, where that is known. */
  readonly master?: string | undefined;
}

export interface CallAnswer {
  readonly admission: Admission;
  /** JSON text: `{ result }` or `{ error }`, or a list of them; or RESP2, as bytes. */
  readonly body: Whole["body"];
  /** The body is one error. */
  readonly isError: boolean;
  /** What the caller has seen by this answer: `history:offset`. */
  readonly position: string;
  readonly role: "master" | "replica";
  /** How old what is read here may be, in milliseconds; undefined: nobody knows. */
  readonly lagMs: number | undefined;
  readonly forward?: Forward | undefined;
}

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
    const { caller, repeat, route } = options;
    const admission = "binding" in caller ? caller.binding : admit(this.#core.engine, caller.token);
    if (admission !== "admitted" && admission !== "read-only") return this.#refusal(admission, "");
    const elsewhere = this.#elsewhere(route);
    if (elsewhere !== undefined) {
      return { ...this.#refusal(admission, ""), forward: elsewhere };
    }
    const work = (): Promise<CallAnswer> | CallAnswer => this.#answer(requests, options, admission);
    return repeat === undefined
      ? work()
      : this.#outcomes.run(repeat, Date.now(), async () => await work());
  }

  /** Not a promise where nothing is to be waited for: most reads come and go in one turn. */
  #answer(
    given: Requests,
    { format, shape, route }: CallOptions,
    admission: Admission,
  ): Promise<CallAnswer> | CallAnswer {
    const requests = admission === "read-only" ? this.#readable(given) : given;
    const { refused = [] } = requests;
    if (shape === "transaction" && refused.length > 0) {
      return this.#refusal(admission, refused[0]![1]);
    }
    const answers = new Answers(requests.count, { format, shape });
    const finish = (run: string | Forward): CallAnswer => {
      if (typeof run !== "string") return this.#forwarded(run, route, admission);
      const { body, isError } = answers.body(refused);
      return { admission, body, isError, position: run, ...this.#state };
    };
    if (requests.count === 0) return finish(this.#position);
    const run = this.#ask(requests, answers, { shape, ask: this.#askOf(route, admission) });
    return run instanceof Promise ? run.then(finish) : finish(run);
  }

  #refusal(admission: Admission, text: string): CallAnswer {
    const position = this.#position;
    return { admission, body: errorJson(text), isError: true, position, ...this.#state };
  }

  get #state(): { role: "master" | "replica"; lagMs: number | undefined } {
    return { role: this.#core.role.kind, lagMs: lagMsOf(this.#core, Date.now()) };
  }

  /** Who is to answer what this node is not meant to. */
  #elsewhere(route: Route | undefined): Forward | undefined {
    const { role } = this.#core;
    if (route?.to === "near" && role.kind === "master") return { why: "not-a-replica" };
    if (route?.to !== "master" || role.kind === "master") return undefined;
    const { master } = role;
    return master.kind === "node" ? { why: "replica", master: master.name } : undefined;
  }

  /** How fresh a read must be; undefined: it is none. */
  #askOf(route: Route | undefined, admission: Admission): Ask | undefined {
    // A master has everything.
    if (route?.read === undefined || this.#core.role.kind === "master") return undefined;
    const { contract, seen } = route.read;
    const setting = admission === "read-only" ? "read-contract-readonly" : "read-contract";
    const byDefault = (): Contract => parseContract(this.#core.engine.config.text(setting))!;
    return { contract: contract ?? byDefault(), seen };
  }

  /** A read that this node cannot answer: the master can, if it is a node of ours and may be asked. */
  #forwarded(forward: Forward, route: Route | undefined, admission: Admission): CallAnswer {
    if (route?.to === "near") return { ...this.#refusal(admission, ""), forward };
    const why = `ERR not as fresh as it must be here (${forward.why})`;
    return this.#refusal(admission, route?.to === "here" ? why : why + ABROAD);
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

  /** Fills `answers`, and says the position of the caller behind that, or who has to answer. */
  #ask(
    { resp }: Requests,
    answers: Answers,
    { shape, ask }: { shape: Shape; ask: Ask | undefined },
  ): Promise<string | Forward> | string | Forward {
    const host = this.#host;
    let forward: Forward | undefined;
    const connection = host.event(() => {
      const opened = this.#core.open({ ...TRANSPORT, taker: (replies) => answers.take(replies) });
      host.adopt(opened, {
        write: () => undefined,
        probe: () => undefined,
        close: () => answers.finish("ERR connection closed"),
      });
      // Where there are clients enough it hears so, and nothing of it is run.
      if (opened.session.isClosing) {
        this.#core.clients.settle(opened);
        return opened;
      }
      const ended = (verdict: Verdict): void => {
        if (verdict.at !== "forward") return;
        forward = verdict;
        // What it has sent must not be run here.
        opened.session.isClosing = true;
      };
      if (ask !== undefined) ended(this.#core.reads.begin(opened.session, ask, ended));
      const text = shape === "transaction" ? `${MULTI}${resp}${EXEC}` : resp;
      if (forward === undefined) this.#core.receiveText(opened, text);
      return opened;
    });
    // All have run, though the answers may wait for the commit: the caller sees the state of now, which is
    // behind its own last write and before anyone else's next one.
    const isRun = connection.session.blocked === undefined;
    const position = this.#position;
    const end = (): string | Forward => {
      host.closedByPeer(connection);
      if (forward !== undefined) return forward;
      return isRun ? position : this.#position;
    };
    if (forward !== undefined || answers.isComplete) return end();
    // Nobody tells us when a caller has gone: one that waits for ever must not keep its place for ever.
    const timer = setTimeout(() => answers.finish("ERR timed out"), CALL_TIMEOUT_MS);
    return answers.completed().then(() => {
      clearTimeout(timer);
      return end();
    });
  }
}

const ABROAD = ", and the master is not a node of this deployment";
const MULTI = encodeCommand(["MULTI"]);
const EXEC = encodeCommand(["EXEC"]);

const TRANSPORT = { kind: "bytes", isTrusted: true, address: "rest:0", localAddress: "" } as const;
