// What list commands of redis-server 7.0 are propagated as, those that block included where they need
// not.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "Pushes go out as they came",
    "",
    "LPUSH l a b; rpush l c; LPUSHX l d; RPUSHX l e f",
    "LPUSH l a b | rpush l c | LPUSHX l d | RPUSHX l e f",
  ),
  row("LPUSHX to nothing goes out as nothing", "", "LPUSHX l a; RPUSHX l a", ""),
  row(
    "Pops go out as they came, counts included",
    "RPUSH l a b c d e",
    "LPOP l; rpop l; LPOP l 2; RPOP l 100",
    "LPOP l | rpop l | LPOP l 2 | RPOP l 100",
  ),
  row("Pops of nothing go out as nothing", "RPUSH l a", "LPOP m; RPOP m 2; LPOP l 0", ""),
  row(
    "LSET goes out, changed or not",
    "RPUSH l a",
    "LSET l 0 b; LSET l -1 b",
    "LSET l 0 b | LSET l -1 b",
  ),
  row(
    "LINSERT goes out where it inserts",
    "RPUSH l a",
    "LINSERT l BEFORE a b; LINSERT l AFTER x b; LINSERT m AFTER a b",
    "LINSERT l BEFORE a b",
  ),
  row(
    "LREM goes out where it removes",
    "RPUSH l a b a",
    "LREM l -1 a; LREM l 0 x; LREM l 0 a; LREM l 0 b; LREM l 0 b",
    "LREM l -1 a | LREM l 0 a | LREM l 0 b",
  ),
  row(
    "LTRIM goes out where it removes",
    "RPUSH l a b c",
    "LTRIM l 0 -1; LTRIM l -100 100; LTRIM l 1 -1; LTRIM l 5 10; LTRIM l 0 0",
    "LTRIM l 1 -1 | LTRIM l 5 10",
  ),
  row(
    "LMOVE and RPOPLPUSH go out as they came, where there is an element",
    "RPUSH l a b",
    "lmove l m left RIGHT; RPOPLPUSH l m; RPOPLPUSH l m; LMOVE m m LEFT LEFT",
    "lmove l m left RIGHT | RPOPLPUSH l m | LMOVE m m LEFT LEFT",
  ),
  row(
    "LMPOP goes out as a pop of as many as there were",
    "RPUSH l a b c",
    "LMPOP 2 m l LEFT; lmpop 2 m l right COUNT 10; LMPOP 1 l LEFT",
    "LPOP l 1 | RPOP l 2",
  ),
  row(
    "BLPOP and BRPOP go out as pops",
    "RPUSH l a b",
    "blpop m l 0; BRPOP l m 10",
    "LPOP l | RPOP l",
  ),
  row(
    "BLMOVE and BRPOPLPUSH go out without the timeout",
    "RPUSH l a b",
    "blmove l m left RIGHT 0; brpoplpush l m 1.5",
    "LMOVE l m left RIGHT | RPOPLPUSH l m",
  ),
  row(
    "BLMPOP goes out as a pop of as many as there were",
    "RPUSH l a b c",
    "blmpop 0 2 m l LEFT COUNT 2; BLMPOP 1 1 l RIGHT COUNT 2",
    "LPOP l 2 | RPOP l 1",
  ),
  row(
    "What blocks goes out rewritten in a transaction, too, and as nothing where it waits for nothing",
    "RPUSH l a b",
    "MULTI; BLPOP m 0; BLPOP l 0; BLMOVE l m LEFT LEFT 0; LMPOP 1 m LEFT; EXEC",
    "LPOP l; LMOVE l m LEFT LEFT; LPOP m 1",
  ),
];
