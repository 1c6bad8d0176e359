/**
 * Elements of listpacks, one at a time: what a stream's blocks are made of. Nothing is checked here, as it
 * reads what we wrote, or what rdb/listpack.ts has read before. (reference: redis/src/listpack.c)
 *
 *     listpack: bytes:u32  elements:u16  element …  0xff
 *     element:  encoding with the length or the integer, contents, size of all that to be read backwards
 */
import { parseInteger } from "../base/numbers.ts";
import { littleEndian32 } from "../base/rdb-primitives.ts";

/** What stands before the elements, and the mark behind them. */
export const HEADER_BYTES = 6;
const END = "\xff";

/** The number of elements is 16 bits; from here on it is not told. */
const COUNT_UNKNOWN = 0xffff;
/** No longer text is an integer's. */
const INTEGER_CHARS_MAX = 20;
const [MINUS, ZERO, NINE] = [45, 48, 57];

/** An element of a text: an integer where it is one in canonical form. */
export function encodeElement(text: string): string {
  const { length } = text;
  if (length > 0 && length <= INTEGER_CHARS_MAX) {
    const first = text.charCodeAt(0);
    if ((first >= ZERO && first <= NINE) || first === MINUS) {
      const value = parseInteger(text);
      if (value !== undefined) return encodeInteger(value);
    }
  }
  const body = stringHead(length) + text;
  return body + backLength(body.length);
}

/** An element of an int64. */
export function encodeInteger(value: number | bigint): string {
  if (typeof value === "bigint") return `\xf4${wide(value)}\x09`;
  if (value >= 0 && value <= 127) return String.fromCharCode(value, 1);
  if (value >= -4096 && value <= 4095) {
    return String.fromCharCode(0xc0 | ((value >> 8) & 31), value & 255, 2);
  }
  if (value >= -0x8000 && value <= 0x7fff) {
    return String.fromCharCode(0xf1, value & 255, (value >> 8) & 255, 3);
  }
  if (value >= -0x80_0000 && value <= 0x7f_ffff) {
    return String.fromCharCode(0xf2, value & 255, (value >> 8) & 255, (value >> 16) & 255, 4);
  }
  if (value === (value | 0)) return `\xf3${littleEndian32(value)}\x05`;
  return `\xf4${littleEndian32(value)}${littleEndian32(Math.floor(value / 0x1_0000_0000))}\x09`;
}

/** A whole listpack of elements that are encoded already. */
export function listpackOf(elements: string, count: number): string {
  const size = HEADER_BYTES + elements.length + 1;
  const told = Math.min(count, COUNT_UNKNOWN);
  return littleEndian32(size) + String.fromCharCode(told & 255, told >> 8) + elements + END;
}

/** Where the element at `at` ends, its size behind it included. */
export function elementEnd(text: string, at: number): number {
  const size = elementSize(text, at);
  return at + size + backLengthSize(size);
}

/** Where the element that ends at `end` begins. */
export function elementBefore(text: string, end: number): number {
  let at = end - 1;
  let size = 0;
  for (let unit = 1; ; unit *= 128) {
    const byte = text.charCodeAt(at);
    size += (byte & 127) * unit;
    if (byte < 128) return at - size;
    at--;
  }
}

/** The text of the element at `at`: a slice, or digits. */
export function elementText(text: string, at: number): string {
  const first = text.charCodeAt(at);
  if (first < 0x80) return String(first);
  if (first < 0xc0) return text.slice(at + 1, at + 1 + (first & 63));
  if (first >= 0xe0 && first <= 0xf0) {
    const head = first === 0xf0 ? 5 : 2;
    return text.slice(at + head, at + elementSize(text, at));
  }
  return String(elementInteger(text, at));
}

/** The integer of the element at `at`: a number where it is safe. NaN where it is none. */
export function elementInteger(text: string, at: number): number | bigint {
  const first = text.charCodeAt(at);
  if (first < 0x80) return first;
  if (first >= 0xc0 && first < 0xe0) {
    const value = ((first & 31) << 8) | text.charCodeAt(at + 1);
    return value >= 4096 ? value - 8192 : value;
  }
  if (first === 0xf1) return (unsigned(text, at + 1, 2) << 16) >> 16;
  if (first === 0xf2) return (unsigned(text, at + 1, 3) << 8) >> 8;
  if (first === 0xf3) return unsigned(text, at + 1, 4) | 0;
  if (first !== 0xf4) return parseInteger(elementText(text, at)) ?? Number.NaN;
  const low = unsigned(text, at + 1, 4);
  const high = unsigned(text, at + 5, 4) | 0;
  const value = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
}

/** Bytes of the element at `at` without the size behind it. */
export function elementSize(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 0x80) return 1;
  if (first < 0xc0) return 1 + (first & 63);
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 2 + (((first & 15) << 8) | text.charCodeAt(at + 1));
  if (first === 0xf0) return 5 + unsigned(text, at + 1, 4);
  return first === 0xf4 ? 9 : first - 0xf1 + 3;
}

function stringHead(length: number): string {
  if (length < 64) return String.fromCharCode(0x80 | length);
  if (length < 4096) return String.fromCharCode(0xe0 | (length >> 8), length & 255);
  return `\xf0${littleEndian32(length)}`;
}

/** The size of an element, seven bits a byte, the highest first; all but the first have the high bit. */
export function backLength(size: number): string {
  if (size <= 127) return String.fromCharCode(size);
  let text = "";
  let rest = size;
  for (let left = backLengthSize(size); left > 1; left--) {
    text = String.fromCharCode((rest & 127) | 128) + text;
    rest = Math.floor(rest / 128);
  }
  return String.fromCharCode(rest) + text;
}

/** Redis's own bounds: the largest value of two, three and four bytes takes a byte more than it needs. */
function backLengthSize(size: number): number {
  if (size <= 127) return 1;
  if (size < 16_383) return 2;
  if (size < 2_097_151) return 3;
  return size < 268_435_455 ? 4 : 5;
}

/** Up to four bytes, the lowest first. */
function unsigned(text: string, at: number, count: number): number {
  let value = 0;
  for (let i = at + count - 1; i >= at; i--) value = value * 256 + text.charCodeAt(i);
  return value;
}

function wide(value: bigint): string {
  const low = Number(BigInt.asUintN(32, value));
  return littleEndian32(low) + littleEndian32(Number(BigInt.asIntN(32, value >> 32n)));
}
