import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { describe, expect, test } from "vitest";

import { canDecode, decodeValue, encodeValue } from "../../shared/rdb/codec.ts";
import { RdbError } from "../../shared/rdb/reader.ts";
import { STRINGS } from "./support/dataset.ts";

describe("a string", () => {
  test.each(Object.entries(STRINGS))("%s decodes to what was encoded", (_, value) => {
    const { type, body } = encodeValue(value);
    expect(type).toBe(0);
    expect(decodeValue(type, body, DEFAULT_LIMITS)).toBe(value);
  });

  test("that does not fill its body exactly is damaged", () => {
    expect(() => decodeValue(0, "\x02abc", DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(0, "\x04abc", DEFAULT_LIMITS)).toThrow(RdbError);
    expect(() => decodeValue(0, "", DEFAULT_LIMITS)).toThrow(RdbError);
  });
});

describe("a value of a type that we do not keep", () => {
  test("is said not to decode, and does not", () => {
    expect(canDecode(0)).toBe(true);
    expect(canDecode(6)).toBe(false);
    expect(() => decodeValue(6, "\x00", DEFAULT_LIMITS)).toThrow(RdbError);
  });
});
