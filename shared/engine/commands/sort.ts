/** SORT and SORT_RO (https://redis.io/docs/latest/commands/sort/). */
import { parseFloat64 } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import type { HashValue } from "../../types/hash.ts";
import { ListValue } from "../../types/list.ts";
import { SetValue } from "../../types/set.ts";
import { typeOf, type Value } from "../../types/value.ts";
import { ZsetValue } from "../../types/zset.ts";
import { count, refuse } from "../arguments.ts";
import { type Command, command, keys, type KeySpec } from "../command.ts";
import { checkKey, type Context } from "../context.ts";
import { visible } from "./hash-fields.ts";

const SORT = { categories: ["set", "sortedset", "list", "dangerous"] };

/** The keys of BY and GET are made of the elements. */
const READ_LATER: KeySpec = { flags: ["RO", "access"], begin: "unknown", find: "unknown" };
const STORED: KeySpec = { flags: ["OW", "update"], begin: "unknown", find: "unknown" };

export const SORT_COMMANDS: readonly Command[] = [
  command(
    "sort",
    -2,
    ["write", "denyoom", "movablekeys"],
    [...keys("RO access"), READ_LATER, STORED],
    (cx, args) => sort(cx, args, { mayStore: true }),
    SORT,
  ),
  command(
    "sort_ro",
    -2,
    ["readonly", "movablekeys"],
    [...keys("RO access"), READ_LATER],
    (cx, args) => sort(cx, args, { mayStore: false }),
    SORT,
  ),
];

interface SortOptions {
  isDescending: boolean;
  isAlpha: boolean;
  start: number;
  /** Negative: all. */
  countMax: number;
  /** A pattern; without one elements are compared themselves. */
  by: string | undefined;
  /** Some BY was no pattern: the elements stay in their own order. */
  isUnsorted: boolean;
  gets: string[];
  store: string | undefined;
}

function sort(cx: Context, args: readonly string[], { mayStore }: { mayStore: boolean }): Reply {
  const options = sortOptions(cx, args, mayStore);
  const { store, gets } = options;
  const entry = cx.read(args[1]!);
  const source = entry === undefined ? new ListValue() : cx.loaded(entry);
  if (store !== undefined) checkKey(store);

  const elements = inOrder(cx, source, options);
  const result = gets.length === 0 ? elements : getAll(cx, elements, gets);
  return store === undefined ? result : keep(cx, store, result);
}

/** What was missing becomes an empty string. */
function keep(cx: Context, name: string, result: readonly (string | null)[]): Reply {
  const entry = cx.write(name);
  if (result.length > 0) {
    const list = new ListValue();
    for (const element of result) list.push("right", element ?? "");
    cx.set(name, list);
    cx.notify("l", "sortstore", name);
  } else if (entry !== undefined) {
    cx.remove(name);
    cx.notify("g", "del", name);
  }
  return result.length;
}

// -- options -----------------------------------------------------------------------------------------

function sortOptions(cx: Context, args: readonly string[], mayStore: boolean): SortOptions {
  const options: SortOptions = {
    isDescending: false,
    isAlpha: false,
    start: 0,
    countMax: -1,
    by: undefined,
    isUnsorted: false,
    gets: [],
    store: undefined,
  };
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toLowerCase();
    const left = args.length - i - 1;
    if (word === "asc" || word === "desc") options.isDescending = word === "desc";
    else if (word === "alpha") options.isAlpha = true;
    else if (word === "limit" && left >= 2) {
      options.start = count(args[++i]!);
      options.countMax = count(args[++i]!);
    } else if (word === "store" && left >= 1 && mayStore) options.store = args[++i]!;
    else if (word === "by" && left >= 1) {
      options.by = args[++i]!;
      if (isPattern(options.by)) checkAccess(cx, args, "BY");
      else options.isUnsorted = true;
    } else if (word === "get" && left >= 1) {
      checkAccess(cx, args, "GET");
      options.gets.push(args[++i]!);
    } else fail("syntax");
  }
  return options;
}

/** Which keys are read is known only later, so the user must be allowed them all. */
function checkAccess(cx: Context, args: readonly string[], option: "BY" | "GET"): void {
  const row = cx.engine.registry.find(args[0]!)!;
  if (cx.isReplay || cx.engine.acl.readsEveryKey(cx.session, row, args)) return;
  refuse(`${option} option of SORT denied due to insufficient ACL permissions`);
}

function isPattern(text: string): boolean {
  return text.includes("*");
}

// -- sorting -----------------------------------------------------------------------------------------

/** An element and what it is compared by: a number, a text, or nothing where there is no such key. */
interface Item {
  readonly element: string;
  readonly weight: number | string | undefined;
}

/** The elements in the order asked for, those within LIMIT. */
function inOrder(cx: Context, source: Value, options: SortOptions): string[] {
  const elements = new Elements(source);
  const range = rangeOf(elements.size, options);
  if (!options.isUnsorted) {
    return sorted(cx, elements, options).slice(range.from, range.to);
  }
  // Replicas must store the same, and sets are in no order. Scripts are to find one too, as in Redis.
  if (elements.isSet && (options.store !== undefined || cx.script !== undefined)) {
    const alphabetic = { ...options, by: undefined, isAlpha: true };
    return sorted(cx, elements, alphabetic).slice(range.from, range.to);
  }
  return elements.slice(range.from, range.to, options.isDescending);
}

function rangeOf(size: number, { start, countMax }: SortOptions): { from: number; to: number } {
  const from = Math.min(Math.max(start, 0), size);
  return { from, to: countMax < 0 ? size : Math.min(from + countMax, size) };
}

function sorted(cx: Context, elements: Elements, options: SortOptions): string[] {
  const { by, isAlpha } = options;
  const items: Item[] = [];
  let isNumeric = true;
  for (const element of elements.all()) {
    const text = by === undefined ? element : fetch(cx, by, element);
    if (isAlpha || text === undefined) items.push({ element, weight: isAlpha ? text : 0 });
    else {
      const weight = numberOf(text);
      if (weight === undefined) isNumeric = false;
      items.push({ element, weight });
    }
  }
  if (!isNumeric) refuse("One or more scores can't be converted into double");
  const sign = options.isDescending ? -1 : 1;
  // Equal texts by pattern leave a list as it is; others have no order that replicas share.
  const isTotal = !isAlpha || !elements.isList;
  items.sort(
    (a, b) => sign * (compare(a.weight, b.weight) || (isTotal ? compare(a.element, b.element) : 0)),
  );
  return items.map(({ element }) => element);
}

/** Bytewise, as in the C locale; nothing comes before anything. */
function compare<T extends number | string>(a: T | undefined, b: T | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

/** Below it strtod says that a number is out of range. */
const NORMAL_MIN = 2 ** -1022;
const BLANKS = /^[ \t\n\v\f\r]+/;

/** As C's strtod reads all of a text, up to a NUL: blanks before it are fine, and so is none at all. */
function numberOf(text: string): number | undefined {
  const end = text.indexOf("\0");
  const shown = end < 0 ? text : text.slice(0, end);
  const number = shown === "" ? 0 : parseFloat64(shown.replace(BLANKS, ""));
  const isSubnormal = number !== 0 && number !== undefined && Math.abs(number) < NORMAL_MIN;
  return isSubnormal ? undefined : number;
}

/** What is sorted: a list, a set or a sorted set. */
class Elements {
  readonly #value: ListValue | SetValue | ZsetValue;

  constructor(value: Value) {
    const isSortable =
      value instanceof ListValue || value instanceof SetValue || value instanceof ZsetValue;
    this.#value = isSortable ? value : fail("wrongType");
  }

  get size(): number {
    return this.#value.size;
  }

  get isSet(): boolean {
    return this.#value instanceof SetValue;
  }

  get isList(): boolean {
    return this.#value instanceof ListValue;
  }

  all(): Iterable<string> {
    const value = this.#value;
    if (value instanceof SetValue) return value.members();
    return this.slice(0, value.size, false);
  }

  /** In their own order, or from the end. */
  slice(from: number, to: number, isReverse: boolean): string[] {
    const value = this.#value;
    if (value instanceof SetValue) return [...value.members()].slice(from, to);
    if (from >= to) return [];
    const { size } = value;
    if (value instanceof ZsetValue) {
      return value.slice(isReverse ? size - 1 - from : from, to - from, { isReverse }).members;
    }
    return isReverse ? value.slice(size - to, size - from).toReversed() : value.slice(from, to);
  }
}

// -- BY and GET --------------------------------------------------------------------------------------

function getAll(
  cx: Context,
  elements: readonly string[],
  patterns: readonly string[],
): (string | null)[] {
  const found: (string | null)[] = [];
  for (const element of elements) {
    for (const pattern of patterns) found.push(fetch(cx, pattern, element) ?? null);
  }
  return found;
}

/**
 * The string in the key that a pattern makes of an element, or in a field of the hash there
 * (`key_*->field`); `#` is the element itself.
 */
function fetch(cx: Context, pattern: string, element: string): string | undefined {
  if (pattern === "#") return element;
  const star = pattern.indexOf("*");
  if (star < 0) return undefined;
  const arrow = pattern.indexOf("->", star + 1);
  const isField = arrow >= 0 && arrow + 2 < pattern.length;
  const tail = isField ? pattern.slice(star + 1, arrow) : pattern.slice(star + 1);
  const entry = cx.read(pattern.slice(0, star) + element + tail);
  if (entry === undefined) return undefined;
  const type = typeOf(entry.value!);
  if (!isField) return type === "string" ? cx.stringOf(entry) : undefined;
  if (type !== "hash") return undefined;
  return visible(cx, cx.loaded(entry) as HashValue, pattern.slice(arrow + 2));
}
