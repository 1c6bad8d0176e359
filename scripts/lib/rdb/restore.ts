// The commands that make a key of a file be there: RESTORE, or where a server would not take so much at
// once, its elements piece by piece.

import { formatDouble } from "../../../shared/base/numbers.ts";
import { decodeValue, type Encoded, encodeValue } from "../../../shared/rdb/codec.ts";
import { payloadOf } from "../../../shared/rdb/dump.ts";
import type { KeyRecord } from "../../../shared/rdb/loader.ts";
import { RdbReader } from "../../../shared/rdb/reader.ts";
import { DEFAULT_LIMITS } from "../../../shared/types/limits.ts";

type Args = readonly string[];

/** Types that every Redis since 5 restores as they are. All others are written anew. */
const PLAIN_TYPES: readonly number[] = [0, 1, 2, 4, 5];
/** What goes in one command at most. */
const PIECE_BYTES = 4 << 20;
const PIECE_ELEMENTS = 10_000;

/** A value that is longer goes piece by piece. */
export const RESTORE_BYTES_MAX = PIECE_BYTES;

/** In the key's database, which is selected. `isReplacing`: whatever is there goes first. */
export function* commandsFor(
  record: KeyRecord,
  { isReplacing }: { isReplacing: boolean },
): Generator<Args> {
  const { name, expiresAtMs } = record;
  const encoded = plainForm(record);
  const isLong = encoded.body.length > RESTORE_BYTES_MAX;
  const pieces = isLong ? PIECES[encoded.type] : undefined;
  if (pieces === undefined) {
    yield [
      "RESTORE",
      name,
      String(expiresAtMs),
      payloadOf(encoded),
      "ABSTTL",
      ...use(record),
    ].concat(isReplacing ? ["REPLACE"] : []);
    return;
  }
  if (isReplacing) yield ["DEL", name];
  yield* pieces(name, new RdbReader(encoded.body));
  if (expiresAtMs > 0) yield ["PEXPIREAT", name, String(expiresAtMs)];
}

function plainForm({ type, body }: KeyRecord): Encoded {
  if (PLAIN_TYPES.includes(type)) return { type, body };
  return encodeValue(decodeValue(type, body, DEFAULT_LIMITS));
}

/** How long ago it was used, or how often, where the file says so. */
function use({ idleSeconds, frequency }: KeyRecord): string[] {
  if (idleSeconds !== undefined) return ["IDLETIME", String(idleSeconds)];
  return frequency === undefined ? [] : ["FREQ", String(frequency)];
}

/** Long values of these types can be built up. (Streams cannot: their ids and groups belong together.) */
const PIECES: Readonly<Record<number, (name: string, reader: RdbReader) => Generator<Args>>> = {
  0: appended,
  1: (name, reader) => grouped(["RPUSH", name], reader, () => [reader.string()]),
  2: (name, reader) => grouped(["SADD", name], reader, () => [reader.string()]),
  4: (name, reader) => grouped(["HSET", name], reader, () => [reader.string(), reader.string()]),
  5: (name, reader) =>
    grouped(["ZADD", name], reader, () => {
      const member = reader.string();
      return [formatDouble(reader.double()), member];
    }),
  24: expiring,
};

function* appended(name: string, reader: RdbReader): Generator<Args> {
  const text = reader.string();
  yield ["SET", name, text.slice(0, PIECE_BYTES)];
  for (let at = PIECE_BYTES; at < text.length; at += PIECE_BYTES) {
    yield ["APPEND", name, text.slice(at, at + PIECE_BYTES)];
  }
}

/** `next` reads one element: the arguments that add it. */
function* grouped(head: Args, reader: RdbReader, next: () => string[]): Generator<Args> {
  let args = [...head];
  let bytes = 0;
  for (let left = reader.length(); left > 0; left--) {
    for (const arg of next()) {
      args.push(arg);
      bytes += arg.length;
    }
    if (bytes < PIECE_BYTES && args.length < PIECE_ELEMENTS && left > 1) continue;
    yield args;
    args = [...head];
    bytes = 0;
  }
}

/** A hash whose fields expire: see rdb/hash.ts for the layout. */
function* expiring(name: string, reader: RdbReader): Generator<Args> {
  const firstMs = reader.int64();
  let times: { field: string; atMs: number }[] = [];
  const expiries = function* (): Generator<Args> {
    for (const { field, atMs } of times) {
      yield ["HPEXPIREAT", name, String(atMs), "FIELDS", "1", field];
    }
    times = [];
  };
  const sets = grouped(["HSET", name], reader, () => {
    const after = reader.length();
    const field = reader.string();
    if (after > 0) times.push({ field, atMs: firstMs + after - 1 });
    return [field, reader.string()];
  });
  for (const set of sets) {
    yield set;
    yield* expiries();
  }
}
