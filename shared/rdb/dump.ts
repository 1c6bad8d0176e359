/**
 * What DUMP answers and RESTORE takes: one encoded value with a version and a checksum behind it.
 */
import { Crc64 } from "../base/crc64.ts";
import { ERRORS } from "../resp/errors.ts";
import { ReplyError } from "../resp/reply.ts";
import type { Limits } from "../types/limits.ts";
import type { Value } from "../types/value.ts";
import { decodeValue, type Encoded, encodeValue } from "./codec.ts";
import { isReadable, RDB_BYTES_MAX, RDB_VERSION } from "./format.ts";
import { encodeByte, littleEndian16 } from "./primitives.ts";
import { RdbError, RdbReader } from "./reader.ts";
import { isValkey, withoutValkey } from "./valkey.ts";
import type { Form } from "./value-codec.ts";

/** Two bytes of version and eight of checksum, both the lowest byte first. */
const FOOTER_BYTES = 10;

/** https://redis.io/docs/latest/commands/dump: what Redis 5 and later restore, or in full. */
export function dumpPayload(value: Value, form: Form): string {
  return payloadOf(encodeValue(value, form));
}

/** The payload of an encoded value. */
export function payloadOf({ type, body }: Encoded): string {
  return seal(encodeByte(type) + body, RDB_VERSION);
}

/** Puts version and checksum behind what is dumped. */
export function seal(body: string, version: number): string {
  const text = body + littleEndian16(version);
  return text + checksum(text);
}

/** What stands in front of version and checksum; throws the ReplyError for a payload that is damaged. */
export function checkSeal(payload: string): string {
  const end = payload.length - FOOTER_BYTES;
  const version = payload.charCodeAt(end) | (payload.charCodeAt(end + 1) << 8);
  const isIntact = end >= 0 && checksum(payload.slice(0, end + 2)) === payload.slice(end + 2);
  if (!isIntact || !isReadable(version)) throw new ReplyError(ERRORS.badDump);
  return payload.slice(0, end);
}

/** The encoded value of a payload that is intact; undefined where it is not. */
export function encodedIn(payload: string): Encoded | undefined {
  const end = payload.length - FOOTER_BYTES;
  const version = payload.charCodeAt(end) | (payload.charCodeAt(end + 1) << 8);
  const isIntact = end >= 0 && checksum(payload.slice(0, end + 2)) === payload.slice(end + 2);
  if (!isIntact || !isReadable(version)) return undefined;
  const value = { type: payload.charCodeAt(0), body: payload.slice(1, end) };
  return isValkey(version) ? withoutValkey(value) : value;
}

/**
 * The value of a payload, ours or any Redis's, with strings of at most `stringMax`; throws the ReplyError
 * that RESTORE answers with.
 */
export function restorePayload(
  payload: string,
  limits: Readonly<Limits>,
  stringMax = RDB_BYTES_MAX,
): Value {
  try {
    const encoded = encodedIn(payload);
    if (encoded === undefined) throw new ReplyError(ERRORS.badDump);
    const { type, body } = encoded;
    return decodeValue(type, body, limits, new RdbReader(body, { stringMax }));
  } catch (error) {
    if (error instanceof RdbError) throw new ReplyError(ERRORS.badDumpFormat);
    throw error;
  }
}

function checksum(text: string): string {
  return new Crc64().update(text).digest();
}
