/**
 * Rows as bytes, one behind the other: as they are kept while a snapshot of another server's is sorted. As
 * strings and objects they would take two or three times the memory, and the collector's time.
 *
 *     0  f64  hash
 *     8  f64  expiry (Unix ms; 0: never)
 *    16  u16  type
 *    18  u16  bytes of name
 *    20  u16  bytes of body
 *    22  name, body
 */
import { type BufferLike, newBuffer, toBinary } from "../base/bytes.ts";
import type { Change } from "../engine/store.ts";

const HEAD_BYTES = 22;

/** Name and body of a row have at most so many bytes together. */
export const PACKED_MAX = 16 << 10;

/** A key in one row, but for its hash. */
export interface RunRow {
  readonly name: string;
  readonly type: number;
  readonly expiresAtMs: number;
  readonly body: string;
}

/** A call into the platform, to copy bytes, costs as much as some dozen of them one by one. */
const SHORT_BYTES = 100;

/** A buffer that rows are put into. */
export class RowPacker {
  readonly #buffer: BufferLike;
  /** The same: its slices are made much faster than a Buffer's. */
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Behind the last row. */
  end = 0;

  constructor(byteCount: number) {
    this.#buffer = newBuffer(byteCount);
    const { buffer, byteOffset } = this.#buffer;
    this.#bytes = new Uint8Array(buffer, byteOffset, byteCount);
    this.#view = new DataView(buffer, byteOffset, byteCount);
  }

  /** Whether any row has room. */
  get hasRoom(): boolean {
    return this.end + HEAD_BYTES + PACKED_MAX <= this.#bytes.length;
  }

  /** The rows, as a view. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.end);
  }

  put(hash: number, { name, type, expiresAtMs, body }: RunRow): void {
    const view = this.#view;
    const at = this.end;
    view.setFloat64(at, hash);
    view.setFloat64(at + 8, expiresAtMs);
    view.setUint16(at + 16, type);
    view.setUint16(at + 18, name.length);
    view.setUint16(at + 20, body.length);
    this.#putText(name, at + HEAD_BYTES);
    this.#putText(body, at + HEAD_BYTES + name.length);
    this.end = at + HEAD_BYTES + name.length + body.length;
  }

  /** Puts the row that stands at a place of another buffer. */
  copy(from: RowPacker, at: number): void {
    const [source, target] = [from.#bytes, this.#bytes];
    const size = from.#sizeAt(at);
    const to = this.end;
    if (size > SHORT_BYTES) target.set(source.subarray(at, at + size), to);
    else for (let i = 0; i < size; i++) target[to + i] = source[at + i]!;
    this.end = to + size;
  }

  #sizeAt(at: number): number {
    return HEAD_BYTES + this.#view.getUint16(at + 18) + this.#view.getUint16(at + 20);
  }

  #putText(text: string, at: number): void {
    if (text.length > SHORT_BYTES) this.#buffer.latin1Write(text, at, text.length);
    else for (let i = 0; i < text.length; i++) this.#bytes[at + i] = text.charCodeAt(i);
  }
}

/** Rows that are read one by one from chunks of them. */
export class RowReader {
  readonly #chunks: Iterator<Uint8Array>;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** The chunk once more: slices of it are made faster than strings of bytes. */
  #text = "";
  #at = 0;
  /** Of the row that is next; Infinity: there is none. */
  hash = 0;

  constructor(chunks: Iterator<Uint8Array>) {
    this.#chunks = chunks;
    this.#look();
  }

  next(): Change {
    const view = this.#view;
    const at = this.#at;
    const nameAt = at + HEAD_BYTES;
    const bodyAt = nameAt + view.getUint16(at + 18);
    const end = bodyAt + view.getUint16(at + 20);
    const row = {
      hash: this.hash,
      name: this.#text.slice(nameAt, bodyAt),
      type: view.getUint16(at + 16),
      expiresAtMs: view.getFloat64(at + 8),
      pieces: 1,
      value: this.#text.slice(bodyAt, end),
    };
    this.#at = end;
    this.#look();
    return { kind: "head", row };
  }

  #look(): void {
    if (this.#at === this.#view.byteLength) {
      const chunk = this.#chunks.next();
      if (chunk.done === true) {
        this.hash = Number.POSITIVE_INFINITY;
        return;
      }
      const { buffer, byteOffset, byteLength } = chunk.value;
      this.#view = new DataView(buffer, byteOffset, byteLength);
      this.#text = toBinary(chunk.value);
      this.#at = 0;
    }
    this.hash = this.#view.getFloat64(this.#at);
  }
}
