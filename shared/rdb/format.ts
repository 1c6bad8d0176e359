/** The numbers of the RDB format that more than one file needs (reference: redis/src/rdb.h). */
import type { TypeName } from "../types/value.ts";
import { ReplyError } from "../resp/reply.ts";

/** The version we write in headers and DUMP footers: what Redis 5 and later read. */
export const RDB_VERSION = 9;
/** The newest version of Redis that we read. */
export const RDB_VERSION_MAX = 12;
/** From this version on a file ends with a checksum. */
export const CHECKSUM_VERSION_MIN = 5;

/**
 * No string in an RDB file, nor any encoded value, may be longer: a string of V8's ends at 512 MB.
 */
export const RDB_BYTES_MAX = 256 * 1024 * 1024;

/**
 * How a file may begin. Valkey counts its own versions since it changed what the types above 21
 * mean.
 */
const MAGICS = [
  { magic: "REDIS", from: 1, to: RDB_VERSION_MAX },
  { magic: "VALKEY", from: 80, to: 81 },
] as const;

/** Either magic with its version has so many bytes. */
export const MAGIC_BYTES = 9;

/** The version a file says it has, or undefined when we do not read such files. */
export function versionOf(head: string): number | undefined {
  const row = MAGICS.find(({ magic }) => head.startsWith(magic));
  const digits = head.slice(row?.magic.length);
  if (row === undefined || head.length !== MAGIC_BYTES || !/^\d+$/.test(digits)) return undefined;
  const version = Number(digits);
  return version >= row.from && version <= row.to ? version : undefined;
}

/** Whether we read what a DUMP of this version holds. */
export function isReadable(version: number): boolean {
  return MAGICS.some(({ from, to }) => version >= from && version <= to);
}

/** What may stand in a file in place of a key's type. */
export const OPCODES = {
  slotInfo: 244,
  function: 245,
  moduleAux: 247,
  idle: 248,
  frequency: 249,
  aux: 250,
  resize: 251,
  expiryMs: 252,
  expirySeconds: 253,
  database: 254,
  end: 255,
} as const;

/** Value types by their byte. One row an id. */
export const RDB_TYPES: Readonly<Record<number, TypeName>> = {
  0: "string",
  1: "list",
  2: "set",
  3: "zset",
  4: "hash",
  5: "zset",
  9: "hash",
  10: "list",
  11: "set",
  12: "zset",
  13: "hash",
  14: "list",
  15: "stream",
  16: "hash",
  17: "zset",
  18: "list",
  19: "stream",
  20: "set",
  21: "stream",
  24: "hash",
  25: "hash",
};

/** Beside the type byte of a stored row: the value is in parts, which have rows of their own. */
export const PARTED = 0x100;
/** Beside the type byte of a stored row: the value has left its compact encoding. */
export const EXPANDED = 0x200;

/** The RDB type byte of a stored row. */
export function rdbTypeOf(rowType: number): number {
  return rowType & 0xff;
}

/** Whether elements of a stored value may expire by themselves: fields of a hash. */
export function hasExpiringElements(rowType: number): boolean {
  const type = rdbTypeOf(rowType);
  return type === 24 || type === 25;
}

/** What TYPE says of a stored value. */
export function typeNameOf(rowType: number): TypeName {
  const name = RDB_TYPES[rdbTypeOf(rowType)];
  if (name === undefined) throw new ReplyError(`ERR unknown RDB type ${rowType}`);
  return name;
}
