/**
 * The keys in memory: which are resident, which have changed since the last checkpoint, and how the
 * others are found in the store. No command semantics and no clock: an expired entry is an entry like
 * any other here (context.ts hides it).
 */
import { assert, InvariantError } from "../base/assert.ts";
import { detach } from "../base/bytes.ts";
import { HASH_LIMIT, keyHash } from "../base/key-hash.ts";
import { decodeHead, decodeValue, elementExpiryOf } from "../rdb/codec.ts";
import { RdbError } from "../rdb/reader.ts";
import { EXPANDED, hasExpiringElements, PARTED, rdbTypeOf, typeNameOf } from "../rdb/format.ts";
import { EXPANDED_LIMITS, type Limits } from "../types/limits.ts";
import { Unloaded } from "../types/unloaded.ts";
import { byteCountOf, type Value } from "../types/value.ts";
import { AbsentKeys } from "./absent-keys.ts";
import { Cache, type Cached } from "./cache.ts";
import { Checkpoint, type CheckpointState, takeKeys } from "./checkpoint.ts";
import { CheckpointRun, type RunPlan, type TakenParts, takeParts } from "./checkpoint-run.ts";
import { entriesFrom, FreshKeys } from "./fresh-keys.ts";
import { sortByHash } from "./hash-order.ts";
import { Opening } from "./opening.ts";
import {
  CHILD_SPACES,
  EMPTY_SPACE,
  ENTRY_BYTES,
  Entry,
  FREQUENCY_START,
  infoOf,
  type KeyInfo,
  ownerOf,
  Space,
} from "./space.ts";
import { type KeyRef, type KeyRow, type Row, type Store, wholeValue } from "./store.ts";

/** Databases 0–15, as Redis has by default. */
export const DATABASE_COUNT = 16;

/** Bytes of values loaded after which it is time to see whether others have to go. */
const CROWD_BYTES = 1 << 20;

/** Dead spaces that are collected in one go: each costs some queries, with rows or without. */
const COLLECTED_MAX = 256;

export class Keyspace {
  readonly #store: Store;
  /** Up to which size a value that is loaded is compact. */
  readonly limits: Readonly<Limits>;
  #spaces: Space[] = [];
  #nextSpace = 1;
  #dirty: { readonly space: Space; readonly entry: Entry }[] = [];
  /** The key found last; no entry when it may not be resident any more. */
  #lastSpace: Space | undefined;
  #lastName = "";
  #lastEntry: Entry | undefined;
  readonly #absent = new AbsentKeys();
  readonly #cache: Cache;
  /** Spaces of values in parts that are no more, and those of them that the last checkpoint knew. */
  #dead = new Set<number>();
  #collectable: readonly number[] = [];
  /** The checkpoint that is being written, and the number of the last one. */
  #run: CheckpointRun | undefined;
  #serial = 0;
  /** Bytes of entries that must stay until it is written. */
  #stagedBytes = 0;
  /** Entries whose value is in parts that are not in memory. */
  unloadedCount = 0;
  /** Bytes of all resident entries, and of those that changed since the last checkpoint. */
  residentBytes = 0;
  dirtyBytes = 0;
  /** Bytes loaded since `shrink` was called. */
  #loadedBytes = 0;

  constructor(store: Store, limits: Readonly<Limits>) {
    this.#store = store;
    this.limits = limits;
    this.#cache = new Cache(this.#cached());
    this.reset(Checkpoint.recover(store));
  }

  /** Forgets everything in memory and starts from what the store holds. */
  reset(state: CheckpointState | undefined): void {
    this.#spaces = [];
    this.#nextSpace = Math.max(
      // A data set that is loaded beside this one has its number, and maybe no row yet.
      this.#nextSpace,
      ownerOf(this.#store.spaceMax) + CHILD_SPACES,
      state?.nextSpace ?? CHILD_SPACES,
    );
    for (let db = 0; db < DATABASE_COUNT; db++) {
      const known = state?.databases[db];
      this.#spaces.push(
        known === undefined
          ? new Space(this.reserveSpace(), EMPTY_SPACE)
          : new Space(known.space, known),
      );
    }
    this.#collectable = state?.dead ?? [];
    this.#dead = new Set(this.#collectable);
    this.#run = undefined;
    this.#serial = state?.serial ?? 0;
    this.#stagedBytes = 0;
    this.unloadedCount = 0;
    this.#dirty = [];
    this.#lastEntry = undefined;
    this.#absent.clear();
    this.#cache.reset();
    this.residentBytes = 0;
    this.dirtyBytes = 0;
  }

  space(db: number): Space {
    const space = this.#spaces[db];
    assert(space !== undefined, "a database's number is in range");
    return space;
  }

  /** Some key has an expiry, or elements that have. */
  get hasExpiring(): boolean {
    return this.#spaces.some((space) => space.expireCount + space.elementExpireCount > 0);
  }

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  /** Spaces that databases point at now; others are garbage once a checkpoint says so. */
  liveSpaces(): Set<number> {
    return new Set(this.#spaces.map((space) => space.id));
  }

  /** A number no space has had, for a data set loaded beside this one. */
  reserveSpace(): number {
    const space = this.#nextSpace;
    this.#nextSpace += CHILD_SPACES;
    return space;
  }

  /** Spaces of values that a restart would not miss, some at a time. */
  get collectable(): readonly number[] {
    return this.#collectable.slice(0, COLLECTED_MAX);
  }

  /** The rows of these spaces are gone: their numbers may be used again. */
  collected(spaces: readonly number[]): void {
    for (const space of spaces) {
      this.#dead.delete(space);
      this.#spaces.find(({ id }) => id === ownerOf(space))?.freeChildren.push(space);
    }
    this.#collectable = this.#collectable.filter((space) => this.#dead.has(space));
  }

  /** The live entry of a key, made resident if it was not; expired or not. */
  find(space: Space, name: string): Entry | undefined {
    // A command looks its key up two or three times, with the same string.
    if (name === this.#lastName && space === this.#lastSpace && this.#lastEntry !== undefined) {
      // The same text is not yet the same string, and only that one is compared at a glance.
      this.#lastName = name;
      if (this.#lastEntry.value !== undefined) return this.#lastEntry;
    }
    const entry = space.resident.get(name);
    if (entry !== undefined) {
      entry.isReferenced = true;
      if (entry.value === undefined) return undefined;
      this.#lastSpace = space;
      this.#lastName = name;
      this.#lastEntry = entry;
      return entry;
    }
    if (space.isComplete || this.#absent.has(space, name)) return undefined;
    const key = { hash: keyHash(name), name };
    const [row] = this.#store.load(space.id, [key]);
    if (row !== undefined) return this.#admit(space, row);
    this.#absent.add(space, name);
    return undefined;
  }

  /** The value of a live entry with all its elements in memory. */
  loaded(entry: Entry): Value {
    const { value } = entry;
    assert(value !== undefined, "loads a tombstone");
    if (!(value instanceof Unloaded)) return value;
    this.open(entry, Number.POSITIVE_INFINITY);
    return entry.value!;
  }

  /** As `loaded`, for who is about to change it. */
  changeable(entry: Entry): Value {
    const value = this.loaded(entry);
    if (typeof value !== "string" && value.parts.isFrozen) this.#run!.thaw(value);
    return value;
  }

  /** A checkpoint is encoding the value: who would change it had better wait, as it takes some slices. */
  isFrozen({ value }: Entry): boolean {
    return typeof value === "object" && value.parts.isFrozen;
  }

  /** Some value is being encoded. */
  get hasFrozen(): boolean {
    return this.#run?.isFrozen === true;
  }

  /** Loads up to so many more parts of an entry's value; true when it is there as a whole. */
  open(entry: Entry, partsMax: number): boolean {
    const { value } = entry;
    if (!(value instanceof Unloaded)) return true;
    entry.isReferenced = true;
    value.opening ??= new Opening(this.#store, value.head);
    if (!(value.opening as Opening).step(partsMax)) return false;
    entry.value = (value.opening as Opening).value;
    this.unloadedCount--;
    const byteCount = ENTRY_BYTES + entry.name.length + entry.value.byteCount;
    this.residentBytes += byteCount - entry.byteCount;
    this.#loadedBytes += byteCount - entry.byteCount;
    entry.byteCount = byteCount;
    return true;
  }

  /**
   * Makes many keys resident with one query; worth it before a batch of commands. Not those with long
   * values: a batch of a few kilobytes may name a thousand of them, and is done with each in turn.
   */
  prefetch(space: Space, names: readonly string[]): void {
    if (space.isComplete) return;
    const wanted: KeyRef[] = [];
    for (const name of names) {
      if (space.resident.has(name) || this.#absent.has(space, name)) continue;
      wanted.push({ hash: keyHash(name), name });
    }
    if (wanted.length === 0) return;
    const rows = this.#store.loadShort(space.id, wanted);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i];
      if (row === undefined) this.#absent.add(space, wanted[i]!.name);
      else if (row !== "long" && !space.resident.has(row.name)) this.#admit(space, row);
    }
  }

  /** Sets a key, new or not, and its expiry. The value is kept: strings must be detached. */
  put(space: Space, name: string, value: Value, expiresAtMs = 0): Entry {
    let entry = this.find(space, name) ?? space.resident.get(name);
    if (entry === undefined) {
      entry = new Entry(detach(name));
      space.resident.set(entry.name, entry);
      space.fresh.add(entry);
    }
    this.assign(space, entry, value, expiresAtMs);
    return entry;
  }

  /** `put` for who has found the entry. */
  assign(space: Space, entry: Entry, value: Value, expiresAtMs: number): void {
    if (entry.value === undefined) {
      entry.frequency = FREQUENCY_START;
      space.keyCount++;
      space.liveCount++;
    } else if (typeof entry.value !== "string" && entry.value !== value) this.#leave(entry.value);
    if (typeof value !== "string") this.#join(space, value);
    entry.value = value;
    entry.isRaw = false;
    this.setExpiry(space, entry, expiresAtMs);
    this.markDirty(space, entry);
  }

  /** A value is no key's any more, unless it joins one again (RENAME). */
  #leave(value: Exclude<Value, string>): void {
    if (value.parts.space !== 0) this.#dead.add(value.parts.space);
    if (value instanceof Unloaded) this.unloadedCount--;
  }

  #join(space: Space, value: Exclude<Value, string>): void {
    const { parts } = value;
    if (parts.space === 0) return;
    if (ownerOf(parts.space) === space.id) {
      this.#dead.delete(parts.space);
      if (value instanceof Unloaded) this.unloadedCount++;
    } else {
      // Its rows go with the database it comes from.
      parts.unstored();
      parts.space = 0;
    }
  }

  /** The value changed in place, or is replaced here; the expiry stays. */
  markDirty(space: Space, entry: Entry): void {
    const { value } = entry;
    let byteCount = ENTRY_BYTES + entry.name.length;
    let dirtyBytes = byteCount;
    let dataBytes = 0;
    let isExpiring = false;
    if (typeof value === "string") {
      byteCount += value.length;
      dirtyBytes = dataBytes = byteCount;
    } else if (value !== undefined) {
      dirtyBytes += value.parts.changedBytes;
      dataBytes = byteCount + loadedByteCount(value);
      byteCount += value.byteCount;
      isExpiring = (value.elementsExpireAtMs ?? 0) !== 0;
    }
    if (isExpiring !== entry.hasExpiringElements) {
      entry.hasExpiringElements = isExpiring;
      space.elementExpireCount += isExpiring ? 1 : -1;
      if (isExpiring) space.expiringElements.add(entry);
      else space.expiringElements.delete(entry);
    }
    this.residentBytes += byteCount - entry.byteCount;
    this.dirtyBytes += dirtyBytes - entry.dirtyBytes;
    space.dataBytes += dataBytes - entry.dataBytes;
    entry.byteCount = byteCount;
    entry.dirtyBytes = dirtyBytes;
    entry.dataBytes = dataBytes;
    if (entry.isDirty) return;
    entry.isDirty = true;
    this.#dirty.push({ space, entry });
  }

  /** 0: never expires. Marks the entry dirty only when that changes something. */
  setExpiry(space: Space, entry: Entry, expiresAtMs: number): void {
    if (entry.expiresAtMs === expiresAtMs) return;
    if (entry.expiresAtMs === 0) {
      space.expireCount++;
      space.expiring.add(entry);
    } else if (expiresAtMs === 0) {
      space.expireCount--;
      space.expiring.delete(entry);
    }
    entry.expiresAtMs = expiresAtMs;
    this.markDirty(space, entry);
  }

  /** Deletes a live entry. What is stored stays as a tombstone until the next checkpoint. */
  remove(space: Space, entry: Entry): void {
    assert(entry.value !== undefined, "removes a tombstone");
    this.setExpiry(space, entry, 0);
    if (typeof entry.value !== "string") this.#leave(entry.value);
    entry.value = undefined;
    space.keyCount--;
    space.liveCount--;
    this.markDirty(space, entry);
    // Of keys that came with a snapshot this is an estimate: here it is known again.
    if (space.keyCount === 0) space.dataBytes = 0;
    if (!entry.isStored && !entry.isStaged) this.#forget(space, entry);
  }

  /** Empties a database: it points at a new space; the old one's rows are collected later. */
  flush(db: number): void {
    const space = this.space(db);
    if (space.keyCount === 0 && space.resident.size === 0) return;
    this.#drop(space);
    this.#spaces[db] = new Space(this.reserveSpace(), EMPTY_SPACE);
  }

  swap(a: number, b: number): void {
    const spaceOfA = this.space(a);
    this.#spaces[a] = this.space(b);
    this.#spaces[b] = spaceOfA;
  }

  /**
   * Keys in hash order from `hashFrom` on, about `countMax` of them (keys of one hash are never parted),
   * and where to go on (0: the end). A key that is there during a whole walk is seen exactly once.
   */
  walk(space: Space, hashFrom: number, countMax: number): { keys: KeyInfo[]; next: number } {
    const rows = this.#store.keys(space.id, hashFrom, countMax);
    const fresh = space.fresh.from(hashFrom, countMax);
    const staged = entriesFrom(space.staged, hashFrom, countMax);
    const endOf = (list: readonly { readonly hash: number }[]): number =>
      list.length < countMax ? HASH_LIMIT : list.at(-1)!.hash;
    const end = Math.min(endOf(rows), endOf(fresh), endOf(staged));
    const keys: KeyInfo[] = [];
    for (const row of rows) {
      if (row.hash <= end) this.#show(space, row, keys);
    }
    const storedCount = keys.length;
    for (const entry of [...fresh, ...staged]) {
      if (entry.hash <= end && entry.value !== undefined) keys.push(infoOf(entry, entry.value));
    }
    const isInOrder = keys.length === storedCount || (storedCount === 0 && staged.length === 0);
    if (!isInOrder) keys.sort((a, b) => a.hash - b.hash);
    return { keys, next: end >= HASH_LIMIT - 1 ? 0 : end + 1 };
  }

  /** Of stored keys the moment (Unix ms) before which none of their elements expires; none is loaded. */
  elementExpiries(space: Space, keys: readonly KeyInfo[]): number[] {
    const rows = this.#store.load(space.id, keys);
    return rows.map((row) => (row === undefined ? 0 : elementExpiryOf(row.type, row.value)));
  }

  /** Writes what changed to the base, as the state at `position`; returns how many keys. */
  checkpoint(
    position: Record<string, unknown>,
    save: (store: Store) => void = () => undefined,
  ): number {
    while (this.#run !== undefined) this.goOn(Number.POSITIVE_INFINITY);
    const run = this.#begin(position, save);
    run.writeAtOnce();
    this.#committed(run);
    this.#finish(run);
    return run.keyCount;
  }

  /**
   * The same with at most about so many rows at a time: `goOn` until it is done, however many commands run
   * in between. None may be under way; with few rows it is done at once. Returns about how many they are worth.
   */
  beginCheckpoint(
    position: Record<string, unknown>,
    { save, rowsMax }: { save: (store: Store) => void; rowsMax: number },
  ): number {
    assert(this.#run === undefined, "one checkpoint at a time");
    const run = this.#begin(position, save);
    if (run.rowsWorth <= rowsMax) {
      run.writeAtOnce();
      this.#committed(run);
      this.#finish(run);
    } else {
      this.#run = run;
      this.goOn(rowsMax);
    }
    return run.rowsWorth;
  }

  /** Takes the checkpoint a slice further. */
  goOn(rowsMax: number): void {
    const run = this.#run;
    assert(run !== undefined, "a checkpoint is under way");
    if (!run.isCommitted) {
      run.stageSome(rowsMax);
      if (run.isCommitted) this.#committed(run);
    } else if (!run.moveSome()) {
      this.#run = undefined;
      this.#finish(run);
    }
  }

  /** How far a checkpoint is: its rows are put aside, or moved to their places; undefined: there is none. */
  get checkpointing(): "staging" | "moving" | undefined {
    if (this.#run === undefined) return undefined;
    return this.#run.isCommitted ? "moving" : "staging";
  }

  /** Takes what changed so far out of the books: what changes from now on is the next checkpoint's. */
  #begin(position: Record<string, unknown>, save: RunPlan["save"]): CheckpointRun {
    const keys = new Map<Space, Entry[]>();
    for (const { space, entry } of this.#dirty) {
      const list = keys.get(space);
      if (list !== undefined) list.push(entry);
      else if (this.#spaces.includes(space)) keys.set(space, [entry]);
    }
    const heads = [];
    const values: TakenParts[] = [];
    for (const [space, entries] of keys) {
      sortByHash(entries);
      for (const { value } of entries) {
        if (value === undefined || typeof value === "string") continue;
        const taken = takeParts(space, value, this.#dead);
        if (taken !== undefined) values.push(taken);
      }
      heads.push(takeKeys(space.id, entries));
      for (const entry of entries) this.#staged(entry);
      space.staged = entries;
      space.fresh = new FreshKeys();
    }
    this.#forgetFlushed();
    this.#dirty = [];
    this.dirtyBytes = 0;
    const state = {
      ...position,
      nextSpace: this.#nextSpace,
      databases: this.#spaces.map((space) => ({ space: space.id, ...space.facts })),
      dead: [...this.#dead],
      serial: ++this.#serial,
    };
    return new CheckpointRun(this.#store, { state, keys, heads, values, save });
  }

  #staged(entry: Entry): void {
    entry.isDirty = false;
    entry.dirtyBytes = 0;
    entry.isStaged = true;
    this.#stagedBytes += entry.byteCount;
  }

  /** Of what was dead when it began, some may be collected by now, and its numbers given away next. */
  #committed({ state }: CheckpointRun): void {
    this.#collectable = state.dead.filter((space) => this.#dead.has(space));
  }

  /** All rows of a checkpoint are in their places. */
  #finish({ keys }: CheckpointRun): void {
    this.#stagedBytes = 0;
    for (const [space, entries] of keys) {
      space.staged = [];
      // What was flushed since is in no books any more.
      if (this.#spaces.includes(space)) for (const entry of entries) this.#settle(space, entry);
    }
  }

  /** What belonged to a flushed database is found without its help. */
  #forgetFlushed(): void {
    if (this.#dead.size === 0) return;
    const live = this.liveSpaces();
    for (const space of this.#dead) if (!live.has(ownerOf(space))) this.#dead.delete(space);
  }

  /** So much was loaded that some of it may have to go again, before the next command. */
  get isCrowded(): boolean {
    return this.#loadedBytes >= CROWD_BYTES;
  }

  /**
   * A checkpoint is due for want of room: a bit in each of some long values changes little, and all of them
   * stay in memory. Until then what others load would go before they can use it.
   */
  get hasToWrite(): boolean {
    return this.#cache.hasToWrite && this.#dirty.length > 0;
  }

  /** See Cache.shrink. */
  shrink(bytesMax: number, nowMs?: number): void {
    this.#loadedBytes = 0;
    if (this.residentBytes > bytesMax) this.#cache.shrink(bytesMax, nowMs);
  }

  #cached(): Cached {
    const keyspace = (): Keyspace => this;
    return {
      get residentBytes() {
        return keyspace().residentBytes;
      },
      get unwrittenBytes() {
        // What changed again while it is being written is in both.
        return Math.max(keyspace().dirtyBytes, keyspace().#stagedBytes);
      },
      get spaces() {
        return keyspace().#spaces;
      },
      evict: (space, entry) => this.#evict(space, entry),
    };
  }

  #evict(space: Space, entry: Entry): void {
    assert(entry.value !== undefined && entry.isStored, "evicts what is not in the store");
    this.#lastEntry = undefined;
    this.#absent.delete(entry.name);
    space.resident.delete(entry.name);
    space.expiring.delete(entry);
    space.expiringElements.delete(entry);
    space.liveCount--;
    space.isComplete = false;
    if (entry.value instanceof Unloaded) this.unloadedCount--;
    this.residentBytes -= entry.byteCount;
  }

  #admit(space: Space, row: Row): Entry {
    const entry = new Entry(row.name, row.hash);
    entry.value = this.#decode(space, row);
    entry.expiresAtMs = row.expiresAtMs;
    entry.isStored = true;
    entry.pieces = row.pieces;
    entry.byteCount = ENTRY_BYTES + entry.name.length + byteCountOf(entry.value);
    entry.dataBytes = ENTRY_BYTES + entry.name.length + loadedByteCount(entry.value);
    if (entry.value instanceof Unloaded) this.unloadedCount++;
    this.residentBytes += entry.byteCount;
    this.#loadedBytes += entry.byteCount;
    if (entry.expiresAtMs !== 0) space.expiring.add(entry);
    entry.hasExpiringElements = hasExpiringElements(row.type);
    if (entry.hasExpiringElements) space.expiringElements.add(entry);
    space.resident.set(entry.name, entry);
    space.liveCount++;
    if (space.liveCount === space.keyCount) space.isComplete = true;
    return entry;
  }

  #decode(space: Space, row: Row): Value {
    const { type } = row;
    try {
      const text = wholeValue(this.#store, space.id, row);
      if ((type & PARTED) !== 0) {
        return new Unloaded(decodeHead(typeNameOf(type), text));
      }
      const limits = (type & EXPANDED) === 0 ? this.limits : EXPANDED_LIMITS;
      const value = decodeValue(rdbTypeOf(type), text, limits);
      if (typeof value !== "string" && value.parts.count === 1) value.parts.stored();
      return value;
    } catch (error) {
      if (!(error instanceof RdbError)) throw error;
      // Where it is and not how it is called: names of keys do not belong in a log.
      const place = `space ${space.id}, hash ${row.hash}`;
      throw new InvariantError(`the stored value in ${place} is damaged: ${error.message}`);
    }
  }

  /** Shows a stored key as memory has it, if memory knows better. */
  #show(space: Space, row: KeyRow, keys: KeyInfo[]): void {
    const entry = space.resident.get(row.name);
    if (entry === undefined) {
      const { name, hash, expiresAtMs, type } = row;
      keys.push({
        name,
        hash,
        expiresAtMs,
        type: typeNameOf(type),
        hasExpiringElements: hasExpiringElements(type),
      });
    } else if (entry.value !== undefined && entry.isStored && !entry.isStaged) {
      keys.push(infoOf(entry, entry.value));
    }
  }

  /** The row of an entry is as the checkpoint had it. */
  #settle(space: Space, entry: Entry): void {
    entry.isStaged = false;
    entry.isStored = entry.pieces > 0;
    if (entry.isStored) return;
    if (entry.value !== undefined) space.fresh.add(entry);
    else this.#forget(space, entry);
  }

  /** A tombstone without a row hides nothing. */
  #forget(space: Space, entry: Entry): void {
    if (space.resident.get(entry.name) !== entry) return;
    space.resident.delete(entry.name);
    this.residentBytes -= entry.byteCount;
    this.dirtyBytes -= entry.dirtyBytes;
    entry.byteCount = 0;
    entry.dirtyBytes = 0;
  }

  #drop(space: Space): void {
    this.#cache.reset();
    for (const entry of space.resident.values()) {
      this.residentBytes -= entry.byteCount;
      this.dirtyBytes -= entry.dirtyBytes;
      if (entry.value instanceof Unloaded) this.unloadedCount--;
    }
    this.#dirty = this.#dirty.filter((change) => change.space !== space);
  }
}

/** Rough bytes of memory a value takes once all its elements are loaded. */
function loadedByteCount(value: Value): number {
  return value instanceof Unloaded ? value.head.loadedByteCount : byteCountOf(value);
}
