// Reading what the kernel says of processes.

import { describe, expect, test } from "vitest";

import { groupOf, pssOf } from "../../../../scripts/lib/bench/memory.ts";
import { pausesOf } from "../../../../scripts/lib/bench/probe.ts";

describe("a process's group", () => {
  test.each([
    ["is the third field behind its name", "12 (redis-server) S 1 34 34 0 -1", 34],
    ["is found behind a name with brackets and blanks", "12 (a) b (c) S 1 56 34 0 -1", 56],
  ])("%s", (_, stat, group) => {
    expect(groupOf(stat)).toBe(group);
  });
});

test("memory is the proportional set size, in bytes", () => {
  expect(pssOf("00400000 [rollup]\nRss:     9000 kB\nPss:     1500 kB\nPss_Dirty: 7 kB\n")).toBe(
    1500 * 1024,
  );
});

test("pauses are percentiles of what the GETs took", () => {
  const tookMs = Array.from({ length: 1001 }, (_, i) => 1000 - i);
  expect(pausesOf(tookMs)).toEqual({ p50: 500, p999: 999, max: 1000 });
});

test("without a single GET there is nothing to say", () => {
  expect(() => pausesOf([])).toThrow("no GET was answered");
});
