// What a GET takes at any moment, from GETs that were sent one after the other.

import { expect, test } from "vitest";

import { pausesOf, withOmitted } from "../../../../scripts/lib/bench/probe.ts";

test("a GET stands for those that were not sent while it was not answered", () => {
  expect(withOmitted([0.5, 4.5, 1, 0], 1)).toEqual([0.5, 4.5, 3.5, 2.5, 1.5, 0.5, 1, 0]);
});

test("a pause of a second in two is seen by its share of the time, not of the samples", () => {
  const tookMs = [...Array.from({ length: 1000 }, () => 0.1), 1000];
  expect(pausesOf(tookMs).p50).toBeCloseTo(0.1);
  expect(pausesOf(withOmitted(tookMs, 1)).p999).toBeGreaterThan(990);
});
