// What a million commands cost.

import { describe, expect, test } from "vitest";

import { dollarsOf, perMillion } from "../../../../scripts/lib/bench/dollars.ts";

const NOTHING = { workerRequests: 0, objectRequests: 0, rowsRead: 0, rowsWritten: 0 };

describe("a million commands", () => {
  const ROWS = [
    ["that cost nothing", NOTHING, 0],
    ["of a request each", { ...NOTHING, workerRequests: 1e6, objectRequests: 1e6 }, 0.45],
    ["of a row each", { ...NOTHING, rowsWritten: 1e6 }, 1],
    ["that read a row each", { ...NOTHING, rowsRead: 1e6 }, 0.001],
    [
      "of everything, in parts",
      { workerRequests: 5e5, objectRequests: 5e4, rowsRead: 2e6, rowsWritten: 3e4 },
      0.15 + 0.0075 + 0.002 + 0.03,
    ],
  ] as const;

  test.each(ROWS)("%s", (_, usage, dollars) => {
    expect(dollarsOf(usage)).toBeCloseTo(dollars, 10);
  });
});

test("what some commands took is scaled to a million of them", () => {
  const rise = { workerRequests: 50, objectRequests: 100, rowsRead: 0, rowsWritten: 3 };
  expect(perMillion(rise, 1000)).toEqual({
    workerRequests: 50_000,
    objectRequests: 100_000,
    rowsRead: 0,
    rowsWritten: 3000,
  });
});
