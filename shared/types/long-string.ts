/**
 * A long string that is written to in place (APPEND, SETRANGE, SETBIT, BITFIELD): its bytes in pages, so
 * that a bit of 16 MB costs a page, in memory and in a checkpoint. A long string that is only ever set and
 * read is a bare string like any other.
 */
import { detach } from "../base/bytes.ts";
import { Part, PART_BYTES_MAX, PartLedger } from "./parts.ts";
import type { DigestSink, ValueObject } from "./value.ts";

/** From here on a string that is written to in place is one of these. A copy of less costs little. */
export const LONG_STRING_BYTES = 32 * 1024;
const PAGE_BYTES = PART_BYTES_MAX;
/** A page's objects beside its bytes, as V8 has them (rounded). */
const PAGE_OVERHEAD_BYTES = 120;

/** What can be read of a string, long or not. */
export interface Text {
  readonly length: number;
  /** The index lies within it. */
  charCodeAt(index: number): number;
  /** As of a string; neither is negative. */
  slice(from: number, to?: number): string;
  toString(): string;
}

class Page extends Part {
  bytes: string;

  constructor(number: number, bytes: string) {
    super(number);
    this.bytes = bytes;
    this.byteCount = PAGE_OVERHEAD_BYTES + bytes.length;
  }

  encode(): string {
    return this.bytes;
  }
}

export class LongString implements ValueObject, Text {
  readonly type = "string";
  readonly encoding = "raw";
  /** All but the last one are full; a page's number is its place. */
  readonly #pages: Page[] = [];
  readonly parts: PartLedger<Page> = new PartLedger(this.#pages);
  length = 0;

  get size(): number {
    return this.length;
  }

  get byteCount(): number {
    return this.parts.byteCount;
  }

  charCodeAt(index: number): number {
    const page = this.#pages[Math.floor(index / PAGE_BYTES)];
    return page === undefined ? Number.NaN : page.bytes.charCodeAt(index % PAGE_BYTES);
  }

  slice(from: number, to = this.length): string {
    const end = Math.min(to, this.length);
    let text = "";
    for (let at = from; at < end;) {
      const { number, bytes } = this.#pages[Math.floor(at / PAGE_BYTES)]!;
      const start = number * PAGE_BYTES;
      text += bytes.slice(at - start, end - start);
      at = start + PAGE_BYTES;
    }
    return text;
  }

  toString(): string {
    return this.#pages.map(({ bytes }) => bytes).join("");
  }

  /** Writes from a place on, with zeros up to it where the string was shorter. Keeps no slice of `text`. */
  write(from: number, text: string): void {
    while (this.length < from) {
      const room = PAGE_BYTES - (this.length % PAGE_BYTES);
      this.#writeInPage(this.length, "\0".repeat(Math.min(room, from - this.length)));
    }
    for (let at = 0; at < text.length;) {
      const room = PAGE_BYTES - ((from + at) % PAGE_BYTES);
      this.#writeInPage(from + at, text.slice(at, at + room));
      at += room;
    }
  }

  /** What is written lies within a page, and begins at the end of the string at the latest. */
  #writeInPage(from: number, text: string): void {
    const number = Math.floor(from / PAGE_BYTES);
    this.length = Math.max(this.length, from + text.length);
    const page = this.#pages[number];
    if (page === undefined) {
      const added = new Page(number, detach(text));
      this.#pages.push(added);
      this.parts.added(added);
      return;
    }
    const { bytes } = page;
    const at = from % PAGE_BYTES;
    page.bytes = detach(bytes.slice(0, at) + text + bytes.slice(at + text.length));
    this.parts.changedBy(page, page.bytes.length - bytes.length);
  }

  clone(): LongString {
    const copy = new LongString();
    for (const { number, bytes } of this.#pages) {
      const page = new Page(number, bytes);
      copy.#pages.push(page);
      copy.parts.added(page);
    }
    copy.length = this.length;
    return copy;
  }

  digest(sink: DigestSink): void {
    sink.inOrder(this.toString());
  }

  /** Takes a page as it was stored. They come in order. */
  admit(number: number, bytes: string): void {
    const page = new Page(number, detach(bytes));
    this.#pages.push(page);
    this.parts.added(page, { isStored: true });
    this.length += bytes.length;
  }
}
