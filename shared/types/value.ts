/**
 * What a key holds. Strings, by far the most common value, are bare binary strings (immutable, no
 * wrapper); every other type is a class with a `type`. To add a type: its class here, its arm in
 * rdb/codec; the compiler lists the rest.
 */
export type TypeName = "string" | "list" | "set" | "zset" | "hash" | "stream";

/** What every value class but the bare string offers. */
export interface ValueObject {
  readonly type: Exclude<TypeName, "string">;
  /** Rough bytes of memory it takes, for the cache budget and MEMORY USAGE. */
  readonly byteCount: number;
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
