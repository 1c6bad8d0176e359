// The keyspace beside a plain Map, through every way a key can travel: memory, checkpoint, cache, store.

// oxlint-disable vitest/no-standalone-expect -- the model runs inside of the tests
import { describe, expect, test } from "vitest";

import { HASH_LIMIT, keyHash } from "../../shared/base/key-hash.ts";
import { type Random, seededRandom } from "../../shared/base/random.ts";
import { Checkpoint } from "../../shared/engine/checkpoint.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { Keyspace } from "../../shared/engine/keyspace.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { PIECE_BYTES } from "../../shared/engine/store.ts";

const DATABASES = [0, 1, 15];
/** Pairs of one hash, which no walk may part. */
const TWINS = [
  ["{t}112789", "{t}349192"],
  ["{t}112788", "{t}349193"],
  ["{t}112783", "{t}349198"],
  ["{t}112782", "{t}349199"],
] as const;
const NAMES = [...TWINS.flat(), ...Array.from({ length: 40 }, (_, i) => `key-${i}`)];

interface Known {
  readonly value: string;
  readonly expiresAtMs: number;
}

/** A walk under way, and what must come of it. */
interface Walk {
  readonly db: number;
  at: number;
  /** There from the start of the walk until now. */
  readonly steady: Set<string>;
  /** Not there at any time since the start. */
  readonly absent: Set<string>;
  readonly seen: string[];
}

class Model {
  #store = new MemoryStore();
  #keyspace = new Keyspace(this.#store, DEFAULT_LIMITS);
  readonly #random: Random;
  #known = new Map<number, Map<string, Known>>(DATABASES.map((db) => [db, new Map()]));
  #walk: Walk | undefined;
  #valueCount = 0;
  walkCount = 0;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  run(steps: number): void {
    const changes = [this.#put, this.#put, this.#put, this.#remove, this.#remove, this.#expire];
    const walks = [this.#walkOn, this.#walkOn, this.#walkOn, this.#walkOn];
    const moves = [this.#checkpoint, this.#shrink, this.#prefetch, this.#pinOrUnpin, this.#rarely];
    const kinds = [...changes, ...walks, ...moves];
    for (let i = 0; i < steps; i++) {
      this.#oneOf(kinds).call(this);
      this.#check();
    }
    for (const db of DATABASES) this.#checkAll(db);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #oneOf<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  #put(): void {
    const db = this.#oneOf(DATABASES);
    const name = this.#oneOf(NAMES);
    const value = `value ${++this.#valueCount}`;
    const expiresAtMs = this.#oneOf([0, 0, 1000 + this.#valueCount]);
    this.#keyspace.put(this.#keyspace.space(db), name, value, expiresAtMs);
    this.#known.get(db)!.set(name, { value, expiresAtMs });
    if (this.#walk?.db === db) this.#walk.absent.delete(name);
  }

  #remove(): void {
    const db = this.#oneOf(DATABASES);
    const name = this.#oneOf(NAMES);
    const space = this.#keyspace.space(db);
    const entry = this.#keyspace.find(space, name);
    if (entry !== undefined) this.#keyspace.remove(space, entry);
    this.#known.get(db)!.delete(name);
    if (this.#walk?.db === db) this.#walk.steady.delete(name);
  }

  #expire(): void {
    const db = this.#oneOf(DATABASES);
    const name = this.#oneOf(NAMES);
    const space = this.#keyspace.space(db);
    const entry = this.#keyspace.find(space, name);
    const known = this.#known.get(db)!.get(name);
    expect(entry?.value).toBe(known?.value);
    if (entry === undefined || known === undefined) return;
    const expiresAtMs = this.#oneOf([0, this.#below(1000) + 1]);
    this.#keyspace.setExpiry(space, entry, expiresAtMs);
    this.#known.get(db)!.set(name, { ...known, expiresAtMs });
  }

  /** One page further; at the end, all that was there throughout has been seen, and once. */
  #walkOn(): void {
    this.#walk ??= this.#newWalk();
    const { db, at, steady, absent, seen } = this.#walk;
    const page = this.#keyspace.walk(this.#keyspace.space(db), at, 1 + this.#below(12));
    for (const key of page.keys) {
      const known = this.#known.get(db)!.get(key.name);
      expect(key).toMatchObject({ type: "string", expiresAtMs: known?.expiresAtMs });
      expect(key.hash).toBe(keyHash(key.name));
      seen.push(key.name);
    }
    this.#walk.at = page.next;
    if (page.next !== 0) return;
    const count = new Map<string, number>();
    for (const name of seen) count.set(name, (count.get(name) ?? 0) + 1);
    for (const name of steady) expect([name, count.get(name)]).toEqual([name, 1]);
    for (const name of absent) expect([name, count.get(name)]).toEqual([name, undefined]);
    this.#walk = undefined;
    this.walkCount++;
  }

  #newWalk(): Walk {
    const db = this.#oneOf(DATABASES);
    const known = this.#known.get(db)!;
    const absent = new Set(NAMES.filter((name) => !known.has(name)));
    return { db, at: 0, steady: new Set(known.keys()), absent, seen: [] };
  }

  #checkpoint(): void {
    this.#keyspace.checkpoint({ offset: 1 });
    expect([this.#keyspace.dirtyCount, this.#keyspace.dirtyBytes]).toEqual([0, 0]);
    if (!this.#store.isPinned && this.#below(2) === 0) {
      this.#store.collect(
        { live: this.#keyspace.liveSpaces(), dead: this.#keyspace.collectable },
        10,
      );
    }
  }

  #shrink(): void {
    const { residentBytes, dirtyBytes } = this.#keyspace;
    const bytesMax = this.#below(residentBytes + 1);
    this.#keyspace.shrink(bytesMax);
    expect(this.#keyspace.residentBytes).toBeLessThanOrEqual(Math.max(bytesMax, dirtyBytes));
  }

  #prefetch(): void {
    const names = Array.from({ length: 10 }, () => this.#oneOf(NAMES));
    this.#keyspace.prefetch(this.#keyspace.space(this.#oneOf(DATABASES)), names);
  }

  #pinOrUnpin(): void {
    if (this.#store.isPinned) this.#store.unpin();
    else if (this.#below(2) === 0) this.#store.merge(1 + this.#below(9));
    else this.#store.pin();
  }

  #rarely(): void {
    const kind = this.#below(8);
    if (kind === 0) this.#flush();
    else if (kind === 1) this.#swap();
    else if (kind === 2) this.#restart();
  }

  #flush(): void {
    const db = this.#oneOf(DATABASES);
    this.#keyspace.flush(db);
    this.#known.set(db, new Map());
    if (this.#walk?.db === db) this.#walk.steady.clear();
  }

  #swap(): void {
    const [a, b] = [this.#oneOf(DATABASES), this.#oneOf(DATABASES)];
    this.#keyspace.swap(a, b);
    const knownOfA = this.#known.get(a)!;
    this.#known.set(a, this.#known.get(b)!);
    this.#known.set(b, knownOfA);
    this.#walk = undefined;
  }

  /** What is not in a checkpoint is not in the store: the log would bring it back. */
  #restart(): void {
    this.#checkpoint();
    this.#store.commit();
    const known = new Map([...this.#known].map(([db, keys]) => [db, new Map(keys)]));
    this.#put();
    this.#known = known;
    this.#store = this.#store.crash();
    this.#keyspace = new Keyspace(this.#store, DEFAULT_LIMITS);
    this.#walk = undefined;
  }

  #check(): void {
    const db = this.#oneOf(DATABASES);
    const known = this.#known.get(db)!;
    const space = this.#keyspace.space(db);
    const name = this.#oneOf(NAMES);
    const entry = this.#keyspace.find(space, name);
    const found = entry && { value: entry.value, expiresAtMs: entry.expiresAtMs };
    expect(found).toEqual(known.get(name));
    expect(space.keyCount).toBe(known.size);
    const expiring = [...known.values()].filter(({ expiresAtMs }) => expiresAtMs !== 0);
    expect(space.expireCount).toBe(expiring.length);
    this.#checkBytes();
  }

  #checkBytes(): void {
    let residentBytes = 0;
    let dirtyBytes = 0;
    for (let db = 0; db < 16; db++) {
      for (const entry of this.#keyspace.space(db).resident.values()) {
        residentBytes += entry.byteCount;
        if (entry.isDirty) dirtyBytes += entry.byteCount;
      }
    }
    expect([this.#keyspace.residentBytes, this.#keyspace.dirtyBytes]).toEqual([
      residentBytes,
      dirtyBytes,
    ]);
  }

  #checkAll(db: number): void {
    const known = this.#known.get(db)!;
    const space = this.#keyspace.space(db);
    for (const name of NAMES) {
      expect(this.#keyspace.find(space, name)?.value).toBe(known.get(name)?.value);
    }
    const { keys, next } = this.#keyspace.walk(space, 0, 1000);
    expect(keys.map((key) => key.name).toSorted()).toEqual([...known.keys()].toSorted());
    expect(next).toBe(0);
  }
}

describe("the keyspace", () => {
  test("meets keys of one hash in these tests", () => {
    for (const [a, b] of TWINS) expect(keyHash(a)).toBe(keyHash(b));
  });

  for (const seed of [1, 2, 3, 4]) {
    test(`holds what a Map holds, and each walk sees it once (seed ${seed})`, () => {
      const model = new Model(seed);
      model.run(3000);
      expect(model.walkCount).toBeGreaterThan(50);
    });
  }

  test("never parts keys of one hash in a walk, stored or not", () => {
    const keyspace = new Keyspace(new MemoryStore(), DEFAULT_LIMITS);
    const space = keyspace.space(0);
    for (const [a] of TWINS.slice(0, 2)) keyspace.put(space, a, "v");
    keyspace.checkpoint({});
    for (const name of NAMES) keyspace.put(space, name, "v");
    for (const countMax of [1, 2, 3]) {
      const seen: string[] = [];
      for (let at = 0, isFirst = true; isFirst || at !== 0; isFirst = false) {
        const page = keyspace.walk(space, at, countMax);
        seen.push(...page.keys.map((key) => key.name));
        at = page.next;
      }
      expect(seen.toSorted()).toEqual(NAMES.toSorted());
    }
  });

  test("asks the store for nothing while it knows every key", () => {
    const store = new MemoryStore();
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    const space = keyspace.space(0);
    keyspace.put(space, "there", "1");
    keyspace.checkpoint({});
    const { queryCount } = store;
    for (const name of ["there", "missing"]) keyspace.find(space, name);
    keyspace.prefetch(space, ["missing", "too"]);
    expect(store.queryCount).toBe(queryCount);
  });

  test("asks the store once for all the keys of a batch", () => {
    const store = new MemoryStore();
    const before = new Keyspace(store, DEFAULT_LIMITS);
    for (const name of NAMES) before.put(before.space(0), name, "v");
    before.checkpoint({});
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    const { queryCount } = store;
    keyspace.prefetch(keyspace.space(0), NAMES);
    for (const name of [...NAMES, "missing"]) keyspace.find(keyspace.space(0), name);
    expect(store.queryCount).toBe(queryCount + 1);
  });

  test("asks the store once for a key that it does not have, until it may have it", () => {
    const store = new MemoryStore();
    const before = new Keyspace(store, DEFAULT_LIMITS);
    before.put(before.space(0), "there", "v");
    before.checkpoint({});
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    const space = keyspace.space(0);
    const { queryCount } = store;
    keyspace.prefetch(space, ["new", "newer"]);
    for (const name of ["new", "newer", "new"]) keyspace.put(space, name, "v");
    expect(store.queryCount).toBe(queryCount + 1);
    keyspace.checkpoint({});
    keyspace.shrink(0);
    expect(space.resident.has("new")).toBe(false);
    expect(keyspace.find(space, "new")?.value).toBe("v");
  });

  test("keeps a value longer than a row, and lets its pieces go when it shrinks", () => {
    const store = new MemoryStore();
    const long = Array.from({ length: 40_000 }, () => seededText(70)).join("");
    const again = (): Keyspace => new Keyspace(store, DEFAULT_LIMITS);
    const first = again();
    first.put(first.space(0), "k", long);
    first.checkpoint({});
    const second = again();
    const space = second.space(0);
    expect(long.length).toBeGreaterThan(2 * PIECE_BYTES);
    expect(second.find(space, "k")?.value === long).toBe(true);
    second.put(space, "k", "short");
    second.checkpoint({});
    expect(again().find(again().space(0), "k")?.value).toBe("short");
    const key = { hash: keyHash("k"), name: "k" };
    const range = { from: 1, to: 2 };
    expect(() => store.loadPieces(space.id, key, range)).toThrow("all its pieces");
  });

  test("never gives a new database the rows of an old one", () => {
    const store = new MemoryStore();
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    const beside = keyspace.reserveSpace();
    const row = { hash: 1, name: "k", type: 0, expiresAtMs: 0, pieces: 1, value: "\x01v" };
    store.write(beside, [{ kind: "head", row }]);
    const next = new Keyspace(store, DEFAULT_LIMITS);
    next.flush(0);
    expect(next.liveSpaces().has(beside)).toBe(false);
    expect(next.walk(next.space(0), 0, 10)).toEqual({ keys: [], next: 0 });
  });

  test("a checkpoint that fails leaves the base and its state as they were", () => {
    const store = new MemoryStore();
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    keyspace.put(keyspace.space(0), "k", "old");
    keyspace.checkpoint({ offset: 1 });
    keyspace.put(keyspace.space(0), "k", "new");
    const work = (): void => {
      keyspace.checkpoint({ offset: 2 });
      throw new Error("stop");
    };
    expect(() => store.transaction(work)).toThrow("stop");
    const again = new Keyspace(store, DEFAULT_LIMITS);
    expect(again.find(again.space(0), "k")?.value).toBe("old");
    expect(Checkpoint.load(store)).toMatchObject({ offset: 1 });
  });

  test("a checkpoint in slices puts no more aside at a time than it was told, long rows for several", () => {
    const store = new MemoryStore();
    const stage = store.stage.bind(store);
    let byteCount = 0;
    store.stage = (text) => {
      byteCount += text.length;
      stage(text);
    };
    const keyspace = new Keyspace(store, DEFAULT_LIMITS);
    const space = keyspace.space(0);
    for (let i = 0; i < 1000; i++) {
      keyspace.put(space, `k${i}`, "x".repeat(i % 100 === 0 ? 20_000 : 100));
    }
    keyspace.beginCheckpoint({}, { save: () => undefined, rowsMax: 50 });
    let slices = 0;
    for (; keyspace.checkpointing === "staging"; slices++) {
      expect(byteCount).toBeLessThan(50_000);
      byteCount = 0;
      keyspace.goOn(50);
    }
    expect(slices).toBeGreaterThan(20);
    while (keyspace.checkpointing !== undefined) keyspace.goOn(50);
    const again = new Keyspace(store, DEFAULT_LIMITS);
    expect(again.space(0).keyCount).toBe(1000);
    expect(again.find(again.space(0), "k100")?.value).toBe("x".repeat(20_000));
  });

  test("keys that change while they are written do not keep others in memory", () => {
    const keyspace = new Keyspace(new MemoryStore(), DEFAULT_LIMITS);
    const space = keyspace.space(0);
    const put = (name: string, text: string, count: number): void => {
      for (let i = 0; i < count; i++) keyspace.put(space, `${name}:${i}`, text.repeat(1000));
    };
    put("clean", "x", 100);
    keyspace.checkpoint({});
    put("hot", "x", 150);
    keyspace.beginCheckpoint({}, { save: () => undefined, rowsMax: 10 });
    put("hot", "y", 150);
    keyspace.shrink(180_000);
    expect(keyspace.residentBytes).toBeLessThanOrEqual(180_000);
  });

  test("a walk ends however near the end of the order its last key stands", () => {
    const keyspace = new Keyspace(new MemoryStore(), DEFAULT_LIMITS);
    const space = keyspace.space(0);
    for (const name of NAMES) keyspace.put(space, name, "v");
    expect(keyspace.walk(space, HASH_LIMIT - 1, 5)).toEqual({ keys: [], next: 0 });
  });
});

let textCount = 0;

/** Text that does not compress to nothing. */
function seededText(length: number): string {
  return seededRandom(textCount++).hex(length);
}
