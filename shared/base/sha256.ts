/**
 * SHA-256 (FIPS 180-4) of a binary string: what is kept of passwords. WebCrypto has it too, but answers
 * later, and a command is answered at once.
 */
import { blockCountOf, fillBlock } from "./sha-blocks.ts";

/** Scratch: nothing here calls back. */
const WORDS = new Int32Array(64);
const STATE = new Int32Array(8);

/** The digest as 64 hex digits in lower case. */
export function sha256Hex(binary: string): string {
  STATE.set(START);
  const blockCount = blockCountOf(binary.length);
  for (let block = 0; block < blockCount; block++) {
    fillBlock(WORDS, binary, block);
    mix();
  }
  let hex = "";
  for (const word of STATE) hex += (word >>> 0).toString(16).padStart(8, "0");
  return hex;
}

/** The first 32 bits of the fractions of the roots of the first primes: square roots, and cube roots. */
const PRIMES = firstPrimes(64);
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

function fraction(root: number): number {
  return ((root % 1) * 2 ** 32) | 0;
}

function rotate(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count));
}

function mix(): void {
  for (let i = 16; i < 64; i++) {
    const early = WORDS[i - 15]!;
    const late = WORDS[i - 2]!;
    const s0 = rotate(early, 7) ^ rotate(early, 18) ^ (early >>> 3);
    const s1 = rotate(late, 17) ^ rotate(late, 19) ^ (late >>> 10);
    WORDS[i] = WORDS[i - 16]! + s0 + WORDS[i - 7]! + s1;
  }
  let a = STATE[0]!;
  let b = STATE[1]!;
  let c = STATE[2]!;
  let d = STATE[3]!;
  let e = STATE[4]!;
  let f = STATE[5]!;
  let g = STATE[6]!;
  let h = STATE[7]!;
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[i]! + WORDS[i]!) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  STATE[0]! += a;
  STATE[1]! += b;
  STATE[2]! += c;
  STATE[3]! += d;
  STATE[4]! += e;
  STATE[5]! += f;
  STATE[6]! += g;
  STATE[7]! += h;
}
