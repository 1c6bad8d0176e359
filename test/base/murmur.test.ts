import { describe, expect, it } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import { murmurHash64 } from "../../shared/base/murmur.ts";
import { seededRandom } from "../../shared/base/random.ts";

const M = 0xc6a4a7935bd1e995n;
const SEED = 0xadc8_3b19;
const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** MurmurHash64A as its author wrote it, with bigints for 64-bit integers. */
function plainly(text: string, seed: number): bigint {
  const bytes = fromBinary(text);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = BigInt(seed) ^ wrap(BigInt(bytes.length) * M);
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    let block = wrap(view.getBigUint64(at, true) * M);
    block = wrap((block ^ (block >> 47n)) * M);
    hash = wrap((hash ^ block) * M);
  }
  if (at < bytes.length) {
    for (let i = at; i < bytes.length; i++) hash ^= BigInt(bytes[i]!) << BigInt(8 * (i - at));
    hash = wrap(hash * M);
  }
  hash = wrap((hash ^ (hash >> 47n)) * M);
  return hash ^ (hash >> 47n);
}

describe("MurmurHash64A", () => {
  it("is the same in halves as in bigints, for texts of any length", () => {
    const random = seededRandom(1);
    const into = { low: 0, high: 0 };
    for (let i = 0; i < 5000; i++) {
      const length = i % 40;
      const byte = () => String.fromCharCode(Math.floor(random.next() * 256));
      const text = Array.from({ length }, byte).join("");
      const { low, high } = murmurHash64(text, SEED, into);
      expect((BigInt(high) << 32n) | BigInt(low)).toBe(plainly(text, SEED));
    }
  });
});
