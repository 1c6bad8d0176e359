/**
 * The log in SQLite: rows in slots that are overwritten, because a DELETE is billed like an insert.
 *
 * What a restart finds is exact, though trimming writes nothing, by these invariants:
 *  - A row belongs to a generation; `reset` starts the next one, in the same transaction as all that
 *    goes with it. Rows of other generations are free slots.
 *  - Within a generation bytes are only appended, and a row is only ever replaced by itself with more
 *    bytes behind, or, once it lies below `start`, by the row at the end. So rows never overlap, each
 *    holds what was appended at its offset, and the one that ends last ends where the log does.
 *  - Rows at or above `start` are all there. So the rows that join without a gap back from the end reach
 *    down to `start` at least. Below it they may be leftovers of a trim: right bytes, still, so they are
 *    held again. Whatever lies behind a gap is free.
 */
import { assert } from "../../shared/base/assert.ts";
import type { Sql } from "./sql.ts";

/** Small commits are gathered into one row until it has this many bytes; keeps the index small. */
const GATHER_BYTES = 4096;
/** No row is longer; a longer commit is split. Rows end at 2 MB. */
const ROW_BYTES_MAX = 1_000_000;
/** The end of the log kept in memory, so that followers are normally fed without SQL: at most … */
const RECENT_BYTES_MAX = 2_000_000;
/** … and what is left of it when it has grown so far. */
const RECENT_BYTES_KEPT = 1_000_000;

const PUT = `INSERT OR REPLACE INTO log (slot, generation, offset, bytes) VALUES (?, ?, ?, ?)`;
const INDEX = `SELECT slot, generation, offset, length(bytes) FROM log`;
const READ = `SELECT bytes FROM log WHERE slot = ?`;
const HEAD = `SELECT generation, start FROM log_head`;
const SET_HEAD = `INSERT OR REPLACE INTO log_head (id, generation, start) VALUES (1, ?, ?)`;

const EMPTY = new Uint8Array(0);

interface LogRow {
  readonly slot: number;
  readonly offset: number;
  length: number;
}

/** What `restore` needs to know of the time before a transaction. */
export interface LogMark {
  readonly changeCount: number;
  readonly start: number;
}

export class SqliteLog {
  readonly #sql: Sql;
  #generation = 0;
  /** Rows that hold the log, in order. */
  #rows: LogRow[] = [];
  #freeSlots: number[] = [];
  #slotMax = 0;
  #start = 0;
  #end = 0;
  /** The log from `#recentStart` to its end, in the first bytes of a larger array. */
  #recent = EMPTY;
  #recentStart = 0;
  #changeCount = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#open();
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** More than `fitsOneRow` bytes take several rows: not without a transaction. */
  append(bytes: Uint8Array): void {
    this.#changeCount++;
    let from = 0;
    while (from < bytes.length) from += this.#appendRow(bytes.subarray(from));
  }

  fitsOneRow(byteCount: number): boolean {
    return byteCount <= ROW_BYTES_MAX - GATHER_BYTES;
  }

  /** See `Store.readLog`. */
  read(offset: number, countMax: number): Uint8Array {
    assert(this.#start <= offset && offset <= this.#end, "reads what the log holds");
    assert(countMax >= 1, "reads at least a byte");
    if (offset === this.#end) return EMPTY;
    if (offset >= this.#recentStart) {
      const from = offset - this.#recentStart;
      return this.#recent.subarray(from, Math.min(from + countMax, this.#end - this.#recentStart));
    }
    const row = this.#rowAt(offset);
    const bytes = this.#bytesOf(row);
    const from = offset - row.offset;
    return bytes.subarray(from, Math.min(from + countMax, row.length));
  }

  /** Frees slots, in memory only: the invariants above make that enough. */
  trim(offset: number): void {
    assert(offset <= this.#end, "trims what the log holds");
    if (offset <= this.#start) return;
    this.#changeCount++;
    this.#start = offset;
    let count = 0;
    for (const row of this.#rows) {
      if (row.offset + row.length > offset) break;
      this.#freeSlots.push(row.slot);
      count++;
    }
    this.#rows.splice(0, count);
  }

  reset(offset: number): void {
    this.#changeCount++;
    this.#sql.change(SET_HEAD, ++this.#generation, offset);
    for (const row of this.#rows) this.#freeSlots.push(row.slot);
    this.#rows = [];
    this.#start = offset;
    this.#end = offset;
    this.#recent = EMPTY;
    this.#recentStart = offset;
  }

  mark(): LogMark {
    return { changeCount: this.#changeCount, start: this.#start };
  }

  /** After a transaction was rolled back: as it was at `mark`, once more from the tables. */
  restore(mark: LogMark): void {
    if (mark.changeCount === this.#changeCount) return;
    this.#open();
    this.trim(mark.start);
  }

  #open(): void {
    const [head] = this.#sql.rows<[generation: number, start: number]>(HEAD);
    assert(head !== undefined, "the log has a head");
    const [generation, start] = head;
    this.#generation = generation;
    this.#freeSlots = [];
    this.#slotMax = 0;
    const found: LogRow[] = [];
    for (const [slot, of, offset, length] of this.#sql.rows<[number, number, number, number]>(
      INDEX,
    )) {
      this.#slotMax = Math.max(this.#slotMax, slot);
      if (of === generation) found.push({ slot, offset, length });
      else this.#freeSlots.push(slot);
    }
    found.sort((a, b) => a.offset - b.offset);
    let first = Math.max(0, found.length - 1);
    while (first > 0 && endOf(found[first - 1]!) === found[first]!.offset) first--;
    for (const row of found.splice(0, first)) this.#freeSlots.push(row.slot);
    this.#rows = found;
    this.#start = found[0]?.offset ?? start;
    const last = found.at(-1);
    this.#end = last === undefined ? start : endOf(last);
    // The row that further commits are gathered into must be at hand.
    const isOpen = last !== undefined && last.length < GATHER_BYTES;
    this.#recent = isOpen ? this.#bytesOf(last) : EMPTY;
    this.#recentStart = isOpen ? last.offset : this.#end;
  }

  /** Writes as many bytes as go into one row, the last one or a new one; returns how many. */
  #appendRow(bytes: Uint8Array): number {
    let row = this.#rows.at(-1);
    if (row === undefined || row.length >= GATHER_BYTES) {
      const slot = this.#freeSlots.pop() ?? ++this.#slotMax;
      row = { slot, offset: this.#end, length: 0 };
      this.#rows.push(row);
    }
    const count = Math.min(bytes.length, ROW_BYTES_MAX - row.length);
    const added = bytes.subarray(0, count);
    this.#remember(added);
    row.length += count;
    this.#end += count;
    const from = row.offset - this.#recentStart;
    const whole = this.#recent.subarray(from, from + row.length);
    assert(from >= 0 && whole.length === row.length, "the last row is in memory");
    this.#sql.change(PUT, row.slot, this.#generation, row.offset, whole);
    return count;
  }

  #remember(added: Uint8Array): void {
    const used = this.#end - this.#recentStart;
    if (used + added.length > this.#recent.length) {
      const isFull = used + added.length > RECENT_BYTES_MAX;
      const kept = isFull ? Math.min(used, RECENT_BYTES_KEPT) : used;
      const wanted = Math.max(GATHER_BYTES, 2 * (kept + added.length));
      const grown = new Uint8Array(Math.min(wanted, RECENT_BYTES_MAX));
      grown.set(this.#recent.subarray(used - kept, used));
      this.#recent = grown;
      this.#recentStart = this.#end - kept;
    }
    this.#recent.set(added, this.#end - this.#recentStart);
  }

  #rowAt(offset: number): LogRow {
    let low = 0;
    let high = this.#rows.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#rows[middle]!.offset <= offset) low = middle;
      else high = middle - 1;
    }
    const row = this.#rows[low];
    assert(row !== undefined && row.offset <= offset && offset < endOf(row), "a row has the byte");
    return row;
  }

  #bytesOf(row: LogRow): Uint8Array<ArrayBuffer> {
    const [found] = this.#sql.rows<[bytes: ArrayBuffer]>(READ, row.slot);
    assert(found?.[0].byteLength === row.length, "a log row is as long as the index says");
    return new Uint8Array(found[0]);
  }
}

function endOf(row: LogRow): number {
  return row.offset + row.length;
}
