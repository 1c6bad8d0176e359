import { describe, expect, test } from "vitest";

import { progressLine } from "../../../scripts/lib/progress.ts";

const STATE = { label: "importing", bytes: 1_200_000, bytesTotal: 4_800_000, keys: 12_345 };

describe("a line of progress", () => {
  test("shows how much is done, how fast, and how long it will take", () => {
    expect(progressLine({ ...STATE, elapsedMs: 1500 })).toBe(
      "importing  [######------------------]  25 %  1.2 of 4.8 MB  12,345 keys  0.8 MB/s  5 s left",
    );
  });

  test("says nothing of the speed before there is one", () => {
    expect(progressLine({ ...STATE, keys: 0, elapsedMs: 10 })).toBe(
      "importing  [######------------------]  25 %  1.2 of 4.8 MB",
    );
  });

  test("has no bar where nobody knows how much there is", () => {
    expect(progressLine({ ...STATE, bytesTotal: undefined, elapsedMs: 2000 })).toBe(
      "importing  1.2 MB  12,345 keys  0.6 MB/s",
    );
  });

  test("is full when more came than was expected, and empty of nothing", () => {
    expect(progressLine({ ...STATE, bytes: 9e6, elapsedMs: 0 })).toContain("100 %");
    expect(progressLine({ ...STATE, bytes: 0, bytesTotal: 0, elapsedMs: 9e3 })).toContain("0 %");
  });
});
