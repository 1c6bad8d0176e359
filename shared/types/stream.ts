/**
 * A stream: entries in the order of their IDs, in blocks that each are a part, and what consumer groups have
 * read of them. Groups are the value's head, but for what is pending in them where that is much.
 * (https://redis.io/docs/latest/develop/data-types/streams)
 */
import type { Limits } from "./limits.ts";
import { PartLedger } from "./parts.ts";
import { StreamBlock, type StreamEntry } from "./stream-block.ts";
import { ConsumerGroup, firstFree, type GroupHome, READ_UNKNOWN } from "./stream-group.ts";
import { GROUPS_MAX, JoinedParts, RunParts } from "./stream-parts.ts";
import { FIRST_ID, LAST_ID, msOf, sequenceOf, type StreamId } from "./stream-id.ts";
import type { DigestSink, ValueObject } from "./value.ts";

/** Redis's largest listpack; a limit of 0 means this one. */
const LISTPACK_BYTES_MAX = 2 ** 30;
/** The object itself (measured, rounded). */
const STREAM_BYTES = 700;

export interface RangeOptions {
  /** At most so many; Infinity: all. */
  readonly countMax: number;
  readonly isReverse?: boolean;
}

/** What is to be trimmed: all but so many entries, or those below an ID. */
export interface Trim {
  readonly by: { readonly lengthMax: number } | { readonly idMin: StreamId };
  /** Whole blocks only. */
  readonly isApproximate: boolean;
  /** No more entries than this; 0: any number. */
  readonly limit: number;
}

export class StreamValue implements ValueObject {
  readonly type = "stream";
  readonly encoding = "stream";
  /** In the order of their master IDs, and of their numbers. */
  readonly #blocks: StreamBlock[] = [];
  readonly #ledger = new PartLedger(this.#blocks);
  readonly #home: GroupHome = {
    bytes: 0,
    runs: new RunParts(),
    takeSlot: () => this.#freeSlot(),
  };
  readonly parts = new JoinedParts(this.#ledger, this.#home.runs.ledger);
  size = 0;
  /** The highest ID there ever was. */
  lastId = FIRST_ID;
  /** The lowest ID there is; 0-0 where there is none. */
  firstId = FIRST_ID;
  /** The highest ID that XDEL deleted. */
  maxDeletedId = FIRST_ID;
  /** How many entries there ever were: a uint64. */
  entriesAdded = 0n;
  readonly #groups = new Map<string, ConsumerGroup>();
  /** The block that was read last and is not the newest one: these two know where their entries stand. */
  #read: StreamBlock | undefined;

  get byteCount(): number {
    return STREAM_BYTES + this.#ledger.byteCount + this.#home.bytes;
  }

  // -- changes -------------------------------------------------------------------------------------

  /** Adds an entry above `lastId`; fields and values in turn from `args[from]` on. */
  add(id: StreamId, { args, from }: AddedFields, limits: Readonly<Limits>): void {
    const added = { args, from };
    // A block without live entries may lie above the ID where XSETID went back; Redis would mix them up.
    if (this.size === 0 && id <= (this.#blocks.at(-1)?.master ?? FIRST_ID)) this.#clear();
    const block = this.#roomFor(added, limits) ?? this.#newBlock(id, added);
    const before = block.listpackBytes;
    block.append(id, args, from);
    this.#ledger.changedBy(block, block.listpackBytes - before);
    this.size++;
    this.entriesAdded = BigInt.asUintN(64, this.entriesAdded + 1n);
    this.lastId = id;
    if (this.size === 1) this.firstId = id;
  }

  /** Deletes entries; those that are not there do not count. Returns how many it were. */
  delete(ids: readonly StreamId[]): number {
    let count = 0;
    let isFirst = false;
    for (const id of ids) {
      if (!this.#deleteOne(id)) continue;
      count++;
      if (id === this.firstId) isFirst = true;
      if (id > this.maxDeletedId) this.maxDeletedId = id;
    }
    if (isFirst || (count > 0 && this.size === 0)) this.firstId = this.lowestEntryId ?? FIRST_ID;
    return count;
  }

  /** Removes entries from the front; returns how many. */
  trim({ by, isApproximate, limit }: Trim): number {
    const lengthMax = "lengthMax" in by ? by.lengthMax : 0;
    const idMin = "idMin" in by ? by.idMin : LAST_ID;
    const isById = "idMin" in by;
    let count = 0;
    let wholeBlocks = 0;
    for (const block of this.#blocks) {
      const { liveCount } = block;
      if (!isById && this.size <= lengthMax) break;
      if (limit > 0 && count + liveCount > limit) break;
      const goes = isById ? block.lastId < idMin : this.size - liveCount >= lengthMax;
      if (goes) {
        this.size -= liveCount;
        count += liveCount;
        wholeBlocks++;
        continue;
      }
      if (!isApproximate) {
        const countMax = isById ? Number.POSITIVE_INFINITY : this.size - lengthMax;
        count += this.#trimBlock(block, { before: idMin, countMax });
      }
      break;
    }
    for (const block of this.#blocks.splice(0, wholeBlocks)) this.#removed(block);
    if (this.size === 0 || count > 0) this.firstId = this.lowestEntryId ?? FIRST_ID;
    return count;
  }

  // -- reading -------------------------------------------------------------------------------------

  /** Entries from one ID to another, both included; reversed they come highest first. */
  range(from: StreamId, to: StreamId, options: RangeOptions): StreamEntry[] {
    const { countMax, isReverse = false } = options;
    const found: StreamEntry[] = [];
    if (from > to || this.size === 0) return found;
    const step = isReverse ? -1 : 1;
    for (let at = this.#blockOf(isReverse ? to : from); ; at += step) {
      const block = this.#blocks[at];
      if (block === undefined) return found;
      this.#looksInto(block);
      for (let i = isReverse ? lastIndex(block, to) : block.indexOf(from); ; i += step) {
        const id = block.idAt(i);
        if (id === undefined) break;
        if (found.length >= countMax || (isReverse ? id < from : id > to)) return found;
        found.push(block.entryAt(i));
      }
    }
  }

  /** The entry with this ID. */
  entry(id: StreamId): StreamEntry | undefined {
    return this.range(id, id, { countMax: 1 })[0];
  }

  has(id: StreamId): boolean {
    const block = this.#blocks[this.#blockOf(id)];
    if (block === undefined) return false;
    this.#looksInto(block);
    return block.idAt(block.indexOf(id)) === id;
  }

  /** The highest ID of an entry that is there; undefined where there is none. */
  get lastEntryId(): StreamId | undefined {
    for (let at = this.#blocks.length - 1; at >= 0; at--) {
      const block = this.#blocks[at]!;
      if (block.liveCount === 0) continue;
      this.#looksInto(block);
      return block.idAt(block.liveCount - 1);
    }
    return undefined;
  }

  /** The lowest ID, be it of a deleted entry; the last ID there is where no block is left. */
  get lowestId(): StreamId {
    return this.#blocks[0]?.firstId ?? LAST_ID;
  }

  /** The lowest ID of an entry that is there; undefined where there is none. */
  get lowestEntryId(): StreamId | undefined {
    return this.range(FIRST_ID, LAST_ID, { countMax: 1 })[0]?.id;
  }

  get blockCount(): number {
    return this.#blocks.length;
  }

  /** The master IDs of all blocks, in order. */
  masterIds(): StreamId[] {
    return this.#blocks.map(({ master }) => master);
  }

  // -- the whole -----------------------------------------------------------------------------------

  /** Takes a block as it was stored, or read. They come in order. */
  admit(block: StreamBlock, { isStored = false } = {}): void {
    this.#blocks.push(block);
    this.#ledger.added(block, { isStored });
    this.size += block.liveCount;
  }

  clone(): StreamValue {
    const copy = new StreamValue();
    copy.lastId = this.lastId;
    copy.firstId = this.firstId;
    copy.maxDeletedId = this.maxDeletedId;
    copy.entriesAdded = this.entriesAdded;
    for (const block of this.#blocks) copy.admit(block.clone(block.number));
    for (const group of this.#groups.values()) {
      group.copyTo(copy.addGroup(group.name, group.lastId, group.entriesRead));
    }
    return copy;
  }

  /** Groups do not count, as in Redis. */
  digest(sink: DigestSink): void {
    for (const block of this.#blocks) {
      this.#looksInto(block);
      for (let i = 0; i < block.liveCount; i++) {
        const { id, pairs } = block.entryAt(i);
        sink.inOrder(`${msOf(id)}.${sequenceOf(id)}`);
        for (const text of pairs) sink.inOrder(text);
      }
    }
  }

  // -- groups --------------------------------------------------------------------------------------

  get groups(): ReadonlyMap<string, ConsumerGroup> {
    return this.#groups;
  }

  /** Makes a group that is not there. */
  addGroup(name: string, lastId: StreamId, entriesRead: bigint): ConsumerGroup {
    const group = new ConsumerGroup({ name, lastId, entriesRead }, this.#home);
    this.#groups.set(group.name, group);
    return group;
  }

  removeGroup(group: ConsumerGroup): void {
    this.#groups.delete(group.name);
    group.clear();
  }

  /** The groups whose lists are parts, and where: all in the order of their parts, the others behind. */
  groupsInOrder(): ConsumerGroup[] {
    const slotOf = ({ slot }: ConsumerGroup): number => slot ?? GROUPS_MAX;
    return [...this.#groups.values()].sort((a, b) => slotOf(a) - slotOf(b));
  }

  /** Where the runs of groups are parts. */
  get runs(): RunParts {
    return this.#home.runs;
  }

  #freeSlot(): number | undefined {
    if (this.#groups.size > GROUPS_MAX) return undefined;
    return firstFree(Array.from(this.#groups.values(), ({ slot }) => slot));
  }

  /**
   * How many entries there ever were up to this ID (an int64), READ_UNKNOWN where deletions make that a
   * guess: so a group knows how far it is without counting.
   */
  entriesUpTo(id: StreamId): bigint {
    if (this.entriesAdded === 0n) return 0n;
    const added = BigInt.asIntN(64, this.entriesAdded);
    if (id === this.lastId || (this.size === 0 && id < this.lastId)) return added;
    if (id > this.lastId) return READ_UNKNOWN;
    if (this.maxDeletedId !== FIRST_ID && this.maxDeletedId >= this.firstId) return READ_UNKNOWN;
    const beforeFirst = BigInt.asIntN(64, added - BigInt(this.size));
    if (id < this.firstId) return beforeFirst;
    return id === this.firstId ? beforeFirst + 1n : READ_UNKNOWN;
  }

  /** XDEL deleted something from this ID on that lies behind the first entry. */
  hasDeletedFrom(id: StreamId): boolean {
    if (this.size === 0 || this.maxDeletedId === FIRST_ID) return false;
    return this.firstId <= this.maxDeletedId && id <= this.maxDeletedId;
  }

  // -- blocks --------------------------------------------------------------------------------------

  /** The newest block, where Redis would append to it. */
  #roomFor({ args, from }: AddedFields, limits: Readonly<Limits>): StreamBlock | undefined {
    const block = this.#blocks.at(-1);
    if (block === undefined) return undefined;
    let bytes = block.listpackBytes;
    for (let i = from; i < args.length; i++) bytes += args[i]!.length;
    const { streamNodeBytes, streamNodeEntries } = limits;
    const bytesMax = Math.min(streamNodeBytes || LISTPACK_BYTES_MAX, LISTPACK_BYTES_MAX);
    if (bytes >= bytesMax) return undefined;
    return streamNodeEntries > 0 && block.entryCount >= streamNodeEntries ? undefined : block;
  }

  #newBlock(id: StreamId, { args, from }: AddedFields): StreamBlock {
    const last = this.#blocks.at(-1);
    if (last !== this.#read) last?.forgetIndex();
    const fields: string[] = [];
    for (let i = from; i < args.length; i += 2) fields.push(args[i]!);
    const block = new StreamBlock(last === undefined ? 0 : last.number + 1, id, fields);
    this.#blocks.push(block);
    this.#ledger.added(block);
    return block;
  }

  #deleteOne(id: StreamId): boolean {
    if (!this.has(id)) return false;
    const at = this.#blockOf(id);
    const block = this.#blocks[at]!;
    this.size--;
    if (block.liveCount === 1) {
      this.#blocks.splice(at, 1);
      this.#removed(block);
      return true;
    }
    const before = block.listpackBytes;
    block.deleteAt(block.indexOf(id));
    this.#ledger.changedBy(block, block.listpackBytes - before);
    return true;
  }

  #trimBlock(block: StreamBlock, bounds: { before: StreamId; countMax: number }): number {
    this.#looksInto(block);
    const before = block.listpackBytes;
    const count = block.deleteFront(bounds);
    if (count > 0) this.#ledger.changedBy(block, block.listpackBytes - before);
    this.size -= count;
    return count;
  }

  #clear(): void {
    for (const block of this.#blocks.splice(0)) this.#removed(block);
  }

  #removed(block: StreamBlock): void {
    this.#ledger.removed(block);
    if (this.#read === block) this.#read = undefined;
  }

  /** The block that has this ID if any has: the last one whose master is not above it. */
  #blockOf(id: StreamId): number {
    const blocks = this.#blocks;
    let low = 0;
    let high = blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (blocks[middle]!.master <= id) low = middle;
      else high = middle;
    }
    return low;
  }

  /** Keeps the index of this block and the newest one only: a walk over all would keep all. */
  #looksInto(block: StreamBlock): void {
    if (block === this.#read || block === this.#blocks.at(-1)) return;
    this.#read?.forgetIndex();
    this.#read = block;
  }
}

/** Fields and values in turn, among a command's arguments. */
export interface AddedFields {
  readonly args: readonly string[];
  readonly from: number;
}

/** The place of the last live entry of a block that is not above an ID; -1: there is none. */
function lastIndex(block: StreamBlock, id: StreamId): number {
  const index = block.indexOf(id);
  return block.idAt(index) === id ? index : index - 1;
}
