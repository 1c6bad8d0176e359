/**
 * What Valkey 9 writes and Redis does not. Its versions count from 80 on, because from there on the two
 * mean different things by the same type.
 */
import { encodeLength, encodeString, littleEndian64 } from "./primitives.ts";
import { RdbReader } from "./reader.ts";
import { bytes, each, type Layout, STRING } from "./skip.ts";

const VERSION_MIN = 80;
/** A hash whose fields may expire: fields, values, Unix times in ms (-1: never). */
const HASH_2 = 22;
/** The same in Redis: the first expiry, then how much later each is, plus 1 (0: never). */
const HASH_METADATA = 24;

export function isValkey(version: number): boolean {
  return version >= VERSION_MIN;
}

/** Types that Redis has in another meaning, or not at all. */
export const VALKEY_LAYOUTS: Readonly<Record<number, Layout>> = {
  [HASH_2]: [each(STRING, STRING, bytes(8))],
};

/** A value of Valkey's in the form that Redis gives it. Throws RdbError where it is damaged. */
export function withoutValkey(value: { type: number; body: string }): {
  type: number;
  body: string;
} {
  if (value.type !== HASH_2) return value;
  const reader = new RdbReader(value.body);
  const count = reader.length();
  const fields: { text: string; expiresAtMs: number }[] = [];
  let firstMs = Number.MAX_SAFE_INTEGER;
  while (fields.length < count) {
    const text = encodeString(reader.string()) + encodeString(reader.string());
    const expiresAtMs = reader.int64();
    if (expiresAtMs >= 0) firstMs = Math.min(firstMs, expiresAtMs);
    fields.push({ text, expiresAtMs });
  }
  const parts = fields.map(({ text, expiresAtMs }) => {
    return encodeLength(expiresAtMs < 0 ? 0 : expiresAtMs - firstMs + 1) + text;
  });
  const body = littleEndian64(firstMs) + encodeLength(count) + parts.join("");
  return { type: HASH_METADATA, body };
}
