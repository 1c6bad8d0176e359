/** Scripts' `bit`: 32-bit operations (reference: LuaBitOp 1.0.2). */
import { numberArgument } from "./arguments.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";

/** Added and taken away again, it leaves a double rounded to an integer, ties to even. */
const ROUND = 6_755_399_441_055_744;

const VIEW = new DataView(new ArrayBuffer(8));

function toBit(value: number): number {
  if (Math.abs(value) < 2 ** 51) return (value + ROUND - ROUND) | 0;
  // Beyond its range, what the trick leaves in the low half of the double.
  VIEW.setFloat64(0, value + ROUND);
  return VIEW.getInt32(4);
}

function argument({ lua }: Interpreter, place: number): number {
  return toBit(numberArgument(lua, place));
}

function one(operation: (value: number) => number): ApiFunction {
  return (interpreter) => {
    interpreter.lua.pushNumber(operation(argument(interpreter, 1)));
    return 1;
  };
}

function many(operation: (a: number, b: number) => number): ApiFunction {
  return (interpreter) => {
    const { lua } = interpreter;
    let value = argument(interpreter, 1);
    const { top } = lua;
    for (let place = 2; place <= top; place++) {
      value = operation(value, argument(interpreter, place));
    }
    lua.pushNumber(value);
    return 1;
  };
}

function shift(operation: (value: number, count: number) => number): ApiFunction {
  return (interpreter) => {
    const value = argument(interpreter, 1);
    const count = argument(interpreter, 2) & 31;
    interpreter.lua.pushNumber(operation(value, count));
    return 1;
  };
}

function swap(value: number): number {
  const word = value >>> 0;
  return (word << 24) | ((word << 8) & 0xff_0000) | ((word >>> 8) & 0xff00) | (word >>> 24) | 0;
}

function toHex(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const value = argument(interpreter, 1) >>> 0;
  const wanted = lua.top < 2 ? 8 : argument(interpreter, 2);
  const count = Math.min(Math.abs(wanted), 8);
  const text = count === 0 ? "" : value.toString(16).padStart(8, "0").slice(-count);
  lua.pushBytes(wanted < 0 ? text.toUpperCase() : text);
  return 1;
}

export const BIT: Readonly<Record<string, ApiFunction>> = {
  tobit: one((value) => value),
  bnot: one((value) => ~value),
  band: many((a, b) => a & b),
  bor: many((a, b) => a | b),
  bxor: many((a, b) => a ^ b),
  lshift: shift((value, count) => value << count),
  rshift: shift((value, count) => (value >>> count) | 0),
  arshift: shift((value, count) => value >> count),
  rol: shift((value, count) => (value << count) | (value >>> (32 - count))),
  ror: shift((value, count) => (value >>> count) | (value << (32 - count))),
  bswap: one(swap),
  tohex: toHex,
};
