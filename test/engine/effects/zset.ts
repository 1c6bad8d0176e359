// What sorted set commands of redis-server 7.0 are propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "ZADD goes out as it came, options included",
    "",
    "ZADD z 1 a 2 b; zadd z XX CH 3 a; ZADD z GT 5 a 1 c; ZADD z INCR 1 a",
    "ZADD z 1 a 2 b | zadd z XX CH 3 a | ZADD z GT 5 a 1 c | ZADD z INCR 1 a",
  ),
  row(
    "ZADD that changes nothing goes out as nothing",
    "ZADD z 1 a",
    "ZADD z 1 a; ZADD z NX 2 a; ZADD z XX 1 b; ZADD z GT 0 a; ZADD z INCR 0 a; ZADD z 1.0 a",
    "",
  ),
  row(
    "ZINCRBY goes out as it came",
    "ZADD z inf b",
    "ZINCRBY z 1.5 a; ZINCRBY z 0 a; ZINCRBY z -inf b",
    "ZINCRBY z 1.5 a",
  ),
  row("ZREM goes out where it removes", "ZADD z 1 a 2 b", "ZREM z a x; ZREM z x", "ZREM z a x"),
  row(
    "ZREMRANGEBY… go out where they remove",
    "ZADD z 1 a 2 b 3 c 3 d 3 e",
    "ZREMRANGEBYRANK z 0 0; ZREMRANGEBYSCORE z 2 2; ZREMRANGEBYLEX z [c [d; " +
      "ZREMRANGEBYRANK z 5 6; ZREMRANGEBYSCORE z 8 9; ZREMRANGEBYLEX z [x [y; ZREMRANGEBYRANK z 0 -1",
    'ZREMRANGEBYRANK z 0 0 | ZREMRANGEBYSCORE z 2 2 | ZREMRANGEBYLEX z "[c" "[d" | ' +
      "ZREMRANGEBYRANK z 0 -1",
  ),
  row(
    "ZPOPMIN and ZPOPMAX go out as they came",
    "ZADD z 1 a 2 b 3 c 4 d",
    "ZPOPMIN z; zpopmax z 2; ZPOPMIN z 9; ZPOPMIN z; ZPOPMAX z 2",
    "ZPOPMIN z | zpopmax z 2 | ZPOPMIN z 9",
  ),
  row("A pop of none goes out as nothing", "ZADD z 1 a", "ZPOPMIN z 0", ""),
  row(
    "ZMPOP goes out as the pop it is",
    "ZADD z 1 a 2 b 3 c 4 d",
    "ZMPOP 2 nothing z MIN; zmpop 1 z max count 9; ZMPOP 1 z MIN",
    "ZPOPMIN z 1 | ZPOPMAX z 3",
  ),
  row(
    "Blocking pops that need not wait go out as the pop they are",
    "ZADD z 1 a 2 b 3 c 4 d",
    "BZPOPMIN nothing z 0; bzpopmax z 0; BZMPOP 0 1 z MIN COUNT 5",
    "ZPOPMIN z | ZPOPMAX z | ZPOPMIN z 2",
  ),
  row(
    "What stores sorted sets goes out as it came, where something was stored or deleted",
    "ZADD a 1 x 2 y; ZADD b 3 y; SET text x",
    "ZUNIONSTORE d 2 a b WEIGHTS 1 2; ZINTERSTORE d 2 a b; zdiffstore d 2 a b; " +
      "ZRANGESTORE d a 0 0; ZRANGESTORE d a 5 6; ZRANGESTORE d a 5 6; " +
      "ZINTERSTORE text 2 a nothing; ZINTERSTORE e 2 a nothing; ZDIFFSTORE e 2 a a",
    "ZUNIONSTORE d 2 a b WEIGHTS 1 2 | ZINTERSTORE d 2 a b | zdiffstore d 2 a b | " +
      "ZRANGESTORE d a 0 0 | ZRANGESTORE d a 5 6 | ZINTERSTORE text 2 a nothing",
  ),
];
