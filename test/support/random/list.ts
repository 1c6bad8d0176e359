// Lists by chance: short ones and ones of several nodes, and indexes and counts around their ends.

import type { Draw, Maker } from "../random-commands.ts";

const ELEMENTS = ["a", "b", "c", "1", "-1", "01", "9223372036854775807", "", "\x00\xff\r\n"];
const LONG_ELEMENT = "x".repeat(5000);
const INDEXES = ["0", "1", "2", "5", "-1", "-2", "-3", "100", "150", "-130", "1000", "-1000"];
const LIMITS = ["9223372036854775807", "-9223372036854775807", "-9223372036854775808"];
const BAD_INTEGERS = ["x", "", "1.5", " 1", "01", "9223372036854775808"];
const COUNTS = ["0", "1", "2", "3", "10", "200", "-1", "-2", ...LIMITS];
const ENDS = ["LEFT", "RIGHT", "left", "Right"];
const BAD_TIMEOUTS = ["-1", "x", "", "inf", "nan", "1e400", "9223372036854776", "1e5000"];
/** Nobody gives up while a test runs. */
const TIMEOUTS = ["0", "0.0", "-0.0001", "1000", "1e3", "0x1000", "9223372036854775"];

const element = (d: Draw): string => (d.chance(0.03) ? LONG_ELEMENT : d.of(ELEMENTS));
const elements = (d: Draw): string[] => {
  if (d.chance(0.85)) return [element(d), ...d.some(3, () => [element(d)])];
  // Several nodes, of few elements that repeat, or of distinct ones.
  const length = d.of([100, 130, 300]);
  const isDistinct = d.chance(0.5);
  return Array.from({ length }, (_, i) => (isDistinct ? `e${i}` : d.of(ELEMENTS)));
};
const index = (d: Draw): string => {
  if (d.chance(0.06)) return d.of(BAD_INTEGERS);
  return d.chance(0.05) ? d.of(LIMITS) : d.of(INDEXES);
};
const count = (d: Draw): string => (d.chance(0.06) ? d.of(BAD_INTEGERS) : d.of(COUNTS));
const end = (d: Draw): string => (d.chance(0.03) ? d.of(["up", ""]) : d.of(ENDS));
const pushed = (d: Draw): string => (d.chance(0.2) ? `e${d.of(INDEXES)}` : element(d));
const keyList = (d: Draw): string[] => {
  const names = [d.key(), ...d.some(2, () => [d.key()])];
  return [d.chance(0.05) ? d.of(["0", "-1", "x", "9", ...LIMITS]) : `${names.length}`, ...names];
};
const popCount = (d: Draw): string[] => {
  if (d.chance(0.4)) return [];
  if (d.chance(0.1)) return [d.of(["COUNT", "FOO"])];
  return ["COUNT", count(d), ...(d.chance(0.05) ? ["COUNT", "1"] : [])];
};
const lposOption = (d: Draw): string[] => {
  if (d.chance(0.05)) return [d.of(["RANK", "COUNT", "FOO"])];
  return [d.of(["RANK", "COUNT", "MAXLEN", "rank"]), count(d)];
};

export const MAKERS: readonly Maker[] = [
  (d) => [d.of(["LPUSH", "RPUSH"]), d.key(), ...elements(d)],
  (d) => [d.of(["LPUSH", "RPUSH", "LPUSHX", "RPUSHX"]), d.key(), ...elements(d)],
  (d) => [d.of(["LPOP", "RPOP"]), d.key()],
  (d) => [d.of(["LPOP", "RPOP"]), d.key(), count(d)],
  (d) => ["LLEN", d.key()],
  (d) => ["LINDEX", d.key(), index(d)],
  (d) => ["LSET", d.key(), index(d), element(d)],
  (d) => [
    "LINSERT",
    d.key(),
    d.of(["BEFORE", "AFTER", "before", "AFTER", "x"]),
    pushed(d),
    element(d),
  ],
  (d) => ["LRANGE", d.key(), index(d), index(d)],
  (d) => ["LRANGE", d.key(), "0", "-1"],
  (d) => (d.chance(0.4) ? ["LTRIM", d.key(), index(d), index(d)] : ["LLEN", d.key()]),
  (d) => ["LREM", d.key(), count(d), pushed(d)],
  (d) => ["LPOS", d.key(), pushed(d), ...d.some(2, () => lposOption(d))],
  (d) => ["LMOVE", d.key(), d.key(), end(d), end(d)],
  (d) => ["RPOPLPUSH", d.key(), d.key()],
  (d) => ["LMPOP", ...keyList(d), end(d), ...popCount(d)],
  // These never block: what is wrong is found first.
  (d) => [d.of(["BLPOP", "BRPOP"]), d.key(), d.of(BAD_TIMEOUTS)],
  (d) => ["BLMOVE", d.key(), d.key(), end(d), end(d), d.of(BAD_TIMEOUTS)],
  (d) => ["BRPOPLPUSH", d.key(), d.key(), d.of(BAD_TIMEOUTS)],
  (d) => ["BLMPOP", d.of(BAD_TIMEOUTS), ...keyList(d), end(d), ...popCount(d)],
  (d) => ["OBJECT", "ENCODING", d.key()],
  (d) => (d.chance(0.3) ? ["SET", d.key(), "text"] : ["TYPE", d.key()]),
  (d) => [d.of(["DEL", "COPY", "RENAME"]), d.key(), d.key()],
  (d) => [d.of(["LPOP", "LPUSH", "LLEN", "LSET", "BLPOP", "LMPOP"]), d.key()],
  () => ["DEBUG", "DIGEST"],
];

/** Commands that wait where there is nothing. */
export const BLOCKING_MAKERS: readonly Maker[] = [
  (d) => [d.of(["BLPOP", "BRPOP"]), d.key(), ...d.some(2, () => [d.key()]), d.of(TIMEOUTS)],
  (d) => ["BLMOVE", d.key(), d.key(), end(d), end(d), d.of(TIMEOUTS)],
  (d) => ["BRPOPLPUSH", d.key(), d.key(), d.of(TIMEOUTS)],
  (d) => ["BLMPOP", d.of(TIMEOUTS), ...keyList(d), end(d), ...popCount(d)],
];
