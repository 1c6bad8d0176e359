// Bits of strings beside an array of bits, on strings short and long: those are looked at in words.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { bitAt, byteWithBit, combineBits, countBits, findBit } from "../../shared/types/bitmap.ts";

const LENGTHS = [0, 1, 2, 3, 8, 9, 255, 256, 257, 300, 1027, 65_540, 131_500];
const KINDS = ["zeros", "ones", "random"] as const;

const random = seededRandom(7);
const below = (limit: number): number => Math.floor(random.next() * limit);

/** The string with this bit, and with zeros up to it where it was shorter. */
function withBit(text: string, bitAt: number, bit: 0 | 1): string {
  const { at, bytes } = byteWithBit(text, bitAt, bit);
  return text.slice(0, at).padEnd(at, "\0") + bytes + text.slice(at + 1);
}

/** Mostly equal bytes, so that searches go far. */
function textOf(length: number, kind: (typeof KINDS)[number]): string {
  if (kind !== "random") return (kind === "zeros" ? "\0" : "\xff").repeat(length);
  return Array.from({ length }, () => String.fromCharCode(below(256))).join("");
}

function bitsOf(text: string): number[] {
  return Array.from({ length: text.length * 8 }, (_, at) => {
    return (text.charCodeAt(Math.floor(at / 8)) >> (7 - (at % 8))) & 1;
  });
}

function rangesOf(bitCount: number): { from: number; to: number }[] {
  const some = Array.from({ length: bitCount < 10_000 ? 40 : 8 }, () => {
    const [a, b] = [below(bitCount + 1), below(bitCount + 1)];
    return { from: Math.min(a, b), to: Math.max(a, b) };
  });
  return [{ from: 0, to: bitCount }, { from: 0, to: 0 }, ...some];
}

describe.each(KINDS)("a string of %s", (kind) => {
  it.each(LENGTHS)("of %i bytes is counted and searched by ranges of bits", (length) => {
    let text = textOf(length, kind);
    if (length > 0) {
      for (let i = 0; i < 2; i++) text = withBit(text, below(length * 8), below(2) as 0 | 1);
    }
    const bits = bitsOf(text);
    for (const { from, to } of rangesOf(bits.length)) {
      const part = bits.slice(from, to);
      const place = (bit: number) => (part.includes(bit) ? from + part.indexOf(bit) : -1);
      const found = [
        countBits(text, { from, to }),
        findBit(text, 0, { from, to }),
        findBit(text, 1, { from, to }),
      ];
      const ones = part.reduce((sum, bit) => sum + bit, 0);
      expect({ from, to, found }).toEqual({ from, to, found: [ones, place(0), place(1)] });
    }
  });
});

describe("one bit", () => {
  it("is set and cleared without touching others, and the string grows up to it", () => {
    let text = "";
    const bits: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const at = below(3000);
      const bit = below(2) as 0 | 1;
      expect(bitAt(text, at)).toBe(bits[at] ?? 0);
      text = withBit(text, at, bit);
      while (bits.length < (Math.floor(at / 8) + 1) * 8) bits.push(0);
      bits[at] = bit;
      expect(text.length * 8).toBe(bits.length);
    }
    expect(bitsOf(text)).toEqual(bits);
  });
});

describe("several strings", () => {
  const combined = (texts: readonly string[], combine: (bytes: number[]) => number): string => {
    const length = Math.max(...texts.map((text) => text.length));
    return Array.from({ length }, (_, i) =>
      String.fromCharCode(combine(texts.map((text) => (i < text.length ? text.charCodeAt(i) : 0)))),
    ).join("");
  };

  it.each([0, 1, 3, 4, 5, 17, 300, 5001])("of up to %i bytes are combined bytewise", (length) => {
    for (let count = 1; count <= 4; count++) {
      const texts = Array.from({ length: count }, () => textOf(below(length + 1), "random"));
      expect(combineBits("and", texts)).toBe(combined(texts, (b) => b.reduce((x, y) => x & y)));
      expect(combineBits("or", texts)).toBe(combined(texts, (b) => b.reduce((x, y) => x | y)));
      expect(combineBits("xor", texts)).toBe(combined(texts, (b) => b.reduce((x, y) => x ^ y)));
    }
    const [text] = [textOf(length, "random")];
    expect(combineBits("not", [text])).toBe(combined([text], ([byte]) => ~byte! & 255));
  });
});
