/**
 * Lua's own functions that go around metatables, and so must know of frozen tables (sandbox.ts). What a
 * script sees of such a table is empty; `pushThawed` gives what is behind it.
 */
import { LUA, LuaError } from "../../lua/machine.ts";
import { checkAny, checkType, complain, integerArgument } from "./arguments.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";

const READ_ONLY = "Attempt to modify a readonly table";

function refuseChange({ lua }: Interpreter): number {
  return complain(lua, READ_ONLY);
}

function refuseMissing({ lua }: Interpreter): number {
  lua.copy(2);
  const name = lua.bytes(-1) ?? "?";
  return complain(lua, `Script attempted to access nonexistent global variable '${name}'`);
}

/** Without the place in the script, as Redis has it here. */
function refuseFrozen(interpreter: Interpreter): void {
  if (!interpreter.isFrozen(1)) return;
  interpreter.lua.pushBytes(READ_ONLY);
  throw new LuaError(READ_ONLY);
}

function rawSet(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.table);
  checkAny(lua, 2);
  checkAny(lua, 3);
  refuseFrozen(interpreter);
  lua.top = 3;
  if (lua.type(2) === LUA.nil) complain(lua, "table index is nil");
  lua.set(1);
  return 1;
}

function rawGet(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.table);
  checkAny(lua, 2);
  lua.top = 2;
  if (!interpreter.pushThawed(1)) lua.copy(1);
  lua.copy(2);
  lua.get(-2);
  return 1;
}

function setMetatable(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const type = lua.type(2);
  checkType(lua, 1, LUA.table);
  if (type !== LUA.nil && type !== LUA.table) lua.argumentError(2, "nil or table expected");
  refuseFrozen(interpreter);
  lua.top = 2;
  if (lua.getMetatable(1)) {
    lua.getField(-1, "__metatable");
    if (lua.type(-1) !== LUA.nil) complain(lua, "cannot change a protected metatable");
    lua.top = 2;
  }
  lua.setMetatable(1);
  return 1;
}

function getMetatable(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkAny(lua, 1);
  if (lua.type(1) === LUA.string) {
    interpreter.pushStringMeta();
    return 1;
  }
  if (!lua.getMetatable(1)) {
    lua.pushNil();
    return 1;
  }
  lua.getField(-1, "__metatable");
  if (lua.type(-1) === LUA.nil) lua.pop();
  // The metatable that freezes is ours; what is behind it has none.
  else if (interpreter.isFrozen(1) && lua.type(-1) === LUA.boolean) lua.pushNil();
  return 1;
}

function next(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.table);
  lua.top = 2;
  if (interpreter.pushThawed(1)) lua.copy(2);
  if (lua.next(lua.top === 2 ? 1 : -2)) return 2;
  lua.pushNil();
  return 1;
}

/** A frozen table is shown as a copy: what `pairs` gives can be changed. */
function pairs(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.table);
  if (interpreter.pushThawed(1)) {
    lua.pushTable();
    lua.pushNil();
    while (lua.next(-3)) {
      lua.copy(-2);
      lua.insert(-2);
      lua.set(-4);
    }
    lua.copy(-1);
    lua.insert(1);
    lua.top = 1;
  }
  interpreter.pushGiven("next");
  lua.copy(1);
  lua.pushNil();
  return 3;
}

/** table.insert */
function insert(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkType(lua, 1, LUA.table);
  const end = lua.length(1) + 1;
  const { top } = lua;
  if (top !== 2 && top !== 3) complain(lua, "wrong number of arguments to 'insert'");
  const place = top === 2 ? end : integerArgument(lua, 2);
  refuseFrozen(interpreter);
  if (place < end) interpreter.spend(end - place);
  for (let i = Math.max(end, place); i > place; i--) {
    lua.getAt(1, i - 1);
    lua.setAt(1, i);
  }
  lua.setAt(1, place);
  return 0;
}

export const FROZEN_TABLES: Readonly<Record<string, ApiFunction>> = {
  next,
  refuse_change: refuseChange,
  refuse_missing: refuseMissing,
  rawset: rawSet,
  rawget: rawGet,
  setmetatable: setMetatable,
  getmetatable: getMetatable,
  pairs,
  insert,
};
