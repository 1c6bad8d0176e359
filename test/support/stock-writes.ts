// Writes of all types into several databases, by chance, such as both servers take alike. Blocking pops,
// scripts and functions are among them.

import type { Random } from "../../shared/base/random.ts";
import { MAKERS as BITMAP } from "./random/bitmap.ts";
import { MAKERS as GEO } from "./random/geo.ts";
import { MAKERS as HASH } from "./random/hash.ts";
import { MAKERS as HYPERLOGLOG } from "./random/hyperloglog.ts";
import { MAKERS as LIST } from "./random/list.ts";
import { MAKERS as SET } from "./random/set.ts";
import { MAKERS as SORT } from "./random/sort.ts";
import { MAKERS as STREAM } from "./random/stream.ts";
import { MAKERS as ZSET } from "./random/zset.ts";
import { Draw, type Maker, MAKERS as BASE } from "./random-commands.ts";

const LIBRARY = `#!lua name=lib
redis.register_function('add', function(keys, args) return redis.call('INCRBY', keys[1], args[1]) end)`;

const SCRIPTS = [
  "return redis.call('SET', KEYS[1], ARGV[1])",
  "redis.call('RPUSH', KEYS[1], ARGV[1]); redis.call('SADD', KEYS[2], ARGV[1])",
  "redis.call('SPOP', KEYS[1]); redis.call('XADD', KEYS[2], '*', 'f', ARGV[1])",
  "redis.call('SELECT', '2'); redis.call('SET', KEYS[1], ARGV[1])",
];

/** What no group draws: scripts, functions, and what waits a little. */
const OTHERS: readonly Maker[] = [
  (d) => ["EVAL", d.of(SCRIPTS), "2", d.key(), d.key(), d.value()],
  () => ["FUNCTION", "LOAD", "REPLACE", LIBRARY],
  (d) => ["FCALL", "add", "1", d.key(), "5"],
  (d) => [d.of(["BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX"]), d.key(), d.key(), "0.001"],
  (d) => ["BLMOVE", d.key(), d.key(), "LEFT", d.of(["LEFT", "RIGHT"]), "0.001"],
  (d) => ["SPOP", d.key(), d.of(["1", "2", "100"])],
  (d) => ["XADD", d.key(), "MAXLEN", "~", "10", "*", "f", d.value()],
  (d) => ["XREADGROUP", "GROUP", "g", "c", "COUNT", "2", "STREAMS", d.key(), ">"],
  (d) => ["PUBLISH", "channel", d.value()],
];

const GROUPS: readonly (readonly Maker[])[] = [
  BASE,
  BITMAP,
  GEO,
  HASH,
  HYPERLOGLOG,
  LIST,
  SET,
  SORT,
  STREAM,
  ZSET,
  OTHERS,
];

/** What has no place in a stream of writes: a setting is each server's own. */
const UNFIT = /^config$/i;
/** What would set the data back again and again. */
const RARE = /^(flushall|flushdb|swapdb)$/i;

/** So many commands; the session may be in a MULTI behind them. */
export function randomWrites(random: Random, count: number): (readonly string[])[] {
  const draw = new Draw(random);
  const drawn: (readonly string[])[] = [];
  while (drawn.length < count) {
    const args = draw.of(draw.of(GROUPS))(draw);
    const name = args[0] ?? "";
    if (UNFIT.test(name) || isLost(args)) continue;
    if (RARE.test(name) && !draw.chance(0.05)) continue;
    drawn.push(args);
  }
  return drawn;
}

/** A BITFIELD that fails may create its key all the same; Redis 7.0 does not tell its replicas. */
function isLost(args: readonly string[]): boolean {
  return /^bitfield$/i.test(args[0] ?? "") && args.some((arg) => /^fail$/i.test(arg));
}
