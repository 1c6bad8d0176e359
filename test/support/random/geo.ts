// Random command lines on places: all over the earth, close together, at the edges of the map.
//
// Distances are stored of the place itself only, which are 0: of the last digit of others, the C library of
// the machine decides once in thousands.

import type { Draw, Maker } from "../random-commands.ts";

const KEYS = ["a", "b", "c"];
const OTHER = "string";
const MEMBERS = ["x", "y", "z", "", "home", "\xff"];
const EDGES = ["180", "-180", "0", "179.9999999", "-179.9999999", "85.05112878", "-85.05112878"];
const BAD = ["x", "", "181", "-180.1", "85.06", "inf", "-inf", "1e300", "nan", "1e21"];
const SIZES = ["0", "1", "10", "0.5", "100", "1000", "5000", "20000", "100000", "inf"];
const BAD_SIZES = ["-1", "x", "", "-0.1"];
const UNITS = ["m", "km", "ft", "mi", "KM", "Mi"];
const COUNTS = ["1", "2", "5", "1000", "0", "-1", "x", "9223372036854775807"];
const SCORES = [
  "1",
  "-1",
  "3479099956230698",
  "1e17",
  "1e19",
  "1e30",
  "-1e19",
  "inf",
  "-inf",
  "0.5",
];

function key(d: Draw): string {
  return d.chance(0.03) ? d.of([OTHER, "none"]) : d.of(KEYS);
}

function member(d: Draw): string {
  return d.chance(0.5) ? d.of(MEMBERS) : `m${d.of([1, 2, 3, 4, 5])}${d.of([1, 2, 3, 4, 5])}`;
}

function near(d: Draw, center: number, spread: number): string {
  const steps = d.of([0, 1, 2, 3, 5, 7, 11]) - d.of([0, 1, 2, 3, 5, 7, 13]);
  return String(center + (steps * spread) / 10);
}

function longitude(d: Draw): string {
  if (d.chance(0.02)) return d.of(BAD);
  return d.chance(0.05)
    ? d.of(EDGES)
    : near(d, d.of([13.36, -122.3, 179.5, 0]), d.of([1, 0.01, 90]));
}

function latitude(d: Draw): string {
  if (d.chance(0.02)) return d.of(BAD);
  return d.chance(0.05) ? d.of(EDGES) : near(d, d.of([38.11, -33.8, 70, 84, 0]), d.of([0.5, 0.01]));
}

function size(d: Draw): string {
  return d.of(d.chance(0.04) ? BAD_SIZES : SIZES);
}

function unit(d: Draw): string {
  return d.chance(0.03) ? "yard" : d.of(UNITS);
}

function center(d: Draw): string[] {
  if (d.chance(0.5)) return ["FROMMEMBER", member(d)];
  return ["FROMLONLAT", longitude(d), latitude(d)];
}

function area(d: Draw): string[] {
  if (d.chance(0.5)) return ["BYRADIUS", size(d), unit(d)];
  return ["BYBOX", size(d), size(d), unit(d)];
}

function option(d: Draw): string[] {
  if (d.chance(0.2)) return ["COUNT", d.of(COUNTS)];
  if (d.chance(0.2)) return ["COUNT", d.of(COUNTS), "ANY"];
  return [d.of(["ASC", "DESC", "WITHDIST", "WITHHASH", "WITHCOORD", "any", "foo", "withdist"])];
}

function store(d: Draw): string[] {
  return ["STORE", key(d)];
}

function search(d: Draw): string[] {
  return d.chance(0.5) ? [...center(d), ...area(d)] : [...area(d), ...center(d)];
}

export const MAKERS: readonly Maker[] = [
  (d) => ["GEOADD", key(d), longitude(d), latitude(d), member(d)],
  (d) => ["GEOADD", key(d), ...d.some(4, () => [longitude(d), latitude(d), member(d)])],
  (d) => ["GEOADD", key(d), d.of(["NX", "XX", "CH", "GT"]), longitude(d), latitude(d), member(d)],
  (d) => ["ZADD", key(d), d.of(SCORES), d.of(["odd", "strange"])],
  (d) => ["ZREM", key(d), member(d), d.of(["odd", "strange"])],
  (d) => ["GEOPOS", key(d), member(d), ...d.some(2, () => [member(d), "odd"])],
  (d) => ["GEOHASH", key(d), member(d), ...d.some(2, () => [member(d), "strange"])],
  (d) => ["GEODIST", key(d), member(d), member(d), ...d.some(1, () => [unit(d)])],
  (d) => ["GEODIST", key(d), member(d), "odd", ...d.some(2, () => ["km"])],
  (d) => ["GEOSEARCH", key(d), ...search(d), ...d.some(3, () => option(d))],
  (d) => ["GEOSEARCH", key(d), ...search(d), "ASC", ...d.some(3, () => option(d))],
  (d) => ["GEOSEARCH", key(d), ...d.some(3, () => d.of([center(d), area(d), option(d)])), "ASC"],
  (d) => ["GEOSEARCHSTORE", key(d), key(d), ...search(d), ...d.some(1, () => option(d))],
  (d) => [
    "GEOSEARCHSTORE",
    key(d),
    key(d),
    "FROMMEMBER",
    member(d),
    "BYBOX",
    "0",
    "0",
    unit(d),
    "STOREDIST",
  ],
  (d) => [
    d.of(["GEORADIUS", "GEORADIUS_RO"]),
    key(d),
    longitude(d),
    latitude(d),
    size(d),
    unit(d),
    ...d.some(2, () => option(d)),
    ...d.some(1, () => store(d)),
  ],
  (d) => [
    d.of(["GEORADIUSBYMEMBER", "GEORADIUSBYMEMBER_RO"]),
    key(d),
    member(d),
    size(d),
    unit(d),
    ...d.some(2, () => option(d)),
    ...d.some(1, () => store(d)),
  ],
  (d) => ["ZRANGE", key(d), "0", "-1", "WITHSCORES"],
  (d) => ["DEL", d.of(KEYS)],
  () => ["SET", OTHER, "1"],
];
