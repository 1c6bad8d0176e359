/** The part of the store contract about rows, and what its rules have in common. */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { CHILD_SPACES } from "../../shared/engine/space.ts";
import { expect } from "vitest";

import { type Change, type KeyRef, PIECE_BYTES, type Store } from "../../shared/engine/store.ts";
import type { StoreHost } from "./store-contract.ts";

export type Rule = (title: string, body: (store: Store, host: StoreHost) => void) => void;

const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
export const SPACE = 3;

export function baseRules(rule: Rule): void {
  rule("heads are found in the order asked, and undefined where there is none", (store, host) => {
    store.write(SPACE, [
      head("a", 10, "A", { type: 5, expiresAtMs: 2 ** 53 - 1 }),
      head("b", 10, "B"),
    ]);
    for (const seen of lives(store, host)) {
      const [b, none, a, other] = seen.load(SPACE, [
        at("b", 10),
        at("c", 10),
        at("a", 10),
        at("d", 1),
      ]);
      expect(b).toEqual({ name: "b", hash: 10, type: 0, expiresAtMs: 0, pieces: 1, value: "B" });
      expect(a).toEqual({
        ...at("a", 10),
        type: 5,
        expiresAtMs: 2 ** 53 - 1,
        pieces: 1,
        value: "A",
      });
      expect([none, other]).toEqual([undefined, undefined]);
      expect(seen.load(SPACE, [at("a", 10)])).toEqual([a]);
      expect(seen.load(SPACE + 1, [at("a", 10)])).toEqual([undefined]);
      expect(seen.load(SPACE, [])).toEqual([]);
    }
  });

  rule(
    "names and values hold every byte, short or long, numbers and nothing included",
    (store, host) => {
      const long = ALL_BYTES.repeat(40);
      const names = [ALL_BYTES, "", "\0", "\0\0", "123", "1e3", "null", '"', long, "{}"];
      const values = [ALL_BYTES, "", "\0a", "42", "null", "[1]", long, "\xff", "x", long.slice(1)];
      const changes = names.map((name, i) => head(name, i * 2 ** 40, values[i]!));
      store.write(SPACE, changes);
      const hashes = names.map((_, i) => i * 2 ** 40);
      for (const seen of lives(store, host)) {
        expect(valuesOf(seen, names, hashes)).toEqual(values);
        expect(names.map((name, i) => valuesOf(seen, [name], [hashes[i]!])[0])).toEqual(values);
        expect(seen.keys(SPACE, 0, 99).map((row) => row.name)).toEqual(names);
      }
    },
  );

  rule("what is put aside comes back in its order, until it is taken away", (store, host) => {
    const texts = [ALL_BYTES, "", ALL_BYTES.repeat(4000), "last"];
    for (const text of texts) store.stage(text);
    for (const seen of lives(store, host)) expect(seen.firstStaged()).toBe(texts[0]);
    const reopened = host.open();
    const failing = (): void => {
      reopened.unstage(2);
      reopened.stage("more");
      throw new Error("stop");
    };
    expect(() => reopened.transaction(failing)).toThrow("stop");
    for (const text of texts) {
      expect(reopened.firstStaged()).toBe(text);
      reopened.unstage(1);
    }
    expect(reopened.firstStaged()).toBe(undefined);
    for (const text of texts) reopened.stage(text);
    reopened.unstage(Number.POSITIVE_INFINITY);
    expect(host.open().firstStaged()).toBe(undefined);
  });

  rule("chunks are kept under their numbers until they are dropped", (store, host) => {
    expect(store.chunkMax).toBe(0);
    const chunks = [ALL_BYTES, "one", ALL_BYTES.repeat(7000), "two"];
    for (const [i, chunk] of chunks.entries()) store.putChunk(7 + i, fromBinary(chunk));
    for (const seen of lives(store, host)) {
      expect(seen.chunkMax).toBe(10);
      for (const [i, chunk] of chunks.entries()) expect(toBinary(seen.chunk(7 + i))).toBe(chunk);
    }
    const reopened = host.open();
    reopened.dropChunk(9);
    const failing = (): void => {
      reopened.dropChunks(11, 9);
      reopened.putChunk(20, bytes("three"));
      throw new Error("stop");
    };
    expect(() => reopened.transaction(failing)).toThrow("stop");
    expect(reopened.chunkMax).toBe(10);
    expect(reopened.dropChunks(10, 1)).toBe(false);
    expect(reopened.dropChunks(10, 2)).toBe(true);
    expect(text(reopened.chunk(10))).toBe("two");
    expect(reopened.dropChunks(11, 2)).toBe(true);
    expect(host.open().chunkMax).toBe(0);
  });

  rule("a key may expire at any time below 2^63", (store, host) => {
    const times = [1, 2 ** 53 - 1, 2 ** 53 + 2, 2 ** 63 - 1024];
    const changes = times.flatMap((expiresAtMs, i) => [
      head(`short:${i}`, i, "x", { expiresAtMs }),
      head(`long:${i}`, i, "x".repeat(10_000), { expiresAtMs }),
    ]);
    store.write(SPACE, changes);
    for (const seen of lives(store, host)) {
      for (const name of ["short", "long"]) {
        const rows = seen.load(
          SPACE,
          times.map((_, i) => at(`${name}:${i}`, i)),
        );
        expect(rows.map((row) => row?.expiresAtMs)).toEqual(times);
      }
    }
  });

  rule("hashes up to 2^46 are exact", (store) => {
    const hashes = [2 ** 46 - 1, 2 ** 46 - 2, 2 ** 45 + 1];
    store.write(
      SPACE,
      hashes.map((hash) => head(`k${hash}`, hash, "v")),
    );
    expect(store.keys(SPACE, 2 ** 46 - 2, 9).map((row) => row.hash)).toEqual([
      2 ** 46 - 2,
      2 ** 46 - 1,
    ]);
  });

  rule("a row is replaced, and deleted, and a deletion of nothing is allowed", (store, host) => {
    store.write(SPACE, [head("a", 1, "1"), head("b", 2, "1"), head("c", 3, "x".repeat(9000))]);
    store.write(SPACE, [
      head("a", 1, "y".repeat(9000)),
      remove("b", 2),
      head("c", 3, "2"),
      remove("d", 4),
    ]);
    for (const seen of lives(store, host)) {
      const found = valuesOf(seen, ["a", "b", "c", "d"], [1, 2, 3, 4]);
      expect(found).toEqual(["y".repeat(9000), undefined, "2", undefined]);
      expect(seen.keys(SPACE, 0, 9).map((row) => row.name)).toEqual(["a", "c"]);
    }
  });

  rule("a long value comes back in its pieces, and shrinks by deletions", (store, host) => {
    const full = "\xfe".repeat(PIECE_BYTES);
    store.write(SPACE, [
      head("k", 1, full, { pieces: 3 }),
      piece("k", 1, 1, full),
      piece("k", 1, 2, "end"),
    ]);
    const again = host.open();
    expect(again.load(SPACE, [at("k", 1)])[0]?.value === full).toBe(true);
    const further = again.loadPieces(SPACE, at("k", 1), { from: 1, to: 3 });
    expect([further[0] === full, further[1]]).toEqual([true, "end"]);
    expect(again.loadPieces(SPACE, at("k", 1), { from: 0, to: 1 })[0] === full).toBe(true);
    expect(again.keys(SPACE, 0, 9)).toHaveLength(1);
    again.write(SPACE, [head("k", 1, "now short"), remove("k", 1, 1), remove("k", 1, 2)]);
    expect(valuesOf(host.open(), ["k"], [1])).toEqual(["now short"]);
    const gone = (): unknown => host.open().loadPieces(SPACE, at("k", 1), { from: 1, to: 2 });
    expect(gone).toThrow("all its pieces");
  });

  rule("keys of one hash are never parted", (store) => {
    const names = ["a", "b", "c", "d", "e"];
    store.write(
      SPACE,
      names.map((name) => head(name, 7, "v")),
    );
    store.write(SPACE, [head("z", 8, "v"), head("0", 1, "v")]);
    const page = (from: number, count: number): string =>
      store
        .keys(SPACE, from, count)
        .map((row) => row.name)
        .join("");
    expect([page(0, 1), page(2, 1), page(0, 2), page(7, 5)]).toEqual([
      "0",
      "abcde",
      "0abcde",
      "abcde",
    ]);
    expect([page(8, 5), page(9, 5), page(0, 7), page(0, 6)]).toEqual([
      "z",
      "",
      "0abcdez",
      "0abcde",
    ]);
  });

  rule("a row of a checkpoint is one billed row", (store) => {
    const before = store.rowsWritten;
    store.write(
      SPACE,
      Array.from({ length: 250 }, (_, i) => head(`k${i}`, i, "v")),
    );
    expect(store.rowsWritten - before).toBe(250);
  });

  rule("rows without a name are told apart by their hash", (store, host) => {
    store.write(SPACE, [head("", 1, "one"), head("", 2, "two"), head("", 3, "three")]);
    store.pin();
    store.write(SPACE, [
      head("", 2, "TWO"),
      { kind: "delete", key: { hash: 3, name: "" }, piece: 0 },
    ]);
    const refs = [1, 2, 3].map((hash) => ({ hash, name: "" }));
    const values = (from: Store): unknown[] => from.load(SPACE, refs).map((row) => row?.value);
    expect(values(store)).toEqual(["one", "TWO", undefined]);
    expect(store.pinnedRows(SPACE, refs[0], 9).map(({ value }) => value)).toEqual(["two", "three"]);
    expect(store.keys(SPACE, 2, 9).map(({ hash }) => hash)).toEqual([2]);
    expect(values(host.open())).toEqual(["one", "TWO", undefined]);
  });

  rule("spaces of values go with the space of their keys, or when they are named", (store) => {
    const [kept, gone] = [CHILD_SPACES, 2 * CHILD_SPACES];
    const all = [kept, kept + 1, kept + 2, gone, gone + 1];
    for (const space of all) store.write(space, [head("k", 1, "v")]);
    while (!store.collect({ live: new Set([kept]), dead: [kept + 2] }, 1));
    expect(all.map((space) => store.keys(space, 0, 9).length)).toEqual([1, 1, 0, 0, 0]);
  });

  rule("spaces that are not live are collected, a few rows at a time", (store, host) => {
    expect(store.spaceMax).toBe(0);
    for (const space of [1, 2, 9]) {
      store.write(
        space,
        Array.from({ length: 10 }, (_, i) => head(`k${i}`, i, "v")),
      );
    }
    expect(store.spaceMax).toBe(9);
    const live = new Set([2]);
    let slices = 0;
    while (!store.collect({ live, dead: [] }, 4)) slices++;
    expect(slices).toBe(4);
    const again = host.open();
    expect([1, 2, 9].map((space) => again.keys(space, 0, 99).length)).toEqual([0, 10, 0]);
    expect([again.spaceMax, again.collect({ live, dead: [] }, 1)]).toEqual([2, true]);
  });
}

export function pinRules(rule: Rule): void {
  const fill = (store: Store): void => {
    store.write(SPACE, [head("a", 1, "a0"), head("b", 2, "b0"), head("c", 2, "c0")]);
  };
  const change = (store: Store): void => {
    store.write(SPACE, [head("a", 1, "a1"), remove("b", 2), head("d", 2, "d1"), remove("x", 9)]);
  };
  const names = ["a", "b", "c", "d"];
  const seenBy = (store: Store): unknown => [
    valuesOf(store, names, [1, 2, 2, 2]),
    store.keys(SPACE, 0, 1).map((row) => row.name),
    store.keys(SPACE, 2, 9).map((row) => row.name),
  ];
  const CHANGED = [["a1", undefined, "c0", "d1"], ["a"], ["c", "d"]];

  rule("stays as it was while look-ups see what is written", (store) => {
    fill(store);
    store.pin();
    expect(store.isPinned).toBe(true);
    change(store);
    expect(store.pinnedRows(SPACE, undefined, 9).map((row) => row.value)).toEqual([
      "a0",
      "b0",
      "c0",
    ]);
    expect(store.pinnedRows(SPACE, at("b", 2), 1).map((row) => row.value)).toEqual(["c0"]);
    expect(store.pinnedRows(SPACE, at("c", 2), 9)).toEqual([]);
    const few = store.pinnedRows(SPACE, undefined, 9, 3).map((row) => row.value);
    expect(few).toEqual(["a0", "b0"]);
    expect(seenBy(store)).toEqual(CHANGED);
  });

  rule("is refused twice, and to those who do not hold it", (store) => {
    expect(() => store.unpin()).toThrow("unpins what is pinned");
    expect(() => store.pinnedRows(SPACE, undefined, 1)).toThrow("reads a pinned base");
    store.pin();
    expect(() => store.pin()).toThrow("pins once");
    expect(() => store.merge(1)).toThrow("not pinned");
    expect(() => store.collect({ live: new Set(), dead: [] }, 1)).toThrow("nothing is pinned");
  });

  rule(
    "looks the same after unpin, at every step of a merge, and after a restart",
    (store, host) => {
      fill(store);
      store.pin();
      change(store);
      store.unpin();
      expect(seenBy(store)).toEqual(CHANGED);
      let steps = 0;
      let seen = store;
      while (!seen.merge(1)) {
        steps++;
        expect(seenBy(seen)).toEqual(CHANGED);
        seen = host.open();
        expect(seenBy(seen)).toEqual(CHANGED);
      }
      expect(steps).toBe(3);
      expect(seenBy(seen)).toEqual(CHANGED);
    },
  );

  rule("is unpinned by a restart, which loses nothing", (store, host) => {
    fill(store);
    store.pin();
    change(store);
    const again = host.open();
    expect(again.isPinned).toBe(false);
    expect(seenBy(again)).toEqual(CHANGED);
  });

  rule("the newest write wins over what a pin left behind", (store, host) => {
    fill(store);
    store.pin();
    change(store);
    store.unpin();
    store.write(SPACE, [head("a", 1, "a2"), head("b", 2, "b2"), remove("d", 2)]);
    const want = [["a2", "b2", "c0", undefined], ["a"], ["b", "c"]];
    expect(seenBy(store)).toEqual(want);
    expect(seenBy(host.open())).toEqual(want);
    const again = host.open();
    while (!again.merge(2));
    expect(seenBy(again)).toEqual(want);
  });

  rule("a second pin freezes what the first one left behind too", (store) => {
    fill(store);
    store.pin();
    change(store);
    store.unpin();
    store.pin();
    store.write(SPACE, [head("a", 1, "a9")]);
    expect(store.pinnedRows(SPACE, undefined, 9).map((row) => row.value)).toEqual([
      "a1",
      "c0",
      "d1",
    ]);
  });

  rule("keeps the pieces of a value that is replaced, and merges the new ones", (store) => {
    store.write(SPACE, [
      head("k", 1, "0", { pieces: 3 }),
      piece("k", 1, 1, "1"),
      piece("k", 1, 2, "2"),
    ]);
    store.pin();
    store.write(SPACE, [
      head("k", 1, "x", { pieces: 2 }),
      piece("k", 1, 1, "y"),
      remove("k", 1, 2),
    ]);
    expect(store.pinnedPieces(SPACE, at("k", 1), { from: 1, to: 3 })).toEqual(["1", "2"]);
    expect(store.loadPieces(SPACE, at("k", 1), { from: 0, to: 2 })).toEqual(["x", "y"]);
    store.unpin();
    while (!store.merge(1)) {
      expect(store.loadPieces(SPACE, at("k", 1), { from: 0, to: 2 })).toEqual(["x", "y"]);
    }
    expect(() => store.loadPieces(SPACE, at("k", 1), { from: 2, to: 3 })).toThrow("all its pieces");
  });

  rule("gives long values a few at a time, but never none before the end", (store) => {
    const long = "v".repeat(PIECE_BYTES);
    for (let i = 0; i < 6; i++) store.write(SPACE, [head(`k${i}`, i, long)]);
    store.pin();
    const first = store.pinnedRows(SPACE, undefined, 100);
    expect(first.map((row) => row.value.length)).toEqual([4, 4, 4, 4].map(() => PIECE_BYTES));
    const rest = store.pinnedRows(SPACE, first.at(-1), 100);
    expect(rest.map((row) => row.name)).toEqual(["k4", "k5"]);
  });
}

/** The store, then what a restart finds: by then the first one is dead. */
export function* lives(store: Store, host: StoreHost): Generator<Store> {
  yield store;
  yield host.open();
}

export function head(
  name: string,
  hash: number,
  value: string,
  more: { type?: number; expiresAtMs?: number; pieces?: number } = {},
): Change {
  return { kind: "head", row: { name, hash, type: 0, expiresAtMs: 0, pieces: 1, value, ...more } };
}

function piece(name: string, hash: number, number: number, value: string): Change {
  return { kind: "piece", key: { name, hash }, piece: number, value };
}

export function remove(name: string, hash: number, number = 0): Change {
  return { kind: "delete", key: { name, hash }, piece: number };
}

function at(name: string, hash: number): KeyRef {
  return { name, hash };
}

export function valuesOf(store: Store, names: string[], hashes: number[]): (string | undefined)[] {
  const keys = names.map((name, i) => at(name, hashes[i]!));
  return store.load(SPACE, keys).map((row) => row?.value);
}

export function bytes(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (char) => char.charCodeAt(0));
}

export function text(from: Uint8Array): string {
  return String.fromCharCode(...from);
}
