// Commands that wait for keys, for as long as it takes, and those that end their waiting. Clocks have no
// part in it.

import type { Draw, Maker } from "../support/random-commands.ts";

const GROUPS = ["g", "h"];

function end(d: Draw): string {
  return d.of(["LEFT", "RIGHT"]);
}

function keys(d: Draw): string[] {
  return [d.key(), ...d.some(2, () => [d.key()])];
}

function counted(d: Draw): string[] {
  const names = keys(d);
  return [String(names.length), ...names];
}

function values(d: Draw): string[] {
  return [d.value(), ...d.some(3, () => [d.value()])];
}

/**
 * What is no use where clients wait, as redis-server 7.0 would do what nobody wants of us: SWAPDB serves
 * them in the order of a hash table; a value that is put in the place of another serves nobody before the
 * next change of the key; a stream whose entries are gone is answered to XREAD, without any.
 */
export function isUnfit(args: readonly string[]): boolean {
  return (
    /^(swapdb|.*store|xdel|xsetid|xtrim)$/i.test(args[0]!) ||
    args.some((arg) => /^(maxlen|minid|store|storedist)$/i.test(arg))
  );
}

/** For clients that may wait. */
export const WAITING: readonly Maker[] = [
  (d) => [d.of(["BLPOP", "BRPOP"]), ...keys(d), "0"],
  (d) => ["BLMOVE", d.key(), d.key(), end(d), end(d), "0"],
  (d) => ["BRPOPLPUSH", d.key(), d.key(), "0"],
  (d) => [
    "BLMPOP",
    "0",
    ...counted(d),
    end(d),
    ...d.some(1, () => ["COUNT", d.of(["1", "2", "10"])]),
  ],
  (d) => [d.of(["BZPOPMIN", "BZPOPMAX"]), ...keys(d), "0"],
  (d) => ["BZMPOP", "0", ...counted(d), d.of(["MIN", "MAX"])],
  (d) => ["XREAD", "BLOCK", "0", "STREAMS", d.key(), d.of(["$", "0", "5-5"])],
  (d) => ["XREADGROUP", "GROUP", d.of(GROUPS), "c", "BLOCK", "0", "STREAMS", d.key(), ">"],
];

/** For everyone. */
export const FEEDING: readonly Maker[] = [
  (d) => [d.of(["LPUSH", "RPUSH"]), d.key(), ...values(d)],
  (d) => ["LMOVE", d.key(), d.key(), end(d), end(d)],
  (d) => ["LINSERT", d.key(), "BEFORE", d.value(), d.value()],
  (d) => ["ZADD", d.key(), d.of(["1", "2", "-1"]), d.value(), d.of(["1", "3"]), d.value()],
  (d) => ["XADD", d.key(), d.of(["1-*", "5-*", "6-*", "7-*"]), "f", d.value()],
  (d) => ["XGROUP", "CREATE", d.key(), d.of(GROUPS), d.of(["0", "$"]), "MKSTREAM"],
  (d) => ["XGROUP", "DESTROY", d.key(), d.of(GROUPS)],
  (d) => [d.of(["DEL", "UNLINK"]), d.key()],
  (d) => ["DEL", d.key(), d.key(), d.key()],
  (d) => ["RENAME", d.key(), d.key()],
  (d) => ["COPY", d.key(), d.key(), "REPLACE"],
  (d) => ["LRANGE", d.key(), "0", "-1"],
  () => ["MULTI"],
  () => ["EXEC"],
  () => ["EXEC"],
];
