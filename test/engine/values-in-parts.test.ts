// Large values beside the same values in an engine that never writes one down: through checkpoints,
// crashes, pins, merges, the cache and the collector. Whatever happens to a value, it is what it was,
// and no row of the store outlives it.

// oxlint-disable vitest/no-standalone-expect -- the model runs inside of the tests
import { describe, expect, test } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { Checkpoint } from "../../shared/engine/checkpoint.ts";
import { datasetDigest, valueDigest } from "../../shared/engine/digest.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import type { Change } from "../../shared/engine/store.ts";
import { Unloaded } from "../../shared/types/unloaded.ts";
import { scaled } from "../support/scale.ts";
import { type EngineHarness, engineHarness } from "../support/engine.ts";

const DATABASES = [0, 1, 2];
/** Each mostly holds a value of one type. */
const KEYS = ["hash", "set", "zset", "list", "stream", "string"];
/** Members of a value that takes several parts, and far fewer that take one. */
const MANY = 200;
const LONG = "x".repeat(40);

const writtenSpaces = new Set<number>();

/** Notes which spaces ever had rows, so that leaks are found. */
class WatchedStore extends MemoryStore {
  override write(space: number, changes: readonly Change[]): void {
    writtenSpaces.add(space);
    super.write(space, changes);
  }
}

function engineOn(store: MemoryStore): EngineHarness {
  return engineHarness({ ports: { store } });
}

class Model {
  readonly #random: Random;
  #store: MemoryStore = new WatchedStore();
  #harness = engineOn(this.#store);
  #client = this.#harness.connect();
  readonly #plain = engineHarness();
  readonly #plainClient = this.#plain.connect();
  /** Command lines since the last checkpoint: what the log would bring back. */
  #since: (readonly string[])[] = [];
  #sinceDb = 0;
  #db = 0;
  #checkpointSpaces: ReadonlySet<number> = new Set();
  /** A checkpoint in slices: what was to be replayed when it began, and what its base is. */
  #run: { since: number; db: number; spaces: ReadonlySet<number> } | undefined;
  #serial = 0;
  /** Steps at which some value was in parts. */
  partedSteps = 0;
  /** Steps at which the number of a dead value could be given away. */
  freeSteps = 0;
  /** Crashes between two slices, before and after the checkpoint counted. */
  readonly crashes = { staging: 0, moving: 0 };

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#checkpoint();
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      if (this.#below(3) > 0) this.#send(this.#command());
      else this.#oneOf(this.#moves).call(this);
      this.#check();
    }
    this.#end();
  }

  readonly #moves = [
    this.#checkpoint,
    this.#begin,
    this.#begin,
    this.#goOn,
    this.#goOn,
    this.#goOn,
    this.#goOn,
    this.#shrink,
    this.#shrink,
    this.#pinOrUnpin,
    this.#tidy,
    this.#tidy,
    this.#openSome,
    this.#crash,
    this.#crash,
  ];

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #oneOf<T>(list: readonly T[]): T {
    return list[this.#below(list.length)]!;
  }

  #send(args: readonly string[]): void {
    const reply = this.#answer(args);
    const expected = this.#plainClient.send(args);
    expect([args.slice(0, 3), reply]).toEqual([args.slice(0, 3), expected]);
    this.#since.push(args);
    if (args[0] === "SELECT") this.#db = Number(args[1]);
  }

  /** Who would write to a value that is being encoded waits for that, or hurries it (as scripts do). */
  #answer(args: readonly string[]): Reply {
    const { keyspace } = this.#harness.engine;
    const entry = keyspace.find(keyspace.space(this.#db), args[1] ?? "");
    if (entry !== undefined && keyspace.isFrozen(entry) && this.#below(2) === 0) {
      keyspace.changeable(entry);
    }
    for (;;) {
      const reply = this.#client.send(args);
      if (this.#client.session.blocked === undefined) return reply;
      this.#harness.engine.endWait(this.#client.session);
      this.#goOn();
    }
  }

  #command(): readonly string[] {
    const kind = this.#below(10);
    if (kind < 3) return this.#growing();
    if (kind < 6) return this.#shrinking();
    return this.#ofKeys();
  }

  /** Names of members: most are the same each time, some are new. */
  #members(): string[] {
    const from = this.#below(3) * 50;
    const count = this.#oneOf([1, MANY, MANY]);
    return Array.from({ length: count }, (_, i) => `${LONG}${from + i}`);
  }

  #keyOf(type: string): string {
    return this.#below(4) === 0 ? this.#oneOf(KEYS) : type;
  }

  #growing(): readonly string[] {
    const members = this.#members();
    const value = `v${++this.#serial}`;
    return this.#oneOf<() => readonly string[]>([
      () => ["HSET", this.#keyOf("hash"), ...members.flatMap((member) => [member, value])],
      () => ["SADD", this.#keyOf("set"), ...members],
      () => [
        "ZADD",
        this.#keyOf("zset"),
        ...members.flatMap((member) => [`${this.#serial % 7}`, member]),
      ],
      () => ["RPUSH", this.#keyOf("list"), ...members],
      () => ["LPUSH", this.#keyOf("list"), ...members],
      () => [
        "XADD",
        this.#keyOf("stream"),
        `${this.#serial}-0`,
        ...members.flatMap((field) => [field, value]),
      ],
      () => ["SET", this.#oneOf(KEYS), value],
      () => this.#writing(members),
      () => this.#writing(members),
      () => ["HPEXPIRE", this.#keyOf("hash"), "9000000", "FIELDS", "1", members[0]!],
      () => ["XGROUP", "CREATE", this.#keyOf("stream"), this.#group, "0", "MKSTREAM"],
      () => this.#reading(),
      () => this.#reading(),
    ])();
  }

  /** Into a string, long or not, somewhere. */
  #writing(members: readonly string[]): readonly string[] {
    const key = this.#keyOf("string");
    const text = members.join("");
    const place = this.#below(20 * LONG.length * MANY);
    return this.#oneOf<readonly string[]>([
      ["APPEND", key, text],
      ["APPEND", key, "x"],
      ["SETRANGE", key, `${place}`, text],
      ["SETBIT", key, `${place * 8}`, "1"],
      ["BITFIELD", key, "INCRBY", "u16", `${place * 8 + 3}`, "7", "GET", "u8", `${place}`],
      ["GETRANGE", key, `${place}`, `${place + 9000}`],
      ["BITCOUNT", key, `${place}`, "-1"],
      ["BITPOS", key, "1", `${place}`],
      ["GETBIT", key, `${place * 8}`],
      ["STRLEN", key],
      ["GET", key],
      ["INCR", key],
    ]);
  }

  /** Some entries more, and who reads them: what is pending has parts of its own. */
  #reading(): readonly string[] {
    const key = this.#keyOf("stream");
    for (let i = 0; i < 150; i++) this.#send(["XADD", key, `${++this.#serial}-0`, "f", "v"]);
    const consumer = `consumer-${this.#below(3)}`;
    return ["XREADGROUP", "GROUP", this.#group, consumer, "STREAMS", key, ">"];
  }

  get #group(): string {
    return `group-${this.#below(2)}`;
  }

  #shrinking(): readonly string[] {
    const members = this.#members();
    const [member] = members as [string];
    return this.#oneOf<readonly string[]>([
      ["HDEL", this.#keyOf("hash"), ...members],
      ["SREM", this.#keyOf("set"), ...members],
      ["ZREMRANGEBYRANK", this.#keyOf("zset"), `${this.#below(4)}`, "-1"],
      ["ZREM", this.#keyOf("zset"), ...members],
      ["LTRIM", this.#keyOf("list"), "0", `${this.#below(4)}`],
      ["LPOP", this.#keyOf("list"), `${this.#oneOf([1, 50, 500])}`],
      ["XTRIM", this.#keyOf("stream"), "MAXLEN", `${this.#below(3)}`],
      ["XACK", this.#keyOf("stream"), this.#group, `${this.#serial}-0`],
      ["XAUTOCLAIM", this.#keyOf("stream"), this.#group, "consumer-0", "0", "0", "JUSTID"],
      ["XGROUP", "DELCONSUMER", this.#keyOf("stream"), this.#group, "consumer-1"],
      ["XGROUP", "DESTROY", this.#keyOf("stream"), this.#group],
      ["LSET", this.#keyOf("list"), "3", `v${++this.#serial}`],
      ["HINCRBY", this.#keyOf("hash"), `n${this.#below(3)}`, "1"],
      ["ZINCRBY", this.#keyOf("zset"), "2", member],
      ["LREM", this.#keyOf("list"), "0", member],
    ]);
  }

  #ofKeys(): readonly string[] {
    const [key, other] = [this.#oneOf(KEYS), this.#oneOf(KEYS)];
    const db = `${this.#oneOf(DATABASES)}`;
    const common: readonly (readonly string[])[] = [
      ["DEL", key],
      ["RENAME", key, other],
      ["RENAME", key, other],
      ["RENAMENX", key, other],
      ["COPY", key, other, "REPLACE"],
      ["COPY", key, other, "DB", db, "REPLACE"],
      ["MOVE", key, db],
      ["MOVE", key, db],
      ["EXPIRE", key, "100000"],
      ["PERSIST", key],
      ["SUNIONSTORE", key, other, this.#oneOf(KEYS)],
      ["ZUNIONSTORE", key, "1", other],
      ["SORT", key, "ALPHA", "STORE", other],
      ["LMOVE", key, other, "LEFT", "RIGHT"],
      ["TYPE", key],
      ["OBJECT", "ENCODING", key],
    ];
    const rare: readonly (readonly string[])[] = [
      ["SWAPDB", db, `${this.#oneOf(DATABASES)}`],
      ["FLUSHDB"],
      ["SELECT", db],
      ["SELECT", db],
    ];
    return this.#below(6) === 0 ? this.#oneOf(rare) : this.#oneOf(common);
  }

  #begin(): void {
    const { keyspace } = this.#harness.engine;
    if (this.#run !== undefined) return;
    this.#run = { since: this.#since.length, db: this.#db, spaces: keyspace.liveSpaces() };
    const rowsMax = this.#oneOf([1, 2, 4, 16, 100]);
    keyspace.beginCheckpoint({}, { save: () => undefined, rowsMax });
    expect([keyspace.dirtyCount, keyspace.dirtyBytes]).toEqual([0, 0]);
    this.#noteSlice("staging");
  }

  #goOn(): void {
    const { keyspace } = this.#harness.engine;
    const before = keyspace.checkpointing;
    if (before === undefined) return;
    keyspace.goOn(this.#oneOf([1, 5, 50]));
    this.#noteSlice(before);
  }

  #noteSlice(before: "staging" | "moving"): void {
    const { checkpointing } = this.#harness.engine.keyspace;
    this.#store.commit();
    if (before === "staging" && checkpointing !== "staging") {
      const { since, db, spaces } = this.#run!;
      this.#since = this.#since.slice(since);
      this.#sinceDb = db;
      this.#checkpointSpaces = spaces;
    }
    if (checkpointing === undefined) this.#run = undefined;
  }

  #checkpoint(): void {
    const { keyspace } = this.#harness.engine;
    keyspace.checkpoint({});
    this.#run = undefined;
    this.#store.commit();
    expect([keyspace.dirtyCount, keyspace.dirtyBytes]).toEqual([0, 0]);
    this.#checkpointSpaces = keyspace.liveSpaces();
    this.#since = [];
    this.#sinceDb = this.#db;
  }

  #shrink(): void {
    const { keyspace } = this.#harness.engine;
    keyspace.shrink(this.#oneOf([0, 0, this.#below(keyspace.residentBytes + 1)]));
  }

  #pinOrUnpin(): void {
    if (this.#store.isPinned) this.#store.unpin();
    else if (this.#run === undefined) this.#store.pin();
  }

  /** As Persistence does it. */
  #tidy(rowsMax = this.#oneOf([3, 50, 5000])): boolean {
    const { keyspace } = this.#harness.engine;
    if (this.#store.isPinned || !this.#store.merge(rowsMax)) return false;
    const live = new Set([...keyspace.liveSpaces(), ...this.#checkpointSpaces]);
    const dead = keyspace.collectable;
    if (!this.#store.collect({ live, dead }, rowsMax)) return false;
    keyspace.collected(dead);
    return true;
  }

  /** Somebody begins to load a value, and may never come back for the rest. */
  #openSome(): void {
    const { keyspace } = this.#harness.engine;
    const entry = keyspace.find(keyspace.space(this.#db), this.#oneOf(KEYS));
    if (entry !== undefined) keyspace.open(entry, 1 + this.#below(4));
  }

  /** The process ends; what came after the last commit is replayed from the log, or lost with it. */
  #crash(): void {
    const { checkpointing } = this.#harness.engine.keyspace;
    if (checkpointing !== undefined) this.crashes[checkpointing]++;
    this.#run = undefined;
    if (this.#below(2) === 0) this.#store.commit();
    this.#store = watched(this.#store.crash());
    this.#harness = engineOn(this.#store);
    this.#client = this.#harness.connect();
    this.#checkpointSpaces = this.#harness.engine.keyspace.liveSpaces();
    this.#client.send(["SELECT", `${this.#sinceDb}`]);
    for (const args of this.#since) this.#client.send(args);
  }

  #check(): void {
    const { keyspace } = this.#harness.engine;
    let [unloadedCount, residentBytes, dirtyBytes, partedCount] = [0, 0, 0, 0];
    for (const db of DATABASES) {
      const space = keyspace.space(db);
      const plain = this.#plain.engine.keyspace.space(db);
      expect([space.keyCount, space.expireCount, space.elementExpireCount]).toEqual([
        plain.keyCount,
        plain.expireCount,
        plain.elementExpireCount,
      ]);
      expect(space.dataBytes).toBeGreaterThanOrEqual(0);
      if (space.keyCount === 0) expect(space.dataBytes).toBe(0);
      for (const entry of space.resident.values()) {
        if (entry.value instanceof Unloaded) unloadedCount++;
        if (typeof entry.value === "object" && entry.value.parts.space !== 0) partedCount++;
        residentBytes += entry.byteCount;
        dirtyBytes += entry.dirtyBytes;
      }
    }
    if (partedCount > 0) this.partedSteps++;
    const counts = [keyspace.unloadedCount, keyspace.residentBytes, keyspace.dirtyBytes];
    expect(counts).toEqual([unloadedCount, residentBytes, dirtyBytes]);
    this.#checkNumbers();
    if (this.#below(10) > 0) return;
    const [db, key] = [this.#oneOf(DATABASES), this.#oneOf(KEYS)];
    expect(digestOf(this.#harness, db, key)).toBe(digestOf(this.#plain, db, key));
    // A digest does not know of groups.
    const full = ["XINFO", "STREAM", "stream", "FULL", "COUNT", "0"];
    const [shown, expected] = [this.#client.send(full), this.#plainClient.send(full)];
    expect(shown).toEqual(expected);
  }

  /** A number that may be given away is given away once, and no value has it. */
  #checkNumbers(): void {
    const { keyspace } = this.#harness.engine;
    for (const db of DATABASES) {
      const { freeChildren, resident } = keyspace.space(db);
      const free = new Set(freeChildren);
      expect(free.size).toBe(freeChildren.length);
      if (free.size > 0) this.freeSteps++;
      for (const { value } of resident.values()) {
        if (typeof value === "object") expect(free.has(value.parts.space)).toBe(false);
      }
      for (const space of keyspace.collectable) expect(free.has(space)).toBe(false);
    }
  }

  #end(): void {
    if (this.#store.isPinned) this.#store.unpin();
    this.#checkpoint();
    // What a restart would not need is known from the second checkpoint on.
    while (!this.#tidy());
    this.#checkpoint();
    while (!this.#tidy());
    const { engine } = engineOn(this.#store.crash());
    expect(datasetDigest(engine)).toBe(datasetDigest(this.#plain.engine));
    this.#checkRows(engine.ports.store, engine);
  }

  /** Every row is a key's, or a part of a value that a key has. */
  #checkRows(
    store: EngineHarness["engine"]["ports"]["store"],
    engine: EngineHarness["engine"],
  ): void {
    const expected = new Map<number, number>();
    for (const db of DATABASES) {
      const space = engine.keyspace.space(db);
      expected.set(space.id, space.keyCount);
      let dataBytes = 0;
      for (const { name } of engine.keyspace.walk(space, 0, 1000).keys) {
        const entry = engine.keyspace.find(space, name)!;
        const value = entry.value!;
        dataBytes += entry.dataBytes;
        if (typeof value === "string" || value.parts.space === 0) continue;
        expect(expected.has(value.parts.space)).toBe(false);
        expected.set(value.parts.space, value.parts.count);
      }
      expect(space.dataBytes).toBe(dataBytes);
    }
    for (const space of writtenSpaces) {
      const rows = store.keys(space, 0, 1_000_000);
      expect([space, rows.length]).toEqual([space, expected.get(space) ?? 0]);
    }
  }
}

function watched(store: MemoryStore): MemoryStore {
  const write = store.write.bind(store);
  store.write = (space, changes) => {
    writtenSpaces.add(space);
    write(space, changes);
  };
  return store;
}

function digestOf({ engine }: EngineHarness, db: number, key: string): string {
  const entry = engine.keyspace.find(engine.keyspace.space(db), key);
  if (entry !== undefined) engine.keyspace.loaded(entry);
  return valueDigest(entry);
}

describe("values in parts", () => {
  const seeds = Array.from({ length: scaled({ short: 6, full: 300 }) }, (_, i) => i + 1);
  const crashes = { staging: 0, moving: 0 };
  test.each(seeds)("are what they were, and leave no rows behind (seed %i)", (seed) => {
    const model = new Model(seed);
    model.run(600);
    expect(model.partedSteps).toBeGreaterThan(100);
    expect(model.freeSteps).toBeGreaterThan(10);
    crashes.staging += model.crashes.staging;
    crashes.moving += model.crashes.moving;
  });

  test("have met crashes in the midst of checkpoints, before they counted and after", () => {
    expect(crashes.staging).toBeGreaterThan(10);
    expect(crashes.moving).toBeGreaterThan(10);
  });

  test("are found again however many others have died since the collector ran", () => {
    const store = new MemoryStore();
    const dead = Array.from({ length: 120_000 }, (_, i) => i);
    const state = { nextSpace: 1, databases: [], dead };
    Checkpoint.save(store, state);
    expect(Checkpoint.load(store)).toEqual(state);
    Checkpoint.save(store, { ...state, dead: [7] });
    expect(Checkpoint.load(store)).toEqual({ ...state, dead: [7] });
  });

  test("take the numbers of those whose rows are gone", () => {
    const store = new MemoryStore();
    const { engine, run } = engineOn(store);
    const { keyspace } = engine;
    const members = Array.from({ length: MANY }, (_, i) => `${LONG}${i}`).join(" ");
    for (let i = 0; i < 5; i++) {
      run(`SADD set ${members}`);
      keyspace.checkpoint({});
      run("DEL set");
      keyspace.checkpoint({});
      const dead = keyspace.collectable;
      expect(dead).toHaveLength(1);
      expect(store.collect({ live: keyspace.liveSpaces(), dead }, 1000)).toBe(true);
      keyspace.collected(dead);
    }
    expect(keyspace.space(0).nextChild).toBe(2);
  });

  test("give their numbers away once, also when the collector runs in the midst of a checkpoint", () => {
    const store = new MemoryStore();
    const { engine, run } = engineOn(store);
    const { keyspace } = engine;
    const fill = (key: string): void => {
      for (let i = 0; i < MANY; i++) run(`SADD ${key} ${LONG}${key}${i}`);
    };
    const tidy = (): void => {
      const dead = keyspace.collectable;
      expect(store.collect({ live: keyspace.liveSpaces(), dead }, 1_000_000)).toBe(true);
      keyspace.collected(dead);
    };
    fill("old");
    keyspace.checkpoint({});
    run("DEL old");
    keyspace.checkpoint({});
    fill("other");
    keyspace.beginCheckpoint({}, { save: () => undefined, rowsMax: 2 });
    expect(keyspace.checkpointing).toBe("staging");
    tidy();
    while (keyspace.checkpointing !== undefined) keyspace.goOn(100);
    tidy();
    fill("a");
    fill("b");
    keyspace.checkpoint({});
    store.commit();
    const again = engineOn(store.crash());
    for (const key of ["a", "b"]) {
      expect(digestOf(again, 0, key)).toBe(digestOf({ ...again, engine }, 0, key));
    }
  });

  test("of one request are loaded at once where they may not fit in the cache together", () => {
    const store = new MemoryStore();
    const { engine, run } = engineOn(store);
    const { keyspace } = engine;
    for (let from = 0; from < 100_000; from += 5000) {
      const members = Array.from({ length: 5000 }, (_, i) => `${from + i}`).join(" ");
      for (const key of ["a", "b", "c"]) run(`SADD ${key} ${members}`);
    }
    keyspace.checkpoint({});
    const cacheBytes = keyspace.residentBytes / 6;
    run(`CONFIG SET cache-bytes ${Math.round(cacheBytes)}`);
    keyspace.shrink(0);
    let ticks = 0;
    for (; ticks < 100; ticks++) {
      const reply = run("SINTERCARD 3 a b c");
      if (reply === 100_000) break;
      keyspace.shrink(cacheBytes);
    }
    expect(ticks).toBeLessThan(40);
  });
});
