import { describe, expect, it } from "vitest";
import { HASH_LIMIT } from "../../shared/base/key-hash.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { SortedRun } from "../../shared/replication/sorted-run.ts";

function runOf(hashes: readonly number[]): SortedRun {
  const run = new SortedRun();
  for (const [i, hash] of hashes.entries()) {
    run.add(hash, { name: `${i}`, type: i % 20, expiresAtMs: i * 1000, body: `body of ${i}` });
  }
  return run;
}

describe("a sorted run", () => {
  it("comes back in the order of hashes, each row with what belongs to it", () => {
    const random = seededRandom(1);
    const some = Array.from({ length: 3000 }, () => Math.floor(random.next() * HASH_LIMIT));
    const edges = [0, 1, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 45, HASH_LIMIT - 1];
    // Names may share a hash, or a slot.
    const hashes = [
      ...some,
      ...edges,
      ...some.slice(0, 10),
      ...edges.map((edge) => edge + (edge % 2 === 0 ? 1 : -1)),
    ];
    const run = runOf(hashes);
    const found = [];
    while (!run.isAtEnd) found.push(...run.next(700));
    const order = hashes.map((_, i) => i).toSorted((a, b) => hashes[a]! - hashes[b]! || a - b);
    expect(found).toEqual(
      order.map((i) => ({
        kind: "head",
        row: {
          hash: hashes[i],
          name: `${i}`,
          type: i % 20,
          expiresAtMs: i * 1000,
          pieces: 1,
          value: `body of ${i}`,
        },
      })),
    );
  });

  it("may be empty", () => {
    expect(runOf([]).isAtEnd).toBe(true);
    expect(runOf([]).next(10)).toEqual([]);
  });
});
