/**
 * Which arguments of a request are keys, by the key specs of its row (and what they are used for).
 */
import type { Command, KeySpec } from "./command.ts";

export interface KeyUse {
  readonly name: string;
  /** RO, RW, OW, RM; access, update, insert, delete … */
  readonly flags: readonly string[];
}

/**
 * The keys of a request whose arity is right; undefined when its arguments leave no way to tell.
 */
export function keysOf(command: Command, args: readonly string[]): KeyUse[] | undefined {
  const found: KeyUse[] = [];
  for (const spec of command.keySpecs) {
    const range = rangeOf(spec, args);
    if (range === "none") continue;
    if (range === undefined) return undefined;
    const flags = flagsOf(command, spec, args);
    for (let i = range.first; i <= range.last; i += range.step) {
      found.push({ name: args[i]!, flags });
    }
  }
  return found;
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
  const count = Number(args[start + find.numkeysAt]);
  if (!Number.isSafeInteger(count) || count < 0) return undefined;
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
    if (args[i]!.toLowerCase() === keyword.toLowerCase()) return i + 1;
  }
  return undefined;
}

function inside(range: Range, args: readonly string[]): Range | undefined {
  const { first, last } = range;
  return first < args.length && last >= first && last < args.length ? range : undefined;
}

/** What the flag `variable_flags` stands for: it depends on the options of the request. */
function flagsOf(
  { name }: Command,
  { flags }: KeySpec,
  args: readonly string[],
): readonly string[] {
  if (!flags.includes("variable_flags")) return flags;
  if (name === "set") {
    const hasGet = args.slice(3).some((arg) => arg.toLowerCase() === "get");
    return hasGet ? ["RW", "access", "update"] : ["OW", "update"];
  }
  return flags.filter((flag) => flag !== "variable_flags");
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
