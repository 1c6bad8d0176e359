/**
 * The stream between our own nodes travels in frames: epoch and offset in front of the bytes, so that a
 * gap, a duplicate or a deposed master is noticed at once.
 *
 *     0  u8   version (1)
 *     1  u8   0
 *     2  u16  0
 *     4  u32  epoch, little-endian
 *     8  f64  offset of the first byte, little-endian
 *    16  the bytes
 */
import { assert } from "../base/assert.ts";

export interface Frame {
  readonly epoch: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const HEADER_BYTES = 16;
const VERSION = 1;

/** A frame in a buffer of its own. */
export function encodeFrame({ epoch, offset, bytes }: Frame): Uint8Array<ArrayBuffer> {
  assert(Number.isSafeInteger(offset) && offset >= 0, "a frame's offset is a byte count");
  const message = new Uint8Array(HEADER_BYTES + bytes.byteLength);
  const header = new DataView(message.buffer);
  header.setUint8(0, VERSION);
  header.setUint32(4, epoch, true);
  header.setFloat64(8, offset, true);
  message.set(bytes, HEADER_BYTES);
  return message;
}

/** The frame in a message, a view of it; undefined when it is none. */
export function decodeFrame(message: Uint8Array): Frame | undefined {
  if (message.byteLength < HEADER_BYTES || message[0] !== VERSION) return undefined;
  const header = new DataView(message.buffer, message.byteOffset, HEADER_BYTES);
  const offset = header.getFloat64(8, true);
  if (!Number.isSafeInteger(offset) || offset < 0) return undefined;
  return { epoch: header.getUint32(4, true), offset, bytes: message.subarray(HEADER_BYTES) };
}
