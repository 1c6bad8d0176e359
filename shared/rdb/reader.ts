/**
 * Reads RDB's primitives from a binary string. There are two ways to ask: `stringEnd` and
 * `lengthEnd` say where something ends without moving, and an end beyond the text means that so
 * many bytes are needed at least; the rest take what is there and move on, and the end of the text
 * is damage like any other.
 */
import { RDB_BYTES_MAX } from "./format.ts";
import { lzfDecompress } from "./lzf.ts";

/** Bytes in front of a string's contents at most: the mark of LZF and two lengths of 64 bit. */
export const STRING_HEAD_MAX = 19;

const LZF = 0xc3;
/** Compressed strings of a value have together no more bytes than so many of the longest. */
const EXPANDED_STRINGS = 8;

/** An RDB file or value that is damaged, ends too early, or is of a kind we do not read. */
export class RdbError extends Error {
  override readonly name = "RdbError";
  /** The byte that is wrong, counted from 0 at the start of the file or value. */
  readonly offset: number;
  readonly expected: string;

  constructor(offset: number, expected: string) {
    super(`RDB byte ${offset}: expected ${expected}`);
    this.offset = offset;
    this.expected = expected;
  }
}

export class RdbReader {
  /** The bytes at hand. */
  text: string;
  /** Where in `text` the next byte is read. */
  at = 0;
  #base = 0;
  /** A longer string is refused, so that a few compressed bytes cannot fill the memory. */
  readonly #stringMax: number;
  /** Bytes that came compressed, of a value that is read whole. */
  #expandedBytes = 0;

  constructor(text: string, { stringMax = RDB_BYTES_MAX } = {}) {
    this.#stringMax = stringMax;
    this.text = text;
  }

  /** Where in the file the next byte is read. */
  get offset(): number {
    return this.#base + this.at;
  }

  /** Adds bytes at the end and lets go of those already read. */
  refill(chunk: string): void {
    this.#base += this.at;
    this.#expandedBytes = 0;
    this.text = this.at === this.text.length ? chunk : this.text.slice(this.at) + chunk;
    this.at = 0;
  }

  /** `at` is a place in `text`. */
  fail(expected: string, at = this.at): never {
    throw new RdbError(this.#base + at, expected);
  }

  /** Where the length at `at` ends. */
  lengthEnd(at: number): number {
    if (at >= this.text.length) return at + 1;
    const first = this.text.charCodeAt(at);
    if (first < 0x40) return at + 1;
    if (first < 0x80) return at + 2;
    if (first === 0x80) return at + 5;
    if (first === 0x81) return at + 9;
    return this.fail(`a length, not the byte ${first}`, at);
  }

  /** Where the string at `at` ends. */
  stringEnd(at: number): number {
    if (at >= this.text.length) return at + 1;
    const first = this.text.charCodeAt(at);
    if (first < 0x40) return at + 1 + first;
    if (first === LZF) return this.#compressedEnd(at);
    if (first >= 0xc0 && first < LZF) return at + 1 + (1 << (first - 0xc0));
    const end = this.lengthEnd(at);
    return end > this.text.length ? end : end + this.#stringLength(at);
  }

  byte(): number {
    this.#need(1);
    return this.text.charCodeAt(this.at++);
  }

  bytes(count: number): string {
    this.#need(count);
    this.at += count;
    return this.text.slice(this.at - count, this.at);
  }

  /** A length or count, at most 2^53 - 1. */
  length(): number {
    const { at } = this;
    const end = this.lengthEnd(at);
    this.#need(end - at);
    this.at = end;
    if (end === at + 1) return this.text.charCodeAt(at);
    if (end === at + 2) return this.#bigEndian(at, 2) & 0x3fff;
    if (end === at + 5) return this.#bigEndian(at + 1, 4);
    const value = this.#bigEndian(at + 1, 8);
    return value <= Number.MAX_SAFE_INTEGER ? value : this.fail("a length below 2^53", at);
  }

  /** A length of which all 64 bits count: the ids and counters of streams. */
  wideLength(): bigint {
    if (this.text.charCodeAt(this.at) !== 0x81) return BigInt(this.length());
    this.#need(9);
    const high = BigInt(this.#bigEndian(this.at + 1, 4));
    const low = BigInt(this.#bigEndian(this.at + 5, 4));
    this.at += 9;
    return (high << 32n) | low;
  }

  /** A string of any encoding. It may be a slice of `text`: detach what is kept. */
  string(): string {
    const { at } = this;
    const end = this.stringEnd(at);
    this.#need(end - at);
    const first = this.text.charCodeAt(at);
    this.at = end;
    if (first < 0x40) return this.text.slice(at + 1, end);
    if (first === LZF) return this.#decompress(at, end);
    if (first >= 0xc0) return String(this.#littleEndian(at + 1, end - at - 1));
    return this.text.slice(this.lengthEnd(at), end);
  }

  /** Two bytes, the low one first. */
  uint16(): number {
    this.#need(2);
    this.at += 2;
    return this.#littleEndian(this.at - 2, 2) & 0xffff;
  }

  /** Four bytes, the lowest first. */
  uint32(): number {
    return this.int32() >>> 0;
  }

  /** Four bytes, the lowest first, two's complement. */
  int32(): number {
    this.#need(4);
    this.at += 4;
    return this.#littleEndian(this.at - 4, 4);
  }

  /** Eight bytes, the lowest first, two's complement: the double nearest to them. */
  int64(): number {
    this.#need(8);
    const low = this.uint32();
    return this.int32() * 0x1_0000_0000 + low;
  }

  /** Eight bytes, the lowest first: a score, since version 8. */
  double(): number {
    this.#need(8);
    for (let i = 0; i < 8; i++) SCRATCH.setUint8(i, this.text.charCodeAt(this.at++));
    return SCRATCH.getFloat64(0, true);
  }

  /** A score of old: a byte of length and the digits, or a byte that says which it is. */
  doubleText(): number {
    const start = this.at;
    const first = this.byte();
    if (first >= 253) return [NaN, Infinity, -Infinity][first - 253]!;
    const digits = this.bytes(first);
    const value = Number(digits);
    if (!/^[-+.\deE]+$/.test(digits) || Number.isNaN(value)) this.fail("a number", start);
    return value;
  }

  #need(count: number): void {
    const missing = this.at + count - this.text.length;
    if (missing > 0) this.fail(`${missing} more bytes`, this.text.length);
  }

  #stringLength(at: number): number {
    const before = this.at;
    this.at = at;
    const count = this.length();
    this.at = before;
    if (count > this.#stringMax) this.fail(`a string of at most ${this.#stringMax} bytes`, at);
    return count;
  }

  #compressedEnd(at: number): number {
    const sizeAt = this.lengthEnd(at + 1);
    const end = this.lengthEnd(sizeAt);
    return end > this.text.length ? end : end + this.#stringLength(at + 1);
  }

  #decompress(at: number, end: number): string {
    const sizeAt = this.lengthEnd(at + 1);
    const byteCount = this.#stringLength(sizeAt);
    this.#expandedBytes += byteCount;
    const expandedMax = Math.min(RDB_BYTES_MAX, EXPANDED_STRINGS * this.#stringMax);
    if (this.#expandedBytes > expandedMax) this.fail(`at most ${expandedMax} bytes in all`, at);
    const text = lzfDecompress(this.text.slice(this.lengthEnd(sizeAt), end), byteCount);
    return text ?? this.fail(`${byteCount} bytes compressed by LZF`, at);
  }

  #bigEndian(at: number, count: number): number {
    let value = 0;
    for (let i = at; i < at + count; i++) value = value * 256 + this.text.charCodeAt(i);
    return value;
  }

  /** One, two or four bytes, two's complement. */
  #littleEndian(at: number, count: number): number {
    let value = 0;
    for (let i = at + count - 1; i >= at; i--) value = (value << 8) | this.text.charCodeAt(i);
    const shift = 32 - count * 8;
    return (value << shift) >> shift;
  }
}

const SCRATCH = new DataView(new ArrayBuffer(8));
