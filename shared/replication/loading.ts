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
  partChanges,
  pushRows,
} from "../engine/checkpoint.ts";
import { DATABASE_COUNT, type Keyspace } from "../engine/keyspace.ts";
import type { Change, Store } from "../engine/store.ts";
import { EMPTY_SPACE, ENTRY_BYTES, type SpaceFacts } from "../engine/space.ts";
import { canDecode, decodeValue, encodeHead } from "../rdb/codec.ts";
import { hasExpiringElements, PARTED } from "../rdb/format.ts";
import { RdbLoader } from "../rdb/loader.ts";
import { PART_BYTES_MAX } from "../types/parts.ts";
import { type History, saveHistory } from "./position.ts";

/** The snapshot holds what we cannot keep; nothing of it is used. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

const ROWS_PER_WRITE = 500;

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
  #changes: Change[] = [];
  #changesDb = 0;
  /** Bytes of RDB taken in, and keys stored. */
  byteCount = 0;
  keyCount = 0;
  isComplete = false;
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

  /** Takes RDB bytes in any split; throws LoadError or RdbError when they cannot be used. */
  push(bytes: string): void {
    this.byteCount += bytes.length;
    this.#rdb.push(bytes);
    for (;;) {
      const record = this.#rdb.next();
      if (record === undefined) break;
      if (record.kind === "key") {
        if (!canDecode(record.type)) throw new LoadError(`RDB type ${record.type} of a key`);
        this.#stage(record.db, record);
      } else if (record.kind === "aux" && record.name === "repl-stream-db") {
        this.streamDb = Number(record.value) || 0;
      } else if (record.kind === "function") {
        this.#takeFunction(record.code);
      } else if (record.kind === "end") {
        this.isComplete = true;
        break;
      }
    }
    if (this.#changes.length > 0) this.#write();
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
    if (db !== this.#changesDb || this.#changes.length >= ROWS_PER_WRITE) this.#write();
    this.#changesDb = db;
    let staged = this.#databases.get(db);
    if (staged === undefined) {
      staged = { space: this.#keyspace.reserveSpace(), ...EMPTY_SPACE };
      this.#databases.set(db, staged);
    }
    staged.keyCount++;
    this.keyCount++;
    if (record.expiresAtMs !== 0) staged.expireCount++;
    staged.dataBytes += ENTRY_BYTES + record.name.length + record.body.length;
    const key = { ...record, hash: keyHash(record.name) };
    const isLong = record.body.length > PART_BYTES_MAX && record.type !== 0;
    const parted = isLong ? this.#stageParts(staged, record) : undefined;
    if (hasExpiringElements(parted?.type ?? record.type)) staged.elementExpireCount++;
    pushRows({ ...key, ...parted }, this.#changes);
  }

  /** Writes a long value part by part; what is to stand beside its key, unless it is a single part. */
  #stageParts(
    staged: StagedDatabase,
    record: { type: number; body: string },
  ): { type: number; body: string } | undefined {
    const value = decodeValue(record.type, record.body, this.#keyspace.limits);
    if (typeof value === "string" || !isInParts(value)) return undefined;
    value.parts.unstored();
    value.parts.space = staged.space + staged.nextChild++;
    this.#store.write(value.parts.space, partChanges(value));
    const { type, body } = encodeHead(value);
    return { type: type | PARTED, body };
  }

  #write(): void {
    const staged = this.#databases.get(this.#changesDb);
    if (staged !== undefined && this.#changes.length > 0) {
      this.#store.write(staged.space, this.#changes);
    }
    this.#changes = [];
  }
}
