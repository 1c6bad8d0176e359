import { describe, expect, it } from "vitest";
import { keyHash } from "../../shared/base/key-hash.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import type { Change } from "../../shared/engine/store.ts";
import { RowSorter } from "../../shared/replication/row-sorter.ts";

const SIZES = { runBytes: 40_000, chunkBytes: 22_000, runsMax: 3 };
const SPACE = 5;

/** A store that remembers in which order its rows were written. */
class WatchedStore extends MemoryStore {
  readonly written: { readonly space: number; readonly hash: number; readonly name: string }[] = [];
  chunksMost = 0;
  chunkCount = 0;

  override write(space: number, changes: readonly Change[]): void {
    super.write(space, changes);
    for (const change of changes) {
      if (change.kind === "head") this.written.push({ space, ...change.row });
    }
  }

  override putChunk(id: number, bytes: Uint8Array): void {
    super.putChunk(id, bytes);
    this.chunksMost = Math.max(this.chunksMost, ++this.chunkCount);
  }

  override dropChunk(id: number): void {
    super.dropChunk(id);
    this.chunkCount--;
  }

  /** How often a row was written that stands before the one written last. */
  get stepsBack(): number {
    return this.written.filter((row, i) => i > 0 && row.hash < this.written[i - 1]!.hash).length;
  }
}

function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `key:${i}`);
}

function add(sorter: RowSorter, space: number, names: readonly string[], body = "x"): void {
  for (const name of names) {
    while (!sorter.hasRoom) sorter.work(500);
    sorter.add(space, keyHash(name), { name, type: 0, expiresAtMs: 0, body: body + name });
    // Now and then, as bytes come in.
    if (keyHash(name) % 50 === 0) sorter.work(500);
  }
}

function end(sorter: RowSorter): void {
  sorter.end();
  expect(sorter.hasRoom).toBe(false);
  while (sorter.isBusy) sorter.work(500);
  expect(sorter.hasRoom).toBe(true);
}

function valuesOf(store: MemoryStore, space: number, names: readonly string[]) {
  const keys = names.map((name) => ({ name, hash: keyHash(name) }));
  return store.load(space, keys).map((row) => row?.value);
}

describe("rows in any order", () => {
  it("are all written, from the start of the base to its end, and leave nothing aside", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(2000);
    add(sorter, SPACE, names);
    expect(store.chunkCount).toBeGreaterThan(3);
    expect(store.written.length).toBeLessThan(20);
    end(sorter);
    expect(valuesOf(store, SPACE, names)).toEqual(names.map((name) => `x${name}`));
    expect(store.written.length).toBe(names.length);
    // The first few happened to come in order.
    expect(store.stepsBack).toBeLessThanOrEqual(1);
    expect(store.chunkMax).toBe(0);
  });

  it("are sorted in memory alone where they are few", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    add(sorter, SPACE, namesOf(300));
    end(sorter);
    expect([store.written.length, store.chunksMost]).toEqual([300, 0]);
    expect(store.stepsBack).toBeLessThanOrEqual(1);
  });

  it("are merged in several times where that were too many runs at once", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(20_000);
    add(sorter, SPACE, names);
    end(sorter);
    expect(valuesOf(store, SPACE, names)).toEqual(names.map((name) => `x${name}`));
    expect(store.chunksMost).toBeLessThanOrEqual(5 * SIZES.runsMax);
    expect(store.chunkMax).toBe(0);
  });

  it("go to the space they belong to, one after the other", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(2500);
    for (const space of [5, 9, 2]) {
      add(sorter, space, names, `${space}`);
      end(sorter);
    }
    for (const space of [5, 9, 2]) {
      expect(valuesOf(store, space, names)).toEqual(names.map((name) => `${space}${name}`));
    }
    expect(store.written.map((row) => row.space)).toEqual(
      [5, 9, 2].flatMap((space) => names.map(() => space)),
    );
  });

  it("count as the last one of a name, should it come twice", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(1500);
    for (const body of ["first ", "second "]) add(sorter, SPACE, names, body);
    end(sorter);
    expect(valuesOf(store, SPACE, names)).toEqual(names.map((name) => `second ${name}`));
  });

  it("do not touch what a loading before left behind", () => {
    const store = new WatchedStore();
    store.putChunk(41, new Uint8Array([1]));
    const sorter = new RowSorter(store, SIZES);
    expect(sorter.chunksFrom).toBe(42);
    add(sorter, SPACE, namesOf(2000));
    store.dropChunks(sorter.chunksFrom, 100);
    end(sorter);
    expect([store.written.length, store.chunkMax]).toEqual([2000, 0]);
  });
});

describe("rows in the order of the base", () => {
  it("are written as they come", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(5000).toSorted((a, b) => keyHash(a) - keyHash(b));
    add(sorter, SPACE, names);
    expect(store.written.length).toBe(4000);
    end(sorter);
    expect(store.written.map((row) => row.name)).toEqual(names);
    expect(store.chunksMost).toBe(0);
  });

  it("may be followed by others", () => {
    const store = new WatchedStore();
    const sorter = new RowSorter(store, SIZES);
    const names = namesOf(5000);
    const sorted = names.slice(0, 2500).toSorted((a, b) => keyHash(a) - keyHash(b));
    add(sorter, SPACE, [...sorted, ...names.slice(2500)]);
    end(sorter);
    expect(valuesOf(store, SPACE, names)).toEqual(names.map((name) => `x${name}`));
    expect(store.written.length).toBe(names.length);
  });
});
