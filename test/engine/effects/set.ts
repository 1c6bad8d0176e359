// What set commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row("SADD goes out as it came", "", "SADD s a b a; sadd s c", "SADD s a b a | sadd s c"),
  row("SADD of what is there goes out as nothing", "SADD s a b", "SADD s a b", ""),
  row("SREM goes out where it removes", "SADD s a b c", "SREM s a x; SREM s x", "SREM s a x"),
  row("SREM of the last member goes out as SREM", "SADD s a", "srem s a", "srem s a"),
  row(
    "SMOVE goes out where it moves",
    "SADD s a b; SADD t b",
    "SMOVE s t a; SMOVE s t b; SMOVE s t x; SMOVE t t a",
    "SMOVE s t a | SMOVE s t b",
  ),
  row("SPOP goes out as SREM", "SADD s a", "SPOP s; SPOP s", "SREM s a"),
  row(
    "SPOP of all goes out as DEL",
    "SADD s a b c; SADD t a",
    "SPOP s 3; spop t 9",
    "DEL s | DEL t",
  ),
  row("SPOP of nothing goes out as nothing", "SADD s a", "SPOP s 0; SPOP nothing 3", ""),
  row(
    "What stores sets goes out as it came, where something was stored or deleted",
    "SADD a 1 2; SADD b 2 3; SET text x",
    "SINTERSTORE d a b; SUNIONSTORE d a b; sdiffstore d a b; SINTERSTORE text a nothing; " +
      "SINTERSTORE e a nothing; SDIFFSTORE e a a; SUNIONSTORE e nothing",
    "SINTERSTORE d a b | SUNIONSTORE d a b | sdiffstore d a b | SINTERSTORE text a nothing",
  ),
  row(
    "What only reads goes out as nothing",
    "SADD a 1 2",
    "SMEMBERS a; SRANDMEMBER a 1; SINTER a a; SINTERCARD 1 a; SSCAN a 0; SISMEMBER a 1",
    "",
  ),
];
