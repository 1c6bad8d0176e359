// Elements in parts beside a plain Map, and beside the rows that a checkpoint would have written.

// oxlint-disable vitest/no-standalone-expect -- the model runs inside of the tests
import { describe, expect, it } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import { type ElementKind, PartMap } from "../../shared/types/part-map.ts";
import { PART_BYTES_MAX } from "../../shared/types/parts.ts";
import { equalHashes } from "./support/equal-hashes.ts";

/** What is stored of an element is `name,value;`. */
const KIND: ElementKind<string> = {
  encode: (name, value) => `${name},${value};`,
  bytes: (value) => value.length,
};

function decode(body: string): [string, string][] {
  const elements = body.split(";").slice(0, -1);
  return elements.map((element) => element.split(",") as [string, string]);
}

/** Beside the map under test: what it must hold, and the rows as the last checkpoint left them. */
class Model {
  map = new PartMap(KIND);
  readonly known = new Map<string, string>();
  #rows = new Map<number, string>();
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  set(name: string, value: string): void {
    expect(this.map.set(name, value)).toBe(!this.known.has(name));
    this.known.set(name, value);
  }

  delete(name: string): void {
    expect(this.map.delete(name)).toBe(this.known.get(name));
    this.known.delete(name);
  }

  /** Writes what changed, as the keyspace does. */
  checkpoint(): void {
    const { parts } = this.map;
    const changed = new Set([...parts.changed()].map(({ number }) => number));
    for (const number of parts.gone()) {
      expect(this.#rows.delete(number)).toBe(true);
      expect(changed.has(number)).toBe(false);
    }
    for (const part of parts.changed()) this.#rows.set(part.number, part.encode());
    parts.stored();
    expect(parts.changedBytes).toBe(0);
  }

  /** Forgets the map and takes it back from its rows. */
  restart(): void {
    this.checkpoint();
    const map = new PartMap(KIND);
    const numbers = [...this.#rows.keys()].toSorted((a, b) => a - b);
    for (const number of numbers) map.admit(number, decode(this.#rows.get(number)!));
    expect(map.parts.byteCount).toBe(this.map.parts.byteCount);
    this.map = map;
  }

  check(): void {
    const { map, known } = this;
    expect(map.size).toBe(known.size);
    expect(new Map(map.entries())).toEqual(known);
    expect([...map.names()].length).toBe(known.size);
    for (const [name, value] of known) expect(map.get(name)).toBe(value);
    const parts = [...map.parts.all()];
    const numbers = parts.map(({ number }) => number);
    expect(numbers[0]).toBe(0);
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    expect(map.byteCount).toBe(parts.reduce((sum, { byteCount }) => sum + byteCount, 0));
    const changed = parts.filter(({ isChanged }) => isChanged);
    expect(new Set(map.parts.changed())).toEqual(new Set(changed));
    const changedBytes = changed.reduce((sum, { byteCount }) => sum + byteCount, 0);
    expect(map.parts.changedBytes).toBe(changedBytes);
  }
}

/**
 * Grows and shrinks to none, with checkpoints and restarts at any time; returns how many elements there
 * were at most.
 */
function liveAndCheck(model: Model, names: readonly string[], steps: number): number {
  let isGrowing = true;
  let largest = 0;
  for (let i = 0; i < steps; i++) {
    if (model.known.size >= names.length * 0.8) isGrowing = false;
    if (model.known.size === 0) isGrowing = true;
    largest = Math.max(largest, model.known.size);
    const name = names[model.below(names.length)]!;
    if (model.below(10) < (isGrowing ? 7 : 2)) model.set(name, "v".repeat(model.below(200)));
    else model.delete(name);
    if (model.below(200) === 0) model.checkpoint();
    if (model.below(1000) === 0) model.restart();
    if (model.below(500) === 0) model.check();
  }
  for (const name of names) model.delete(name);
  model.check();
  model.checkpoint();
  model.restart();
  model.check();
  return largest;
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `name-${i}`);
}

describe("elements in parts", () => {
  it.each([1, 2, 3])("are what was set, now and after a restart (seed %i)", (seed) => {
    expect(liveAndCheck(new Model(seed), names(1500), 12_000)).toBeGreaterThan(1000);
  });

  it.each([1, 2])("may all have one hash, or some of them (seed %i)", (seed) => {
    const flood = equalHashes(256);
    expect(liveAndCheck(new Model(seed), flood, 3000)).toBeGreaterThan(150);
    const all = [...flood, ...names(500)];
    expect(liveAndCheck(new Model(seed), all, 8000)).toBeGreaterThan(500);
  });

  it("make parts of a bounded size", () => {
    const model = new Model(1);
    for (const name of names(5000)) model.set(name, "value");
    model.check();
    const sizes = [...model.map.parts.all()].map(({ byteCount }) => byteCount);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(PART_BYTES_MAX);
    expect(Math.min(...sizes)).toBeGreaterThan(PART_BYTES_MAX / 4);
  });

  it("may be larger than a part", () => {
    const model = new Model(1);
    const large = "x".repeat(10 * PART_BYTES_MAX);
    for (const name of names(20)) model.set(name, large);
    expect(model.map.parts.count).toBe(20);
    for (const name of names(10)) model.set(name, "small");
    model.restart();
    model.check();
    for (const name of names(20)) model.delete(name);
    expect(model.map.parts.count).toBe(1);
  });

  it("touch one part or two when one of many changes", () => {
    const model = new Model(1);
    for (const name of names(20_000)) model.set(name, "value");
    model.checkpoint();
    model.set("name-77", "other");
    expect([...model.map.parts.changed()].length).toBe(1);
    model.checkpoint();
    model.delete("name-78");
    model.set("one more", "value");
    expect([...model.map.parts.changed()].length).toBeLessThanOrEqual(4);
  });

  it("have all parts to store when none of their rows is there any more", () => {
    const model = new Model(1);
    for (const name of names(1000)) model.set(name, "value");
    model.checkpoint();
    model.map.parts.unstored();
    model.check();
    expect([...model.map.parts.changed()].length).toBe(model.map.parts.count);
    expect([...model.map.parts.gone()]).toEqual([]);
  });

  it("take parts from the store in any order, behind the first", () => {
    const { map } = filled(2000);
    const parts = [...map.parts.all()];
    const shuffled = [parts[0]!, ...parts.slice(1).toReversed()];
    const copy = new PartMap(KIND);
    for (const part of shuffled) copy.admit(part.number, decode(part.encode()));
    expect([...copy.entries()]).toEqual([...map.entries()]);
    expect([...copy.parts.changed()]).toEqual([]);
  });
});

describe("a copy", () => {
  it("has the same elements in the same parts, and shares nothing", () => {
    const model = filled(2000);
    const { map } = model;
    const copy = map.clone();
    expect([...copy.entries()]).toEqual([...map.entries()]);
    expect(numbersOf(copy)).toEqual(numbersOf(map));
    expect(copy.byteCount).toBe(map.byteCount);
    expect([...copy.parts.changed()].length).toBe(copy.parts.count);
    copy.set("another", "value");
    copy.delete("name-1");
    model.check();
    expect(copy.size).toBe(map.size);
  });
});

function filled(count: number): Model {
  const model = new Model(1);
  for (const name of names(count)) model.set(name, name);
  return model;
}

function numbersOf(map: PartMap<string>): number[] {
  return Array.from(map.parts.all(), ({ number }) => number);
}

describe("elements in order", () => {
  it("stay as they came, in one part, until they are loosened", () => {
    const map = new PartMap(KIND, { isOrdered: true });
    for (const name of names(2000)) map.set(name, "old");
    map.set("name-3", "new");
    map.delete("name-0");
    map.set("name-0", "again");
    expect([...map.names()]).toEqual([...names(2000).slice(1), "name-0"]);
    expect(map.get("name-3")).toBe("new");
    expect(map.parts.count).toBe(1);
    expect([...map.clone().names()]).toEqual([...map.names()]);
    map.loosen();
    expect(map.isOrdered).toBe(false);
    expect(map.parts.count).toBeGreaterThan(10);
    expect([...map.names()].toSorted()).toEqual(names(2000).toSorted());
    expect(map.random(seededRandom(1))[0]).toMatch(/^name-/);
  });
});

describe("a random element", () => {
  it.each([
    ["many parts", names(400)],
    ["one part", names(20)],
    ["parts of unequal size", [...equalHashes(256), ...names(150)]],
  ])("is each as likely as the others in %s", (_what, all) => {
    const map = new PartMap(KIND);
    for (const name of all) map.set(name, "v");
    const random = seededRandom(5);
    const counts = new Map<string, number>();
    const draws = all.length * 200;
    for (let i = 0; i < draws; i++) {
      const [name] = map.random(random);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    // Expected are 200 each, with a deviation of 14.
    expect(counts.size).toBe(all.length);
    expect(Math.min(...counts.values())).toBeGreaterThan(130);
    expect(Math.max(...counts.values())).toBeLessThan(280);
  });

  it("comes soon also after a flood of equal hashes is gone", () => {
    const map = new PartMap(KIND);
    for (const name of names(3000)) map.set(name, "v");
    for (const name of equalHashes(1024)) map.set(name, "v");
    for (const name of equalHashes(1024)) map.delete(name);
    let draws = 0;
    const random = seededRandom(1);
    const counting: Random = { ...random, next: () => (draws++, random.next()) };
    for (let i = 0; i < 1000; i++) map.random(counting);
    expect(draws).toBeLessThan(20_000);
  });
});

describe("a scan", () => {
  it.each([1, 2, 3, 4])("sees what is there all the time exactly once (seed %i)", (seed) => {
    const model = new Model(seed);
    const all = [...names(1000), ...equalHashes(64)];
    for (const name of all) if (model.below(2) === 0) model.set(name, "v".repeat(model.below(100)));
    for (let scans = 0; scans < 10; scans++) {
      expect(scanWhileItChanges(model, all)).toEqual({ missed: [], twice: [], invented: [] });
    }
  });

  it("gives about as many as asked for, and never parts equal hashes", () => {
    const { map } = filled(1000);
    expect(map.scan(0, 10).found.length).toBe(10);
    expect(map.scan(0, 10_000)).toMatchObject({ next: 0 });
    const flood = new PartMap(KIND);
    for (const name of equalHashes(64)) flood.set(name, "v");
    expect(flood.scan(0, 1)).toMatchObject({ next: 0, found: { length: 64 } });
  });

  it("is at its end behind the last hash", () => {
    expect(filled(100).map.scan(2 ** 40, 10)).toEqual({ found: [], next: 0 });
    expect(new PartMap(KIND).scan(0, 10)).toEqual({ found: [], next: 0 });
  });
});

/** A whole scan; between its steps elements come and go, parts divide and merge, the node restarts. */
function scanWhileItChanges(model: Model, all: readonly string[]) {
  const steady = new Set(model.known.keys());
  const ever = new Set(steady);
  const seen: string[] = [];
  const changeLimit = model.below(2) === 0 ? 200 : 5;
  let cursor = 0;
  do {
    const { found, next } = model.map.scan(cursor, 1 + model.below(50));
    for (const [name] of found) seen.push(name);
    cursor = next;
    for (let changes = model.below(changeLimit); changes > 0; changes--) {
      const name = all[model.below(all.length)]!;
      if (model.below(3) === 0) model.set(name, "v".repeat(model.below(300)));
      else model.delete(name);
      if (!model.known.has(name)) steady.delete(name);
      else ever.add(name);
    }
    if (model.below(10) === 0) model.restart();
  } while (cursor !== 0);
  model.check();
  const seenOnce = new Set(seen);
  const missed = [...steady].filter((name) => !seenOnce.has(name));
  const twice = seen.filter((name, i) => steady.has(name) && seen.indexOf(name) !== i);
  return { missed, twice, invented: seen.filter((name) => !ever.has(name)) };
}
