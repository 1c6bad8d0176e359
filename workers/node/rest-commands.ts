/** Which commands make sense in a request that is a connection of its own, and which a reader may send. */
import { categoriesOf } from "../../shared/engine/categories.ts";
import { onlyReads } from "../../shared/engine/command.ts";
import type { Registry } from "../../shared/engine/registry.ts";

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

/** Why a request cannot be made over REST, in Upstash's words; undefined where it can. */
export function unfit(args: readonly string[]): string | undefined {
  const name = args[0]!.toLowerCase();
  const isReplyMode = name === "client" && args[1]?.toLowerCase() === "reply";
  if (!isReplyMode && !NOT_OVER_REST.has(name)) return undefined;
  const shown = args[0]!.toUpperCase();
  return `ERR Command "${shown}" is not allowed in REST or it has a special context path`;
}

/**
 * Why who may only read may not make a request, in Upstash's words. Readers may send what reads what it
 * names; what does not exist is the engine's to refuse.
 */
export function forbidden(args: readonly string[], registry: Registry): string | undefined {
  const row = registry.find(args[0]!);
  if (row === undefined) return undefined;
  const command = registry.ofRequest(args) ?? row;
  const { name, flags } = command;
  if (HARMLESS.has(name)) return undefined;
  const categories = categoriesOf(command);
  const isReading = flags.has("readonly") && categories.includes("read");
  if (isReading && !categories.includes("dangerous") && !POWERFUL.has(name)) return undefined;
  return `NOPERM this user has no permissions to run the '${name}' command or its subcommand`;
}

/** Whether a request may be sent once more without harm when nobody knows if it has run. */
export function isRepeatable(args: readonly string[], registry: Registry): boolean {
  const row = registry.find(args[0]!);
  if (row === undefined) return false;
  const command = row.subcommands.size === 0 ? row : (registry.ofRequest(args) ?? row);
  return onlyReads(command) || HARMLESS.has(command.name);
}
