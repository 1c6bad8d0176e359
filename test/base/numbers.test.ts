import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  addIntegers,
  bitLength,
  formatDouble,
  parseFloat64,
  parseInteger,
  shiftRightEven,
} from "../../shared/base/numbers.ts";

const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n };
const int64 = fc.oneof(
  fc.bigInt(INT64),
  fc.constantFrom(INT64.min, INT64.max, 2n ** 53n, -(2n ** 53n), 0n),
  fc.maxSafeInteger().map(BigInt),
);

function isInt64(value: bigint): boolean {
  return value >= INT64.min && value <= INT64.max;
}

/** A number where that is exact. */
function ours(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

describe("an integer", () => {
  test("is any int64 in canonical digits", () => {
    fc.assert(
      fc.property(int64, (value) => {
        expect(parseInteger(String(value))).toBe(ours(value));
      }),
    );
  });

  const REFUSED = [
    ["", "-", "+1", " 1", "1 ", "01", "-01", "-0", "1.0", "1e3", "0x1", "a", "1a", "--1", "\0"],
    ["9223372036854775808", "-9223372036854775809", "100000000000000000000"],
  ].flat();

  test.each(REFUSED)("is not %j", (text) => {
    expect(parseInteger(text)).toBeUndefined();
  });

  test("plus an integer is exact, or undefined beyond int64", () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        expect(addIntegers(ours(a), ours(b))).toBe(isInt64(a + b) ? ours(a + b) : undefined);
      }),
    );
  });
});

describe("a double", () => {
  const READ = [
    ["1", 1],
    ["+1.5", 1.5],
    [".5", 0.5],
    ["5.", 5],
    ["1E5", 100000],
    ["-0", -0],
    ["0e-9999", 0],
    ["4.9e-324", 5e-324],
    ["inf", Infinity],
    ["-INF", -Infinity],
    ["+Infinity", Infinity],
    ["0x10", 16],
    ["0X1.8p3", 12],
    ["-0x.8", -0.5],
    ["0x1p-1074", 5e-324],
    ["0x1fffffffffffff8", 2 ** 57],
    ["0x1.fffffffffffffp1023", Number.MAX_VALUE],
  ] as const;

  test.each(READ)("%s is read", (text, value) => {
    expect(parseFloat64(text)).toBe(value);
  });

  const REFUSED = [
    ["", " 1", "1 ", "1\n", "nan", "-nan", "nan(1)", "infi", "in", ".", "1e", "1e+", "+", "-"],
    ["1_0", "1,5", "1f", "0x", "0x.", "0xp1", "1\0", "1e400", "1e-400", "0x1p1024", "0x1p-1076"],
  ].flat();

  test.each(REFUSED)("%j is none", (text) => {
    expect(parseFloat64(text)).toBeUndefined();
  });

  test("is refused in linear time", () => {
    expect(parseFloat64(`${"1".repeat(1_000_000)}x`)).toBeUndefined();
  });

  const WRITTEN = [
    [3, "3"],
    [0.1, "0.10000000000000001"],
    [-1.5, "-1.5"],
    [1e16, "10000000000000000"],
    [1e17, "1e+17"],
    [123456789012345680, "1.2345678901234568e+17"],
    [1e-4, "0.0001"],
    [1e-5, "1.0000000000000001e-05"],
    [1e100, "1e+100"],
    [5e-324, "4.9406564584124654e-324"],
    [-0, "-0"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [NaN, "nan"],
  ] as const;

  test.each(WRITTEN)("%d is written with 17 digits at most", (value, text) => {
    expect(formatDouble(value)).toBe(text);
  });

  test("between two digits is written with the even one", () => {
    expect(formatDouble(2 ** 50 + 0.25)).toBe("1125899906842624.2");
    expect(formatDouble(2 ** 50 + 0.75)).toBe("1125899906842624.8");
    expect(formatDouble(-(2 ** 50) - 0.25)).toBe("-1125899906842624.2");
  });

  test("is what is read from what was written", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (value) => {
        expect(parseFloat64(formatDouble(value))).toBe(value);
      }),
    );
  });
});

describe("bits", () => {
  test("of a positive number are counted", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 200n }), (value) => {
        expect(bitLength(value)).toBe(value.toString(2).length);
      }),
    );
  });

  test("are dropped to the nearest, and in the middle to the even", () => {
    const QUARTERS = [0n, 0n, 0n, 1n, 1n, 1n, 2n, 2n, 2n]; // 0/4, 1/4 …
    for (const [value, rounded] of QUARTERS.entries()) {
      expect(shiftRightEven(BigInt(value), 2)).toBe(rounded);
    }
  });
});
