/**
 * The database for other Workers of the account, over a service binding: no HTTP, no token. Who may bind is
 * decided where bindings are made, in the account (docs/rest.md has an example).
 */
import { RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { type Contract, parseContract, parseSeen } from "../../shared/replication/freshness.ts";
import { type Env, MASTER, nodeNames } from "../env.ts";
import type { Shape } from "../node/answers.ts";
import type { CallOptions } from "../node/requests.ts";
import { type Place, placeOf, placeOfRegion, type Region, type Whereabouts } from "./regions.ts";
import { type Asked, BadRequest, toArgument, toAsked } from "./rest-input.ts";
import { routeCall } from "./route.ts";
import { newestToken } from "./sync-token.ts";

/** One part of a command. Numbers are sent as JavaScript writes them. */
export type Argument = string | number | bigint | boolean | Uint8Array;

/** What a command answers: as over REST, but that strings are bytes where bytes are asked for. */
export type Result = string | number | null | Uint8Array | Result[];

export type Outcome = { readonly result: Result } | { readonly error: string };

/** How fresh a read must be (docs/reads.md); `max-lag=` is followed by milliseconds. */
export type Consistency = "strong" | "token" | "any" | `max-lag=${number}`;

export interface ReadOptions {
  /** As the setting `read-contract` has it, where it is not said. */
  readonly consistency?: Consistency;
  /** Where to read near: a region, or what the platform says of a request (`request.cf`). */
  readonly near?: Region | Whereabouts;
  /** What was seen before, from a session's `syncToken` or the header `upstash-sync-token`. */
  readonly syncToken?: string;
}

export interface QueryOptions extends ReadOptions {
  /** Strings come as Uint8Arrays: text would lose what is not UTF-8. */
  readonly asBytes?: boolean;
  /** The node that answers, and no other. */
  readonly node?: string;
}

export interface SetOptions {
  readonly ttlMs?: number;
  /** Only where the key is not there, or only where it is. */
  readonly when?: "absent" | "present";
}

/** `props` of the binding. */
export interface DatabaseProps {
  readonly isReadOnly?: boolean;
}

type Command = readonly Argument[];

/** Each call is for itself: who wants to read what it has written asks for a session. */
export class Database extends WorkerEntrypoint<Env, DatabaseProps> {
  /**
   * Calls that belong together: its reads are at the node that is near, and none misses what the session
   * has written or seen, whichever node answers.
   */
  session(options: ReadOptions = {}): Session {
    return new Session(this.env, this.ctx.props ?? {}, options);
  }

  /** One command. Rejects with Redis's words (`WRONGTYPE …`) where it fails. */
  run(command: Command, options: QueryOptions = {}): Promise<Result> {
    return this.session().run(command, options);
  }

  /** Commands in order, each with its own outcome; those of others may run in between. */
  pipeline(commands: readonly Command[], options: QueryOptions = {}): Promise<Outcome[]> {
    return this.session().pipeline(commands, options);
  }

  /** The same with nothing in between; rejects where it was not run. */
  transaction(commands: readonly Command[], options: QueryOptions = {}): Promise<Outcome[]> {
    return this.session().transaction(commands, options);
  }

  get(key: string, options: ReadOptions = {}): Promise<string | null> {
    return this.session(options).get(key);
  }

  getBytes(key: string, options: ReadOptions = {}): Promise<Uint8Array | null> {
    return this.session(options).getBytes(key);
  }

  /** False where `when` did not hold. */
  set(key: string, value: Argument, options: SetOptions = {}): Promise<boolean> {
    return this.session().set(key, value, options);
  }

  /** How many there were. */
  delete(...keys: readonly string[]): Promise<number> {
    return this.session().delete(...keys);
  }

  /** The sum; a string beyond 2^53. */
  increment(key: string, by: number | bigint = 1): Promise<number | string> {
    return this.session().increment(key, by);
  }

  /** How many heard it. */
  publish(channel: string, message: Argument): Promise<number> {
    return this.session().publish(channel, message);
  }
}

/** The same methods, of one who remembers what it has seen. */
export class Session extends RpcTarget {
  readonly #env: Env;
  readonly #isReadOnly: boolean;
  readonly #options: ReadOptions;
  #syncToken: string;

  constructor(env: Env, { isReadOnly = false }: DatabaseProps, options: ReadOptions) {
    super();
    this.#env = env;
    this.#isReadOnly = isReadOnly;
    this.#options = options;
    this.#syncToken = options.syncToken ?? "";
  }

  /** What it has seen: a session that begins with it, here or over REST, sees no less. */
  get syncToken(): string {
    return this.#syncToken;
  }

  async run(command: Command, options: QueryOptions = {}): Promise<Result> {
    return resultOf((await this.#ask([command], "one", options)) as Outcome);
  }

  async pipeline(commands: readonly Command[], options: QueryOptions = {}): Promise<Outcome[]> {
    return (await this.#ask(commands, "many", options)) as Outcome[];
  }

  async transaction(commands: readonly Command[], options: QueryOptions = {}): Promise<Outcome[]> {
    const outcomes = await this.#ask(commands, "transaction", options);
    if (!Array.isArray(outcomes)) resultOf(outcomes);
    return outcomes as Outcome[];
  }

  async get(key: string): Promise<string | null> {
    return (await this.run(["GET", key])) as string | null;
  }

  async getBytes(key: string): Promise<Uint8Array | null> {
    return (await this.run(["GET", key], { asBytes: true })) as Uint8Array | null;
  }

  async set(key: string, value: Argument, { ttlMs, when }: SetOptions = {}): Promise<boolean> {
    const command: Argument[] = ["SET", key, value];
    if (ttlMs !== undefined) command.push("PX", ttlMs);
    if (when !== undefined) command.push(when === "absent" ? "NX" : "XX");
    return (await this.run(command)) === "OK";
  }

  async delete(...keys: readonly string[]): Promise<number> {
    return (await this.run(["DEL", ...keys])) as number;
  }

  async increment(key: string, by: number | bigint = 1): Promise<number | string> {
    return (await this.run(["INCRBY", key, by])) as number | string;
  }

  async publish(channel: string, message: Argument): Promise<number> {
    return (await this.run(["PUBLISH", channel, message])) as number;
  }

  async #ask(
    commands: readonly Command[],
    shape: Shape,
    given: QueryOptions,
  ): Promise<Outcome | Outcome[]> {
    const { asBytes = false, consistency, near, node: pinned } = { ...this.#options, ...given };
    const sent = given.syncToken ?? this.#syncToken;
    if (!nodeNames(this.#env).includes(pinned ?? MASTER)) throw new Error("ERR no such node");
    const reading = {
      contract: contractOf(consistency),
      seen: parseSeen(sent),
      place: () => placeNear(near),
    };
    if (commands.length === 0) return [];
    const options: CallOptions = {
      caller: { binding: this.#isReadOnly ? "read-only" : "admitted" },
      format: asBytes ? "base64" : "text",
      shape,
    };
    const call = { ...asked(commands, shape), options, pinned, reading };
    const { body, isError, position } = (await routeCall(this.#env, call)).answer;
    if (!isError) this.#syncToken = newestToken({ sent, known: this.#syncToken, answer: position });
    const answer = JSON.parse(body as string) as Outcome | Outcome[];
    if (!asBytes) return answer;
    return Array.isArray(answer) ? answer.map(withBytes) : withBytes(answer);
  }
}

function contractOf(consistency: Consistency | undefined): Contract | undefined {
  if (consistency === undefined) return undefined;
  // Callers may not be checked by a compiler.
  const contract = typeof consistency === "string" ? parseContract(consistency) : undefined;
  if (contract !== undefined) return contract;
  throw new Error("ERR consistency is strong, token, any or max-lag=MILLISECONDS");
}

function placeNear(near: Region | Whereabouts | undefined): Place | undefined {
  if (typeof near !== "string") return placeOf(near);
  const place = placeOfRegion(near);
  if (place === undefined) throw new Error("ERR near names no region");
  return place;
}

function asked(commands: readonly (readonly Argument[])[], shape: Shape): Asked {
  try {
    return toAsked(
      commands.map((command) => command.map(textOf)),
      shape,
    );
  } catch (error) {
    throw error instanceof BadRequest ? new Error(error.message) : error;
  }
}

const SCALARS = new Set(["bigint", "boolean", "number"]);

function textOf(argument: Argument): string {
  if (typeof argument === "string") return toArgument(argument);
  if (argument instanceof Uint8Array) return toBinary(argument);
  if (SCALARS.has(typeof argument)) return String(argument);
  // Callers may not be checked by a compiler.
  throw new Error("ERR an argument is a string, a number, a bigint, a boolean or a Uint8Array");
}

function resultOf(outcome: Outcome): Result {
  if ("error" in outcome) throw new Error(outcome.error);
  return outcome.result;
}

/** The status OK, which alone is not in base64, stays text. */
function withBytes(outcome: Outcome): Outcome {
  if ("error" in outcome || outcome.result === "OK") return outcome;
  return { result: bytesOf(outcome.result) };
}

function bytesOf(value: Result): Result {
  if (typeof value === "string") return fromBinary(atob(value));
  return Array.isArray(value) ? value.map(bytesOf) : value;
}
