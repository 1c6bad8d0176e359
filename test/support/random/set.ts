// Random command lines on sets: few keys, few members, and sets that are no longer intsets.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["a", "b", "c", "d", "e", ""];
/** Keys of other types, until something is stored there. */
const OTHERS = ["string", "list"];
/** Never a set, so that chance has no say. */
const NEVER = ["none", "text"];
const INTEGERS = ["1", "2", "3", "10", "-1", "-20", "0", "65536", "4294967296", "-2147483649"];
const WIDE = [
  "9007199254740993",
  "9007199254740992",
  "9223372036854775807",
  "-9223372036854775808",
];
/** Nearly integers. */
const TEXTS = ["x", "", "01", "-0", "+1", " 1", "1.0", "9223372036854775808", "\x00\xff", "hello"];
const COUNTS = ["0", "1", "2", "3", "5", "100", "-1", "-5", "x", "", "9223372036854775807"];
const LIMITS = ["0", "1", "2", "-1", "x", "9223372036854775808"];
const NUMBERS = ["1", "2", "3", "0", "-1", "x", "10"];
const PATTERNS = ["*", "1*", "[ab]", "?", "x"];

/** Commands whose arrays have an order of their own in Redis, or none. */
export const UNORDERED = ["SMEMBERS", "SINTER", "SUNION", "SDIFF", "SSCAN", "SPOP", "SRANDMEMBER"];

function key(d: Draw): string {
  return d.chance(0.03) ? d.of(OTHERS) : d.of(KEYS);
}

function member(d: Draw): string {
  if (d.chance(0.1)) return d.of(TEXTS);
  return d.of(d.chance(0.1) ? WIDE : INTEGERS);
}

function more(d: Draw, countMax: number): string[] {
  return d.some(countMax, () => [member(d)]);
}

/** So many members that a set leaves the compact encodings of small limits. */
function many(d: Draw): string[] {
  const from = d.of([0, 5, 100]);
  return Array.from({ length: 20 }, (_, i) => String(from + i));
}

/** `SPOP key count` is comparable when it takes none or all. */
const ALL_OR_NOTHING = ["0", "1000", "9223372036854775807"];

export const MAKERS: readonly Maker[] = [
  (d) => ["SADD", key(d), member(d), ...more(d, 3)],
  (d) => ["SADD", key(d), member(d), ...more(d, 3)],
  (d) => ["SADD", key(d), ...many(d)],
  (d) => ["SREM", key(d), member(d), ...more(d, 5)],
  (d) => ["SREM", key(d), ...many(d)],
  (d) => ["SISMEMBER", key(d), member(d)],
  (d) => ["SMISMEMBER", key(d), member(d), ...more(d, 3)],
  (d) => ["SCARD", key(d)],
  (d) => ["SMEMBERS", key(d)],
  (d) => ["SMOVE", key(d), key(d), member(d)],
  (d) => [d.of(["SINTER", "SUNION", "SDIFF"]), key(d), ...d.some(3, () => [key(d)])],
  (d) => [
    d.of(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]),
    key(d),
    key(d),
    ...d.some(3, () => [key(d)]),
  ],
  (d) => ["SINTERCARD", d.of(NUMBERS), key(d), ...d.some(2, () => [key(d)])],
  (d) => ["SINTERCARD", "2", key(d), key(d), ...d.some(2, () => ["LIMIT", d.of(LIMITS)])],
  (d) => ["SINTERCARD", "1", key(d), d.of(["limit", "foo"])],
  (d) => ["SPOP", d.of(NEVER)],
  (d) => ["SPOP", key(d), d.of(ALL_OR_NOTHING)],
  (d) => ["SPOP", d.of(NEVER), d.of(COUNTS), ...d.some(1, () => ["1"])],
  (d) => ["SRANDMEMBER", key(d), d.of(ALL_OR_NOTHING)],
  (d) => ["SRANDMEMBER", d.of(NEVER), ...d.some(2, () => [d.of(COUNTS)])],
  (d) => ["SSCAN", key(d), "0", "COUNT", "1000", ...d.some(1, () => ["MATCH", d.of(PATTERNS)])],
  (d) => ["SSCAN", key(d), d.of(["x", "1x", "99999999999999999999"]), "COUNT", d.of(COUNTS)],
  (d) => ["OBJECT", "ENCODING", key(d)],
  () => ["DEBUG", "DIGEST-VALUE", ...KEYS],
  (d) => [d.of(["DEL", "TYPE"]), d.of(KEYS)],
  (d) => ["COPY", d.of(KEYS), d.of(KEYS), "REPLACE"],
  (d) => ["SET", d.of(["string", "text"]), "1"],
  () => ["RPUSH", "list", "1"],
];
