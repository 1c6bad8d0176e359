import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { globMatch } from "../../shared/base/glob.ts";

describe("a pattern", () => {
  // All of these are what redis-server says; the random ones in redis.test.ts say the same.
  const CASES = [
    ["h?llo", "hello", true],
    ["h?llo", "hllo", false],
    ["h*llo", "heeeello", true],
    ["*", "a", true],
    ["*", "", false],
    ["**", "a", true],
    ["", "", true],
    ["", "a", false],
    ["a*", "a", true],
    ["*a*b", "xaxbxab", true],
    ["h[ae]llo", "hallo", true],
    ["h[^e]llo", "hello", false],
    ["h[^e]llo", "hallo", true],
    ["h[a-c]llo", "hbllo", true],
    ["h[c-a]llo", "hbllo", true],
    ["[a-]", "-", false], // a range up to the bracket, and no end
    ["[a-]", "^", true],
    ["[a-", "-", true],
    ["[ab", "b", true],
    ["[", "[", false],
    ["[^", "x", true],
    ["[]", "]", false],
    ["[\\]]", "]", true],
    ["[\\-a]", "-", true],
    ["\\*", "*", true],
    ["\\*", "a", false],
    ["\\", "\\", true],
    ["a\\", "a\\", true],
    ["A", "a", false],
  ] as const;

  test.each(CASES)("%j against %j: %j", (pattern, text, matches) => {
    expect(globMatch(pattern, text)).toBe(matches);
  });

  const CASELESS = [
    ["MAX*", "maxmemory", true],
    ["max[A-M]emory", "maxmemory", true],
    ["[\\M]", "m", false],
    ["[Z-a]", "Z", false],
    ["[\\M]", "M", true],
  ] as const;

  test.each(CASELESS)("%j against %j, ignoring the case: %j", (pattern, text, matches) => {
    expect(globMatch(pattern, text, { ignoreCase: true })).toBe(matches);
  });

  test("of escaped bytes matches these bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        expect(globMatch(text.replace(/[\s\S]/g, "\\$&"), text)).toBe(true);
      }),
    );
  });

  test("with stars for parts of a text matches it", () => {
    const parts = fc.array(fc.stringMatching(/^[ab]*$/), { minLength: 1 });
    fc.assert(
      fc.property(parts, parts, (kept, dropped) => {
        const text = kept.map((part, i) => part + (dropped[i] ?? "")).join("");
        expect(globMatch(`${kept.join("*")}*`, text)).toBe(text !== "");
      }),
    );
  });

  // Exponential time would be 2^1000 steps; what is left is 2 * 10^6.
  test("takes no more time than its length times the text's", () => {
    expect(globMatch(`${"a*".repeat(1_000)}b`, "a".repeat(2_000))).toBe(false);
    expect(globMatch(`${"*a".repeat(1_000)}*b`, "a".repeat(2_000))).toBe(false);
  });
});
