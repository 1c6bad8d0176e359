/**
 * How RDB writes lengths, strings and numbers; the other half is rdb/reader.ts. Down here because the
 * parts of values (types/parts.ts) write themselves.
 */

const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(byte),
);

/** One byte, 0–255. */
export function encodeByte(value: number): string {
  return BYTES[value]!;
}

/** A length or count, an integer from 0 to 2^53 - 1. */
export function encodeLength(value: number): string {
  if (value < 0x40) return BYTES[value]!;
  if (value < 0x4000) return String.fromCharCode(0x40 | (value >> 8), value & 255);
  if (value < 0x1_0000_0000) return `\x80${bigEndian32(value)}`;
  return `\x81${bigEndian32(Math.floor(value / 0x1_0000_0000))}${bigEndian32(value)}`;
}

/** A string with its length, or as an integer where Redis would do so. Never compressed. */
export function encodeString(text: string): string {
  const { length } = text;
  if (length <= 11 && length > 0 && text.charCodeAt(0) <= DIGIT_9) {
    const integer = smallInteger(text);
    if (integer !== undefined) return encodeInteger(integer);
  }
  return encodeLength(length) + text;
}

/** Two bytes, the low one first. */
export function littleEndian16(value: number): string {
  return String.fromCharCode(value & 255, (value >> 8) & 255);
}

/** Four bytes, the lowest first; the low 32 bits of any integer. */
export function littleEndian32(value: number): string {
  const low = value | 0;
  return String.fromCharCode(low & 255, (low >> 8) & 255, (low >> 16) & 255, low >>> 24);
}

/** Eight bytes, the lowest first: an integer from -(2^53 - 1) to 2^53 - 1. */
export function littleEndian64(value: number): string {
  return littleEndian32(value) + littleEndian32(Math.floor(value / 0x1_0000_0000));
}

const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** The number, when `text` is how Redis would print it and it fits 32 bits. */
function smallInteger(text: string): number | undefined {
  const isNegative = text.charCodeAt(0) === 45;
  let at = isNegative ? 1 : 0;
  const first = text.charCodeAt(at);
  // "-0" and "007" would come back as other strings.
  if (first === DIGIT_0) return text.length === 1 ? 0 : undefined;
  if (at === text.length) return undefined;
  let value = 0;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - DIGIT_0;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    value = value * 10 + digit;
  }
  if (isNegative) value = -value;
  return value === (value | 0) ? value : undefined;
}

function encodeInteger(value: number): string {
  if (value === (value << 24) >> 24) return String.fromCharCode(0xc0, value & 255);
  if (value === (value << 16) >> 16) return `\xc1${littleEndian16(value)}`;
  return `\xc2${littleEndian32(value)}`;
}

function bigEndian32(value: number): string {
  const low = value | 0;
  return String.fromCharCode(low >>> 24, (low >> 16) & 255, (low >> 8) & 255, low & 255);
}
