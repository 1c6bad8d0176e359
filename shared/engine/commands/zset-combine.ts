/** Sorted sets out of others, or of sets, whose members count as 1: ZUNION, ZINTER, ZDIFF, and what stores them. */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import { EXPANDED_LIMITS } from "../../types/limits.ts";
import { SetValue } from "../../types/set.ts";
import { ZsetValue } from "../../types/zset.ts";
import { count, refuse } from "../arguments.ts";
import { type Command, command, type Handler, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import { countFrom } from "./list-arguments.ts";
import { isResp3, scoreOf, sliceReply } from "./zset-arguments.ts";
import { store, zsetOf } from "./zset-store.ts";

const ZSET = { categories: ["sortedset"] };
const READ = ["readonly", "movablekeys"] as const;
const WRITE = ["write", "denyoom", "movablekeys"] as const;
const SOURCES = counted(1);
const STORED = [...keys("OW update"), ...counted(2)];

export const ZSET_COMBINE_COMMANDS: readonly Command[] = [
  command("zdiff", -3, READ, SOURCES, answering(difference), ZSET),
  command("zdiffstore", -4, WRITE, STORED, storing(difference), ZSET),
  command("zinter", -3, READ, SOURCES, answering(intersection), ZSET),
  command("zintercard", -3, READ, SOURCES, zintercard, ZSET),
  command("zinterstore", -4, WRITE, STORED, storing(intersection), ZSET),
  command("zunion", -3, READ, SOURCES, answering(union), ZSET),
  command("zunionstore", -4, WRITE, STORED, storing(union), ZSET),
];

/** Keys behind their number. */
function counted(at: number): KeySpec[] {
  const find = { numkeysAt: 0, first: 1, step: 1 };
  return [{ flags: ["RO", "access"], begin: { at }, find }];
}

// -- what is asked for -------------------------------------------------------------------------------

type Aggregate = (a: number, b: number) => number;

/** The sum of both infinities is 0, by convention. */
const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  SUM: (a, b) => (Number.isNaN(a + b) ? 0 : a + b),
  MIN: (a, b) => (b < a ? b : a),
  MAX: (a, b) => (b > a ? b : a),
};

interface Source {
  readonly value: ZsetValue | SetValue | undefined;
  weight: number;
}

interface Asked {
  readonly sources: readonly Source[];
  readonly aggregate: Aggregate;
  readonly isWithScores: boolean;
  readonly limit: number;
}

interface Accepted {
  /** Argument with the number of keys. */
  readonly at: number;
  readonly options: readonly ("WEIGHTS" | "AGGREGATE" | "WITHSCORES" | "LIMIT")[];
}

/** `numkeys key … [options]`. The keys are looked up before the options are read, as in Redis. */
function readAsked(cx: Context, args: readonly string[], { at, options }: Accepted): Asked {
  const keyCount = count(args[at]!);
  if (keyCount < 1)
    refuse(`at least 1 input key is needed for '${args[0]!.toLowerCase()}' command`);
  const end = at + 1 + keyCount;
  if (end > args.length) fail("syntax");
  const sources = args.slice(at + 1, end).map((name) => readSource(cx, name));
  let aggregate = AGGREGATES["SUM"]!;
  let isWithScores = false;
  let limit = 0;
  for (let i = end; i < args.length; i++) {
    const option = args[i]!.toUpperCase();
    const left = args.length - 1 - i;
    if (!(options as readonly string[]).includes(option)) fail("syntax");
    if (option === "WITHSCORES") isWithScores = true;
    else if (option === "WEIGHTS" && left >= keyCount) {
      for (const source of sources)
        source.weight = scoreOf(args[++i]!, "weight value is not a float");
    } else if (option === "AGGREGATE" && left > 0) {
      aggregate = AGGREGATES[args[++i]!.toUpperCase()] ?? fail("syntax");
    } else if (option === "LIMIT" && left > 0) {
      limit = countFrom(0, args[++i]!, "LIMIT can't be negative");
    } else fail("syntax");
  }
  return { sources, aggregate, isWithScores, limit };
}

function readSource(cx: Context, name: string): Source {
  const entry = cx.read(name);
  const value = entry && cx.loaded(entry);
  const isFit = value === undefined || value instanceof ZsetValue || value instanceof SetValue;
  return isFit ? { value, weight: 1 } : fail("wrongType");
}

function sizeOf({ value }: Source): number {
  return value?.size ?? 0;
}

function bySize(sources: readonly Source[]): Source[] {
  return sources.toSorted((a, b) => sizeOf(a) - sizeOf(b));
}

/** Members with their scores, which are 1 in a set. */
function* elementsOf({ value }: Source): IterableIterator<readonly [string, number]> {
  if (value instanceof ZsetValue) yield* value.elements();
  else if (value !== undefined) for (const member of value.members()) yield [member, 1];
}

function scoreIn({ value }: Source, member: string): number | undefined {
  if (value instanceof ZsetValue) return value.score(member);
  return value?.has(member) === true ? 1 : undefined;
}

// -- the operations ----------------------------------------------------------------------------------

type Combine = (asked: Asked) => Map<string, number>;

/** Sources are taken from the smallest on, as in Redis: the order of a sum of doubles counts. */
function union({ sources, aggregate }: Asked): Map<string, number> {
  const scores = new Map<string, number>();
  for (const source of bySize(sources)) {
    for (const [member, score] of elementsOf(source)) {
      const weighted = weigh(score, source);
      const before = scores.get(member);
      scores.set(member, before === undefined ? weighted : aggregate(before, weighted));
    }
  }
  return scores;
}

/** 0 times infinity is 0. */
function weigh(score: number, { weight }: Source): number {
  const weighted = score * weight;
  return Number.isNaN(weighted) ? 0 : weighted;
}

function intersection({ sources, aggregate }: Asked): Map<string, number> {
  const scores = new Map<string, number>();
  const [smallest, ...others] = bySize(sources);
  for (const [member, score] of elementsOf(smallest!)) {
    let result: number | undefined = weigh(score, smallest!);
    for (const other of others) {
      const value = scoreIn(other, member);
      if (value === undefined) {
        result = undefined;
        break;
      }
      result = aggregate(result, value * other.weight);
    }
    if (result !== undefined) scores.set(member, result);
  }
  return scores;
}

function difference({ sources }: Asked): Map<string, number> {
  const scores = new Map<string, number>();
  const [first, ...others] = sources;
  for (const [member, score] of elementsOf(first!)) {
    if (!isInSome(others, member)) scores.set(member, score);
  }
  return scores;
}

function isInSome(sources: readonly Source[], member: string): boolean {
  for (const source of sources) if (scoreIn(source, member) !== undefined) return true;
  return false;
}

// -- the commands ------------------------------------------------------------------------------------

function answering(combine: Combine): Handler {
  const options = combine === difference ? [] : (["WEIGHTS", "AGGREGATE"] as const);
  return (cx, args) => {
    const asked = readAsked(cx, args, { at: 1, options: [...options, "WITHSCORES"] });
    const result = zsetOf(combine(asked), EXPANDED_LIMITS);
    const { isWithScores } = asked;
    return sliceReply(result.slice(0, result.size), { isWithScores, isNested: isResp3(cx) });
  };
}

function storing(combine: Combine): Handler {
  const options = combine === difference ? [] : (["WEIGHTS", "AGGREGATE"] as const);
  return (cx, args) => {
    const asked = readAsked(cx, args, { at: 2, options });
    const result = zsetOf(combine(asked), cx.engine.limits);
    return store(cx, args[1]!, { result, event: args[0]!.toLowerCase() });
  };
}

/** How many members all have; with a limit other than 0, no more than that are counted. */
function zintercard(cx: Context, args: readonly string[]): Reply {
  const { sources, limit } = readAsked(cx, args, { at: 1, options: ["LIMIT"] });
  const [smallest, ...others] = bySize(sources);
  let found = 0;
  for (const [member] of elementsOf(smallest!)) {
    if (isInEach(others, member) && ++found === limit) break;
  }
  return found;
}

function isInEach(sources: readonly Source[], member: string): boolean {
  for (const source of sources) if (scoreIn(source, member) === undefined) return false;
  return true;
}
