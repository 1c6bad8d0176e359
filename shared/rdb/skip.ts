/**
 * Finds the end of an encoded value without decoding it, so that values of every type can be
 * carried as bytes. The table says what a value of each type is made of; `ValueSkip` walks along
 * it, and where the bytes end in the middle it stops, to go on from there when more have come:
 * nothing is read twice, however long the value and however small the pieces.
 */
import { RdbReader, STRING_HEAD_MAX } from "./reader.ts";

/** What follows one another in the bytes. */
export type Layout = readonly Step[];

type Step =
  | { readonly op: "length" }
  | { readonly op: "string" }
  | { readonly op: "score" }
  | { readonly op: "module" }
  | { readonly op: "bytes"; readonly count: number }
  /** A count, then so many times the same. */
  | { readonly op: "each"; readonly layout: Layout };

export const LENGTH: Step = { op: "length" };
export const STRING: Step = { op: "string" };
const SCORE: Step = { op: "score" };
const MODULE: Step = { op: "module" };

export function bytes(count: number): Step {
  return { op: "bytes", count };
}

/** A count, then so many times this. */
export function each(...layout: Layout): Step {
  return { op: "each", layout };
}

/** What a module's opcode is followed by, up to the opcode 0 that ends the value. */
const MODULE_PARTS: readonly (Layout | undefined)[] = [
  undefined, // the end
  [LENGTH], // signed integer
  [LENGTH], // unsigned integer
  [bytes(4)], // float
  [bytes(8)], // double
  [STRING],
];

/** What a module leaves beside the keys, behind its id: when it was written, its values. */
export const MODULE_AUX: Layout = [LENGTH, LENGTH, MODULE];

const STREAM_ID = [LENGTH, LENGTH] as const;
const WIDE = bytes(8);
const ENTRY_ID = bytes(16);

/**
 * Streams grew twice: the counters of XINFO in version 2, a consumer's last activity in version 3.
 */
function stream(version: 1 | 2 | 3): Layout {
  const counters = version >= 2 ? [...STREAM_ID, ...STREAM_ID, LENGTH] : [];
  const entriesRead = version >= 2 ? [LENGTH] : [];
  const activeAt = version >= 3 ? [WIDE] : [];
  const pending = each(ENTRY_ID, WIDE, LENGTH);
  const consumer = each(STRING, WIDE, ...activeAt, each(ENTRY_ID));
  const group = each(STRING, ...STREAM_ID, ...entriesRead, pending, consumer);
  return [each(STRING, STRING), LENGTH, ...STREAM_ID, ...counters, group];
}

/** One row a type (reference: redis/src/rdb.c, rdbLoadObject). */
const LAYOUTS: readonly (Layout | undefined)[] = [
  /*  0 string             */ [STRING],
  /*  1 list               */ [each(STRING)],
  /*  2 set                */ [each(STRING)],
  /*  3 zset               */ [each(STRING, SCORE)],
  /*  4 hash               */ [each(STRING, STRING)],
  /*  5 zset               */ [each(STRING, WIDE)],
  /*  6 module, never out  */ undefined,
  /*  7 module             */ [LENGTH, MODULE],
  /*  8                    */ undefined,
  /*  9 hash, zipmap       */ [STRING],
  /* 10 list, ziplist      */ [STRING],
  /* 11 set, intset        */ [STRING],
  /* 12 zset, ziplist      */ [STRING],
  /* 13 hash, ziplist      */ [STRING],
  /* 14 list, ziplists     */ [each(STRING)],
  /* 15 stream             */ stream(1),
  /* 16 hash, listpack     */ [STRING],
  /* 17 zset, listpack     */ [STRING],
  /* 18 list, listpacks    */ [each(LENGTH, STRING)],
  /* 19 stream             */ stream(2),
  /* 20 set, listpack      */ [STRING],
  /* 21 stream             */ stream(3),
  /* 22, 23 of Redis were never out; for Valkey's see valkey.ts */ undefined,
  undefined,
  /* 24 hash, field expiry */ [WIDE, each(LENGTH, STRING, STRING)],
  /* 25 hash, the same in a listpack */ [WIDE, STRING],
];

/** What a value of the type is made of, or undefined when we know no such type. */
export function layoutOf(type: number): Layout | undefined {
  return LAYOUTS[type];
}

/**
 * The end of the value of this type that begins at `at`, or undefined when it goes on beyond the
 * text. Throws RdbError where the bytes cannot be such a value. What is inside strings (listpacks
 * and their like) is not looked at.
 */
export function valueEnd(type: number, text: string, at: number): number | undefined {
  const reader = new RdbReader(text);
  reader.at = at;
  const skip = new ValueSkip();
  skip.start(layoutOf(type) ?? reader.fail(`a value of a known type, not ${type}`));
  return skip.run(reader) ? reader.at : undefined;
}

/** A layout being walked along, `left` times more. */
type Frame = { readonly layout: Layout; step: number; left: number };

/** The walk along one value at a time. */
export class ValueSkip {
  readonly #frames: Frame[] = [];
  /** Bytes that belong to what has been recognised and need no look. */
  #bytesLeft = 0;

  /** Begins another value; the one before must be done. */
  start(layout: Layout): void {
    this.#frames.push({ layout, step: 0, left: 1 });
  }

  /** Moves the reader on as far as its bytes go; true once it stands behind the value. */
  run(reader: RdbReader): boolean {
    for (;;) {
      if (this.#bytesLeft > 0) {
        const count = Math.min(this.#bytesLeft, reader.text.length - reader.at);
        reader.at += count;
        this.#bytesLeft -= count;
        if (this.#bytesLeft > 0) return false;
      }
      const frame = this.#frames.at(-1);
      if (frame === undefined) return true;
      const step = frame.layout[frame.step];
      if (step !== undefined) {
        if (!this.#take(step, frame, reader)) return false;
      } else if (--frame.left > 0) frame.step = 0;
      else this.#frames.pop();
    }
  }

  /** False when the bytes do not suffice to know how the value goes on; nothing is taken then. */
  #take(step: Step, frame: Frame, reader: RdbReader): boolean {
    const { at } = reader;
    const { length } = reader.text;
    if (step.op === "bytes") {
      this.#bytesLeft = step.count;
    } else if (step.op === "string") {
      const end = reader.stringEnd(at);
      // Only with the whole head at hand is the end final; the contents may come in pieces then.
      if (end > length && length - at < STRING_HEAD_MAX) return false;
      this.#bytesLeft = end - at;
    } else if (step.op === "score") {
      if (at >= length) return false;
      const digits = reader.byte();
      this.#bytesLeft = digits >= 253 ? 0 : digits;
    } else {
      const end = reader.lengthEnd(at);
      if (end > length) return false;
      if (step.op === "length") reader.at = end;
      else return this.#descend(step, frame, reader);
    }
    frame.step++;
    return true;
  }

  #descend(step: Extract<Step, { op: "each" | "module" }>, frame: Frame, reader: RdbReader): true {
    const start = reader.at;
    const count = reader.length();
    if (step.op === "each") {
      frame.step++;
      if (count > 0) this.#frames.push({ layout: step.layout, step: 0, left: count });
    } else if (count === 0) {
      frame.step++;
    } else {
      const layout = MODULE_PARTS[count] ?? reader.fail("a module's opcode", start);
      this.#frames.push({ layout, step: 0, left: 1 });
    }
    return true;
  }
}
