/** What a command is: a row of a table. Rows are made with `command`; `registry.ts` gathers them. */
import type { Reply } from "../resp/reply.ts";
import type { Context } from "./context.ts";

/** Redis's own flags, as COMMAND INFO prints them, in its spelling. */
export type Flag =
  | "write"
  | "readonly"
  | "denyoom"
  | "module"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "asking"
  | "fast"
  | "no_auth"
  | "may_replicate"
  | "no_async_loading"
  | "no_multi"
  | "movablekeys"
  | "no_mandatory_keys"
  | "allow_busy";

/** `args[0]` is the name as the client spelt it. Arity has been checked. */
export type Handler = (cx: Context, args: readonly string[]) => Reply;

/** Where the keys stand among the arguments (https://redis.io/docs/reference/key-specs). */
export interface KeySpec {
  /** RO, RW, OW, RM first; then access, update, insert, delete, not_key, incomplete … */
  readonly flags: readonly string[];
  readonly begin:
    | { readonly at: number }
    | { readonly keyword: string; readonly from: number }
    | "unknown";
  readonly find:
    | { readonly last: number; readonly step: number; readonly limit: number }
    | { readonly numkeysAt: number; readonly first: number; readonly step: number }
    | "unknown";
}

/** Keys from argument `first` on; `last` counts as Redis does (-1: to the end), relative to `first` 0. */
export function keys(
  flags: string,
  first = 1,
  { last = 0, step = 1 }: { last?: number; step?: number } = {},
): KeySpec[] {
  return [{ flags: flags.split(" "), begin: { at: first }, find: { last, step, limit: 0 } }];
}

export const NO_KEYS: readonly KeySpec[] = [];

export interface Command {
  /** Lower case; a subcommand's is `container|sub`. */
  readonly name: string;
  /** Counts the name (and the container's); negative: at least. */
  readonly arity: number;
  readonly flags: ReadonlySet<Flag>;
  /** What holds in their place for these arguments, if anything: a script says what it may do. */
  readonly flagsFor:
    | ((cx: Context, args: readonly string[]) => ReadonlySet<Flag> | undefined)
    | undefined;
  readonly keySpecs: readonly KeySpec[];
  readonly handler: Handler;
  /** ACL categories beyond those that follow from the flags, without `@`: "string", "keyspace" … */
  readonly categories: readonly string[];
  /** COMMAND INFO's tips: "nondeterministic_output", "request_policy:all_shards" … */
  readonly tips: readonly string[];
  readonly subcommands: ReadonlyMap<string, Command>;
  readonly docs: CommandDocs;
  /** May take long: is timed for SLOWLOG. Not flagged fast, and not SET, which Redis does not flag. */
  readonly isSlow: boolean;
}

/** What is no write and may go to replicas all the same; COMMAND INFO does not tell. */
export const MAY_REPLICATE: ReadonlySet<string> = new Set(
  "eval evalsha fcall pfcount publish spublish".split(" "),
);

/** Whether a command takes so many arguments, its name (and its container's) counted. */
export function takesCount({ arity }: Pick<Command, "arity">, count: number): boolean {
  return arity > 0 ? count === arity : count >= -arity;
}

/** What COMMAND DOCS says. */
export interface CommandDocs {
  readonly summary: string;
  readonly since: string;
  readonly group: string;
  readonly complexity: string;
}

export interface CommandExtras {
  readonly flagsFor?: Command["flagsFor"];
  readonly categories?: readonly string[];
  readonly tips?: readonly string[];
  readonly subcommands?: readonly Command[];
  readonly docs?: Partial<CommandDocs>;
}

/** One row of the command table. */
export function command(
  name: string,
  arity: number,
  flags: readonly Flag[],
  keySpecs: readonly KeySpec[],
  handler: Handler,
  extras: CommandExtras = {},
): Command {
  const subcommands = new Map<string, Command>();
  for (const sub of extras.subcommands ?? []) subcommands.set(sub.name.split("|")[1]!, sub);
  return {
    name,
    arity,
    flags: new Set(flags),
    flagsFor: extras.flagsFor,
    keySpecs,
    handler,
    categories: extras.categories ?? [],
    tips: extras.tips ?? [],
    subcommands,
    docs: { summary: "", since: "", group: "", complexity: "", ...extras.docs },
    isSlow: !flags.includes("fast") && name !== "set",
  };
}

/** Whether it has no effects: then it may run at a replica, and twice. */
export function onlyReads({ flags }: Command): boolean {
  return flags.has("readonly") && !flags.has("may_replicate");
}

/** Whether a request that only reads may wait for what it reads. */
export function waits(args: readonly string[]): boolean {
  return args[0]?.toLowerCase() === "xread" && args.some((arg) => arg.toLowerCase() === "block");
}
