/**
 * IDs of stream entries: 64 bits of milliseconds and 64 bits of a sequence number, as a binary string of 16
 * bytes, the highest first. So they are exact over their whole range, compare as strings do, and are what
 * RDB has.
 */
import { encodeByte, encodeLength } from "../base/rdb-primitives.ts";

export type StreamId = string;

export const FIRST_ID: StreamId = "\0".repeat(16);
export const LAST_ID: StreamId = "\xff".repeat(16);

export const UINT64_MAX = 2n ** 64n - 1n;
/** Redis reads no longer text as an ID. */
const TEXT_CHARS_MAX = 127;

/** An unsigned 64-bit integer: a number where it is safe, a bigint beyond. */
export type Uint64 = number | bigint;

export function streamId(ms: Uint64, sequence: Uint64): StreamId {
  // In one call, as a sum of strings would stay a tree of them for as long as the ID is kept.
  const [a, b, c, d] = [high32(ms), low32(ms), high32(sequence), low32(sequence)];
  // oxfmt-ignore
  return String.fromCharCode(
    a >>> 24, (a >> 16) & 255, (a >> 8) & 255, a & 255,
    b >>> 24, (b >> 16) & 255, (b >> 8) & 255, b & 255,
    c >>> 24, (c >> 16) & 255, (c >> 8) & 255, c & 255,
    d >>> 24, (d >> 16) & 255, (d >> 8) & 255, d & 255,
  );
}

export function msOf(id: StreamId): Uint64 {
  return uint64At(id, 0);
}

export function sequenceOf(id: StreamId): Uint64 {
  return uint64At(id, 8);
}

/** As clients see it: `1526919030474-55`. */
export function formatId(id: StreamId): string {
  return `${uint64At(id, 0)}-${uint64At(id, 8)}`;
}

/** The next ID there is; undefined behind the last. */
export function idAfter(id: StreamId): StreamId | undefined {
  if (id === LAST_ID) return undefined;
  const sequence = uint64At(id, 8);
  if (sequence === UINT64_MAX) return streamId(plus(uint64At(id, 0), 1), 0);
  return streamId(uint64At(id, 0), plus(sequence, 1));
}

/** The ID before; undefined before the first. */
export function idBefore(id: StreamId): StreamId | undefined {
  if (id === FIRST_ID) return undefined;
  const sequence = uint64At(id, 8);
  if (sequence === 0) return streamId(plus(uint64At(id, 0), -1), UINT64_MAX);
  return streamId(uint64At(id, 0), plus(sequence, -1));
}

/** An ID so far behind `id` in each half, modulo 2^64: how a block has its entries' IDs. */
export function idPlus(id: StreamId, ms: number | bigint, sequence: number | bigint): StreamId {
  return streamId(plus(uint64At(id, 0), ms), plus(uint64At(id, 8), sequence));
}

/** What `idPlus` takes to come from one ID to another: two int64s. */
export function idDifference(
  from: StreamId,
  to: StreamId,
): { readonly ms: number | bigint; readonly sequence: number | bigint } {
  return {
    ms: difference(uint64At(to, 0), uint64At(from, 0)),
    sequence: difference(uint64At(to, 8), uint64At(from, 8)),
  };
}

/** A length in RDB's form of which all 64 bits count; negative ones are two's complement. */
export function encodeWide(value: number | bigint): string {
  if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) return encodeLength(Number(value));
  return encodeByte(0x81) + streamId(BigInt.asUintN(64, BigInt(value)), 0).slice(0, 8);
}

/**
 * `ms-sequence` or `ms`, whose sequence is `missing` then. Undefined for all else, `-` and `+` too.
 */
export function parseId(text: string, missing: Uint64 = 0): StreamId | undefined {
  const parts = splitId(text);
  if (parts === undefined) return undefined;
  const ms = parseUint64(parts.ms);
  const sequence = parts.sequence === undefined ? missing : parseUint64(parts.sequence);
  if (ms === undefined || sequence === undefined) return undefined;
  return streamId(ms, sequence);
}

/** The milliseconds of `ms-*`, XADD's form for the next sequence number; undefined for all else. */
export function parseOpenId(text: string): Uint64 | undefined {
  const parts = splitId(text);
  return parts?.sequence === "*" ? parseUint64(parts.ms) : undefined;
}

/** As Redis sees it: a C string, which ends at its first NUL. */
function splitId(text: string): { ms: string; sequence: string | undefined } | undefined {
  if (text.length > TEXT_CHARS_MAX) return undefined;
  const nul = text.indexOf("\0");
  const seen = nul < 0 ? text : text.slice(0, nul);
  const dash = seen.indexOf("-");
  if (dash < 0) return { ms: seen, sequence: undefined };
  return { ms: seen.slice(0, dash), sequence: seen.slice(dash + 1) };
}

/** What C's strtoull takes: blanks, a sign, leading zeros; but a canonical negative is refused. */
const LOOSE = /^[ \t\n\v\f\r]*([+-]?)(\d+)$/;
const CANONICAL_NEGATIVE = /^-[1-9]\d*$/;
const INT64_MIN = -(2n ** 63n);

/** An unsigned integer as Redis reads it (string2ull): `-01` is 2^64 - 1 indeed. */
function parseUint64(text: string): Uint64 | undefined {
  const { length } = text;
  if (length > 0 && length < 16) {
    let value = 0;
    let at = 0;
    for (; at < length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    if (at === length) return value;
  }
  const match = LOOSE.exec(text);
  if (match === null) return undefined;
  const size = BigInt(match[2]!);
  if (size > UINT64_MAX) return undefined;
  if (match[1] !== "-") return lean(size);
  if (CANONICAL_NEGATIVE.test(text) && -size >= INT64_MIN) return undefined;
  return lean(BigInt.asUintN(64, -size));
}

function high32(value: Uint64): number {
  return typeof value === "number" ? (value / 0x1_0000_0000) | 0 : Number(value >> 32n) | 0;
}

function low32(value: Uint64): number {
  return typeof value === "number" ? value | 0 : Number(value & 0xffff_ffffn) | 0;
}

function uint64At(id: StreamId, at: number): Uint64 {
  const high = uint32At(id, at);
  const low = uint32At(id, at + 4);
  if (high < 0x20_0000) return high * 0x1_0000_0000 + low;
  return (BigInt(high) << 32n) | BigInt(low);
}

function uint32At(id: StreamId, at: number): number {
  const high = (id.charCodeAt(at) << 8) | id.charCodeAt(at + 1);
  return high * 0x1_0000 + ((id.charCodeAt(at + 2) << 8) | id.charCodeAt(at + 3));
}

function plus(value: Uint64, by: number | bigint): Uint64 {
  if (typeof value === "number" && typeof by === "number") {
    const sum = value + by;
    if (sum >= 0 && Number.isSafeInteger(sum)) return sum;
  }
  return lean(BigInt.asUintN(64, BigInt(value) + BigInt(by)));
}

function difference(a: Uint64, b: Uint64): number | bigint {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const value = BigInt.asIntN(64, BigInt(a) - BigInt(b));
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function lean(value: bigint): Uint64 {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}
