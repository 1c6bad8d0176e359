/**
 * The order of the base: a key's cluster slot (CRC16 of its name, or of the part in braces) in the high 14
 * bits and a 32-bit hash of the name below. One order for SCAN cursors, RANDOMKEY, sampling, snapshot
 * chunks and their resumption, range digests, and later sharding. Stored, so it never changes.
 */
const CRC16 = new Uint16Array(256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  CRC16[byte] = crc;
}

const LOW = 0x1_0000_0000;

/** Every hash is below this; 46 bits, so a double holds it exactly. */
export const HASH_LIMIT = 16384 * LOW;

/** The cluster slot of a key (https://redis.io/docs/reference/cluster-spec), 0–16383. */
export function slotOf(name: string): number {
  let from = 0;
  let to = name.length;
  const open = name.indexOf("{");
  if (open >= 0) {
    const close = name.indexOf("}", open + 1);
    if (close > open + 1) {
      from = open + 1;
      to = close;
    }
  }
  let crc = 0;
  for (let i = from; i < to; i++) {
    crc = ((crc << 8) & 0xffff) ^ CRC16[((crc >> 8) ^ name.charCodeAt(i)) & 0xff]!;
  }
  return crc & 16383;
}

/** Where a key stands in the base: an integer in [0, HASH_LIMIT). */
export function keyHash(name: string): number {
  let low = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) low = Math.imul(low ^ name.charCodeAt(i), 0x01000193);
  // FNV-1a leaves the last bytes in the low bits; mix, so that neighbours spread over the range.
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  return slotOf(name) * LOW + ((low ^ (low >>> 16)) >>> 0);
}
