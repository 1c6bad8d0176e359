// What is made of samples.

import { describe, expect, test } from "vitest";

import { percentile, ratiosOf, summaryOf } from "../../../../scripts/lib/bench/statistics.ts";

describe("a summary", () => {
  const ROWS = [
    ["of no samples is undefined", [], undefined],
    ["of one sample is that sample", [3], { median: 3, min: 3, max: 3 }],
    ["has the sample in the middle, in whatever order", [9, 1, 2], { median: 2, min: 1, max: 9 }],
    ["has the mean of the two in the middle", [4, 1, 2, 10], { median: 3, min: 1, max: 10 }],
    ["orders by number and not by digits", [10, 9, 100], { median: 10, min: 9, max: 100 }],
  ] as const;

  test.each(ROWS)("%s", (_, samples, summary) => {
    expect(summaryOf(samples)).toEqual(summary);
  });

  test("leaves the samples in their order", () => {
    const samples = [3, 1, 2];
    summaryOf(samples);
    expect(samples).toEqual([3, 1, 2]);
  });
});

describe("a percentile", () => {
  const ROWS = [
    [0, 10],
    [50, 30],
    [75, 40],
    [99, 49.6],
    [100, 50],
  ] as const;

  test.each(ROWS)("of %d between 10 and 50 is %d", (percent, value) => {
    expect(percentile([10, 20, 30, 40, 50], percent)).toBeCloseTo(value);
  });
});

describe("ratios", () => {
  test("are made round by round, so that a slow round is slow for both", () => {
    expect(ratiosOf([50, 5, 100], [100, 10, 200])).toEqual([0.5, 0.5, 0.5]);
  });

  test("leave out rounds that lack a side or have nothing to divide by", () => {
    expect(ratiosOf([1, 2, 3], [2, 0])).toEqual([0.5]);
  });
});
