import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { splitArguments } from "../../shared/resp/split-arguments.ts";
import { binary } from "../base/support/binary.ts";

describe("a line", () => {
  const LINES = [
    ["", []],
    [" \t\v\f ", []],
    ["  SET  key\tvalue ", ["SET", "key", "value"]],
    [`"a b" 'c d'`, ["a b", "c d"]],
    [`"" ''`, ["", ""]],
    [`a"b c"`, ["ab c"]],
    [String.raw`"\n\r\t\b\a\"\\\q"`, [`\n\r\t\b\x07"\\q`]],
    [String.raw`"\x41\xfF\x4\xg0"`, ["A\xffx4xg0"]],
    [String.raw`'\'\n\\ '`, [String.raw`'\n\\ `]],
    [String.raw`\n\x41`, [String.raw`\n\x41`]],
    ["a\vb", ["a\vb"]],
    ['"a"\vb', ["a", "b"]],
    ["a\0b", ["a\0b"]],
  ] as const;

  test.each(LINES)("%j has the words %j", (line, words) => {
    expect(splitArguments(line)).toEqual(words);
  });

  test.each([`"`, `'`, `"a`, `'a`, `"a"b`, `'a'b`, `a"`, `"a\\"`, `'a\\'`, `'a\\\\'`, `"a""b"`])(
    "%j has none, as a quote is not closed or not the end",
    (line) => {
      expect(splitArguments(line)).toBeUndefined();
    },
  );

  test("of quoted bytes has these bytes", () => {
    fc.assert(
      fc.property(fc.array(binary), (words) => {
        const hex = (char: string): string => {
          return `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
        };
        const line = words.map((word) => `"${word.replace(/[\s\S]/g, hex)}"`).join(" ");
        expect(splitArguments(line)).toEqual(words);
      }),
    );
  });
});
