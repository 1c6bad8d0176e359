/**
 * Which arguments of a request are keys, by the key specs of its row (and what they are used for).
 */
import { parseInteger } from "../base/numbers.ts";
import type { Command, KeySpec } from "./command.ts";

export interface KeyUse {
  readonly name: string;
  /** Which argument it is. */
  readonly at: number;
  /** RO, RW, OW, RM; access, update, insert, delete … */
  readonly flags: readonly string[];
}

export interface KeysFound {
  readonly keys: readonly KeyUse[];
  /** False: the arguments leave no way to tell all of them. The command will say what is wrong. */
  readonly isWhole: boolean;
}

/**
 * The keys of a request whose arity is right; undefined when its arguments leave no way to tell.
 */
export function keysOf(command: Command, args: readonly string[]): readonly KeyUse[] | undefined {
  const { keys, isWhole } = findKeys(command, args);
  return isWhole ? keys : undefined;
}

/** The keys of a request whose arity is right, as far as they can be told. */
export function findKeys(command: Command, args: readonly string[]): KeysFound {
  const finder = FINDERS.get(command.name);
  if (finder !== undefined) return { keys: finder(args), isWhole: true };
  const keys: KeyUse[] = [];
  let isWhole = true;
  for (const spec of command.keySpecs) {
    // Channels of a shard are routed like keys, and are none.
    if (spec.flags.includes("not_key") || spec.flags.includes("incomplete")) continue;
    const range = rangeOf(spec, args);
    // Only scripts may have no keys: they have no others either.
    if (range === "none" && isCounted(spec) && keys.length > 0) isWhole = false;
    if (range === undefined) isWhole = false;
    if (range === "none" || range === undefined) continue;
    for (let at = range.first; at <= range.last; at += range.step) {
      keys.push({ name: args[at]!, at, flags: spec.flags });
    }
  }
  // Commands that say how many keys they have fail where that is wrong, before they touch any.
  return isWhole || !command.flags.has("movablekeys") ? { keys, isWhole } : { keys: [], isWhole };
}

function isCounted({ find }: KeySpec): boolean {
  return find !== "unknown" && "numkeysAt" in find;
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** "none": this spec finds no keys in this request. */
function rangeOf({ begin, find }: KeySpec, args: readonly string[]): Range | "none" | undefined {
  if (begin === "unknown" || find === "unknown") return "none";
  const start = "at" in begin ? begin.at : searchFrom(begin, args);
  if (start === undefined) return "none";
  if ("last" in find) {
    let last = start + find.last;
    if (find.last < 0) {
      const left = args.length - start;
      last = find.limit <= 1 ? args.length + find.last : start + Math.floor(left / find.limit) - 1;
    }
    return inside({ first: start, last, step: find.step }, args);
  }
  const count = parseInteger(args[start + find.numkeysAt] ?? "");
  if (typeof count !== "number" || count < 0) return undefined;
  if (count === 0) return "none";
  const first = start + find.first;
  return inside({ first, last: first + (count - 1) * find.step, step: find.step }, args);
}

function searchFrom(
  { keyword, from }: { readonly keyword: string; readonly from: number },
  args: readonly string[],
): number | undefined {
  const [start, step] = from >= 0 ? [from, 1] : [args.length + from, -1];
  for (let i = start; i > 0 && i < args.length; i += step) {
    if (args[i]!.toLowerCase() !== keyword.toLowerCase()) continue;
    // The last argument cannot be it, as nothing follows.
    return i + 1 < args.length ? i + 1 : undefined;
  }
  return undefined;
}

function inside(range: Range, args: readonly string[]): Range | undefined {
  const { first, last } = range;
  return first < args.length && last >= first && last < args.length ? range : undefined;
}

// -- commands whose specs say too little -------------------------------------------------------------

const READS = ["RO", "access"];
const CHANGES = ["RW", "access", "update"];
const OVERWRITES = ["OW", "update"];

type Finder = (args: readonly string[]) => readonly KeyUse[];

const FINDERS = new Map<string, Finder>([
  ["bitfield", (args) => [keyAt(args, 1, isBitfieldRead(args) ? READS : CHANGES)]],
  ["georadius", (args) => radiusKeys(args, 6)],
  ["georadiusbymember", (args) => radiusKeys(args, 5)],
  ["set", (args) => [keyAt(args, 1, hasWord(args, "get", 3) ? CHANGES : OVERWRITES)]],
  ["sort", sortKeys],
  ["sort_ro", (args) => [keyAt(args, 1, READS)]],
]);

function keyAt(args: readonly string[], at: number, flags: readonly string[]): KeyUse {
  return { name: args[at]!, at, flags };
}

function hasWord(args: readonly string[], word: string, from: number): boolean {
  for (let i = from; i < args.length; i++) if (args[i]!.toLowerCase() === word) return true;
  return false;
}

/** Only GETs, and nothing that is wrong. */
function isBitfieldRead(args: readonly string[]): boolean {
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toLowerCase();
    const left = args.length - 1 - i;
    if (word === "get" && left >= 2) i += 2;
    else if (word === "overflow" && left >= 1) i += 1;
    else return false;
  }
  return true;
}

/** Options begin at `from`. Of keys to store in the last one counts; one after each word are both told. */
function radiusKeys(args: readonly string[], from: number): readonly KeyUse[] {
  const source = keyAt(args, 1, READS);
  const places = ["STORE", "STOREDIST"].map((keyword) => searchFrom({ keyword, from }, args));
  if (places.every((at) => at !== undefined)) {
    return [source, ...places.map((at) => keyAt(args, at, OVERWRITES))];
  }
  let storeAt = 0;
  for (let i = from; i < args.length - 1; i++) {
    if (/^store(?:dist)?$/i.test(args[i]!)) storeAt = ++i;
  }
  return storeAt === 0 ? [source] : [source, keyAt(args, storeAt, OVERWRITES)];
}

/** What BY and GET name are patterns of keys, which are known only when it runs. */
function sortKeys(args: readonly string[]): readonly KeyUse[] {
  let storeAt = 0;
  for (let i = 2; i < args.length; i++) {
    const word = args[i]!.toLowerCase();
    if (word === "limit") i += 2;
    else if (word === "get" || word === "by") i += 1;
    else if (word === "store" && i + 1 < args.length) storeAt = i + 1;
  }
  const source = keyAt(args, 1, READS);
  return storeAt === 0 ? [source] : [source, keyAt(args, storeAt, OVERWRITES)];
}

/**
 * First key, last key (negative: counted from the end) and step, as COMMAND INFO summed it up once.
 */
export function legacyRange({ keySpecs }: Command): [first: number, last: number, step: number] {
  const ranges = keySpecs.flatMap(({ begin, find }) => {
    if (begin === "unknown" || find === "unknown" || !("at" in begin)) return [];
    if (!("last" in find)) return [];
    const last = find.last >= 0 ? begin.at + find.last : find.last;
    return [{ first: begin.at, last, step: find.step }];
  });
  const [only] = ranges;
  if (only === undefined) return [0, 0, 0];
  if (keySpecs.length === 1) return [only.first, only.last, only.step];
  let first = Infinity;
  let last = 0;
  for (const range of ranges) {
    // Only specs that follow on each other make one range.
    if (range.step !== 1 || (last !== 0 && last !== range.first - 1)) continue;
    first = Math.min(first, range.first);
    last = range.last;
  }
  return first === Infinity ? [0, 0, 0] : [first, last, 1];
}
