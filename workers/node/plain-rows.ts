/**
 * Rows that never expire and are short, as nearly all are, written for one statement: as JSONB, in which
 * a text is its bytes, so that nothing is escaped or parsed. A row is a member of an object: its name is
 * the label, and the text behind it is its hash, a colon, and its value.
 */
import type { Row } from "../../shared/engine/store.ts";

/**
 * Name and value of a row in the table of keys have at most so many bytes as UTF-8, or the value stands
 * elsewhere: with 1,002 bytes in all, a row of a page of 4 KB would get pages of its own.
 */
const INLINE_BYTES = 940;
export const BATCH_ROWS = 100;
/** JSON may take six bytes for one; a text ends at 2 MB too. */
export const BATCH_BYTES = 128_000;

const HEAD_BYTES = 5;
/** JSONB: the size in four bytes follows, and then text as it is, or the members of an object. */
const [TEXT, OBJECT] = [0xea, 0xec];
const COLON = 58;

/** What is above 127 takes two bytes; each row has two heads and the digits of its hash. */
const bytes = new Uint8Array(HEAD_BYTES + 2 * BATCH_BYTES + BATCH_ROWS * (2 * HEAD_BYTES + 17));

/** Whether it may be among them. */
export function isPlain({ name, value, expiresAtMs, pieces }: Row): boolean {
  return expiresAtMs === 0 && pieces === 1 && fitsInline(name, value);
}

export function fitsInline(name: string, value: string): boolean {
  const length = name.length + value.length;
  if (2 * length <= INLINE_BYTES) return true;
  return length <= INLINE_BYTES && length + highBytes(name) + highBytes(value) <= INLINE_BYTES;
}

/** How many take a second byte as UTF-8. */
function highBytes(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) count++;
  return count;
}

/** At most a batch of rows; the bytes are good until the next call. */
export function encodePlain(rows: readonly Row[]): Uint8Array {
  let end = HEAD_BYTES;
  for (const { hash, name, value } of rows) {
    const label = end;
    const text = putText(name, label + HEAD_BYTES);
    putHead(TEXT, label, text);
    end = putText(String(hash), text + HEAD_BYTES);
    bytes[end++] = COLON;
    end = putText(value, end);
    putHead(TEXT, text, end);
  }
  putHead(OBJECT, 0, end);
  return bytes.subarray(0, end);
}

/** What an element is, and how far it goes. */
function putHead(kind: number, at: number, end: number): void {
  const size = end - at - HEAD_BYTES;
  bytes[at] = kind;
  bytes[at + 1] = size >>> 24;
  bytes[at + 2] = size >>> 16;
  bytes[at + 3] = size >>> 8;
  bytes[at + 4] = size;
}

/** Puts a binary string as UTF-8; returns where it ends. */
function putText(text: string, at: number): number {
  let end = at;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes[end++] = code;
    else {
      bytes[end++] = 0xc0 | (code >> 6);
      bytes[end++] = 0x80 | (code & 0x3f);
    }
  }
  return end;
}
