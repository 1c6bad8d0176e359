/**
 * A value's elements in runs of some kilobytes. A value of one part is stored as a whole, beside its
 * key; one of several has a row for each, so that a change costs the parts it touched, and neither a
 * checkpoint nor a load ever has to handle a million elements at once.
 */
import { assert } from "../base/assert.ts";

/** Bytes of elements at which a part is divided; rows of half of it to all of it are the rule. */
export const PART_BYTES_MAX = 2048;
/** Elements at which a part is divided: what is walked at most to find a random one. */
export const PART_ELEMENTS_MAX = 128;
/** Numbers of parts are below this (they take the place of a key's hash in the base). */
export const PART_NUMBER_LIMIT = 2 ** 46;

/**
 * One run of elements. Its number is unique in its value and the same for as long as the part is; what it
 * stands for (a range of hashes, a place in a list) is the type's.
 */
export abstract class Part {
  readonly number: number;
  /** Rough bytes of memory; changed by way of the ledger. */
  byteCount = 0;
  /** Differs from its row. */
  isChanged = true;
  /** Has a row. */
  isStored = false;

  constructor(number: number) {
    this.number = number;
  }

  /** Its elements in RDB's encoding, one behind the other. */
  abstract encode(): string;
}

/** The parts of one value, and which of them differ from what is stored. */
export interface Parts {
  readonly count: number;
  /** Where the rows of the parts stand in the store; 0: nowhere. The keyspace's affair. */
  space: number;
  /** Rough bytes of the parts that changed: what the next checkpoint would write. */
  readonly changedBytes: number;
  /** All parts, in the order of their numbers. */
  all(): Iterable<Part>;
  /** Those that changed or came since `stored`. */
  changed(): Iterable<Part>;
  /** Numbers of parts that have a row and are no more. */
  gone(): Iterable<number>;
  /** What `changed` and `gone` said is stored now. */
  stored(): void;
  /** No element may change: a checkpoint has begun to encode the parts, and has not done all of them. */
  isFrozen: boolean;
  /** Nothing of this has a row any more, or yet. */
  unstored(): void;
}

type PartList<P> = Iterable<P> & { readonly length: number };

/** Keeps the books for a value class that holds its parts in a list, in the order of their numbers. */
export class PartLedger<P extends Part> implements Parts {
  space = 0;
  isFrozen = false;
  /** Rough bytes of all parts. */
  byteCount = 0;
  changedBytes = 0;
  readonly #list: PartList<P>;
  #changed = new Set<P>();
  #gone = new Set<number>();

  /** `list` stays the owner's, who tells of every change. */
  constructor(list: PartList<P>) {
    this.#list = list;
  }

  get count(): number {
    return this.#list.length;
  }

  /** A part changed by so many bytes. */
  changedBy(part: P, delta: number): void {
    assert(!this.isFrozen, "a value that is being encoded stays as it is");
    part.byteCount += delta;
    this.byteCount += delta;
    this.changedBytes += delta;
    if (part.isChanged) return;
    part.isChanged = true;
    this.changedBytes += part.byteCount - delta;
    this.#changed.add(part);
  }

  /** A part joined the list, with its `byteCount` set; `isStored`: as its row has it. */
  added(part: P, { isStored = false } = {}): void {
    assert(!this.isFrozen, "a value that is being encoded stays as it is");
    this.byteCount += part.byteCount;
    // Its number may be that of a part that is gone, whose row still stands.
    part.isStored = this.#gone.delete(part.number) || isStored;
    part.isChanged = !isStored;
    if (isStored) return;
    this.changedBytes += part.byteCount;
    this.#changed.add(part);
  }

  /** A part left the list. */
  removed(part: P): void {
    assert(!this.isFrozen, "a value that is being encoded stays as it is");
    this.byteCount -= part.byteCount;
    if (part.isChanged) this.changedBytes -= part.byteCount;
    this.#changed.delete(part);
    if (part.isStored) this.#gone.add(part.number);
  }

  all(): Iterable<P> {
    return this.#list;
  }

  changed(): Iterable<P> {
    return this.#changed;
  }

  gone(): Iterable<number> {
    return this.#gone;
  }

  stored(): void {
    for (const part of this.#changed) {
      part.isChanged = false;
      part.isStored = true;
    }
    this.#changed.clear();
    this.#gone.clear();
    this.changedBytes = 0;
  }

  unstored(): void {
    for (const part of this.#list) {
      part.isChanged = true;
      part.isStored = false;
      this.#changed.add(part);
    }
    this.#gone.clear();
    this.changedBytes = this.byteCount;
  }
}
