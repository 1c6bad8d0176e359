// What HyperLogLog commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "PFADD goes out where a register changes or the key comes",
    "",
    "PFADD k; PFADD k; PFADD k a b; pfadd k b a; PFADD k c",
    "PFADD k | PFADD k a b | PFADD k c",
  ),
  row(
    "PFCOUNT goes out where it puts the count into the key",
    "PFADD k a",
    "PFCOUNT k; PFCOUNT k; PFCOUNT k k; PFADD k b; pfcount k; PFCOUNT none",
    "PFCOUNT k | PFADD k b | pfcount k",
  ),
  row(
    "PFMERGE goes out whatever it changes",
    "PFADD a 1; PFADD b 1",
    "PFMERGE a b; PFMERGE a b; PFMERGE c; PFMERGE c none",
    "PFMERGE a b | PFMERGE a b | PFMERGE c | PFMERGE c none",
  ),
  row(
    "PFDEBUG goes out where registers become dense",
    "PFADD a 1; PFADD b 1",
    "PFDEBUG ENCODING a; PFDEBUG DECODE a; PFDEBUG TODENSE a; PFDEBUG TODENSE a; PFDEBUG GETREG b",
    "PFDEBUG TODENSE a | PFDEBUG GETREG b",
  ),
];
