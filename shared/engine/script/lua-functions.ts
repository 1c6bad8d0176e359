/**
 * Lua's own functions where ours stand in front of them: they would let a script out of its sandbox, or
 * have integers of 32 bits here, where those of Redis have 64.
 */
import { LUA, LUA_OK, LuaError, type LuaMachine, NO_MEMORY } from "../../lua/machine.ts";
import {
  checkAny,
  checkType,
  complain,
  integerArgument,
  numberArgument,
  textArgument,
} from "./arguments.ts";
import { INSTRUCTIONS_PER_BYTE, MEMORY_BYTES_MAX } from "./budget.ts";
import { formatIntegers } from "./format-integer.ts";
import { textOf } from "./from-lua.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";

/** As Redis has it: of an error that is a table, its text is given. */
function pcall({ lua }: Interpreter): number {
  const argCount = lua.top - 1;
  if (argCount < 0) {
    lua.pushBoolean(false);
    lua.pushBytes("attempt to call a boolean value");
    return 2;
  }
  lua.pushBoolean(true);
  lua.insert(1);
  if (lua.pcall(argCount, LUA.allResults) === LUA_OK) return lua.top;
  if (lua.type(-1) === LUA.table) {
    lua.getField(-1, "err");
    if (lua.type(-1) === LUA.string) lua.remove(-2);
    else lua.pop();
  }
  lua.pushBoolean(false);
  lua.insert(-2);
  return 2;
}

/** The handler of the script's is called by ours. */
function xpcall(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkAny(lua, 2);
  lua.top = 2;
  interpreter.pushGiven("handle", 1);
  lua.insert(1);
  const isOk = lua.pcall(0, LUA.allResults, 1) === LUA_OK;
  lua.remove(1);
  lua.pushBoolean(isOk);
  lua.insert(1);
  return lua.top;
}

/**
 * No instructions are counted while Lua tells a handler of the error that a count has led to: it would
 * run for as long as it likes.
 */
function handle({ lua, budget }: Interpreter): number {
  if (budget.isSpent) return 1;
  lua.copy(lua.upvalue(1));
  lua.insert(1);
  lua.call(1, 1);
  return 1;
}

function loadString(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const code = textArgument(lua, 1);
  return load(interpreter, code, lua.type(2) > LUA.nil ? textArgument(lua, 2) : code);
}

/** With a function that gives the code piece by piece. */
function loadPieces(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.function);
  const name = lua.type(2) > LUA.nil ? textArgument(lua, 2) : "=(load)";
  let code = "";
  for (;;) {
    lua.copy(1);
    if (lua.pcall(0, 1) !== LUA_OK) return withoutResult(lua);
    const piece = lua.type(-1) === LUA.nil ? "" : lua.bytes(-1);
    if (piece === undefined) {
      lua.pushBytes(`${lua.where(1)}reader function must return a string`);
      return withoutResult(lua);
    }
    if (piece === "") return load(interpreter, code, name);
    interpreter.spendBytes(piece.length);
    code += piece;
    if (code.length > MEMORY_BYTES_MAX) lua.noMemory();
    lua.pop();
  }
}

function load(interpreter: Interpreter, code: string, name: string): number {
  const { lua } = interpreter;
  interpreter.spendBytes(code.length + name.length);
  return lua.load(code, name) === LUA_OK ? 1 : withoutResult(lua);
}

/** nil, and the message on top. */
function withoutResult(lua: LuaMachine): number {
  lua.pushNil();
  lua.insert(-2);
  return 2;
}

/** string.rep; Lua's would repeat nothing two thousand million times. */
function repeat(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const text = textArgument(lua, 1);
  const count = Math.max(integerArgument(lua, 2), 0);
  const bytes = text.length * count;
  if (bytes > MEMORY_BYTES_MAX) lua.noMemory();
  interpreter.spendBytes(bytes);
  lua.pushBytes(text === "" ? "" : text.repeat(count));
  return 1;
}

function toNumber(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const base = lua.type(2) > LUA.nil ? integerArgument(lua, 2) : 10;
  if (base === 10) {
    checkAny(lua, 1);
    if (lua.isNumber(1)) lua.pushNumber(lua.number(1));
    else lua.pushNil();
    return 1;
  }
  const text = textArgument(lua, 1);
  if (base < 2 || base > 36) lua.argumentError(2, "base out of range");
  interpreter.spend(text.length * INSTRUCTIONS_PER_BYTE);
  const value = unsignedOf(textOf(text), base);
  if (value === undefined) lua.pushNil();
  else lua.pushNumber(value);
  return 1;
}

const ULONG_MAX = 2n ** 64n - 1n;

/** C's strtoul with nothing but space behind the digits. */
function unsignedOf(text: string, base: number): number | undefined {
  let [at, end] = [0, text.length];
  while (isSpace(text.charCodeAt(at))) at++;
  while (end > at && isSpace(text.charCodeAt(end - 1))) end--;
  const sign = text[at] ?? "";
  if (sign === "-" || sign === "+") at++;
  if (base === 16 && /^0x[\da-f]/i.test(text.slice(at, at + 3))) at += 2;
  if (at >= end) return undefined;
  let value = 0n;
  for (; at < end; at++) {
    const digit = Number.parseInt(text[at]!, 36);
    if (!(digit < base)) return undefined;
    if (value <= ULONG_MAX) value = value * BigInt(base) + BigInt(digit);
  }
  if (value > ULONG_MAX) return Number(ULONG_MAX);
  return Number(sign === "-" ? BigInt.asUintN(64, -value) : value);
}

/** C's isspace. */
function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/** string.format: Lua's, but for integers beyond 32 bits, which it gets as text. */
function format(interpreter: Interpreter): number {
  const { lua } = interpreter;
  if (lua.top > 1 && lua.type(1) === LUA.string) {
    interpreter.spend(lua.length(1));
    formatIntegers(lua);
  }
  // Its complaints become ours, which know of the script.
  const argCount = lua.top;
  interpreter.pushFormat();
  lua.insert(1);
  if (lua.pcall(argCount, LUA.allResults) === LUA_OK) return lua.top;
  const message = lua.bytes(-1) ?? "";
  const [, place, why] = /^bad argument #(\d+) to '\?' \((.*)\)$/s.exec(message) ?? [];
  if (place !== undefined) return lua.argumentError(Number(place), why!);
  if (message === NO_MEMORY) throw new LuaError(message);
  return complain(lua, message);
}

// -- math.random -------------------------------------------------------------------------------------

function random({ lua, random: source }: Interpreter): number {
  const value = source.next();
  const count = lua.top;
  if (count === 0) lua.pushNumber(value);
  else if (count > 2) complain(lua, "wrong number of arguments");
  else {
    const low = count === 1 ? 1 : integerArgument(lua, 1);
    const high = integerArgument(lua, count);
    if (low > high) lua.argumentError(count, "interval is empty");
    lua.pushNumber(Math.floor(value * (high - low + 1)) + low);
  }
  return 1;
}

function randomSeed({ lua, random: source }: Interpreter): number {
  source.seed(Math.trunc(numberArgument(lua, 1)));
  return 0;
}

export const LUA_FUNCTIONS: Readonly<Record<string, ApiFunction>> = {
  pcall,
  xpcall,
  handle,
  loadstring: loadString,
  load: loadPieces,
  rep: repeat,
  tonumber: toNumber,
  format,
  random,
  randomseed: randomSeed,
};
