/** Reads what a script gives to a function of ours, and complains in Lua's own words. */
import { LUA, LuaError, type LuaMachine } from "../../lua/machine.ts";

export const TYPE_NAMES: Readonly<Record<number, string>> = {
  "-1": "no value",
  0: "nil",
  1: "boolean",
  2: "userdata",
  3: "number",
  4: "string",
  5: "table",
  6: "function",
  7: "userdata",
  8: "thread",
};

/** Raises text with the place in the script in front, as Lua's own functions do. */
export function complain(lua: LuaMachine, text: string): never {
  lua.pushBytes(lua.where(1) + text);
  throw new LuaError(text);
}

export function badArgument(lua: LuaMachine, place: number, name: string, why: string): never {
  return complain(lua, `bad argument #${place} to '${name}' (${why})`);
}

/** An argument that must be a number, or a string that looks like one. */
export function numberArgument(lua: LuaMachine, place: number, name: string): number {
  const type = lua.type(place);
  const value = lua.number(place);
  if (type === LUA.number || (type === LUA.string && value !== 0)) return value;
  if (type === LUA.string && /^\s*[-+]?(0x)?0*\.?0*(e[-+]?\d+)?\s*$/i.test(lua.bytes(place)!))
    return 0;
  return badArgument(lua, place, name, `number expected, got ${TYPE_NAMES[type]}`);
}

/** An argument that must be a string, or a number, which becomes one. */
export function textArgument(lua: LuaMachine, place: number, name: string): string {
  const text = lua.bytes(place);
  if (text !== undefined) return text;
  return badArgument(lua, place, name, `string expected, got ${TYPE_NAMES[lua.type(place)]}`);
}
