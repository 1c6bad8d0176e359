/**
 * Elements by name, in parts that each hold a range of the names' hashes: what sets, hashes and the
 * members of sorted sets are made of. The parts' order is the order of scans and samples.
 */
import { detach } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import { PartIndex } from "./part-index.ts";
import { Part, PART_BYTES_MAX, PART_ELEMENTS_MAX, PartLedger } from "./parts.ts";

const HASH_LIMIT = 0x1_0000_0000;
/** Two neighbours that together hold no more than this become one. */
const MERGE_BYTES_MAX = PART_BYTES_MAX / 2;
const MERGE_ELEMENTS_MAX = PART_ELEMENTS_MAX / 2;
/** A Map's entry and two strings' headers, as V8 has them (measured, rounded). */
const ELEMENT_BYTES = 60;
/** No part has more elements, but where a flood of equal hashes keeps it from being divided. */
const ELEMENTS_PER_PART = Math.min(PART_ELEMENTS_MAX, Math.floor(PART_BYTES_MAX / ELEMENT_BYTES));

/** What a map needs to know of its values, which never change themselves. */
export interface ElementKind<V> {
  /** An element in RDB's encoding. */
  encode(name: string, value: V): string;
  /** Rough bytes of a value beside its name. */
  bytes(value: V): number;
}

class MapPart<V> extends Part {
  readonly elements = new Map<string, V>();
  /** Not divided before it has so many elements: a flood of equal hashes cannot be, so do not try. */
  divideAt = 2;
  readonly #kind: ElementKind<V>;

  constructor(number: number, kind: ElementKind<V>) {
    super(number);
    this.#kind = kind;
  }

  encode(): string {
    let text = "";
    for (const [name, value] of this.elements) text += this.#kind.encode(name, value);
    return text;
  }
}

/** `undefined` is no value. */
export class PartMap<V> {
  readonly #kind: ElementKind<V>;
  /** Each holds the hashes from its number up to the next one's; the first one's number is 0. */
  readonly #parts = new PartIndex<MapPart<V>>();
  readonly parts: PartLedger<MapPart<V>>;
  /** Elements keep the order they came in (Redis's compact encodings): one part, however large. */
  #isOrdered: boolean;
  /** Some part may have more elements than ELEMENTS_PER_PART. */
  #hasLargeParts = false;
  size = 0;

  constructor(kind: ElementKind<V>, { isOrdered = false } = {}) {
    this.#kind = kind;
    this.#isOrdered = isOrdered;
    this.parts = new PartLedger(this.#parts);
    this.#insert(new MapPart(0, kind));
  }

  get isOrdered(): boolean {
    return this.#isOrdered;
  }

  /** From now on the order is that of hashes; there is no way back. */
  loosen(): void {
    if (!this.#isOrdered) return;
    this.#isOrdered = false;
    this.#divide(this.#parts.first);
  }

  /** Rough bytes of memory. */
  get byteCount(): number {
    return this.parts.byteCount;
  }

  get(name: string): V | undefined {
    return this.#partOf(name).elements.get(name);
  }

  has(name: string): boolean {
    return this.#partOf(name).elements.has(name);
  }

  /** Sets an element, new or not; true when it is new. */
  set(name: string, value: V): boolean {
    return this.replace(name, value) === undefined;
  }

  /**
   * Sets an element, new or not, and returns what it was. The name may be a slice of a message; where
   * `isDetached`, this very string is kept.
   */
  replace(name: string, value: V, isDetached = false): V | undefined {
    const part = this.#partOf(name);
    const { elements } = part;
    const before = elements.get(name);
    let added = this.#kind.bytes(value);
    if (before === undefined) {
      this.size++;
      elements.set(isDetached ? name : detach(name), value);
      added += name.length + ELEMENT_BYTES;
    } else {
      elements.set(name, value);
      added -= this.#kind.bytes(before);
    }
    this.parts.changedBy(part, added);
    if (part.byteCount > PART_BYTES_MAX || elements.size > PART_ELEMENTS_MAX) this.#divide(part);
    return before;
  }

  /** Removes an element and returns what it was; undefined when there was none. */
  delete(name: string): V | undefined {
    const part = this.#partOf(name);
    const value = part.elements.get(name);
    if (value === undefined) return undefined;
    part.elements.delete(name);
    if (part.elements.size * 4 < part.divideAt) part.divideAt = Math.max(2, part.divideAt / 2);
    this.size--;
    this.parts.changedBy(part, -(name.length + ELEMENT_BYTES + this.#kind.bytes(value)));
    if (this.#parts.length > 1) this.#merge(part);
    return value;
  }

  /** Calls `visit` with each element; cheaper than `entries`. It must change nothing here. */
  forEach(visit: (value: V, name: string) => void): void {
    for (const part of this.#parts) part.elements.forEach(visit);
  }

  /** All elements. Nothing may change while they are walked. */
  *entries(): IterableIterator<[string, V]> {
    for (const part of this.#parts) yield* part.elements;
  }

  *names(): IterableIterator<string> {
    for (const part of this.#parts) yield* part.elements.keys();
  }

  /** Any element, each as likely as the others; there must be one. Walks one part at most. */
  random(random: Random): [string, V] {
    const parts = this.#parts;
    const largest = this.#largest();
    for (;;) {
      const { elements } = parts.at(Math.floor(random.next() * parts.length));
      let steps = Math.floor(random.next() * largest);
      if (steps >= elements.size) continue;
      for (const element of elements) if (steps-- === 0) return element;
    }
  }

  /** A bound of the elements in any part. */
  #largest(): number {
    if (this.#parts.length === 1) return this.size;
    if (!this.#hasLargeParts) return ELEMENTS_PER_PART;
    let largest = ELEMENTS_PER_PART;
    for (const { divideAt } of this.#parts) largest = Math.max(largest, divideAt);
    this.#hasLargeParts = largest > ELEMENTS_PER_PART;
    return largest;
  }

  /**
   * Elements from a place in the order of hashes on, about `countMax` of them, and where to go on (0: the
   * end). One that is there during a whole walk is seen exactly once. Cursors mean the same for ever.
   */
  scan(cursor: number, countMax: number): { found: [string, V][]; next: number } {
    const found: [string, V][] = [];
    for (const { elements } of this.#parts.from(cursor)) {
      const sorted: { hash: number; element: [string, V] }[] = [];
      for (const element of elements) {
        const hash = hashOf(element[0]);
        if (hash >= cursor) sorted.push({ hash, element });
      }
      sorted.sort((a, b) => a.hash - b.hash);
      let last = -1;
      for (const { hash, element } of sorted) {
        if (found.length >= countMax && hash !== last) return { found, next: hash };
        found.push(element);
        last = hash;
      }
    }
    return { found, next: 0 };
  }

  clone(): PartMap<V> {
    const copy = new PartMap(this.#kind, { isOrdered: this.#isOrdered });
    copy.#remove(copy.#parts.first);
    for (const part of this.#parts) {
      const own = new MapPart(part.number, this.#kind);
      // One by one: `new Map` of another takes longer.
      for (const [name, value] of part.elements) own.elements.set(name, value);
      own.byteCount = part.byteCount;
      own.divideAt = part.divideAt;
      copy.#insert(own);
    }
    copy.#hasLargeParts = this.#hasLargeParts;
    copy.size = this.size;
    return copy;
  }

  /** Takes a part as it was stored. The first comes before anything else, the others in any order. */
  admit(number: number, elements: Iterable<readonly [string, V]>): void {
    if (this.size === 0 && this.#parts.length === 1) this.#remove(this.#parts.first);
    const part = new MapPart(number, this.#kind);
    for (const [name, value] of elements) {
      part.elements.set(name, value);
      part.byteCount += name.length + ELEMENT_BYTES + this.#kind.bytes(value);
    }
    this.size += part.elements.size;
    if (part.elements.size > ELEMENTS_PER_PART) {
      part.divideAt = part.elements.size * 2;
      this.#hasLargeParts = true;
    }
    this.#parts.insert(part);
    this.parts.added(part, { isStored: true });
  }

  #partOf(name: string): MapPart<V> {
    return this.#parts.length === 1 ? this.#parts.first : this.#parts.holding(hashOf(name));
  }

  #insert(part: MapPart<V>): void {
    this.#parts.insert(part);
    this.parts.added(part);
  }

  #remove(part: MapPart<V>): void {
    this.#parts.remove(part.number);
    this.parts.removed(part);
  }

  /** Parts a part at the median of its hashes, and the halves again while they are too large. */
  #divide(part: MapPart<V>): void {
    const { size } = part.elements;
    if (this.#isOrdered || size < part.divideAt) return;
    if (part.byteCount <= PART_BYTES_MAX && size <= PART_ELEMENTS_MAX) return;
    const sorted = Array.from(part.elements.keys(), hashOf).sort((a, b) => a - b);
    let at = sorted[sorted.length >>> 1]!;
    if (at === sorted[0]) at = sorted.find((hash) => hash > at) ?? HASH_LIMIT;
    if (at === HASH_LIMIT) {
      part.divideAt = size * 2;
      this.#hasLargeParts = true;
      return;
    }
    part.divideAt = 2;
    const upper = new MapPart(at, this.#kind);
    for (const [name, value] of part.elements) {
      if (hashOf(name) >= at) this.#move(name, value, { from: part, to: upper });
    }
    this.#insert(upper);
    this.#divide(part);
    this.#divide(upper);
  }

  /** Puts a part that has become small into the one before it; the first one takes in the second. */
  #merge(small: MapPart<V>): void {
    const before = this.#parts.before(small.number) ?? small;
    const part = before === small ? this.#parts.at(1) : small;
    const elementCount = before.elements.size + part.elements.size;
    const isSmall =
      before.byteCount + part.byteCount <= MERGE_BYTES_MAX && elementCount <= MERGE_ELEMENTS_MAX;
    if (small.elements.size > 0 && !isSmall) return;
    this.#remove(part);
    before.divideAt = Math.max(before.divideAt, part.divideAt);
    for (const [name, value] of part.elements) before.elements.set(name, value);
    if (part.elements.size > 0) this.parts.changedBy(before, part.byteCount);
  }

  /** Moves an element to a part that has not joined yet. */
  #move(name: string, value: V, { from, to }: { from: MapPart<V>; to: MapPart<V> }): void {
    const byteCount = name.length + ELEMENT_BYTES + this.#kind.bytes(value);
    from.elements.delete(name);
    this.parts.changedBy(from, -byteCount);
    to.elements.set(name, value);
    to.byteCount += byteCount;
  }
}

/** 32 bits of a name, stored as parts' numbers: never to change. FNV-1a, mixed as key-hash does. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
