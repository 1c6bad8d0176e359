/**
 * Loads a snapshot beside the data being served: into spaces of its own, which the databases point at in
 * the one transaction that ends it. Until then nothing anyone sees has changed; an abort leaves rows that
 * the collector removes.
 */
import type { Engine } from "../engine/engine.ts";
import type { Libraries } from "../engine/script/functions.ts";
import { ReplyError } from "../resp/reply.ts";
import { assert } from "../base/assert.ts";
import { keyHash } from "../base/key-hash.ts";
import {
  type CheckpointState,
  Checkpoint,
  isInParts,
  type EncodedKey,
  pushRows,
  rowsOf,
} from "../engine/checkpoint.ts";
import { DATABASE_COUNT, type Keyspace } from "../engine/keyspace.ts";
import { type Change, PIECE_BYTES, type Store } from "../engine/store.ts";
import { EMPTY_SPACE, ENTRY_BYTES, type SpaceFacts } from "../engine/space.ts";
import {
  canDecode,
  decodeGradually,
  decodeValue,
  encodeHead,
  isEmptyCollection,
} from "../rdb/codec.ts";
import { hasExpiringElements, PARTED } from "../rdb/format.ts";
import { type KeyRecord, RdbLoader, type RdbRecord } from "../rdb/loader.ts";
import { type Part, PART_BYTES_MAX } from "../types/parts.ts";
import { byteCountOf } from "../types/value.ts";
import { type History, saveHistory } from "./position.ts";
import { PACKED_MAX, type RunRow } from "./packed-rows.ts";
import { RowSorter } from "./row-sorter.ts";

/** The snapshot holds what we cannot keep; nothing of it is used. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** Rows that are stored in one go at most, unless more came: some 10 ms of work. */
const ROWS_PER_CALL = 4000;
/** Values with a longer body are decoded and stored step by step: some thousand elements, some 10 ms. */
const LONG_BYTES = 64 << 10;
/** Steps of 512 elements, of some parts, or of a third of a piece, in one go: some 20 ms. */
const STEPS_PER_CALL = 12;
const PARTS_PER_STEP = 128;
const STEPS_PER_PIECE = 3;

type StagedDatabase = { -readonly [K in keyof SpaceFacts]: SpaceFacts[K] } & {
  readonly space: number;
};

export class Loading {
  readonly #store: Store;
  readonly #keyspace: Keyspace;
  readonly #functions: Libraries;
  /** Code of the function libraries that came. */
  readonly #libraries: string[] = [];
  readonly #rdb = new RdbLoader();
  readonly #databases = new Map<number, StagedDatabase>();
  readonly #sorter: RowSorter;
  /** The database that the file has selected. */
  #db = 0;
  /** Bytes of RDB taken in, and keys stored. */
  byteCount = 0;
  keyCount = 0;
  isComplete = false;
  /** What has come is left until something is stored. */
  #isHeld = false;
  /** A very long value that is being stored. */
  #long: Generator<undefined, void, undefined> | undefined;
  /** Database selected in the stream at the snapshot's offset, from its aux fields. */
  streamDb = 0;

  constructor(store: Store, { keyspace, functions }: Pick<Engine, "keyspace" | "functions">) {
    this.#store = store;
    this.#keyspace = keyspace;
    this.#functions = functions;
    this.#sorter = new RowSorter(store);
  }

  /** Chunks of the store that must not be dropped meanwhile: those from this number on. */
  get chunksFrom(): number {
    return this.#sorter.chunksFrom;
  }

  /** Spaces that must not be collected meanwhile. */
  get spaces(): number[] {
    return [...this.#databases.values()].map((staged) => staged.space);
  }

  /**
   * Takes RDB bytes in any split; throws LoadError or RdbError when they cannot be used. What takes long
   * may leave it `isBusy`: then `work` goes on, with no new bytes or before them.
   */
  push(bytes: string): void {
    this.byteCount += bytes.length;
    this.#rdb.push(bytes);
    this.work();
  }

  get isBusy(): boolean {
    return this.#isHeld || (this.#rdb.isEnded && this.#sorter.isBusy);
  }

  /** Goes on with what has come, as far as it should be done in one go. */
  work(): void {
    for (let left = STEPS_PER_CALL; this.#long !== undefined; left--) {
      if (left === 0) return;
      if (this.#long.next().done === true) this.#long = undefined;
    }
    let written = 0;
    do {
      const { keyCount } = this;
      this.#takeAll();
      // Twice as fast as they come, so that a run is stored before the next one is gathered.
      written += this.#sorter.work(Math.max(ROWS_PER_CALL, 2 * (this.keyCount - keyCount)));
    } while (this.#isHeld && this.#long === undefined && written < ROWS_PER_CALL);
    this.isComplete = this.#rdb.isEnded && !this.isBusy;
  }

  /** Takes what is there, unless something must be stored first. */
  #takeAll(): void {
    for (;;) {
      this.#isHeld = this.#long !== undefined || !this.#sorter.hasRoom;
      const record = this.#isHeld ? undefined : this.#rdb.next();
      if (record === undefined) return;
      this.#take(record);
    }
  }

  #take(record: RdbRecord): void {
    switch (record.kind) {
      case "key":
        if (!canDecode(record.type)) throw new LoadError(`RDB type ${record.type} of a key`);
        if (!isEmptyCollection(record.type, record.body)) this.#stage(record);
        return;
      case "aux":
        if (record.name === "repl-stream-db") this.streamDb = Number(record.value) || 0;
        return;
      case "function":
        this.#takeFunction(record.code);
        return;
      case "end":
        this.#sorter.end();
        return;
      case "db":
        if (record.db !== this.#db) this.#sorter.end();
        this.#db = record.db;
        return;
      case "resize":
      case "module":
        return;
    }
  }

  #takeFunction(code: string): void {
    try {
      this.#functions.check(code);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      throw new LoadError(`a function library: ${error.text.replace(/^ERR /, "")}`);
    }
    this.#libraries.push(code);
  }

  /** Bytes behind the end of the RDB: the stream that follows it. */
  takeRest(): string {
    return this.#rdb.takeRest();
  }

  /** Makes what was loaded the data set, with its history and an empty log, in one transaction. */
  finish({ history, offset }: { history: History; offset: number }): void {
    assert(this.isComplete, "what is loaded is whole");
    // Empty databases get spaces here, so what comes after them is known only then: two databases in
    // one space would be one.
    const databases = this.#stagedDatabases();
    const state: CheckpointState = {
      nextSpace: this.#keyspace.reserveSpace(),
      databases,
      dead: [],
      offset,
      streamDb: this.streamDb,
    };
    this.#store.transaction(() => {
      Checkpoint.save(this.#store, state);
      saveHistory(this.#store, history);
      // What was on its way to the base that is no more.
      this.#store.unstage(Number.POSITIVE_INFINITY);
      this.#functions.replace(this.#store, this.#libraries);
      this.#store.resetLog(offset);
    });
    this.#keyspace.reset(state);
    this.#functions.recover(this.#store);
  }

  #stagedDatabases(): CheckpointState["databases"] {
    const databases = [];
    for (let db = 0; db < DATABASE_COUNT; db++) {
      databases.push(
        this.#databases.get(db) ?? { space: this.#keyspace.reserveSpace(), ...EMPTY_SPACE },
      );
    }
    return databases;
  }

  #stage(record: KeyRecord): void {
    const { db, name, type, body, expiresAtMs } = record;
    if (db >= DATABASE_COUNT) throw new LoadError(`database ${db} is out of range`);
    let staged = this.#databases.get(db);
    if (staged === undefined) {
      staged = { space: this.#keyspace.reserveSpace(), ...EMPTY_SPACE };
      this.#databases.set(db, staged);
    }
    staged.keyCount++;
    this.keyCount++;
    if (expiresAtMs !== 0) staged.expireCount++;
    staged.dataBytes += ENTRY_BYTES + name.length;
    const hash = keyHash(name);
    if (body.length <= PART_BYTES_MAX || type === 0) {
      staged.dataBytes += this.#byteCountOf(record);
      if (hasExpiringElements(type)) staged.elementExpireCount++;
      if (body.length <= PIECE_BYTES) this.#gather(staged.space, hash, record);
      else this.#long = this.#storePieces(staged.space, { hash, name, type, body, expiresAtMs });
      return;
    }
    const storing = this.#storeParts(staged, { hash, name, type, body, expiresAtMs });
    if (body.length > LONG_BYTES) this.#long = storing;
    else while (storing.next().done !== true);
  }

  /** A key's one row: among those that are sorted, or at once where it is long. */
  #gather(space: number, hash: number, row: RunRow): void {
    if (row.name.length + row.body.length <= PACKED_MAX) {
      this.#sorter.add(space, hash, row);
      return;
    }
    const { name, type, expiresAtMs, body } = row;
    const changes: Change[] = [];
    pushRows({ hash, name, type, expiresAtMs, body }, changes);
    this.#store.write(space, changes);
  }

  /** Writes the rows of a key that has several. */
  *#storePieces(space: number, key: EncodedKey): Generator<undefined, void, undefined> {
    const changes: Change[] = [];
    pushRows(key, changes);
    for (const change of changes) {
      this.#store.write(space, [change]);
      for (let step = 0; step < STEPS_PER_PIECE; step++) yield;
    }
  }

  /**
   * Rough bytes of a value that is stored as it came. A collection is looked into for it: so one that is
   * damaged is found now, and not by the command that wants it.
   */
  #byteCountOf({ type, body }: { type: number; body: string }): number {
    if (type === 0) return body.length;
    return byteCountOf(decodeValue(type, body, this.#keyspace.limits));
  }

  /** Writes a value part by part, unless it is a single one, and then the row of its key. */
  *#storeParts(staged: StagedDatabase, key: EncodedKey): Generator<undefined, void, undefined> {
    const value = yield* decodeGradually(key.type, key.body, this.#keyspace.limits);
    staged.dataBytes += byteCountOf(value);
    let stored: { type: number; body: string } = key;
    if (typeof value !== "string" && isInParts(value)) {
      const { parts } = value;
      parts.unstored();
      parts.space = staged.space + staged.nextChild++;
      let some: Part[] = [];
      for (const part of parts.all()) {
        some.push(part);
        if (some.length < PARTS_PER_STEP) continue;
        this.#store.write(parts.space, rowsOf(some));
        some = [];
        yield;
      }
      this.#store.write(parts.space, rowsOf(some));
      const { type, body } = encodeHead(value);
      stored = { type: type | PARTED, body };
    }
    if (hasExpiringElements(stored.type)) staged.elementExpireCount++;
    const { hash, name, expiresAtMs } = key;
    if (stored.body.length <= PIECE_BYTES)
      this.#gather(staged.space, hash, { name, expiresAtMs, ...stored });
    else yield* this.#storePieces(staged.space, { hash, name, expiresAtMs, ...stored });
  }
}
