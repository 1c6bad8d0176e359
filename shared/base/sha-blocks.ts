/** What SHA-1 and SHA-256 have in common (FIPS 180-4, §5.1.1): a message in blocks of sixteen words. */
const BLOCK_BYTES = 64;

/** The blocks of a message of so many bytes, with the mark of its end and its length behind it. */
export function blockCountOf(length: number): number {
  return Math.floor((length + 8) / BLOCK_BYTES) + 1;
}

/** Puts a block of a binary string into the first sixteen words. */
export function fillBlock(words: Int32Array, binary: string, block: number): void {
  const { length } = binary;
  const from = block * BLOCK_BYTES;
  const left = length - from;
  words.fill(0, 0, 16);
  for (let i = 0; i < left && i < BLOCK_BYTES; i++) {
    words[i >> 2]! |= binary.charCodeAt(from + i) << (24 - 8 * (i & 3));
  }
  if (left >= 0 && left < BLOCK_BYTES) words[left >> 2]! |= 0x80 << (24 - 8 * (left & 3));
  if (block === blockCountOf(length) - 1) {
    words[14] = Math.floor(length / 2 ** 29);
    words[15] = length << 3;
  }
}
