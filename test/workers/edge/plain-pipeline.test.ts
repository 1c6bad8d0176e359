// Pipelines that are read in one go ask for what they ask for when they are parsed.

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { plainPipeline } from "../../../workers/edge/plain-pipeline.ts";
import { type Asked, parseJson, toAsked, toCommands } from "../../../workers/edge/rest-input.ts";

function parsed(text: string): Asked {
  return toAsked(toCommands(parseJson(text, "pipeline"), "pipeline"), "many");
}

const ARGUMENT = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.constantFrom(
    "",
    "a",
    "[",
    "]",
    ",",
    '"',
    "],[",
    "\\",
    "\n",
    "\u007f",
    "\u00e9",
    "\ud83d\ude00",
  ),
);
const NAME = fc.constantFrom(
  "",
  "GET",
  "get",
  "SET",
  "set",
  "PING",
  "XREAD",
  "xadd",
  "nosuch",
  "CLIENT",
);
const COMMAND = fc
  .tuple(NAME, fc.array(ARGUMENT, { maxLength: 4 }))
  .map(([name, args]) => [name, ...args]);

describe("a pipeline", () => {
  test("asks for the same, whichever way it is read", () => {
    let plainCount = 0;
    fc.assert(
      fc.property(fc.array(COMMAND, { minLength: 1, maxLength: 6 }), (commands) => {
        const text = JSON.stringify(commands);
        const plain = plainPipeline(text);
        if (plain === undefined) return;
        plainCount++;
        expect(plain).toEqual(parsed(text));
      }),
      { seed: 1, numRuns: 3000 },
    );
    expect(plainCount).toBeGreaterThan(200);
  });

  test("that any character is missing in, or too many, is left to be parsed", () => {
    const text = '[["SET","a","1"],["GET","a"]]';
    expect(plainPipeline(text)).toEqual(parsed(text));
    const others: string[] = [];
    for (let at = 0; at < text.length; at++) {
      for (const put of ["", "[", "]", ",", '"', " ", "x", "\n", "\\", "\u0000", "\u00e9"]) {
        for (const from of [at, at + 1]) {
          others.push(text.slice(0, at) + put + text.slice(from));
        }
      }
    }
    for (const other of others.filter((each) => plainPipeline(each) !== undefined)) {
      expect([other, plainPipeline(other)]).toEqual([other, parsed(other)]);
    }
  });

  const left: Readonly<Record<string, string>> = {
    "is empty": "[]",
    "is none": "{}",
    "is nothing": "",
    "is more than one": '[["GET","a"]][["GET","a"]]',
    "holds an empty command": '[["GET","a"],[]]',
    "holds a number": '[["SET","a",1]]',
    "holds what a reader must know more of": '[["XREAD","STREAMS","s","0"]]',
    "holds what is not for REST": '[["AUTH","x"]]',
    "holds no command of ours": '[["NOSUCH","x"]]',
    "holds a command of many arguments": JSON.stringify([
      Array.from({ length: 2000 }, () => "DEL"),
    ]),
  };
  test.each(Object.entries(left))("that %s is left to be parsed", (_what, text) => {
    expect(plainPipeline(text)).toBe(undefined);
  });
});
