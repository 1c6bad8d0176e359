/** Numbers as Redis reads and writes them in text: what it accepts, and every digit it prints. */

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** The largest time an entry can have: the last double below 2^63. */
const TIME_MAX_MS = 2 ** 63 - 1024;

/**
 * A time as an entry keeps it: a double, where 0 means never. What is not after 1970 (a master may say so)
 * becomes its first millisecond: long past, but a time.
 */
export function clampTime(ms: number): number {
  return Math.min(Math.max(ms, 1), TIME_MAX_MS);
}

/**
 * A canonical decimal int64 (Redis: string2ll): no plus, no blank, no leading zero, no "-0". A
 * number where it is safe, a bigint beyond; undefined where it is neither.
 */
export function parseInteger(text: string): number | bigint | undefined {
  const length = text.length;
  const isNegative = text.charCodeAt(0) === 45;
  const first = isNegative ? 1 : 0;
  if (length === first || length > 20) return undefined;
  const lead = text.charCodeAt(first);
  if (lead === 48) return length === 1 ? 0 : undefined;
  let value = 0;
  for (let i = first; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (length - first <= 15) return isNegative ? -value : value;
  return safeOrBigint(BigInt(text));
}

/** The sum of two int64s; undefined where it is none. */
export function addIntegers(a: number | bigint, b: number | bigint): number | bigint | undefined {
  if (typeof a === "number" && typeof b === "number") {
    // Two safe integers add up to less than 2^54; where the sum is safe, it is exact.
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return safeOrBigint(BigInt(a) + BigInt(b));
}

function safeOrBigint(value: bigint): number | bigint | undefined {
  if (value < INT64_MIN || value > INT64_MAX) return undefined;
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

// Each of these reads a text once: no two parts of one may match the same characters.
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const HEX = /^([+-]?)0x(?=\.?[\da-f])([\da-f]*)(?:\.([\da-f]*))?(?:p([+-]?\d+))?$/i;

/** Redis reads no longer number as a long double (MAX_LONG_DOUBLE_CHARS). */
const EXACT_CHARS_MAX = 5 * 1024 - 1;

/**
 * A number that is not rounded yet: sign * digits * base^exponent. Exact, but for exponents so
 * large that the number is infinite or zero all the same.
 */
export interface Exact {
  readonly isNegative: boolean;
  readonly digits: bigint;
  readonly base: 2 | 10;
  readonly exponent: number;
}

/** What C's strtold accepts, and Redis with it: no blanks, no nan, at most 5119 characters. */
export function parseExact(text: string): Exact | "inf" | "-inf" | undefined {
  if (text.length > EXACT_CHARS_MAX) return undefined;
  if (INFINITE.test(text)) return text.startsWith("-") ? "-inf" : "inf";
  const isNegative = text.startsWith("-");
  const hex = HEX.exec(text);
  if (hex !== null) {
    const fraction = hex[3] ?? "";
    const digits = BigInt(`0x${hex[2]}${fraction}`);
    return { isNegative, digits, base: 2, exponent: clamp(hex[4], 100_000) - 4 * fraction.length };
  }
  if (!DECIMAL.test(text)) return undefined;
  const [mantissa = "", power] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const digits = BigInt(whole + fraction);
  return { isNegative, digits, base: 10, exponent: clamp(power, 20_000) - fraction.length };
}

/** The range of a long double and the longest text together are below either limit. */
function clamp(exponent: string | undefined, max: number): number {
  return Math.max(-max, Math.min(max, Number(exponent ?? 0)));
}

/**
 * A double, as Redis reads scores (string2d, by C's strtod): decimal, hexadecimal (`0x1.8p3`), inf
 * and infinity in any case. Undefined for everything else: nan, blanks, and what rounds to infinity
 * or zero without being it (`1e400`, `1e-400`); hexadecimal ones of more than 5119 characters too.
 */
export function parseFloat64(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    if (value === 0) return /^[^e]*[1-9]/i.test(text) ? undefined : value;
    return Number.isFinite(value) ? value : undefined;
  }
  if (INFINITE.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  const exact = HEX.test(text) ? parseExact(text) : undefined;
  return typeof exact === "object" ? hexToDouble(exact) : undefined;
}

/**
 * Exact for as many digits as there are: rounded once, to the 53 bits (or fewer) a double has here.
 */
function hexToDouble({ isNegative, digits, exponent }: Exact): number | undefined {
  if (digits === 0n) return isNegative ? -0 : 0;
  const width = bitLength(digits);
  const lowest = Math.max(width + exponent - 53, -1074);
  const drop = lowest - exponent;
  const mantissa = Number(drop > 0 ? shiftRightEven(digits, drop) : digits << BigInt(-drop));
  // Two steps, as 2 ** -1074 times anything is fine but 2 ** 1023 is as far as one factor goes.
  const half = Math.trunc(lowest / 2);
  const value = mantissa * 2 ** half * 2 ** (lowest - half);
  if (value === 0 || !Number.isFinite(value)) return undefined;
  return isNegative ? -value : value;
}

/** How many bits a positive number has. */
export function bitLength(value: bigint): number {
  const hex = value.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex.charAt(0), 16)) + 28;
}

/** `value` / 2^count, rounded to the nearest, ties to even. */
export function shiftRightEven(value: bigint, count: number): bigint {
  const by = BigInt(count);
  const floor = value >> by;
  const rest = value - (floor << by);
  const half = 1n << (by - 1n);
  const isUp = rest > half || (rest === half && (floor & 1n) === 1n);
  return isUp ? floor + 1n : floor;
}

/**
 * A double as Redis 7.0 replies it: C's `%.17g`, so 0.1 is 0.10000000000000001 and 1e17 is 1e+17;
 * inf, -inf, nan.
 */
export function formatDouble(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? "-0" : String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const scientific = seventeenDigits(value);
  const e = scientific.indexOf("e");
  const exponent = Number(scientific.slice(e + 1));
  const sign = value < 0 ? "-" : "";
  const digits = scientific.slice(sign.length, e).replace(".", "").replace(/0+$/, "");
  if (exponent < -4 || exponent >= 17) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${tail}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return sign + (fraction === "" ? whole : `${whole}.${fraction}`);
}

/**
 * JavaScript rounds a tie away from zero and C rounds it to even, and ties do occur: 2^50 + 0.25
 * has 18 digits, the last of them 5.
 */
function seventeenDigits(value: number): string {
  const rounded = value.toExponential(16);
  const longer = value.toExponential(17);
  const e = longer.indexOf("e");
  if (longer[e - 1] !== "5") return rounded;
  // oxlint-disable-next-line oxc/number-arg-out-of-range -- it is 100, and was 20 before ES2018
  const exact = value.toExponential(100);
  const isTie = exact.startsWith(longer.slice(0, e)) && /^0+e/.test(exact.slice(e));
  const isEven = Number(longer[e - 2]) % 2 === 0;
  return isTie && isEven ? longer.slice(0, e - 1) + longer.slice(e) : rounded;
}
