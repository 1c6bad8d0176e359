/**
 * Bytes inside the engine are *binary strings*: JavaScript strings whose char codes are all 0–255, one
 * a byte. V8 keeps them at one byte a character, hashes and compares them natively, and slices them
 * without copying; a Uint8Array costs ten times as much to make. Uint8Arrays appear at the edges only:
 * sockets, SQL, HTTP bodies.
 */

/** What we use of Buffer, a global of both runtimes (workerd with nodejs_compat, and node). */
export interface BufferLike extends Uint8Array {
  latin1Slice(start: number, end: number): string;
  /** workerd wants `length` where there is an `offset`; node does without. */
  latin1Write(text: string, offset: number, length: number): number;
}
declare const Buffer: {
  from(buffer: ArrayBufferLike, offset: number, length: number): BufferLike;
  from(text: string, encoding: "latin1" | "utf8"): BufferLike;
  allocUnsafeSlow(size: number): BufferLike;
  byteLength(text: string, encoding: "utf8"): number;
};
/** In workerd the global is a getter, which costs as much as the copy of a short text. */
const Bytes = Buffer;

/** A buffer of so many bytes, with whatever is in them. */
export function newBuffer(size: number): BufferLike {
  return Bytes.allocUnsafeSlow(size);
}

/** A view of a whole ArrayBuffer. */
export function bufferOver(buffer: ArrayBuffer): BufferLike {
  return Bytes.from(buffer, 0, buffer.byteLength);
}

/** Bytes -> binary string. Copies; the array may be reused afterwards. */
export function toBinary(bytes: Uint8Array): string {
  const length = bytes.byteLength;
  return Bytes.from(bytes.buffer, bytes.byteOffset, length).latin1Slice(0, length);
}

/** Binary string -> bytes, in a buffer of their own. */
export function fromBinary(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Bytes.allocUnsafeSlow(text.length);
  bytes.latin1Write(text, 0, text.length);
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, text.length);
}

/**
 * The same string without its parent. A slice of 13 or more characters keeps the whole message it was
 * cut from alive; whatever is stored longer than one command must be detached first.
 */
export function detach(text: string): string {
  return text.length < 13 ? text : (" " + text).slice(1);
}

/** Any JavaScript text -> its UTF-8 bytes as a binary string. */
export function utf8ToBinary(text: string): string {
  const bytes = Bytes.from(text, "utf8");
  return bytes.latin1Slice(0, bytes.byteLength);
}

/** How many bytes a text takes in UTF-8; as many as it has characters: it is ASCII. */
export function utf8Length(text: string): number {
  return Bytes.byteLength(text, "utf8");
}

const UTF8 = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });

/** UTF-8 bytes in a binary string -> text; what is not UTF-8 becomes U+FFFD. */
export function binaryToUtf8(binary: string): string {
  return UTF8.decode(fromBinary(binary));
}

/** A binary string in hexadecimal, two lower-case digits a byte. */
export function hex(binary: string): string {
  let text = "";
  for (let i = 0; i < binary.length; i++) {
    text += binary.charCodeAt(i).toString(16).padStart(2, "0");
  }
  return text;
}
