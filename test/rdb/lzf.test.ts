import { describe, expect, test } from "vitest";

import { lzfDecompress } from "../../shared/rdb/lzf.ts";

describe("LZF", () => {
  const WHOLE = [
    ["literals", "\x02abc", "abc"],
    ["a copy", "\x02abc\x20\x02", "abcabc"],
    ["a copy that overlaps itself", "\x00a\x60\x00", "aaaaaa"],
    ["a long copy", "\x00a\xe0\x5a\x00", "a".repeat(100)],
    ["a copy from far back", `${literals(300)}\x21\x2b`, `${text(300)}${text(3)}`],
    ["nothing", "", ""],
  ] as const;

  test.each(WHOLE)("gives back %s", (_, input, output) => {
    expect(lzfDecompress(input, output.length)).toBe(output);
  });

  test.each(WHOLE)("refuses %s when the length is wrong", (_, input, output) => {
    expect(lzfDecompress(input, output.length + 1)).toBeUndefined();
    expect(lzfDecompress(input, Math.abs(output.length - 1))).toBeUndefined();
  });

  test.each(WHOLE)("refuses %s when its end is missing", (_, input, output) => {
    for (let size = 0; size < input.length; size++) {
      expect(lzfDecompress(input.slice(0, size), output.length)).toBeUndefined();
    }
  });

  test("refuses a copy from before the beginning", () => {
    expect(lzfDecompress("\x00a\x20\x01", 4)).toBeUndefined();
    expect(lzfDecompress("\x20\x00", 3)).toBeUndefined();
  });

  test("reserves no memory for a length that the input cannot fill", () => {
    expect(lzfDecompress("\x00a", 2 ** 40)).toBeUndefined();
  });
});

/** The letters over and over. */
function text(length: number): string {
  return "abcdefghijklmnopqrstuvwxyz".repeat(20).slice(0, length);
}

/** The same as LZF literals, at most 32 in a piece. */
function literals(length: number): string {
  const pieces = text(length).match(/.{1,32}/g) ?? [];
  return pieces.map((piece) => String.fromCharCode(piece.length - 1) + piece).join("");
}
