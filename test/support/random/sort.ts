// Random command lines that sort. Sets have no order of their own, so theirs is not asked for.

import type { Draw, Maker } from "../random-commands.ts";

const LISTS = ["l1", "l2", "stored"];
const SETS = ["s1", "s2"];
const ZSETS = ["z1", "z2"];
const OTHERS = ["text", "w_1", "h_1", "none"];
const ELEMENTS = ["1", "2", "3", "10", "-5", "1.5", "a", "b", "ab", "B", "\xff", "x y", ""];
const NUMBERS = ["1", "2", "3", "10", "-5", "1.5", "0", "3e2", "inf", "007", "+1", "0x10", " 7"];
const WEIGHTS = [
  "1",
  "2",
  "2",
  "-3",
  "10",
  "1e2",
  "",
  "  5",
  "5 ",
  "nan",
  "zz",
  "Zz",
  "-inf",
  "0x1p3",
];
const PATTERNS = ["w_*", "w_*", "h_*->f", "h_*->g", "h_*->", "*", "w_*x", "h_*->f->g"];
const FIXED = ["nosort", "w_1", "#", ""];
const LIMITS = ["0", "1", "2", "3", "5", "-1", "-5", "100", "9223372036854775807"];
const STRANGE = ["x", "", "9223372036854775808", "1.5"];

function source(d: Draw): string {
  if (d.chance(0.04)) return d.of(OTHERS);
  return d.of([...LISTS, ...SETS, ...ZSETS]);
}

function element(d: Draw): string {
  return d.of(d.chance(0.85) ? NUMBERS : ELEMENTS);
}

function limit(d: Draw): string {
  return d.of(d.chance(0.02) ? STRANGE : LIMITS);
}

function pattern(d: Draw): string {
  return d.of(d.chance(0.1) ? FIXED : PATTERNS);
}

/** No BY of a constant, and none that may find equal texts. */
function anyOption(d: Draw): string[] {
  if (d.chance(0.3)) return [d.of(["ASC", "DESC", "desc", "ALPHA", "alpha"])];
  if (d.chance(0.4)) return ["LIMIT", limit(d), limit(d)];
  if (d.chance(0.5)) return ["GET", d.chance(0.3) ? "#" : pattern(d)];
  return d.chance(0.1) ? [d.of(["LIMIT", "GET", "foo"])] : [];
}

function sortBy(d: Draw): string[] {
  return ["BY", d.of(PATTERNS), ...d.some(2, () => ["GET", pattern(d)])];
}

function storing(d: Draw): string[] {
  return ["STORE", d.of(["stored", "stored", "l1", "text", "s1"])];
}

export const MAKERS: readonly Maker[] = [
  (d) => [d.of(["RPUSH", "LPUSH"]), d.of(LISTS), element(d), ...d.some(6, () => [element(d)])],
  (d) => ["SADD", d.of(SETS), element(d), ...d.some(6, () => [element(d)])],
  (d) => ["ZADD", d.of(ZSETS), d.of(["1", "2", "3"]), element(d), d.of(["-1", "5"]), element(d)],
  (d) => ["SET", `w_${element(d)}`, d.of(WEIGHTS)],
  (d) => ["SET", `w_${element(d)}`, d.of(NUMBERS)],
  (d) => ["SET", d.of(["1", "2", "text"]), d.of(WEIGHTS)],
  (d) => ["HSET", `h_${element(d)}`, d.of(["f", "g", "f->g"]), d.of(NUMBERS)],
  (d) => ["DEL", d.of([...LISTS, ...SETS, ...ZSETS])],
  (d) => ["DEL", `w_${element(d)}`, `h_${element(d)}`],
  (d) => [d.of(["SORT", "SORT_RO"]), source(d), ...d.some(4, () => anyOption(d))],
  (d) => [d.of(["SORT", "SORT_RO"]), source(d), "ALPHA", ...d.some(3, () => anyOption(d))],
  (d) => ["SORT", source(d), ...sortBy(d), ...d.some(2, () => ["LIMIT", limit(d), limit(d)])],
  (d) => ["SORT", d.of(LISTS), ...sortBy(d), "ALPHA", ...d.some(1, () => ["DESC"])],
  (d) => ["SORT", d.of([...LISTS, ...ZSETS]), "BY", "nosort", ...d.some(3, () => anyOption(d))],
  (d) => ["SORT", source(d), ...d.some(3, () => anyOption(d)), ...storing(d)],
  (d) => ["SORT", source(d), "BY", "nosort", ...d.some(2, () => anyOption(d)), ...storing(d)],
  (d) => ["SORT", d.of(ZSETS), "BY", "w_*", "BY", d.of(["nosort", "h_*->f"]), "DESC"],
  () => ["LRANGE", "stored", "0", "-1"],
  (d) => ["TYPE", source(d)],
  (d) => (d.chance(0.1) ? ["FLUSHALL"] : ["LLEN", d.of(LISTS)]),
];
