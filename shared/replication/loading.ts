/**
 * Loads a snapshot beside the data being served: into spaces of its own, which the databases point at in
 * the one transaction that ends it. Until then nothing anyone sees has changed; an abort leaves rows that
 * the collector removes.
 */
import type { Engine } from "../engine/engine.ts";
import type { Libraries } from "../engine/script/functions.ts";
import { ReplyError } from "../resp/reply.ts";
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
import type { Change, Store } from "../engine/store.ts";
import { EMPTY_SPACE, ENTRY_BYTES, type SpaceFacts } from "../engine/space.ts";
import {
  canDecode,
  decodeGradually,
  decodeValue,
  encodeHead,
  isEmptyCollection,
} from "../rdb/codec.ts";
import { hasExpiringElements, PARTED } from "../rdb/format.ts";
import { RdbLoader } from "../rdb/loader.ts";
import { type Part, PART_BYTES_MAX } from "../types/parts.ts";
import { byteCountOf } from "../types/value.ts";
import { type History, saveHistory } from "./position.ts";

/** The snapshot holds what we cannot keep; nothing of it is used. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/**
 * Another server's keys come in an order of its own, and each row has its place among those before it.
 * So they are gathered and sorted: as they come, a million of them took six times as long.
 */
const RUN_BYTES = 16 << 20;
/** Rows of a sorted run written at a time: some milliseconds of work. */
const ROWS_PER_WRITE = 2000;
/** Values with a longer body are decoded and stored step by step. */
const LONG_BYTES = 1 << 20;
/** Steps of 512 elements, or of some parts, in one go: some 20 ms. */
const STEPS_PER_CALL = 12;
const PARTS_PER_STEP = 128;

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
  /** Rows that are being gathered, all of one database, and about how many bytes they are. */
  #changes: Change[] = [];
  #changesBytes = 0;
  #changesDb = 0;
  /** A sorted run of rows, and how many of them are written. */
  #run: { readonly space: number; readonly rows: readonly Change[] } | undefined;
  #runAt = 0;
  /** Bytes of RDB taken in, and keys stored. */
  byteCount = 0;
  keyCount = 0;
  isComplete = false;
  /** A very long value that is being stored. */
  #long: Generator<undefined, void, undefined> | undefined;
  /** Database selected in the stream at the snapshot's offset, from its aux fields. */
  streamDb = 0;

  constructor(store: Store, { keyspace, functions }: Pick<Engine, "keyspace" | "functions">) {
    this.#store = store;
    this.#keyspace = keyspace;
    this.#functions = functions;
  }

  /** Spaces that must not be collected meanwhile. */
  get spaces(): number[] {
    return [...this.#databases.values()].map((staged) => staged.space);
  }

  /**
   * Takes RDB bytes in any split; throws LoadError or RdbError when they cannot be used. A very long value
   * may leave it `isBusy`: then `work` goes on, with no new bytes or before them.
   */
  push(bytes: string): void {
    this.byteCount += bytes.length;
    this.#rdb.push(bytes);
    this.work();
  }

  get isBusy(): boolean {
    return this.#long !== undefined;
  }

  /** Goes on with what has come, as far as it should be done in one go. */
  work(): void {
    for (let left = STEPS_PER_CALL; this.#long !== undefined; left--) {
      if (left === 0) return;
      if (this.#long.next().done === true) this.#long = undefined;
    }
    const { keyCount } = this;
    for (;;) {
      const record = this.#long === undefined ? this.#rdb.next() : undefined;
      if (record === undefined) break;
      if (record.kind === "key") {
        if (!canDecode(record.type)) throw new LoadError(`RDB type ${record.type} of a key`);
        if (!isEmptyCollection(record.type, record.body)) this.#stage(record.db, record);
      } else if (record.kind === "aux" && record.name === "repl-stream-db") {
        this.streamDb = Number(record.value) || 0;
      } else if (record.kind === "function") {
        this.#takeFunction(record.code);
      } else if (record.kind === "end") {
        this.isComplete = true;
        break;
      }
    }
    if (this.isComplete) this.#writeAll();
    // Twice as fast as they come, so that a run is written before the next one is gathered.
    else this.#writeSome(Math.max(ROWS_PER_WRITE, 2 * (this.keyCount - keyCount)));
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

  #stage(
    db: number,
    record: { name: string; type: number; body: string; expiresAtMs: number },
  ): void {
    if (db >= DATABASE_COUNT) throw new LoadError(`database ${db} is out of range`);
    if (db !== this.#changesDb) this.#writeAll();
    this.#changesDb = db;
    if (this.#changesBytes >= RUN_BYTES) this.#endRun();
    this.#changesBytes += ENTRY_BYTES + record.name.length + record.body.length;
    let staged = this.#databases.get(db);
    if (staged === undefined) {
      staged = { space: this.#keyspace.reserveSpace(), ...EMPTY_SPACE };
      this.#databases.set(db, staged);
    }
    staged.keyCount++;
    this.keyCount++;
    if (record.expiresAtMs !== 0) staged.expireCount++;
    staged.dataBytes += ENTRY_BYTES + record.name.length;
    const key = { ...record, hash: keyHash(record.name) };
    if (record.body.length <= PART_BYTES_MAX || record.type === 0) {
      staged.dataBytes += this.#byteCountOf(record);
      if (hasExpiringElements(record.type)) staged.elementExpireCount++;
      pushRows(key, this.#changes);
      return;
    }
    const storing = this.#storeParts(staged, key);
    if (record.body.length > LONG_BYTES) this.#long = storing;
    else while (storing.next().done !== true);
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
    pushRows({ ...key, ...stored }, this.#changes);
  }

  /** What was gathered is the run that is written now, behind the rest of the one before. */
  #endRun(): void {
    this.#writeSome(Number.POSITIVE_INFINITY);
    const staged = this.#databases.get(this.#changesDb);
    if (staged === undefined || this.#changes.length === 0) return;
    const rows = this.#changes.toSorted((a, b) => hashOf(a) - hashOf(b));
    this.#run = { space: staged.space, rows };
    this.#runAt = 0;
    this.#changes = [];
    this.#changesBytes = 0;
  }

  /** Goes on with the run, by so many rows. */
  #writeSome(rowsMax: number): void {
    for (let left = rowsMax; left > 0 && this.#run !== undefined; left -= ROWS_PER_WRITE) {
      const { space, rows } = this.#run;
      const end = this.#runAt + ROWS_PER_WRITE;
      this.#store.write(space, rows.slice(this.#runAt, end));
      this.#runAt = end;
      if (end >= rows.length) this.#run = undefined;
    }
  }

  #writeAll(): void {
    this.#endRun();
    this.#writeSome(Number.POSITIVE_INFINITY);
  }
}

function hashOf(change: Change): number {
  return change.kind === "head" ? change.row.hash : change.key.hash;
}
