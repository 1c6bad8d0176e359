// Users belong to a node: what is said of them is not propagated.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "ACL goes out as nothing",
    "",
    "ACL SETUSER alice on nopass +@all; ACL SETUSER alice off; ACL LOG RESET; ACL DELUSER alice",
    "",
  ),
  row("COMMAND and LATENCY go out as nothing", "", "COMMAND COUNT; LATENCY RESET", ""),
];
