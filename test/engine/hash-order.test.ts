import fc from "fast-check";
import { expect, test } from "vitest";
import { HASH_LIMIT } from "../../shared/base/key-hash.ts";
import { sortByHash } from "../../shared/engine/hash-order.ts";
import { Entry } from "../../shared/engine/space.ts";

const hashes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: HASH_LIMIT - 1 }),
    fc.integer({ min: 0, max: 20 }),
    fc.integer({ min: HASH_LIMIT - 20, max: HASH_LIMIT - 1 }),
  ),
  { maxLength: 3000, size: "max" },
);

test("entries come in the order of their hashes, also of those that differ in the last bits", () => {
  fc.assert(
    fc.property(hashes, (given) => {
      const entries = given.map((hash, i) => new Entry(`${i}`, hash));
      const sorted = [...entries];
      sortByHash(sorted);
      expect(sorted.map(({ hash }) => hash)).toEqual(given.toSorted((a, b) => a - b));
      expect(new Set(sorted)).toEqual(new Set(entries));
    }),
    { numRuns: 30 },
  );
});
