import { describe, expect, test } from "vitest";

import {
  encodeByte,
  encodeLength,
  encodeString,
  littleEndian16,
  littleEndian32,
  littleEndian64,
} from "../../shared/rdb/primitives.ts";
import { RdbError, RdbReader } from "../../shared/rdb/reader.ts";
import { COMPRESSED } from "./support/bodies.ts";
import { STRINGS } from "./support/dataset.ts";

const LENGTHS = [
  [0, 1],
  [63, 1],
  [64, 2],
  [16_383, 2],
  [16_384, 5],
  [2 ** 31, 5],
  [2 ** 32 - 1, 5],
  [2 ** 32, 9],
  [2 ** 53 - 1, 9],
] as const;

describe("a length", () => {
  test.each(LENGTHS)("of %d takes %d bytes and reads the same", (value, byteCount) => {
    const text = encodeLength(value);
    const reader = new RdbReader(text);
    expect(text.length).toBe(byteCount);
    expect(reader.lengthEnd(0)).toBe(byteCount);
    expect(reader.length()).toBe(value);
    expect(reader.at).toBe(byteCount);
    expect(new RdbReader(text).wideLength()).toBe(BigInt(value));
  });

  test("may use all 64 bits where it is no count", () => {
    const text = `\x81${"\xff".repeat(8)}`;
    expect(new RdbReader(text).wideLength()).toBe(2n ** 64n - 1n);
    expect(() => new RdbReader(text).length()).toThrow(RdbError);
  });
});

describe("a string", () => {
  test.each(Object.entries(STRINGS))("%s reads as it was written", (_, value) => {
    const reader = new RdbReader(encodeString(value));
    expect(reader.string()).toBe(value);
    expect(reader.at).toBe(reader.text.length);
  });

  test("is an integer's bytes only when that gives the same text again", () => {
    for (const text of ["-0", "00", "01", "-01", "+1", "1 ", "-", "", "1.0", "2147483648"]) {
      expect(encodeString(text)).toBe(encodeLength(text.length) + text);
    }
    expect(encodeString("-128")).toBe("\xc0\x80");
    expect(encodeString("-129")).toBe("\xc1\x7f\xff");
    expect(encodeString("-32769")).toBe("\xc2\xff\x7f\xff\xff");
  });

  test("may be compressed", () => {
    expect(new RdbReader(COMPRESSED).string()).toBe("a".repeat(100));
  });

  test("that does not decompress is damaged", () => {
    const damaged = COMPRESSED.replace("\x5a", "\x5b");
    expect(() => new RdbReader(damaged).string()).toThrow(expect.objectContaining({ offset: 0 }));
  });

  test("ends beyond the text while bytes of it are missing", () => {
    for (const text of [COMPRESSED, ...Object.values(STRINGS).map(encodeString)]) {
      for (let size = 0; size < Math.min(text.length, 100); size++) {
        const end = new RdbReader(text.slice(0, size)).stringEnd(0);
        expect(end).toBeGreaterThan(size);
        expect(end).toBeLessThanOrEqual(text.length);
      }
    }
  });
});

describe("a number", () => {
  test("has its lowest byte first", () => {
    const text = `\x07${littleEndian16(0xfedc)}${littleEndian32(-2)}${littleEndian32(2 ** 31)}`;
    const reader = new RdbReader(text);
    expect(reader.byte()).toBe(7);
    expect(reader.uint16()).toBe(0xfedc);
    expect(reader.int32()).toBe(-2);
    expect(reader.uint32()).toBe(2 ** 31);
    expect(encodeByte(255)).toBe("\xff");
  });

  test.each([0, 1, -1, 2 ** 32, -(2 ** 32) - 1, 1_700_000_000_123, 2 ** 53 - 1, 1 - 2 ** 53])(
    "of 64 bits reads as it was written: %d",
    (value) => {
      expect(new RdbReader(littleEndian64(value)).int64()).toBe(value);
    },
  );

  test("may be a double, or its digits", () => {
    expect(new RdbReader("\0\0\0\0\0\0\xf8\xbf").double()).toBe(-1.5);
    expect(new RdbReader("\x04-1.5").doubleText()).toBe(-1.5);
    expect(new RdbReader("\xfd").doubleText()).toBeNaN();
    expect(new RdbReader("\xfe").doubleText()).toBe(Infinity);
    expect(new RdbReader("\xff").doubleText()).toBe(-Infinity);
    for (const text of ["\x00", "\x03one", "\x031-1"]) {
      expect(() => new RdbReader(text).doubleText()).toThrow(RdbError);
    }
  });
});

describe("the end of the text", () => {
  const READS = {
    byte: (reader) => reader.byte(),
    bytes: (reader) => reader.bytes(1),
    double: (reader) => reader.double(),
    doubleText: (reader) => reader.doubleText(),
    int32: (reader) => reader.int32(),
    int64: (reader) => reader.int64(),
    length: (reader) => reader.length(),
    string: (reader) => reader.string(),
    uint16: (reader) => reader.uint16(),
    uint32: (reader) => reader.uint32(),
    wideLength: (reader) => reader.wideLength(),
  } as const satisfies Record<string, (reader: RdbReader) => unknown>;

  test.each(Object.entries(READS))("is damage to whoever reads on: %s", (_, read) => {
    const reader = new RdbReader("..");
    reader.at = 2;
    expect(() => read(reader)).toThrow(expect.objectContaining({ name: "RdbError", offset: 2 }));
  });

  test("is told with the place in the file, not in what is at hand", () => {
    const reader = new RdbReader("ab");
    reader.bytes(2);
    reader.refill("c");
    reader.byte();
    expect(() => reader.bytes(4)).toThrow("RDB byte 3: expected 4 more bytes");
  });
});
