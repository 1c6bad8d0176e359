/** What each type of value tells the codec: one file a type, beside this one. */
import type { Limits } from "../types/limits.ts";
import type { Value, ValueObject } from "../types/value.ts";
import type { RdbReader } from "./reader.ts";

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

/**
 * RDB's form of a value is what stands in front of the elements, the elements, and what stands behind.
 * The elements come from the parts (Part.encode), the rest from the head, so that a snapshot can send
 * a value of a million elements row by row without decoding any.
 */
export interface ValueCodec<T extends ValueObject> {
  /** All that is not in the parts, as it is stored beside the key. */
  head(value: T): string;
  /** The RDB type, and what goes around the elements. */
  frame(head: string): { readonly type: number; readonly before: string; readonly after: string };
  /** A part, as `encode` wrote it, in the form that goes into the frame; without this, it is the same. */
  elements?(head: string, body: string): string;
  /** A value with this head and no parts yet, in the expanded encoding. */
  open(head: string): T;
  /** Takes a part as `encode` wrote it. They come in the order of their numbers. */
  admit(value: T, number: number, body: string): void;
}
