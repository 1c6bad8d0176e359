import { describe, expect, test } from "vitest";

import { shrink } from "./shrink.ts";

const ITEMS = Array.from({ length: 100 }, (_, i) => i);

/** Fails while all of these are there, in their order. */
function failsWith(...wanted: readonly number[]): (items: readonly number[]) => Promise<boolean> {
  return async (items) => {
    const found = items.filter((item) => wanted.includes(item));
    return (
      found.length === wanted.length && found.every((item, i) => i === 0 || item > found[i - 1]!)
    );
  };
}

describe("shrinking", () => {
  test.each([[[7]], [[0, 99]], [[3, 4, 50, 51, 98]]])(
    "leaves what it takes to fail: %j",
    async (wanted) => {
      expect(await shrink(ITEMS, failsWith(...wanted))).toEqual(wanted);
    },
  );

  test("leaves everything where everything counts", async () => {
    expect(await shrink([1, 2, 3], failsWith(1, 2, 3))).toEqual([1, 2, 3]);
  });

  test("leaves nothing where nothing counts", async () => {
    expect(await shrink(ITEMS, async () => true)).toEqual([]);
  });

  test("asks no more often than it may", async () => {
    let tries = 0;
    const left = await shrink(
      ITEMS,
      async (items) => {
        tries++;
        return await failsWith(1, 50)(items);
      },
      { triesMax: 10 },
    );
    expect(tries).toBe(10);
    expect(await failsWith(1, 50)(left)).toBe(true);
  });
});
