/** Reads what a script gives to a function of ours, and complains in Lua's own words. */
import { LuaError, type LuaMachine } from "../../lua/machine.ts";

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

/** Complains that an argument is of another type than this. */
export function refuseType(lua: LuaMachine, place: number, expected: string): never {
  return lua.argumentError(place, `${expected} expected, got ${TYPE_NAMES[lua.type(place)]}`);
}

/** An argument that must be of this type. */
export function checkType(lua: LuaMachine, place: number, type: number): void {
  if (lua.type(place) !== type) refuseType(lua, place, TYPE_NAMES[type]!);
}

/** An argument that must be there, if only as nil. */
export function checkAny(lua: LuaMachine, place: number): void {
  if (lua.top < place) lua.argumentError(place, "value expected");
}

/** An argument that must be a number, or a string that looks like one. */
export function numberArgument(lua: LuaMachine, place: number): number {
  if (lua.isNumber(place)) return lua.number(place);
  return refuseType(lua, place, "number");
}

/** An argument that must be a string, or a number, which becomes one. */
export function textArgument(lua: LuaMachine, place: number): string {
  return lua.bytes(place) ?? refuseType(lua, place, "string");
}

/** An argument that must be a number; C makes a long and then an int of it, which drops the high bits. */
export function integerArgument(lua: LuaMachine, place: number): number {
  const value = Math.trunc(numberArgument(lua, place));
  if (Math.abs(value) <= 0x7fff_ffff) return value;
  return Math.abs(value) < 2 ** 63 ? Number(BigInt.asIntN(32, BigInt(value))) : 0;
}
