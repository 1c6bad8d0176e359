/** A piece of a machine's memory where bytes stand that it is about to take, or has put there for us. */
import type { LuaApi } from "./c-api.ts";
import type { LuaMemory } from "./memory.ts";

const BYTES_MIN = 4096;
const BYTES_LARGE = 1024 * 1024;
/** Before a length that `lengthAt` is for, and behind what is put. */
const SPARE_BYTES = 16;

export class Scratch {
  readonly #c: LuaApi;
  readonly #memory: LuaMemory;
  #byteCount = 0;
  /** Its address; a multiple of eight. */
  at = 0;

  constructor(c: LuaApi, memory: LuaMemory) {
    this.#c = c;
    this.#memory = memory;
  }

  /** Room for so many bytes, and what was there is gone; false: there is no memory for it. */
  reserve(count: number): boolean {
    if (count + SPARE_BYTES <= this.#byteCount) return true;
    // What is large comes alone, and twice the room may not be there.
    const least = Math.max(count + SPARE_BYTES, BYTES_MIN);
    const size = least > BYTES_LARGE ? least : 2 ** Math.ceil(Math.log2(least));
    const at = this.#c.realloc(this.at, size);
    if (at === 0) return false;
    this.at = at;
    this.#byteCount = size;
    return true;
  }

  /** Bytes; false: there is no memory for them. */
  put(text: string): boolean {
    if (!this.reserve(text.length)) return false;
    this.#memory.write(text, this.at);
    return true;
  }

  /** Strings as `push_texts` of host.wat wants them; false: there is no memory for them. */
  putTexts(texts: readonly string[]): boolean {
    let count = 0;
    for (const text of texts) count += text.length + 8;
    if (!this.reserve(count)) return false;
    let { at } = this;
    for (const text of texts) {
      this.#memory.setWord(at, text.length);
      this.#memory.write(text, at + 4);
      at = (at + 4 + text.length + 3) & ~3;
    }
    return true;
  }
}
