// Collections without elements: bugs of old Redis wrote them, later ones pass over them, and so do we.

import { describe, expect, test } from "vitest";

import { AN_ELEMENT, decodeValue, isEmptyCollection } from "../../shared/rdb/codec.ts";
import { encodeLength, encodeString } from "../../shared/rdb/primitives.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { BODIES } from "./support/bodies.ts";
import { intset, ziplist, zipmap } from "./support/packed.ts";

const NONE = encodeLength(0);
const LISTPACK = encodeString("\x07\0\0\0\0\0\xff");
const ZIPLIST = encodeString(ziplist([]));

const EMPTY: readonly [type: number, body: string][] = [
  [1, NONE],
  [2, NONE],
  [3, NONE],
  [4, NONE],
  [5, NONE],
  [9, encodeString(zipmap([]))],
  [10, ZIPLIST],
  [11, encodeString(intset([]))],
  [12, ZIPLIST],
  [13, ZIPLIST],
  [14, NONE],
  [14, encodeLength(1) + ZIPLIST],
  [16, LISTPACK],
  [17, LISTPACK],
  [18, NONE],
  [18, `\x01\x02${LISTPACK}`],
  [20, LISTPACK],
];

describe("a collection without elements", () => {
  test.each(EMPTY)("of type %d is known as such, and is no value", (type, body) => {
    expect(isEmptyCollection(type, body)).toBe(true);
    expect(() => decodeValue(type, body, DEFAULT_LIMITS)).toThrow(AN_ELEMENT);
  });

  test.each(BODIES)("is none like this $what", ({ type, body }) => {
    expect(isEmptyCollection(type, body)).toBe(false);
  });

  test("is no empty string, and no stream whose entries are gone", () => {
    expect(isEmptyCollection(0, NONE)).toBe(false);
    expect(isEmptyCollection(15, "\0".repeat(5))).toBe(false);
  });
});
