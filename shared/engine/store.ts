/**
 * The port to durable state. Everything is synchronous. What a caller writes before it returns to the
 * platform becomes durable as one unit or not at all, and nothing the node sends leaves before it is.
 *
 * Three durable things (DESIGN §4): `log`, the replication stream byte for byte; `base`, the key table as
 * of the last checkpoint; `meta`, a few named texts. Implementations pass test/support/store-contract.ts.
 *
 * A *space* is a physical keyspace: databases 0–15 point at spaces, so that FLUSHDB and SWAPDB cost O(1),
 * a full sync loads beside the data being served, and a pinned base outlives a flush.
 */

/** Rows hold at most this many bytes of a value; a longer one continues in further pieces. */
export const PIECE_BYTES = 1_000_000;

/** `loadShort` leaves out what is longer: thousands of keys may be asked for at once. */
export const SHORT_VALUE_BYTES = 4096;

/** Bytes of values at which one `pinnedRows` ends at the latest, so that long values fit in memory. */
export const PINNED_BYTES_MAX = 4_000_000;

/** Where a key stands: `hash` orders the base (base/key-hash), `name` tells equal hashes apart. */
export interface KeyRef {
  readonly hash: number;
  readonly name: string;
}

/** The head of a stored key, without its value. */
export interface KeyRow extends KeyRef {
  /** RDB type byte. */
  readonly type: number;
  /** Unix time in ms; 0: never. */
  readonly expiresAtMs: number;
  /** How many pieces the value has; 1 for nearly every key. */
  readonly pieces: number;
}

/** A stored key; `value` is the first piece of its RDB object encoding (without the type byte). */
export interface Row extends KeyRow {
  readonly value: string;
}

/** The whole of a value, its further pieces included. */
export function wholeValue(store: Store, space: number, row: Row): string {
  if (row.pieces === 1) return row.value;
  return row.value + store.loadPieces(space, row, { from: 1, to: row.pieces }).join("");
}

/** One row of a checkpoint: a head (`piece` 0), a further piece, or the deletion of either. */
export type Change =
  | { readonly kind: "head"; readonly row: Row }
  | { readonly kind: "piece"; readonly key: KeyRef; readonly piece: number; readonly value: string }
  | { readonly kind: "delete"; readonly key: KeyRef; readonly piece: number };

/** Which spaces have rows that nobody needs. */
export interface Garbage {
  readonly live: ReadonlySet<number>;
  /** Spaces of values in parts that are no more. */
  readonly dead: readonly number[];
}

export interface Store {
  /** Runs `work` as one unit: when it throws, nothing of it stays. May nest. */
  transaction<T>(work: () => T): T;

  meta(name: string): string | undefined;
  setMeta(name: string, value: string | undefined): void;

  /** Offset of the first byte held; bytes below it are gone. */
  readonly logStart: number;
  /** Offset behind the last byte: the length of the history so far. */
  readonly logEnd: number;
  /** Appends one group commit, of any size; the array may change afterwards. */
  appendLog(bytes: Uint8Array): void;
  /**
   * At least one and at most `countMax` bytes from `offset` on, or none at the end; a view, valid until
   * the next append. `logStart <= offset <= logEnd`, or it is a bug.
   */
  readLog(offset: number, countMax: number): Uint8Array;
  /**
   * Bytes below `offset` are not needed any more; their room may be used again. A restart may find some
   * of them still there: a lower `logStart`, never a higher one.
   */
  trimLog(offset: number): void;
  /** Empties the log and starts it at `offset` (another history begins). */
  resetLog(offset: number): void;

  /** Head rows of many keys of one space, in the order asked; undefined where there is none. */
  load(space: number, keys: readonly KeyRef[]): (Row | undefined)[];
  /** The same where the row's value is short; "long" where it is not, and must be asked for by itself. */
  loadShort(space: number, keys: readonly KeyRef[]): (Row | "long" | undefined)[];
  /** Pieces `from`…`to` (exclusive) of a value. */
  loadPieces(space: number, key: KeyRef, range: { from: number; to: number }): string[];
  /**
   * Head rows without values, with `hash >= hashFrom`, in (hash, name) order, overlay included: `countMax`
   * of them and all others that share the last one's hash, so that a walk may go on at that hash + 1.
   * Fewer than `countMax` means that there are no more.
   */
  keys(space: number, hashFrom: number, countMax: number): KeyRow[];
  /**
   * Applies a checkpoint's changes to the base, or to the overlay while the base is pinned. Each row is
   * among them once at most; a name has at most 500,000 bytes (a row ends at 2 MB).
   */
  write(space: number, changes: readonly Change[]): void;

  /** Puts bytes aside behind those that are there: rows on their way (staging.ts). At most 1.9 MB. */
  stage(bytes: string): void;
  /** The oldest of the bytes put aside. */
  firstStaged(): string | undefined;
  /** Forgets so many of the oldest. */
  unstage(count: number): void;

  /** Keeps bytes under a number that is free: sorted rows of a snapshot (loading.ts). At most 1.9 MB. */
  putChunk(id: number, bytes: Uint8Array): void;
  /** Bytes that are kept. */
  chunk(id: number): Uint8Array;
  dropChunk(id: number): void;
  /** Drops up to `countMax` chunks with lower numbers; true when none is left. */
  dropChunks(below: number, countMax: number): boolean;
  /** The highest number of a chunk, 0 when there is none. */
  readonly chunkMax: number;

  /**
   * Freezes the base: until `unpin`, `write` goes to an overlay that look-ups consult first. Merges what
   * an earlier pin left, at once; who minds the wait calls `merge` before. A restart unpins.
   */
  pin(): void;
  unpin(): void;
  readonly isPinned: boolean;
  /**
   * Rows of the frozen base alone, in (hash, name) order, those after `after`: `countMax` of them, or
   * fewer once their values pass `bytesMax` (PINNED_BYTES_MAX), and none only at the end.
   */
  pinnedRows(space: number, after: KeyRef | undefined, countMax: number, bytesMax?: number): Row[];
  /** As `loadPieces`, from the frozen base alone. */
  pinnedPieces(space: number, key: KeyRef, range: { from: number; to: number }): string[];
  /** Moves up to `rowsMax` overlay rows into the base; true when none is left. Not while pinned. */
  merge(rowsMax: number): boolean;
  /**
   * Deletes up to `rowsMax` rows of spaces that are not `live`, of those in `dead` whose owner is live,
   * and of all whose owner is not (engine/space.ts); true when none is left. Not while pinned.
   */
  collect(garbage: Garbage, rowsMax: number): boolean;
  /** The highest space that has a row, 0 when there is none. */
  readonly spaceMax: number;

  /** Bytes on disk. */
  readonly byteCount: number;
  /** Rows written so far in this life, as they are billed. */
  readonly rowsWritten: number;
}
