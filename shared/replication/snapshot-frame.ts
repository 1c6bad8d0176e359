/**
 * How a snapshot travels between our own nodes: an HTTP body of frames, each whole records of RDB, its
 * checksum, and the cursor to resume behind it. A cut transfer resumes at the last frame that arrived.
 *
 *     0  u32  bytes of cursor, little-endian
 *     4  u32  bytes of RDB
 *     8  8 B  CRC-64 of cursor and RDB
 *    16  cursor (empty: this is the last frame), RDB
 */
import { hex } from "../base/bytes.ts";
import { crc64 } from "../base/crc64.ts";
import { RDB_BYTES_MAX } from "../rdb/format.ts";
import { SNAPSHOT_START, type SnapshotCursor } from "./snapshot.ts";

export interface SnapshotFrame {
  readonly cursor: string;
  readonly bytes: string;
}

const HEADER_BYTES = 16;
/** The longest element of a value, and what stands around it; strings go in pieces. */
const FRAME_BYTES_MAX = RDB_BYTES_MAX + 16 * 1024 * 1024;

function u32(value: number): string {
  return String.fromCharCode(
    value & 0xff,
    (value >>> 8) & 0xff,
    (value >>> 16) & 0xff,
    value >>> 24,
  );
}

function readU32(text: string, at: number): number {
  return (
    text.charCodeAt(at) +
    text.charCodeAt(at + 1) * 0x100 +
    text.charCodeAt(at + 2) * 0x1_0000 +
    text.charCodeAt(at + 3) * 0x100_0000
  );
}

export function encodeSnapshotFrame({ cursor, bytes }: SnapshotFrame): string {
  const body = cursor + bytes;
  return u32(cursor.length) + u32(bytes.length) + crc64(body) + body;
}

/** Frames out of an HTTP body in any split. */
export class SnapshotFrameDecoder {
  #parts: string[] = [];
  #length = 0;
  #wanted = HEADER_BYTES;

  push(bytes: string): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  /** The next whole frame; undefined: more bytes are needed; "damaged": the transfer is worthless. */
  next(): SnapshotFrame | "damaged" | undefined {
    if (this.#length < this.#wanted) return undefined;
    const text = this.#parts.join("");
    this.#parts = [text];
    const cursorLength = readU32(text, 0);
    const bytesLength = readU32(text, 4);
    const end = HEADER_BYTES + cursorLength + bytesLength;
    if (end > FRAME_BYTES_MAX) return "damaged";
    if (text.length < end) {
      this.#wanted = end;
      return undefined;
    }
    const body = text.slice(HEADER_BYTES, end);
    if (crc64(body) !== text.slice(8, HEADER_BYTES)) return "damaged";
    this.#parts = end === text.length ? [] : [text.slice(end)];
    this.#length = text.length - end;
    this.#wanted = HEADER_BYTES;
    return { cursor: body.slice(0, cursorLength), bytes: body.slice(cursorLength) };
  }
}

/** A cursor as text for a URL; the reader hands it back as it came. */
export function encodeCursor({ at, after, part }: SnapshotCursor): string {
  const within = part === undefined ? "" : `~${part}`;
  if (after === undefined) return `${at}${within}`;
  return `${at}.${after.hash}.${hex(after.name)}${within}`;
}

/** The cursor in a text from outside; undefined when it is none. An empty text is the start. */
export function decodeCursor(text: string): SnapshotCursor | undefined {
  if (text === "") return SNAPSHOT_START;
  const match = /^(\d{1,2})(?:\.(\d{1,15})\.((?:[0-9a-f]{2})*))?(?:~(\d{1,15}))?$/.exec(text);
  if (match === null) return undefined;
  const at = Number(match[1]);
  const part = match[4] === undefined ? undefined : Number(match[4]);
  if (match[2] === undefined) return { at, after: undefined, part };
  const name = match[3]!.replace(/../g, (hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { at, after: { hash: Number(match[2]), name }, part };
}
