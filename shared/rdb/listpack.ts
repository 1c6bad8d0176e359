/**
 * Listpacks: blocks of streams since Redis 5, small values of every type since 7.
 * (reference: redis/src/listpack.c; the elements are in types/stream-listpack.ts)
 */
import { detach } from "../base/bytes.ts";
import {
  backLength,
  elementSize,
  elementText,
  encodeElement,
  HEADER_BYTES,
  listpackOf,
} from "../types/stream-listpack.ts";
import { RdbError } from "./reader.ts";

const COUNT_AT = 4;
const COUNT_UNKNOWN = 0xffff;
const END = 0xff;
/** Encodings above this one are none. */
const ENCODING_MAX = 0xf4;

/** The elements in their order, integers as digits; throws RdbError where the bytes are no listpack. */
export function listpackEntries(blob: string): string[] {
  const entries: string[] = [];
  for (const at of listpackStarts(blob)) entries.push(detach(elementText(blob, at)));
  return entries;
}

/** Where each element begins, all of them checked; throws RdbError where the bytes are no listpack. */
export function listpackStarts(blob: string): number[] {
  const { length } = blob;
  if (length < HEADER_BYTES + 1) throw new RdbError(length, "the header of a listpack");
  const low = blob.charCodeAt(0) + blob.charCodeAt(1) * 0x100;
  const size = low + blob.charCodeAt(2) * 0x1_0000 + blob.charCodeAt(3) * 0x100_0000;
  if (size !== length) throw new RdbError(0, `the listpack's size, which is ${length} bytes`);

  const starts: number[] = [];
  let at = HEADER_BYTES;
  for (; at < length && blob.charCodeAt(at) !== END; at = checkedEnd(blob, at)) starts.push(at);
  if (at !== length - 1) throw new RdbError(at, "the end of the listpack");
  const count = blob.charCodeAt(COUNT_AT) | (blob.charCodeAt(COUNT_AT + 1) << 8);
  if (count !== COUNT_UNKNOWN && count !== starts.length) {
    throw new RdbError(COUNT_AT, `the number of elements, ${starts.length}`);
  }
  return starts;
}

/** A listpack of these texts, which Redis 5 and later read. */
export function encodeListpack(entries: readonly string[]): string {
  let elements = "";
  for (const entry of entries) elements += encodeElement(entry);
  return listpackOf(elements, entries.length);
}

function checkedEnd(blob: string, at: number): number {
  const first = blob.charCodeAt(at);
  if (first > ENCODING_MAX) throw new RdbError(at, `an encoding of listpacks, not ${first}`);
  // The head of a long string may itself be cut off: the size is NaN then.
  const size = elementSize(blob, at);
  const told = backLength(size);
  const end = at + size + told.length;
  if (!(end < blob.length)) throw new RdbError(at, "an element that ends within the listpack");
  if (blob.slice(at + size, end) !== told) {
    throw new RdbError(at + size, `the size of the element before, ${size}`);
  }
  return end;
}
