/** The memory of a machine: strings go into it and come out of it as bytes. */
import { type BufferLike, bufferOver } from "../base/bytes.ts";

/** WebAssembly.Memory, as far as we use it. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE_BYTES = 65_536;
/** More than is asked for at once, so that a table that grows does not ask every time. */
const GROWTH = 1.25;
/** Up to here a loop over the characters beats a call. */
const LOOP_MAX = 40;
/** Strings that are kept in case they are read again. */
const KNOWN_MAX = 512;

export class LuaMemory {
  readonly #memory: WasmMemory;
  readonly #bytesMax: number;
  #bytes: BufferLike;
  #words: Int32Array;
  #byteCount: number;
  /** By address; what stands there may have changed since. */
  readonly #known: string[] = Array.from({ length: KNOWN_MAX }, () => "");
  /** Since the views of it were made, which are dead then. */
  #hasGrown = false;

  constructor(memory: WasmMemory, bytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
    this.#bytes = bufferOver(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
    this.#byteCount = memory.buffer.byteLength;
  }

  get byteCount(): number {
    return this.#byteCount;
  }

  /** Makes room for so many bytes in all; false where there is none. */
  grow(bytes: number): boolean {
    if (bytes > this.#bytesMax) return false;
    const before = this.byteCount;
    const wanted = Math.min(Math.max(bytes, before * GROWTH), this.#bytesMax);
    try {
      this.#memory.grow(Math.ceil((wanted - before) / PAGE_BYTES));
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    this.#hasGrown = true;
    this.#byteCount = this.#memory.buffer.byteLength;
    return true;
  }

  word(at: number): number {
    this.#refresh();
    return this.#words[at >> 2]!;
  }

  setWord(at: number, value: number): void {
    this.#refresh();
    this.#words[at >> 2] = value;
  }

  write(text: string, at: number): void {
    this.#refresh();
    const bytes = this.#bytes;
    const { length } = text;
    if (length > LOOP_MAX) bytes.latin1Write(text, at, length);
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  }

  read(at: number, length: number): string {
    this.#refresh();
    const bytes = this.#bytes;
    if (length > LOOP_MAX) return bytes.latin1Slice(at, at + length);
    // The interpreter has each short string once, so a script's words stay where they are.
    const place = (at >> 3) % KNOWN_MAX;
    const known = this.#known[place]!;
    if (this.#isAt(at, length, known)) return known;
    let text = "";
    for (let i = at; i < at + length; i++) text += CHARACTERS[bytes[i]!]!;
    this.#known[place] = text;
    return text;
  }

  #isAt(at: number, length: number, text: string): boolean {
    if (text.length !== length) return false;
    const bytes = this.#bytes;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
    return true;
  }

  copy(to: number, from: number, count: number): void {
    this.#refresh();
    this.#bytes.copyWithin(to, from, from + count);
  }

  #refresh(): void {
    if (!this.#hasGrown) return;
    this.#hasGrown = false;
    this.#bytes = bufferOver(this.#memory.buffer);
    this.#words = new Int32Array(this.#memory.buffer);
  }
}

const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, code) =>
  String.fromCharCode(code),
);
