/**
 * INCRBYFLOAT's arithmetic. Redis adds in C's `long double`, on x86 a float of 64 bits of mantissa,
 * and prints it with `%.17Lf`; 0.1 + 0.2 is 0.3 there and not in a double. Replicas and clients
 * compare the digits, so this is the same float, bit by bit, on BigInt.
 */
import { bitLength, type Exact, parseExact, parseInteger, shiftRightEven } from "./numbers.ts";

const MANTISSA_BITS = 64;
/** The lowest bit of the smallest denormal is 2^LOWEST; 2^LIMIT and more is infinite. */
const LOWEST = -16445;
const LIMIT = 16384;

const DECIMALS = 17;
const SCALE = 10n ** BigInt(DECIMALS);

/** mantissa * 2^exponent, the sign in the mantissa, which has at most 64 bits. */
interface Finite {
  readonly mantissa: bigint;
  readonly exponent: number;
}

export type LongDoubleSum =
  | { readonly sum: string }
  | { readonly refused: "not-a-float" | "not-finite" };

/**
 * The sum of two numbers in text (decimal, hexadecimal, inf), in the digits Redis stores and
 * replies. "not-a-float" where one of them is none or does not fit, "not-finite" where the sum is
 * infinite or nan.
 */
export function addLongDouble(a: string, b: string): LongDoubleSum {
  // Safe integers are exact in either format, so this is only faster.
  const x = parseInteger(a);
  const y = parseInteger(b);
  if (typeof x === "number" && typeof y === "number" && Number.isSafeInteger(x + y)) {
    return { sum: String(x + y) };
  }
  const left = parse(a);
  const right = parse(b);
  if (left === undefined || right === undefined) return { refused: "not-a-float" };
  if (left === "infinite" || right === "infinite") return { refused: "not-finite" };
  const sum = add(left, right);
  return sum === "infinite" ? { refused: "not-finite" } : { sum: print(sum) };
}

/** Whether Redis takes this text for a long double; infinite ones included. */
export function isLongDouble(text: string): boolean {
  return parse(text) !== undefined;
}

/**
 * As strtold, but undefined where it reports ERANGE: what rounds to infinity or zero without being
 * it.
 */
function parse(text: string): Finite | "infinite" | undefined {
  const exact = parseExact(text);
  if (exact === undefined) return undefined;
  if (typeof exact === "string") return "infinite";
  if (exact.digits === 0n) return { mantissa: 0n, exponent: 0 };
  const { mantissa, exponent } = binary(exact);
  const value = round(exact.isNegative ? -mantissa : mantissa, exponent);
  return value === "infinite" || value.mantissa === 0n ? undefined : value;
}

/** The number in base 2; where that takes infinitely many bits, enough of them to round by. */
function binary({ digits, base, exponent }: Exact): Finite {
  if (base === 2) return { mantissa: digits, exponent };
  if (exponent >= 0) return { mantissa: digits * 10n ** BigInt(exponent), exponent: 0 };
  const divisor = 10n ** BigInt(-exponent);
  const shift = Math.max(0, MANTISSA_BITS + 2 + bitLength(divisor) - bitLength(digits));
  const dividend = digits << BigInt(shift);
  const quotient = dividend / divisor;
  // One bit for all that is left, so that "just above half" is not taken for half.
  const sticky = quotient * divisor === dividend ? 0n : 1n;
  return { mantissa: (quotient << 1n) | sticky, exponent: -shift - 1 };
}

/** To the nearest long double, ties to even. */
function round(exactMantissa: bigint, exponent: number): Finite | "infinite" {
  const magnitude = exactMantissa < 0n ? -exactMantissa : exactMantissa;
  if (magnitude === 0n) return { mantissa: 0n, exponent: 0 };
  const lowest = Math.max(bitLength(magnitude) + exponent - MANTISSA_BITS, LOWEST);
  if (lowest <= exponent) {
    if (bitLength(magnitude) + exponent > LIMIT) return "infinite";
    return { mantissa: exactMantissa, exponent };
  }
  const rounded = shiftRightEven(magnitude, lowest - exponent);
  if (rounded !== 0n && bitLength(rounded) + lowest > LIMIT) return "infinite";
  return { mantissa: exactMantissa < 0n ? -rounded : rounded, exponent: lowest };
}

function add(a: Finite, b: Finite): Finite | "infinite" {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.mantissa << BigInt(a.exponent - exponent);
  const right = b.mantissa << BigInt(b.exponent - exponent);
  return round(left + right, exponent);
}

/** `%.17Lf` without the zeros at its end. Never "-0". */
function print({ mantissa, exponent }: Finite): string {
  const magnitude = (mantissa < 0n ? -mantissa : mantissa) * SCALE;
  const scaled =
    exponent >= 0 ? magnitude << BigInt(exponent) : shiftRightEven(magnitude, -exponent);
  if (scaled === 0n) return "0";
  const digits = scaled.toString().padStart(DECIMALS + 1, "0");
  const point = digits.length - DECIMALS;
  const fraction = digits.slice(point).replace(/0+$/, "");
  const whole = (mantissa < 0n ? "-" : "") + digits.slice(0, point);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
