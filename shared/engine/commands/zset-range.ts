/** Parts of sorted sets by rank, score or bytes: answered, counted, stored or removed. */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import { ZsetValue } from "../../types/zset.ts";
import { count, refuse } from "../arguments.ts";
import { command, type Handler, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import {
  isResp3,
  lexRange,
  lexSpan,
  rankSpan,
  scoreRange,
  scoreSpan,
  sliceReply,
  type Span,
} from "./zset-arguments.ts";
import { store } from "./zset-store.ts";

const ZSET = { categories: ["sortedset"] };
const ACCESS = keys("RO access");
const REMOVED = keys("RW delete");
const FAST = ["readonly", "fast"] as const;
const STORED: KeySpec[] = [...keys("OW update"), ...keys("RO access", 2)];

type By = "rank" | "score" | "lex";

export const ZSET_RANGE_COMMANDS = [
  command("zcount", 4, FAST, ACCESS, counting("score"), ZSET),
  command("zlexcount", 4, FAST, ACCESS, counting("lex"), ZSET),
  command("zrange", -4, ["readonly"], ACCESS, ranging({}), ZSET),
  command("zrangebylex", -4, ["readonly"], ACCESS, ranging(fixed("lex", false)), ZSET),
  command("zrangebyscore", -4, ["readonly"], ACCESS, ranging(fixed("score", false)), ZSET),
  command("zrangestore", -5, ["write", "denyoom"], STORED, zrangestore, ZSET),
  command("zremrangebylex", 4, ["write"], REMOVED, removing("lex"), ZSET),
  command("zremrangebyrank", 4, ["write"], REMOVED, removing("rank"), ZSET),
  command("zremrangebyscore", 4, ["write"], REMOVED, removing("score"), ZSET),
  command("zrevrange", -4, ["readonly"], ACCESS, ranging(fixed("rank", true)), ZSET),
  command("zrevrangebylex", -4, ["readonly"], ACCESS, ranging(fixed("lex", true)), ZSET),
  command("zrevrangebyscore", -4, ["readonly"], ACCESS, ranging(fixed("score", true)), ZSET),
];

// -- what is asked for -------------------------------------------------------------------------------

/** What the command's name leaves open is told by options. */
interface Fixed {
  readonly by?: By;
  readonly isReverse?: boolean;
}

function fixed(by: By, isReverse: boolean): Fixed {
  return { by, isReverse };
}

/** Which elements of a sorted set: all arguments read, and found good. */
type Find = (zset: ZsetValue) => Span;

/** Reads the two ends of a range; of a reverse one by score or bytes, the maximum comes first. */
function readFind(by: By, [first, last]: readonly [string, string], isReverse = false): Find {
  if (by === "rank") {
    const [start, stop] = [count(first), count(last)];
    return (zset) => rankSpan(zset, start, stop);
  }
  const [min, max] = isReverse ? [last, first] : [first, last];
  if (by === "score") {
    const range = scoreRange(min, max);
    return (zset) => scoreSpan(zset, range);
  }
  const range = lexRange(min, max);
  return (zset) => lexSpan(zset, range, { isReverse });
}

interface Asked {
  readonly find: Find;
  readonly by: By;
  readonly isReverse: boolean;
  readonly isWithScores: boolean;
  readonly offset: number;
  /** Negative: no limit. */
  readonly limit: number;
}

/** `key min max [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]`, from an argument on. */
function readRange(args: readonly string[], at: number, fix: Fixed, { isStored = false } = {}) {
  let { by, isReverse } = fix;
  let isWithScores = false;
  let offset = 0;
  let limit = -1;
  for (let i = at + 3; i < args.length; i++) {
    const option = args[i]!.toUpperCase();
    if (option === "WITHSCORES" && !isStored) isWithScores = true;
    else if (option === "LIMIT" && i + 2 < args.length) {
      offset = count(args[++i]!);
      limit = count(args[++i]!);
    } else if (option === "REV" && isReverse === undefined) isReverse = true;
    else if (option === "BYLEX" && by === undefined) by = "lex";
    else if (option === "BYSCORE" && by === undefined) by = "score";
    else fail("syntax");
  }
  by ??= "rank";
  isReverse ??= false;
  if (limit !== -1 && by === "rank") {
    refuse("syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  }
  if (isWithScores && by === "lex") {
    refuse("syntax error, WITHSCORES not supported in combination with BYLEX");
  }
  const find = readFind(by, [args[at + 1]!, args[at + 2]!], isReverse);
  return { find, by, isReverse, isWithScores, offset, limit } satisfies Asked;
}

/** Where the elements asked for begin, and how many they are. */
function place(zset: ZsetValue, { find, by, isReverse, offset, limit }: Asked) {
  const span = find(zset);
  let length = span.end - span.start;
  // Ranks of a reverse range are counted from the end.
  const last = by === "rank" ? zset.size - 1 - span.start : span.end - 1;
  // LIMIT goes with ranks only where it limits nothing; its offset is not looked at then.
  if (by === "rank") return { from: isReverse ? last : span.start, length };
  if (offset < 0 || offset >= length) return { from: 0, length: 0 };
  length -= offset;
  if (limit >= 0) length = Math.min(length, limit);
  return { from: isReverse ? last - offset : span.start + offset, length };
}

// -- the commands ------------------------------------------------------------------------------------

function ranging(fix: Fixed): Handler {
  return (cx, args) => {
    const asked = readRange(args, 1, fix);
    const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
    if (zset === undefined) return [];
    const { from, length } = place(zset, asked);
    const { isReverse, isWithScores } = asked;
    const slice = zset.slice(from, length, { isReverse });
    return sliceReply(slice, { isWithScores, isNested: isResp3(cx) });
  };
}

function zrangestore(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const asked = readRange(args, 2, {}, { isStored: true });
  const zset = cx.readAs<ZsetValue>(args[2]!, "zset");
  const result = new ZsetValue();
  if (zset !== undefined) {
    const { from, length } = place(zset, asked);
    const { members, scores } = zset.slice(from, length, { isReverse: asked.isReverse });
    for (let i = 0; i < length; i++) result.set(members[i]!, scores[i]!, cx.engine.limits);
  }
  return store(cx, name, { result, event: "zrangestore" });
}

function counting(by: By): Handler {
  return (cx, args) => {
    const find = readFind(by, [args[2]!, args[3]!]);
    const zset = cx.readAs<ZsetValue>(args[1]!, "zset");
    if (zset === undefined) return 0;
    const { start, end } = find(zset);
    return end - start;
  };
}

function removing(by: By): Handler {
  return (cx, args) => {
    const name = args[1]!;
    const find = readFind(by, [args[2]!, args[3]!]);
    const entry = cx.writeAs<ZsetValue>(name, "zset");
    if (entry === undefined) return 0;
    const zset = entry.value;
    const { start, end } = find(zset);
    if (start === end) return 0;

    const isAll = end - start === zset.size;
    if (isAll) cx.remove(name);
    else {
      for (const member of zset.slice(start, end - start).members) zset.delete(member);
      cx.keep(name, zset, entry);
    }
    cx.notify("z", args[0]!.toLowerCase(), name);
    if (isAll) cx.notify("g", "del", name);
    return end - start;
  };
}
