/**
 * The database for other Workers of the account, over a service binding: no HTTP, no token. Who may bind is
 * decided where bindings are made, in the account (docs/rest.md has an example).
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import type { Shape } from "../node/answers.ts";
import type { CallOptions } from "../node/requests.ts";
import { callNode } from "./call.ts";
import { type Asked, BadRequest, toArgument, toAsked } from "./rest-input.ts";

/** One part of a command. Numbers are sent as JavaScript writes them. */
export type Argument = string | number | bigint | boolean | Uint8Array;

/** What a command answers: as over REST, but that strings are bytes where bytes are asked for. */
export type Result = string | number | null | Uint8Array | Result[];

export type Outcome = { readonly result: Result } | { readonly error: string };

export interface QueryOptions {
  /** Strings come as Uint8Arrays: text would lose what is not UTF-8. */
  readonly asBytes?: boolean;
  /** The node that answers; the master where none is named. */
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

export class Database extends WorkerEntrypoint<Env, DatabaseProps> {
  /** One command. Rejects with Redis's words (`WRONGTYPE …`) where it fails. */
  async run(command: readonly Argument[], options: QueryOptions = {}): Promise<Result> {
    return resultOf((await this.#ask([command], "one", options)) as Outcome);
  }

  /** Commands in order, each with its own outcome; those of others may run in between. */
  async pipeline(
    commands: readonly (readonly Argument[])[],
    options: QueryOptions = {},
  ): Promise<Outcome[]> {
    return (await this.#ask(commands, "many", options)) as Outcome[];
  }

  /** The same with nothing in between; rejects where it was not run. */
  async transaction(
    commands: readonly (readonly Argument[])[],
    options: QueryOptions = {},
  ): Promise<Outcome[]> {
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

  /** False where `when` did not hold. */
  async set(key: string, value: Argument, { ttlMs, when }: SetOptions = {}): Promise<boolean> {
    const command: Argument[] = ["SET", key, value];
    if (ttlMs !== undefined) command.push("PX", ttlMs);
    if (when !== undefined) command.push(when === "absent" ? "NX" : "XX");
    return (await this.run(command)) === "OK";
  }

  /** How many there were. */
  async delete(...keys: readonly string[]): Promise<number> {
    return (await this.run(["DEL", ...keys])) as number;
  }

  /** The sum; a string beyond 2^53. */
  async increment(key: string, by: number | bigint = 1): Promise<number | string> {
    return (await this.run(["INCRBY", key, by])) as number | string;
  }

  /** How many heard it. */
  async publish(channel: string, message: Argument): Promise<number> {
    return (await this.run(["PUBLISH", channel, message])) as number;
  }

  async #ask(
    commands: readonly (readonly Argument[])[],
    shape: Shape,
    { asBytes = false, node = MASTER }: QueryOptions,
  ): Promise<Outcome | Outcome[]> {
    if (!nodeNames(this.env).includes(node)) throw new Error("ERR no such node");
    if (commands.length === 0) return [];
    const { requests, isRepeatable } = asked(commands, shape);
    const options: CallOptions = {
      caller: { binding: this.ctx.props?.isReadOnly === true ? "read-only" : "admitted" },
      format: asBytes ? "base64" : "text",
      shape,
    };
    const call = () => nodeStub(this.env, node).run(requests, options);
    const { body } = await callNode(call, { isRepeatable });
    const answer = JSON.parse(body as string) as Outcome | Outcome[];
    if (!asBytes) return answer;
    return Array.isArray(answer) ? answer.map(withBytes) : withBytes(answer);
  }
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
