/**
 * Parts in the order of their numbers, each of which holds what lies between its number and the next one's.
 * They stand on shelves of some hundreds, with their numbers beside them: so among a hundred thousand one
 * comes or goes without moving all behind it, and is found by looking at numbers that lie together.
 */
import type { Part } from "./parts.ts";

const SHELF_PARTS_MAX = 512;

/** Two lists of the same length, and never empty. */
interface Shelf<P> {
  readonly numbers: number[];
  readonly parts: P[];
}

export class PartIndex<P extends Part> implements Iterable<P> {
  readonly #shelves: Shelf<P>[] = [];
  /** The first number on each shelf. */
  readonly #firsts: number[] = [];
  length = 0;

  /** The first one; there must be one. */
  get first(): P {
    return this.#shelves[0]!.parts[0]!;
  }

  /** The one that holds a number, as the first one does whatever is below its own. There must be one. */
  holding(number: number): P {
    const shelf = this.#shelves[lastUpTo(this.#firsts, number)]!;
    return shelf.parts[lastUpTo(shelf.numbers, number)]!;
  }

  /** The one in front of the one with this number, if there is one. */
  before(number: number): P | undefined {
    const at = lastUpTo(this.#firsts, number);
    const { numbers, parts } = this.#shelves[at]!;
    const index = lastUpTo(numbers, number);
    return index > 0 ? parts[index - 1] : this.#shelves[at - 1]?.parts.at(-1);
  }

  /** The one at a place, from 0 on; it must be there. */
  at(place: number): P {
    let left = place;
    const shelves = this.#shelves;
    for (let at = 0; ; at++) {
      const { parts } = shelves[at]!;
      if (left < parts.length) return parts[left]!;
      left -= parts.length;
    }
  }

  insert(part: P): void {
    const { number } = part;
    this.length++;
    if (this.length === 1) {
      this.#addShelf(0, { numbers: [number], parts: [part] });
      return;
    }
    const at = lastUpTo(this.#firsts, number);
    const { numbers, parts } = this.#shelves[at]!;
    const index = number < numbers[0]! ? 0 : lastUpTo(numbers, number) + 1;
    numbers.splice(index, 0, number);
    parts.splice(index, 0, part);
    this.#firsts[at] = numbers[0]!;
    if (parts.length <= SHELF_PARTS_MAX) return;
    // Parts that come in order fill their shelves.
    const isLast = at === this.#shelves.length - 1 && index === SHELF_PARTS_MAX;
    const from = isLast ? SHELF_PARTS_MAX : SHELF_PARTS_MAX / 2;
    this.#addShelf(at + 1, { numbers: numbers.splice(from), parts: parts.splice(from) });
  }

  /** Removes the one with this number. */
  remove(number: number): void {
    const at = lastUpTo(this.#firsts, number);
    const { numbers, parts } = this.#shelves[at]!;
    const index = lastUpTo(numbers, number);
    numbers.splice(index, 1);
    parts.splice(index, 1);
    this.length--;
    if (parts.length > 0) this.#firsts[at] = numbers[0]!;
    else {
      this.#shelves.splice(at, 1);
      this.#firsts.splice(at, 1);
    }
  }

  *[Symbol.iterator](): Iterator<P> {
    for (const { parts } of this.#shelves) yield* parts;
  }

  /** The one that holds a number, and all behind it. */
  *from(number: number): Iterable<P> {
    const first = lastUpTo(this.#firsts, number);
    for (let at = first; at < this.#shelves.length; at++) {
      const { numbers, parts } = this.#shelves[at]!;
      const from = at === first ? lastUpTo(numbers, number) : 0;
      for (let i = from; i < parts.length; i++) yield parts[i]!;
    }
  }

  #addShelf(at: number, shelf: Shelf<P>): void {
    this.#shelves.splice(at, 0, shelf);
    this.#firsts.splice(at, 0, shelf.numbers[0]!);
  }
}

/** The place of the last number that is not above this one; 0 where all are. */
function lastUpTo(numbers: readonly number[], number: number): number {
  let low = 0;
  let high = numbers.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (numbers[middle]! <= number) low = middle;
    else high = middle;
  }
  return low;
}
