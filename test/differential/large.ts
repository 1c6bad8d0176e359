// Values of thousands of elements: they are kept in several parts, which divide, merge, go and come back
// from the store.

import type { Draw, Maker } from "../support/random-commands.ts";

const KEYS = ["big", "bigger"];
const ELEMENTS = 4000;
const PADDING = ".".repeat(30);

function whole(d: Draw, limit: number): number {
  // Draw knows choices only.
  return d.of(DIGITS) * 1000 + d.of(DIGITS) * 100 + (d.of(DIGITS) * 10 + d.of(DIGITS)) < limit
    ? d.of(DIGITS) * 1000 + d.of(DIGITS) * 100
    : 0;
}

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

export { ELEMENTS, PADDING, KEYS, whole, type Maker };
