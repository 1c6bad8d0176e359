import { createHash } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { sha256Hex } from "../../shared/base/sha256.ts";

function expected(binary: string): string {
  return createHash("sha256").update(Buffer.from(binary, "latin1")).digest("hex");
}

describe("sha256Hex", () => {
  it("is node's, for every length around the ends of blocks", () => {
    for (let length = 0; length < 200; length++) {
      const text = "\xff\x00a".repeat(70).slice(0, length);
      expect(sha256Hex(text)).toBe(expected(text));
    }
  });

  it("is node's, for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        expect(sha256Hex(text)).toBe(expected(text));
      }),
    );
  });

  it("is node's, for a megabyte", () => {
    const text = "0123456789".repeat(100_000);
    expect(sha256Hex(text)).toBe(expected(text));
  });
});
