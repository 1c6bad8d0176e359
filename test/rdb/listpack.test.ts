import { describe, expect, test } from "vitest";

import { encodeListpack, listpackEntries } from "../../shared/rdb/listpack.ts";
import { RdbError } from "../../shared/rdb/reader.ts";

/** The ends of every width that an integer has. */
const INTEGERS = [0n, 127n, 128n, 4095n, 4096n, 32767n, 32768n, 2n ** 23n - 1n, 2n ** 23n]
  .concat([2n ** 31n - 1n, 2n ** 31n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n])
  .flatMap((value) => [String(value), String(-value - 1n)]);
const TEXTS = ["", "a", "-", "-0", "007", "+1", "1.5", " 1", "9223372036854775808", "\x00\xff"];
/** The ends of what strings' lengths, and the sizes behind elements, take. */
const LONG = [62, 63, 64, 125, 126, 4095, 4096, 16_376, 16_377, 16_378, 16_383].map((size) =>
  "x".repeat(size),
);
const HUGE = [2_097_140, 2_097_145, 2_097_146, 2_097_151].map((size) => "y".repeat(size));
const ALL = [...INTEGERS, ...TEXTS, ...LONG];

/** What is in there, or the damage; any other error is thrown. */
function outcome(packed: string): string[] | RdbError {
  try {
    return listpackEntries(packed);
  } catch (error) {
    if (error instanceof RdbError) return error;
    throw error;
  }
}

describe("a listpack", () => {
  test("gives back what was packed, in its order", () => {
    for (const entries of [[], ALL, HUGE]) {
      expect(listpackEntries(encodeListpack(entries))).toEqual(entries);
    }
  });

  test("of more elements than it can count gives them all", () => {
    const entries = Array.from({ length: 70_000 }, (_, i) => String(i * 7));
    expect(listpackEntries(encodeListpack(entries))).toEqual(entries);
  });

  test("is what Redis 7.0.15 writes", () => {
    const written =
      "800000000e0001018161020501dff402df7f02f1ff7f03860a0b0c0d0e0f07f30000800005817802" +
      "f290eefe04817902f40000000001000000098001e040787878787878787878787878787878787878" +
      "78787878787878787878787878787878787878787878787878787878787878787878787878787878" +
      "78787878787842ff";
    const integers = ["1", "a", "5", "-12", "-129", "32767", "\n\v\f\r\x0e\x0f", "8388608"];
    const entries = [...integers, "x", "-70000", "y", "4294967296", "", "x".repeat(64)];
    expect(Buffer.from(encodeListpack(entries), "latin1").toString("hex")).toBe(written);
  });

  test("that was cut is damaged, wherever that was", () => {
    const packed = encodeListpack(["a", "12", "b".repeat(300), "-70000", "5000"]);
    for (let size = 0; size < packed.length; size++) {
      expect(() => listpackEntries(packed.slice(0, size))).toThrow(RdbError);
    }
  });

  test("with a bit changed is damaged or holds other elements, and nothing else", () => {
    const entries = ["a", "12", "b".repeat(70), "-70000", "5000", "4294967296"];
    const packed = encodeListpack(entries);
    for (let bit = 0; bit < packed.length * 8; bit++) {
      const at = bit >> 3;
      const byte = String.fromCharCode(packed.charCodeAt(at) ^ (1 << (bit & 7)));
      const found = outcome(packed.slice(0, at) + byte + packed.slice(at + 1));
      expect(found).not.toEqual(entries);
    }
  });

  test.each([
    ["a header", "\x07\x00\x00", 3, "the header of a listpack"],
    ["the right size", "\x09\0\0\0\0\0\xff", 0, "the listpack's size, which is 7 bytes"],
    ["a known encoding", "\x09\0\0\0\x01\0\xf5\x01\xff", 6, "an encoding of listpacks, not 245"],
    ["whole elements", "\x09\0\0\0\x01\0\x85a\xff", 6, "an element that ends within the listpack"],
    [
      "sizes that are right",
      "\x09\0\0\0\x01\0\x05\x02\xff",
      7,
      "the size of the element before, 1",
    ],
    ["the right count", "\x09\0\0\0\x02\0\x05\x01\xff", 4, "the number of elements, 1"],
    ["one end", "\x09\0\0\0\0\0\xff\x01\xff", 6, "the end of the listpack"],
  ])("needs %s, and says at which byte it lacks", (_what, packed, offset, expected) => {
    expect(() => listpackEntries(packed)).toThrow(new RdbError(offset, expected));
  });
});
