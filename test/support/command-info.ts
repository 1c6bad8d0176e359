// COMMAND INFO in a form that can be compared and kept in a file.

import type { Command } from "../../shared/engine/command.ts";
import { type Reply, Status } from "../../shared/resp/reply.ts";

export interface CommandInfo {
  readonly name: string;
  readonly arity: number;
  readonly flags: readonly string[];
  readonly firstKey: number;
  readonly lastKey: number;
  readonly keyStep: number;
  readonly categories: readonly string[];
  readonly tips: readonly string[];
  readonly keySpecs: readonly Readonly<Record<string, unknown>>[];
  readonly subcommands: readonly CommandInfo[];
}

/** What stands where in a command's array. */
type Row = readonly [
  name: string,
  arity: number,
  flags: readonly string[],
  firstKey: number,
  lastKey: number,
  keyStep: number,
  categories: readonly string[],
  tips: readonly string[],
  keySpecs: readonly (readonly unknown[])[],
  subcommands: readonly Reply[],
];

/** One command of a COMMAND reply in RESP2. What has no order is sorted; notes are left out. */
export function infoOf(reply: Reply): CommandInfo {
  const [name, arity, flags, firstKey, lastKey, keyStep, categories, tips, specs, subcommands] =
    plain(reply) as Row;
  return {
    name,
    arity,
    flags: flags.toSorted(),
    firstKey,
    lastKey,
    keyStep,
    categories: categories.toSorted(),
    tips,
    keySpecs: specs.map(specOf),
    subcommands: subcommands.map(infoOf).toSorted(byName),
  };
}

export function byName(a: CommandInfo, b: CommandInfo): number {
  return a.name < b.name ? -1 : 1;
}

function plain(reply: Reply): unknown {
  if (reply instanceof Status) return reply.text;
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(plain) : reply;
}

function specOf(flat: readonly unknown[]): Record<string, unknown> {
  const { notes: _, flags, ...rest } = objectOf(flat);
  return { flags: (flags as string[]).toSorted(), ...rest };
}

/** Names and values alternate, at any depth where the first is one of the names maps have there. */
function objectOf(flat: readonly unknown[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < flat.length; i += 2) {
    const value = flat[i + 1];
    const isMap = Array.isArray(value) && flat[i] !== "flags";
    object[String(flat[i])] = isMap ? objectOf(value as unknown[]) : value;
  }
  return object;
}

/** What a row of ours amounts to, subcommands aside. */
export function infoOfRow(row: Command): Omit<CommandInfo, "subcommands"> {
  const [firstKey, lastKey, keyStep] = rangeOf(row);
  return {
    name: row.name,
    arity: row.arity,
    flags: [...row.flags].toSorted(),
    firstKey,
    lastKey,
    keyStep,
    categories: categoriesOf(row),
    tips: row.tips,
    keySpecs: row.keySpecs.map(({ flags, begin, find }) => ({
      flags: flags.toSorted(),
      begin_search: beginOf(begin),
      find_keys: findOf(find),
    })),
  };
}

type Spec = Command["keySpecs"][number];

function beginOf(begin: Spec["begin"]): unknown {
  if (begin === "unknown") return { type: "unknown", spec: {} };
  if ("at" in begin) return { type: "index", spec: { index: begin.at } };
  return { type: "keyword", spec: { keyword: begin.keyword, startfrom: begin.from } };
}

function findOf(find: Spec["find"]): unknown {
  if (find === "unknown") return { type: "unknown", spec: {} };
  if ("last" in find) {
    const { last, step, limit } = find;
    return { type: "range", spec: { lastkey: last, keystep: step, limit } };
  }
  const { numkeysAt, first, step } = find;
  return { type: "keynum", spec: { keynumidx: numkeysAt, firstkey: first, keystep: step } };
}

/** From the first key to the last over all ranges that stand at fixed places (populateCommandLegacyRangeSpec). */
function rangeOf({ keySpecs }: Command): [number, number, number] {
  let range: [number, number, number] | undefined;
  for (const { begin, find } of keySpecs) {
    if (begin === "unknown" || find === "unknown" || !("at" in begin) || !("last" in find))
      continue;
    const last = find.last < 0 ? find.last : begin.at + find.last;
    const [from, to] = range ?? [begin.at, last];
    // Unsigned, as in Redis: what is counted from the end is behind all others.
    range = [Math.min(from, begin.at), Math.max(to >>> 0, last >>> 0) | 0, find.step];
  }
  return range ?? [0, 0, 0];
}

/** What ACL categories follow from flags (setImplicitACLCategories). */
function categoriesOf({ flags, categories }: Command): string[] {
  const all = new Set(categories);
  if (flags.has("write")) all.add("write");
  if (flags.has("readonly") && !all.has("scripting")) all.add("read");
  if (flags.has("admin")) all.add("admin").add("dangerous");
  if (flags.has("pubsub")) all.add("pubsub");
  if (flags.has("blocking")) all.add("blocking");
  all.add(flags.has("fast") ? "fast" : "slow");
  return [...all].map((name) => `@${name}`).toSorted();
}
