/**
 * Rows that are gathered as they come and read back in the order of the base. Columns instead of objects,
 * and a radix sort instead of a comparing one, which stood still for a quarter of a second: a run has some
 * hundred thousand rows.
 */
import type { Change } from "../engine/store.ts";

/** A key in one row, but for its hash. */
export interface RunRow {
  readonly name: string;
  readonly type: number;
  readonly expiresAtMs: number;
  readonly body: string;
}

export class SortedRun {
  readonly #hashes: number[] = [];
  readonly #names: string[] = [];
  readonly #types: number[] = [];
  readonly #expiries: number[] = [];
  readonly #bodies: string[] = [];
  #order: Uint32Array | undefined;
  #at = 0;

  get count(): number {
    return this.#hashes.length;
  }

  add(hash: number, { name, type, expiresAtMs, body }: RunRow): void {
    this.#hashes.push(hash);
    this.#names.push(name);
    this.#types.push(type);
    this.#expiries.push(expiresAtMs);
    this.#bodies.push(body);
  }

  /** Everything has been read. */
  get isAtEnd(): boolean {
    return this.#at >= this.count;
  }

  /** The next rows in the order of the base; from the first call on nothing is added. */
  next(countMax: number): Change[] {
    this.#order ??= orderOf(this.#hashes);
    const end = Math.min(this.#at + countMax, this.count);
    const changes: Change[] = [];
    for (; this.#at < end; this.#at++) {
      const i = this.#order[this.#at]!;
      const row = {
        hash: this.#hashes[i]!,
        name: this.#names[i]!,
        type: this.#types[i]!,
        expiresAtMs: this.#expiries[i]!,
        pieces: 1,
        value: this.#bodies[i]!,
      };
      changes.push({ kind: "head", row });
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
