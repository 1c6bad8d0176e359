/** Which commands make sense in a request that is a connection of its own, and which a reader may send. */
import { categoriesOf } from "../../shared/engine/categories.ts";
import type { Registry } from "../../shared/engine/registry.ts";
import { ReplyError } from "../../shared/resp/reply.ts";

/**
 * What makes no sense in a call that is a connection of its own, or would never be answered, or by
 * messages. Transactions, subscriptions and MONITOR have paths of their own.
 */
const NOT_OVER_REST = new Set([
  ..."auth discard exec hello monitor multi psync quit replconf reset sync unwatch watch".split(
    " ",
  ),
  ..."psubscribe punsubscribe ssubscribe subscribe sunsubscribe unsubscribe".split(" "),
]);

/** Reads that a reader may not make: they go through everything. KEYS and SORT are dangerous to Redis too. */
const POWERFUL = new Set(["scan"]);
/** What is flagged as no reading and does no harm. */
const HARMLESS = new Set(["client|setinfo", "echo", "ping", "select", "time"]);

export interface Asking {
  readonly registry: Registry;
  /** The token is one for reading. */
  readonly isReadOnly: boolean;
}

/** Why a request may not be made this way, in Upstash's words; undefined where it may. */
export function refusalOf(
  args: readonly string[],
  { registry, isReadOnly }: Asking,
): ReplyError | undefined {
  if (args.length === 0) return new ReplyError("ERR empty pipeline command");
  const name = args[0]!.toLowerCase();
  const isReplyMode = name === "client" && args[1]?.toLowerCase() === "reply";
  if (isReplyMode || NOT_OVER_REST.has(name)) {
    const shown = args[0]!.toUpperCase();
    return new ReplyError(
      `ERR Command "${shown}" is not allowed in REST or it has a special context path`,
    );
  }
  return isReadOnly ? forbidden(args, registry) : undefined;
}

/** Readers may send what reads what it names; what does not exist is the engine's to refuse. */
function forbidden(args: readonly string[], registry: Registry): ReplyError | undefined {
  const row = registry.find(args[0]!);
  if (row === undefined) return undefined;
  const command = registry.ofRequest(args) ?? row;
  const { name, flags } = command;
  if (HARMLESS.has(name)) return undefined;
  const categories = categoriesOf(command);
  const isReading = flags.has("readonly") && categories.includes("read");
  if (isReading && !categories.includes("dangerous") && !POWERFUL.has(name)) return undefined;
  return new ReplyError(
    `NOPERM this user has no permissions to run the '${name}' command or its subcommand`,
  );
}

/** Whether a request may be sent once more without harm when nobody knows if it has run. */
export function isRepeatable(args: readonly string[], registry: Registry): boolean {
  const row = args.length === 0 ? undefined : registry.find(args[0]!);
  if (row === undefined) return args.length === 0;
  const { flags, name } = registry.ofRequest(args) ?? row;
  return HARMLESS.has(name) || (flags.has("readonly") && !flags.has("may_replicate"));
}
