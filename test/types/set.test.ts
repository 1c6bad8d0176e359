// Sets beside a plain Set, in every form they travel in.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import {
  admitPart,
  completeParts,
  decodeHead,
  decodeValue,
  encodeHead,
  encodeValue,
  openValue,
} from "../../shared/rdb/codec.ts";
import { RdbError } from "../../shared/rdb/reader.ts";
import { DEFAULT_LIMITS, EXPANDED_LIMITS, type Limits } from "../../shared/types/limits.ts";
import { compareIntegers, SetValue } from "../../shared/types/set.ts";

const SMALL: Limits = { ...DEFAULT_LIMITS, intsetEntries: 8 };

function setOf(members: readonly string[], limits: Limits = DEFAULT_LIMITS): SetValue {
  const set = new SetValue();
  for (const member of members) set.add(member, limits);
  return set;
}

function sorted(set: SetValue): string[] {
  return [...set.members()].toSorted();
}

/** Through the store: parts and what stands beside them. */
function stored(set: SetValue): SetValue {
  set.parts.space = 1;
  const head = decodeHead("set", encodeHead(set).body);
  const copy = openValue(head);
  for (const part of set.parts.all()) admitPart(copy, part.number, part.encode());
  completeParts(copy, head);
  set.parts.space = 0;
  return copy as SetValue;
}

function dumped(set: SetValue, limits: Limits = DEFAULT_LIMITS): SetValue {
  const { type, body } = encodeValue(set);
  return decodeValue(type, body, limits) as SetValue;
}

describe("an intset", () => {
  const WIDE = ["-9223372036854775808", "-9007199254740993", "-9007199254740992", "-10", "-9"];
  const INTEGERS = [...WIDE, "0", "9", "10", "9007199254740992", "9007199254740993"];

  it("is walked in the order of its numbers, beyond 2^53 too", () => {
    const set = setOf(INTEGERS.toReversed());
    expect([...set.members()]).toEqual(INTEGERS);
    set.delete("0");
    set.add("1", DEFAULT_LIMITS);
    expect([...set.members()]).toEqual(INTEGERS.map((member) => (member === "0" ? "1" : member)));
    expect(set.scan(5, 1)).toEqual({ found: [...set.members()], next: 0 });
  });

  it("compares as BigInt does", () => {
    for (const a of INTEGERS) {
      for (const b of INTEGERS) {
        const wanted = BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
        expect(Math.sign(compareIntegers(a, b)) + 0).toBe(wanted);
      }
    }
  });

  it("becomes a hashtable with what is no integer, or with too many, and stays one", () => {
    const set = setOf(["1", "2"]);
    expect(set.encoding).toBe("intset");
    set.add("02", DEFAULT_LIMITS);
    set.delete("02");
    expect(set.encoding).toBe("hashtable");
    const large = setOf(["1", "2", "3", "4", "5", "6", "7", "8"], SMALL);
    expect(large.encoding).toBe("intset");
    large.add("9", SMALL);
    expect(large.encoding).toBe("hashtable");
    expect(setOf(["1"], EXPANDED_LIMITS).encoding).toBe("hashtable");
  });
});

describe("a set holds what a plain Set holds", () => {
  it.each([1, 2, 3])("whatever happens to it, seed %i", (seed) => {
    const random = seededRandom(seed);
    const known = new Set<string>();
    const set = new SetValue();
    let wrong = 0;
    for (let i = 0; i < 10_000; i++) {
      const member = String(Math.floor(random.next() * (seed === 1 ? 8 : 2000)));
      const isAdded = random.next() < (i < 6000 ? 0.8 : 0.3);
      const isChanged = isAdded ? set.add(member, SMALL) : set.delete(member);
      if (isChanged !== (known.has(member) !== isAdded)) wrong++;
      if (isAdded) known.add(member);
      else known.delete(member);
      if (set.size !== known.size) wrong++;
    }
    expect(wrong).toBe(0);
    set.add("7", SMALL);
    known.add("7");
    const all = [...known].toSorted();
    expect(sorted(set)).toEqual(all);
    expect(sorted(set.clone())).toEqual(all);
    expect(sorted(dumped(set))).toEqual(all);
    expect(sorted(dumped(set, EXPANDED_LIMITS))).toEqual(all);
    expect(set.isIntset ? all : sorted(stored(set))).toEqual(all);
    const twin = set.clone();
    twin.add("another", SMALL);
    expect(set.has("another")).toBe(false);
    expect(known.has(set.random(random))).toBe(true);
  });

  it("and a walk sees each member once, though others come and go", () => {
    const set = new SetValue();
    for (let i = 0; i < 3000; i++) set.add(`m${i}`, DEFAULT_LIMITS);
    const seen = new Map<string, number>();
    let cursor = 0;
    let round = 0;
    do {
      const { found, next } = set.scan(cursor, 10);
      for (const member of found) seen.set(member, (seen.get(member) ?? 0) + 1);
      set.add(`new${round}`, DEFAULT_LIMITS);
      set.delete(`new${round - 3}`);
      round++;
      cursor = next;
    } while (cursor !== 0);
    for (let i = 0; i < 3000; i++) expect(seen.get(`m${i}`)).toBe(1);
  });
});

describe("a stored set", () => {
  it("has one changed part where one member of many changed", () => {
    const set = new SetValue();
    for (let i = 0; i < 10_000; i++) set.add(`member ${i}`, DEFAULT_LIMITS);
    set.parts.stored();
    expect([...set.parts.changed()]).toHaveLength(0);
    set.delete("member 5");
    expect([...set.parts.changed()]).toHaveLength(1);
    set.parts.stored();
    expect(set.add("member 6", DEFAULT_LIMITS)).toBe(false);
    expect(set.delete("nothing")).toBe(false);
    expect(set.parts.count).toBeGreaterThan(50);
  });

  it("that says a member twice, or more than there are, is refused", () => {
    expect(() => decodeValue(2, "\x02\x01a\x01a", DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(2, "\x03\x01a\x01b", DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(2, "\x00", DEFAULT_LIMITS)).toThrow(RdbError);
    const huge = "\x81\x00\x1f\xff\xff\xff\xff\xff\xff\x01a";
    expect(() => decodeValue(2, huge, DEFAULT_LIMITS)).toThrow(RdbError);
  });
});
