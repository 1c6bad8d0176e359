/** Scripts' `struct`: C structures as strings (reference: Roberto Ierusalimschy's struct 0.2). */
import { LUA, type LuaMachine } from "../../lua/machine.ts";
import { complain, numberArgument, textArgument } from "./arguments.ts";
import { Gauge, INSTRUCTIONS_PER_BYTE } from "./budget.ts";
import { toLong } from "./format-integer.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";

const INTEGER_BYTES_MAX = 32;
const ALIGNMENT_DEFAULT = 8;
const SIZES: Readonly<Record<string, number>> = {
  b: 1,
  B: 1,
  h: 2,
  H: 2,
  l: 8,
  L: 8,
  T: 8,
  f: 4,
  d: 8,
  x: 1,
};
const INTEGERS = "bBhHlLTiI";
const VIEW = new DataView(new ArrayBuffer(8));

/** A format being read: one option after the other, with what the options before have set. */
class Format {
  readonly #lua: LuaMachine;
  readonly #text: string;
  #at = 0;
  isLittle = true;
  #alignment = 1;

  /** All of it is charged for at once; formats are short. */
  constructor(interpreter: Interpreter) {
    this.#lua = interpreter.lua;
    this.#text = textArgument(interpreter.lua, 1);
    interpreter.spend(this.#text.length * INSTRUCTIONS_PER_BYTE);
  }

  /** The next option and its size; undefined at the end. */
  next(): { option: string; size: number } | undefined {
    const option = this.#text[this.#at++];
    if (option === undefined || option === "\0") return undefined;
    return { option, size: this.#sizeOf(option) };
  }

  /** Bytes in front of an item that stands behind so many. */
  padding(offset: number, option: string, size: number): number {
    if (size === 0 || option === "c") return 0;
    const step = Math.min(size, this.#alignment);
    return step > 1 ? (step - (offset & (step - 1))) & (step - 1) : 0;
  }

  /** Takes an option that is no item. */
  control(option: string): void {
    if (option === " ") return;
    if (option === ">") this.isLittle = false;
    else if (option === "<") this.isLittle = true;
    else if (option === "!") {
      const value = this.#number(ALIGNMENT_DEFAULT);
      if (value <= 0 || (value & (value - 1)) !== 0) {
        complain(this.#lua, `alignment ${value} is not a power of 2`);
      }
      this.#alignment = value;
    } else this.#refuse(option);
  }

  #refuse(option: string): never {
    return this.#lua.argumentError(1, `invalid format option '${option}'`);
  }

  #sizeOf(option: string): number {
    if (option === "c") return this.#number(1);
    if (option !== "i" && option !== "I") return SIZES[option] ?? 0;
    const size = this.#number(4);
    if (size > INTEGER_BYTES_MAX) {
      complain(this.#lua, `integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`);
    }
    return size;
  }

  #number(otherwise: number): number {
    const digits = /^\d+/.exec(this.#text.slice(this.#at, this.#at + 11))?.[0];
    if (digits === undefined) return otherwise;
    this.#at += digits.length;
    const value = Number(digits);
    if (value > 0x7fff_ffff) complain(this.#lua, "integral size overflow");
    return value;
  }
}

function pack(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const format = new Format(interpreter);
  // What is missing is nil, as in C.
  lua.pushNil();
  let text = "";
  let place = 2;
  const gauge = new Gauge();
  for (let item = format.next(); item !== undefined; item = format.next()) {
    const { option, size } = item;
    text += "\0".repeat(format.padding(text.length, option, size));
    if (INTEGERS.includes(option)) {
      text += integerBytes(numberArgument(lua, place++), size, format.isLittle);
    } else if (option === "x") text += "\0";
    else if (option === "f" || option === "d") {
      text += floatBytes(numberArgument(lua, place++), size, format.isLittle);
    } else if (option === "c" || option === "s") {
      const value = textArgument(lua, place++);
      if (!gauge.hasRoom(value.length)) lua.noMemory();
      interpreter.spendBytes(value.length);
      if (value.length < size) lua.argumentError(place, "string too short");
      text += size === 0 ? value : value.slice(0, size);
      if (option === "s") text += "\0";
    } else format.control(option);
  }
  lua.pushBytes(text);
  return 1;
}

function unpack(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const format = new Format(interpreter);
  const data = textArgument(lua, 2);
  interpreter.spendBytes(data.length);
  let at = lua.type(3) > LUA.nil ? Math.trunc(numberArgument(lua, 3)) : 1;
  if (at === 0) lua.argumentError(3, "offset must be 1 or greater");
  // Without a sign in C: what is below is far behind.
  at += at < 0 ? 2 ** 64 - 1 : -1;
  let count = 0;
  for (let item = format.next(); item !== undefined; item = format.next()) {
    const { option } = item;
    let { size } = item;
    at += format.padding(at, option, size);
    if (at + size > data.length) lua.argumentError(2, "data string too short");
    if (!lua.reserve(2)) complain(lua, "stack overflow (too many results)");
    if (INTEGERS.includes(option)) {
      const isSigned = option >= "a";
      lua.pushNumber(integerOf(data.slice(at, at + size), { isSigned, isLittle: format.isLittle }));
      count++;
    } else if (option === "f" || option === "d") {
      lua.pushNumber(floatOf(data.slice(at, at + size), format.isLittle));
      count++;
    } else if (option === "c") {
      if (size === 0) {
        if (count === 0 || !lua.isNumber(-1)) {
          complain(lua, "format 'c0' needs a previous size");
        }
        size = Number(BigInt.asUintN(64, toLong(lua.number(-1), "u")));
        lua.pop();
        count--;
        if (at + size > data.length) {
          lua.argumentError(2, "data string too short");
        }
      }
      lua.pushBytes(data.slice(at, at + size));
      count++;
    } else if (option === "s") {
      const end = data.indexOf("\0", at);
      if (end < 0) complain(lua, "unfinished string in data");
      lua.pushBytes(data.slice(at, end));
      size = end - at + 1;
      count++;
    } else if (option !== "x") format.control(option);
    at += size;
  }
  lua.pushNumber(at + 1);
  return count + 1;
}

function size(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const format = new Format(interpreter);
  let total = 0;
  for (let item = format.next(); item !== undefined; item = format.next()) {
    const { option, size: bytes } = item;
    total += format.padding(total, option, bytes);
    if (option === "s") lua.argumentError(1, "option 's' has no fixed size");
    if (option === "c" && bytes === 0) lua.argumentError(1, "option 'c0' has no fixed size");
    if (!/[A-Za-z0-9]/.test(option)) format.control(option);
    total += bytes;
  }
  lua.pushNumber(total);
  return 1;
}

/** C's conversion to 64 bits, and as many of their bytes as are wanted; more are zeros. */
function integerBytes(value: number, count: number, isLittle: boolean): string {
  let bits = BigInt.asUintN(64, toLong(value, "u"));
  let text = "";
  for (let i = 0; i < count; i++) {
    const byte = String.fromCharCode(Number(bits & 255n));
    text = isLittle ? text + byte : byte + text;
    bits >>= 8n;
  }
  return text;
}

function integerOf(
  bytes: string,
  { isSigned, isLittle }: { isSigned: boolean; isLittle: boolean },
): number {
  let value = 0n;
  const count = bytes.length;
  for (let i = 0; i < count; i++) {
    const byte = bytes.charCodeAt(isLittle ? count - 1 - i : i);
    value = BigInt.asUintN(64, (value << 8n) | BigInt(byte));
  }
  if (!isSigned) return Number(value);
  return Number(BigInt.asIntN(Math.min(count, 8) * 8, value));
}

function floatBytes(value: number, count: number, isLittle: boolean): string {
  if (count === 4) VIEW.setFloat32(0, value, isLittle);
  else VIEW.setFloat64(0, value, isLittle);
  let text = "";
  for (let i = 0; i < count; i++) text += String.fromCharCode(VIEW.getUint8(i));
  return text;
}

function floatOf(bytes: string, isLittle: boolean): number {
  for (let i = 0; i < bytes.length; i++) VIEW.setUint8(i, bytes.charCodeAt(i));
  return bytes.length === 4 ? VIEW.getFloat32(0, isLittle) : VIEW.getFloat64(0, isLittle);
}

export const STRUCT: Readonly<Record<string, ApiFunction>> = { pack, unpack, size };
