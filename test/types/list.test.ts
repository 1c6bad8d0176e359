// Lists beside a plain array, and beside the rows that a checkpoint would have written.

// oxlint-disable vitest/no-standalone-expect -- the model runs inside of the tests
import { describe, expect, it } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import { LIST_CODEC, listFromElements } from "../../shared/rdb/list.ts";
import { type End, ListValue } from "../../shared/types/list.ts";
import { PART_BYTES_MAX, PART_NUMBER_LIMIT } from "../../shared/types/parts.ts";

const ALL = { skip: 0, countMax: Infinity, lengthMax: Infinity };

/** Beside the list under test: what it must hold, and the rows as the last checkpoint left them. */
class Model {
  list = new ListValue();
  known: string[] = [];
  #rows = new Map<number, string>();
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  /** Few different ones, so that they are found again; a large one now and then. */
  element(): string {
    return this.below(100) === 0 ? "x".repeat(this.below(5000)) : `e${this.below(40)}`;
  }

  end(): End {
    return this.below(2) === 0 ? "left" : "right";
  }

  /** An index, mostly one that there is. */
  index(): number {
    return this.below(this.known.length + 2) - 1;
  }

  checkpoint(): void {
    const { parts } = this.list;
    for (const number of parts.gone()) expect(this.#rows.delete(number)).toBe(true);
    for (const part of parts.changed()) this.#rows.set(part.number, part.encode());
    parts.stored();
    expect(parts.changedBytes).toBe(0);
  }

  /** Forgets the list and takes it back from its rows. */
  restart(): void {
    this.checkpoint();
    const list = LIST_CODEC.open(LIST_CODEC.head(this.list));
    const numbers = [...this.#rows.keys()].toSorted((a, b) => a - b);
    for (const number of numbers) LIST_CODEC.admit(list, number, this.#rows.get(number)!);
    expect(list.byteCount).toBe(this.list.byteCount);
    this.list = list;
  }

  check(): void {
    const { list, known } = this;
    expect(list.size).toBe(known.length);
    expect(list.slice(0, list.size)).toEqual(known);
    const parts = [...list.parts.all()];
    const numbers = parts.map(({ number }) => number);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(numbers.every((number) => number >= 0 && number < PART_NUMBER_LIMIT)).toBe(true);
    expect(parts.every(({ elements }) => elements.length > 0)).toBe(true);
    expect(parts.flatMap(({ elements }) => elements)).toEqual(known);
    expect(list.byteCount).toBe(parts.reduce((sum, { byteCount }) => sum + byteCount, 0));
    const changed = parts.filter(({ isChanged }) => isChanged);
    expect(new Set(list.parts.changed())).toEqual(new Set(changed));
    const changedBytes = changed.reduce((sum, { byteCount }) => sum + byteCount, 0);
    expect(list.parts.changedBytes).toBe(changedBytes);
    expect(list.clone().slice(0, Infinity)).toEqual(known);
  }
}

/** What is done to the list and to the array. */
const STEPS: readonly ((model: Model) => void)[] = [
  grow,
  grow,
  (m) => {
    const end = m.end();
    const expected = end === "left" ? m.known.shift() : m.known.pop();
    expect(m.list.pop(end)).toBe(expected);
  },
  (m) => {
    const [index, element] = [m.index(), m.element()];
    const isThere = index >= 0 && index < m.known.length;
    expect(m.list.set(index, element)).toBe(isThere);
    if (isThere) m.known[index] = element;
  },
  (m) => {
    const [pivot, element, isAfter] = [m.element(), m.element(), m.below(2) === 0];
    const at = m.known.indexOf(pivot);
    expect(m.list.insert(pivot, element, isAfter)).toBe(at >= 0);
    if (at >= 0) m.known.splice(isAfter ? at + 1 : at, 0, element);
  },
  (m) => {
    const count = m.below(m.below(20) === 0 ? m.known.length + 10 : 4);
    const end = m.end();
    m.list.drop(end, count);
    m.known.splice(end === "left" ? 0 : Math.max(m.known.length - count, 0), count);
  },
  (m) => {
    const [element, end] = [m.element(), m.end()];
    const countMax = m.below(30) === 0 ? m.known.length : m.below(3);
    expect(m.list.remove(element, countMax, end)).toBe(removeFrom(m.known, element, countMax, end));
  },
  (m) => {
    const index = m.index();
    expect(m.list.at(index)).toBe(m.known[index]);
    const to = index + m.below(300);
    const from = Math.max(index, 0);
    expect(m.list.slice(from, to)).toEqual(m.known.slice(from, Math.max(to, from)));
  },
  (m) => {
    const element = m.element();
    const from = m.end();
    const found = m.known.flatMap((each, i) => (each === element ? [i] : []));
    if (from === "right") found.reverse();
    expect(m.list.indexesOf(element, { ...ALL, from })).toEqual(found);
    expect(m.list.indexesOf(element, { ...ALL, from, skip: 1, countMax: 2 })).toEqual(
      found.slice(1, 3),
    );
  },
];

function grow(m: Model): void {
  const end = m.end();
  const count = m.below(30) === 0 ? m.below(400) : 1;
  for (let i = 0; i < count; i++) {
    const element = m.element();
    m.list.push(end, element);
    if (end === "left") m.known.unshift(element);
    else m.known.push(element);
  }
}

function removeFrom(known: string[], element: string, countMax: number, end: End): number {
  for (let removed = 0; removed < countMax; removed++) {
    const at = end === "left" ? known.indexOf(element) : known.lastIndexOf(element);
    if (at < 0) return removed;
    known.splice(at, 1);
  }
  return countMax;
}

function numbersOf(list: ListValue): number[] {
  return [...list.parts.all()].map(({ number }) => number);
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

describe("a list", () => {
  it.each([1, 2, 3, 4])("holds what was put into it, now and after a restart (seed %i)", (seed) => {
    const model = new Model(seed);
    let largest = 0;
    for (let i = 0; i < 4000; i++) {
      largest = Math.max(largest, model.known.length);
      STEPS[model.below(STEPS.length)]!(model);
      if (model.below(50) === 0) model.checkpoint();
      if (model.below(200) === 0) model.restart();
      if (model.below(40) === 0) model.check();
    }
    model.check();
    expect(largest).toBeGreaterThan(500);
  });

  it("looks at no more elements than it is told, from either end", () => {
    const list = listFromElements(["a", "b", "a", "b"]);
    expect(list.indexesOf("b", { ...ALL, from: "left", lengthMax: 1 })).toEqual([]);
    expect(list.indexesOf("b", { ...ALL, from: "left", lengthMax: 2 })).toEqual([1]);
    expect(list.indexesOf("b", { ...ALL, from: "right", lengthMax: 2 })).toEqual([3]);
  });

  it("changes one part where one element changes", () => {
    const list = listFromElements(numbered(100_000));
    list.parts.stored();
    expect(list.parts.count).toBeGreaterThan(700);
    list.set(50_000, "x");
    expect([...list.parts.changed()]).toHaveLength(1);
    list.push("left", "x");
    list.push("right", "x");
    list.pop("right");
    expect([...list.parts.changed()].length).toBeLessThanOrEqual(3);
    list.drop("left", 90_000);
    expect([...list.parts.gone()].length).toBeGreaterThan(600);
    expect([...list.parts.changed()].length).toBeLessThanOrEqual(3);
  });

  it("gives a large element a part of its own", () => {
    const list = listFromElements(["a", "x".repeat(PART_BYTES_MAX), "b"]);
    expect([...list.parts.all()].map(({ elements }) => elements.length)).toEqual([1, 1, 1]);
    list.set(0, "y".repeat(PART_BYTES_MAX));
    list.insert("b", "z".repeat(PART_BYTES_MAX), true);
    expect(list.parts.count).toBe(4);
  });

  it("merges parts that removals have left small", () => {
    const list = listFromElements(numbered(12_800).map((each, i) => (i % 32 === 0 ? each : "x")));
    const { count } = list.parts;
    expect(count).toBeGreaterThan(99);
    list.remove("x", Infinity, "left");
    expect(list.size).toBe(400);
    expect(list.parts.count).toBeLessThan(count / 8);
  });

  it("numbers its parts anew where none is left between two, and forgets the old rows", () => {
    const list = listFromElements(numbered(256));
    list.parts.stored();
    const before = numbersOf(list);
    // Always before the second part's first element: each division halves the gap in front of it.
    for (let i = 0; i < 5000; i++) list.insert("128", `x${i}`, false);
    expect(numbersOf(list)[0]).not.toBe(before[0]);
    expect([...list.parts.gone()]).toEqual(
      before.filter((number) => !numbersOf(list).includes(number)),
    );
    expect(list.parts.changedBytes).toBe(list.byteCount);
    expect(list.size).toBe(5256);
  });

  it("numbers its parts anew at the end of the range, where the list has wandered off to", () => {
    const list = new ListValue();
    list.admit(PART_NUMBER_LIMIT - 2, ["a"]);
    list.admit(
      PART_NUMBER_LIMIT - 1,
      Array.from({ length: 128 }, () => "b"),
    );
    list.push("right", "c");
    const numbers = numbersOf(list);
    expect(Math.max(...numbers)).toBeLessThan(PART_NUMBER_LIMIT / 2 + 2 ** 24);
    expect([...list.parts.gone()]).toEqual([PART_NUMBER_LIMIT - 2, PART_NUMBER_LIMIT - 1]);
    expect(list.slice(128, 130)).toEqual(["b", "c"]);
  });

  it("shares nothing with its copy", () => {
    const list = listFromElements(numbered(300));
    const copy = list.clone();
    list.set(0, "x");
    list.drop("right", 200);
    expect(copy.slice(0, 300)).toEqual(numbered(300));
  });

  it("takes its rows in any order", () => {
    const list = new ListValue();
    list.admit(30, ["c"]);
    list.admit(10, ["a"]);
    list.admit(20, ["b"]);
    expect(list.slice(0, 3)).toEqual(["a", "b", "c"]);
  });
});
