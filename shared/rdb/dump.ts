/**
 * What DUMP answers and RESTORE takes: one encoded value with a version and a checksum behind it.
 */
import { Crc64 } from "../base/crc64.ts";
import { ERRORS } from "../resp/errors.ts";
import { ReplyError } from "../resp/reply.ts";
import type { Limits } from "../types/limits.ts";
import type { Value } from "../types/value.ts";
import { decodeValue, encodeValue } from "./codec.ts";
import { isReadable, RDB_VERSION } from "./format.ts";
import { encodeByte, littleEndian16 } from "./primitives.ts";
import { RdbError } from "./reader.ts";

/** Two bytes of version and eight of checksum, both the lowest byte first. */
const FOOTER_BYTES = 10;

/** https://redis.io/docs/latest/commands/dump: Redis 5 and later restore it. */
export function dumpPayload(value: Value): string {
  const { type, body } = encodeValue(value);
  const text = encodeByte(type) + body + littleEndian16(RDB_VERSION);
  return text + checksum(text);
}

/** The value of a payload, ours or any Redis's; throws the ReplyError that RESTORE answers with. */
export function restorePayload(payload: string, limits: Readonly<Limits>): Value {
  const end = payload.length - FOOTER_BYTES;
  const version = payload.charCodeAt(end) | (payload.charCodeAt(end + 1) << 8);
  const isIntact = end >= 0 && checksum(payload.slice(0, end + 2)) === payload.slice(end + 2);
  if (!isIntact || !isReadable(version)) throw new ReplyError(ERRORS.badDump);
  try {
    return decodeValue(payload.charCodeAt(0), payload.slice(1, end), limits);
  } catch (error) {
    if (error instanceof RdbError) throw new ReplyError(ERRORS.badDumpFormat);
    throw error;
  }
}

function checksum(text: string): string {
  return new Crc64().update(text).digest();
}
