// Parts on shelves beside a sorted list.

import { expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { PartIndex } from "../../shared/types/part-index.ts";
import { Part } from "../../shared/types/parts.ts";

class Numbered extends Part {
  encode(): string {
    return String(this.number);
  }
}

const numberOf = (part: Part | undefined): number | undefined => part?.number;

/** The number of the part that holds this one: the last one up to it, or the first. */
function holderAmong(sorted: readonly number[], number: number): number {
  return sorted.findLast((known) => known <= number) ?? sorted[0]!;
}

it.each([
  {
    order: "at random",
    next: (i: number, random: number) => Math.floor(random * 1e6) * 2 + (i % 2),
  },
  { order: "in order", next: (i: number) => i * 3 },
  { order: "downwards", next: (i: number) => 1e6 - i * 3 },
])("finds, in order, what came $order, and what was left of it", ({ next }) => {
  const random = seededRandom(5);
  const index = new PartIndex<Numbered>();
  const known = new Set<number>();
  for (let i = 0; i < 3000; i++) {
    const number = next(i, random.next());
    if (known.has(number)) continue;
    known.add(number);
    index.insert(new Numbered(number));
  }
  for (let round = 0; round < 4; round++) {
    const sorted = [...known].toSorted((a, b) => a - b);
    expect([...index].map(numberOf)).toEqual(sorted);
    expect(index.length).toBe(sorted.length);
    expect(index.first.number).toBe(sorted[0]);
    for (let i = 0; i < 50; i++) {
      const number = Math.floor(random.next() * 2_100_000);
      const holder = holderAmong(sorted, number);
      const place = sorted.indexOf(holder);
      expect(index.holding(number).number).toBe(holder);
      expect(index.at(place).number).toBe(holder);
      expect(numberOf(index.before(holder))).toBe(sorted[place - 1]);
      expect([...index.from(number)].map(numberOf)).toEqual(sorted.slice(place));
    }
    for (const number of sorted) {
      if (random.next() < 0.7) {
        index.remove(number);
        known.delete(number);
      }
    }
  }
});
