/**
 * CRC-64 as in RDB files and DUMP payloads: the Jones polynomial, reflected, from 0
 * (redis/src/crc64.c).
 *
 * A 64-bit register is two 32-bit halves here, as BigInt is a hundred times slower. Eight bytes a
 * step ("slicing by 8"): table k says what a byte does that has k more bytes of its step behind it.
 */
import { newBuffer } from "./bytes.ts";

const POLYNOMIAL_HIGH = 0x95ac9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const SLICES = 8;

/** Characters of a longer string are read from a copy: that takes half as long. */
const COPIED_MIN = 1024;
const SCRATCH_BYTES = 64 * 1024;
const SCRATCH = newBuffer(SCRATCH_BYTES);

/** LOW[k * 256 + byte], HIGH likewise. */
const LOW = new Int32Array(SLICES * 256);
const HIGH = new Int32Array(SLICES * 256);
for (let byte = 0; byte < 256; byte++) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
  }
  LOW[byte] = low;
  HIGH[byte] = high;
}
for (let at = 256; at < SLICES * 256; at++) {
  const low = LOW[at - 256]!;
  const high = HIGH[at - 256]!;
  LOW[at] = ((low >>> 8) | (high << 24)) ^ LOW[low & 255]!;
  HIGH[at] = (high >>> 8) ^ HIGH[low & 255]!;
}

/** A checksum over bytes that come in pieces of any size. */
export class Crc64 {
  #low = 0;
  #high = 0;

  update(data: string | Uint8Array): this {
    if (typeof data !== "string") this.#updateBytes(data);
    else if (data.length < COPIED_MIN) this.#updateBinary(data);
    else {
      for (let at = 0; at < data.length; at += SCRATCH_BYTES) {
        const count = Math.min(SCRATCH_BYTES, data.length - at);
        SCRATCH.latin1Write(data.slice(at, at + count), 0, count);
        this.#updateBytes(SCRATCH.subarray(0, count));
      }
    }
    return this;
  }

  /** Eight bytes, the lowest first, as RDB files and DUMP payloads end; a binary string. */
  digest(): string {
    let text = "";
    for (const half of [this.#low, this.#high]) {
      for (let shift = 0; shift < 32; shift += 8) {
        text += String.fromCharCode((half >>> shift) & 255);
      }
    }
    return text;
  }

  // The next two differ in how a byte is read, and in nothing else: a function in between, or one
  // body for both types, halves the speed.

  #updateBinary(data: string): void {
    let low = this.#low;
    let high = this.#high;
    let i = 0;
    for (const end = data.length - 7; i < end; i += 8) {
      const a =
        low ^
        (data.charCodeAt(i) |
          (data.charCodeAt(i + 1) << 8) |
          (data.charCodeAt(i + 2) << 16) |
          (data.charCodeAt(i + 3) << 24));
      const b =
        high ^
        (data.charCodeAt(i + 4) |
          (data.charCodeAt(i + 5) << 8) |
          (data.charCodeAt(i + 6) << 16) |
          (data.charCodeAt(i + 7) << 24));
      low = fold(LOW, a, b);
      high = fold(HIGH, a, b);
    }
    for (; i < data.length; i++) {
      const at = (low ^ data.charCodeAt(i)) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[at]!;
      high = (high >>> 8) ^ HIGH[at]!;
    }
    this.#low = low;
    this.#high = high;
  }

  #updateBytes(data: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    let i = 0;
    for (const end = data.length - 7; i < end; i += 8) {
      const a =
        low ^ (data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24));
      const b =
        high ^ (data[i + 4]! | (data[i + 5]! << 8) | (data[i + 6]! << 16) | (data[i + 7]! << 24));
      low = fold(LOW, a, b);
      high = fold(HIGH, a, b);
    }
    for (; i < data.length; i++) {
      const at = (low ^ data[i]!) & 255;
      low = ((low >>> 8) | (high << 24)) ^ LOW[at]!;
      high = (high >>> 8) ^ HIGH[at]!;
    }
    this.#low = low;
    this.#high = high;
  }
}

/** What eight bytes, the first four in `a`, leave in one half of the register. */
function fold(table: Int32Array, a: number, b: number): number {
  return (
    table[1792 + (a & 255)]! ^
    table[1536 + ((a >>> 8) & 255)]! ^
    table[1280 + ((a >>> 16) & 255)]! ^
    table[1024 + (a >>> 24)]! ^
    table[768 + (b & 255)]! ^
    table[512 + ((b >>> 8) & 255)]! ^
    table[256 + ((b >>> 16) & 255)]! ^
    table[b >>> 24]!
  );
}

/** The checksum of one piece: eight bytes, the lowest first. */
export function crc64(data: string | Uint8Array): string {
  return new Crc64().update(data).digest();
}
