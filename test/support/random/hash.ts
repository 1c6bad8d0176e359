// Random command lines on hashes, of what redis-server 7.0 has. Few fields, so that they meet.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["h", "i", "j", ""];
/** A string stands there, or nothing. */
const OTHER = "text";
const FIELDS = ["a", "b", "c", "d", "e", "1", "-5", "", "\x00\xff", "field", "f".repeat(64)];
const LONG_FIELD = "g".repeat(65);
const TEXTS = ["v", "hello", "", "\x00\x80\xff", "w".repeat(64), "x".repeat(65)];
const GOOD_NUMBERS = ["0", "1", "-1", "5", "-100", "3000000000", "1.5", "3e2", "-0.1", "0x10"];
const LARGE_NUMBERS = [
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "1e400",
  "1e5000",
];
const BAD_NUMBERS = ["x", "", " 1", "01", "+1", "-0", "inf", "-inf", "nan", "1 "];
const NUMBERS = [GOOD_NUMBERS, GOOD_NUMBERS, LARGE_NUMBERS, BAD_NUMBERS].flat();
/** All fields, or none: what chance would choose between is not the same on two servers. */
const COUNTS = ["1000", "1000", "0", "9223372036854775807", "4611686018427387903"];
const BAD_COUNTS = ["x", "", "-9223372036854775808", "9223372036854775808", "1.5"];
const CURSORS = ["0", "0", "0", "x", "-1", "18446744073709551616", ""];

/** Their replies are in no order once a hash is large. */
export const UNORDERED: readonly string[] = ["hgetall", "hkeys", "hvals", "hrandfield", "hscan"];

function key(d: Draw): string {
  return d.chance(0.03) ? OTHER : d.of(KEYS);
}

function field(d: Draw): string {
  if (d.chance(0.01)) return LONG_FIELD;
  return d.chance(0.1) ? `field:${d.of(FIELDS)}${d.of(FIELDS)}` : d.of(FIELDS);
}

function value(d: Draw): string {
  return d.chance(0.5) ? d.of(NUMBERS) : d.of(TEXTS);
}

function pairs(d: Draw, countMax: number): string[] {
  return [field(d), value(d), ...d.some(countMax, () => [field(d), value(d)])];
}

/** A few hundred fields, which make a hash large. */
function many(d: Draw): string[] {
  const from = d.of([0, 100, 200, 300]);
  return Array.from({ length: 300 }, (_, i) => [`n${from + i}`, String(i)]).flat();
}

function fields(d: Draw, countMax: number): string[] {
  return [field(d), ...d.some(countMax, () => [field(d)])];
}

function scanOption(d: Draw): readonly string[] {
  if (d.chance(0.5)) return ["MATCH", d.of(["*", "[a-c]", "f*", "?", "", "n1*"])];
  return [d.of(["COUNT", "count", "COUNT", "TYPE"]), d.of(["1000", "5000", "0", "x"])];
}

export const MAKERS: readonly Maker[] = [
  (d) => ["HSET", key(d), ...pairs(d, 4)],
  (d) => ["HSET", key(d), field(d), value(d)],
  (d) => [
    d.of(["HSET", "HMSET", "hset", "HMSet"]),
    key(d),
    ...pairs(d, 2),
    ...d.some(1, () => ["x"]),
  ],
  (d) => (d.chance(0.02) ? ["HMSET", key(d), ...many(d)] : ["HMSET", key(d), ...pairs(d, 3)]),
  (d) => ["HSETNX", key(d), field(d), value(d)],
  (d) => ["HGET", key(d), field(d)],
  (d) => ["HMGET", key(d), ...fields(d, 5)],
  (d) => [d.of(["HGETALL", "HKEYS", "HVALS"]), key(d)],
  (d) => ["HLEN", key(d)],
  (d) => ["HDEL", key(d), ...fields(d, 4)],
  (d) => ["HDEL", key(d), field(d)],
  (d) => [d.of(["HEXISTS", "HSTRLEN"]), key(d), field(d)],
  (d) => ["HINCRBY", key(d), field(d), d.of(NUMBERS)],
  (d) => ["HINCRBYFLOAT", key(d), field(d), d.of(NUMBERS)],
  (d) => ["HRANDFIELD", key(d), d.of(COUNTS), ...d.some(1, () => ["WITHVALUES"])],
  (d) => ["HRANDFIELD", key(d), d.of(BAD_COUNTS), ...d.some(2, () => [d.of(["withvalues", "x"])])],
  (d) => ["HSCAN", key(d), d.of(CURSORS), "COUNT", "5000", ...d.some(2, () => scanOption(d))],
  (d) => ["OBJECT", "ENCODING", key(d)],
  (d) => [d.of(["TYPE", "EXISTS", "TTL"]), key(d)],
  (d) => (d.chance(0.3) ? ["DEL", key(d)] : ["HLEN", key(d)]),
  (d) => [d.of(["COPY", "RENAME", "RENAMENX"]), d.of(KEYS), d.of(KEYS)],
  (d) => (d.chance(0.2) ? ["SET", OTHER, "text"] : ["GET", key(d)]),
];
