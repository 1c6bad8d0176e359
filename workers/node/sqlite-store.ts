/** The store in a Durable Object's SQLite. Log and rows have a file each; here is how they go together. */
import { assert } from "../../shared/base/assert.ts";
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { CHILD_SPACES, ownerOf } from "../../shared/engine/space.ts";
import {
  type Change,
  type Garbage,
  type KeyRef,
  type KeyRow,
  PINNED_BYTES_MAX,
  type Row,
  type Store,
} from "../../shared/engine/store.ts";
import { migrate } from "./schema.ts";
import { Sql } from "./sql.ts";
import { SqliteLog } from "./sqlite-log.ts";
import { idOf, isTombstone, OR_REPLACE, placeOf, SqliteRows } from "./sqlite-rows.ts";

const MERGE_END = `SELECT space, hash, name, piece FROM overlay
  ORDER BY space, hash, name, piece LIMIT 1 OFFSET ?`;
const UP_TO = `(space, hash, name, piece) <= (?1, ?2, ?3, ?4)`;
const MERGE_PUT = `INSERT INTO base SELECT * FROM overlay WHERE ${UP_TO} AND type <> -1
  ${OR_REPLACE}`;
const MERGE_REMOVE = `DELETE FROM base WHERE (space, hash, name, piece) IN
  (SELECT space, hash, name, piece FROM overlay WHERE ${UP_TO} AND type = -1)`;
const MERGE_CLEAR = `DELETE FROM overlay WHERE ${UP_TO}`;
/** Behind every row. */
const LAST_PLACE = [Number.MAX_SAFE_INTEGER, 0, "", 0] as const;

const META = `SELECT value FROM meta WHERE name = ?`;
const SET_META = `INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)`;
const REMOVE_META = `DELETE FROM meta WHERE name = ?`;

const STAGE = `INSERT INTO staged (bytes) VALUES (?)`;
const FIRST_STAGED = `SELECT bytes FROM staged ORDER BY id LIMIT 1`;
const UNSTAGE = `DELETE FROM staged WHERE id IN (SELECT id FROM staged ORDER BY id LIMIT ?)`;
const UNSTAGE_ALL = `DELETE FROM staged`;

const PUT_CHUNK = `INSERT INTO chunk (id, bytes) VALUES (?, ?)`;
const CHUNK = `SELECT bytes FROM chunk WHERE id = ?`;
const DROP_CHUNK = `DELETE FROM chunk WHERE id = ?`;
const DROP_CHUNKS = `DELETE FROM chunk WHERE id IN
  (SELECT id FROM chunk WHERE id < ? ORDER BY id LIMIT ?)`;
const CHUNK_MAX = `SELECT max(id) FROM chunk`;

const MERGE_ROWS = 1000;

export class SqliteStore implements Store {
  readonly #storage: DurableObjectStorage;
  /** For those who keep tables of their own beside ours. */
  readonly sql: Sql;
  readonly #log: SqliteLog;
  readonly #base: SqliteRows;
  readonly #overlay: SqliteRows;
  #isPinned = false;
  /** False only when the overlay is known to be empty, as it nearly always is. */
  #isOverlaid: boolean;

  /** Opens the store of an object, new or not. A store made before over the same storage is dead. */
  constructor(storage: DurableObjectStorage) {
    migrate(storage);
    this.#storage = storage;
    this.sql = new Sql(storage.sql);
    this.#log = new SqliteLog(this.sql);
    this.#base = new SqliteRows(this.sql, "base");
    this.#overlay = new SqliteRows(this.sql, "overlay");
    this.#isOverlaid = !this.#overlay.isEmpty;
  }

  transaction<T>(work: () => T): T {
    const isPinned = this.#isPinned;
    const log = this.#log.mark();
    try {
      return this.#storage.transactionSync(work);
    } catch (error) {
      this.#isPinned = isPinned;
      this.#isOverlaid = !this.#overlay.isEmpty;
      this.#log.restore(log);
      throw error;
    }
  }

  meta(name: string): string | undefined {
    return this.sql.rows<[string]>(META, name)[0]?.[0];
  }

  setMeta(name: string, value: string | undefined): void {
    if (value === undefined) this.sql.change(REMOVE_META, name);
    else this.sql.change(SET_META, name, value);
  }

  get logStart(): number {
    return this.#log.start;
  }

  get logEnd(): number {
    return this.#log.end;
  }

  appendLog(bytes: Uint8Array): void {
    if (this.#log.fitsOneRow(bytes.length)) this.#log.append(bytes);
    else this.transaction(() => this.#log.append(bytes));
  }

  readLog(offset: number, countMax: number): Uint8Array {
    return this.#log.read(offset, countMax);
  }

  trimLog(offset: number): void {
    this.#log.trim(offset);
  }

  resetLog(offset: number): void {
    this.#log.reset(offset);
  }

  load(space: number, keys: readonly KeyRef[]): (Row | undefined)[] {
    return this.#find(keys, (rows, wanted) => rows.load(space, wanted));
  }

  loadShort(space: number, keys: readonly KeyRef[]): (Row | "long" | undefined)[] {
    return this.#find(keys, (rows, wanted) => rows.loadShort(space, wanted));
  }

  /** What is asked for, from the overlay where that knows better. */
  #find<T>(
    keys: readonly KeyRef[],
    load: (rows: SqliteRows, keys: readonly KeyRef[]) => Map<string | number, T | "gone">,
  ): (T | undefined)[] {
    const above = this.#isOverlaid ? load(this.#overlay, keys) : undefined;
    const rest = above === undefined ? keys : keys.filter((key) => !above.has(idOf(key)));
    const below = load(this.#base, rest);
    return keys.map((key) => {
      const id = idOf(key);
      const row = above?.get(id) ?? below.get(id);
      return row === "gone" ? undefined : row;
    });
  }

  loadPieces(space: number, key: KeyRef, range: { from: number; to: number }): string[] {
    return piecesOf(range, (piece) => {
      const above = this.#isOverlaid ? this.#overlay.piece(space, key, piece) : undefined;
      return above ?? this.#base.piece(space, key, piece);
    });
  }

  keys(space: number, hashFrom: number, countMax: number): KeyRow[] {
    assert(countMax >= 1, "asks for at least a key");
    if (!this.#isOverlaid) return this.#base.page(space, hashFrom, countMax);
    const found: KeyRow[] = [];
    for (let from: number | undefined = hashFrom; from !== undefined && found.length < countMax;) {
      const above = this.#overlay.page(space, from, countMax);
      const below = this.#base.page(space, from, countMax);
      // Both are whole up to here: what lies behind may lack rows of the one that ended first.
      const end: number = Math.min(lastHashOf(above, countMax), lastHashOf(below, countMax));
      for (const row of merged(above, below)) {
        if (row.hash > end) break;
        const isFull = found.length >= countMax && found.at(-1)!.hash !== row.hash;
        if (isFull) return found;
        if (!isTombstone(row)) found.push(row);
      }
      from = end === Infinity ? undefined : end + 1;
    }
    return found;
  }

  write(space: number, changes: readonly Change[]): void {
    if (changes.length === 0) return;
    if (this.#isPinned) {
      this.#isOverlaid = true;
      this.#overlay.put(space, changes);
      return;
    }
    const kept = changes.filter((change) => change.kind !== "delete");
    this.#base.put(space, kept);
    if (kept.length < changes.length) {
      const gone = changes.filter((change) => change.kind === "delete");
      this.#base.remove(space, gone.map(placeOf));
    }
    // What an earlier pin left above would hide these newer rows.
    if (this.#isOverlaid) this.#overlay.remove(space, changes.map(placeOf));
  }

  stage(bytes: string): void {
    this.sql.change(STAGE, fromBinary(bytes));
  }

  firstStaged(): string | undefined {
    const [row] = this.sql.rows<[ArrayBuffer]>(FIRST_STAGED);
    return row && toBinary(new Uint8Array(row[0]));
  }

  unstage(count: number): void {
    if (count === Number.POSITIVE_INFINITY) this.sql.change(UNSTAGE_ALL);
    else this.sql.change(UNSTAGE, count);
  }

  putChunk(id: number, bytes: Uint8Array): void {
    this.sql.change(PUT_CHUNK, id, bytes);
  }

  chunk(id: number): Uint8Array {
    const [row] = this.sql.rows<[ArrayBuffer]>(CHUNK, id);
    assert(row !== undefined, "a chunk is there");
    return new Uint8Array(row[0]);
  }

  dropChunk(id: number): void {
    this.sql.change(DROP_CHUNK, id);
  }

  dropChunks(below: number, countMax: number): boolean {
    return this.sql.change(DROP_CHUNKS, below, countMax) < countMax;
  }

  get chunkMax(): number {
    return this.sql.rows<[number | null]>(CHUNK_MAX)[0]?.[0] ?? 0;
  }

  pin(): void {
    assert(!this.#isPinned, "pins once");
    while (!this.merge(MERGE_ROWS));
    this.#isPinned = true;
  }

  unpin(): void {
    assert(this.#isPinned, "unpins what is pinned");
    this.#isPinned = false;
  }

  get isPinned(): boolean {
    return this.#isPinned;
  }

  pinnedRows(
    space: number,
    after: KeyRef | undefined,
    countMax: number,
    bytesMax = PINNED_BYTES_MAX,
  ): Row[] {
    assert(this.#isPinned, "reads a pinned base");
    const rows: Row[] = [];
    let byteCount = 0;
    for (const [row, stored] of this.#base.slice(space, after, countMax)) {
      if (byteCount >= bytesMax) break;
      const value = stored ?? this.pinnedPieces(space, row)[0]!;
      rows.push({ ...row, value });
      byteCount += value.length;
    }
    return rows;
  }

  pinnedPieces(space: number, key: KeyRef, range = { from: 0, to: 1 }): string[] {
    assert(this.#isPinned, "reads a pinned base");
    return piecesOf(range, (piece) => this.#base.piece(space, key, piece));
  }

  merge(rowsMax: number): boolean {
    assert(!this.#isPinned, "merges into a base that is not pinned");
    if (!this.#isOverlaid) return true;
    this.transaction(() => {
      const [end = LAST_PLACE] = this.sql.rows<[number, number, string, number]>(
        MERGE_END,
        rowsMax - 1,
      );
      for (const text of [MERGE_PUT, MERGE_REMOVE, MERGE_CLEAR]) this.sql.change(text, ...end);
    });
    this.#isOverlaid = !this.#overlay.isEmpty;
    return !this.#isOverlaid;
  }

  collect({ live, dead }: Garbage, rowsMax: number): boolean {
    assert(!this.#isPinned, "collects while nothing is pinned");
    let left = rowsMax;
    for (const table of [this.#overlay, this.#base]) {
      for (const space of dead) {
        if (left <= 0) return false;
        left -= table.removeSome(space, left);
      }
      let space = table.spaceAfter(-1);
      while (space !== undefined) {
        if (live.has(space) || live.has(ownerOf(space))) {
          // Its children stand behind it; those that are dead were named.
          space = table.spaceAfter(space === ownerOf(space) ? space + CHILD_SPACES - 1 : space);
          continue;
        }
        if (left <= 0) return false;
        left -= table.removeSome(space, left);
        space = table.spaceAfter(space - 1);
      }
    }
    return true;
  }

  get spaceMax(): number {
    return Math.max(this.#base.spaceMax, this.#overlay.spaceMax);
  }

  get byteCount(): number {
    return this.sql.byteCount;
  }

  get rowsWritten(): number {
    return this.sql.rowsWritten;
  }
}

function piecesOf(
  range: { from: number; to: number },
  find: (piece: number) => { value: string } | "gone" | undefined,
): string[] {
  const pieces: string[] = [];
  for (let piece = range.from; piece < range.to; piece++) {
    const found = find(piece);
    assert(found !== undefined && found !== "gone", "a value has all its pieces");
    pieces.push(found.value);
  }
  return pieces;
}

function lastHashOf(page: readonly KeyRow[], countMax: number): number {
  return page.length < countMax ? Infinity : page.at(-1)!.hash;
}

/** Both pages as one, in order; where both have a key, the one above counts. */
function merged(above: readonly KeyRow[], below: readonly KeyRow[]): KeyRow[] {
  const rows: KeyRow[] = [];
  let at = 0;
  for (const row of below) {
    while (at < above.length && isBefore(above[at]!, row)) rows.push(above[at++]!);
    const over = above[at];
    if (over?.hash === row.hash && over.name === row.name) {
      rows.push(over);
      at++;
    } else rows.push(row);
  }
  return [...rows, ...above.slice(at)];
}

function isBefore(a: KeyRef, b: KeyRef): boolean {
  return a.hash < b.hash || (a.hash === b.hash && a.name < b.name);
}
