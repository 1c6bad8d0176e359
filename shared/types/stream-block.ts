/**
 * A run of a stream's entries, kept as the listpack that Redis keeps them in: a part of the value is a node
 * of Redis's. Where one ends decides what `~` trims, so the bytes are counted as Redis counts them, and a
 * deleted entry stays as a mark until its whole block goes. (reference: redis/src/t_stream.c)
 *
 *     listpack: live entries, deleted entries, master fields (count, names, 0), entry …
 *     entry:    flags, ID - master ID (ms, sequence), fields (count, names and values; or values only,
 *               where the names are the master's), number of elements before this one
 */
import { detach } from "../base/bytes.ts";
import { encodeLength } from "../base/rdb-primitives.ts";
import { Part } from "./parts.ts";
import { idDifference, idPlus, type StreamId } from "./stream-id.ts";
import {
  elementBefore,
  elementEnd,
  elementInteger,
  elementText,
  encodeElement,
  encodeInteger,
  HEADER_BYTES,
  listpackOf,
} from "./stream-listpack.ts";

const DELETED = 1;
const SAME_FIELDS = 2;
/** Bytes of the flags' element. */
const FLAGS_BYTES = 2;
/** A block's objects beside its text, as V8 has them (measured, rounded). */
const BLOCK_BYTES = 400;

export interface StreamEntry {
  readonly id: StreamId;
  /** Fields and values in turn. May be slices of a block: detach what is kept. */
  readonly pairs: readonly string[];
}

/**
 * Where the live entries of a block stand in its text, and their IDs, in order. Those of deleted ones need
 * not be in order: XSETID may go back below them.
 */
interface Index {
  readonly ids: StreamId[];
  readonly starts: number[];
}

export class StreamBlock extends Part {
  /** What its entries' IDs are counted from: that of the first one it ever had. */
  readonly master: StreamId;
  readonly #fields: readonly string[];
  /** Count, names and 0 as elements. */
  readonly #fieldsText: string;
  #liveCount = 0;
  #deletedCount = 0;
  #elementCount: number;
  /** The entries as elements; and those that came since somebody looked. */
  #text = "";
  #added: string[] = [];
  #addedBytes = 0;
  #index: Index | undefined = { ids: [], starts: [] };

  constructor(number: number, master: StreamId, fields: readonly string[]) {
    super(number);
    this.master = master;
    this.#fields = fields.map(detach);
    let text = encodeInteger(fields.length);
    for (const field of fields) text += encodeElement(field);
    this.#fieldsText = detach(text + encodeInteger(0));
    this.#elementCount = fields.length + 4;
    this.byteCount = this.#bytes();
  }

  /** Takes a listpack that is known to be a block. */
  static of(number: number, master: StreamId, listpack: string): StreamBlock {
    let at = HEADER_BYTES;
    const next = (): number => {
      const value = Number(elementInteger(listpack, at));
      at = elementEnd(listpack, at);
      return value;
    };
    const [liveCount, deletedCount, fieldCount] = [next(), next(), next()];
    const fields: string[] = [];
    for (let i = 0; i < fieldCount; i++) {
      fields.push(elementText(listpack, at));
      at = elementEnd(listpack, at);
    }
    const block = new StreamBlock(number, master, fields);
    block.#liveCount = liveCount;
    block.#deletedCount = deletedCount;
    block.#text = detach(listpack.slice(elementEnd(listpack, at), -1));
    block.#index = undefined;
    block.#elementCount = elementCountOf(listpack);
    block.byteCount = block.#bytes();
    return block;
  }

  /** Entries that are not deleted. */
  get liveCount(): number {
    return this.#liveCount;
  }

  /** Entries, deleted ones too. */
  get entryCount(): number {
    return this.#liveCount + this.#deletedCount;
  }

  /** What lpBytes tells Redis. */
  get listpackBytes(): number {
    const counts = integerBytes(this.#liveCount) + integerBytes(this.#deletedCount);
    const entries = this.#text.length + this.#addedBytes;
    return HEADER_BYTES + counts + this.#fieldsText.length + entries + 1;
  }

  /** The ID of its first entry or its last, deleted or not. */
  get firstId(): StreamId {
    return this.#idOf(0);
  }

  get lastId(): StreamId {
    const text = this.#entries();
    let at = elementBefore(text, text.length);
    for (let left = Number(elementInteger(text, at)); left > 0; left--)
      at = elementBefore(text, at);
    return this.#idOf(at);
  }

  /** Adds an entry; fields and values in turn from `args[from]` on. The ID is above all others. */
  append(id: StreamId, args: readonly string[], from: number): void {
    const isSame = this.#hasFields(args, from);
    const fieldCount = (args.length - from) / 2;
    const { ms, sequence } = idDifference(this.master, id);
    let text = encodeInteger(isSame ? SAME_FIELDS : 0) + encodeInteger(ms);
    text += encodeInteger(sequence);
    if (!isSame) text += encodeInteger(fieldCount);
    for (let i = from; i < args.length; i += 2) {
      if (!isSame) text += encodeElement(args[i]!);
      text += encodeElement(args[i + 1]!);
    }
    const elements = isSame ? fieldCount + 3 : fieldCount * 2 + 4;
    // In one piece: what was added up would keep the network message alive.
    const entry = detach(text + encodeInteger(elements));
    if (this.#index !== undefined) {
      this.#index.ids.push(id);
      this.#index.starts.push(this.#text.length + this.#addedBytes);
    }
    this.#added.push(entry);
    this.#addedBytes += entry.length;
    this.#elementCount += elements + 1;
    this.#liveCount++;
  }

  /** How many live entries have a lower ID: their places count from 0. */
  indexOf(id: StreamId): number {
    const { ids } = this.#indexed();
    let low = 0;
    let high = ids.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The ID of a live entry by its place; undefined before the first and behind the last. */
  idAt(index: number): StreamId | undefined {
    return this.#indexed().ids[index];
  }

  entryAt(index: number): StreamEntry {
    const { ids, starts } = this.#indexed();
    const text = this.#entries();
    let at = starts[index]!;
    const isSame = (text.charCodeAt(at) & SAME_FIELDS) !== 0;
    at = elementEnd(text, elementEnd(text, at + FLAGS_BYTES));
    let fieldCount = this.#fields.length;
    if (!isSame) {
      fieldCount = Number(elementInteger(text, at));
      at = elementEnd(text, at);
    }
    const pairs: string[] = [];
    for (let i = 0; i < fieldCount; i++) {
      if (isSame) pairs.push(this.#fields[i]!);
      else {
        pairs.push(elementText(text, at));
        at = elementEnd(text, at);
      }
      pairs.push(elementText(text, at));
      at = elementEnd(text, at);
    }
    return { id: ids[index]!, pairs };
  }

  /** Marks a live entry as deleted. */
  deleteAt(index: number): void {
    const { ids, starts } = this.#indexed();
    this.#mark([starts[index]!]);
    ids.splice(index, 1);
    starts.splice(index, 1);
  }

  /**
   * Deletes entries from the front, at most so many, up to the first one (deleted before or not) that is not
   * below `before`; returns how many.
   */
  deleteFront({ before, countMax }: { before: StreamId; countMax: number }): number {
    const text = this.#entries();
    const marked: number[] = [];
    for (let at = 0; at < text.length && marked.length < countMax; at = this.#entryEnd(at)) {
      if (this.#idOf(at) >= before) break;
      if ((text.charCodeAt(at) & DELETED) === 0) marked.push(at);
    }
    this.#mark(marked);
    this.#index?.ids.splice(0, marked.length);
    this.#index?.starts.splice(0, marked.length);
    return marked.length;
  }

  /** Forgets where the entries stand; it is found out again when someone asks. */
  forgetIndex(): void {
    this.#index = undefined;
  }

  /** As RDB has it: the master ID and the listpack, two strings. */
  encode(): string {
    const counts = encodeInteger(this.#liveCount) + encodeInteger(this.#deletedCount);
    const listpack = listpackOf(counts + this.#fieldsText + this.#entries(), this.#elementCount);
    return `\x10${this.master}${encodeLength(listpack.length)}${listpack}`;
  }

  clone(number: number): StreamBlock {
    const copy = new StreamBlock(number, this.master, this.#fields);
    copy.#liveCount = this.#liveCount;
    copy.#deletedCount = this.#deletedCount;
    copy.#elementCount = this.#elementCount;
    copy.#text = this.#entries();
    copy.#index = undefined;
    copy.byteCount = copy.#bytes();
    return copy;
  }

  #bytes(): number {
    return BLOCK_BYTES + this.#fieldsText.length + this.listpackBytes;
  }

  #hasFields(args: readonly string[], from: number): boolean {
    const fields = this.#fields;
    if (args.length - from !== fields.length * 2) return false;
    for (let i = 0; i < fields.length; i++) if (fields[i] !== args[from + i * 2]) return false;
    return true;
  }

  /** All entries in one text. */
  #entries(): string {
    if (this.#addedBytes > 0) {
      this.#text += this.#added.join("");
      this.#added = [];
      this.#addedBytes = 0;
    }
    return this.#text;
  }

  #indexed(): Index {
    if (this.#index !== undefined) return this.#index;
    const index: Index = { ids: [], starts: [] };
    const text = this.#entries();
    for (let at = 0; at < text.length; at = this.#entryEnd(at)) {
      if ((text.charCodeAt(at) & DELETED) !== 0) continue;
      index.starts.push(at);
      index.ids.push(this.#idOf(at));
    }
    this.#index = index;
    return index;
  }

  /** The ID of the entry that begins at `at`. */
  #idOf(at: number): StreamId {
    const text = this.#entries();
    const ms = elementInteger(text, at + FLAGS_BYTES);
    const sequence = elementInteger(text, elementEnd(text, at + FLAGS_BYTES));
    return idPlus(this.master, ms, sequence);
  }

  #entryEnd(start: number): number {
    const text = this.#entries();
    let at = elementEnd(text, elementEnd(text, start + FLAGS_BYTES));
    let left = this.#fields.length;
    if ((text.charCodeAt(start) & SAME_FIELDS) === 0) {
      left = Number(elementInteger(text, at)) * 2;
      at = elementEnd(text, at);
    }
    while (left-- > 0) at = elementEnd(text, at);
    return elementEnd(text, at);
  }

  /** Sets the flag of the entries that begin at these places, in order. */
  #mark(starts: readonly number[]): void {
    if (starts.length === 0) return;
    const text = this.#entries();
    let marked = "";
    let from = 0;
    for (const start of starts) {
      marked += text.slice(from, start) + String.fromCharCode(text.charCodeAt(start) | DELETED);
      from = start + 1;
    }
    this.#text = detach(marked + text.slice(from));
    this.#liveCount -= starts.length;
    this.#deletedCount += starts.length;
  }
}

/** The listpack's own count of elements, or where it is too large for it, the count of them. */
function elementCountOf(listpack: string): number {
  const told = listpack.charCodeAt(4) | (listpack.charCodeAt(5) << 8);
  if (told !== 0xffff) return told;
  let count = 0;
  for (let at = HEADER_BYTES; at < listpack.length - 1; at = elementEnd(listpack, at)) count++;
  return count;
}

/** Bytes of a count as an element. */
function integerBytes(value: number): number {
  if (value <= 127) return 2;
  if (value <= 4095) return 3;
  if (value <= 0x7fff) return 4;
  return value <= 0x7f_ffff ? 5 : 6;
}
