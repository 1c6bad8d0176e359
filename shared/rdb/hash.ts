/** Hashes as RDB has them: field after field with its value, and before it its expiry where some expire. */
import { encodeLength, littleEndian64 } from "../base/rdb-primitives.ts";
import { detach } from "../base/bytes.ts";
import { EXPIRY_MARK, ExpiringValue, type FieldValue, HashValue } from "../types/hash.ts";
import type { Limits } from "../types/limits.ts";
import { listpackEntries } from "./listpack.ts";
import { unpackString } from "./packed.ts";
import { RdbReader } from "./reader.ts";
import { type Decoder, isStep, type Steps, type ValueCodec } from "./value-codec.ts";

const PLAIN = 4;
const EXPIRING = 24;
const EXPIRING_LISTPACK = 25;
/** Redis has 48 bits for the time of a field. */
const TIME_MAX_MS = 2 ** 48 - 2;

/** The head is the number of fields, and when the first of them expires (0: none does). */
export const HASH_CODEC: ValueCodec<HashValue> = {
  head: (value) => encodeLength(value.size) + encodeLength(value.elementsExpireAtMs),
  frame: (head) => {
    const { count, soonestMs } = readHead(head);
    if (soonestMs === 0) return { type: PLAIN, before: encodeLength(count), after: "" };
    const before = littleEndian64(soonestMs) + encodeLength(count);
    return { type: EXPIRING, before, after: "", elements: (body) => withExpiries(body, soonestMs) };
  },
  open: () => new HashValue({ isCompact: false }),
  admit: (value, number, body) => value.admit(number, fieldsOf(body)),
};

function readHead(head: string): { count: number; soonestMs: number } {
  const reader = new RdbReader(head);
  return { count: reader.length(), soonestMs: reader.length() };
}

function fieldsOf(body: string): [string, FieldValue][] {
  const reader = new RdbReader(body);
  const fields: [string, FieldValue][] = [];
  while (reader.at < body.length) {
    const expiresAtMs = expiryAt(reader);
    const field = detach(reader.string());
    const value = detach(reader.string());
    fields.push([field, expiresAtMs === 0 ? value : new ExpiringValue(value, expiresAtMs)]);
  }
  return fields;
}

/** Moves the reader to the field; 0: it never expires. */
function expiryAt(reader: RdbReader): number {
  if (reader.text[reader.at] !== EXPIRY_MARK) return 0;
  reader.at++;
  return reader.int64();
}

/** The fields of a part as RDB's type 24 has them: each behind how long after the first it expires. */
function withExpiries(body: string, soonestMs: number): string {
  const reader = new RdbReader(body);
  let text = "";
  while (reader.at < body.length) {
    const expiresAtMs = expiryAt(reader);
    const from = reader.at;
    reader.at = reader.stringEnd(reader.stringEnd(from));
    text += encodeLength(expiresAtMs === 0 ? 0 : expiresAtMs - soonestMs + 1);
    text += body.slice(from, reader.at);
  }
  return text;
}

/** A hash of fields and values, one behind the other, in the compact encoding if it is within the limits. */
export function hashFromPairs(pairs: readonly string[], limits: Readonly<Limits>): HashValue {
  const value = emptyHash(pairs.length / 2, limits);
  for (let i = 0; i < pairs.length; i += 2) value.set(pairs[i]!, pairs[i + 1]!, { limits });
  return value;
}

/** Not compact from the start where it would not stay so. */
function emptyHash(count: number, limits: Readonly<Limits>): HashValue {
  return new HashValue({ isCompact: count <= limits.hashEntries });
}

/** The packed forms (9, 13, 16) are in codec.ts. */
export const HASH_STEPS: Readonly<Record<number, Steps>> = {
  *[PLAIN](reader, limits) {
    const { at } = reader;
    const count = reader.length();
    const value = emptyHash(count, limits);
    for (let i = 0; i < count; i++) {
      value.set(reader.string(), reader.string(), { limits });
      if (isStep(i)) yield;
    }
    if (value.size !== count) reader.fail("every field once", at);
    return value;
  },
  *[EXPIRING](reader, limits) {
    const soonestMs = reader.int64();
    const { at } = reader;
    const count = reader.length();
    const value = emptyHash(count, limits);
    for (let i = 0; i < count; i++) {
      const expiresAtMs = expiryFrom(reader, soonestMs);
      value.set(reader.string(), reader.string(), { limits, expiresAtMs });
      if (isStep(i)) yield;
    }
    if (value.size !== count) reader.fail("every field once", at);
    return value;
  },
};

export const HASH_DECODERS: Readonly<Record<number, Decoder>> = {
  [EXPIRING_LISTPACK]: (reader, limits) => {
    reader.int64(); // when the first field expires, which the fields tell as well
    const { at } = reader;
    const texts = unpackString(reader, listpackEntries);
    const count = texts.length / 3;
    const value = emptyHash(count, limits);
    for (let i = 0; i + 2 < texts.length; i += 3) {
      const expiresAtMs = Number(texts[i + 2]);
      if (!isTime(expiresAtMs)) reader.fail("the time a field expires", at);
      value.set(texts[i]!, texts[i + 1]!, { limits, expiresAtMs });
    }
    if (value.size !== count) reader.fail("every field once, with a value and a time", at);
    return value;
  },
};

function expiryFrom(reader: RdbReader, soonestMs: number): number {
  const { at } = reader;
  const after = reader.length();
  if (after === 0) return 0;
  const expiresAtMs = soonestMs + after - 1;
  return isTime(expiresAtMs) ? expiresAtMs : reader.fail("the time a field expires", at);
}

function isTime(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= TIME_MAX_MS;
}
