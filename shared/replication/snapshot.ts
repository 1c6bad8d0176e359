/**
 * A snapshot is the frozen base, read in slices as RDB. While one is pinned, checkpoints go to the
 * overlay, so slices read minutes apart show one point in time: the pin's offset. The log is kept from
 * there on; whoever has loaded the snapshot continues from it by an ordinary partial resync.
 */
import { assert } from "../base/assert.ts";
import { Crc64 } from "../base/crc64.ts";
import type { Engine } from "../engine/engine.ts";
import { Checkpoint } from "../engine/checkpoint.ts";
import { Libraries } from "../engine/script/functions.ts";
import {
  type KeyRef,
  type KeyRow,
  PINNED_BYTES_MAX,
  type Row,
  type Store,
} from "../engine/store.ts";
import { codecOf, decodeHead, type Encoded, inForm } from "../rdb/codec.ts";
import { PARTED, rdbTypeOf, typeNameOf } from "../rdb/format.ts";
import { rdbFunction } from "../rdb/functions.ts";
import { type Form, formFor } from "../rdb/value-codec.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey as encodeKey } from "../rdb/writer.ts";
import type { History } from "./position.ts";

export interface Pin {
  readonly id: string;
  readonly history: History;
  readonly offset: number;
  /** Database selected in the stream at `offset`; -1: a SELECT follows. */
  readonly streamDb: number;
  readonly databases: readonly PinnedDatabase[];
  /** Code of the function libraries. */
  readonly functions: readonly string[];
  /** Followers and downloads that still need it. */
  users: number;
  usedAtMs: number;
}

interface PinnedDatabase {
  readonly db: number;
  readonly space: number;
  readonly keyCount: number;
  readonly expireCount: number;
}

/** How far a reader is. `SNAPSHOT_START` is before the header; no cursor: the end. */
export interface SnapshotCursor {
  /** Index into the pin's databases; -1: before the header. */
  readonly at: number;
  readonly after: KeyRef | undefined;
  /** In the midst of the key behind `after`: the number of its last part, or piece, that was read. */
  readonly part?: number | undefined;
}

export const SNAPSHOT_START: SnapshotCursor = { at: -1, after: undefined };

/** One slice: RDB bytes, made of whole keys or whole parts of one, and where to go on. */
export interface Slice {
  readonly bytes: string;
  readonly next: SnapshotCursor | undefined;
}

/** What a reader wants: a state no older than when it asked first. */
export interface Wanted {
  /** Of that moment. */
  readonly offset: number;
  /** An older one will do where others read it: the stream follows behind. */
  readonly mayShare: boolean;
}

const ROWS_PER_QUERY = 256;

export class Snapshots {
  readonly #engine: Engine;
  readonly #store: Store;
  #pin: Pin | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#store = engine.ports.store;
  }

  get pin(): Pin | undefined {
    return this.#pin;
  }

  /**
   * The pin that a new reader shares or starts, or undefined while the overlay of the last one is still
   * being merged, or a checkpoint written: ask again. `at` is called after the checkpoint that the pin
   * stands on, and says of which state that is.
   */
  open(
    at: () => { history: History; offset: number; streamDb: number },
    { offset = 0, mayShare = true }: Partial<Wanted> = {},
  ): Pin | undefined {
    if (this.#pin !== undefined) {
      if (!mayShare && this.#pin.offset < offset) return undefined;
      this.#pin.users++;
      return this.#pin;
    }
    if (!this.#store.merge(0)) return undefined;
    if (!this.#engine.ports.refresh(offset)) return undefined;
    this.#store.pin();
    const databases: PinnedDatabase[] = [];
    const state = Checkpoint.load(this.#store)!;
    for (const [db, { space, keyCount, expireCount }] of state.databases.entries()) {
      if (keyCount > 0) databases.push({ db, space, keyCount, expireCount });
    }
    this.#pin = {
      ...at(),
      id: this.#engine.random.hex(16),
      databases,
      functions: Libraries.saved(this.#store),
      users: 1,
      usedAtMs: this.#engine.nowMs,
    };
    return this.#pin;
  }

  /** A reader is done; the base is let go with the last one. */
  release(pin: Pin): void {
    if (pin !== this.#pin) return;
    pin.users--;
    if (pin.users <= 0) this.drop();
  }

  /** Lets the base go whoever reads (another history, or nobody read for too long). */
  drop(): void {
    if (this.#pin === undefined) return;
    this.#pin = undefined;
    this.#store.unpin();
  }

  /** The form for others than our own nodes, as it is set now. */
  get formForOthers(): Form {
    return formFor(this.#engine.config.number("rdb-redis-version-min"));
  }

  /**
   * The next slice of about `bytesMax`; undefined when the pin is gone. Cursors are the same in every
   * form: whoever reads may share the pin.
   */
  read(
    id: string,
    cursor: SnapshotCursor,
    { bytesMax, form }: { bytesMax: number; form: Form },
  ): Slice | undefined {
    const pin = this.#pin;
    if (pin === undefined || pin.id !== id) return undefined;
    pin.usedAtMs = this.#engine.nowMs;
    let { at, after, part } = cursor;
    let bytes = "";
    if (at < 0) {
      bytes += header(pin) + pin.functions.map(rdbFunction).join("");
      at = 0;
    }
    for (; at < pin.databases.length; at++, after = undefined) {
      const { db, space, keyCount, expireCount } = pin.databases[at]!;
      if (after === undefined && part === undefined)
        bytes += rdbDatabase(db, { keys: keyCount, expires: expireCount });
      for (;;) {
        // No more than this slice takes: the next one reads the rest anew.
        const room = Math.min(Math.max(bytesMax - bytes.length, 1), PINNED_BYTES_MAX);
        const rows = this.#store.pinnedRows(space, after, ROWS_PER_QUERY, room);
        for (const row of rows) {
          const isParted = (row.type & PARTED) !== 0;
          if (isParted || isLongString(row)) {
            const room = bytesMax - bytes.length;
            const read = isParted
              ? this.#readParts(space, row, { part, bytesMax: room, form })
              : this.#readPieces(space, row, { part, bytesMax: room });
            bytes += read.bytes;
            part = read.part;
            if (part !== undefined) return { bytes, next: { at, after, part } };
          } else {
            const stored = { type: rdbTypeOf(row.type), body: this.#whole(space, row) };
            bytes += rdbKey(row, inForm(stored, form));
          }
          after = { hash: row.hash, name: row.name };
          if (bytes.length >= bytesMax) return { bytes, next: { at, after } };
        }
        if (rows.length === 0) break;
      }
    }
    return { bytes, next: undefined };
  }

  /** Parts of a value behind one of them, and how far they go; no `part`: to the end of the value. */
  #readParts(
    space: number,
    row: Row,
    { part, bytesMax, form }: { part: number | undefined; bytesMax: number; form: Form },
  ): { bytes: string; part: number | undefined } {
    const head = decodeHead(typeNameOf(row.type), this.#whole(space, row));
    const { type, before, after, elements } = codecOf(head.type).frame(head.head, form);
    let bytes = "";
    let last = part;
    if (last === undefined) bytes += rdbKey(row, { type, body: before });
    for (;;) {
      const from = last === undefined ? undefined : { hash: last, name: "" };
      const room = Math.min(Math.max(bytesMax - bytes.length, 1), PINNED_BYTES_MAX);
      const rows = this.#store.pinnedRows(head.space, from, ROWS_PER_QUERY, room);
      for (const partRow of rows) {
        const body = this.#whole(head.space, partRow);
        bytes += elements?.(body) ?? body;
        last = partRow.hash;
        if (bytes.length >= bytesMax) return { bytes, part: last };
      }
      if (rows.length === 0) return { bytes: bytes + after, part: undefined };
    }
  }

  /** The same for the pieces of a long string, which every form has alike. */
  #readPieces(
    space: number,
    row: Row,
    { part, bytesMax }: { part: number | undefined; bytesMax: number },
  ): { bytes: string; part: number | undefined } {
    let last = part ?? 0;
    let bytes = part === undefined ? rdbKey(row, { type: 0, body: row.value }) : "";
    while (last + 1 < row.pieces) {
      if (bytes.length >= bytesMax) return { bytes, part: last };
      last++;
      bytes += this.#store.pinnedPieces(space, row, { from: last, to: last + 1 })[0]!;
    }
    return { bytes, part: undefined };
  }

  #whole(space: number, row: Row): string {
    if (row.pieces === 1) return row.value;
    const further = this.#store.pinnedPieces(space, row, { from: 1, to: row.pieces });
    return row.value + further.join("");
  }
}

function isLongString({ type, pieces }: Row): boolean {
  return pieces > 1 && rdbTypeOf(type) === 0;
}

/** A key as its row has it, with its value or the start of it. */
function rdbKey({ name, expiresAtMs }: KeyRow, { type, body }: Encoded): string {
  return encodeKey({ name, type, expiresAtMs, body });
}

/** Names of the aux fields are Redis's: a restart from such a file can continue the history. */
function header(pin: Pin): string {
  return rdbHeader({
    "redis-ver": "7.4.0",
    "redis-bits": "64",
    "repl-stream-db": String(Math.max(pin.streamDb, 0)),
    "repl-id": pin.history.id,
    "repl-offset": String(pin.offset),
  });
}

/**
 * A whole file for others, as the slices of a pin: the last one is closed by end mark and checksum.
 */
export class SnapshotReader {
  readonly #snapshots: Snapshots;
  readonly #crc = new Crc64();
  readonly pinId: string;
  /** As it was set at the start: a file is of one form. */
  readonly #form: Form;
  #cursor: SnapshotCursor | undefined = SNAPSHOT_START;

  constructor(snapshots: Snapshots, pinId: string) {
    this.#snapshots = snapshots;
    this.pinId = pinId;
    this.#form = snapshots.formForOthers;
  }

  get isAtEnd(): boolean {
    return this.#cursor === undefined;
  }

  /** The next bytes of the file; undefined when the pin is gone, which ends the transfer. */
  next(bytesMax: number): string | undefined {
    assert(this.#cursor !== undefined, "reads behind the end of a snapshot");
    const options = { bytesMax, form: this.#form };
    const slice = this.#snapshots.read(this.pinId, this.#cursor, options);
    if (slice === undefined) return undefined;
    this.#cursor = slice.next;
    this.#crc.update(slice.bytes);
    return slice.next === undefined ? slice.bytes + rdbEnd(this.#crc) : slice.bytes;
  }
}
