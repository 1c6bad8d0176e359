import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { sha1 } from "../../shared/base/sha1.ts";

describe("sha1", () => {
  it("is the digest of every length around the block's, whatever the bytes", () => {
    for (let length = 0; length <= 200; length++) {
      const bytes = Array.from({ length }, (_, i) => String.fromCharCode((i * 73 + length) & 255));
      const text = bytes.join("");
      const expected = createHash("sha1").update(fromBinary(text)).digest();
      expect(sha1(text)).toBe(toBinary(expected));
    }
  });
});
