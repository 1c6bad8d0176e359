// Random command lines on HyperLogLogs; GET shows every byte of them.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["a", "b", "c", "d", "e"];
/** What is no HyperLogLog, or a damaged one: an error among several elements undoes them here. */
const TEXT = "text";
const OTHER = "list";
const DIGITS = "0123456789".split("");
const SPARSE = "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80";
const DENSE = "HYLL\0\0\0\0\0\0\0\0\0\0\0\x80";
/** Damaged, or nearly: runs that end too early or too late, other headers. */
const STRANGE = [
  "HYLL",
  "HYLX\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff",
  "HYLL\x02\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff",
  SPARSE,
  `${SPARSE}\x7f\xfe`,
  `${SPARSE}\x7f\xff\x00`,
  `${SPARSE}\x7f\xff\x80`,
  `${SPARSE}\x7f`,
  `${SPARSE}\x84\x7f\xfe`,
  `${SPARSE}\x83\x83\x7f\xf7`,
  `${SPARSE}\xff\xff\xff\x87\x7f\xef`,
  `${SPARSE}\x40\x00\x7f\xfe`,
  `${SPARSE}\x3f\x3f\x40\x80\x7f\x7e\x00\x00`,
  `${DENSE}${"\0".repeat(12288)}`,
  `${DENSE}${"\x41\x10\x04".repeat(4096)}`,
  `${DENSE}${"\xff".repeat(12287)}\0`,
  `${DENSE}${"\0".repeat(12287)}`,
  "HYLL\x01\0\0\0\x05\0\0\0\0\0\0\0\x7f\xff",
  "HYLL\x01\0\0\0\xff\xff\xff\xff\xff\xff\xff\x7f\x7f\xff",
];

function key(d: Draw): string {
  if (d.chance(0.05)) return TEXT;
  return d.chance(0.02) ? OTHER : d.of(KEYS);
}

function element(d: Draw): string {
  if (d.chance(0.1)) return d.of(["", "a", "\x00\xff", "x".repeat(100), "12345678"]);
  return d.some(d.chance(0.5) ? 3 : 8, () => [d.of(DIGITS)]).join("");
}

function elements(d: Draw, countMax: number): string[] {
  return d.some(countMax, () => [element(d)]);
}

export const MAKERS: readonly Maker[] = [
  (d) => ["PFADD", key(d), ...elements(d, 1)],
  (d) => ["PFADD", d.of(KEYS), ...elements(d, 3)],
  (d) => ["PFADD", d.of(KEYS), ...elements(d, d.chance(0.1) ? 1000 : 100)],
  (d) => ["PFCOUNT", key(d)],
  (d) => ["PFCOUNT", key(d), ...d.some(4, () => [key(d)])],
  (d) => ["PFMERGE", d.of(KEYS), ...d.some(3, () => [key(d)])],
  (d) => (d.chance(0.4) ? ["GET", key(d)] : ["PFMERGE", key(d), key(d)]),
  (d) => ["PFDEBUG", d.of(["encoding", "DECODE", "encoding", "todense", "none"]), key(d)],
  (d) => ["PFDEBUG", d.chance(0.2) ? "GETREG" : "DECODE", key(d)],
  (d) => ["OBJECT", "ENCODING", key(d)],
  (d) => ["DEL", d.of(KEYS)],
  (d) => ["DEL", d.of(KEYS)],
  (d) => ["DEL", d.of(KEYS), d.of(KEYS), d.of(KEYS)],
  (d) => (d.chance(0.3) ? ["SET", TEXT, d.of(STRANGE)] : ["SET", TEXT, "12"]),
  (d) => (d.chance(0.1) ? ["RPUSH", OTHER, "x"] : ["STRLEN", key(d)]),
  (d) =>
    d.chance(0.2)
      ? ["CONFIG", "SET", "hll-sparse-max-bytes", d.of(["0", "20", "100", "3000", "3000", "16000"])]
      : ["EXISTS", key(d)],
];
