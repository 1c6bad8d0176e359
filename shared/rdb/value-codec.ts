/** What each type of value tells the codec: one file a type, beside this one. */
import type { Limits } from "../types/limits.ts";
import type { Value, ValueObject } from "../types/value.ts";
import type { RdbReader } from "./reader.ts";

/**
 * Who reads what is written: our own nodes and their stores, or others, the oldest of whom are
 * Redis 5 or 7. Streams for Redis 5 lack the counters that it does not keep; else nothing is lost.
 */
export type Form = "ours" | "redis5" | "redis7";

/** The form for others, the oldest of whom is a Redis of this version. */
export function formFor(redisVersionMin: number): Form {
  return redisVersionMin < 7 ? "redis5" : "redis7";
}

/** Reads a whole value of one RDB type; may keep no slices of the reader's text (`detach`). */
export type Decoder = (reader: RdbReader, limits: Readonly<Limits>) => Value;

/** As a decoder, for values that may be very long: it pauses after every so many elements. */
export type Steps = (
  reader: RdbReader,
  limits: Readonly<Limits>,
) => Generator<undefined, ValueObject, undefined>;

/** Elements between two pauses. */
export const STEP_ELEMENTS = 512;

/** Whether there is a pause behind this element. */
export function isStep(index: number): boolean {
  return index % STEP_ELEMENTS === STEP_ELEMENTS - 1;
}

/** The RDB type of a value, and what goes around its elements. */
export interface Frame {
  readonly type: number;
  readonly before: string;
  readonly after: string;
  /** A part, as `encode` wrote it, as it goes into the frame; without this, it is the same. */
  readonly elements?: (body: string) => string;
}

/**
 * RDB's form of a value is what stands in front of the elements, the elements, and what stands behind.
 * The elements come from the parts (Part.encode), the rest from the head, so that a snapshot can send
 * a value of a million elements row by row without decoding any.
 */
export interface ValueCodec<T extends ValueObject> {
  /** All that is not in the parts, as it is stored beside the key. */
  head(value: T): string;
  frame(head: string, form: Form): Frame;
  /** A value with this head and no parts yet, in the expanded encoding. */
  open(head: string): T;
  /** Takes a part as `encode` wrote it. They come in the order of their numbers. */
  admit(value: T, number: number, body: string): void;
}
