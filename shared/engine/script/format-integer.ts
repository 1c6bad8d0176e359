/** string.format's %d %i %u %o %x %X for 64 bits: a `long` of the interpreter's has 32. */
import type { LuaMachine } from "../../lua/machine.ts";

const CONVERSION = /%([-+ #0]*)(\d{0,2})(\.\d{0,2})?([a-zA-Z%])/g;
const INTEGERS = "diuoxX";
const MODIFIERS = "-+ #0123456789.";
/** Lua refuses what has more flags. */
const FLAGS_MAX = 5;

/**
 * Replaces, of the arguments on the stack, what does not fit 32 bits by its digits, and its conversion by
 * %s. The first argument is the format; what is wrong with it is left for Lua to find.
 */
export function formatIntegers(lua: LuaMachine): void {
  const text = lua.bytes(1)!;
  if (fitsAll(lua, text)) return;
  let place = 1;
  const changed = text.replace(
    CONVERSION,
    (shown: string, flags: string, width: string, precision: string, kind: string) => {
      if (shown === "%%") return shown;
      place++;
      if (flags.length > FLAGS_MAX || fits(lua, place, kind)) return shown;
      const value = toLong(lua.number(place), kind);
      lua.pushBytes(formatInteger(value, { flags, width, precision, kind }));
      lua.replace(place);
      return "%s";
    },
  );
  lua.pushBytes(changed);
  lua.replace(1);
}

/** Whether there is nothing to do, which is the usual case and takes little time. */
function fitsAll(lua: LuaMachine, text: string): boolean {
  let place = 1;
  for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 1)) {
    at++;
    if (text[at] === "%") continue;
    while (MODIFIERS.includes(text[at] ?? "x")) at++;
    place++;
    if (!fits(lua, place, text[at] ?? "")) return false;
  }
  return true;
}

/** Nothing but what fits is left as it is: 31 bits, and without a sign where none is shown. */
function fits(lua: LuaMachine, place: number, kind: string): boolean {
  if (!INTEGERS.includes(kind) || !lua.isNumber(place)) return true;
  const value = lua.number(place);
  const isSigned = kind === "d" || kind === "i";
  return value < 2 ** 31 && value >= (isSigned ? -(2 ** 31) : 0);
}

/** C's conversion to a long as x86-64 does it: what does not fit is the lowest. */
export function toLong(value: number, kind = "d"): bigint {
  const whole = Math.trunc(value);
  if (whole >= -(2 ** 63) && whole < 2 ** 63) return BigInt(whole);
  const isSigned = kind === "d" || kind === "i";
  if (!isSigned && whole >= 2 ** 63) return whole < 2 ** 64 ? BigInt(whole) : 0n;
  return -(2n ** 63n);
}

interface Conversion {
  readonly flags: string;
  readonly width: string;
  readonly precision: string | undefined;
  readonly kind: string;
}

/** As printf does with `l` in front of the letter. */
function formatInteger(value: bigint, { flags, width, precision, kind }: Conversion): string {
  const isSigned = kind === "d" || kind === "i";
  const magnitude = isSigned ? (value < 0n ? -value : value) : BigInt.asUintN(64, value);
  const base = kind === "o" ? 8 : kind === "x" || kind === "X" ? 16 : 10;
  let digits = magnitude.toString(base);
  if (kind === "X") digits = digits.toUpperCase();
  if (precision !== undefined) digits = digits.padStart(Number(precision.slice(1)), "0");
  if (kind === "o" && flags.includes("#") && !digits.startsWith("0")) digits = `0${digits}`;
  const hexPrefix = base === 16 && flags.includes("#") && magnitude !== 0n ? `0${kind}` : "";
  const plus = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const prefix = isSigned ? (value < 0n ? "-" : plus) : hexPrefix;
  const total = Number(width);
  if (flags.includes("-")) return (prefix + digits).padEnd(total);
  if (flags.includes("0") && precision === undefined) {
    return prefix + digits.padStart(total - prefix.length, "0");
  }
  return (prefix + digits).padStart(total);
}
