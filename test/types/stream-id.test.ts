import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  idDifference,
  idPlus,
  LAST_ID,
  parseId,
  parseOpenId,
  streamId,
} from "../../shared/types/stream-id.ts";

const MAX = 2n ** 64n - 1n;
const halves = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX }),
  fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n, MAX),
);
const ids = fc.tuple(halves, halves);

describe("an ID", () => {
  test("is exact over its whole range, in text and back", () => {
    fc.assert(
      fc.property(ids, ([ms, sequence]) => {
        const id = streamId(ms, sequence);
        expect(id).toHaveLength(16);
        expect(formatId(id)).toBe(`${ms}-${sequence}`);
        expect(parseId(`${ms}-${sequence}`)).toBe(id);
      }),
    );
  });

  test("is the same made of numbers as of bigints", () => {
    expect(streamId(1526919030474, 55)).toBe(streamId(1526919030474n, 55n));
    expect(streamId(2 ** 53 - 1, 2 ** 32)).toBe(streamId(2n ** 53n - 1n, 2n ** 32n));
  });

  test("compares as its two numbers do", () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const isLess = a[0] === b[0] ? a[1] < b[1] : a[0] < b[0];
        expect(streamId(...a) < streamId(...b)).toBe(isLess);
      }),
    );
  });

  test("has a next one and one before, but at the ends", () => {
    fc.assert(
      fc.property(ids, ([ms, sequence]) => {
        const whole = (ms << 64n) | sequence;
        const id = streamId(ms, sequence);
        const shown = (value: bigint): string => `${value >> 64n}-${value & MAX}`;
        const after = id === LAST_ID ? FIRST_ID : idAfter(id)!;
        expect(formatId(after)).toBe(shown(BigInt.asUintN(128, whole + 1n)));
        const before = id === FIRST_ID ? LAST_ID : idBefore(id)!;
        expect(formatId(before)).toBe(shown(BigInt.asUintN(128, whole - 1n)));
      }),
    );
    expect(idAfter(LAST_ID)).toBeUndefined();
    expect(idBefore(FIRST_ID)).toBeUndefined();
  });

  test("is found again from another one and their difference", () => {
    fc.assert(
      fc.property(ids, ids, (a, b) => {
        const { ms, sequence } = idDifference(streamId(...a), streamId(...b));
        expect(idPlus(streamId(...a), ms, sequence)).toBe(streamId(...b));
      }),
    );
  });
});

describe("the text of an ID", () => {
  test.each([
    ["5", "5-0"],
    ["05-1", "5-1"],
    ["+5-+1", "5-1"],
    [" \t5- 1", "5-1"],
    ["5--01", "5-18446744073709551615"],
    ["5-1\0x", "5-1"],
    ["18446744073709551615", "18446744073709551615-0"],
    [`${"0".repeat(100)}5-7`, "5-7"],
  ])("%j is %s", (text, id) => {
    expect(formatId(parseId(text)!)).toBe(id);
  });

  test.each([
    "",
    "-",
    "+",
    "x",
    "1-",
    "-1",
    "1--1",
    "1-x",
    "1-1-1",
    "1.5",
    "0x1",
    "1 ",
    "18446744073709551616",
    "1-18446744073709551616",
    `${"0".repeat(126)}5-7`,
  ])("%j is none", (text) => {
    expect(parseId(text)).toBeUndefined();
  });

  test("may leave the sequence open", () => {
    expect(parseOpenId("5-*")).toBe(5);
    expect(parseOpenId("18446744073709551615-*")).toBe(MAX);
    for (const text of ["5", "5-1", "*", "-*", "5-**", "5- *"]) {
      expect(parseOpenId(text)).toBeUndefined();
    }
  });
});
