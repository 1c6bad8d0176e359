// Which commands are drawn: the makers of every group, by name. A seed stands for the same programs as
// long as this table and the makers stay as they are.

import { MAKERS as ACL } from "../support/random/acl.ts";
import { MAKERS as BITMAP } from "../support/random/bitmap.ts";
import { MAKERS as HASH, UNORDERED as HASH_UNORDERED } from "../support/random/hash.ts";
import { MAKERS as HYPERLOGLOG } from "../support/random/hyperloglog.ts";
import { MAKERS as LIST } from "../support/random/list.ts";
import { MAKERS as PUBSUB, UNORDERED as PUBSUB_UNORDERED } from "../support/random/pubsub.ts";
import { MAKERS as SCRIPT, UNORDERED as SCRIPT_UNORDERED } from "../support/random/script.ts";
import { MAKERS as SET, UNORDERED as SET_UNORDERED } from "../support/random/set.ts";
import { MAKERS as SORT } from "../support/random/sort.ts";
import { MAKERS as STREAM } from "../support/random/stream.ts";
import { MAKERS as ZSET, UNORDERED as ZSET_UNORDERED } from "../support/random/zset.ts";
import { type Maker, MAKERS } from "../support/random-commands.ts";
import { LARGE } from "./large.ts";
import { FEEDING, isUnfit, WAITING } from "./waiting.ts";

export interface Group {
  readonly name: string;
  readonly makers: readonly Maker[];
  /** Commands that wait: for the clients that may. */
  readonly waiting?: readonly Maker[];
  /** What no command of a program with this group may be, whichever group it is of. */
  readonly isUnfit?: (args: readonly string[]) => boolean;
}

/** Strings, keys, transactions: what every program has among other things. */
export const BASE: Group = { name: "base", makers: MAKERS };

export const GROUPS: readonly Group[] = [
  BASE,
  { name: "acl", makers: ACL },
  { name: "bitmap", makers: BITMAP },
  { name: "hash", makers: HASH },
  { name: "hyperloglog", makers: HYPERLOGLOG, isUnfit: damagesSketch },
  { name: "large", makers: LARGE },
  { name: "list", makers: LIST },
  { name: "pubsub", makers: PUBSUB },
  { name: "script", makers: SCRIPT },
  { name: "set", makers: SET },
  { name: "sort", makers: SORT, isUnfit: confusesSort },
  { name: "stream", makers: STREAM },
  { name: "waiting", makers: FEEDING, waiting: WAITING, isUnfit },
  { name: "zset", makers: ZSET },
];

/** PFADD of redis-server that finds damage on its way keeps what it has changed until then; ours nothing. */
function damagesSketch(args: readonly string[]): boolean {
  return /^(append|bitfield|bitop|setbit|setrange)$/i.test(args[0]!);
}

/**
 * What SORT of redis-server 7.0 does not see as it is: texts end at a zero byte, and a number out of range
 * that was met before counts as one of its own.
 */
function confusesSort(args: readonly string[]): boolean {
  return args.some((arg) => arg.includes("\0") || /^-?\d{19,}$|e-?\d{3,}$/i.test(arg));
}

/** Commands, in lower case, whose arrays are compared as sets. */
export const UNORDERED: ReadonlySet<string> = new Set(
  [
    "keys",
    "scan",
    ...HASH_UNORDERED,
    ...PUBSUB_UNORDERED,
    ...SCRIPT_UNORDERED,
    ...SET_UNORDERED,
    ...ZSET_UNORDERED,
  ].map((name) => name.toLowerCase()),
);
