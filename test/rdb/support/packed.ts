// Writes ziplists, zipmaps and intsets, as Redis did until 6.2: after the description of the formats,
// without any code of ours that reads them. redis-server has the last word (packed.redis.test.ts).

import { encodeByte, littleEndian16, littleEndian32 } from "../../../shared/rdb/primitives.ts";

const ZIPLIST_HEADER = 10;
const COUNT_MAX = 0xffff;

/** `isWide`: every entry says the length of the one before in five bytes, as after shrinking. */
export function ziplist(entries: readonly string[], { isWide = false } = {}): string {
  let body = "";
  let before = 0;
  let last = ZIPLIST_HEADER;
  for (const entry of entries) {
    last = ZIPLIST_HEADER + body.length;
    const length = isWide || before >= 254 ? `\xfe${littleEndian32(before)}` : encodeByte(before);
    const text = length + ziplistEntry(entry);
    before = text.length;
    body += text;
  }
  const bytes = littleEndian32(ZIPLIST_HEADER + body.length + 1);
  const count = littleEndian16(Math.min(entries.length, COUNT_MAX));
  return `${bytes}${littleEndian32(last)}${count}${body}\xff`;
}

function ziplistEntry(entry: string): string {
  const { length } = entry;
  if (isInteger(entry)) {
    const value = BigInt(entry);
    if (value >= 0n && value <= 12n) return encodeByte(0xf1 + Number(value));
    const [, mark, size] = ZIPLIST_INTEGERS.find(([bits]) => BigInt.asIntN(bits, value) === value)!;
    return encodeByte(mark) + littleEndian(value, size);
  }
  if (length < 64) return encodeByte(length) + entry;
  if (length < 16384) return encodeByte(0x40 | (length >> 8)) + encodeByte(length & 255) + entry;
  return `\x80${[...littleEndian32(length)].toReversed().join("")}${entry}`;
}

const ZIPLIST_INTEGERS = [
  [8, 0xfe, 1],
  [16, 0xc0, 2],
  [24, 0xf0, 3],
  [32, 0xd0, 4],
  [64, 0xe0, 8],
] as const;

/** Fields and values, one behind the other; values may have unused bytes behind them. */
export function zipmap(pairs: readonly string[], unusedBytes = 0): string {
  const size = (text: string): string =>
    text.length < 254 ? encodeByte(text.length) : `\xfe${littleEndian32(text.length)}`;
  let body = "";
  for (let i = 0; i < pairs.length; i += 2) {
    const [field = "", value = ""] = [pairs[i], pairs[i + 1]];
    body += `${size(field)}${field}${size(value)}${encodeByte(unusedBytes)}${value}`;
    body += "?".repeat(unusedBytes);
  }
  return `${encodeByte(Math.min(254, pairs.length / 2))}${body}\xff`;
}

/** Integers in any order, each once. */
export function intset(members: readonly string[]): string {
  const sorted = members.map(BigInt).toSorted((a, b) => (a < b ? -1 : 1));
  const fits = (bits: number): boolean => sorted.every((n) => BigInt.asIntN(bits, n) === n);
  const size = fits(16) ? 2 : fits(32) ? 4 : 8;
  const body = sorted.map((value) => littleEndian(value, size)).join("");
  return littleEndian32(size) + littleEndian32(sorted.length) + body;
}

/** As Redis recognises one: how it would print it, within 64 bits. */
function isInteger(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text) || String(BigInt(text)) !== text) return false;
  return BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

function littleEndian(value: bigint, size: number): string {
  let text = "";
  for (let i = 0; i < size; i++) text += encodeByte(Number((value >> BigInt(8 * i)) & 255n));
  return text;
}
