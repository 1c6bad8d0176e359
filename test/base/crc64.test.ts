import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import { Crc64, crc64 } from "../../shared/base/crc64.ts";
import { binary } from "./support/binary.ts";

/** The definition, a bit a step. */
function slow(bytes: Uint8Array): string {
  let crc = 0n;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = (crc >> 1n) ^ (crc & 1n ? 0x95ac9329ac4bc9b5n : 0n);
  }
  const text = crc.toString(16).padStart(16, "0");
  return String.fromCharCode(
    ...(text.match(/../g) ?? []).map((hex) => Number(`0x${hex}`)).toReversed(),
  );
}

describe("the checksum", () => {
  test("of 123456789 is the one in redis/src/crc64.c", () => {
    expect(crc64("123456789")).toBe("\xca\xd9\xb8\xc4\x14\xd9\xc6\xe9");
  });

  test("is that of the polynomial, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(crc64(bytes)).toBe(slow(bytes));
      }),
    );
  });

  test("is the same for a string and an array, whole and in pieces", () => {
    fc.assert(
      fc.property(fc.array(binary), (pieces) => {
        const whole = crc64(pieces.join(""));
        const inPieces = new Crc64();
        for (const [i, piece] of pieces.entries()) {
          inPieces.update(i % 2 === 0 ? piece : fromBinary(piece));
        }
        expect(inPieces.digest()).toBe(whole);
      }),
    );
  });

  test("can be looked at on the way", () => {
    const crc = new Crc64().update("12345");
    expect(crc.digest()).toBe(crc64("12345"));
    expect(crc.update("6789").digest()).toBe(crc64("123456789"));
  });
});
