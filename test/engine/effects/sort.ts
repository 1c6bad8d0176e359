// What SORT of redis-server 7.0 is propagated as.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "SORT STORE goes out as it came, where a key is set or deleted",
    "RPUSH l 3 1 2",
    "SORT l; SORT l STORE d; sort l limit 5 5 store d; SORT l LIMIT 5 5 STORE d; SORT none STORE d",
    "SORT l STORE d | sort l limit 5 5 store d",
  ),
  row("SORT_RO goes out as nothing", "RPUSH l 3 1 2", "SORT_RO l; SORT_RO l GET w_*", ""),
  row(
    "SORT meets what has expired",
    "RPUSH l 3; SET w_3 1 PXAT 1; SET g_3 1 PXAT 1",
    "SORT l BY w_* GET g_*",
    "DEL w_3; DEL g_3",
  ),
];
