import { describe, expect, test } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { intsetMembers } from "../../shared/rdb/intset.ts";
import { signedDigits, unpackString } from "../../shared/rdb/packed.ts";
import { encodeString, littleEndian32 } from "../../shared/rdb/primitives.ts";
import { RdbError, RdbReader } from "../../shared/rdb/reader.ts";
import { ziplistEntries } from "../../shared/rdb/ziplist.ts";
import { zipmapPairs } from "../../shared/rdb/zipmap.ts";
import { COMPRESSED } from "./support/bodies.ts";
import { intset, ziplist, zipmap } from "./support/packed.ts";

/** The ends of every width that a format has. */
const INTEGERS = [0n, 12n, 13n, 127n, 128n, 32767n, 32768n, 8388607n, 8388608n, 2n ** 31n - 1n]
  .concat([2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n])
  .flatMap((value) => [String(value), String(-value - 1n)]);
const TEXTS = ["", "a", "-", "-0", "007", "1.5", "9223372036854775808", "\x00\xff", "\xff\xff"];
const LONG = [63, 64, 253, 254, 255, 16_383, 16_384, 70_000].map((size) => "x".repeat(size));

const FORMATS = [
  { name: "a ziplist", pack: (items: string[]) => ziplist(items), unpack: ziplistEntries },
  {
    name: "a ziplist with wide lengths",
    pack: (items: string[]) => ziplist(items, { isWide: true }),
    unpack: ziplistEntries,
  },
  { name: "a zipmap", pack: (items: string[]) => zipmap(even(items)), unpack: zipmapPairs },
  {
    name: "a zipmap with unused bytes",
    pack: (items: string[]) => zipmap(even(items), 3),
    unpack: zipmapPairs,
  },
];

function even(items: string[]): string[] {
  return items.slice(0, items.length & ~1);
}

describe.each(FORMATS)("$name", ({ name, pack, unpack }) => {
  const wanted = (items: string[]): string[] => (name.includes("map") ? even(items) : items);

  test("gives back what was packed, in its order", () => {
    for (const items of [[], INTEGERS, TEXTS.slice(1), LONG, [...TEXTS, ...LONG, ...INTEGERS]]) {
      expect(unpack(pack(items))).toEqual(wanted(items));
    }
  });

  test("of more elements than it can count gives them all", () => {
    const items = Array.from({ length: 70_000 }, (_, i) => String(i * 7));
    expect(unpack(pack(items))).toEqual(items);
  });

  test("that was cut is damaged, wherever that was", () => {
    const packed = pack(["a", "12", "b".repeat(300), "-70000"]);
    for (let size = 0; size < packed.length; size++) {
      expect(() => unpack(packed.slice(0, size))).toThrow(RdbError);
    }
  });

  test("with a bit changed is damaged or holds other elements, and nothing else", () => {
    const packed = pack(["a", "12", "b".repeat(300), "-70000", "", "99999999999"]);
    for (let at = 0; at < packed.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const byte = String.fromCharCode(packed.charCodeAt(at) ^ (1 << bit));
        const changed = packed.slice(0, at) + byte + packed.slice(at + 1);
        expect(() => orError(() => unpack(changed))).not.toThrow();
      }
    }
  });
});

/** Damage is a result like any other; what else is thrown is thrown on. */
function orError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof RdbError) return error;
    throw error;
  }
}

describe("an intset", () => {
  test("gives its integers in ascending order, exactly", () => {
    for (const bits of [15, 31, 63]) {
      const members = INTEGERS.filter(
        (text) => BigInt.asIntN(bits + 1, BigInt(text)) === BigInt(text),
      );
      expect(intsetMembers(intset(members))).toEqual(
        members.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1)),
      );
    }
    expect(intsetMembers(intset([]))).toEqual([]);
  });

  test("that was cut is damaged, wherever that was", () => {
    const packed = intset(["1", "2", "70000"]);
    for (let size = 0; size < packed.length; size++) {
      expect(() => intsetMembers(packed.slice(0, size))).toThrow(RdbError);
    }
  });
});

describe("digits of a number of so many bytes", () => {
  test("are those of the number", () => {
    const random = seededRandom(3);
    for (let i = 0; i < 2000; i++) {
      const size = 1 + (i % 8);
      const bytes = Array.from({ length: size }, () => Math.floor(random.next() * 256));
      const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      expect(signedDigits(String.fromCharCode(...bytes))).toBe(
        String(BigInt.asIntN(size * 8, value)),
      );
    }
  });
});

describe("damage is named by its byte and by what should stand there", () => {
  const AB = ziplist(["a", "b"]);
  const splice = (text: string, at: number, bytes: string): string =>
    text.slice(0, at) + bytes + text.slice(at + bytes.length);

  const DAMAGED = [
    ["a ziplist's size", ziplistEntries, splice(AB, 0, "\x20"), 0, /size, which is 17 bytes/],
    ["its last offset", ziplistEntries, splice(AB, 4, "\x0a"), 4, /offset of the last entry, 13/],
    ["its count", ziplistEntries, splice(AB, 8, "\x03"), 8, /number of entries, 2/],
    ["a length of the one before", ziplistEntries, splice(AB, 13, "\x04"), 13, /before, 3/],
    ["an encoding", ziplistEntries, splice(AB, 11, "\xc1"), 11, /encoding of ziplists, not 193/],
    ["an early end", ziplistEntries, splice(AB, 13, "\xff"), 14, /no bytes behind/],
    ["a missing end", ziplistEntries, splice(AB, 16, "\x03"), 17, /1 more bytes/],
    ["a zipmap's count", zipmapPairs, "\x02\x01f\x01\x00v\xff", 0, /number of pairs, 1/],
    ["an end in place of a value", zipmapPairs, "\x01\x01f\xff", 3, /size, not the zipmap's end/],
    ["bytes behind a zipmap", zipmapPairs, "\x00\xff\xff", 2, /no bytes behind/],
    ["an intset's width", intsetMembers, splice(intset(["1"]), 0, "\x03"), 0, /2, 4 or 8/],
    ["an intset's count", intsetMembers, splice(intset(["1"]), 4, "\x02"), 4, /integers, 1/],
    ["a wrong order", intsetMembers, intset(["1", "2"]).slice(0, 10) + "\x01\0", 10, /above 1/],
  ] as const;

  test.each(DAMAGED)("%s", (_, unpack, packed, offset, expected) => {
    expect(() => unpack(packed)).toThrow(
      expect.objectContaining({
        name: "RdbError",
        offset,
        expected: expect.stringMatching(expected),
      }),
    );
  });

  test("counted from where the value begins", () => {
    const reader = new RdbReader(`..${encodeString(splice(AB, 13, "\x04"))}`);
    reader.at = 2;
    expect(() => unpackString(reader, ziplistEntries)).toThrow(
      expect.objectContaining({ offset: 2 + 1 + 13 }),
    );
  });

  test("as a byte of what was compressed, where it was", () => {
    const reader = new RdbReader(COMPRESSED);
    expect(() => unpackString(reader, ziplistEntries)).toThrow(
      "RDB byte 0: expected the ziplist's size, which is 100 bytes at byte 0 of what is compressed here",
    );
  });

  test("an intset that promises four thousand million integers reserves nothing for them", () => {
    expect(() => intsetMembers(littleEndian32(2) + littleEndian32(-1))).toThrow(RdbError);
  });
});
