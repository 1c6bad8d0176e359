/**
 * HyperLogLog as Redis keeps it in a string, byte for byte (hyperloglog.c): 16384 registers of 6 bits behind
 * a header of 16 bytes. Sparse ones are runs of equal registers (hyperloglog-sparse.ts).
 *
 *     "HYLL"  encoding (0 dense, 1 sparse)  three zeros  the count of 8 bytes, whose top bit says it is stale
 */
import { newBuffer, toBinary } from "../base/bytes.ts";
import { type Hash64, murmurHash64 } from "../base/murmur.ts";
import { readRuns, SparseRegisters } from "./hyperloglog-sparse.ts";

export const REGISTER_COUNT = 16384;
const INDEX_BITS = 14;
/** Bits of a hash beside those of the index; a register holds at most one more. */
const RANK_BITS = 50;
const HEADER_BYTES = 16;
const DENSE_BYTES = HEADER_BYTES + (REGISTER_COUNT * 6) / 8;
const SEED = 0xadc8_3b19;

/** One that has counted nothing: a single run of zeros. */
export const EMPTY_SKETCH = `HYLL\x01${"\0".repeat(11)}\x7f\xff`;

/** Whether a string is one of ours by its header; its registers may still be damaged. */
export function isSketch(text: string): boolean {
  if (text.length < HEADER_BYTES || !text.startsWith("HYLL")) return false;
  const encoding = text.charCodeAt(4);
  return encoding === 1 || (encoding === 0 && text.length === DENSE_BYTES);
}

export function isSparse(text: string): boolean {
  return text.charCodeAt(4) === 1;
}

// -- the count ---------------------------------------------------------------------------------------

/** The count as of the last change; undefined when it is stale. */
export function cachedCount(text: string): number | bigint | undefined {
  if (text.charCodeAt(15) >= 0x80) return undefined;
  let count = 0n;
  for (let i = 15; i >= 8; i--) count = (count << 8n) | BigInt(text.charCodeAt(i));
  return count <= Number.MAX_SAFE_INTEGER ? Number(count) : count;
}

/** The string with this count in its header. */
export function withCount(text: string, count: number): string {
  let bytes = "";
  for (let rest = count, i = 0; i < 8; i++) {
    bytes += String.fromCharCode(rest % 256);
    rest = Math.floor(rest / 256);
  }
  return text.slice(0, 8) + bytes + text.slice(HEADER_BYTES);
}

/**
 * How many different elements were counted, as Otmar Ertl estimates it (arXiv:1702.01284); undefined when
 * the registers are damaged.
 */
export function countOf(text: string): number | undefined {
  const histogram = new Float64Array(64);
  if (isSparse(text)) {
    let total = 0;
    readRuns(text, HEADER_BYTES, (value, length) => {
      histogram[value]! += length;
      total += length;
      return true;
    });
    return total === REGISTER_COUNT ? estimate(histogram) : undefined;
  }
  for (let i = 0; i < REGISTER_COUNT; i++) histogram[denseRegister(text, i)]!++;
  return estimate(histogram);
}

/** The same of registers of a byte each. */
export function countOfRegisters(registers: Uint8Array): number | undefined {
  const histogram = new Float64Array(64);
  for (const value of registers) histogram[value & 63]!++;
  return estimate(histogram);
}

/** Undefined where all registers are beyond what an element can raise them to: the count were infinite. */
function estimate(histogram: Float64Array): number | undefined {
  const m = REGISTER_COUNT;
  let z = m * tau((m - histogram[RANK_BITS + 1]!) / m);
  for (let rank = RANK_BITS; rank >= 1; rank--) z = (z + histogram[rank]!) * 0.5;
  z += m * sigma(histogram[0]! / m);
  return z === 0 ? undefined : Math.round((ALPHA * m * m) / z);
}

/** 1 / (2 ln 2) */
const ALPHA = 0.7213475204444817;

function sigma(share: number): number {
  if (share === 1) return Infinity;
  let x = share;
  let y = 1;
  let z = x;
  for (;;) {
    x *= x;
    const before = z;
    z += x * y;
    y += y;
    if (z === before) return z;
  }
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let y = 1;
  let z = 1 - x;
  for (;;) {
    x = Math.sqrt(x);
    const before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
    if (z === before) return z / 3;
  }
}

// -- registers ---------------------------------------------------------------------------------------

/** Raises each of `registers` to what this one has there; false when it is damaged. */
export function mergeInto(registers: Uint8Array, text: string): boolean {
  let at = 0;
  const raise = (value: number): void => {
    if (value > registers[at]!) registers[at] = value;
    at++;
  };
  if (!isSparse(text)) {
    while (at < REGISTER_COUNT) raise(denseRegister(text, at));
    return true;
  }
  readRuns(text, HEADER_BYTES, (value, length) => {
    if (value === 0 || at + length > REGISTER_COUNT) at += length;
    else for (let left = length; left > 0; left--) raise(value);
    return at <= REGISTER_COUNT;
  });
  return at === REGISTER_COUNT;
}

/** The runs of a sparse one in the words of PFDEBUG DECODE. */
export function describeRuns(text: string): string {
  const words: string[] = [];
  readRuns(text, HEADER_BYTES, (value, length, isLong) => {
    words.push(value > 0 ? `v:${value},${length}` : `${isLong ? "Z" : "z"}:${length}`);
    return true;
  });
  return words.join(" ");
}

function denseRegister(text: string, index: number): number {
  const bit = index * 6;
  const at = HEADER_BYTES + (bit >>> 3);
  const low = text.charCodeAt(at) >> (bit & 7);
  return (low | (text.charCodeAt(at + 1) << (8 - (bit & 7)))) & 63;
}

/** A HyperLogLog while it changes. */
export class Sketch {
  #text: string;
  readonly #sparseBytesMax: number;
  readonly #hash: Hash64 = { low: 0, high: 0 };
  #dense: Uint8Array | undefined;
  #sparse: SparseRegisters | undefined;

  /** `text` is one by its header; beyond `sparseBytesMax` a sparse one becomes dense. */
  constructor(text: string, sparseBytesMax: number) {
    this.#text = text;
    this.#sparseBytesMax = sparseBytesMax;
  }

  /** Counts an element: whether that changed anything, undefined when the registers are damaged. */
  add(element: string): boolean | undefined {
    const { low, high } = murmurHash64(element, SEED, this.#hash);
    const index = low & (REGISTER_COUNT - 1);
    // The rank is the place of the lowest bit that is set above those of the index, from 1 on.
    const lower = low >>> INDEX_BITS;
    const rank =
      lower !== 0
        ? trailingZeros(lower) + 1
        : high !== 0
          ? trailingZeros(high) + 32 - INDEX_BITS + 1
          : RANK_BITS + 1;
    return this.raise(index, rank);
  }

  /** Raises a register to a value; the answer is as that of `add`. */
  raise(index: number, value: number): boolean | undefined {
    if (!isSparse(this.#text)) return this.#raiseDense(index, value);
    this.#sparse ??= new SparseRegisters(this.#text, HEADER_BYTES);
    const outcome = this.#sparse.raise(index, value, this.#sparseBytesMax);
    if (outcome !== "full") return outcome;
    return this.becomeDense() ? this.#raiseDense(index, value) : undefined;
  }

  /** False when the registers are damaged. */
  becomeDense(): boolean {
    const text = this.#sparse?.text() ?? this.#text;
    if (!isSparse(text)) return true;
    const registers = new Uint8Array(REGISTER_COUNT);
    if (!mergeInto(registers, text)) return false;
    this.#sparse = undefined;
    this.#text = `${text.slice(0, 4)}\0${text.slice(5, HEADER_BYTES)}${"\0".repeat(DENSE_BYTES - HEADER_BYTES)}`;
    for (let i = 0; i < REGISTER_COUNT; i++)
      if (registers[i]! > 0) this.#raiseDense(i, registers[i]!);
    return true;
  }

  /** As it is now; where its registers changed the count is marked stale by the caller. */
  text(): string {
    if (this.#sparse !== undefined) return this.#sparse.text();
    return this.#dense === undefined ? this.#text : toBinary(this.#dense);
  }

  #raiseDense(index: number, value: number): boolean {
    if (this.#dense === undefined) {
      if (denseRegister(this.#text, index) >= value) return false;
      const bytes = newBuffer(DENSE_BYTES);
      bytes.latin1Write(this.#text, 0, DENSE_BYTES);
      this.#dense = bytes;
    }
    const bytes = this.#dense;
    const bit = index * 6;
    const at = HEADER_BYTES + (bit >>> 3);
    const shift = bit & 7;
    const pair = bytes[at]! | ((bytes[at + 1] ?? 0) << 8);
    if (((pair >>> shift) & 63) >= value) return false;
    const changed = (pair & ~(63 << shift)) | (value << shift);
    bytes[at] = changed;
    if (at + 1 < DENSE_BYTES) bytes[at + 1] = changed >>> 8;
    return true;
  }
}

/** The string with its count marked as stale. */
export function withStaleCount(text: string): string {
  const top = String.fromCharCode(text.charCodeAt(15) | 0x80);
  return text.slice(0, 15) + top + text.slice(HEADER_BYTES);
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
