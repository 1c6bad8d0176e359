/**
 * Intsets: small sets of integers. Read only. (reference: redis/src/intset.c)
 *
 *     bytes of an integer (2, 4 or 8):u32  integers:u32  integer …, in ascending order
 */
import { signedDigits } from "./packed.ts";
import { RdbReader } from "./reader.ts";

const HEADER_BYTES = 8;
const COUNT_AT = 4;
const SIZES: readonly number[] = [2, 4, 8];

/** The integers in ascending order; throws RdbError where the bytes are no intset. */
export function intsetMembers(packed: string): string[] {
  const reader = new RdbReader(packed);
  const size = reader.uint32();
  if (!SIZES.includes(size)) reader.fail(`integers of 2, 4 or 8 bytes, not ${size}`, 0);
  const count = reader.uint32();
  const there = (packed.length - HEADER_BYTES) / size;
  if (count !== there) reader.fail(`the number of integers, ${Math.floor(there)}`, COUNT_AT);

  const members: string[] = [];
  for (let i = 0; i < count; i++) {
    const digits = signedDigits(reader.bytes(size));
    const before = members.at(-1);
    if (before !== undefined && !isLess(before, digits)) {
      reader.fail(`an integer above ${before}`, reader.at - size);
    }
    members.push(digits);
  }
  return members;
}

function isLess(a: string, b: string): boolean {
  const [x, y] = [Number(a), Number(b)];
  // Beyond 2^53 different integers may be the same double.
  return x === y ? BigInt(a) < BigInt(b) : x < y;
}
