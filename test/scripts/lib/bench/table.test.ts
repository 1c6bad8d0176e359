// The result, for people and for programs.

import { describe, expect, test } from "vitest";

import { reportOf } from "../../../../scripts/lib/bench/report.ts";
import { isMet, type Row } from "../../../../scripts/lib/bench/rows.ts";
import { numberOf, tableOf } from "../../../../scripts/lib/bench/table.ts";

const SET: Row = {
  what: "SET -c 50",
  unit: "/s",
  samples: { ours: [50, 60, 70], floor: [100, 100, 100], redis: [200, 300, 280] },
  target: { of: "ours/floor", is: "at least", limit: 0.6 },
};
const SHARE: Row = {
  what: "1,000 / 10",
  unit: "×",
  samples: { ours: [3.5], redis: [60] },
  target: { of: "ours", is: "at most", limit: 3 },
};
const ROWS_WRITTEN: Row = { what: "GET", unit: "rows", samples: { ours: [0] } };

describe("the table", () => {
  test("has medians, ratios of the rounds with their range, and targets beside", () => {
    const sections = [
      { name: "tcp", what: "over TCP", chart: "ratios", rows: [SET] },
      { name: "other", what: "the rest", chart: "bars", rows: [SHARE, ROWS_WRITTEN] },
    ] as const;
    expect(tableOf(sections)).toBe(`\
                    ours  floor  redis        ours/floor        ours/redis  target
tcp: over TCP
  SET -c 50   /s    60.0    100    280  0.60 (0.50–0.70)  0.25 (0.20–0.25)  ours/floor ≥ 0.6: met
other: the rest
  1,000 / 10  ×     3.50          60.0                                      ours ≤ 3: MISSED
  GET         rows     0
`);
  });

  test.each([
    [0, "0"],
    [0.01234, "0.012"],
    [0.5, "0.500"],
    [9.876, "9.88"],
    [99.96, "100"],
    [123.4, "123"],
    [25_575.45, "25,600"],
    [1_234_567, "1,230,000"],
  ])("shows %d as %s", (value, shown) => {
    expect(numberOf(value)).toBe(shown);
  });
});

describe("a target", () => {
  const ROWS = [
    [true, "is met by the median at the limit", SET],
    [false, "is missed by a median beyond it", SHARE],
    [undefined, "that is not set is neither met nor missed", ROWS_WRITTEN],
    [undefined, "of what was not measured is neither", { ...SET, samples: { ours: [1] } }],
  ] as const;

  test.each(ROWS)("%s: %s", (met, _, row) => {
    expect(isMet(row)).toBe(met);
  });
});

test("the report has every sample, the ratios and whether targets are met", () => {
  const run = {
    rounds: 3,
    isQuick: false,
    startedAt: "2026-11-23T01:02:03.000Z",
    seconds: 5,
    warnings: [],
    machine: { redis: "7.0.15" },
  };
  const section = { name: "tcp", what: "over TCP", chart: "ratios", rows: [SET] } as const;
  expect(JSON.parse(reportOf([section], run))).toEqual({
    ...run,
    measurements: [
      {
        name: "tcp",
        what: "over TCP",
        chart: "ratios",
        rows: [
          {
            ...SET,
            ratios: {
              floor: { median: 0.6, min: 0.5, max: 0.7 },
              redis: { median: 0.25, min: 0.2, max: 0.25 },
            },
            isMet: true,
          },
        ],
      },
    ],
  });
});
