/**
 * Strings as rows of bits (https://redis.io/docs/latest/develop/data-types/bitmaps/): bit 0 is the highest of the
 * first byte. Long strings are looked at in words of 32 bits.
 */
import { type BufferLike, newBuffer, toBinary } from "../base/bytes.ts";
import type { Text } from "./long-string.ts";

/** Bits from `from` up to `to`, exclusive. */
export interface BitRange {
  readonly from: number;
  readonly to: number;
}

/** Up to here a loop over the characters beats copying them out. */
const LOOP_BYTES_MAX = 256;
/** Bytes copied out at a time, so that a hit at the start costs no copy of the whole. */
const CHUNK_BYTES = 65536;

/** How many bits of a byte are set. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => onesOf(byte));

/** The bit at a place; beyond the end all are 0. */
export function bitAt(text: Text, at: number): 0 | 1 {
  const index = Math.floor(at / 8);
  if (index >= text.length) return 0;
  return ((text.charCodeAt(index) >> (7 - (at % 8))) & 1) as 0 | 1;
}

/** The byte that has a bit, with the bit as it is to be, and where that byte stands. */
export function byteWithBit(text: Text, bitAt: number, bit: 0 | 1): { at: number; bytes: string } {
  const at = Math.floor(bitAt / 8);
  const mask = 1 << (7 - (bitAt % 8));
  const old = at < text.length ? text.charCodeAt(at) : 0;
  return { at, bytes: String.fromCharCode(bit === 1 ? old | mask : old & ~mask) };
}

/** How many bits are set; the range lies within the string. */
export function countBits(text: Text, { from, to }: BitRange): number {
  if (from >= to) return 0;
  const first = Math.floor(from / 8);
  const last = Math.floor((to - 1) / 8);
  const before = text.charCodeAt(first) >> (8 - (from % 8));
  const behind = text.charCodeAt(last) & (0xff >> (((to - 1) % 8) + 1));
  return countOnes(text, first, last + 1) - ONES[before]! - ONES[behind]!;
}

/** The place of the first bit that is as wanted, -1 without one; the range lies within the string. */
export function findBit(text: Text, bit: 0 | 1, { from, to }: BitRange): number {
  const skipped = bit === 1 ? 0 : 0xff;
  for (let at = from; at < to;) {
    if (at % 8 === 0 && to - at >= 8) {
      const index = skipBytes(text, skipped, { from: at / 8, to: Math.floor(to / 8) });
      if (index * 8 > at) {
        at = index * 8;
        continue;
      }
    }
    if (bitAt(text, at) === bit) return at;
    at++;
  }
  return -1;
}

export type BitOperation = "and" | "or" | "xor" | "not";

/** As long as the longest; shorter ones count as if zeros followed. `not` takes one. */
export function combineBits(operation: BitOperation, texts: readonly string[]): string {
  let length = 0;
  for (const text of texts) length = Math.max(length, text.length);
  const bytes = zeros(length);
  const result = wordsOf(bytes);
  bytes.latin1Write(texts[0]!, 0, texts[0]!.length);
  if (operation === "not") for (let i = 0; i < result.length; i++) result[i] = ~result[i]!;
  const operand = texts.length > 1 ? zeros(length) : bytes;
  const words = wordsOf(operand);
  for (let at = 1; at < texts.length; at++) {
    const text = texts[at]!;
    operand.latin1Write(text, 0, text.length);
    operand.fill(0, text.length);
    combineWords(result, words, operation);
  }
  return toBinary(bytes.subarray(0, length));
}

function combineWords(result: Uint32Array, words: Uint32Array, operation: BitOperation): void {
  const { length } = result;
  if (operation === "and") for (let i = 0; i < length; i++) result[i]! &= words[i]!;
  else if (operation === "or") for (let i = 0; i < length; i++) result[i]! |= words[i]!;
  else for (let i = 0; i < length; i++) result[i]! ^= words[i]!;
}

/** A buffer of at least so many bytes, of whole words. */
function zeros(length: number): BufferLike {
  const bytes = newBuffer((length + 3) & ~3);
  bytes.fill(0);
  return bytes;
}

// -- bytes and words ---------------------------------------------------------------------------------

function countOnes(text: Text, from: number, to: number): number {
  let count = 0;
  if (to - from <= LOOP_BYTES_MAX) {
    for (let i = from; i < to; i++) count += ONES[text.charCodeAt(i)]!;
    return count;
  }
  for (let at = from; at < to; at += CHUNK_BYTES) {
    const { words, wordCount, end } = chunkOf(text, at, to);
    for (let i = 0; i < wordCount; i++) count += onesOf(words[i]!);
    for (let i = at + wordCount * 4; i < end; i++) count += ONES[text.charCodeAt(i)]!;
  }
  return count;
}

/** The first byte that is not `skipped`; the end of the range (in bytes) where all are. */
function skipBytes(text: Text, skipped: number, { from, to }: BitRange): number {
  const near = Math.min(from + LOOP_BYTES_MAX, to);
  for (let i = from; i < near; i++) if (text.charCodeAt(i) !== skipped) return i;
  const word = skipped === 0 ? 0 : 0xffff_ffff;
  for (let at = near; at < to; at += CHUNK_BYTES) {
    const { words, wordCount, end } = chunkOf(text, at, to);
    let same = 0;
    while (same < wordCount && words[same] === word) same++;
    for (let i = at + same * 4; i < end; i++) if (text.charCodeAt(i) !== skipped) return i;
  }
  return to;
}

let chunk: { readonly bytes: BufferLike; readonly words: Uint32Array } | undefined;

/** Bytes from `at` on as words, until the next call; those at the end that fill none are left out. */
function chunkOf(text: Text, at: number, to: number) {
  if (chunk === undefined) {
    const bytes = newBuffer(CHUNK_BYTES);
    chunk = { bytes, words: wordsOf(bytes) };
  }
  const end = Math.min(at + CHUNK_BYTES, to);
  chunk.bytes.latin1Write(text.slice(at, end), 0, end - at);
  return { words: chunk.words, wordCount: (end - at) >>> 2, end };
}

function wordsOf(bytes: BufferLike): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2);
}

/** How many bits of a word are set (Hacker's Delight, 5-1). */
function onesOf(word: number): number {
  let x = word - ((word >>> 1) & 0x5555_5555);
  x = (x & 0x3333_3333) + ((x >>> 2) & 0x3333_3333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
