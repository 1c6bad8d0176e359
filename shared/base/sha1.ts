/**
 * SHA-1 (FIPS 180-4) of a binary string, for DEBUG DIGEST and the names of scripts. Neither is a secret:
 * nothing here is about security.
 */
import { blockCountOf, fillBlock } from "./sha-blocks.ts";

/** Scratch, as a digest of a data set is made of millions of these: nothing here may call back. */
const WORDS = new Int32Array(80);
const STATE = new Int32Array(5);

/** The 20 bytes of the digest, as a binary string. */
export function sha1(binary: string): string {
  STATE.set(START);
  const blockCount = blockCountOf(binary.length);
  for (let block = 0; block < blockCount; block++) {
    fillBlock(WORDS, binary, block);
    mix();
  }
  return bytesOf(0) + bytesOf(1) + bytesOf(2) + bytesOf(3) + bytesOf(4);
}

const START = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

function mix(): void {
  for (let i = 16; i < 80; i++) {
    const word = WORDS[i - 3]! ^ WORDS[i - 8]! ^ WORDS[i - 14]! ^ WORDS[i - 16]!;
    WORDS[i] = (word << 1) | (word >>> 31);
  }
  let a = STATE[0]!;
  let b = STATE[1]!;
  let c = STATE[2]!;
  let d = STATE[3]!;
  let e = STATE[4]!;
  for (let i = 0; i < 80; i++) {
    // A function and a constant of its own for each quarter of the rounds.
    let chosen: number;
    if (i < 20) chosen = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) chosen = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) chosen = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else chosen = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + chosen + e + WORDS[i]!) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  STATE[0]! += a;
  STATE[1]! += b;
  STATE[2]! += c;
  STATE[3]! += d;
  STATE[4]! += e;
}

/** A word of the state, the highest byte first. */
function bytesOf(index: number): string {
  const word = STATE[index]!;
  return String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
}
