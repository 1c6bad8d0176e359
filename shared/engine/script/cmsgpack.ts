/** Scripts' `cmsgpack`: MessagePack (reference: Salvatore Sanfilippo's lua-cmsgpack 0.4.0). */
import { LUA, type LuaMachine } from "../../lua/machine.ts";
import { complain, numberArgument, textArgument } from "./arguments.ts";
import { type Gauge, INSTRUCTIONS_PER_BYTE } from "./budget.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";
import { placesOf, pushWritten } from "./writing.ts";

/** Tables deeper than this are packed as nil. */
const NESTING_MAX = 16;
const VIEW = new DataView(new ArrayBuffer(8));

// -- packing ----------------------------------------------------------------------------------------

function pack(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const count = lua.top;
  if (count === 0) lua.argumentError(0, "MessagePack pack needs input.");
  return pushWritten(interpreter, (gauge) => {
    let text = "";
    for (let place = 1; place <= count; place++) {
      lua.copy(place);
      text += packed({ interpreter, gauge }, 0);
      lua.pop();
    }
    return text;
  });
}

interface Output {
  readonly interpreter: Interpreter;
  readonly gauge: Gauge;
}

/** The value on top of the stack. */
function packed(output: Output, level: number): string {
  const { gauge } = output;
  const { lua } = output.interpreter;
  if (!lua.reserve(6)) complain(lua, "stack overflow");
  if (!gauge.hasRoom(lua.type(-1) === LUA.string ? lua.length(-1) : 0)) lua.noMemory();
  switch (lua.type(-1)) {
    case LUA.string: {
      const text = lua.bytes(-1)!;
      return stringHead(text.length) + text;
    }
    case LUA.boolean:
      return lua.boolean(-1) ? "\xc3" : "\xc2";
    case LUA.number:
      return packedNumber(lua.number(-1));
    case LUA.table:
      return level >= NESTING_MAX ? "\xc0" : packedTable(output, level);
    default:
      return "\xc0";
  }
}

function stringHead(length: number): string {
  if (length < 32) return byte(0xa0 | length);
  if (length <= 0xff) return `\xd9${byte(length)}`;
  return length <= 0xffff ? `\xda${bigEndian(length, 2)}` : `\xdb${bigEndian(length, 4)}`;
}

function packedNumber(value: number): string {
  // What is a 64-bit integer goes as one, in as few bytes as it takes.
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63)
    return packedInteger(value);
  if (Math.fround(value) === value) {
    VIEW.setFloat32(0, value);
    return `\xca${viewed(4)}`;
  }
  VIEW.setFloat64(0, value);
  return `\xcb${viewed(8)}`;
}

function packedInteger(value: number): string {
  if (value >= 0) {
    if (value <= 0x7f) return byte(value);
    if (value <= 0xff) return `\xcc${byte(value)}`;
    if (value <= 0xffff) return `\xcd${bigEndian(value, 2)}`;
    if (value <= 0xffff_ffff) return `\xce${bigEndian(value, 4)}`;
    VIEW.setBigUint64(0, BigInt(value));
    return `\xcf${viewed(8)}`;
  }
  if (value >= -32) return byte(value & 0xff);
  if (value >= -128) return `\xd0${byte(value & 0xff)}`;
  if (value >= -32_768) return `\xd1${bigEndian(value & 0xffff, 2)}`;
  if (value >= -2_147_483_648) return `\xd2${bigEndian(value >>> 0, 4)}`;
  VIEW.setBigInt64(0, BigInt(value));
  return `\xd3${viewed(8)}`;
}

function packedTable(output: Output, level: number): string {
  const { lua } = output.interpreter;
  const places = placesOf(output.interpreter);
  if (places !== undefined && places.max === places.count) {
    const length = places.max;
    let text = containerHead(length, { few: 0x90, more: 0xdc });
    for (let place = 1; place <= length; place++) {
      lua.getAt(-1, place);
      text += packed(output, level + 1);
      lua.pop();
    }
    return text;
  }
  let count = 0;
  let text = "";
  lua.pushNil();
  while (lua.next(-2)) {
    lua.copy(-2);
    text += packed(output, level + 1);
    lua.pop();
    text += packed(output, level + 1);
    lua.pop();
    count++;
  }
  return containerHead(count, { few: 0x80, more: 0xde }) + text;
}

function containerHead(count: number, { few, more }: { few: number; more: number }): string {
  if (count <= 15) return byte(few | count);
  if (count <= 0xffff) return byte(more) + bigEndian(count, 2);
  return byte(more + 1) + bigEndian(count, 4);
}

// -- unpacking ----------------------------------------------------------------------------------------

interface Input {
  readonly lua: LuaMachine;
  readonly text: string;
  at: number;
}

function unpack(interpreter: Interpreter): number {
  return unpackSome(interpreter, { countMax: 0, from: 0 });
}

function unpackOne(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const from = lua.top >= 2 ? Math.trunc(numberArgument(lua, 2)) : 0;
  return unpackSome(interpreter, { countMax: 1, from });
}

function unpackLimit(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const countMax = Math.trunc(numberArgument(lua, 2));
  const from = lua.top >= 3 ? Math.trunc(numberArgument(lua, 3)) : 0;
  return unpackSome(interpreter, { countMax, from });
}

/**
 * So many values from an offset on, behind the place where they end (-1: the end). Neither a number nor an
 * offset: all values, and no place.
 */
function unpackSome(
  interpreter: Interpreter,
  { countMax, from }: { countMax: number; from: number },
): number {
  const { lua } = interpreter;
  const text = textArgument(lua, 1);
  interpreter.spend(text.length * INSTRUCTIONS_PER_BYTE);
  if (from < 0 || countMax < 0) {
    complain(lua, `Invalid request to unpack with offset of ${from} and limit of ${text.length}.`);
  }
  if (from > text.length) {
    complain(lua, `Start offset ${from} greater than input length ${text.length}.`);
  }
  const isAll = countMax === 0 && from === 0;
  const input: Input = { lua, text, at: from };
  let count = 0;
  lua.top = 0;
  while (input.at < text.length && (isAll || count < countMax)) {
    if (!lua.reserve(8)) complain(lua, "too many results to unpack");
    pushUnpacked(input, 0);
    count++;
  }
  if (isAll) return count;
  lua.pushNumber(input.at >= text.length ? -1 : input.at);
  lua.insert(1);
  return count + 1;
}

function take(input: Input, count: number): string {
  const end = input.at + count;
  if (end > input.text.length) complain(input.lua, "Missing bytes in input.");
  const bytes = input.text.slice(input.at, end);
  input.at = end;
  return bytes;
}

function unsigned(input: Input, count: number): number {
  const bytes = take(input, count);
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes.charCodeAt(i);
  return value;
}

function signed(input: Input, count: number): number {
  const bytes = take(input, count);
  let value = 0n;
  for (let i = 0; i < count; i++) value = (value << 8n) | BigInt(bytes.charCodeAt(i));
  return Number(BigInt.asIntN(count * 8, value));
}

function float(input: Input, count: 4 | 8): number {
  const bytes = take(input, count);
  for (let i = 0; i < count; i++) VIEW.setUint8(i, bytes.charCodeAt(i));
  return count === 4 ? VIEW.getFloat32(0) : VIEW.getFloat64(0);
}

function pushUnpacked(input: Input, depth: number): void {
  const { lua } = input;
  if (depth > 1000 || !lua.reserve(6)) complain(lua, "stack overflow");
  const tag = unsigned(input, 1);
  if (tag <= 0x7f) lua.pushNumber(tag);
  else if (tag >= 0xe0) lua.pushNumber(tag - 256);
  else if (tag <= 0x8f) pushMap(input, tag & 15, depth);
  else if (tag <= 0x9f) pushArray(input, tag & 15, depth);
  else if (tag <= 0xbf) lua.pushBytes(take(input, tag & 31));
  else pushTagged(input, tag, depth);
}

function pushTagged(input: Input, tag: number, depth: number): void {
  const { lua } = input;
  if (tag === 0xc0) lua.pushNil();
  else if (tag === 0xc2 || tag === 0xc3) lua.pushBoolean(tag === 0xc3);
  else if (tag === 0xca) lua.pushNumber(float(input, 4));
  else if (tag === 0xcb) lua.pushNumber(float(input, 8));
  else if (tag === 0xcf) lua.pushNumber(signed(input, 8));
  else if (tag >= 0xcc && tag <= 0xce) lua.pushNumber(unsigned(input, 1 << (tag - 0xcc)));
  else if (tag >= 0xd0 && tag <= 0xd3) lua.pushNumber(signed(input, 1 << (tag - 0xd0)));
  else if (tag >= 0xd9 && tag <= 0xdb) {
    lua.pushBytes(take(input, unsigned(input, 1 << (tag - 0xd9))));
  } else if (tag === 0xdc || tag === 0xdd)
    pushArray(input, unsigned(input, 2 << (tag - 0xdc)), depth);
  else if (tag === 0xde || tag === 0xdf) pushMap(input, unsigned(input, 2 << (tag - 0xde)), depth);
  else complain(lua, "Bad data format in input.");
}

function pushArray(input: Input, count: number, depth: number): void {
  const { lua } = input;
  lua.pushTable();
  for (let place = 1; place <= count; place++) {
    pushUnpacked(input, depth + 1);
    lua.setAt(-2, place);
  }
}

function pushMap(input: Input, count: number, depth: number): void {
  const { lua } = input;
  lua.pushTable();
  for (let i = 0; i < count; i++) {
    pushUnpacked(input, depth + 1);
    pushUnpacked(input, depth + 1);
    // Raises what is wrong with a key that is nil or no number.
    lua.set(-3);
  }
}

function byte(value: number): string {
  return String.fromCharCode(value);
}

function bigEndian(value: number, count: number): string {
  let text = "";
  for (let i = count - 1; i >= 0; i--) text += byte(Math.floor(value / 256 ** i) & 255);
  return text;
}

function viewed(count: number): string {
  let text = "";
  for (let i = 0; i < count; i++) text += byte(VIEW.getUint8(i));
  return text;
}

export const CMSGPACK: Readonly<Record<string, ApiFunction>> = {
  pack,
  unpack,
  unpack_one: unpackOne,
  unpack_limit: unpackLimit,
};

export const CMSGPACK_CONSTANTS = {
  _NAME: "cmsgpack",
  _VERSION: "lua-cmsgpack 0.4.0",
  _COPYRIGHT: "Copyright (C) 2012, Salvatore Sanfilippo",
  _DESCRIPTION: "MessagePack C implementation for Lua",
} as const;
