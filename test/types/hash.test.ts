// Hashes beside a plain Map with times, in every form they travel in.

import { describe, expect, it } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import {
  admitPart,
  completeParts,
  decodeHead,
  decodeValue,
  encodeHead,
  encodeValue,
  openValue,
} from "../../shared/rdb/codec.ts";
import { expiryOf, HashValue, textOf } from "../../shared/types/hash.ts";
import { DEFAULT_LIMITS, EXPANDED_LIMITS, type Limits } from "../../shared/types/limits.ts";

const SMALL: Limits = { ...DEFAULT_LIMITS, hashEntries: 8, hashValue: 10 };

interface Known {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** The fields as they are told to `visit`. */
function fieldsOf(hash: HashValue): Map<string, Known> {
  const found = new Map<string, Known>();
  hash.forEach((value, field) => {
    found.set(field, { value: textOf(value), expiresAtMs: expiryOf(value) });
  });
  return found;
}

/** Through the store: parts and what stands beside them. */
function stored(hash: HashValue): HashValue {
  hash.parts.space = 1;
  const head = decodeHead("hash", encodeHead(hash).body);
  const copy = openValue(head);
  for (const part of hash.parts.all()) admitPart(copy, part.number, part.encode());
  completeParts(copy, head);
  hash.parts.space = 0;
  return copy as HashValue;
}

/** Through RDB. */
function dumped(hash: HashValue, limits: Limits): HashValue {
  const { type, body } = encodeValue(hash);
  return decodeValue(type, body, limits) as HashValue;
}

/** A hash and what it must hold, changed at random. */
class Model {
  hash = new HashValue();
  readonly known = new Map<string, Known>();
  /** What a change answered other than it should have. */
  readonly wrong: string[] = [];
  readonly #limits: Readonly<Limits>;
  readonly #random: Random;
  #nowMs = 1000;

  constructor(seed: number, limits: Readonly<Limits>) {
    this.#random = seededRandom(seed);
    this.#limits = limits;
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  change(fieldCount: number): void {
    const field = `field-${this.#below(fieldCount)}`;
    const before = this.known.get(field);
    const expiresAtMs = this.#below(3) === 0 ? this.#nowMs + 1 + this.#below(200) : 0;
    const step = this.#below(10);
    if (step < 5) {
      const value = "v".repeat(this.#below(12));
      const isNew = this.hash.set(field, value, { limits: this.#limits, expiresAtMs });
      if (isNew !== (before === undefined)) this.wrong.push(`set ${field}`);
      this.known.set(field, { value, expiresAtMs });
    } else if (step < 7) {
      this.hash.setExpiry(field, expiresAtMs);
      if (before !== undefined) this.known.set(field, { value: before.value, expiresAtMs });
    } else if (step < 8) {
      if (this.hash.delete(field) !== this.known.delete(field)) this.wrong.push(`delete ${field}`);
    } else if (this.#below(20) === 0) this.#expire();
  }

  #expire(): void {
    this.#nowMs += this.#below(100);
    const { hash, known } = this;
    const due = [...known].filter(([, { expiresAtMs: ms }]) => ms !== 0 && ms < this.#nowMs);
    const first = hash.deleteExpired(this.#nowMs, 3);
    const deleted = [...first, ...hash.deleteExpired(this.#nowMs, Infinity)].toSorted();
    const wanted = due.map(([name]) => name).toSorted();
    if (deleted.join() !== wanted.join()) this.wrong.push(`expire ${deleted.join()}`);
    for (const name of deleted) known.delete(name);
  }
}

describe("a hash", () => {
  it.each([
    [1, DEFAULT_LIMITS, 20],
    [2, SMALL, 20],
    [3, EXPANDED_LIMITS, 20],
    [4, DEFAULT_LIMITS, 3000],
  ])("is what was done to it, in every form (seed %i)", (seed, limits, fieldCount) => {
    const model = new Model(seed, limits);
    const { known } = model;
    for (let round = 0; round < 15; round++) {
      for (let i = 0; i < 400; i++) model.change(fieldCount);
      const { hash } = model;
      expect(model.wrong).toEqual([]);
      expect(fieldsOf(hash)).toEqual(known);
      expect(fieldsOf(hash.clone())).toEqual(known);
      expect(fieldsOf(dumped(hash, limits))).toEqual(known);
      expect(hash.clone().encoding).toBe(hash.encoding);
      expect(hash.clone().byteCount).toBe(hash.byteCount);
      const times = [...known.values()].map((field) => field.expiresAtMs).filter((ms) => ms !== 0);
      expect(hash.elementsExpireAtMs === 0).toBe(times.length === 0);
      expect(hash.elementsExpireAtMs).toBeLessThanOrEqual(Math.min(...times));
      if (!hash.isCompact) model.hash = stored(hash);
      expect(fieldsOf(model.hash)).toEqual(known);
      expect(model.hash.encoding).toBe(hash.encoding);
    }
    expect(known.size).toBeGreaterThan(5);
  });

  it("keeps no more of times that are given again and again than of those that count", () => {
    const hash = new HashValue();
    for (let i = 0; i < 50; i++)
      hash.set(`f${i}`, "v", { limits: DEFAULT_LIMITS, expiresAtMs: 10 });
    for (let i = 0; i < 10_000; i++) hash.setExpiry("f7", 1000 + i);
    for (let i = 0; i < 10_000; i++) hash.setExpiry("f7", 20_000 - i);
    expect(hash.deleteExpired(11, Infinity).length).toBe(49);
    expect(hash.deleteExpired(10_000, Infinity)).toEqual([]);
    expect(hash.elementsExpireAtMs).toBe(10_001);
    expect(hash.deleteExpired(10_002, Infinity)).toEqual(["f7"]);
    expect(hash.elementsExpireAtMs).toBe(0);
  });

  it("deletes the soonest first, and what expires this very moment not yet", () => {
    const hash = new HashValue();
    const times = [50, 10, 40, 20, 30];
    for (const ms of times) hash.set(`at ${ms}`, "v", { limits: DEFAULT_LIMITS, expiresAtMs: ms });
    expect(hash.deleteExpired(10, Infinity)).toEqual([]);
    expect(hash.deleteExpired(41, 3)).toEqual(["at 10", "at 20", "at 30"]);
    expect(hash.deleteExpired(41, 3)).toEqual(["at 40"]);
    expect([...fieldsOf(hash).keys()]).toEqual(["at 50"]);
  });

  it("is compact up to the limits, and says how it is kept", () => {
    const hash = new HashValue();
    for (let i = 0; i < 8; i++) hash.set(`f${i}`, "0123456789", { limits: SMALL });
    expect(hash.encoding).toBe("listpack");
    hash.setExpiry("f0", 5);
    expect(hash.encoding).toBe("listpackex");
    hash.setExpiry("f0", 0);
    expect(hash.encoding).toBe("listpack");
    const other = hash.clone();
    hash.set("f8", "", { limits: SMALL });
    expect(hash.encoding).toBe("hashtable");
    other.set("f0", "01234567890", { limits: SMALL });
    expect(other.encoding).toBe("hashtable");
    other.delete("f0");
    expect(other.encoding).toBe("hashtable");
  });
});

describe("a digest", () => {
  it("depends on which fields expire, not on when", () => {
    const digest = (expiresAtMs: number): string => {
      const hash = new HashValue();
      hash.set("a", "1", { limits: DEFAULT_LIMITS, expiresAtMs });
      let text = "";
      hash.digest({ inOrder: () => {}, element: (...texts) => (text += texts.join(" ")) });
      return text;
    };
    expect(digest(1)).toBe(digest(2));
    expect(digest(0)).toBe("a 1");
    expect(digest(1)).not.toBe(digest(0));
  });
});
