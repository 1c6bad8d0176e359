import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { addLongDouble, isLongDouble } from "../../shared/base/long-double.ts";

describe("the sum of two long doubles", () => {
  const SUMS = [
    ["0.1", "0.2", "0.3"],
    ["10.50", "0.1", "10.6"],
    ["5.0e3", "200", "5200"],
    ["3", "-3", "0"],
    ["-0", "-0", "0"],
    ["0", "-1e-30", "0"],
    ["0x10", "0x.8", "16.5"],
    ["9223372036854775807", "1", "9223372036854775808"],
    ["18446744073709551615", "1", "18446744073709551616"],
    ["18446744073709551616", "1", "18446744073709551616"],
    ["1e20", "0", "100000000000000000000"],
    ["6495.76", "8146", "14641.75999999999999979"],
  ] as const;

  test.each(SUMS)("%s + %s is %s, as in 64 bits of mantissa", (a, b, sum) => {
    expect(addLongDouble(a, b)).toEqual({ sum });
    expect(addLongDouble(b, a)).toEqual({ sum });
  });

  test("is exact for integers", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        const sum = String(BigInt(a) + BigInt(b));
        expect(addLongDouble(String(a), String(b))).toEqual({ sum });
        expect(addLongDouble(`${a}.0`, String(b))).toEqual({ sum });
      }),
    );
  });

  test("shows no rounding where numbers are short", () => {
    fc.assert(
      fc.property(fc.integer({ max: 9999, min: 0 }), fc.integer({ max: 9999, min: 0 }), (a, b) => {
        expect(addLongDouble(String(a / 1000), String(b / 1000))).toEqual({
          sum: String((a + b) / 1000),
        });
      }),
    );
  });

  const NO_FLOATS = ["", " 1", "1 ", "nan", "abc", "1e5000", "1e-5000", "0".repeat(5120)];

  test.each(NO_FLOATS)("does not exist where one is %j", (text) => {
    expect(addLongDouble(text, "1")).toEqual({ refused: "not-a-float" });
    expect(addLongDouble("1", text)).toEqual({ refused: "not-a-float" });
    expect(isLongDouble(text)).toBe(false);
  });

  const INFINITE = [
    ["inf", "1"],
    ["1", "-inf"],
    ["inf", "-inf"],
    ["1.18e4932", "1.18e4932"],
  ] as const;

  test.each(INFINITE)("of %s and %s is not finite", (a, b) => {
    expect(addLongDouble(a, b)).toEqual({ refused: "not-finite" });
  });

  test("takes the longest text there may be", () => {
    expect(addLongDouble("0".repeat(5119), "1")).toEqual({ sum: "1" });
    expect(addLongDouble(`0.${"0".repeat(5000)}1e5001`, "1")).toEqual({ sum: "2" });
    expect(isLongDouble("inf")).toBe(true);
  });
});
