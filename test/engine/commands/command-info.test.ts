import { describe, expect, it } from "vitest";

import { command, type KeySpec, NO_KEYS } from "../../../shared/engine/command.ts";
import { categoriesOf } from "../../../shared/engine/categories.ts";
import { keysOf, legacyRange } from "../../../shared/engine/key-specs.ts";
import { SetReply, Status } from "../../../shared/resp/reply.ts";
import { engineHarness } from "../../support/engine.ts";

const OK = (): number => 0;
const RO = ["RO", "access"];

function names(specs: readonly KeySpec[], line: string): string[] | undefined {
  return keysOf(command("test", -1, [], specs, OK), line.split(" "))?.map(({ name }) => name);
}

describe("the keys of a request", () => {
  const range = (last: number, step = 1, limit = 0): KeySpec[] => [
    { flags: RO, begin: { at: 1 }, find: { last, step, limit } },
  ];
  const counted: KeySpec[] = [
    { flags: RO, begin: { at: 2 }, find: { numkeysAt: 0, first: 1, step: 1 } },
  ];
  const keyword = (from: number): KeySpec[] => [
    { flags: RO, begin: { keyword: "STREAMS", from }, find: { last: -1, step: 1, limit: 2 } },
  ];

  it.each([
    ["one", range(0), "get a b", ["a"]],
    ["up to the end", range(-1), "mget a b c", ["a", "b", "c"]],
    ["every other", range(-1, 2), "mset a 1 b 2", ["a", "b"]],
    ["all but the last", range(-2), "blpop a b 0", ["a", "b"]],
    ["none where there is no argument", range(0), "get", undefined],
    ["as many as said", counted, "eval x 2 a b c", ["a", "b"]],
    ["none of none", counted, "eval x 0 a", []],
    ["more than there are", counted, "eval x 3 a b", undefined],
    ["a count that is none", counted, "eval x -1 a", undefined],
    ["a count that is no number", counted, "eval x y a", undefined],
    ["half of what follows a word", keyword(1), "xread COUNT 2 streams a b 0 0", ["a", "b"]],
    ["a word searched from the end", keyword(-1), "xread STREAMS a 0", ["a"]],
    ["a word that is not there", keyword(1), "xread a b", []],
  ])("%s", (_, specs, line, keys) => {
    expect(names(specs, line)).toEqual(keys);
  });
});

describe("first key, last key and step", () => {
  const spec = (at: number, last: number, step = 1): KeySpec => ({
    flags: RO,
    begin: { at },
    find: { last, step, limit: 0 },
  });

  it.each<[KeySpec[], number[]]>([
    [[], [0, 0, 0]],
    [[spec(1, 0)], [1, 1, 1]],
    [[spec(2, -1, 2)], [2, -1, 2]],
    [
      [spec(1, 0), spec(2, 0)],
      [1, 2, 1],
    ],
    [
      [spec(1, 0), spec(2, -1)],
      [1, -1, 1],
    ],
    [
      [spec(1, 0), { flags: RO, begin: "unknown", find: "unknown" }],
      [1, 1, 1],
    ],
    [[{ flags: RO, begin: "unknown", find: "unknown" }], [0, 0, 0]],
  ])("of %j are %j", (specs, wanted) => {
    expect(legacyRange(command("test", -1, [], specs, OK))).toEqual(wanted);
  });
});

describe("ACL categories", () => {
  it("follow from the flags, and what is not fast is slow", () => {
    const of = (flags: Parameters<typeof command>[2], categories: string[] = []): string[] =>
      categoriesOf(command("test", 1, flags, NO_KEYS, OK, { categories }));
    expect(of(["write", "fast"], ["string"])).toEqual(["write", "string", "fast"]);
    expect(of(["admin"])).toEqual(["admin", "slow", "dangerous"]);
    expect(of(["readonly"], ["scripting"])).toEqual(["slow", "scripting"]);
  });
});

describe("the keys that COMMAND GETKEYS tells", () => {
  const { run } = engineHarness();
  const keysOfLine = (line: string): unknown => run(`COMMAND GETKEYSANDFLAGS ${line}`);
  const of = (name: string, ...flags: string[]): unknown => [
    name,
    new SetReply(flags.map((flag) => new Status(flag))),
  ];
  const READ = ["RO", "access"];
  const OVERWRITE = ["OW", "update"];

  it.each([
    ["SET k v", [of("k", ...OVERWRITE)]],
    ["SET k v nx get", [of("k", "RW", "access", "update")]],
    ["BITFIELD k GET u8 0 OVERFLOW SAT", [of("k", ...READ)]],
    ["BITFIELD k GET u8 0 INCRBY u8 0 1", [of("k", "RW", "access", "update")]],
    ["SORT k BY store GET store LIMIT 0 store", [of("k", ...READ)]],
    ["SORT k STORE a ALPHA STORE b", [of("k", ...READ), of("b", ...OVERWRITE)]],
  ])("in %s", (line, keys) => {
    expect(keysOfLine(line)).toEqual(keys);
  });

  it("are those of redis-server, or its words for why there are none", () => {
    expect(run("COMMAND GETKEYS PING x")).toMatchObject({
      text: "ERR The command has no key arguments",
    });
    expect(run("COMMAND GETKEYS NOSUCH x")).toMatchObject({
      text: "ERR Invalid command specified",
    });
    expect(run("COMMAND GETKEYS GET k v")).toMatchObject({
      text: "ERR Invalid number of arguments specified for command",
    });
  });
});
