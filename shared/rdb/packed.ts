/**
 * Values that are one string with a format of its own inside (ziplist, listpack, intset, zipmap): how
 * Redis writes what is small. Each format's file lists the elements; here they become a decoder.
 */
import type { Limits } from "../types/limits.ts";
import type { ValueObject } from "../types/value.ts";
import { RdbError, type RdbReader } from "./reader.ts";
import type { Decoder } from "./value-codec.ts";

/** The elements of a packed string, detached from it. Throws RdbError with offsets in the string. */
export type Unpack = (packed: string) => string[];

/** Makes a value of elements; of a hash and a zset they come in pairs, one behind the other. */
type Build = (elements: readonly string[], limits: Readonly<Limits>) => ValueObject;

/**
 * Reads a value that is one packed string. `isPaired`: the elements are fields with values or members
 * with scores. Each field or member has to be there once: of two we could not say which one counts.
 */
export function packedDecoder(
  unpack: Unpack,
  { isPaired, build }: { readonly isPaired: boolean; readonly build: Build },
): Decoder {
  return (reader, limits) => {
    const { at } = reader;
    const elements = unpackString(reader, unpack);
    if (isPaired && elements.length % 2 === 1) reader.fail("an even number of elements", at);
    const value = located(reader, at, () => build(elements, limits));
    const count = isPaired ? elements.length / 2 : elements.length;
    if (value.size !== count) reader.fail("every element once", at);
    return value;
  };
}

/** The elements of the packed string that comes next. What is wrong in it is named by its own byte. */
export function unpackString(reader: RdbReader, unpack: Unpack): string[] {
  const { at } = reader;
  const packed = reader.string();
  const start = reader.at - packed.length;
  // Of what is compressed, or an integer, the byte is not there as such.
  const isPlain = start > at && reader.text.charCodeAt(at) < 0xc0;
  try {
    return unpack(packed);
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    const { offset, expected } = error;
    if (isPlain) reader.fail(expected, start + offset);
    return reader.fail(`${expected} at byte ${offset} of what is compressed here`, at);
  }
}

/** Says of damage that `work` finds in the elements where they stand. */
function located<T>(reader: RdbReader, at: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RdbError) reader.fail(error.expected, at);
    throw error;
  }
}

/** One to eight bytes, the lowest first, two's complement, as decimal digits. */
export function signedDigits(bytes: string): string {
  const { length } = bytes;
  const low = lowWord(bytes, 0, Math.min(length, 4));
  if (length <= 4) return String(low);
  const high = lowWord(bytes, 4, length);
  const value = high * 0x1_0000_0000 + (low >>> 0);
  if (Number.isSafeInteger(value)) return String(value);
  return String((BigInt(high) << 32n) | BigInt(low >>> 0));
}

/** Up to four bytes, the lowest first, two's complement. */
function lowWord(bytes: string, from: number, to: number): number {
  let value = 0;
  for (let i = to - 1; i >= from; i--) value = (value << 8) | bytes.charCodeAt(i);
  const shift = 32 - (to - from) * 8;
  return (value << shift) >> shift;
}
