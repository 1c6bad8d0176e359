/**
 * Rows that are gathered as they come and read back in the order of the base; and runs of them, merged. A
 * radix sort instead of a comparing one, which stood still for a quarter of a second: a run has some
 * hundred thousand rows.
 */
import type { Change } from "../engine/store.ts";
import { RowPacker, RowReader, type RunRow } from "./packed-rows.ts";

export class SortedRun {
  readonly #rows: RowPacker;
  readonly #hashes: number[] = [];
  readonly #starts: number[] = [];

  constructor(byteCount: number) {
    this.#rows = new RowPacker(byteCount);
  }

  get isFull(): boolean {
    return !this.#rows.hasRoom;
  }

  add(hash: number, row: RunRow): void {
    this.#hashes.push(hash);
    this.#starts.push(this.#rows.end);
    this.#rows.put(hash, row);
  }

  /** All rows in their order, in chunks of so many bytes at most; nothing is added any more. */
  *chunks(byteCount: number): Generator<Uint8Array, undefined> {
    const order = orderOf(this.#hashes);
    for (let at = 0; at < order.length;) {
      const chunk = new RowPacker(byteCount);
      at = this.#fill(chunk, order, at);
      yield chunk.bytes;
    }
  }

  /** Copies rows from the one at a place on; returns the place of the first that has no room. */
  #fill(chunk: RowPacker, order: Uint32Array, from: number): number {
    let at = from;
    for (; at < order.length && chunk.hasRoom; at++) {
      chunk.copy(this.#rows, this.#starts[order[at]!]!);
    }
    return at;
  }
}

/** The rows of several runs in one order. Of those of one hash, the earlier run's come first. */
export class RunMerge {
  readonly #runs: readonly RowReader[];

  constructor(runs: readonly Iterator<Uint8Array>[]) {
    this.#runs = runs.map((chunks) => new RowReader(chunks));
  }

  /** The next rows; none only at the end. */
  next(countMax: number): Change[] {
    const runs = this.#runs;
    const changes: Change[] = [];
    while (changes.length < countMax) {
      let first: RowReader | undefined;
      let hash = Number.POSITIVE_INFINITY;
      for (let i = 0; i < runs.length; i++) {
        const run = runs[i]!;
        if (run.hash >= hash) continue;
        first = run;
        hash = run.hash;
      }
      if (first === undefined) break;
      changes.push(first.next());
    }
    return changes;
  }
}

const DIGITS = 1 << 16;
const SLOT = 2 ** 32;

/** Where the smallest hash stands, then the next one; equal ones in the order in which they stand. */
function orderOf(hashes: readonly number[]): Uint32Array {
  const { length } = hashes;
  const digits = new Uint16Array(length);
  const [order, sorted] = [new Uint32Array(length), new Uint32Array(length)];
  for (let i = 0; i < length; i++) order[i] = i;
  // Three digits of a hash (base/key-hash.ts), the lowest first; the highest is the cluster slot.
  for (let i = 0; i < length; i++) digits[i] = hashes[i]! >>> 0;
  scatter(digits, order, sorted);
  for (let i = 0; i < length; i++) digits[i] = (hashes[i]! >>> 0) >>> 16;
  scatter(digits, sorted, order);
  for (let i = 0; i < length; i++) digits[i] = hashes[i]! / SLOT;
  scatter(digits, order, sorted);
  return sorted;
}

/** One pass of the sort: what stands in `from`, ordered by its digit. */
function scatter(digits: Uint16Array, from: Uint32Array, into: Uint32Array): void {
  const starts = new Uint32Array(DIGITS + 1);
  for (let i = 0; i < digits.length; i++) starts[digits[i]! + 1]!++;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
  for (let at = 0; at < from.length; at++) {
    const i = from[at]!;
    into[starts[digits[i]!]!++] = i;
  }
}
