import { describe, expect, it } from "vitest";
import { HASH_LIMIT } from "../../shared/base/key-hash.ts";
import { seededRandom } from "../../shared/base/random.ts";
import type { Change } from "../../shared/engine/store.ts";
import { PACKED_MAX, type RunRow } from "../../shared/replication/packed-rows.ts";
import { RunMerge, SortedRun } from "../../shared/replication/sorted-run.ts";

const CHUNK_BYTES = 20_000;
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");

function runOf(hashes: readonly number[], rowOf: (i: number) => RunRow = plainRow): SortedRun {
  const run = new SortedRun(1 << 20);
  for (const [i, hash] of hashes.entries()) run.add(hash, rowOf(i));
  return run;
}

function plainRow(i: number): RunRow {
  return { name: `${i}`, type: i % 20, expiresAtMs: i * 1000, body: `body of ${i}` };
}

/** What comes out of runs that are merged. */
function rowsOf(...runs: SortedRun[]): Change[] {
  const merge = new RunMerge(runs.map((run) => run.chunks(CHUNK_BYTES)));
  const rows: Change[] = [];
  for (let some = merge.next(700); some.length > 0; some = merge.next(700)) rows.push(...some);
  return rows;
}

function headOf(hash: number, { name, type, expiresAtMs, body }: RunRow): Change {
  return { kind: "head", row: { hash, name, type, expiresAtMs, pieces: 1, value: body } };
}

/** Names may share a hash, or a slot. */
function hashesOf(seed: number, count: number): number[] {
  const random = seededRandom(seed);
  const some = Array.from({ length: count }, () => Math.floor(random.next() * HASH_LIMIT));
  const edges = [0, 1, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 45, HASH_LIMIT - 1];
  const beside = edges.map((edge) => edge + (edge % 2 === 0 ? 1 : -1));
  return [...some, ...edges, ...some.slice(0, 10), ...beside];
}

describe("a sorted run", () => {
  it("comes back in the order of hashes, each row with what belongs to it", () => {
    const hashes = hashesOf(1, 3000);
    const order = hashes.map((_, i) => i).toSorted((a, b) => hashes[a]! - hashes[b]! || a - b);
    expect(rowsOf(runOf(hashes))).toEqual(order.map((i) => headOf(hashes[i]!, plainRow(i))));
  });

  it("holds every byte, rows of any length and times of any size", () => {
    const rows = [
      { name: ALL_BYTES, type: 0x318, expiresAtMs: 2 ** 62, body: ALL_BYTES.repeat(40) },
      { name: "", type: 0, expiresAtMs: 1, body: "" },
      { name: "n".repeat(PACKED_MAX), type: 255, expiresAtMs: 0, body: "" },
      { name: "", type: 1, expiresAtMs: 2 ** 53 - 1, body: "\xff".repeat(PACKED_MAX) },
    ];
    const run = runOf([3, 2, 1, 0], (i) => rows[i]!);
    expect(rowsOf(run)).toEqual(rows.map((row, i) => headOf(3 - i, row)).toReversed());
  });

  it("may be empty", () => {
    expect(rowsOf(runOf([]))).toEqual([]);
    expect(rowsOf()).toEqual([]);
  });
});

describe("runs that are merged", () => {
  it("come in one order, the earlier run first where hashes are equal", () => {
    const parts = [3, 4, 5].map((seed) => hashesOf(seed, 500));
    const all = parts.flatMap((hashes, part) =>
      hashes.map((hash, i) => ({ hash, i, part, row: plainRow(1000 * part + i) })),
    );
    const runs = parts.map((hashes, part) => runOf(hashes, (i) => plainRow(1000 * part + i)));
    const order = all.toSorted((a, b) => a.hash - b.hash || a.part - b.part || a.i - b.i);
    expect(rowsOf(...runs)).toEqual(order.map(({ hash, row }) => headOf(hash, row)));
  });
});
