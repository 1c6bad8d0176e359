/**
 * MurmurHash64A (Austin Appleby), as Redis hashes what a HyperLogLog counts. A product of 64 bits is put
 * together from halves: ten times as fast as with bigints.
 */

/** The two halves of a 64-bit number, both unsigned. */
export interface Hash64 {
  low: number;
  high: number;
}

/** The multiplier, 0xc6a4a7935bd1e995. */
const M_LOW = 0x5bd1_e995;
const M_HIGH = 0xc6a4_a793;

/** The hash of a binary string, put into `into`; `seed` is of 32 bits. */
export function murmurHash64(text: string, seed: number, into: Hash64): Hash64 {
  const { length } = text;
  set(into, length, 0);
  multiply(into);
  set(into, into.low ^ seed, into.high);
  const block = { low: 0, high: 0 };
  const end = length - (length % 8);
  for (let at = 0; at < end; at += 8) {
    set(block, wordAt(text, at), wordAt(text, at + 4));
    multiply(block);
    mix(block);
    multiply(block);
    set(into, into.low ^ block.low, into.high ^ block.high);
    multiply(into);
  }
  if (end < length) {
    let { low, high } = into;
    for (let at = end; at < length; at++) {
      const byte = text.charCodeAt(at) << (8 * ((at - end) % 4));
      if (at - end < 4) low ^= byte;
      else high ^= byte;
    }
    set(into, low, high);
    multiply(into);
  }
  mix(into);
  multiply(into);
  mix(into);
  return into;
}

function set(hash: Hash64, low: number, high: number): void {
  hash.low = low >>> 0;
  hash.high = high >>> 0;
}

function wordAt(text: string, at: number): number {
  return (
    text.charCodeAt(at) |
    (text.charCodeAt(at + 1) << 8) |
    (text.charCodeAt(at + 2) << 16) |
    (text.charCodeAt(at + 3) << 24)
  );
}

/** hash ^= hash >>> 47 */
function mix(hash: Hash64): void {
  hash.low = (hash.low ^ (hash.high >>> 15)) >>> 0;
}

/** hash *= M, modulo 2^64. Each sum below stays under 2^32. */
function multiply(hash: Hash64): void {
  const { low, high } = hash;
  const a = low & 0xffff;
  const b = low >>> 16;
  const lowest = Math.imul(a, M_LOW & 0xffff) >>> 16;
  const middle = (Math.imul(b, M_LOW & 0xffff) + lowest) >>> 0;
  const middle2 = (Math.imul(a, M_LOW >>> 16) + (middle & 0xffff)) >>> 0;
  const carry = Math.imul(b, M_LOW >>> 16) + (middle >>> 16) + (middle2 >>> 16);
  hash.low = Math.imul(low, M_LOW) >>> 0;
  hash.high = (carry + Math.imul(low, M_HIGH) + Math.imul(high, M_LOW)) >>> 0;
}
