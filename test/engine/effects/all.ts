// What commands of all groups are propagated as.

import { EFFECT_CASES, type EffectCase } from "../effect-cases.ts";
import { CASES as ACL } from "./acl.ts";
import { CASES as BITMAP } from "./bitmap.ts";
import { CASES as GEO } from "./geo.ts";
import { CASES as HASH } from "./hash.ts";
import { CASES as HYPERLOGLOG } from "./hyperloglog.ts";
import { CASES as LIST } from "./list.ts";
import { CASES as PUBSUB } from "./pubsub.ts";
import { CASES as SCRIPT } from "./script.ts";
import { CASES as SET } from "./set.ts";
import { CASES as SORT } from "./sort.ts";
import { CASES as STREAM } from "./stream.ts";
import { CASES as ZSET } from "./zset.ts";

export const ALL_EFFECT_CASES: readonly EffectCase[] = [
  EFFECT_CASES,
  ACL,
  BITMAP,
  GEO,
  HASH,
  HYPERLOGLOG,
  LIST,
  PUBSUB,
  SCRIPT,
  SET,
  SORT,
  STREAM,
  ZSET,
].flat();
