// Streams by chance: IDs that lie close together, so that commands meet what is there, and values long
// enough to fill blocks. `*` is not among the IDs, as it is the clock's, nor is `+` of 7.4 in XREAD.

import type { Draw, Maker } from "../random-commands.ts";

const MILLISECONDS = ["1", "2", "3", "3", "5"];
const EXTREME_IDS = [
  "18446744073709551615-18446744073709551615",
  "18446744073709551615-18446744073709551614",
  "18446744073709551614-*",
  "9007199254740993-9007199254740993",
  "9223372036854775808",
  "0-0",
  "0-1",
  "0-18446744073709551615",
];
const BAD_IDS = ["", "x", "-", "+", "1-", "-1", "1-x", "1-1-1", "1.5", "$", ">", "1-**"];
const ODD_IDS = ["01-2", "+2-01", " 3-1", "4--01", "18446744073709551616", "(1-1", "((1", "("];
const COUNTS = ["0", "1", "2", "3", "5", "10", "10", "100", "-1", "9223372036854775807"];
const BAD_COUNTS = ["x", "", "1.5", "01", "9223372036854775808"];
const FIELDS = ["f", "g", "h", "1", ""];
const VALUES = ["v", "1", "-5", "100000", "9223372036854775807", "01", "", "\x00\xff\r\n"];
const GROUPS = ["g", "h", "\x00g"];
const CONSUMERS = ["c", "d", "e", ""];
/** Nothing is pending for an hour, or since this morning: so long no run takes. */
const IDLE_MINS = ["0", "0", "0", "3600000", "-1", "9223372036854775807", "x"];

const id = (d: Draw): string => {
  if (d.chance(0.02)) return d.of(EXTREME_IDS);
  if (d.chance(0.02)) return d.of(d.chance(0.5) ? BAD_IDS : ODD_IDS);
  if (d.chance(0.1)) return d.of(MILLISECONDS);
  return `${d.of(MILLISECONDS)}-${d.of(["0", "1", "2", "3", "4", "5", "6", "7", "9", "12", "20"])}`;
};
const newId = (d: Draw): string => {
  return d.chance(0.1) ? id(d) : `${d.of(MILLISECONDS)}-*`;
};
const ids = (d: Draw): string[] => [id(d), ...d.some(3, () => [id(d)])];
const from = (d: Draw): string => {
  if (d.chance(0.3)) return d.of(["-", "+", "0"]);
  return d.chance(0.2) ? `(${id(d)}` : id(d);
};
const count = (d: Draw): string => d.of(d.chance(0.04) ? BAD_COUNTS : COUNTS);
const value = (d: Draw): string => {
  return d.chance(0.15) ? "x".repeat(Number(d.of(["62", "130", "700", "1500"]))) : d.of(VALUES);
};
const pairs = (d: Draw): string[] => {
  if (d.chance(0.6)) return ["f", value(d)];
  const some = [d.of(FIELDS), value(d), ...d.some(3, () => [d.of(FIELDS), value(d)])];
  return d.chance(0.03) ? some.slice(1) : some;
};
const trimming = (d: Draw): string[] => {
  const mark = d.chance(0.5) ? [d.of(["~", "~", "="])] : [];
  const limit = d.chance(0.2) ? ["LIMIT", count(d)] : [];
  if (d.chance(0.6)) return [d.of(["MAXLEN", "maxlen"]), ...mark, count(d), ...limit];
  return ["MINID", ...mark, id(d), ...limit];
};
const option = (d: Draw, name: string): string[] => (d.chance(0.4) ? [name, count(d)] : []);
const group = (d: Draw): string => d.of(d.chance(0.1) ? GROUPS : ["g", "h"]);
const consumer = (d: Draw): string => d.of(CONSUMERS);
const reader = (d: Draw): string[] => ["XREADGROUP", "GROUP", group(d), consumer(d)];
const claimant = (d: Draw): string[] => [d.key(), group(d), consumer(d), d.of(IDLE_MINS)];
const streams = (d: Draw, special: string): string[] => {
  const keys = [d.key(), ...d.some(2, () => [d.key()])];
  const wanted = keys.map(() =>
    d.chance(0.7) ? special : d.of([id(d).replace(/^\+$/, "0"), "0", "0-0", "$"]),
  );
  return ["STREAMS", ...keys, ...(d.chance(0.03) ? wanted.slice(1) : wanted)];
};
const groupOption = (d: Draw): string[] => {
  if (d.chance(0.4)) return ["MKSTREAM"];
  return ["ENTRIESREAD", d.of(["0", "1", "5", "-1", "-2", "9223372036854775807", "x"])];
};
const claimOption = (d: Draw): string[] => {
  if (d.chance(0.3)) return [d.of(["JUSTID", "FORCE", "force", "FOO"])];
  if (d.chance(0.3)) return ["IDLE", d.of(["0", "100000000", "-1", "9223372036854775807", "x"])];
  if (d.chance(0.3)) return ["TIME", d.of(["0", "1", "1600000000000", "-1", "33177117420123"])];
  return d.chance(0.5)
    ? ["RETRYCOUNT", d.of(["0", "1", "7", "-1", "9223372036854775807", "x"])]
    : ["LASTID", id(d)];
};

export const MAKERS: readonly Maker[] = [
  (d) => ["XADD", d.key(), newId(d), ...pairs(d)],
  (d) => ["XADD", d.key(), newId(d), ...pairs(d)],
  (d) => ["XADD", d.key(), `${d.of(MILLISECONDS)}-*`, ...pairs(d)],
  (d) => ["XADD", d.key(), ...trimming(d), newId(d), ...pairs(d)],
  (d) => ["XADD", d.key(), "NOMKSTREAM", ...d.some(1, () => trimming(d)), newId(d), ...pairs(d)],
  (d) => ["XADD", d.key(), ...d.some(3, () => [d.of(["MAXLEN", "~", "LIMIT", "1", "2-*"])])],
  (d) => ["XLEN", d.key()],
  (d) => ["XRANGE", d.key(), from(d), from(d), ...option(d, "COUNT")],
  (d) => ["XREVRANGE", d.key(), from(d), from(d), ...option(d, "COUNT")],
  (d) => ["XRANGE", d.key(), "-", "+"],
  (d) => ["XDEL", d.key(), ...ids(d)],
  (d) => ["XTRIM", d.key(), ...(d.chance(0.05) ? ["FOO", "1"] : trimming(d))],
  (d) => ["XSETID", d.key(), id(d), ...option(d, "ENTRIESADDED")],
  (d) => ["XSETID", d.key(), id(d), ...d.some(1, () => ["MAXDELETEDID", id(d)])],
  (d) => ["XREAD", ...option(d, "COUNT"), ...streams(d, "2-1")],
  (d) => [...reader(d), ...streams(d, ">")],
  (d) => [
    ...reader(d),
    ...option(d, "COUNT"),
    ...d.some(1, () => ["NOACK"]),
    "STREAMS",
    d.key(),
    ">",
  ],
  (d) => [...reader(d), "COUNT", "1", "STREAMS", d.key(), ">"],
  (d) => ["XGROUP", "CREATE", d.key(), group(d), d.of(["0", "$", id(d)]), "MKSTREAM"],
  (d) => [
    "XGROUP",
    d.of(["CREATE", "SETID", "setid"]),
    d.key(),
    group(d),
    d.of(["0", "$", id(d)]),
    ...d.some(2, () => groupOption(d)),
  ],
  (d) => ["XGROUP", "CREATECONSUMER", d.key(), group(d), consumer(d)],
  (d) => [
    "XGROUP",
    d.chance(0.3) ? "DESTROY" : "DELCONSUMER",
    d.key(),
    group(d),
    ...(d.chance(0.8) ? [consumer(d)] : []),
  ],
  (d) => ["XACK", d.key(), group(d), ...ids(d)],
  (d) => ["XPENDING", d.key(), group(d)],
  (d) => ["XCLAIM", ...claimant(d), ...ids(d)],
  (d) => ["XCLAIM", ...claimant(d), ...ids(d), ...d.some(3, () => claimOption(d))],
  (d) => [
    "XAUTOCLAIM",
    ...claimant(d),
    from(d),
    ...option(d, "COUNT"),
    ...d.some(1, () => ["JUSTID"]),
  ],
  (d) => ["XINFO", "STREAM", d.key()],
  (d) => ["XINFO", "GROUPS", d.key()],
  (d) => ["XINFO", d.of(["STREAM", "GROUPS", "CONSUMERS", "HELP", "FOO"]), d.key()],
  (d) => (d.chance(0.3) ? ["DEL", d.key()] : ["XLEN", d.key()]),
];

/** Their answers tell times: equal on two servers but for some milliseconds. */
export const TIMED_MAKERS: readonly Maker[] = [
  (d) => [
    "XPENDING",
    d.key(),
    group(d),
    ...d.some(1, () => ["IDLE", d.of(IDLE_MINS)]),
    from(d),
    from(d),
    count(d),
    ...d.some(1, () => [consumer(d)]),
  ],
  (d) => ["XINFO", "STREAM", d.key(), "FULL", ...option(d, "COUNT")],
  (d) => ["XINFO", "CONSUMERS", d.key(), group(d)],
];
