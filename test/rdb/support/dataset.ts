// A small data set in which Redis 7.0 uses every encoding it writes, and the settings to get it so.

import type { RedisConfig } from "../../support/redis.ts";

/** Low thresholds: few elements make a big encoding. */
export const SMALL_ENCODINGS: RedisConfig = {
  "enable-debug-command": "yes",
  "hash-max-listpack-entries": 4,
  "zset-max-listpack-entries": 4,
  "set-max-intset-entries": 4,
  "list-max-listpack-size": 3,
  "stream-node-max-entries": 4,
};

const FAR_FUTURE_MS = "4000000000123";
const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
const BINARY = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
const LIBRARY = "#!lua name=lib\nredis.register_function('f', function() return 1 end)";

/** Every form a string can take in a file. */
export const STRINGS: Readonly<Record<string, string>> = {
  "s:empty": "",
  "s:text": "redis-master",
  "s:binary": BINARY,
  "s:int8": "-128",
  "s:int16": "32767",
  "s:int32": "-2147483648",
  "s:int33": "2147483648",
  "s:int64": "9223372036854775807",
  "s:minus-zero": "-0",
  "s:leading-zero": "007",
  "s:plus": "+1",
  "s:minus": "-",
  "s:63": "x1".repeat(31) + "y",
  "s:64": BINARY.slice(64, 128),
  "s:lzf": "antipode ".repeat(40),
  "s:lzf-run": "a".repeat(20_000),
  "s:16383": BINARY.repeat(64).slice(0, 16_383),
  "s:16384": BINARY.repeat(64),
};

const strings = Object.entries(STRINGS).map(([name, value]) => ["SET", name, value]);
const pairs = DIGITS.flatMap((digit) => [digit, `v${digit}`]);

/** Commands, to be sent in this order. */
export const DATASET: readonly (readonly string[])[] = [
  ["FUNCTION", "LOAD", LIBRARY],
  ...strings,
  ["SET", "s:ttl", "v", "PXAT", FAR_FUTURE_MS],
  ["SET", "42", "a name that is written as an integer"],
  ["SELECT", "1"],
  ["RPUSH", "l:short", "a", "1"],
  ["RPUSH", "l:long", ...DIGITS],
  ["DEBUG", "QUICKLIST-PACKED-THRESHOLD", "100b"],
  ["RPUSH", "l:plain", "a", "p".repeat(300), "b"],
  ["SADD", "set:intset", "1", "70000", "-3"],
  ["SADD", "set:table", "a", "b", "1"],
  ["HSET", "h:listpack", "f", "v"],
  ["HSET", "h:table", ...pairs],
  ["PEXPIREAT", "h:table", FAR_FUTURE_MS],
  ["ZADD", "z:listpack", "1.5", "a"],
  ["ZADD", "z:skiplist", "-inf", "a", "inf", "b", "0.1", "c", "3", "d", "-4e300", "e"],
  ["SELECT", "15"],
  ["XADD", "x:plain", "1-1", "f", "v"],
  ...DIGITS.map((digit) => ["XADD", "x:groups", `${digit}-0`, "f", digit]),
  ["XDEL", "x:groups", "2-0"],
  ["XGROUP", "CREATE", "x:groups", "g1", "0"],
  ["XGROUP", "CREATE", "x:groups", "g2", "$", "ENTRIESREAD", "9"],
  ["XREADGROUP", "GROUP", "g1", "alice", "COUNT", "3", "STREAMS", "x:groups", ">"],
  ["XREADGROUP", "GROUP", "g1", "bob", "COUNT", "1", "STREAMS", "x:groups", ">"],
  ["XACK", "x:groups", "g1", "1-0"],
  ["XADD", "x:empty", "5-5", "f", "v"],
  ["XDEL", "x:empty", "5-5"],
];
