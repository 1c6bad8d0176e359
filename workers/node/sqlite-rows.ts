/**
 * Rows of the base and of the overlay, as SQL. The two tables have one shape; in the overlay a row of
 * type -1 is a tombstone.
 *
 * Many rows go in as one parameter, because binding is what costs: five parameters a row take 3.5 µs, a
 * JSON text of a hundred rows 1.9–2.3 a row, and as JSONB (plain-rows.ts) a tenth to a fifth less (workerd
 * 1.20261117.1). Short values are TEXT for the same reason: a BLOB must be made, bound and copied, and loads
 * take twice as long. Long values are BLOBs, which unlike TEXT take no second byte for what is above 127.
 *
 * Long values stand in a table of their own, by a number that stands in their place. In a table without
 * rowid the rows are the inner nodes too, and SQLite reads a row whole, its overflow pages as well, to compare
 * its key: with values of 1 KB each look-up read twenty pages. A long value costs a second billed row when
 * it is new, and one when it is replaced by another.
 * JSON, TEXT and the primary key hold every byte from 0 on; the contract suite checks it.
 */
import { assert } from "../../shared/base/assert.ts";
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import {
  type Change,
  type KeyRef,
  type KeyRow,
  type Row,
  SHORT_VALUE_BYTES,
} from "../../shared/engine/store.ts";
import { BATCH_BYTES, BATCH_ROWS, encodePlain, fitsInline, isPlain } from "./plain-rows.ts";
import type { Sql } from "./sql.ts";

/** A row ends at 2 MB in production (not in local workerd, so it is checked here). */
const ROW_BYTES_MAX = 2_000_000;
const LOAD_KEYS = 1000;
const TOMBSTONE = -1;

/** A short head in one piece that expires; batched by type, as the plain ones are. */
type Expiring = readonly [hash: number, name: string, value: string, expires: number];
type Other = readonly [
  hash: number,
  name: string,
  piece: number,
  type: number,
  expires: number,
  pieces: number,
  value: string | null,
];
export type Place = readonly [hash: number, name: string, piece: number];
type HeadTuple = [hash: number, name: string, type: number, expires: number, pieces: number];
export type StoredValue = string | ArrayBuffer;

export function toText(value: StoredValue): string {
  return typeof value === "string" ? value : toBinary(new Uint8Array(value));
}

/** Behind an INSERT: REPLACE would not fire the triggers which let long values go. */
export const OR_REPLACE = `ON CONFLICT (space, hash, name, piece) DO UPDATE SET
  type = excluded.type, expires = excluded.expires, pieces = excluded.pieces, value = excluded.value`;

function statements(table: "base" | "overlay") {
  const into = `INSERT INTO ${table} (space, hash, name, piece, type, expires, pieces, value)`;
  const fromJson = (parameter: string): string =>
    `FROM json_each(${parameter}) WHERE true ${OR_REPLACE}`;
  const head = `hash, name, type, expires, pieces`;
  const value = `iif(typeof(value) = 'integer',
    (SELECT bytes FROM long_values WHERE id = ${table}.value), value)`;
  // Of a BLOB only the length is read.
  const short = `CASE typeof(value)
    WHEN 'integer' THEN (SELECT bytes FROM long_values
      WHERE id = ${table}.value AND length(bytes) <= ${SHORT_VALUE_BYTES})
    WHEN 'blob' THEN iif(length(value) <= ${SHORT_VALUE_BYTES}, value, NULL)
    ELSE value END`;
  const here = `space = ?1 AND hash = ?2 AND name = ?3 AND piece = ?4`;
  return {
    putPlain: `${into} SELECT ?1, CAST(value AS INTEGER), key, 0, ?2, 0, 1,
      CAST(substr(CAST(value AS BLOB), instr(value, ':') + 1) AS TEXT) ${fromJson("?3")}`,
    putExpiring: `${into} SELECT ?1, value->>0, value->>1, 0, ?2, value->>3, 1, value->>2
      ${fromJson("?3")}`,
    putOther: `${into} SELECT ?1, value->>0, value->>1, value->>2, value->>3, value->>4,
      value->>5, value->>6 ${fromJson("?2")}`,
    putOne: `${into} VALUES (?, ?, ?, ?, ?, ?, ?, ?) ${OR_REPLACE}`,
    replaceLong: `UPDATE long_values SET bytes = ?5
      WHERE id = (SELECT value FROM ${table} WHERE ${here} AND typeof(value) = 'integer')`,
    replaceHead: `UPDATE ${table} SET type = ?5, expires = ?6, pieces = ?7
      WHERE ${here} AND (type, expires, pieces) <> (?5, ?6, ?7)`,
    addLong: `INSERT INTO long_values (bytes) VALUES (?)`,
    addHead: `${into} VALUES (?, ?, ?, ?, ?, ?, ?, last_insert_rowid()) ${OR_REPLACE}`,
    remove: `DELETE FROM ${table} WHERE (space, hash, name, piece) IN
      (SELECT ?1, value->>0, value->>1, value->>2 FROM json_each(?2))`,
    loadOne: `SELECT ${head}, ${value} FROM ${table}
      WHERE space = ? AND hash = ? AND name = ? AND piece = 0`,
    load: `SELECT ${head}, ${value} FROM ${table}
      WHERE space = ? AND hash IN (SELECT value FROM json_each(?)) AND piece = 0`,
    loadShort: `SELECT ${head}, ${short} FROM ${table}
      WHERE space = ? AND hash IN (SELECT value FROM json_each(?)) AND piece = 0`,
    piece: `SELECT type, ${value} FROM ${table}
      WHERE space = ? AND hash = ? AND name = ? AND piece = ?`,
    page: `SELECT ${head} FROM ${table}
      WHERE space = ? AND hash >= ? AND piece = 0 ORDER BY hash, name LIMIT ?`,
    restOfHash: `SELECT ${head} FROM ${table}
      WHERE space = ? AND hash = ? AND name > ? AND piece = 0 ORDER BY name`,
    // Long values do not come: how many of them fit is seen before they are read.
    slice: `SELECT ${head}, ${short} FROM ${table}
      WHERE space = ? AND (hash, name) > (?, ?) AND piece = 0 ORDER BY hash, name LIMIT ?`,
    any: `SELECT 1 FROM ${table} LIMIT 1`,
    spaceMax: `SELECT max(space) FROM ${table}`,
    spaceAfter: `SELECT min(space) FROM ${table} WHERE space > ?`,
    nthOfSpace: `SELECT hash, name, piece FROM ${table}
      WHERE space = ? ORDER BY hash, name, piece LIMIT 1 OFFSET ?`,
    removeUpTo: `DELETE FROM ${table} WHERE space = ? AND (hash, name, piece) <= (?, ?, ?)`,
    removeSpace: `DELETE FROM ${table} WHERE space = ?`,
  } as const;
}

export class SqliteRows {
  readonly #sql: Sql;
  readonly #text: ReturnType<typeof statements>;

  constructor(sql: Sql, table: "base" | "overlay") {
    this.#sql = sql;
    this.#text = statements(table);
  }

  /** Writes heads and pieces; deletions become tombstones, or none are among them. */
  put(space: number, changes: readonly Change[]): void {
    const plain = new Batches<Row>((type, rows) => {
      this.#sql.change(this.#text.putPlain, space, type, encodePlain(rows));
    });
    const expiring = new Batches<Expiring>((type, rows) => {
      this.#sql.change(this.#text.putExpiring, space, type, JSON.stringify(rows));
    });
    const other = new Batch<Other>((rows) => {
      this.#sql.change(this.#text.putOther, space, JSON.stringify(rows));
    });
    for (const change of changes) {
      if (change.kind === "head" && isPlain(change.row)) {
        const { row } = change;
        checkPlace(row);
        assert(row.type >= 0, "a head is in range");
        plain.of(row.type).add(row, row.name.length + row.value.length);
        continue;
      }
      const row = tupleOf(change);
      const [hash, name, piece, type, expires, pieces, value] = row;
      const byteCount = name.length + (value?.length ?? 0);
      if (!fitsInline(name, value ?? "")) this.#putLong(space, row);
      else if (value === null || piece !== 0 || pieces !== 1) other.add(row, byteCount);
      else expiring.of(type).add([hash, name, value, expires], byteCount);
    }
    plain.flush();
    expiring.flush();
    other.flush();
  }

  #putLong(space: number, [hash, name, piece, type, expires, pieces, value]: Other): void {
    // A name is TEXT: two bytes for what is above 127.
    assert(2 * name.length + (value?.length ?? 0) <= ROW_BYTES_MAX, "a row has at most 2 MB");
    const place = [space, hash, name, piece] as const;
    const head = [type, expires, pieces] as const;
    const text = this.#text;
    if (value === null) {
      this.#sql.change(text.putOne, ...place, ...head, null);
      return;
    }
    const bytes = fromBinary(value);
    if (this.#sql.change(text.replaceLong, ...place, bytes) > 0) {
      this.#sql.change(text.replaceHead, ...place, ...head);
      return;
    }
    this.#sql.change(text.addLong, bytes);
    this.#sql.change(text.addHead, ...place, ...head);
  }

  remove(space: number, places: readonly Place[]): void {
    const batch = new Batch<Place>((rows) => {
      this.#sql.change(this.#text.remove, space, JSON.stringify(rows));
    });
    for (const place of places) batch.add(place, place[1].length);
    batch.flush();
  }

  /** Finds heads; undefined where there is no row, "gone" where there is a tombstone. */
  load(space: number, keys: readonly KeyRef[]): Map<string | number, Row | "gone"> {
    const found = new Map<string | number, Row | "gone">();
    for (const tuple of this.#tuples(space, keys)) {
      found.set(idOf(keyRowOf(tuple)), rowOf(tuple, tuple[5]));
    }
    return found;
  }

  /** The same; "long" where the value is. */
  loadShort(space: number, keys: readonly KeyRef[]): Map<string | number, Row | "long" | "gone"> {
    const found = new Map<string | number, Row | "long" | "gone">();
    for (const tuple of this.#many<StoredValue | null>(this.#text.loadShort, space, keys)) {
      const isLong = tuple[5] === null && tuple[2] !== TOMBSTONE;
      found.set(idOf(keyRowOf(tuple)), isLong ? "long" : rowOf(tuple, tuple[5]!));
    }
    return found;
  }

  #tuples(space: number, keys: readonly KeyRef[]): [...HeadTuple, StoredValue][] {
    const [first] = keys;
    if (first === undefined) return [];
    if (keys.length === 1) return this.#sql.rows(this.#text.loadOne, space, first.hash, first.name);
    return this.#many(this.#text.load, space, keys);
  }

  #many<V extends StoredValue | null>(
    text: string,
    space: number,
    keys: readonly KeyRef[],
  ): [...HeadTuple, V][] {
    const tuples: [...HeadTuple, V][] = [];
    for (let from = 0; from < keys.length; from += LOAD_KEYS) {
      const hashes = keys.slice(from, from + LOAD_KEYS).map((key) => key.hash);
      const some = this.#sql.rows<[...HeadTuple, V]>(text, space, JSON.stringify(hashes));
      for (const tuple of some) tuples.push(tuple);
    }
    return tuples;
  }

  /** One piece of a value; undefined where there is no row, "gone" where there is a tombstone. */
  piece(space: number, key: KeyRef, piece: number): { value: string } | "gone" | undefined {
    const { hash, name } = key;
    const [row] = this.#sql.rows<[number, StoredValue]>(this.#text.piece, space, hash, name, piece);
    if (row === undefined) return undefined;
    return row[0] === TOMBSTONE ? "gone" : { value: toText(row[1]) };
  }

  /** Heads from a hash on, tombstones included; see `Store.keys` for where they end. */
  page(space: number, hashFrom: number, countMax: number): KeyRow[] {
    const rows = this.#sql.rows<HeadTuple>(this.#text.page, space, hashFrom, countMax + 1);
    if (rows.length > countMax) {
      const [hash, name] = rows[countMax]!;
      if (hash !== rows[countMax - 1]![0]) rows.pop();
      else rows.push(...this.#sql.rows<HeadTuple>(this.#text.restOfHash, space, hash, name));
    }
    return rows.map(keyRowOf);
  }

  /** Heads behind a key; undefined in place of a long value. */
  slice(
    space: number,
    after: KeyRef | undefined,
    countMax: number,
  ): [KeyRow, string | undefined][] {
    const { hash, name } = after ?? { hash: -1, name: "" };
    const rows = this.#sql.rows<[...HeadTuple, StoredValue | null]>(
      this.#text.slice,
      space,
      hash,
      name,
      countMax,
    );
    return rows.map((row) => [keyRowOf(row), row[5] === null ? undefined : toText(row[5])]);
  }

  get isEmpty(): boolean {
    return this.#sql.rows(this.#text.any).length === 0;
  }

  get spaceMax(): number {
    return this.#sql.rows<[number | null]>(this.#text.spaceMax)[0]?.[0] ?? 0;
  }

  /** The lowest space above `space` that has rows. */
  spaceAfter(space: number): number | undefined {
    return this.#sql.rows<[number | null]>(this.#text.spaceAfter, space)[0]?.[0] ?? undefined;
  }

  /** Deletes at most `rowsMax` (1 or more) rows of a space; returns how many. */
  removeSome(space: number, rowsMax: number): number {
    const [place] = this.#sql.rows<[number, string, number]>(
      this.#text.nthOfSpace,
      space,
      rowsMax - 1,
    );
    if (place === undefined) return this.#sql.change(this.#text.removeSpace, space);
    return this.#sql.change(this.#text.removeUpTo, space, ...place);
  }
}

/** Gathers rows and hands them on whenever there are enough. */
class Batch<T> {
  readonly #send: (rows: readonly T[]) => void;
  #rows: T[] = [];
  #byteCount = 0;

  constructor(send: (rows: readonly T[]) => void) {
    this.#send = send;
  }

  add(row: T, byteCount: number): void {
    if (this.#rows.length > 0 && this.#byteCount + byteCount > BATCH_BYTES) this.flush();
    this.#rows.push(row);
    this.#byteCount += byteCount;
    if (this.#rows.length === BATCH_ROWS) this.flush();
  }

  flush(): void {
    if (this.#rows.length === 0) return;
    this.#send(this.#rows);
    this.#rows = [];
    this.#byteCount = 0;
  }
}

/** One batch for each type of value. */
class Batches<T> {
  readonly #send: (type: number, rows: readonly T[]) => void;
  readonly #byType = new Map<number, Batch<T>>();

  constructor(send: (type: number, rows: readonly T[]) => void) {
    this.#send = send;
  }

  of(type: number): Batch<T> {
    let batch = this.#byType.get(type);
    if (batch === undefined) {
      batch = new Batch((rows) => this.#send(type, rows));
      this.#byType.set(type, batch);
    }
    return batch;
  }

  flush(): void {
    for (const batch of this.#byType.values()) batch.flush();
  }
}

/** Tells keys of one space apart: by name, or, like the parts of a value, by a number alone. */
export function idOf({ hash, name }: KeyRef): string | number {
  return name === "" ? hash : name;
}

export function placeOf(change: Change): Place {
  if (change.kind === "head") return [change.row.hash, change.row.name, 0];
  return [change.key.hash, change.key.name, change.piece];
}

function checkPlace({ hash }: KeyRef): void {
  assert(Number.isSafeInteger(hash) && hash >= 0, "a hash is an integer");
}

function tupleOf(change: Change): Other {
  checkPlace(change.kind === "head" ? change.row : change.key);
  if (change.kind === "head") {
    const { hash, name, type, expiresAtMs, pieces, value } = change.row;
    // A time may lie beyond 2^53, rounded as numbers are there; it is an int64 all the same.
    const isTime = Number.isInteger(expiresAtMs) && expiresAtMs >= 0 && expiresAtMs < 2 ** 63;
    assert(type >= 0 && pieces >= 1 && isTime, "a head is in range");
    return [hash, name, 0, type, expiresAtMs, pieces, value];
  }
  const { hash, name } = change.key;
  if (change.kind === "delete") return [hash, name, change.piece, TOMBSTONE, 0, 0, null];
  assert(change.piece >= 1, "a piece is a further one");
  return [hash, name, change.piece, 0, 0, 0, change.value];
}

function keyRowOf([hash, name, type, expiresAtMs, pieces]: readonly [
  ...HeadTuple,
  ...unknown[],
]): KeyRow {
  return { hash, name, type, expiresAtMs, pieces };
}

function rowOf(tuple: readonly [...HeadTuple, ...unknown[]], value: StoredValue): Row | "gone" {
  const row = keyRowOf(tuple);
  return isTombstone(row) ? "gone" : { ...row, value: toText(value) };
}

/** Whether a row of `page` only hides one of the base. */
export function isTombstone(row: KeyRow): boolean {
  return row.type === TOMBSTONE;
}
