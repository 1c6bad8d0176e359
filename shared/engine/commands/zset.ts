/** The sorted set commands (https://redis.io/docs/latest/commands/?group=sorted-set). */
import { globMatch } from "../../base/glob.ts";
import { formatDouble } from "../../base/numbers.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { Double, NIL_ARRAY, type Reply, ReplyError } from "../../resp/reply.ts";
import { ZsetValue } from "../../types/zset.ts";
import { refuse } from "../arguments.ts";
import { type Command, command, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { cursor, scanOptions } from "./scan.ts";
import { sampleCount, sampleDistinct } from "./set-sample.ts";
import { isResp3, scoreOf, sliceReply } from "./zset-arguments.ts";
import { ZSET_POP_COMMANDS } from "./zset-pop.ts";
import { ZSET_RANGE_COMMANDS } from "./zset-range.ts";

const ZSET = { categories: ["sortedset"] };
const CHANGING = { ...ZSET, tips: ["nondeterministic_output"] };
const ACCESS = keys("RO access");

export const ZSET_COMMANDS: readonly Command[] = [
  command("zadd", -4, ["write", "denyoom", "fast"], keys("RW update"), zadd, ZSET),
  command("zcard", 2, ["readonly", "fast"], keys("RO"), zcard, ZSET),
  command("zincrby", 4, ["write", "denyoom", "fast"], keys("RW access update"), zincrby, ZSET),
  command("zmscore", -3, ["readonly", "fast"], ACCESS, zmscore, ZSET),
  command("zrandmember", -2, ["readonly"], ACCESS, zrandmember, CHANGING),
  command("zrank", -3, ["readonly", "fast"], ACCESS, ranking({ isReverse: false }), ZSET),
  command("zrem", -3, ["write", "fast"], keys("RW delete"), zrem, ZSET),
  command("zrevrank", -3, ["readonly", "fast"], ACCESS, ranking({ isReverse: true }), ZSET),
  command("zscan", -3, ["readonly"], ACCESS, zscan, CHANGING),
  command("zscore", 3, ["readonly", "fast"], ACCESS, zscore, ZSET),
  ...ZSET_POP_COMMANDS,
  ...ZSET_RANGE_COMMANDS,
];

// -- reading -----------------------------------------------------------------------------------------

function zcard(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<ZsetValue>(args[1]!, "zset")?.size ?? 0;
}

function zscore(cx: Context, args: readonly string[]): Reply {
  const score = cx.readAs<ZsetValue>(args[1]!, "zset")?.score(args[2]!);
  return score === undefined ? null : new Double(score);
}

function zmscore(cx: Context, args: readonly string[]): Reply {
  const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
  return args.slice(2).map((member) => {
    const score = zset?.score(member);
    return score === undefined ? null : new Double(score);
  });
}

/** ZRANK and ZREVRANK; WITHSCORE came with Redis 7.2. */
function ranking({ isReverse }: { readonly isReverse: boolean }): Handler {
  return (cx, args) => {
    const [spelling, name, member, option] = args as [string, string, string, string?];
    if (args.length > 4) throw new ReplyError(ERRORS.wrongArity(spelling.toLowerCase()));
    const isWithScore = option !== undefined;
    if (isWithScore && option.toLowerCase() !== "withscore") fail("syntax");
    const zset = cx.readAs<ZsetValue>(name, "zset");
    const rank = zset?.rank(member);
    if (zset === undefined || rank === undefined) return isWithScore ? NIL_ARRAY : null;
    const place = isReverse ? zset.size - 1 - rank : rank;
    return isWithScore ? [place, new Double(zset.score(member)!)] : place;
  };
}

function zscan(cx: Context, args: readonly string[]): Reply {
  const from = cursor(args[2]!);
  const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
  if (zset === undefined) return ["0", []];
  const { countMax, pattern } = scanOptions(args, { from: 3 });

  const { found, next } = zset.scan(from, countMax);
  const items: string[] = [];
  for (const [member, score] of found) {
    if (pattern !== undefined && !globMatch(pattern, member)) continue;
    items.push(member, zset.isCompact ? packedScore(score) : formatDouble(score));
  }
  return [String(next), items];
}

/** A listpack's integers are shown as such, however large (double2ll). */
function packedScore(score: number): string {
  return Number.isInteger(score) && Math.abs(score) < 2 ** 62
    ? String(BigInt(score))
    : formatDouble(score);
}

const HALF = 2n ** 62n - 1n;

function zrandmember(cx: Context, args: readonly string[]): Reply {
  const [, name, wanted, option] = args as [string, string, string?, string?];
  const count = wanted === undefined ? 1 : sampleCount(wanted);
  const isWithScores = option !== undefined;
  if (args.length > 4 || (isWithScores && option.toLowerCase() !== "withscores")) fail("syntax");
  if (isWithScores) sampleCount(wanted!, { max: HALF });
  const zset = cx.readAs<ZsetValue>(name, "zset");
  if (zset === undefined) return wanted === undefined ? null : [];

  if (wanted === undefined) return zset.random(cx.random)[0];
  const draw = (): string => zset.random(cx.random)[0];
  const members =
    count < 0
      ? Array.from({ length: -count }, draw)
      : sampleDistinct(count, {
          size: zset.size,
          all: () => zset.slice(zset.size - 1, zset.size, { isReverse: true }).members,
          draw,
          random: cx.random,
        });
  if (!isWithScores) return members;
  const scores = members.map((member) => zset.score(member)!);
  return sliceReply({ members, scores }, { isWithScores, isNested: isResp3(cx) });
}

// -- ZADD and ZINCRBY --------------------------------------------------------------------------------

const OPTIONS: ReadonlySet<string> = new Set(["NX", "XX", "GT", "LT", "CH", "INCR"]);

function zadd(cx: Context, args: readonly string[]): Reply {
  const options = new Set<string>();
  let at = 2;
  for (; at < args.length && OPTIONS.has(args[at]!.toUpperCase()); at++) {
    options.add(args[at]!.toUpperCase());
  }
  const pairCount = (args.length - at) / 2;
  if (pairCount === 0 || !Number.isInteger(pairCount)) fail("syntax");
  if (options.has("NX") && options.has("XX")) {
    refuse("XX and NX options at the same time are not compatible");
  }
  if (Number(options.has("NX")) + Number(options.has("GT")) + Number(options.has("LT")) > 1) {
    refuse("GT, LT, and/or NX options at the same time are not compatible");
  }
  if (options.has("INCR") && pairCount > 1) {
    refuse("INCR option supports a single increment-element pair");
  }
  return add(cx, args, { options, from: at });
}

const INCREMENT: ReadonlySet<string> = new Set(["INCR"]);

function zincrby(cx: Context, args: readonly string[]): Reply {
  return add(cx, args, { options: INCREMENT, from: 2 });
}

/** Scores and members in turn, from an argument on. GEOADD gives other arguments than the client. */
export function add(
  cx: Context,
  args: readonly string[],
  { options, from }: { readonly options: ReadonlySet<string>; readonly from: number },
): Reply {
  const name = args[1]!;
  const scores: number[] = [];
  for (let at = from; at < args.length; at += 2) scores.push(scoreOf(args[at]!));
  const entry = cx.writeAs<ZsetValue>(name, "zset");
  const isIncrement = options.has("INCR");
  const zset = entry?.value ?? new ZsetValue();

  let added = 0;
  let updated = 0;
  let last: number | undefined;
  for (let i = 0; i < scores.length; i++) {
    const member = args[from + 2 * i + 1]!;
    const before = zset.score(member);
    last = newScore(before, scores[i]!, options);
    if (last === undefined || last === before) continue;
    zset.set(member, last, cx.engine.limits, before);
    if (before === undefined) added++;
    else updated++;
  }
  if (added + updated > 0) {
    cx.keep(name, zset, entry);
    cx.notify("z", isIncrement ? "zincr" : "zadd", name);
  }
  if (isIncrement) return last === undefined ? null : new Double(last);
  return options.has("CH") ? added + updated : added;
}

/** The score a member gets; undefined when the options leave it as it is. */
function newScore(
  before: number | undefined,
  score: number,
  options: ReadonlySet<string>,
): number | undefined {
  if (before === undefined) return options.has("XX") ? undefined : score;
  if (options.has("NX")) return undefined;
  const wanted = options.has("INCR") ? before + score : score;
  if (Number.isNaN(wanted)) refuse("resulting score is not a number (NaN)");
  if (options.has("GT") && wanted <= before) return undefined;
  return options.has("LT") && wanted >= before ? undefined : wanted;
}

function zrem(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const entry = cx.writeAs<ZsetValue>(name, "zset");
  if (entry === undefined) return 0;
  const zset = entry.value;

  let removed = 0;
  for (let i = 2; i < args.length; i++) if (zset.delete(args[i]!)) removed++;
  if (removed === 0) return 0;
  cx.keep(name, zset, entry);
  cx.notify("z", "zrem", name);
  if (zset.size === 0) cx.notify("g", "del", name);
  return removed;
}
