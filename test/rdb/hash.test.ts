// Hashes in the forms that Redis writes of them.

import { describe, expect, it } from "vitest";

import { decodeValue, encodeValue } from "../../shared/rdb/codec.ts";
import {
  encodeLength as length,
  encodeString as string,
  littleEndian16,
  littleEndian32,
  littleEndian64,
} from "../../shared/rdb/primitives.ts";
import { expiryOf, HashValue, textOf } from "../../shared/types/hash.ts";
import { hashFromPairs } from "../../shared/rdb/hash.ts";
import { DEFAULT_LIMITS, EXPANDED_LIMITS, type Limits } from "../../shared/types/limits.ts";

function decoded(type: number, body: string, limits: Readonly<Limits> = DEFAULT_LIMITS): string[] {
  const hash = decodeValue(type, body, limits) as HashValue;
  const shown = [hash.encoding];
  hash.forEach((value, field) => {
    shown.push(`${field}=${textOf(value)}${expiryOf(value) === 0 ? "" : `@${expiryOf(value)}`}`);
  });
  return shown;
}

/** A listpack of short strings and of times. */
function listpack(...texts: readonly (string | number)[]): string {
  const elements = texts.map((text) => {
    if (typeof text === "string")
      return String.fromCharCode(0x80 | text.length) + text + back(text);
    if (text < 128) return `${String.fromCharCode(text)}\x01`;
    return `\xf4${littleEndian64(text)}\x09`;
  });
  const body = elements.join("");
  return string(`${littleEndian32(7 + body.length)}${littleEndian16(texts.length)}${body}\xff`);
}

function back(text: string): string {
  return String.fromCharCode(text.length + 1);
}

const MIN = 33_177_117_420_000;
const PLAIN = length(2) + string("a") + string("1") + string("b") + string("two");
const EXPIRING =
  littleEndian64(MIN) +
  length(3) +
  (length(1) + string("a") + string("1")) +
  (length(0) + string("b") + string("2")) +
  (length(501) + string("c") + string("3"));
const PACKED = littleEndian64(MIN) + listpack("a", "1", MIN, "c", "3", MIN + 500, "b", "2", 0);

describe("what is decoded", () => {
  it("is a plain hash, compact within the limits", () => {
    expect(decoded(4, PLAIN)).toEqual(["listpack", "a=1", "b=two"]);
    expect(decoded(4, PLAIN, EXPANDED_LIMITS)[0]).toBe("hashtable");
    expect(decoded(4, PLAIN, { ...DEFAULT_LIMITS, hashValue: 2 })[0]).toBe("hashtable");
    expect(decoded(4, PLAIN, { ...DEFAULT_LIMITS, hashEntries: 1 })[0]).toBe("hashtable");
  });

  it("is a hash whose fields expire", () => {
    const fields = ["listpackex", `a=1@${MIN}`, "b=2", `c=3@${MIN + 500}`];
    expect(decoded(24, EXPIRING)).toEqual(fields);
    expect(decoded(24, EXPIRING, EXPANDED_LIMITS).toSorted()).toEqual(
      ["hashtable", ...fields.slice(1)].toSorted(),
    );
  });

  it("is the same in a listpack, in the order of the times", () => {
    const fields = ["listpackex", `a=1@${MIN}`, `c=3@${MIN + 500}`, "b=2"];
    expect(decoded(25, PACKED)).toEqual(fields);
  });

  it("is a hash whose fields could expire and do not", () => {
    expect(decoded(24, `${littleEndian64(0)}\x01\x00${string("a")}${string("1")}`)).toEqual([
      "listpack",
      "a=1",
    ]);
    expect(decoded(25, littleEndian64(0) + listpack("a", "1", 0))).toEqual(["listpack", "a=1"]);
  });

  it.each([
    ["a field twice", 4, length(2) + (string("a") + string("1")).repeat(2)],
    ["no field", 4, length(0)],
    ["fewer fields than it says", 4, length(3) + PLAIN.slice(1)],
    ["more fields than anyone has", 4, length(2 ** 40) + PLAIN.slice(1)],
    ["a field twice, expiring", 24, EXPIRING.replace(string("c"), string("a"))],
    ["a time beyond what Redis has", 24, littleEndian64(2 ** 48 - 1) + EXPIRING.slice(8)],
    ["a field twice in a listpack", 25, PACKED.replace("\x81c", "\x81a")],
    ["a listpack that ends early", 25, littleEndian64(MIN) + listpack("a", "1", 0, "b")],
    ["a time that is none", 25, littleEndian64(MIN) + listpack("a", "1", "x")],
    ["an empty listpack", 25, littleEndian64(MIN) + listpack()],
  ])("is not %s", (_what, type, body) => {
    expect(() => decodeValue(type, body, DEFAULT_LIMITS)).toThrow(/^RDB byte \d+: expected /);
  });

  it("is nowhere cut off without a word", () => {
    for (const [type, body] of [
      [4, PLAIN],
      [24, EXPIRING],
      [25, PACKED],
    ] as const) {
      for (let end = 0; end < body.length; end++) {
        expect(() => decodeValue(type, body.slice(0, end), DEFAULT_LIMITS)).toThrow(/^RDB byte/);
      }
    }
  });
});

describe("what is encoded", () => {
  it("is what Redis 5 reads, where no field expires", () => {
    const hash = hashFromPairs(["a", "1", "b", "two"], DEFAULT_LIMITS);
    expect(encodeValue(hash)).toEqual({ type: 4, body: PLAIN });
  });

  it("is what Redis 7.4 reads, where one does", () => {
    const hash = new HashValue();
    const limits = DEFAULT_LIMITS;
    hash.set("a", "1", { limits, expiresAtMs: MIN });
    hash.set("b", "2", { limits });
    hash.set("c", "3", { limits, expiresAtMs: MIN + 500 });
    expect(encodeValue(hash)).toEqual({ type: 24, body: EXPIRING });
  });
});

describe("a hash of pairs", () => {
  it("is compact within the limits", () => {
    expect(hashFromPairs(["a", "1", "b", "2"], DEFAULT_LIMITS).encoding).toBe("listpack");
    expect(hashFromPairs(["a", "1", "b", "2"], EXPANDED_LIMITS).encoding).toBe("hashtable");
    expect(hashFromPairs(["a", "x".repeat(65)], DEFAULT_LIMITS).encoding).toBe("hashtable");
    const many = Array.from({ length: 1026 }, (_, i) => `${i}`);
    expect(hashFromPairs(many, DEFAULT_LIMITS).encoding).toBe("hashtable");
    expect(hashFromPairs(many.slice(2), DEFAULT_LIMITS).encoding).toBe("listpack");
  });
});
