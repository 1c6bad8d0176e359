/**
 * What a key holds. Strings, by far the most common value, are bare binary strings (immutable, no
 * wrapper); every other type, and a long string that is written to in place, is a class that implements
 * `ValueObject`. To add a type: its class here,
 * its row in rdb/codec; the compiler lists the rest.
 */
import type { Parts } from "./parts.ts";

export type TypeName = "string" | "list" | "set" | "zset" | "hash" | "stream";
export type CollectionName = Exclude<TypeName, "string">;

/** Takes what a value is made of, for Redis's DEBUG DIGEST (engine/digest.ts). */
export interface DigestSink {
  /** Mixes these in, one after the other: their order counts (the elements of a list). */
  inOrder(...texts: readonly string[]): void;
  /** Mixes these to an element of its own, whose place among the elements does not count. */
  element(...texts: readonly string[]): void;
}

/** What every value but the bare string offers. */
export interface ValueObject {
  readonly type: TypeName;
  /** As OBJECT ENCODING names it. */
  readonly encoding: string;
  /** Elements: fields, members, entries. A value without any is no key (streams excepted). */
  readonly size: number;
  /** Rough bytes of memory it takes, for the cache budget and MEMORY USAGE. O(1). */
  readonly byteCount: number;
  /** Its elements in runs: what a checkpoint writes of it. */
  readonly parts: Parts;
  /** None of its elements expires before this (Unix ms); 0 or undefined: none does at all. */
  readonly elementsExpireAtMs?: number;
  /** An equal value that shares nothing that changes (COPY). */
  clone(): ValueObject;
  digest(sink: DigestSink): void;
}

export type Value = string | ValueObject;

/** The type as the TYPE command names it. */
export function typeOf(value: Value): TypeName {
  return typeof value === "string" ? "string" : value.type;
}

/** Rough bytes of memory a value takes without its key. */
export function byteCountOf(value: Value): number {
  return typeof value === "string" ? value.length : value.byteCount;
}
