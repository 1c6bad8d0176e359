// What hash commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "HSET goes out as it came, changed or not",
    "",
    "HSET h a 1 b 2; hset h a 1; HMSET h c 3",
    "HSET h a 1 b 2 | hset h a 1 | HMSET h c 3",
  ),
  row("HSETNX goes out where it sets", "", "HSETNX h a 1; HSETNX h a 2", "HSETNX h a 1"),
  row(
    "HDEL goes out as it came, where something was there",
    "HSET h a 1 b 2",
    "HDEL h x a; HDEL h x; HDEL nothing a; HDEL h b",
    "HDEL h x a | HDEL h b",
  ),
  row(
    "HINCRBY goes out as it came",
    "",
    "HINCRBY h n 5; hincrby h n 0",
    "HINCRBY h n 5 | hincrby h n 0",
  ),
  row(
    "HINCRBYFLOAT goes out as its result",
    "HSET h n 1",
    "hincrbyfloat h n 0.5; HINCRBYFLOAT h m 3e2; HINCRBYFLOAT h m 0",
    "HSET h n 1.5 | HSET h m 300 | HSET h m 300",
  ),
  row(
    "What fails on a hash goes out as nothing",
    "HSET h a x; SET s 1",
    "HINCRBY h a 1; HINCRBYFLOAT h a 1; HINCRBY h n x; HSET s a 1; HSET h a",
    "",
  ),
  row(
    "Reads of a hash go out as nothing",
    "HSET h a 1 b 2",
    "HGET h a; HMGET h a b; HGETALL h; HKEYS h; HVALS h; HLEN h; HEXISTS h a; HSTRLEN h a; " +
      "HRANDFIELD h; HRANDFIELD h -5 WITHVALUES; HSCAN h 0; OBJECT ENCODING h",
    "",
  ),
  row(
    "A transaction of changes of a hash goes out as one unit",
    "",
    "MULTI; HSET h a 1; HINCRBYFLOAT h a 0.5; HDEL h a; HGET h a; EXEC",
    "HSET h a 1; HSET h a 1.5; HDEL h a",
  ),
];
