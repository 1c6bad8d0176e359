/**
 * SHA-1 (FIPS 180-4) of a binary string, for DEBUG DIGEST and the names of scripts. Neither is a secret:
 * nothing here is about security.
 */
const BLOCK = 64;

/** The 20 bytes of the digest, as a binary string. */
export function sha1(binary: string): string {
  const words = new Uint32Array(80);
  const state = new Uint32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  const blocks = Math.floor((binary.length + 8) / BLOCK) + 1;
  for (let block = 0; block < blocks; block++) {
    const last = block === blocks - 1;
    fill(words, binary, block * BLOCK);
    if (last) {
      words[14] = Math.floor(binary.length / 2 ** 29);
      words[15] = binary.length << 3;
    }
    mix(words, state);
  }
  let digest = "";
  for (const word of state) {
    digest += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  }
  return digest;
}

/** Sixteen words of the message from byte `from` on: then the mark of its end, then zeros. */
function fill(words: Uint32Array, binary: string, from: number): void {
  const byteAt = (at: number): number => {
    if (at < binary.length) return binary.charCodeAt(at);
    return at === binary.length ? 0x80 : 0;
  };
  for (let i = 0; i < 16; i++) {
    const at = from + i * 4;
    words[i] =
      (byteAt(at) << 24) | (byteAt(at + 1) << 16) | (byteAt(at + 2) << 8) | byteAt(at + 3);
  }
}

/** Each quarter of the 80 rounds has a constant and a function of its own. */
const CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
const CHOICES = [
  (b: number, c: number, d: number): number => (b & c) | (~b & d),
  (b: number, c: number, d: number): number => b ^ c ^ d,
  (b: number, c: number, d: number): number => (b & c) | (b & d) | (c & d),
  (b: number, c: number, d: number): number => b ^ c ^ d,
];

function mix(words: Uint32Array, state: Uint32Array): void {
  for (let i = 16; i < 80; i++) {
    words[i] = rotate(words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^ words[i - 16]!, 1);
  }
  let [a, b, c, d, e] = state as unknown as [number, number, number, number, number];
  for (let i = 0; i < 80; i++) {
    const quarter = Math.floor(i / 20);
    const chosen = CHOICES[quarter]!(b, c, d);
    const next = (rotate(a, 5) + chosen + e + CONSTANTS[quarter]! + words[i]!) | 0;
    e = d;
    d = c;
    c = rotate(b, 30);
    b = a;
    a = next;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
}

function rotate(word: number, count: number): number {
  return (word << count) | (word >>> (32 - count));
}
