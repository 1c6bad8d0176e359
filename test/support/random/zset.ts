// Random command lines on sorted sets, with sets among what they are made of.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["a", "b", "c", "d", ""];
/** All members of these have the same score, so that ranges by bytes mean something. */
const LEX_KEYS = ["l", "m"];
/** Always a listpack: ranges by bytes mean something even where scores differ. */
const PACKED = "p";
const FEW = ["x", "y", "hello", "", "\xff"];
const SETS = ["s", "t"];
const OTHER = "string";
/** Never a sorted set, so that chance has no say. */
const NEVER = ["none", "text"];
const MEMBERS = ["x", "y", "z", "", "xy", "\x00", "\xff", "1", "-1", "10", "hello"];
/** Beyond `zset-max-listpack-value` of the small limits. */
const LONG = "long".repeat(20);
const GOOD_SCORES = ["1", "2", "3", "-1", "0", "0.1", "0.2", "1.5", "10", "1e3", "3", "-5.25"];
const EXTREME_SCORES = ["inf", "-inf", "1e17", "1e-300", "1.7976931348623157e308", "-0", "0x10"];
const BAD_SCORES = ["x", "", " 1", "nan", "1e400", "1x", "0x"];
const BOUNDS = ["-inf", "+inf", "(1", "(2", "1", "2", "(-1", "0", "(inf", "3", "100", "-5", "(0.1"];
const BAD_BOUNDS = [
  "",
  "(",
  " 1",
  "x",
  "nan",
  "1e400",
  "-1e999",
  "1\x00x",
  "((1",
  "[1",
  "0x1p2000",
];
const LEX_BOUNDS = ["-", "+", "[x", "(x", "[", "(", "[y", "(xy", "[\xff", "(\x00", "[hello", "[m"];
const BAD_LEX = ["x", "", "++", "+\x00", "1", "--"];
const RANKS = ["0", "1", "2", "-1", "-2", "5", "-100", "100", "9223372036854775807", "x", ""];
const COUNTS = ["0", "1", "2", "5", "-1", "x", "9223372036854775807"];
const OFFSETS = ["0", "1", "2", "-1", "100", "x"];
const ALL_OR_NOTHING = ["0", "1000", "9223372036854775807"];
const WEIGHTS = ["1", "2", "-1", "0", "0.5", "inf", "-inf", "x", "nan", "1e300"];
const NUMBERS = ["1", "2", "3", "0", "-1", "x"];
/** None that would wait. */
const TIMEOUTS = ["x", "-1", "inf", "1e30"];

/** Commands whose arrays have an order of their own in Redis, or none. */
export const UNORDERED = ["ZSCAN"];

function key(d: Draw): string {
  return d.chance(0.04) ? d.of([OTHER, ...SETS]) : d.of(KEYS);
}

/** A sorted set or a set. */
function source(d: Draw): string {
  return d.chance(0.2) ? d.of(SETS) : key(d);
}

function member(d: Draw): string {
  return d.chance(0.02) ? LONG : d.of(MEMBERS);
}

function score(d: Draw): string {
  if (d.chance(0.03)) return d.of(BAD_SCORES);
  return d.of(d.chance(0.1) ? EXTREME_SCORES : GOOD_SCORES);
}

/** For ranges by bytes. */
function lexKey(d: Draw): string {
  return d.chance(0.3) ? PACKED : d.of(LEX_KEYS);
}

function bound(d: Draw): string {
  return d.of(d.chance(0.08) ? BAD_BOUNDS : BOUNDS);
}

function lexBound(d: Draw): string {
  return d.of(d.chance(0.05) ? BAD_LEX : LEX_BOUNDS);
}

function pairs(d: Draw): string[] {
  return [score(d), member(d), ...d.some(3, () => [score(d), member(d)])];
}

function many(d: Draw): string[] {
  return Array.from({ length: 20 }, (_, i) => [d.of(GOOD_SCORES), `m${i}`]).flat();
}

function limit(d: Draw): string[] {
  return d.chance(0.3) ? ["LIMIT", d.of(OFFSETS), d.of(COUNTS)] : [];
}

function withScores(d: Draw): string[] {
  return d.chance(0.5) ? [d.of(["WITHSCORES", "withscores"])] : [];
}

function addOption(d: Draw): string {
  return d.of(["NX", "XX", "GT", "LT", "CH", "INCR", "nx", "ch", "gt"]);
}

function rangeOption(d: Draw): string[] {
  if (d.chance(0.3)) return limit(d);
  return [d.of(["REV", "WITHSCORES", "rev", "BYSCORE", "BYLEX", "foo", "LIMIT"])];
}

/** Two ends of one kind, mostly. */
function ends(d: Draw): string[] {
  if (d.chance(0.4)) return [bound(d), bound(d), "BYSCORE"];
  return [d.of(RANKS), d.of(RANKS), ...d.some(1, () => ["BYSCORE"])];
}

function lexEnds(d: Draw): string[] {
  return [lexBound(d), lexBound(d)];
}

function sources(d: Draw): string[] {
  const names = [source(d), ...d.some(2, () => [source(d)])];
  return [d.chance(0.05) ? d.of(NUMBERS) : String(names.length), ...names];
}

function combineOption(d: Draw, names: number): string[] {
  if (d.chance(0.5)) return ["WEIGHTS", ...Array.from({ length: names }, () => weight(d))];
  return ["AGGREGATE", d.of(["SUM", "MIN", "MAX", "sum", "foo"])];
}

function weight(d: Draw): string {
  return d.chance(0.7) ? d.of(["1", "2", "-1", "0.5"]) : d.of(WEIGHTS);
}

function combined(d: Draw): string[] {
  const given = sources(d);
  return [...given, ...d.some(2, () => combineOption(d, given.length - 1))];
}

const UNITED = ["ZUNION", "ZINTER"];
const STORED = ["ZUNIONSTORE", "ZINTERSTORE"];
const REVERSE_OF = ["ZRANGEBYSCORE", "ZREVRANGEBYSCORE"];
const REVERSE_OF_LEX = ["ZRANGEBYLEX", "ZREVRANGEBYLEX"];

export const MAKERS: readonly Maker[] = [
  (d) => ["ZADD", key(d), ...pairs(d)],
  (d) => ["ZADD", key(d), ...pairs(d)],
  (d) => ["ZADD", key(d), ...d.some(3, () => [addOption(d)]), ...pairs(d)],
  (d) => ["ZADD", key(d), addOption(d), score(d), member(d)],
  (d) => ["ZADD", key(d), ...many(d)],
  (d) => ["ZADD", d.of(LEX_KEYS), "1", member(d), "1", member(d), "1", `m${d.of(RANKS)}`],
  (d) => ["ZADD", PACKED, d.of(GOOD_SCORES), d.of(FEW)],
  (d) => ["ZINCRBY", key(d), score(d), member(d)],
  (d) => ["ZREM", key(d), member(d), ...d.some(4, () => [member(d)])],
  (d) => [d.of(["ZCARD", "TYPE"]), key(d)],
  (d) => [d.of(["ZSCORE", "ZRANK", "ZREVRANK"]), key(d), member(d)],
  (d) => ["ZMSCORE", key(d), member(d), member(d)],
  (d) => ["ZCOUNT", key(d), bound(d), bound(d)],
  (d) => ["ZLEXCOUNT", lexKey(d), ...lexEnds(d)],
  (d) => ["ZRANGE", key(d), ...ends(d), ...d.some(2, () => rangeOption(d))],
  (d) => ["ZRANGE", lexKey(d), ...lexEnds(d), "BYLEX", ...d.some(1, () => ["REV"])],
  (d) => ["ZRANGE", d.of(LEX_KEYS), ...lexEnds(d), "BYLEX", ...limit(d)],
  (d) => ["ZRANGESTORE", key(d), key(d), ...ends(d), ...d.some(2, () => rangeOption(d))],
  (d) => ["ZREVRANGE", key(d), d.of(RANKS), d.of(RANKS), ...withScores(d)],
  (d) => [d.of(REVERSE_OF), key(d), bound(d), bound(d), ...limit(d), ...withScores(d)],
  (d) => [d.of(REVERSE_OF_LEX), d.of(LEX_KEYS), ...lexEnds(d), ...limit(d)],
  (d) => [d.of(REVERSE_OF_LEX), PACKED, ...lexEnds(d)],
  (d) => ["ZREMRANGEBYSCORE", key(d), bound(d), bound(d)],
  (d) => ["ZREMRANGEBYRANK", key(d), d.of(RANKS), d.of(RANKS)],
  (d) => ["ZREMRANGEBYLEX", lexKey(d), ...lexEnds(d)],
  (d) => [d.of(["ZPOPMIN", "ZPOPMAX"]), key(d), ...d.some(2, () => [d.of(COUNTS)])],
  (d) => [
    "ZMPOP",
    ...sources(d),
    d.of(["MIN", "max", "foo"]),
    ...d.some(1, () => ["COUNT", d.of(COUNTS)]),
  ],
  (d) => [d.of(["BZPOPMIN", "BZPOPMAX"]), key(d), d.of(TIMEOUTS)],
  (d) => ["BZMPOP", d.of(TIMEOUTS), ...sources(d), d.of(["MIN", "MAX"])],
  (d) => ["ZRANDMEMBER", key(d), d.of(ALL_OR_NOTHING), ...withScores(d)],
  (d) => ["ZRANDMEMBER", d.of(NEVER), ...d.some(1, () => [d.of(COUNTS), ...withScores(d)])],
  (d) => ["ZSCAN", key(d), "0", "COUNT", "1000", ...d.some(1, () => ["MATCH", d.of(["x*", "?"])])],
  (d) => [d.of(UNITED), ...combined(d), ...withScores(d)],
  (d) => [d.of(STORED), key(d), ...combined(d)],
  (d) => ["ZDIFF", ...sources(d), ...withScores(d)],
  (d) => ["ZDIFFSTORE", key(d), ...sources(d)],
  (d) => ["ZINTERCARD", ...sources(d), ...d.some(2, () => ["LIMIT", d.of(COUNTS)])],
  (d) => ["SADD", d.of(SETS), member(d), member(d)],
  (d) => ["OBJECT", "ENCODING", key(d)],
  () => ["DEBUG", "DIGEST-VALUE", ...KEYS],
  (d) => [d.of(["DEL", "EXISTS"]), d.of([...KEYS, ...LEX_KEYS, PACKED])],
  (d) => ["COPY", d.of(KEYS), d.of(KEYS), "REPLACE"],
  (d) => ["SET", d.of([OTHER, "text"]), "1"],
];
