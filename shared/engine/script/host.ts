/** All functions of ours that a machine has, each known to it by a number. */
import { LUA, type LuaMachine } from "../../lua/machine.ts";
import { FROZEN_TABLES } from "./frozen-tables.ts";
import type { Interpreter } from "./interpreter.ts";
import { LIBRARIES, LIBRARY_CONSTANTS } from "./libraries.ts";
import { LUA_FUNCTIONS } from "./lua-functions.ts";
import { CONSTANTS, REDIS } from "./redis-api.ts";
import { registerFunction } from "./register-function.ts";

/** A function of ours: its arguments are the stack; it pushes results and says how many. */
export type ApiFunction = (interpreter: Interpreter, argCount: number) => number;

/** By where scripts find them: "" is for the sandbox, which gives them their places. */
const TABLES: Readonly<Record<string, Readonly<Record<string, ApiFunction>>>> = {
  "": { ...FROZEN_TABLES, ...LUA_FUNCTIONS, register_function: registerFunction },
  redis: REDIS,
  ...LIBRARIES,
};

const NAMES = Object.entries(TABLES).flatMap(([library, functions]) =>
  Object.keys(functions).map((name) => ({ library, name })),
);

export const FUNCTIONS: readonly ApiFunction[] = Object.values(TABLES).flatMap((functions) =>
  Object.values(functions),
);

function idOf(library: string, name: string): number {
  return NAMES.findIndex((one) => one.library === library && one.name === name);
}

/** Functions that other functions give to scripts. */
export const GIVEN = { handle: idOf("", "handle"), next: idOf("", "next") } as const;

/** Pushes the table that the sandbox is made of: our functions by name, `redis` and the libraries. */
export function pushHost(lua: LuaMachine): void {
  lua.pushTable();
  lua.pushTable();
  lua.pushTable();
  NAMES.forEach(({ library, name }, id) => {
    if (name === "tonumber") lua.pushToNumber(id);
    else lua.pushFunction(id);
    if (library === "") lua.setField(-4, name);
    else if (library === "redis") lua.setField(-3, name);
    else setInLibrary(lua, library, name);
  });
  for (const [name, value] of Object.entries(CONSTANTS)) {
    if (typeof value === "number") lua.pushNumber(value);
    else lua.pushBytes(value);
    lua.setField(-3, name);
  }
  for (const [library, constants] of Object.entries(LIBRARY_CONSTANTS)) {
    for (const [name, text] of Object.entries(constants)) {
      lua.pushBytes(text);
      setInLibrary(lua, library, name);
    }
  }
  lua.pushNull();
  setInLibrary(lua, "cjson", "null");
  lua.setField(-3, "libraries");
  lua.setField(-2, "redis");
}

/** Sets a field of a library to the value on top; the table of libraries is below it. */
function setInLibrary(lua: LuaMachine, library: string, name: string): void {
  lua.pushBytes(library);
  lua.get(-3);
  if (lua.type(-1) !== LUA.table) {
    lua.pop();
    lua.pushTable();
    lua.copy(-1);
    lua.setField(-4, library);
  }
  lua.insert(-2);
  lua.setField(-2, name);
  lua.pop();
}
