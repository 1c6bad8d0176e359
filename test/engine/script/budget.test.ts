// A script that asks for too much gets an error, the node goes on, and the next script runs as ever.

import { describe, expect, test } from "vitest";

import { Budget, Gauge, MEMORY_BYTES_MAX } from "../../../shared/engine/script/budget.ts";
import { scripting } from "./scripting.ts";

const ENDLESS = [
  "while true do end",
  "repeat until false",
  "local function f() return f() end return f()",
  "while true do pcall(function() while true do end end) end",
  "while true do xpcall(function() while true do end end, function(e) return e end) end",
  "xpcall(function() while true do end end, function() while true do end end)",
  "xpcall(error, function() while true do end end)",
  "coroutine.wrap(function() while true do end end)()",
  "while true do pcall(coroutine.wrap(function() while true do end end)) end",
  "while true do coroutine.resume(coroutine.create(function() for i = 1, 900 do end end)) end",
  "while true do coroutine.wrap(function() end)() end",
  "local co = coroutine.wrap(function() while true do coroutine.yield() end end) while true do co() end",
  "local t = setmetatable({}, {__index = function(t, k) while true do end end}) return t.x",
  "table.sort({2, 1, 3}, function() while true do end end)",
  "string.gsub(string.rep('x', 100), 'x', function() while true do end end)",
  "return load(function() while true do end end)",
  "while true do redis.call('GET', 'x') end",
  "while true do redis.pcall('GET') end",
  "while true do pcall(redis.call, 'NOPE') end",
  "redis.call('SET', 'k', string.rep('x', 1e6)) while true do redis.call('GET', 'k') end",
  "redis.call('SET', 'k', string.rep('x', 1e6)) while true do redis.call('BITCOUNT', 'k') end",
  "redis.call('SET', 'k', string.rep('x', 1e3)) while true do redis.call('LCS', 'k', 'k', 'LEN') end",
  "for i = 1, 1e3 do redis.call('RPUSH', 'l', i) end while true do redis.call('LPOS', 'l', 'x') end",
  "while true do redis.call('SCAN', '0', 'COUNT', '1000') end",
  "while true do string.rep('x', 1e7) end",
  "while true do collectgarbage() end",
  "local t = {} for i = 1, 1e5 do t[i] = i end while true do table.insert(t, 1, 1) table.remove(t) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end while true do cjson.encode(t) end",
  "local s = '[' .. string.rep('1,', 1e4) .. '1]' while true do cjson.decode(s) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end while true do cmsgpack.pack(t) end",
  "while true do pcall(cjson.decode, 'x') end",
  "while true do redis.sha1hex(string.rep('x', 1e5)) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end t[1e4] = type while true do pcall(cjson.encode, t) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end t[1e9] = 1 while true do pcall(cjson.encode, t) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end t.x = type while true do pcall(cjson.encode, t) end",
  "local t = {1} for i = 1, 20 do t = {t, t} end while true do pcall(cmsgpack.pack, t) end",
  "local s = cmsgpack.pack(string.rep('x', 1e4)) while true do cmsgpack.unpack(s) end",
  "local s = string.rep('b', 1e6) while true do struct.size(s) end",
  "local s = string.rep('x', 1e6) while true do struct.pack(s) end",
  "local s = string.rep('x', 1e6) while true do struct.unpack('b', s) end",
  "local s = string.rep('x', 1e6) while true do redis.error_reply(s) end",
  "local s = string.rep('x', 1e6) while true do redis.status_reply(s) end",
  "local s = string.rep('x', 1e6) while true do redis.pcall('NOPE', s) end",
  "local s = string.rep('0', 1e6) while true do tonumber(s, 16) end",
  "local s = string.rep(' ', 1e6) while true do loadstring(s) end",
  "local s = string.rep(' ', 1e6) while true do load(coroutine.wrap(function() coroutine.yield(s) end)) end",
];

/** For ever, within one call of a function of Lua's own. */
const BACKTRACKING = "string.find(string.rep('a', 2000), '.-.-.-.-b')";

/** As often is the clock looked at in the time that a script has here, of 20 ms. */
const LOOKS = 50;

/** What Lua's own functions do between two of its instructions. */
const ENDLESS_WITHIN = [
  BACKTRACKING,
  "string.match(string.rep('a', 99), string.rep('a?', 99) .. string.rep('a', 99))",
  "string.match(string.rep('(', 2000), '%b()%b()')  while true do string.find(string.rep('(', 1e4), '%b()') end",
  "for _ in string.gmatch(string.rep('a', 2000), '.-.-.-.-b') do end",
  "string.gsub(string.rep('a', 2000), '.-.-.-.-b', '')",
  "local s = string.rep('a', 1e6) while true do string.gsub(s, 'a', 'b') end",
  "local s = string.rep('a', 1e6) while true do string.find(s, 'ab', 1, true) end",
  "local s = string.rep('a', 1e6) while true do string.upper(s) end",
  "local s = string.rep('a', 1e6) while true do string.reverse(s) end",
  "local s = string.rep('a', 1e6) while true do string.sub(s, 2) end",
  "local s = string.rep('a', 1e3) while true do string.char(string.byte(s, 1, -1)) end",
  "local s = string.rep('a', 1e6) while true do string.format('%s', s) end",
  "local s = string.rep('a', 1e6) while true do string.format('%q', s) end",
  "while true do string.format('%99.99f', 1e300) end",
  "local s = string.rep('1', 1e5) while true do local n = s + 1 end",
  "local s = string.rep('a', 1e6) while true do local n = s .. 'b' end",
  "local s = string.rep('a', 1e6) local a, b = s .. 'a', s .. 'b' while true do local n = a < b end",
  "local f = loadstring(string.rep('x = 1 ', 1e4)) while true do string.dump(f) end",
  "local t = {} for i = 1, 1e4 do t[i] = 'item' end while true do table.concat(t, ',') end",
  "local t = {} for i = 1, 1e4 do t[i] = i end while true do table.remove(t, 1) t[1e4] = 1 end",
  "local t = {} for i = 1, 1e4 do t[i] = i end while true do table.sort(t) end",
  "local t = {} for i = 1, 1e4 do t[i] = i end while true do table.maxn(t) end",
  "local t = {} for i = 1, 3e3 do t[i] = i end while true do select('#', unpack(t)) end",
  "local t = {} for i = 1, 1e5 do t[i] = {} end while true do collectgarbage() end",
  "local s = 'while true do ' .. string.rep('if x then break end ', 15000) .. 'end' loadstring(s) loadstring(s)",
  `pcall(function() ${BACKTRACKING} end)`,
  `xpcall(error, function() ${BACKTRACKING} end)`,
  `coroutine.wrap(function() ${BACKTRACKING} end)()`,
  `table.sort({1, 2}, function() ${BACKTRACKING} end)`,
  `return setmetatable({}, {__index = function() ${BACKTRACKING} end}).x`,
];

describe("a script that does not end", () => {
  test.each(ENDLESS)("is stopped: %s", (code) => {
    const { evaluate } = scripting();
    expect(evaluate(code)).toMatch(/^\(error\) ERR The script ran for too long and was stopped/);
    expect(evaluate("return redis.call('PING')")).toBe("PONG");
    expect(evaluate("local n = 0 for i = 1, 100000 do n = n + 1 end return n")).toBe(
      "(integer) 100000",
    );
  });

  test.each(ENDLESS_WITHIN)("is stopped within a call: %s", (code) => {
    const { evaluate, looks } = scripting();
    evaluate("return 1");
    looks.count = 0;
    expect(evaluate(code)).toMatch(/^\(error\) ERR The script ran for too long and was stopped/);
    expect(looks.count).toBeGreaterThan(10);
    expect(looks.count).toBeLessThan(3 * LOOKS);
    expect(evaluate("return redis.call('PING')")).toBe("PONG");
    expect(evaluate("return string.find('aab', '.-b')")).toBe("(integer) 1");
  });

  test("tells where it was stopped", () => {
    const { evaluate } = scripting();
    expect(evaluate("local n = 0\nwhile true do\nn = n + 1\nend")).toMatch(
      /script: [0-9a-f]{40}, on @user_script:[23]\.$/,
    );
  });

  test("has an error though it catches the one that is to stop it", () => {
    const { evaluate } = scripting();
    expect(evaluate("pcall(function() while true do end end) return 'done'")).toMatch(
      /^\(error\) ERR The script ran for too long/,
    );
  });

  test("may take its time where busy-reply-threshold is 0", () => {
    const { evaluate } = scripting({ limitMs: 0 });
    expect(evaluate("local n = 0 for i = 1, 5e6 do n = n + 1 end return n")).toBe(
      "(integer) 5000000",
    );
  });

  test("is stopped as a function too, and as a library that is loaded", () => {
    const { load, send } = scripting();
    load("redis.register_function('f', function() while true do end end)");
    expect(send("FCALL", "f", "0")).toMatch(/ran for too long.* script: f, on @user_function:2/);
    expect(load("while true do end")).toBe(
      "(error) ERR Error registering functions: ERR FUNCTION LOAD timeout",
    );
    expect(load("redis.register_function('g', function() return 1 end)")).toBe('"lib"');
    expect(send("FCALL", "g", "0")).toBe("(integer) 1");
  });

  test("is stopped within a call of a function, and of a library that is loaded", () => {
    const { load, send } = scripting();
    load(`redis.register_function('one', function() return 1 end)
      redis.register_function('f', function() ${BACKTRACKING} end)`);
    expect(send("FCALL", "f", "0")).toMatch(/^\(error\) ERR The script ran for too long/);
    expect(send("FCALL", "one", "0")).toBe("(integer) 1");
    expect(load("local s = ('a'):rep(2000) s:find('.-.-.-.-b')")).toBe(
      "(error) ERR Error registering functions: ERR FUNCTION LOAD timeout",
    );
    expect(send("FCALL", "one", "0")).toBe("(integer) 1");
  });

  test("is not compiled where that takes too long, and those that were still run", () => {
    const { evaluate, send, looks } = scripting();
    const sha = send("SCRIPT", "LOAD", "return 'kept'").replaceAll('"', "");
    // Lua goes along all of a loop's ways out for each of them.
    const loop = `while true do ${"if x then break end ".repeat(15_000)} end `;
    expect(evaluate(`if false then ${loop} end return 1`)).toBe("(integer) 1");
    looks.count = 0;
    expect(evaluate(loop.repeat(3))).toMatch(
      /^\(error\) ERR Error compiling script \(new function\): .*ran for too long/,
    );
    expect(looks.count).toBeLessThan(1.1 * LOOKS * (1000 / 20));
    expect(send("EVALSHA", sha, "0")).toBe('"kept"');
  });
});

/** What takes long on our side of the interpreter, though little runs on the other. */
const CROSSING = [
  "for i = 1, 1e4 do redis.sha1hex('') end",
  "for i = 1, 1e4 do pcall(error) end",
  "for i = 1, 1e4 do xpcall(error, error) end",
  "for i = 1, 1e5 do next({}) end",
  "for i = 1, 1e5 do bit.tohex(1) end",
];

describe("what is done for a script", () => {
  test.each(CROSSING)("is counted: %s", (code) => {
    const { evaluate } = scripting();
    expect(evaluate(code)).toMatch(/^\(error\) ERR The script ran for too long and was stopped/);
  });

  test("is counted where a library registers functions without end", () => {
    const { load } = scripting();
    const many = "for i = 1, 2e6 do redis.register_function('f' .. i, f) end";
    expect(load(`local f = function() end ${many}`)).toMatch(/FUNCTION LOAD timeout$/);
  });
});

/** As much as a script may well do: half a second of it is a tenth of what there is. */
const REASONABLE = [
  ["local t = {} for i = 1, 1e5 do t[i] = 'item' .. i end return #table.concat(t, ',')", 988_894],
  [
    "local n = 0 for w in string.gmatch(string.rep('some words ', 1e5), '%a+') do n = n + #w end return n",
    900_000,
  ],
  ["return #string.gsub(string.rep('key=value;', 1e5), '(%w+)=(%w+)', '%2=%1')", 1_000_000],
  ["local t = {} for i = 1, 1e5 do t[i] = (i * 16807) % 99991 end table.sort(t) return t[1]", 0],
  [
    "local s = string.rep('a', 1e6) for i = 1, 10 do s = string.reverse(string.upper(s)) end return #s",
    1_000_000,
  ],
  ["return string.find(string.rep('a', 1e6) .. 'needle', 'needle', 1, true)", 1_000_001],
  ["local n = 0 for i = 1, 1e4 do n = n + #string.format('%05d:%s', i, 'x') end return n", 70_000],
  ["return #cjson.encode(cjson.decode('[' .. string.rep('1,', 1e5) .. '1]'))", 200_003],
] as const;

describe("a script that works on much", () => {
  test.each(REASONABLE)("comes to its end: %s", (code, result) => {
    const { evaluate } = scripting({ limitMs: 500 });
    expect(evaluate(code)).toBe(`(integer) ${result}`);
  });
});

const HUGE = [
  "local s = 'x' while true do s = s .. s end",
  "local t = {} for i = 1, 1e9 do t[i] = {} end",
  "return string.rep('x', 2 ^ 30)",
  "local t = {} for i = 1, 100 do t[i] = string.rep(i, 1e6) end",
  "local s = string.rep('x', 1e6) local t = {} for i = 1, 100 do t[i] = s end return t",
  "local t = {} t[1] = t t[2] = t return t",
  "local t = {} for i = 1, 40 do t = {t, t} end return t",
  "local t = {} for i = 1, 40 do t = {map = {a = t, b = t}} end return t",
  "local t = {1} for i = 1, 40 do t = {t, t} end return cjson.encode(t)",
  "local t = {1} for i = 1, 14 do t = {t, t, t, t, t, t, t, t} end return cmsgpack.pack(t)",
  "local s = string.rep('x', 1e6) local t = {} for i = 1, 100 do t[i] = s end return cjson.encode(t)",
  "local s = string.rep('x', 1e6) return struct.pack(string.rep('s', 99), unpack({s, s, s}, 1, 99))",
  "local s = string.rep('x', 1e7) return struct.pack('ssssss', s, s, s, s, s, s)",
  "local s = string.rep('x', 1e7) return redis.call('MSET', 1, s, 2, s, 3, s, 4, s, 5, s, 6, s)",
  "return load(function() return string.rep('x', 1e6) end)",
  "local t = {[string.rep('x', 1e6)] = 1} local u = {} for i = 1, 100 do u[i] = t end return cjson.encode(u)",
  "local t = {ok = string.rep('x', 1e6)} local u = {} for i = 1, 100 do u[i] = t end return u",
  "local t = {err = string.rep('x', 1e6)} local u = {} for i = 1, 100 do u[i] = t end return u",
  "local t = {big_number = string.rep('1', 1e6)} local u = {} for i = 1, 100 do u[i] = t end return u",
];

describe("a script that asks for too much memory", () => {
  test.each(HUGE)("gets an error: %s", (code) => {
    const { evaluate, harness } = scripting({ limitMs: 0 });
    expect(evaluate(code)).toMatch(/^\(error\) .*(not enough memory|bad argument)/);
    expect(evaluate("return redis.call('PING')")).toBe("PONG");
    expect(harness.engine.scripts.memoryBytes).toBeLessThan(25 * 1024 * 1024);
  });

  test("may catch it, and go on with less", () => {
    const { evaluate } = scripting({ limitMs: 0 });
    const code = "return {pcall(function() local s = 'x' while true do s = s .. s end end)}";
    expect(evaluate(code)).toBe('1) (nil)\n2) "not enough memory"');
    expect(evaluate(`local ok, text = pcall(string.rep, 'x', 2 ^ 30) return text`)).toBe(
      '"not enough memory"',
    );
  });

  test("gives its memory back, and others that were compiled before still run", () => {
    const { evaluate, send, harness } = scripting({ limitMs: 0 });
    const sha = send("SCRIPT", "LOAD", "return 'kept'").replaceAll('"', "");
    evaluate("cjson.encode_max_depth(7) return string.rep('x', 2e7) .. string.rep('y', 1e7)");
    expect(harness.engine.scripts.memoryBytes).toBe(0);
    expect(send("EVALSHA", sha, "0")).toBe('"kept"');
    expect(evaluate("return cjson.encode_max_depth()")).toBe("(integer) 7");
  });

  test("has the arguments it is given, or an error", () => {
    const { send } = scripting({ limitMs: 0 });
    const text = "x".repeat(20_000_000);
    expect(send("EVAL", "return #ARGV[1]", "0", text)).toBe("(integer) 20000000");
    expect(send("EVAL", "return #ARGV[2]", "0", `a${text}`, `b${text}`)).toMatch(
      /^\(error\) ERR Error running script \(call to [0-9a-f]{40}\): not enough memory$/,
    );
    expect(send("EVAL", "return #ARGV[1]", "0", "abc")).toBe("(integer) 3");
  });

  test("loses what a library keeps, not the library", () => {
    const { load, send } = scripting({ limitMs: 0 });
    load(`local n = 0
      redis.register_function('next', function() n = n + 1 return n end)
      redis.register_function('fill', function() return #string.rep('x', 2e7) end)`);
    expect(send("FCALL", "next", "0")).toBe("(integer) 1");
    expect(send("FCALL", "fill", "0")).toBe("(integer) 20000000");
    expect(send("FCALL", "next", "0")).toBe("(integer) 1");
  });
});

const DEEP = [
  "local function f() return 1 + f() end return f()",
  "local function f() return (string.gsub('x', 'x', f)) end return f()",
  "local function f() table.sort({1, 2, 3}, f) end return f()",
  "local function f() return coroutine.wrap(f)() end return f()",
  "local function f() return pcall(f) end return f()",
  "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
  "local t = {} for i = 1, 2000 do t = {t} end return t",
  "local t = {} for i = 1, 2000 do t = {t} end return cjson.encode(t)",
  "return cjson.decode(string.rep('[', 2000))",
  "return loadstring('return ' .. string.rep('(', 500) .. '1' .. string.rep(')', 500))",
];

describe("a script that goes too deep", () => {
  test.each(DEEP)("does no harm: %s", (code) => {
    const { evaluate } = scripting({ limitMs: 0 });
    evaluate(code);
    expect(evaluate("return redis.call('PING')")).toBe("PONG");
  });
});

/** What is counted beforehand must be over in time that grows as its text does. */
const LONG_TEXTS = [
  "return redis.error_reply(string.rep('\\n', 5e5) .. 'x')",
  "return redis.error_reply('A x' .. string.rep('\\n', 5e5) .. 'x')",
  "return {err = string.rep('\\n', 5e5) .. 'x'}",
  "return tonumber(string.rep(' ', 5e5) .. 'x y', 16)",
];

describe("a long text", () => {
  test.each(LONG_TEXTS)("is over at once: %s", (code) => {
    const { evaluate } = scripting({ limitMs: 0 });
    expect(evaluate(code)).toMatch(/x$|nil/);
  });
});

describe("the budget", () => {
  test("is spent by instructions where the clock stands still", () => {
    const budget = new Budget(() => 7);
    budget.begin(1);
    budget.spend(10_000);
    expect(budget.isSpent).toBe(false);
    budget.spend(1_000_000);
    expect(budget.isSpent).toBe(true);
    budget.begin(0);
    budget.spend(1e12);
    expect(budget.isSpent).toBe(false);
  });

  test("is spent by time where the clock goes on", () => {
    let nowUs = 0;
    const budget = new Budget(() => nowUs);
    budget.begin(1000);
    budget.spend(20_000);
    nowUs = 999_000;
    budget.spend(20_000);
    expect(budget.isSpent).toBe(false);
    nowUs = 1_001_000;
    budget.spend(20_000);
    expect(budget.isSpent).toBe(true);
  });

  test("of bytes has room for as much as a script has memory, values of no size included", () => {
    expect(new Gauge().hasRoom(MEMORY_BYTES_MAX - 100)).toBe(true);
    expect(new Gauge().hasRoom(MEMORY_BYTES_MAX)).toBe(false);
    const gauge = new Gauge();
    let count = 0;
    while (gauge.hasRoom(0)) count++;
    expect(count).toBeLessThan(2_000_000);
  });
});
