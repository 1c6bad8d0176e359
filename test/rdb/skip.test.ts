import { describe, expect, test } from "vitest";

import { RDB_TYPES } from "../../shared/rdb/format.ts";
import { RdbError, RdbReader } from "../../shared/rdb/reader.ts";
import { layoutOf, ValueSkip, valueEnd } from "../../shared/rdb/skip.ts";
import { BODIES } from "./support/bodies.ts";

describe.each(BODIES)("the end of a $what (type $type)", ({ type, body }) => {
  test("is found between other bytes", () => {
    expect(valueEnd(type, `\xff\xff${body}\xff\xff`, 2)).toBe(2 + body.length);
  });

  test("is not known before the last byte is there", () => {
    for (let size = 0; size < Math.min(body.length, 400); size++) {
      expect(valueEnd(type, body.slice(0, size), 0)).toBeUndefined();
    }
  });

  test("is found when the bytes come one by one", () => {
    const reader = new RdbReader("");
    const skip = new ValueSkip();
    skip.start(layoutOf(type)!);
    for (const byte of body.slice(0, -1)) {
      reader.refill(byte);
      expect(skip.run(reader)).toBe(false);
    }
    reader.refill(`${body.slice(-1)}\xff`);
    expect(skip.run(reader)).toBe(true);
    expect(reader.offset).toBe(body.length);
  });
});

describe("skipping", () => {
  test("knows every type that has a name", () => {
    for (const type of Object.keys(RDB_TYPES)) expect(layoutOf(Number(type))).toBeDefined();
    expect(new Set(BODIES.map(({ type }) => String(type)))).toEqual(
      new Set([...Object.keys(RDB_TYPES), "7"]),
    );
  });

  test("takes no more of an unfinished string than it must hold back", () => {
    const reader = new RdbReader(`\x80\0\0\0\x64${"x".repeat(30)}`);
    const skip = new ValueSkip();
    skip.start(layoutOf(0)!);
    expect(skip.run(reader)).toBe(false);
    expect(reader.at).toBe(35);
    reader.refill("x".repeat(71));
    expect(skip.run(reader)).toBe(true);
    expect(reader.offset).toBe(105);
  });

  const DAMAGED = [
    ["an unknown type", 6, "\x00", 0],
    ["a type that Redis and Valkey disagree on", 22, "\x00", 0],
    ["a string's mark where a count is due", 1, "\xc0\x01", 0],
    ["an unknown mark", 0, "\x82", 0],
    ["an unknown string encoding", 4, "\x01\x01f\xc4", 3],
    ["an unknown opcode of a module", 7, "\x01\x06", 1],
    ["a count beyond 2^53", 2, "\x81\xff\xff\xff\xff\xff\xff\xff\xff", 0],
    ["a string longer than memory", 0, "\x80\xff\xff\xff\xff", 0],
    ["a compressed string longer than memory", 0, "\xc3\x80\xff\xff\xff\xff\x01", 1],
  ] as const;

  test.each(DAMAGED)("names the byte of %s", (_, type, text, offset) => {
    const run = (): unknown => valueEnd(type, `..${text}`, 2);
    expect(run).toThrow(RdbError);
    expect(run).toThrow(expect.objectContaining({ offset: 2 + offset }));
  });
});
