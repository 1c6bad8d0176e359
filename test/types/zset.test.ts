// Sorted sets beside a plain Map, in every form they travel in.

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
import { zsetFromPairs } from "../../shared/rdb/zset.ts";
import { DEFAULT_LIMITS, EXPANDED_LIMITS, type Limits } from "../../shared/types/limits.ts";
import { ZsetValue } from "../../shared/types/zset.ts";

const SMALL: Limits = { ...DEFAULT_LIMITS, zsetEntries: 8, zsetValue: 10 };

/** Through the store: parts and what stands beside them. */
function stored(zset: ZsetValue): ZsetValue {
  zset.parts.space = 1;
  const head = decodeHead("zset", encodeHead(zset).body);
  const copy = openValue(head);
  for (const part of zset.parts.all()) admitPart(copy, part.number, part.encode());
  completeParts(copy, head);
  zset.parts.space = 0;
  return copy as ZsetValue;
}

function dumped(zset: ZsetValue, limits: Limits = DEFAULT_LIMITS): ZsetValue {
  const { type, body } = encodeValue(zset);
  return decodeValue(type, body, limits) as ZsetValue;
}

function inOrder(zset: ZsetValue): [string, number][] {
  const { members, scores } = zset.slice(0, zset.size);
  return members.map((member, i) => [member, scores[i]!]);
}

const SCORES = [0, 1, 1.5, -3, 0.1, Infinity, -Infinity, 1e17, 5e-324, 2 ** 53];

describe("a sorted set holds what a plain Map holds", () => {
  it.each([1, 2, 3])("whatever happens to it, seed %i", (seed) => {
    const random = seededRandom(seed);
    const draw = (max: number): number => Math.floor(random.next() * max);
    const known = new Map<string, number>();
    const zset = new ZsetValue();
    let wrong = 0;
    for (let i = 0; i < 6000; i++) {
      const member = `member ${draw(seed === 1 ? 9 : 1500)}`;
      if (random.next() < (i < 4000 ? 0.8 : 0.3)) {
        const score = random.next() < 0.5 ? SCORES[draw(SCORES.length)]! : draw(1000) / 8;
        zset.set(member, score, SMALL);
        known.set(member, score);
      } else if (zset.delete(member) !== known.delete(member)) wrong++;
      if (zset.size !== known.size || zset.score(member) !== known.get(member)) wrong++;
    }
    expect(wrong).toBe(0);
    zset.set("last", 7, SMALL);
    known.set("last", 7);
    const byScore = (a: [string, number], b: [string, number]): number => {
      return a[1] === b[1] ? (a[0] < b[0] ? -1 : 1) : a[1] < b[1] ? -1 : 1;
    };
    const all = [...known].sort(byScore);
    expect(inOrder(zset)).toEqual(all);
    for (const copy of [zset.clone(), dumped(zset), dumped(zset, EXPANDED_LIMITS), stored(zset)]) {
      expect(inOrder(copy)).toEqual(all);
      expect(all.map(([member]) => copy.rank(member))).toEqual(all.map((_, rank) => rank));
      expect(all.map(([member]) => copy.score(member))).toEqual(all.map(([, score]) => score));
    }
    const twin = zset.clone();
    twin.set("another", 1, SMALL);
    twin.delete(all[0]?.[0] ?? "");
    expect(inOrder(zset)).toEqual(all);
  });
});

describe("a compact sorted set", () => {
  it("becomes a skiplist with a long member, or with too many, and stays one", () => {
    const zset = new ZsetValue();
    for (let i = 0; i < 8; i++) zset.set(`m${i}`, i, SMALL);
    zset.set("m0", 9, SMALL);
    expect(zset.encoding).toBe("listpack");
    zset.set("one more", 1, SMALL);
    expect(zset.encoding).toBe("skiplist");
    zset.delete("one more");
    expect(zset.encoding).toBe("skiplist");
    const long = new ZsetValue();
    long.set("eleven char", 1, SMALL);
    expect(long.encoding).toBe("skiplist");
  });

  it("is one part, however large its settings let it be", () => {
    const zset = new ZsetValue();
    const limits = { zsetEntries: 10_000, zsetValue: 64 };
    for (let i = 0; i < 5000; i++) zset.set(`member ${i}`, i, limits);
    expect([zset.encoding, zset.parts.count]).toEqual(["listpack", 1]);
    zset.set("x".repeat(65), 1, limits);
    expect(zset.encoding).toBe("skiplist");
    expect(zset.parts.count).toBeGreaterThan(20);
  });

  it("has no -0, as a listpack; an expanded one has", () => {
    const zset = new ZsetValue();
    zset.set("a", -0, SMALL);
    expect(Object.is(zset.score("a"), 0)).toBe(true);
    const expanded = new ZsetValue({ isCompact: false });
    expanded.set("a", -0, SMALL);
    expect(Object.is(expanded.score("a"), -0)).toBe(true);
    expect(Object.is(dumped(expanded, EXPANDED_LIMITS).score("a"), -0)).toBe(true);
  });
});

describe("a stored sorted set", () => {
  it("has one changed part where one score of many changed", () => {
    const zset = new ZsetValue();
    for (let i = 0; i < 10_000; i++) zset.set(`member ${i}`, i, DEFAULT_LIMITS);
    zset.parts.stored();
    zset.set("member 5", 77.5, DEFAULT_LIMITS);
    expect([...zset.parts.changed()]).toHaveLength(1);
    zset.parts.stored();
    zset.delete("member 6");
    expect([...zset.parts.changed()]).toHaveLength(1);
    zset.parts.stored();
    zset.delete("nothing");
    expect([...zset.parts.changed()]).toHaveLength(0);
  });

  it("keeps the books of its parts while it grows and shrinks", () => {
    const zset = new ZsetValue();
    const rows = new Map<number, string>();
    const random = seededRandom(7);
    for (let i = 0; i < 8000; i++) {
      const member = `member ${Math.floor(random.next() * 1500)}`;
      if (random.next() < (i < 4000 ? 0.8 : 0.2)) zset.set(member, i, DEFAULT_LIMITS);
      else zset.delete(member);
      if (i % 1000 !== 999) continue;
      for (const number of zset.parts.gone()) rows.delete(number);
      for (const part of zset.parts.changed()) rows.set(part.number, part.encode());
      zset.parts.stored();
      const copy = new ZsetValue({ isCompact: false });
      for (const [number, body] of [...rows].sort(([a], [b]) => a - b)) {
        admitPart(copy, number, body);
      }
      expect(inOrder(copy)).toEqual(inOrder(zset));
      expect(copy.byteCount).toBe(zset.byteCount);
    }
  });

  it("is read from scores in text, as old Redis wrote them", () => {
    const body = "\x04\x01a\x011\x01b\x041e17\x01c\xfe\x01d\xff";
    const zset = decodeValue(3, body, DEFAULT_LIMITS) as ZsetValue;
    expect(inOrder(zset)).toEqual([
      ["d", -Infinity],
      ["a", 1],
      ["b", 1e17],
      ["c", Infinity],
    ]);
    expect(zsetFromPairs(["a", "1.5", "b", "-inf"], DEFAULT_LIMITS).score("a")).toBe(1.5);
  });

  it("that is damaged is refused", () => {
    const one = `\x01a${"\0".repeat(8)}`;
    expect(() => decodeValue(5, `\x02${one}${one}`, DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(5, `\x02${one}`, DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(5, "\x00", DEFAULT_LIMITS)).toThrow(RdbError);
    const nan = "\x01a\x00\x00\x00\x00\x00\x00\xf8\x7f";
    expect(() => decodeValue(5, `\x01${nan}`, DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(3, "\x01\x01a\xfd", DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => zsetFromPairs(["a", "nan"], DEFAULT_LIMITS)).toThrow(RdbError);
  });
});
