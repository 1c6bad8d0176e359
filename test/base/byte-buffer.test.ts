import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteBuffer } from "../../shared/base/byte-buffer.ts";
import { toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";

const argument = fc
  .oneof(fc.uint8Array({ maxLength: 12 }), fc.uint8Array({ minLength: 40, maxLength: 130 }))
  .map((bytes) => String.fromCharCode(...bytes));

it("holds commands and texts as they are encoded, whatever their bytes and number", () => {
  const part = fc.oneof(fc.array(argument, { minLength: 1, maxLength: 12 }), argument);
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const buffer = new ByteBuffer();
      let expected = "";
      for (const one of parts) {
        if (typeof one === "string") buffer.text(one);
        else buffer.command(one);
        expected += typeof one === "string" ? one : encodeCommand(one);
      }
      expect(buffer.length).toBe(expected.length);
      expect(toBinary(buffer.bytes)).toBe(expected);
    }),
  );
});

it("grows by itself, at every fill, and is empty after it was cleared", () => {
  for (const fill of [65_400, 65_470, 65_500, 65_530, 65_536]) {
    const buffer = new ByteBuffer();
    const [start, args] = ["x".repeat(fill), ["SET", "k".repeat(120), "v".repeat(2_000_000)]];
    buffer.text(start);
    buffer.command(args);
    expect(toBinary(buffer.bytes) === start + encodeCommand(args)).toBe(true);
    buffer.text("gone");
    buffer.clear();
    expect([buffer.length, buffer.bytes.byteLength]).toEqual([0, 0]);
  }
});
