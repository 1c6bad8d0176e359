// The page: one file that shows every figure, whatever it holds.

import { describe, expect, test } from "vitest";

import { pageOf } from "../../../../../scripts/lib/bench/page/page.ts";
import { ratioOf } from "../../../../../scripts/lib/bench/page/ratios.ts";
import type { Row } from "../../../../../scripts/lib/bench/rows.ts";
import type { Section } from "../../../../../scripts/lib/bench/table.ts";

const RUN = {
  rounds: 3,
  isQuick: false,
  startedAt: "2026-11-23T01:02:03.000Z",
  seconds: 540,
  warnings: ["webdis <was> not there"],
  machine: { redis: "7.0.15" },
};
const SET: Row = {
  what: "SET -c 50",
  unit: "/s",
  samples: { ours: [50, 60, 70], floor: [100, 100, 100], redis: [200, 300, 280] },
  target: { of: "ours/floor", is: "at least", limit: 0.6 },
};
const LAG: Row = { what: "p99", unit: "ms", samples: { ours: [4], redis: [2] } };
const GROWN: Row[] = [1, 10].map((x) => ({ ...SET, point: { series: "keys", x } }));
const SECTIONS: Section[] = [
  { name: "tcp", what: "over TCP", chart: "ratios", rows: [SET, LAG] },
  { name: "growth", what: "with more", chart: "lines", rows: GROWN },
  { name: "lag", what: "behind", chart: "bars", rows: [LAG] },
];

describe("the page", () => {
  const page = pageOf(SECTIONS, RUN);

  test("needs nothing but itself", () => {
    expect(page).not.toMatch(/<script|<link|@import|url\(|(src|href)=/);
  });

  test("draws each measurement, and lists its figures", () => {
    expect(page.match(/<section>/g)).toHaveLength(3);
    expect(page.match(/<details>/g)).toHaveLength(3);
    expect(page.match(/<polyline/g)).toHaveLength(3);
    expect(page).toContain("0.60 (0.50–0.70)");
  });

  test("says what was asked, and whether it is reached", () => {
    expect(page).toMatch(/tile met"><b>0.600×/);
  });

  test("shows warnings as text, and not as markup", () => {
    expect(page).toContain("webdis &lt;was&gt; not there");
  });
});

describe("a ratio", () => {
  test("says how many times as fast ours is, of times the other way round", () => {
    expect(ratioOf(SET, "floor")?.median).toBe(0.6);
    expect(ratioOf(LAG, "redis")?.median).toBe(0.5);
    expect(ratioOf(LAG, "floor")).toBeUndefined();
  });
});
