// What bitmap commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "SETBIT goes out where a bit changes or the string grows",
    "",
    "SETBIT k 7 0; SETBIT k 7 0; setbit k 7 1; SETBIT k 7 1; SETBIT k 8 0",
    "SETBIT k 7 0 | setbit k 7 1 | SETBIT k 8 0",
  ),
  row(
    "BITOP goes out where it sets or deletes a key",
    "SET a abc; SET d x",
    "BITOP AND d a none; bitop NOT d a; BITOP OR d none; BITOP OR d none",
    "BITOP AND d a none | bitop NOT d a | BITOP OR d none",
  ),
  row(
    "BITFIELD goes out where a field changes or the string grows",
    "SET k a",
    "BITFIELD k GET u8 0; BITFIELD k SET u8 0 97; bitfield k SET u8 0 98; BITFIELD k SET u8 8 0",
    "bitfield k SET u8 0 98 | BITFIELD k SET u8 8 0",
  ),
  row(
    "BITFIELD whose writes fail goes out as nothing",
    "SET k a",
    "BITFIELD k OVERFLOW FAIL INCRBY u2 0 100",
    "",
  ),
  row(
    "Reads of bits go out as nothing",
    "SET k abc",
    "GETBIT k 1; BITCOUNT k; BITPOS k 1; BITFIELD_RO k GET u8 0",
    "",
  ),
  row(
    "SETBIT and BITOP meet what has expired",
    "SET a 1 PXAT 1; SET b 1 PXAT 1; SET c 1",
    "SETBIT a 1 1; BITOP OR c b b",
    "DEL a; SETBIT a 1 1 | DEL b; BITOP OR c b b",
  ),
];
