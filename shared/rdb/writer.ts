/**
 * Writes RDB files, piece by piece: header, databases with their keys, end. Version 9, raw strings
 * and nothing newer inside, because Redis 5 to 8, Valkey and the importers of others all read that.
 */
import type { Crc64 } from "../base/crc64.ts";
import { OPCODES, RDB_VERSION } from "./format.ts";
import { encodeByte, encodeLength, encodeString, littleEndian64 } from "./primitives.ts";

const AUX = encodeByte(OPCODES.aux);
const DATABASE = encodeByte(OPCODES.database);
const END = encodeByte(OPCODES.end);
const EXPIRY_MS = encodeByte(OPCODES.expiryMs);
const FREQUENCY = encodeByte(OPCODES.frequency);
const IDLE = encodeByte(OPCODES.idle);
const RESIZE = encodeByte(OPCODES.resize);

const NO_CHECKSUM = "\0".repeat(8);

/** A key as it stands in a file. */
export interface RdbKey {
  readonly name: string;
  /** Its value as encodeValue gives it; stored bytes can be passed on as they are. */
  readonly type: number;
  readonly body: string;
  /** Unix time in ms; 0: never. */
  readonly expiresAtMs: number;
  /**
   * Seconds since it was last used (LRU), or how often it was, 0–255 (LFU); Redis writes one of
   * them.
   */
  readonly idleSeconds?: number | undefined;
  readonly frequency?: number | undefined;
}

/** How a file begins; readers skip the names in `aux` that they do not know. */
export function rdbHeader(aux: Readonly<Record<string, string>>): string {
  const fields = Object.entries(aux).map(([name, value]) => {
    return AUX + encodeString(name) + encodeString(value);
  });
  return `REDIS${String(RDB_VERSION).padStart(4, "0")}${fields.join("")}`;
}

/**
 * Stands before the keys of a database. The counts let the reader size its tables: estimates do.
 */
export function rdbDatabase(
  db: number,
  counts: { readonly keys: number; readonly expires: number },
): string {
  const { keys, expires } = counts;
  return DATABASE + encodeLength(db) + RESIZE + encodeLength(keys) + encodeLength(expires);
}

export function rdbKey(key: RdbKey): string {
  let text = key.expiresAtMs === 0 ? "" : EXPIRY_MS + littleEndian64(key.expiresAtMs);
  if (key.idleSeconds !== undefined) text += IDLE + encodeLength(key.idleSeconds);
  if (key.frequency !== undefined) text += FREQUENCY + encodeByte(key.frequency);
  return text + encodeByte(key.type) + encodeString(key.name) + key.body;
}

/** How a file ends. `crc` has seen every byte before; without one, readers do not check. */
export function rdbEnd(crc: Crc64 | undefined): string {
  return END + (crc === undefined ? NO_CHECKSUM : crc.update(END).digest());
}
