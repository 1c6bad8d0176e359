/**
 * Values <-> RDB's object encoding: the bytes that serve storage, DUMP and RESTORE, full sync,
 * backup and import. A type has its arm in `encodeValue`, in the form that Redis 5 already reads,
 * and its decoders in the table, one for each form that some Redis has written.
 */
import { InvariantError } from "../base/assert.ts";
import type { Value } from "../types/value.ts";
import { encodeString } from "./primitives.ts";
import { RdbReader } from "./reader.ts";

/** A value's encoding: its type byte (see RDB_TYPES) and all that follows it, a binary string. */
export interface Encoded {
  readonly type: number;
  readonly body: string;
}

export function encodeValue(value: Value): Encoded {
  if (typeof value === "string") return { type: 0, body: encodeString(value) };
  throw new InvariantError(`a ${value.type} has no encoding`);
}

const DECODERS: Readonly<Record<number, (reader: RdbReader) => Value>> = {
  0: (reader) => reader.string(),
};

/**
 * Whether values of this type byte can be kept: a snapshot that holds others is refused as a whole.
 */
export function canDecode(type: number): boolean {
  return DECODERS[type] !== undefined;
}

/**
 * The value that `body` encodes, all of it. It may hold slices of `body`: detach what is kept.
 * Throws RdbError when the body is damaged or its type is not one we decode.
 */
export function decodeValue(type: number, body: string): Value {
  const reader = new RdbReader(body);
  const decode = DECODERS[type] ?? reader.fail(`a value of a type we decode, not ${type}`);
  const value = decode(reader);
  if (reader.at !== body.length) reader.fail("the end of the value");
  return value;
}
