/** What several sorted set commands read or answer in the same way: scores, ranges, members with scores. */
import { parseExact, parseFloat64 } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { Double, type Reply } from "../../resp/reply.ts";
import type { Slice } from "../../types/score-tree.ts";
import type { ZsetValue } from "../../types/zset.ts";
import { refuse } from "../arguments.ts";
import type { Context } from "../context.ts";

/** A score as ZADD takes it; `what` replaces Redis's usual words. */
export function scoreOf(text: string, what?: string): number {
  const score = parseFloat64(text);
  if (score === undefined) return what === undefined ? fail("notFloat") : refuse(what);
  return score;
}

/** Ranks from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const NOTHING: Span = { start: 0, end: 0 };

// -- by rank -----------------------------------------------------------------------------------------

/** From `first` to `last`, both included, counted from the end where negative. */
export function rankSpan(zset: ZsetValue, first: number, last: number): Span {
  const { size } = zset;
  const start = Math.max(first < 0 ? size + first : first, 0);
  const end = Math.min(last < 0 ? size + last : last, size - 1) + 1;
  return start < end ? { start, end } : NOTHING;
}

// -- by score ----------------------------------------------------------------------------------------

interface ScoreBound {
  readonly score: number;
  readonly isExclusive: boolean;
}

export interface ScoreRange {
  readonly min: ScoreBound;
  readonly max: ScoreBound;
}

export function scoreRange(min: string, max: string): ScoreRange {
  return { min: scoreBound(min), max: scoreBound(max) };
}

function scoreBound(text: string): ScoreBound {
  const isExclusive = text.startsWith("(");
  const score = looseDouble(isExclusive ? text.slice(1) : text);
  if (score === undefined) refuse("min or max is not a float");
  return { score, isExclusive };
}

/** What C's strtod makes of a text up to its first NUL: nothing is 0, what is too large is infinite. */
function looseDouble(text: string): number | undefined {
  const nul = text.indexOf("\0");
  const line = nul < 0 ? text : text.slice(0, nul);
  if (line === "") return 0;
  const number = line.replace(/^[ \t-\r]+/, "");
  const exact = parseFloat64(number);
  if (exact !== undefined) return exact;
  if (!/^[+-]?[.\d]/.test(number)) return undefined;
  if (!/x/i.test(number)) {
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(number) ? Number(number) : undefined;
  }
  // Hexadecimal, and out of a double's range.
  const parsed = parseExact(number);
  if (typeof parsed !== "object") return undefined;
  const size = parsed.exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  return parsed.isNegative ? -size : size;
}

export function scoreSpan(zset: ZsetValue, { min, max }: ScoreRange): Span {
  const start = zset.countBelow(min.score, { orEqual: min.isExclusive });
  const end = zset.countBelow(max.score, { orEqual: !max.isExclusive });
  return start < end ? { start, end } : NOTHING;
}

// -- by bytes ----------------------------------------------------------------------------------------

/** Infinite ones are before or behind all members. */
type LexBound =
  | { readonly at: "start" | "end" }
  | { readonly at: "member"; readonly member: string; readonly isExclusive: boolean };

export interface LexRange {
  readonly min: LexBound;
  readonly max: LexBound;
}

export function lexRange(min: string, max: string): LexRange {
  return { min: lexBound(min), max: lexBound(max) };
}

function lexBound(text: string): LexBound {
  const first = text[0];
  if (first === "[" || first === "(") {
    return { at: "member", member: text.slice(1), isExclusive: first === "(" };
  }
  // Redis takes the end of a C string for the end of the argument.
  const isAlone = text.length === 1 || text[1] === "\0";
  if (isAlone && first === "-") return { at: "start" };
  if (isAlone && first === "+") return { at: "end" };
  return refuse("min or max not valid string range item");
}

/**
 * Members between two by their bytes, which are in this order where all have the same score. Where they
 * have not, Redis says the answer is unspecified. Ours depends on the elements alone and not on how they are
 * kept, as a replica has to remove the same; and a listpack's is Redis's.
 */
export function lexSpan(zset: ZsetValue, range: LexRange, { isReverse = false } = {}): Span {
  const { size } = zset;
  if (isEmptyLexRange(range)) return NOTHING;
  if (!isAboveMin(zset.memberAt(size - 1), range) || !isBelowMax(zset.memberAt(0), range)) {
    return NOTHING;
  }
  if (zset.isCompact) return lexSpanByWalk(zset, range, isReverse);
  const start = firstRank(zset, (member) => isAboveMin(member, range));
  const end = firstRank(zset, (member) => !isBelowMax(member, range));
  return start < end ? { start, end } : NOTHING;
}

function lexSpanByWalk(zset: ZsetValue, range: LexRange, isReverse: boolean): Span {
  const { members } = zset.slice(0, zset.size);
  if (isReverse) {
    let last = members.length - 1;
    while (last >= 0 && !isBelowMax(members[last]!, range)) last--;
    let before = last;
    while (before >= 0 && isAboveMin(members[before]!, range)) before--;
    return { start: before + 1, end: last + 1 };
  }
  const start = members.findIndex((member) => isAboveMin(member, range));
  let end = start;
  while (end < members.length && isBelowMax(members[end]!, range)) end++;
  return { start, end };
}

/** The first rank whose member is so, as if they all were from there on. */
function firstRank(zset: ZsetValue, isSo: (member: string) => boolean): number {
  let low = 0;
  let high = zset.size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isSo(zset.memberAt(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isEmptyLexRange({ min, max }: LexRange): boolean {
  if (min.at === "end" || max.at === "start") return true;
  if (min.at !== "member" || max.at !== "member") return false;
  return min.member > max.member || (min.member === max.member && isEitherExclusive(min, max));
}

function isEitherExclusive(a: { isExclusive: boolean }, b: { isExclusive: boolean }): boolean {
  return a.isExclusive || b.isExclusive;
}

function isAboveMin(member: string, { min }: LexRange): boolean {
  if (min.at !== "member") return min.at === "start";
  return min.isExclusive ? member > min.member : member >= min.member;
}

function isBelowMax(member: string, { max }: LexRange): boolean {
  if (max.at !== "member") return max.at === "end";
  return max.isExclusive ? member < max.member : member <= max.member;
}

// -- answers -----------------------------------------------------------------------------------------

export interface SliceForm {
  readonly isWithScores: boolean;
  /** Members with their scores in arrays of two, as RESP3 has most of them. */
  readonly isNested: boolean;
}

/** Members, and their scores where wanted. */
export function sliceReply({ members, scores }: Slice, form: SliceForm): readonly Reply[] {
  if (!form.isWithScores) return members;
  const items: Reply[] = [];
  for (let i = 0; i < members.length; i++) {
    const score = new Double(scores[i]!);
    if (form.isNested) items.push([members[i]!, score]);
    else items.push(members[i]!, score);
  }
  return items;
}

export function isResp3(cx: Context): boolean {
  return cx.protocol === 3;
}
