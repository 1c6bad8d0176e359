// What a script may not touch: Redis's globals, and what other scripts see.

import { describe, expect, test } from "vitest";

import { scripting } from "./scripting.ts";

const READ_ONLY = "Attempt to modify a readonly table";

/** Ways to change what all scripts share, each of them refused. */
const CHANGES = [
  "x = 1",
  "KEYS = {}",
  "_G.x = 1",
  "_G.redis = nil",
  "redis.call = nil",
  "string.upper = nil",
  "string[1] = 1",
  "cjson.null = nil",
  "rawset(_G, 'x', 1)",
  "rawset(string, 'upper', nil)",
  "setmetatable(_G, nil)",
  "setmetatable(_G, {__index = function() return 1 end})",
  "setmetatable(string, {})",
  "getmetatable(_G).__index = nil",
  "rawset(getmetatable(_G), '__index', nil)",
  "setmetatable(getmetatable(_G), {})",
  "getmetatable('').__index = {}",
  "getmetatable('').x = 1",
  "rawset(getmetatable(''), '__index', nil)",
  "setmetatable(getmetatable(''), {})",
  "table.insert(string, 1)",
  "table.insert(_G, 1, 'x')",
  "coroutine.wrap(function() redis.call = nil end)()",
  "loadstring('redis.call = nil')()",
  "loadstring('x = 1')()",
];

/** What Redis's Lua does not have, and other ways out of it. */
const MISSING =
  "debug dofile getfenv io loadfile module newproxy os package print require setfenv".split(" ");

describe("the globals of scripts", () => {
  test.each(CHANGES)("are not changed by %s", (code) => {
    const { evaluate } = scripting();
    expect(evaluate(code)).toContain(READ_ONLY);
    expect(evaluate(`return {pcall(function() ${code} end)}`)).toContain("(nil)");
    expect(
      evaluate(
        "return {redis.call('PING'), ('x'):upper(), KEYS[1], rawget(_G, 'x'), cjson.encode(cjson.null)}",
      ),
    ).toBe('1) PONG\n2) "X"\n3) "k"');
    expect(evaluate("return {#string, #_G, type(rawget(_G, 'x'))}")).toBe(
      '1) (integer) 0\n2) (integer) 0\n3) "nil"',
    );
  });

  test.each(MISSING)("do not include %s", (name) => {
    const { evaluate } = scripting();
    expect(evaluate(`return ${name}`)).toContain(
      `Script attempted to access nonexistent global variable '${name}'`,
    );
    expect(evaluate(`return type(rawget(_G, '${name}'))`)).toBe('"nil"');
  });

  test("may be copied, and the copy changed", () => {
    const { evaluate } = scripting();
    const copy = "local own = {} for name, value in pairs(string) do own[name] = value end ";
    expect(evaluate(`${copy} own.upper = nil return {type(own.upper), own.rep('x', 2)}`)).toBe(
      '1) "nil"\n2) "xx"',
    );
  });

  test("look like plain tables", () => {
    const { evaluate } = scripting();
    expect(evaluate("return {type(string), type(getmetatable(string)), type(_G._G)}")).toBe(
      '1) "table"\n2) "nil"\n3) "table"',
    );
    const names =
      "local n = {} for name in pairs(table) do n[#n + 1] = name end table.sort(n) return n";
    expect(evaluate(names)).toContain('"concat"');
    expect(evaluate("return {next(math) ~= nil, rawget(string, 'rep') == string.rep}")).toBe(
      "1) (integer) 1\n2) (integer) 1",
    );
  });

  test("leave nothing of one script for the next", () => {
    const { evaluate, send } = scripting();
    evaluate("local t = setmetatable({}, {__index = function() return 'x' end}) return t.y");
    evaluate("math.randomseed(7) return math.random()");
    expect(send("EVAL", "return {#KEYS, #ARGV}", "0")).toBe("1) (integer) 0\n2) (integer) 0");
    expect(evaluate("KEYS[1] = 'changed' return KEYS[1]")).toBe('"changed"');
    expect(evaluate("return KEYS[1]")).toBe('"k"');
  });

  test("take no compiled code", () => {
    const { evaluate, send } = scripting();
    expect(evaluate("return {loadstring(string.dump(function() end))}")).toBe("(empty array)");
    const piecewise = `local code, at = string.dump(function() end), 0
      return select(2, load(function() at = at + 1 return code:sub(at, at) end))`;
    expect(evaluate(piecewise)).toContain("unexpected symbol near");
    expect(send("EVAL", "\x1bLua", "0")).toMatch(/^\(error\) ERR Error compiling script/);
  });
});

describe("functions of a library", () => {
  const SEEN = "redis.register_function('seen', function() return type(rawget(_G, 'KEYS')) end)";

  test("see neither KEYS nor ARGV of scripts", () => {
    const { evaluate, load, send } = scripting();
    load(SEEN);
    evaluate("return KEYS[1]");
    expect(send("FCALL", "seen", "1", "k", "a")).toBe('"nil"');
  });

  test("have what their library keeps, and nobody else has it", () => {
    const { evaluate, load, send } = scripting();
    load("local n = 0 redis.register_function('next', function() n = n + 1 return n end)");
    expect(send("FCALL", "next", "0")).toBe("(integer) 1");
    expect(send("FCALL", "next", "0")).toBe("(integer) 2");
    expect(evaluate("return n")).toContain("nonexistent global variable 'n'");
  });

  test("can neither register another nor change a global", () => {
    const { load, send } = scripting();
    load(`redis.register_function('more', function() redis.register_function('x', pairs) end)
      redis.register_function('change', function() x = 1 end)`);
    expect(send("FCALL", "more", "0")).toContain("attempt to call field 'register_function'");
    expect(send("FCALL", "change", "0")).toContain(READ_ONLY);
  });

  test("cannot change a global while they are loaded, nor call commands", () => {
    const { load } = scripting();
    expect(load("x = 1")).toContain(READ_ONLY);
    for (const code of ["redis.call('SET', 'k', 'v')", "redis.pcall('PING')", "local x = pairs"]) {
      expect(load(code)).toContain("Script attempted to access nonexistent global variable");
    }
  });
});
