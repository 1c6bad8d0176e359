// Random command lines on bits of strings.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["a", "b", "c", "d", ""];
/** Nothing but lists ever stands there. */
const OTHER = "list";
const SMALL = [
  "0",
  "1",
  "2",
  "5",
  "7",
  "8",
  "9",
  "15",
  "16",
  "31",
  "33",
  "63",
  "64",
  "100",
  "1000",
];
/** The limit of 32 MB is refused; what is just within would make every answer slow. */
const FAR = ["268435456", "9223372036854775807", "9223372036854775808", "-1", "x", ""];
const RANGE = ["0", "1", "2", "3", "5", "8", "13", "64", "-1", "-2", "-3", "-9", "-64", "1000"];
const RANGE_FAR = ["9223372036854775807", "-9223372036854775808", "9223372036854775808", "x", ""];
const UNITS = ["BIT", "BYTE", "bit", "byte", "bits"];
const BYTES = [
  "\x00",
  "\x01",
  "\x7f",
  "\x80",
  "\xfe",
  "\xff",
  "\x00\x00\x00",
  "\xff\xff\xff",
  "abc",
];
const TYPES = ["u1", "i1", "u2", "i3", "u7", "u8", "i8", "i13", "u31", "i32", "u32", "u53", "i63"];
const TYPES_FAR = ["i64", "u63", "u64", "i65", "u0", "i", "", "8", "U8", "i08"];
const VALUES = ["0", "1", "-1", "3", "-3", "127", "128", "-128", "-129", "255", "256", "100000"];
const VALUES_FAR = [
  "9223372036854775807",
  "-9223372036854775808",
  "4611686018427387904",
  "9223372036854775808",
  "x",
];
const OPERATIONS = ["AND", "OR", "XOR", "NOT", "and", "nand"];

function key(d: Draw): string {
  return d.chance(0.03) ? OTHER : d.of(KEYS);
}

function offset(d: Draw): string {
  return d.of(d.chance(0.03) ? FAR : SMALL);
}

function edge(d: Draw): string {
  return d.of(d.chance(0.05) ? RANGE_FAR : RANGE);
}

function text(d: Draw): string {
  return Array.from({ length: 12 }, () => (d.chance(0.5) ? d.of(BYTES) : "")).join("");
}

function field(d: Draw): string {
  return d.of(d.chance(0.06) ? TYPES_FAR : TYPES);
}

function value(d: Draw): string {
  return d.of(d.chance(0.1) ? VALUES_FAR : VALUES);
}

function place(d: Draw): string {
  return (d.chance(0.3) ? "#" : "") + offset(d);
}

function fieldOperation(d: Draw): string[] {
  if (d.chance(0.3)) return [d.of(["OVERFLOW", "overflow"]), d.of(["WRAP", "SAT", "FAIL", "sat"])];
  if (d.chance(0.02)) return [d.of(["OVERFLOW", "GET", "SET", "INCRBY"]), d.of(["none", "u8"])];
  if (d.chance(0.3)) return ["GET", field(d), place(d)];
  return [d.of(["SET", "INCRBY", "incrby"]), field(d), place(d), value(d)];
}

export const MAKERS: readonly Maker[] = [
  (d) => ["SET", d.of(KEYS), text(d)],
  (d) => ["SET", d.of(KEYS), d.of(["12", "hello", ""]), ...d.some(1, () => ["EX", "100000"])],
  (d) => ["GET", key(d)],
  (d) => (d.chance(0.2) ? ["DEL", d.of(KEYS)] : ["OBJECT", "ENCODING", key(d)]),
  (d) => (d.chance(0.1) ? ["RPUSH", OTHER, "x"] : ["STRLEN", key(d)]),
  (d) => ["SETBIT", key(d), offset(d), d.chance(0.05) ? d.of(["2", "-1", "x"]) : d.of(["0", "1"])],
  (d) => ["GETBIT", key(d), offset(d)],
  (d) => ["BITCOUNT", key(d)],
  (d) => ["BITCOUNT", key(d), edge(d), edge(d), ...d.some(1, () => [d.of(UNITS)])],
  (d) => ["BITCOUNT", key(d), edge(d), ...d.some(3, () => [edge(d)])],
  (d) => ["BITPOS", key(d), d.chance(0.05) ? d.of(["2", "x"]) : d.of(["0", "1"])],
  (d) => ["BITPOS", key(d), d.of(["0", "1"]), edge(d), ...d.some(1, () => [edge(d)])],
  (d) => [
    "BITPOS",
    key(d),
    d.of(["0", "1"]),
    edge(d),
    edge(d),
    d.of(UNITS),
    ...d.some(1, () => ["BIT"]),
  ],
  (d) => ["BITOP", d.of(OPERATIONS), key(d), key(d), ...d.some(3, () => [key(d)])],
  (d) => ["BITFIELD", key(d), ...d.some(4, () => fieldOperation(d))],
  (d) => ["BITFIELD", key(d), ...d.some(4, () => fieldOperation(d))],
  (d) => ["BITFIELD_RO", key(d), ...d.some(3, () => ["GET", field(d), place(d)])],
  (d) => (d.chance(0.2) ? ["BITFIELD_RO", key(d), ...fieldOperation(d)] : ["PERSIST", key(d)]),
];
