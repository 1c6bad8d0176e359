import { describe, expect, test } from "vitest";

import {
  LUA,
  LUA_OK,
  LUA_OUT_OF_MEMORY,
  LuaError,
  type LuaHost,
  LuaMachine,
  LuaPanic,
} from "../../shared/lua/machine.ts";
import { luaModules } from "../support/lua.ts";

const MEGABYTE = 1024 * 1024;
/** The module begins with 16 MB. */
const BYTES_MAX = 20 * MEGABYTE;

function machine(host: Partial<LuaHost> = {}, bytesMax = BYTES_MAX): LuaMachine {
  const refused: LuaHost = {
    call: () => 0,
    failed: () => undefined,
    jumps: () => undefined,
    tick: () => undefined,
    refill: () => 10_000,
    copies: () => undefined,
    nowMs: () => 0,
  };
  const lua = new LuaMachine(luaModules(), { ...refused, ...host }, { bytesMax });
  lua.openLibraries();
  return lua;
}

/** A machine in which `host` is a function of ours. */
function machineWith(call: (lua: LuaMachine) => number): LuaMachine {
  const lua: LuaMachine = machine({ call: () => call(lua) });
  lua.pushFunction(0);
  lua.setField(LUA.globals, "host");
  return lua;
}

/** What a chunk returns, as text; an error's text behind "error: ". */
function run(lua: LuaMachine, code: string): string | undefined {
  lua.top = 0;
  if (lua.load(code, "@chunk") !== LUA_OK) return `load: ${lua.bytes(-1)}`;
  const status = lua.pcall(0, 1);
  const text = lua.bytes(-1);
  return status === LUA_OK ? text : `error: ${text}`;
}

describe("a Lua machine", () => {
  test("pushes strings as a table, in order, whatever their length", () => {
    const lua = machine();
    const texts = ["", "a", "ab\0", "abc", "abcd", "\xff".repeat(5), "x".repeat(100_000), "end"];
    lua.pushTexts(texts);
    texts.forEach((text, i) => {
      lua.getAt(-1, i + 1);
      expect(lua.bytes(-1)).toBe(text);
      lua.pop();
    });
    expect(lua.length(-1)).toBe(texts.length);
    lua.pushTexts([]);
    expect(lua.length(-1)).toBe(0);
  });

  test("finds the strings among arguments, and what is none", () => {
    const found: unknown[] = [];
    const lua: LuaMachine = machine({
      call: (_, argCount) => {
        lua.findTexts(argCount);
        for (let place = 1; place <= argCount; place++) {
          found.push(lua.textLength(place) === undefined ? lua.type(place) : lua.text(place));
        }
        return 0;
      },
    });
    lua.pushFunction(0);
    lua.setField(LUA.globals, "host");
    run(lua, "host('GET', 5, '', nil, true, {}, ('x'):rep(50), '\\0', 'GET')");
    const [nil, boolean, table] = [LUA.nil, LUA.boolean, LUA.table];
    expect(found).toEqual(["GET", 3, "", nil, boolean, table, "x".repeat(50), "\0", "GET"]);
    found.length = 0;
    run(lua, "local t = {} for i = 1, 2000 do t[i] = 'n' .. i end host(unpack(t))");
    expect(found).toEqual(Array.from({ length: 2000 }, (_, i) => `n${i + 1}`));
  });

  test("reads a string that took another's place", () => {
    const lua = machine();
    for (let i = 0; i < 5000; i++) {
      lua.top = 0;
      lua.pushBytes(`text ${i % 7} ${i}`);
      expect(lua.bytes(-1)).toBe(`text ${i % 7} ${i}`);
      if (i % 500 === 0) lua.collect();
    }
  });

  test.each(["0", "7", "007", "123456789012345", "1234567890123456", "", " 1", "1 ", "-1", "1.5"])(
    "makes of %j the number that Lua does, and asks nobody",
    (text) => {
      const asked: number[] = [];
      const lua: LuaMachine = machine({
        call: (id) => {
          asked.push(id);
          lua.pushNil();
          return 1;
        },
      });
      lua.pushToNumber(7);
      lua.setField(LUA.globals, "mine");
      const own = run(lua, `return tostring(tonumber('${text}'))`);
      expect(run(lua, `return tostring(mine('${text}'))`)).toBe(own);
      expect(asked).toEqual(own === "nil" ? [7] : []);
    },
  );

  test("takes and gives bytes as they are, short and long", () => {
    const given: (string | undefined)[] = [];
    const lua = machineWith((own) => {
      given.push(own.bytes(1));
      own.pushBytes(own.bytes(1)!);
      return 1;
    });
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join("");
    for (const text of ["", "a\0b", all, all.repeat(1000)]) {
      lua.top = 0;
      lua.getField(LUA.globals, "host");
      lua.pushBytes(text);
      expect(lua.pcall(1, 1)).toBe(LUA_OK);
      expect(lua.bytes(-1)).toBe(text);
      expect(given.pop()).toBe(text);
    }
  });

  test("says where a chunk is wrong", () => {
    expect(run(machine(), "x =")).toBe("load: chunk:1: unexpected symbol near '<eof>'");
    expect(run(machine(), "\nerror('no')")).toBe("error: chunk:2: no");
  });

  test("compiles text only", () => {
    const lua = machine();
    expect(run(lua, "code = string.dump(function() return 1 end)")).toBeUndefined();
    lua.getField(LUA.globals, "code");
    const code = lua.bytes(-1)!;
    expect(code.startsWith("\x1bLua")).toBe(true);
    expect(run(lua, code)).toMatch(/^load: chunk:1: unexpected symbol/);
  });

  test("has an error that a function of ours raises, and pcall catches it", () => {
    const lua = machineWith((own) => {
      own.pushBytes("mine");
      throw new LuaError("mine");
    });
    expect(run(lua, "host()")).toBe("error: mine");
    expect(run(lua, "local ok, text = pcall(host) return tostring(ok) .. ' ' .. text")).toBe(
      "false mine",
    );
    expect(run(lua, "return 1")).toBe("1");
  });

  test("lets an error of Lua's pass through functions of ours, which call Lua", () => {
    const lua = machineWith((own) => {
      own.call(own.top - 1, LUA.allResults);
      return own.top;
    });
    expect(run(lua, "return host(string.upper, 'a')")).toBe("A");
    expect(run(lua, "return host(function() error('deep') end)")).toBe("error: chunk:1: deep");
    const nested = "local ok, text = pcall(host, host, host, error, 'deep') return text";
    expect(run(lua, nested)).toBe("deep");
  });

  test("runs functions of ours in coroutines, on their own stacks", () => {
    const lua = machineWith((own) => {
      own.pushNumber(own.number(1) + 1);
      return 1;
    });
    const code = `
      local co = coroutine.wrap(function(n) while true do n = coroutine.yield(host(n)) end end)
      return co(1) .. ' ' .. host(10) .. ' ' .. co(20)`;
    expect(run(lua, code)).toBe("2 11 21");
  });

  test("gives a function of ours the values it owns", () => {
    const lua: LuaMachine = machine({
      call: () => {
        lua.copy(lua.upvalue(1));
        lua.copy(lua.upvalue(2));
        return 2;
      },
    });
    lua.pushBytes("one");
    lua.pushBytes("two");
    lua.pushFunction(0, 2);
    lua.setField(LUA.globals, "own");
    expect(run(lua, "local a, b = own() return a .. b")).toBe("onetwo");
  });

  test("is told after so many instructions, in coroutines too", () => {
    let ticks = 0;
    const lua = machine({ tick: () => void ticks++ });
    lua.setHook(1000);
    run(lua, "for i = 1, 10000 do end");
    expect(ticks).toBeGreaterThanOrEqual(10);
    ticks = 0;
    run(lua, "coroutine.wrap(function() for i = 1, 10000 do end end)()");
    expect(ticks).toBeGreaterThanOrEqual(10);
  });

  test("has an endless loop ended by who is told", () => {
    const lua: LuaMachine = machine({
      tick: () => {
        lua.pushBytes("enough");
        throw new LuaError("enough");
      },
    });
    lua.setHook(1000);
    expect(run(lua, "while true do end")).toBe("error: enough");
  });

  test("asks for fuel while it runs, within functions of Lua's own too", () => {
    let refills = 0;
    const lua = machine({ refill: () => (refills++, 1000) });
    const counted = (code: string): number => {
      const before = refills;
      run(lua, code);
      return refills - before;
    };
    expect(counted("local n = 1")).toBeLessThan(2);
    expect(counted("for i = 1, 1e5 do end")).toBeGreaterThanOrEqual(100);
    expect(counted("string.find(string.rep('a', 1e5), 'b')")).toBeGreaterThanOrEqual(100);
    expect(counted("string.rep('a', 1e5):upper()")).toBeGreaterThanOrEqual(100);
  });

  test("tells how many bytes are copied at once", () => {
    let bytes = 0;
    const lua = machine({ copies: (count) => void (bytes += count) });
    run(lua, "local s = string.rep('a', 1e6) .. 'b' return s:sub(2)");
    expect(bytes).toBeGreaterThanOrEqual(2e6);
  });

  test("is broken where it is left without fuel, and no pcall goes on", () => {
    let isOver = false;
    const lua = machine({
      refill: () => {
        if (isOver) throw new RangeError("enough");
        return 1000;
      },
    });
    isOver = true;
    const code = "while true do pcall(string.find, string.rep('a', 1e6), '.-.-b') end";
    expect(() => run(lua, code)).toThrow("enough");
    expect(lua.isBroken).toBe(true);
  });

  test("says so when its memory is full, and goes on", () => {
    const lua = machine();
    const grow = "local s = 'x' while true do s = s .. s end";
    expect(run(lua, grow)).toBe("error: not enough memory");
    expect(run(lua, `return tostring(pcall(function() ${grow} end))`)).toBe("false");
    expect(lua.byteCount).toBeLessThanOrEqual(BYTES_MAX);
    expect(run(lua, "return 'still here'")).toBe("still here");
    expect(lua.isBroken).toBe(false);
  });

  test("raises in Lua what does not fit when a function of ours pushes it", () => {
    let calls = 0;
    const lua = machineWith((own) => {
      own.pushBytes(`${++calls}`.repeat(5 * MEGABYTE));
      return 1;
    });
    expect(run(lua, "local a, b, c, d = host(), host(), host(), host()")).toBe(
      "error: not enough memory",
    );
    lua.top = 0;
    expect(lua.load("local t = {} for i = 1, 1e9 do t[i] = {} end", "@chunk")).toBe(LUA_OK);
    expect(lua.pcall(0, 0)).toBe(LUA_OUT_OF_MEMORY);
  });

  test("panics where nothing catches an error", () => {
    const lua = machine();
    lua.pushTable();
    const fill = (): void => {
      for (let place = 1; ; place++) {
        lua.pushBytes(`${place}`.repeat(100_000));
        lua.setAt(-2, place);
      }
    };
    expect(fill).toThrow(LuaPanic);
  });

  test("is broken when what flew through it was no error of Lua's", () => {
    const lua = machineWith(() => {
      throw new RangeError("a bug of ours");
    });
    expect(() => run(lua, "pcall(host)")).toThrow("a bug of ours");
    expect(lua.isBroken).toBe(true);
  });
});
