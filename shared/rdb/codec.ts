/**
 * Values <-> RDB's object encoding: the bytes that serve storage, DUMP and RESTORE, full sync,
 * backup and import. A type has its row in `CODECS`, which writes a form that Redis 5 already
 * reads, or Redis 7 and our own nodes (`Form`), and its decoders in `DECODERS`, one for each form
 * that some Redis has written.
 */
import { assert, InvariantError } from "../base/assert.ts";
import { DEFAULT_LIMITS, type Limits } from "../types/limits.ts";
import { hasExpiringElements, PARTED } from "./format.ts";
import { Unloaded, type UnloadedHead } from "../types/unloaded.ts";
import type { TypeName, Value, ValueObject } from "../types/value.ts";
import { RDB_TYPES } from "./format.ts";
import { HASH_CODEC, HASH_DECODERS, HASH_STEPS, hashFromPairs } from "./hash.ts";
import { intsetMembers } from "./intset.ts";
import { LIST_CODEC, LIST_STEPS, listFromElements } from "./list.ts";
import { encodeLength, encodeString } from "./primitives.ts";
import { listpackEntries } from "./listpack.ts";
import { packedDecoder } from "./packed.ts";
import { RdbError, RdbReader } from "./reader.ts";
import { SET_CODEC, SET_STEPS, setFromMembers } from "./set.ts";
import { streamForRedis5 } from "./stream-redis5.ts";
import { STREAM_CODEC, STREAM_STEPS } from "./stream.ts";
import { LONG_STRING_CODEC } from "./string.ts";
import { TAIL_TYPE } from "./stream-tail.ts";
import type { Decoder, Form, Steps, ValueCodec } from "./value-codec.ts";
import { ziplistEntries } from "./ziplist.ts";
import { zipmapPairs } from "./zipmap.ts";
import { ZSET_CODEC, ZSET_STEPS, zsetFromPairs } from "./zset.ts";

/** A value's encoding: its type byte (see RDB_TYPES) and all that follows it, a binary string. */
export interface Encoded {
  readonly type: number;
  readonly body: string;
}

const CODECS: Readonly<Record<TypeName, ValueCodec<ValueObject>>> = {
  string: LONG_STRING_CODEC,
  list: LIST_CODEC,
  set: SET_CODEC,
  zset: ZSET_CODEC,
  hash: HASH_CODEC,
  stream: STREAM_CODEC,
};

const DECODERS: Readonly<Record<number, Decoder>> = {
  0: (reader) => reader.string(),
  ...HASH_DECODERS,
  9: packedDecoder(zipmapPairs, { isPaired: true, build: hashFromPairs }),
  10: packedDecoder(ziplistEntries, { isPaired: false, build: listFromElements }),
  11: packedDecoder(intsetMembers, { isPaired: false, build: setFromMembers }),
  12: packedDecoder(ziplistEntries, { isPaired: true, build: zsetFromPairs }),
  13: packedDecoder(ziplistEntries, { isPaired: true, build: hashFromPairs }),
  16: packedDecoder(listpackEntries, { isPaired: true, build: hashFromPairs }),
  17: packedDecoder(listpackEntries, { isPaired: true, build: zsetFromPairs }),
  20: packedDecoder(listpackEntries, { isPaired: false, build: setFromMembers }),
};

/** The forms in which values may be very long. */
const STEPS: Readonly<Record<number, Steps>> = {
  ...LIST_STEPS,
  ...SET_STEPS,
  ...ZSET_STEPS,
  ...HASH_STEPS,
  ...STREAM_STEPS,
};

export function codecOf(type: TypeName): ValueCodec<ValueObject> {
  return CODECS[type];
}

/** By default as the store keeps it. */
export function encodeValue(value: Value, form: Form = "ours"): Encoded {
  if (typeof value === "string") return { type: 0, body: encodeString(value) };
  const codec = codecOf(value.type);
  const frame = codec.frame(codec.head(value), form);
  let body = frame.before;
  for (const part of value.parts.all()) {
    const elements = part.encode();
    body += frame.elements?.(elements) ?? elements;
  }
  return { type: frame.type, body: body + frame.after };
}

/** The newest type that each reads, but for hashes whose fields expire: they have no older form. */
const NEWEST_TYPE = { redis5: 15, redis7: 19 } as const;

/** Whether a whole value of this type is, in this form, as it is stored. */
export function isStoredIn(form: Form, type: number): boolean {
  return form === "ours" || type <= NEWEST_TYPE[form] || hasExpiringElements(type);
}

/** A whole value as it is stored: our encoding of it, or that of the master it came from. */
export function inForm(encoded: Encoded, form: Form): Encoded {
  const { type, body } = encoded;
  if (isStoredIn(form, type)) return encoded;
  if (type === TAIL_TYPE) return streamForRedis5(body);
  return encodeValue(decodeValue(type, body, DEFAULT_LIMITS), form);
}

/**
 * Whether values of this type byte can be kept: a snapshot that holds others is refused as a whole.
 */
export function canDecode(type: number): boolean {
  return DECODERS[type] !== undefined || STEPS[type] !== undefined;
}

/** What an empty list, set, sorted set or hash lacks: bugs of old Redis wrote them, and it skips them. */
export const AN_ELEMENT = "at least one element";

/**
 * The value that `body` encodes, all of it, in the compact encoding if it is within the limits.
 * Throws RdbError when the body is damaged or its type is not one we decode.
 */
export function decodeValue(
  type: number,
  body: string,
  limits: Readonly<Limits>,
  reader = new RdbReader(body),
): Value {
  const steps = decodeGradually(type, body, limits, reader);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** As `decodeValue`, with a pause after every so many elements: for values of a million of them. */
export function* decodeGradually(
  type: number,
  body: string,
  limits: Readonly<Limits>,
  reader = new RdbReader(body),
): Generator<undefined, Value, undefined> {
  const steps = STEPS[type];
  const decode = DECODERS[type];
  if (steps === undefined && decode === undefined) {
    reader.fail(`a value of a type we decode, not ${type}`);
  }
  const value = steps === undefined ? decode!(reader, limits) : yield* steps(reader, limits);
  if (reader.at !== body.length) reader.fail("the end of the value");
  const isEmpty = typeof value !== "string" && value.size === 0 && value.type !== "stream";
  if (isEmpty) reader.fail(AN_ELEMENT, 0);
  return value;
}

/** An empty value of any packed form is no longer. */
const EMPTY_BYTES_MAX = 13;

/** Whether this is a list, set, sorted set or hash without elements, which is to be passed over. */
export function isEmptyCollection(type: number, body: string): boolean {
  if (body.length > EMPTY_BYTES_MAX || RDB_TYPES[type] === "stream" || type === 0) return false;
  try {
    decodeValue(type, body, DEFAULT_LIMITS);
    return false;
  } catch (error) {
    if (error instanceof RdbError) return error.expected === AN_ELEMENT;
    throw error;
  }
}

// -- values in parts ---------------------------------------------------------------------------------

/** What stands beside the key of a value whose parts have rows of their own, and its RDB type. */
export function encodeHead(value: ValueObject): Encoded {
  const head = headOf(value);
  const { type, space, partCount, size, loadedByteCount, elementsExpireAtMs, encoding } = head;
  assert(space > 0, "parts have a space of their own");
  const numbers = [space, partCount, size, loadedByteCount, elementsExpireAtMs];
  const body = numbers.map(encodeLength).join("") + encodeString(encoding) + head.head;
  return { type: codecOf(type).frame(head.head, "ours").type, body };
}

function headOf(value: ValueObject): UnloadedHead {
  if (value instanceof Unloaded) return value.head;
  const { type, size, byteCount, encoding, parts } = value;
  return {
    type,
    encoding,
    size,
    space: parts.space,
    partCount: parts.count,
    loadedByteCount: byteCount,
    elementsExpireAtMs: value.elementsExpireAtMs ?? 0,
    head: codecOf(type).head(value),
  };
}

export function decodeHead(type: TypeName, text: string): UnloadedHead {
  const reader = new RdbReader(text);
  return {
    type,
    space: reader.length(),
    partCount: reader.length(),
    size: reader.length(),
    loadedByteCount: reader.length(),
    elementsExpireAtMs: reader.length(),
    encoding: reader.string(),
    head: text.slice(reader.at),
  };
}

/** When the first element of a stored value expires (Unix ms), from the start of its row; 0: none does. */
export function elementExpiryOf(rowType: number, text: string): number {
  if (!hasExpiringElements(rowType)) return 0;
  if ((rowType & PARTED) !== 0) return decodeHead("hash", text).elementsExpireAtMs;
  return new RdbReader(text).int64();
}

/** A value with none of its parts yet: `admitPart` them all, then `completeParts`. */
export function openValue(head: UnloadedHead): ValueObject {
  return codecOf(head.type).open(head.head);
}

export function admitPart(value: ValueObject, number: number, body: string): void {
  codecOf(value.type).admit(value, number, body);
}

/** All parts are in: the value must be what its head said. */
export function completeParts(value: ValueObject, head: UnloadedHead): void {
  if (value.parts.count !== head.partCount || value.size !== head.size) {
    throw new InvariantError(`a ${head.type} lacks parts or elements`);
  }
  value.parts.space = head.space;
  value.parts.stored();
}
