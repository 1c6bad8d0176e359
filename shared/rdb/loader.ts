/**
 * Reads an RDB file or stream as it arrives, in pieces of any size: push bytes, take records.
 *
 *   loader.push(chunk);
 *   for (let record = loader.next(); record !== undefined; record = loader.next()) …
 *
 * Values come out as encoded bytes. Held back is what has arrived of one record, no more.
 */
import { assert } from "../base/assert.ts";
import { Crc64 } from "../base/crc64.ts";
import { clampTime } from "../base/numbers.ts";
import { CHECKSUM_VERSION_MIN, MAGIC_BYTES, OPCODES, RDB_BYTES_MAX, versionOf } from "./format.ts";
import { RdbReader } from "./reader.ts";
import { moduleName } from "./module-name.ts";
import { bytes, type Layout, layoutOf, LENGTH, MODULE_AUX, STRING, ValueSkip } from "./skip.ts";
import { isValkey, VALKEY_LAYOUTS, withoutValkey } from "./valkey.ts";
import type { RdbKey } from "./writer.ts";

/** A key of a file. Strings may be slices of what was pushed: detach what is kept. */
export interface KeyRecord extends RdbKey {
  readonly kind: "key";
  readonly db: number;
  /** Where in the file its value begins: what is wrong in the value is counted from there. */
  readonly valueOffset: number;
}

export type RdbRecord =
  | KeyRecord
  | { readonly kind: "aux"; readonly name: string; readonly value: string }
  | { readonly kind: "db"; readonly db: number }
  /** How many keys the database has, and how many of them expire: a hint, not a promise. */
  | { readonly kind: "resize"; readonly keys: number; readonly expires: number }
  /** The source code of a function library. */
  | { readonly kind: "function"; readonly code: string }
  /** A module left something beside the keys, which is passed over. */
  | { readonly kind: "module"; readonly name: string }
  | { readonly kind: "end"; readonly checksum: "verified" | "absent" };

/** What has been said about the key that follows, and where we are. */
type Context = {
  db: number;
  expiresAtMs: number;
  idleSeconds: number | undefined;
  frequency: number | undefined;
};

/** A key whose value is being gathered. */
type KeyHead = Pick<KeyRecord, "name" | "type" | "valueOffset">;

/**
 * An opcode's arguments, and what they tell: a record, or something to remember for the next key.
 */
type Item = {
  readonly layout: Layout;
  readonly take: (reader: RdbReader, cx: Context) => RdbRecord | undefined;
  /** What else there is, passed over however long it is. */
  readonly rest?: Layout;
};

const ITEMS: Readonly<Record<number, Item>> = {
  [OPCODES.aux]: {
    layout: [STRING, STRING],
    take: (reader) => ({ kind: "aux", name: reader.string(), value: reader.string() }),
  },
  [OPCODES.database]: {
    layout: [LENGTH],
    take: (reader, cx) => ({ kind: "db", db: (cx.db = reader.length()) }),
  },
  [OPCODES.expiryMs]: {
    layout: [bytes(8)],
    take: (reader, cx) => void (cx.expiresAtMs = expiryOf(reader.int64())),
  },
  [OPCODES.expirySeconds]: {
    layout: [bytes(4)],
    take: (reader, cx) => void (cx.expiresAtMs = expiryOf(reader.int32() * 1000)),
  },
  [OPCODES.frequency]: {
    layout: [bytes(1)],
    take: (reader, cx) => void (cx.frequency = reader.byte()),
  },
  [OPCODES.function]: {
    layout: [STRING],
    take: (reader) => ({ kind: "function", code: reader.string() }),
  },
  [OPCODES.idle]: {
    layout: [LENGTH],
    take: (reader, cx) => void (cx.idleSeconds = reader.length()),
  },
  [OPCODES.moduleAux]: {
    layout: [LENGTH],
    take: (reader) => ({ kind: "module", name: moduleName(reader.wideLength()) }),
    rest: MODULE_AUX,
  },
  [OPCODES.resize]: {
    layout: [LENGTH, LENGTH],
    take: (reader) => ({ kind: "resize", keys: reader.length(), expires: reader.length() }),
  },
  [OPCODES.slotInfo]: { layout: [], take: () => undefined, rest: [LENGTH, LENGTH, LENGTH] },
};

export class RdbLoader {
  readonly #reader = new RdbReader("");
  readonly #skip = new ValueSkip();
  readonly #crc = new Crc64();
  readonly #cx: Context = {
    db: 0,
    expiresAtMs: 0,
    idleSeconds: undefined,
    frequency: undefined,
  };
  readonly #valueBytesMax: number;

  /** Pushed and not yet with the reader. */
  #chunks: string[] = [];
  #chunkBytes = 0;
  /** With fewer unread bytes than this there is no use in trying. */
  #neededBytes = MAGIC_BYTES;
  /** Up to here in the reader's text the checksum has seen the bytes. */
  #summedTo = 0;

  #version = 0;
  #isEnded = false;
  /** Something is being passed over: the value of a key, or what has no record. */
  #isSkipping = false;
  #key: KeyHead | undefined;
  #body: string[] = [];
  #bodyBytes = 0;

  /** A value that is longer encoded is refused, so that no file can fill the memory. */
  constructor(options: { readonly valueBytesMax?: number } = {}) {
    this.#valueBytesMax = options.valueBytesMax ?? RDB_BYTES_MAX;
  }

  /** Whether the end of the file has been read. A stream that closes before was cut off. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** How many bytes of the file have been read. */
  get offset(): number {
    return this.#reader.offset;
  }

  push(chunk: string): void {
    this.#chunks.push(chunk);
    this.#chunkBytes += chunk.length;
  }

  /**
   * The next record, or undefined until more bytes come; always undefined after the end.
   * Throws RdbError when the file is damaged; the loader is of no more use then.
   */
  next(): RdbRecord | undefined {
    while (!this.#isEnded && this.#refill()) {
      const record = this.#step();
      if (record !== undefined) return record;
    }
    return undefined;
  }

  /**
   * The bytes behind the end of the file, which the caller takes over: a replication stream goes on
   * there.
   */
  takeRest(): string {
    assert(this.#isEnded, "there is no rest before the end");
    const { text, at } = this.#reader;
    const rest = text.slice(at) + this.#chunks.join("");
    this.#reader.text = text.slice(0, at);
    this.#chunks = [];
    this.#chunkBytes = 0;
    return rest;
  }

  /** False when there is not enough to go on with. */
  #refill(): boolean {
    const reader = this.#reader;
    const unread = reader.text.length - reader.at;
    if (unread + this.#chunkBytes < this.#neededBytes) return false;
    if (unread >= this.#neededBytes || this.#chunks.length === 0) return true;
    this.#sum();
    reader.refill(this.#chunks.join(""));
    this.#summedTo = 0;
    this.#chunks = [];
    this.#chunkBytes = 0;
    return true;
  }

  #sum(): void {
    const { text, at } = this.#reader;
    if (at > this.#summedTo) this.#crc.update(text.slice(this.#summedTo, at));
    this.#summedTo = at;
  }

  /**
   * Reads one thing. Undefined when it is none that has a record, or when the bytes at hand do not
   * suffice: then nothing was read, and `#neededBytes` says how many would.
   */
  #step(): RdbRecord | undefined {
    if (this.#version === 0) return this.#header();
    if (this.#isSkipping) return this.#value();
    const reader = this.#reader;
    const opcode = reader.text.charCodeAt(reader.at);
    const item = ITEMS[opcode];
    if (item !== undefined) return this.#item(item);
    if (opcode === OPCODES.end) return this.#end();
    return this.#keyHead(opcode);
  }

  #header(): RdbRecord | undefined {
    const head = this.#reader.text.slice(0, MAGIC_BYTES);
    const version = versionOf(head);
    this.#version = version ?? this.#reader.fail("REDIS or VALKEY and a version we read");
    this.#reader.at = MAGIC_BYTES;
    this.#neededBytes = 1;
    return undefined;
  }

  #item({ layout, take, rest }: Item): RdbRecord | undefined {
    const reader = this.#reader;
    let end = reader.at + 1;
    for (const step of layout) {
      if (step.op === "bytes") end += step.count;
      else end = step.op === "string" ? reader.stringEnd(end) : reader.lengthEnd(end);
    }
    if (!this.#has(end)) return undefined;
    reader.at++;
    if (rest !== undefined) this.#begin(rest);
    return take(reader, this.#cx);
  }

  #keyHead(type: number): RdbRecord | undefined {
    const reader = this.#reader;
    const own = isValkey(this.#version) ? VALKEY_LAYOUTS[type] : undefined;
    const layout = own ?? layoutOf(type) ?? reader.fail(`a known opcode or type, not ${type}`);
    if (!this.#has(reader.stringEnd(reader.at + 1))) return undefined;
    reader.at++;
    const name = reader.string();
    const key = { type, name, valueOffset: reader.offset };
    // Nearly every value is one string that is here already.
    if (layout.length === 1 && layout[0] === STRING) {
      const { at } = reader;
      const end = reader.stringEnd(at);
      if (end <= reader.text.length && end - at <= this.#valueBytesMax) {
        reader.at = end;
        return this.#record(key, reader.text.slice(at, end));
      }
    }
    this.#key = key;
    this.#begin(layout);
    return undefined;
  }

  #begin(layout: Layout): void {
    this.#skip.start(layout);
    this.#isSkipping = true;
  }

  /** Goes on with what is passed over, gathering its bytes if it belongs to a key. */
  #value(): RdbRecord | undefined {
    const reader = this.#reader;
    const start = reader.at;
    const isDone = this.#skip.run(reader);
    if (this.#key !== undefined) this.#gather(reader.text.slice(start, reader.at));
    if (!isDone) {
      this.#neededBytes = reader.text.length - reader.at + 1;
      return undefined;
    }
    this.#neededBytes = 1;
    this.#isSkipping = false;
    const key = this.#key;
    if (key === undefined) return undefined;
    const body = this.#body.length === 1 ? this.#body[0]! : this.#body.join("");
    this.#key = undefined;
    this.#body = [];
    this.#bodyBytes = 0;
    return this.#record(key, body);
  }

  #gather(piece: string): void {
    this.#bodyBytes += piece.length;
    if (this.#bodyBytes > this.#valueBytesMax) {
      this.#reader.fail(`a value of at most ${this.#valueBytesMax} bytes`);
    }
    if (piece !== "") this.#body.push(piece);
  }

  #record({ name, type, valueOffset }: KeyHead, body: string): KeyRecord {
    const cx = this.#cx;
    const { db, expiresAtMs, idleSeconds, frequency } = cx;
    cx.expiresAtMs = 0;
    cx.idleSeconds = undefined;
    cx.frequency = undefined;
    const value = isValkey(this.#version) ? withoutValkey({ type, body }) : undefined;
    return {
      kind: "key",
      db,
      name,
      type: value?.type ?? type,
      body: value?.body ?? body,
      valueOffset,
      expiresAtMs,
      idleSeconds,
      frequency,
    };
  }

  #end(): RdbRecord | undefined {
    const reader = this.#reader;
    const hasChecksum = this.#version >= CHECKSUM_VERSION_MIN;
    if (!this.#has(reader.at + (hasChecksum ? 9 : 1))) return undefined;
    reader.at++;
    this.#sum();
    this.#isEnded = true;
    const said = hasChecksum ? reader.bytes(8) : NO_CHECKSUM;
    if (said === NO_CHECKSUM) return { kind: "end", checksum: "absent" };
    if (said !== this.#crc.digest()) reader.fail("the checksum of all bytes before", reader.at - 8);
    return { kind: "end", checksum: "verified" };
  }

  /** Whether the bytes up to `end` are at hand; if not, how many to wait for. */
  #has(end: number): boolean {
    const isThere = end <= this.#reader.text.length;
    this.#neededBytes = isThere ? 1 : end - this.#reader.at;
    return isThere;
  }
}

const NO_CHECKSUM = "\0".repeat(8);

/** -1 is how a file says never, which is 0 with us. */
function expiryOf(ms: number): number {
  return ms === -1 ? 0 : clampTime(ms);
}
