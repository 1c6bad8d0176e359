/**
 * What RDB has of a stream behind its blocks: counters, groups, and what is pending in them.
 *
 *     entries  last ID  first ID  last deleted ID  entries ever added      (all but the first two: not in 15)
 *     groups: name  last ID  entries read (not in 15)  list  consumers
 *     list:   IDs, each with when it was delivered and how often
 *     consumers: name  seen at  active at (21)  list of IDs alone
 */
import { assert } from "../base/assert.ts";
import { detach } from "../base/bytes.ts";
import { type Consumer, type ConsumerGroup, READ_UNKNOWN } from "../types/stream-group.ts";
import {
  encodeWide,
  FIRST_ID,
  LAST_ID,
  msOf,
  sequenceOf,
  type StreamId,
  streamId,
} from "../types/stream-id.ts";
import type { StreamIds } from "../types/stream-ids.ts";
import { listOf, LISTS_PER_GROUP, RUN_MARK } from "../types/stream-parts.ts";
import type { StreamValue } from "../types/stream.ts";
import { encodeLength, encodeString, littleEndian64 } from "./primitives.ts";
import { RdbReader } from "./reader.ts";

/** The type whose tail we write. */
export const TAIL_TYPE = 19;
export const ID_BYTES = 16;
/** Before a length of eight bytes. */
const WIDE_LENGTH = 0x81;

// -- writing -----------------------------------------------------------------------------------------

/** The tail in pieces, and the first run of the list that stands behind each of them but the last. */
interface Tail {
  readonly pieces: readonly string[];
  readonly runs: readonly number[];
}

/** The tail of type 19. */
export function encodeTail(stream: StreamValue): Tail {
  const { size, lastId, firstId, maxDeletedId, entriesAdded, groups } = stream;
  const ids = encodeId(lastId) + encodeId(firstId) + encodeId(maxDeletedId);
  const texts = [encodeLength(size), ids, encodeWide(entriesAdded), encodeLength(groups.size)];
  const pieces: string[] = [];
  const runs: number[] = [];
  for (const group of stream.groupsInOrder()) {
    encodeGroup(group, texts, (run) => {
      runs.push(run);
      pieces.push(texts.splice(0).join(""));
    });
  }
  return { pieces: [...pieces, texts.join("")], runs };
}

/** `cut` ends a piece: a list comes that is in parts, with this run first. */
function encodeGroup(group: ConsumerGroup, texts: string[], cut: (run: number) => void): void {
  const { name, lastId, entriesRead, pendingIds, consumers } = group;
  const list = (ids: StreamIds): void => {
    texts.push(encodeLength(ids.size));
    if (ids.home !== undefined) cut(ids.home.parts.firstOf(ids.home.list));
    else for (const id of ids.from(FIRST_ID)) texts.push(ids.encodeId(id));
  };
  texts.push(encodeString(name), encodeId(lastId), encodeWide(entriesRead));
  list(pendingIds);
  texts.push(encodeLength(consumers.size));
  for (const { name: consumer, seenAtMs, pending } of group.consumersInOrder()) {
    texts.push(encodeString(consumer), littleEndian64(seenAtMs));
    list(pending);
  }
}

function encodeId(id: StreamId): string {
  return encodeWide(msOf(id)) + encodeWide(sequenceOf(id));
}

/** A run as it goes between the pieces, without its number; undefined where the part is a block. */
export function runBody(body: string): { number: number; text: string } | undefined {
  if (!body.startsWith(RUN_MARK)) return undefined;
  const reader = new RdbReader(body);
  reader.at = RUN_MARK.length;
  const number = reader.length();
  return { number, text: body.slice(reader.at) };
}

// -- reading -----------------------------------------------------------------------------------------

interface TailRead {
  readonly type: number;
  /** Where in the tail a list is missing that is in parts, and its number. */
  readonly cuts: ReadonlyMap<number, number>;
}

export const NO_CUTS: ReadonlyMap<number, number> = new Map();

/** Sets all but the blocks of a stream; returns how many entries it is said to have. */
export function readTail(reader: RdbReader, stream: StreamValue, tail: TailRead): number {
  const size = reader.length();
  stream.lastId = readId(reader);
  if (tail.type >= 19) {
    stream.firstId = readId(reader);
    stream.maxDeletedId = readId(reader);
    stream.entriesAdded = reader.wideLength();
  } else {
    // The highest where there is none: so Redis has it.
    stream.firstId = stream.lowestEntryId ?? LAST_ID;
    stream.entriesAdded = BigInt(size);
  }
  const groupCount = reader.length();
  for (let i = 0; i < groupCount; i++) readGroup(reader, stream, tail);
  return size;
}

function readGroup(reader: RdbReader, stream: StreamValue, tail: TailRead): void {
  const { at } = reader;
  const name = reader.string();
  if (stream.groups.has(name)) reader.fail("another name of a group", at);
  const lastId = readId(reader);
  const entriesRead = tail.type >= 19 ? BigInt.asIntN(64, reader.wideLength()) : READ_UNKNOWN;
  const group = stream.addGroup(name, lastId, entriesRead);
  if (tail.type < 19) group.entriesRead = stream.entriesUpTo(lastId);
  readList(reader, stream, { group, consumer: undefined, cuts: tail.cuts });
  const consumerCount = reader.length();
  for (let i = 0; i < consumerCount; i++) readConsumer(reader, stream, { ...tail, group });
  if (tail.cuts === NO_CUTS && !group.isComplete) reader.fail("a consumer for all that is pending");
}

function readConsumer(
  reader: RdbReader,
  stream: StreamValue,
  { group, type, cuts }: TailRead & { readonly group: ConsumerGroup },
): void {
  const { at } = reader;
  const name = reader.string();
  if (group.consumers.has(name)) reader.fail("another name of a consumer", at);
  const consumer = group.addConsumer(name, reader.int64());
  if (type >= 21) reader.int64();
  readList(reader, stream, { group, consumer, cuts });
}

/** Whose list it is: a consumer's, or the group's own. */
interface ListOwner {
  readonly group: ConsumerGroup;
  readonly consumer: Consumer | undefined;
}

function readList(
  reader: RdbReader,
  stream: StreamValue,
  { group, consumer, cuts }: ListOwner & Pick<TailRead, "cuts">,
): void {
  const count = reader.length();
  const ids = consumer?.pending ?? group.pendingIds;
  const list = cuts.get(reader.at);
  if (list !== undefined) {
    group.slot = Math.floor(list / LISTS_PER_GROUP);
    if (consumer !== undefined) consumer.slot = list % LISTS_PER_GROUP;
    ids.spread({ parts: stream.runs, list });
    return;
  }
  for (let left = count; left > 0; left--) {
    const { at } = reader;
    const id = readListed(reader, { group, consumer });
    if (ids.has(id)) reader.fail("an ID that is pending once", at);
    ids.add(id);
  }
  group.spreadLarge(consumer);
}

/** An ID of a list, and in the group's own list how it was delivered. */
function readListed(reader: RdbReader, { group, consumer }: ListOwner): StreamId {
  const { at } = reader;
  const id = detach(reader.bytes(ID_BYTES));
  if (consumer === undefined) {
    const deliveredAtMs = reader.int64();
    group.loadDelivery(id, { deliveredAtMs, deliveryCount: readInt64(reader) });
  } else if (!group.loadOwner(id, consumer)) reader.fail("an ID that nobody else has pending", at);
  return id;
}

/** Takes a run of a list whose group and consumer the head has told of. */
export function admitRun(stream: StreamValue, number: number, body: string): void {
  const list = listOf(number)!;
  const groupSlot = Math.floor(list / LISTS_PER_GROUP);
  const slot = list % LISTS_PER_GROUP;
  const group = [...stream.groups.values()].find((one) => one.slot === groupSlot);
  assert(group !== undefined, "a run belongs to a group");
  const consumer = [...group.consumers.values()].find((one) => slot > 0 && one.slot === slot);
  assert(slot === 0 || consumer !== undefined, "a run belongs to a consumer");
  const reader = new RdbReader(body);
  reader.at = RUN_MARK.length;
  assert(reader.length() === number, "a run says its number");
  const ids: StreamId[] = [];
  while (reader.at < body.length) ids.push(readListed(reader, { group, consumer }));
  (consumer?.pending ?? group.pendingIds).admit(number, ids);
}

function readId(reader: RdbReader): StreamId {
  const ms = reader.wideLength();
  return streamId(ms, reader.wideLength());
}

/** A length whose 64 bits are an int64; nearly all are small, and bigints are slow. */
function readInt64(reader: RdbReader): number | bigint {
  if (reader.text.charCodeAt(reader.at) !== WIDE_LENGTH) return reader.length();
  const value = BigInt.asIntN(64, reader.wideLength());
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}
