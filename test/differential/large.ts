// Values of thousands of elements. They are kept in parts, which divide, merge, are written one by one, and
// come back from the store.

import type { Draw, Maker } from "../support/random-commands.ts";

const NUMBERS = Array.from({ length: 4000 }, (_, i) => i);
const PADDING = ".".repeat(30);
/** Elements added or removed at once. */
const MANY = 250;
const INDEXES = NUMBERS.flatMap((i) => [String(i), String(-i)]);
const SCORES = ["-inf", "+inf", "0", "(100", "100", "500", "(700.5", "1000"];

/** Names in a row from anywhere on. */
function many(d: Draw, count = MANY): string[] {
  const from = d.of(NUMBERS);
  return Array.from({ length: count }, (_, i) => nameOf(from + i));
}

function nameOf(number: number): string {
  // Some are long, so that the bytes of a part and not its elements decide.
  return number % 3 === 0 ? `${number}${PADDING}` : `m${number}`;
}

function one(d: Draw): string {
  return nameOf(d.of(NUMBERS));
}

const key = (d: Draw, type: string): string => `${type}:${d.of(["a", "a", "b"])}`;
const index = (d: Draw): string => d.of(INDEXES);

const HASH: readonly Maker[] = [
  (d) => ["HSET", key(d, "h"), ...many(d).flatMap((name, i) => [name, String(i)])],
  (d) => ["HSET", key(d, "h"), one(d), d.value(), one(d), d.value()],
  (d) => ["HDEL", key(d, "h"), ...many(d)],
  (d) => ["HMGET", key(d, "h"), ...many(d, 3)],
  (d) => ["HINCRBY", key(d, "h"), one(d), "1"],
  (d) => ["HGETALL", key(d, "h")],
  (d) => ["HLEN", key(d, "h")],
];

const LIST: readonly Maker[] = [
  (d) => [d.of(["LPUSH", "RPUSH"]), key(d, "l"), ...many(d)],
  (d) => [d.of(["LPOP", "RPOP"]), key(d, "l"), d.of(["1", "10", "300"])],
  (d) => ["LINSERT", key(d, "l"), d.of(["BEFORE", "AFTER"]), one(d), one(d)],
  (d) => ["LSET", key(d, "l"), index(d), one(d)],
  (d) => ["LREM", key(d, "l"), d.of(["1", "-2", "0"]), one(d)],
  (d) => ["LTRIM", key(d, "l"), d.of(["0", "5", "100"]), d.of(["-1", "-100", "3000"])],
  (d) => ["LPOS", key(d, "l"), one(d), "RANK", d.of(["1", "-1", "2"]), "COUNT", "3"],
  (d) => ["LRANGE", key(d, "l"), index(d), index(d)],
  (d) => ["LINDEX", key(d, "l"), index(d)],
  (d) => ["LMOVE", key(d, "l"), key(d, "l"), d.of(["LEFT", "RIGHT"]), d.of(["LEFT", "RIGHT"])],
];

const SET: readonly Maker[] = [
  (d) => ["SADD", key(d, "s"), ...many(d)],
  (d) => ["SREM", key(d, "s"), ...many(d)],
  (d) => ["SMISMEMBER", key(d, "s"), ...many(d, 3)],
  (d) => ["SMOVE", key(d, "s"), key(d, "s"), one(d)],
  (d) => [d.of(["SINTER", "SUNION", "SDIFF"]), key(d, "s"), key(d, "s")],
  (d) => [d.of(["SINTERSTORE", "SUNIONSTORE", "SDIFFSTORE"]), "s:c", key(d, "s"), key(d, "s")],
  (d) => ["SCARD", key(d, "s")],
];

const ZSET: readonly Maker[] = [
  (d) => ["ZADD", key(d, "z"), ...many(d).flatMap((name, i) => [String(i * 4.5), name])],
  (d) => ["ZINCRBY", key(d, "z"), "0.5", one(d)],
  (d) => ["ZREM", key(d, "z"), ...many(d)],
  (d) => ["ZREMRANGEBYRANK", key(d, "z"), index(d), index(d)],
  (d) => ["ZREMRANGEBYSCORE", key(d, "z"), d.of(SCORES), d.of(SCORES)],
  (d) => [d.of(["ZRANK", "ZREVRANK", "ZSCORE"]), key(d, "z"), one(d)],
  (d) => ["ZRANGE", key(d, "z"), index(d), index(d), "WITHSCORES"],
  (d) => ["ZRANGEBYSCORE", key(d, "z"), d.of(SCORES), d.of(SCORES), "LIMIT", "10", "20"],
  (d) => ["ZCOUNT", key(d, "z"), d.of(SCORES), d.of(SCORES)],
  (d) => [d.of(["ZUNIONSTORE", "ZINTERSTORE"]), "z:c", "2", key(d, "z"), key(d, "z")],
  (d) => [d.of(["ZPOPMIN", "ZPOPMAX"]), key(d, "z"), d.of(["1", "100"])],
];

const STREAM: readonly Maker[] = [
  (d) => ["XADD", "x:a", `${d.of(["1", "2"])}-*`, ...many(d, 30)],
  (d) => ["XADD", "x:a", "MAXLEN", "~", "100", "3-*", ...many(d, 30)],
  (d) => ["XRANGE", "x:a", d.of(["-", "1-5", "2-7"]), "+", "COUNT", "20"],
  (d) => ["XDEL", "x:a", d.of(["1-1", "1-3", "2-2", "2-9", "3-4"])],
  (d) => ["XTRIM", "x:a", "MINID", d.of(["1-5", "2-5", "3-5"])],
];

const KEYS: readonly Maker[] = [
  (d) => [
    d.of(["COPY", "RENAME"]),
    ...d.of(["h", "l", "s", "z"].map((type) => [`${type}:a`, `${type}:b`])),
  ],
  (d) => ["EXISTS", key(d, d.of(["h", "l", "s", "z"]))],
  (d) => (d.chance(0.3) ? ["DEL", key(d, d.of(["h", "l", "s", "z", "x"]))] : ["DBSIZE"]),
  (d) => [
    d.of(["EXPIRE", "PERSIST"]),
    key(d, d.of(["h", "l", "s", "z"])),
    ...d.some(1, () => ["100000"]),
  ],
];

export const LARGE: readonly Maker[] = [HASH, LIST, SET, ZSET, STREAM, KEYS].flat();
