/**
 * The way into the base for keys that come in an order of their own, as another server's do. Each row has its
 * place among those before it, and as they came, a million of them took six times as long. So they are
 * gathered in runs that are sorted and put aside one behind the other; when all are there, the runs are
 * merged, which writes the base from its start to its end (Knuth, The Art of Computer Programming, 5.4).
 * What comes in the order of the base, as from our own nodes, goes there at once.
 */
import type { Change, Store } from "../engine/store.ts";
import type { RunRow } from "./packed-rows.ts";
import { RunMerge, SortedRun } from "./sorted-run.ts";

/** How much is in memory; smaller in tests. */
const SIZES = {
  /** Of a run: one is gathered while the one before it is stored. */
  runBytes: 8 << 20,
  /** Of what a run is put aside in. While runs are merged, each has one in memory. */
  chunkBytes: 128 << 10,
  runsMax: 128,
};
/** Rows that are written in one go: some 10 ms of work. */
const ROWS_PER_WRITE = 4000;
const ORDERED_BYTES = 1 << 20;
/** As how much work putting a chunk aside is counted. */
const ROWS_PER_CHUNK = 500;

export class RowSorter {
  readonly #store: Store;
  readonly #sizes: typeof SIZES;
  /** Chunks from this number on are ours; others are of loadings that came to no end. */
  readonly chunksFrom: number;
  #nextChunk: number;
  #space = 0;
  #run: SortedRun;
  /** Runs that were put aside: the numbers of their chunks. */
  #aside: { readonly from: number; readonly to: number }[] = [];
  /** Rows that came in the order of the base, as all of their space did up to here, and the last hash. */
  #ordered: Change[] = [];
  #orderedBytes = 0;
  #isOrdered = true;
  #lastHash = -1;
  /** A run, or all of them, on the way to where they belong; tells how many rows each step took. */
  #storing: Generator<number, void, undefined> | undefined;
  /** What is there is merged before anything else comes. */
  #isEnding = false;

  constructor(store: Store, sizes = SIZES) {
    this.#store = store;
    this.#sizes = sizes;
    this.#run = new SortedRun(sizes.runBytes);
    this.#nextChunk = store.chunkMax + 1;
    this.chunksFrom = this.#nextChunk;
  }

  /** Whether a row may be added; if not, there is work to be done first. */
  get hasRoom(): boolean {
    return !this.#isEnding && (this.#storing === undefined || !this.#run.isFull);
  }

  /** Whether there is something to store. Rows that are gathered are not, until they are many or all. */
  get isBusy(): boolean {
    return this.#isEnding || this.#storing !== undefined;
  }

  /** Takes a row of at most PACKED_MAX; they are of one space until `end`. */
  add(space: number, hash: number, row: RunRow): void {
    this.#space = space;
    if (this.#isOrdered && hash >= this.#lastHash) {
      this.#lastHash = hash;
      this.#addOrdered(hash, row);
      return;
    }
    this.#isOrdered = false;
    this.#run.add(hash, row);
    if (this.#run.isFull && this.#storing === undefined) this.#storeRun();
  }

  /** All rows of a space were added. */
  end(): void {
    // A file may change databases at every turn, and gather nothing in between.
    this.#isEnding = this.#storing !== undefined || !this.#isOrdered || this.#lastHash >= 0;
  }

  /** Stores about so many rows; returns how many it did. */
  work(rowsMax: number): number {
    let count = 0;
    while (this.isBusy && count < rowsMax) {
      this.#storing ??= this.#endSpace();
      const step = this.#storing.next();
      if (step.done !== true) count += step.value;
      else {
        this.#storing = undefined;
        if (this.#run.isFull && !this.#isEnding) this.#storeRun();
      }
    }
    return count;
  }

  #addOrdered(hash: number, { name, type, expiresAtMs, body }: RunRow): void {
    const row = { hash, name, type, expiresAtMs, pieces: 1, value: body };
    this.#orderedBytes += name.length + body.length;
    const count = this.#ordered.push({ kind: "head", row });
    if (count >= ROWS_PER_WRITE || this.#orderedBytes >= ORDERED_BYTES) this.#writeOrdered();
  }

  #storeRun(): void {
    const run = this.#run;
    const isMergeDue = this.#aside.length >= this.#sizes.runsMax;
    this.#storing = isMergeDue ? this.#mergeWith(run) : this.#putAside(run);
    this.#run = new SortedRun(this.#sizes.runBytes);
  }

  *#putAside(run: SortedRun): Generator<number, void, undefined> {
    const from = this.#nextChunk;
    for (const chunk of run.chunks(this.#sizes.chunkBytes)) {
      this.#store.putChunk(this.#nextChunk++, chunk);
      yield ROWS_PER_CHUNK;
    }
    this.#aside.push({ from, to: this.#nextChunk });
  }

  *#endSpace(): Generator<number, void, undefined> {
    if (this.#isOrdered) this.#writeOrdered();
    else {
      yield ROWS_PER_CHUNK;
      const run = this.#run;
      this.#run = new SortedRun(this.#sizes.runBytes);
      yield* this.#mergeWith(run);
    }
    this.#isOrdered = true;
    this.#lastHash = -1;
    this.#isEnding = false;
  }

  *#mergeWith(last: SortedRun): Generator<number, void, undefined> {
    const space = this.#space;
    const runs = this.#aside.map((numbers) => this.#chunksOf(numbers));
    const merge = new RunMerge([...runs, last.chunks(this.#sizes.chunkBytes)]);
    this.#aside = [];
    this.#writeOrdered();
    for (;;) {
      const rows = merge.next(ROWS_PER_WRITE);
      if (rows.length === 0) return;
      this.#store.write(space, rows);
      yield rows.length;
    }
  }

  /** A run that was put aside, which is over when it has been read. */
  *#chunksOf({ from, to }: { from: number; to: number }): Generator<Uint8Array, void, undefined> {
    for (let id = from; id < to; id++) {
      const chunk = this.#store.chunk(id);
      this.#store.dropChunk(id);
      yield chunk;
    }
  }

  #writeOrdered(): void {
    if (this.#ordered.length > 0) this.#store.write(this.#space, this.#ordered);
    this.#ordered = [];
    this.#orderedBytes = 0;
  }
}
