// Streams beside a plain array, beside the rows that a checkpoint would have written, and beside RDB.

// oxlint-disable vitest/no-standalone-expect, vitest/expect-expect -- the model does it
import { describe, expect, test } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import { admitPart, decodeValue, encodeValue, inForm, openValue } from "../../shared/rdb/codec.ts";
import { STREAM_CODEC } from "../../shared/rdb/stream.ts";
import type { Form } from "../../shared/rdb/value-codec.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { READ_UNKNOWN } from "../../shared/types/stream-group.ts";
import { FIRST_ID, LAST_ID, streamId } from "../../shared/types/stream-id.ts";
import { StreamValue } from "../../shared/types/stream.ts";

const ALL = { countMax: Infinity };
const LIMITS = { ...DEFAULT_LIMITS, streamNodeEntries: 7, streamNodeBytes: 300 };

function add(stream: StreamValue, id: string, pairs: readonly string[], limits = LIMITS): void {
  stream.add(id, { args: pairs, from: 0 }, limits);
}

/** All that can be seen of a stream, as text: it is long. */
function seen(stream: StreamValue): string {
  const { lastId, firstId, maxDeletedId, entriesAdded, size } = stream;
  const groups = [...stream.groups.values()].map((group) => ({
    name: group.name,
    lastId: group.lastId,
    entriesRead: group.entriesRead,
    pending: [...group.pendingIds.from(FIRST_ID)].map((id) => {
      const { consumer, deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
      return [id, consumer.name, deliveredAtMs, deliveryCount];
    }),
    consumers: [...group.consumers.values()]
      .map(({ name, seenAtMs, pending }) => [name, seenAtMs, [...pending.from(FIRST_ID)]])
      .toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  }));
  const all = {
    lastId,
    firstId,
    maxDeletedId,
    entriesAdded,
    size,
    groups: groups.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    entries: stream.range(FIRST_ID, LAST_ID, ALL),
  };
  const plain = (_: string, value: unknown): unknown => {
    return typeof value === "bigint" ? String(value) : value;
  };
  return JSON.stringify(all, plain);
}

/** The rows of a stream's parts, as checkpoints leave them. */
class Rows {
  readonly #rows = new Map<number, string>();

  checkpoint({ parts }: StreamValue): void {
    for (const number of parts.gone()) expect(this.#rows.delete(number)).toBe(true);
    for (const part of parts.changed()) this.#rows.set(part.number, part.encode());
    parts.stored();
    expect(parts.changedBytes).toBe(0);
    expect(this.#rows.size).toBe(parts.count);
  }

  /** The stream as it comes back from its rows. */
  load(stream: StreamValue): StreamValue {
    const facts = { type: "stream", encoding: "stream", size: stream.size, space: 1 } as const;
    const loaded = openValue({
      ...facts,
      partCount: stream.parts.count,
      loadedByteCount: 0,
      elementsExpireAtMs: 0,
      head: STREAM_CODEC.head(stream),
    }) as StreamValue;
    const numbers = [...this.#rows.keys()].toSorted((a, b) => a - b);
    for (const number of numbers) admitPart(loaded, number, this.#rows.get(number)!);
    expect(loaded.parts.count).toBe(stream.parts.count);
    expect([...loaded.parts.changed()]).toEqual([]);
    return loaded;
  }

  /** What a snapshot sends, which loads nothing. */
  snapshot(stream: StreamValue, form: Form): { type: number; body: string } {
    const { type, before, after, elements } = STREAM_CODEC.frame(STREAM_CODEC.head(stream), form);
    const numbers = [...this.#rows.keys()].toSorted((a, b) => a - b);
    const bodies = numbers.map((number) => elements!(this.#rows.get(number)!));
    return { type, body: before + bodies.join("") + after };
  }
}

/** A stream is the same in RDB whoever writes it: whole, from its rows, or from what is stored whole. */
function checkRdb(stream: StreamValue, rows: Rows): void {
  const full = encodeValue(stream);
  expect(full.type).toBe(19);
  expect(seen(decodeValue(full.type, full.body, LIMITS) as StreamValue)).toBe(seen(stream));
  expect(rows.snapshot(stream, "ours")).toEqual(full);
  expect(encodeValue(stream, "redis7")).toEqual(full);
  expect(inForm(full, "redis7")).toEqual(full);
  const older = encodeValue(stream, "redis5");
  expect(older.type).toBe(15);
  expect(rows.snapshot(stream, "redis5")).toEqual(older);
  expect(inForm(full, "redis5")).toEqual(older);
  const read = decodeValue(older.type, older.body, LIMITS) as StreamValue;
  expect(seen(read)).toBe(seen(asRedis5(stream)));
}

/** A copy with the counters that are made of a stream of Redis 5. */
function asRedis5(stream: StreamValue): StreamValue {
  const copy = stream.clone();
  copy.firstId = copy.lowestEntryId ?? LAST_ID;
  copy.maxDeletedId = FIRST_ID;
  copy.entriesAdded = BigInt(copy.size);
  for (const group of copy.groups.values()) group.entriesRead = copy.entriesUpTo(group.lastId);
  return copy;
}

class Model {
  stream = new StreamValue();
  entries: { id: string; pairs: string[] }[] = [];
  rows = new Rows();
  readonly #random: Random;
  #ms = 5;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  anyId(): string {
    const entry = this.entries[this.below(this.entries.length + 3)];
    return entry?.id ?? streamId(this.below(this.#ms + 3), this.below(3));
  }

  step(): void {
    const choice = this.below(20);
    if (choice < 12) this.add();
    else if (choice < 15) this.delete([this.anyId(), this.anyId()]);
    else if (choice === 15) this.trim();
    else if (choice === 16) this.range();
    else if (choice === 17) {
      this.stream = this.stream.clone();
      this.rows = new Rows();
    }
  }

  add(): void {
    this.#ms += this.below(3);
    const { lastId } = this.stream;
    const id = streamId(this.#ms, this.below(3));
    if (id <= lastId) return;
    const pairs = ["f", "x".repeat(this.below(80)), "12", String(this.below(1000))];
    if (this.below(3) === 0) pairs.push("g", "");
    add(this.stream, id, pairs);
    this.entries.push({ id, pairs });
  }

  delete(ids: readonly string[]): void {
    const left = this.entries.filter(({ id }) => !ids.includes(id));
    expect(this.stream.delete(ids)).toBe(this.entries.length - left.length);
    this.entries = left;
  }

  trim(): void {
    const lengthMax = this.below(this.entries.length + 2);
    const isById = this.below(2) === 0;
    const by = isById ? { idMin: this.anyId() } : { lengthMax };
    const isApproximate = this.below(2) === 0;
    const count = this.stream.trim({ by, isApproximate, limit: 0 });
    const wanted = isById
      ? this.entries.filter(({ id }) => id < by.idMin!).length
      : Math.max(this.entries.length - lengthMax, 0);
    if (isApproximate) expect(count).toBeLessThanOrEqual(wanted);
    else expect(count).toBe(wanted);
    this.entries.splice(0, count);
  }

  range(): void {
    const [from, to] = [this.anyId(), this.anyId()];
    const countMax = 1 + this.below(20);
    const isReverse = this.below(2) === 0;
    const wanted = this.entries.filter(({ id }) => id >= from && id <= to);
    if (isReverse) wanted.reverse();
    const found = this.stream.range(from, to, { countMax, isReverse });
    expect(found).toEqual(wanted.slice(0, countMax));
  }

  check(): void {
    const { stream, entries } = this;
    expect(stream.range(FIRST_ID, LAST_ID, ALL)).toEqual(entries);
    const reversed = stream.range(FIRST_ID, LAST_ID, { ...ALL, isReverse: true });
    expect(reversed).toEqual(entries.toReversed());
    expect(stream.size).toBe(entries.length);
    expect(stream.firstId).toBe(entries[0]?.id ?? FIRST_ID);
    expect(stream.lastEntryId).toBe(entries.at(-1)?.id);
    const probe = this.anyId();
    expect(stream.has(probe)).toBe(entries.some(({ id }) => id === probe));
    expect(stream.entry(probe)).toEqual(entries.find(({ id }) => id === probe));
  }

  restart(): void {
    this.rows.checkpoint(this.stream);
    const before = seen(this.stream);
    this.stream = this.rows.load(this.stream);
    expect(seen(this.stream)).toBe(before);
    checkRdb(this.stream, this.rows);
  }
}

describe("a stream", () => {
  test.each([1, 2, 3, 4])("holds what a plain array does, seed %i", (seed) => {
    const model = new Model(seed);
    for (let i = 0; i < 2000; i++) {
      model.step();
      if (i % 25 === 0) model.check();
      if (i % 100 === 99) model.restart();
    }
    model.check();
  });

  test("begins a block where the last one is full, in entries or bytes", () => {
    const stream = new StreamValue();
    for (let i = 1; i <= 15; i++) add(stream, streamId(i, 0), ["f", "v"]);
    expect(stream.blockCount).toBe(3);
    add(stream, streamId(20, 0), ["f", "x".repeat(280)]);
    expect(stream.blockCount).toBe(4);
    add(stream, streamId(21, 0), ["f", "v"]);
    expect(stream.blockCount).toBe(5);
  });

  test("counts deleted entries as Redis does: against the size of a block", () => {
    const stream = new StreamValue();
    for (let i = 1; i <= 7; i++) add(stream, streamId(i, 0), ["f", "v"]);
    stream.delete([streamId(3, 0), streamId(4, 0)]);
    add(stream, streamId(8, 0), ["f", "v"]);
    expect(stream.blockCount).toBe(2);
  });

  test("adds behind a block that was emptied by trimming, though XSETID went back", () => {
    const stream = new StreamValue();
    add(stream, streamId(5, 0), ["f", "v"]);
    add(stream, streamId(6, 0), ["f", "v"]);
    stream.delete([streamId(6, 0)]);
    stream.trim({ by: { idMin: streamId(6, 0) }, isApproximate: false, limit: 0 });
    expect([stream.size, stream.blockCount]).toEqual([0, 1]);
    stream.lastId = streamId(1, 0);
    for (let i = 2; i < 20; i++) add(stream, streamId(i, 0), ["f", String(i)]);
    expect(stream.range(streamId(3, 0), streamId(4, 0), ALL)).toHaveLength(2);
  });

  test("finds live entries behind deleted ones with higher IDs", () => {
    const stream = new StreamValue();
    for (const ms of [1, 3, 9]) add(stream, streamId(ms, 0), ["f", "v"]);
    stream.delete([streamId(9, 0)]);
    stream.lastId = streamId(4, 0);
    add(stream, streamId(5, 0), ["f", "v"]);
    expect(stream.has(streamId(5, 0))).toBe(true);
    expect(stream.delete([streamId(5, 0)])).toBe(1);
    expect(stream.lastEntryId).toBe(streamId(3, 0));
  });

  test("of thirty thousand entries writes one row for one that is added or deleted", () => {
    const stream = new StreamValue();
    for (let i = 1; i <= 30_000; i++) {
      add(stream, streamId(i, 0), ["field", `value${i}`], DEFAULT_LIMITS);
    }
    const rows = new Rows();
    rows.checkpoint(stream);
    add(stream, streamId(40_000, 0), ["field", "value"], DEFAULT_LIMITS);
    expect([...stream.parts.changed()]).toHaveLength(1);
    stream.delete([streamId(15_000, 0)]);
    expect([...stream.parts.changed()]).toHaveLength(2);
    expect(STREAM_CODEC.head(stream).length).toBeLessThan(100);
  });

  test("clones to one that shares nothing that changes", () => {
    const stream = new StreamValue();
    for (let i = 1; i <= 20; i++) add(stream, streamId(i, 0), ["f", "v"]);
    const group = stream.addGroup("g", FIRST_ID, READ_UNKNOWN);
    const consumer = group.addConsumer("c", 1);
    group.addPending(streamId(1, 0), consumer, { deliveredAtMs: 5, deliveryCount: 1 });
    const copy = stream.clone();
    const before = seen(copy);
    stream.delete([streamId(2, 0), streamId(20, 0)]);
    stream.trim({ by: { lengthMax: 3 }, isApproximate: false, limit: 0 });
    group.removePending(streamId(1, 0));
    stream.removeGroup(group);
    expect(seen(copy)).toBe(before);
  });
});

describe("groups", () => {
  test.each([1, 2, 3])("come back from rows and RDB, whatever is pending, seed %i", (seed) => {
    const random = seededRandom(seed);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    const stream = new StreamValue();
    for (let i = 1; i <= 50; i++) add(stream, streamId(i, 0), ["f", "v"]);
    const rows = new Rows();
    for (let round = 0; round < 8; round++) {
      const size = [3, 1500, 50, 3000][round % 4]!;
      const name = `g${below(3)}`;
      const group = stream.groups.get(name) ?? stream.addGroup(name, FIRST_ID, 5n);
      for (const consumer of ["a", "b", "12"]) {
        if (!group.consumers.has(consumer)) group.addConsumer(consumer, 1000 + round);
      }
      const consumers = [...group.consumers.values()];
      for (let i = 0; i < size; i++) {
        const id = streamId(below(2500), 0);
        const consumer = consumers[below(3)]!;
        const delivery = { deliveredAtMs: below(1e9), deliveryCount: 1 + below(3) };
        if (group.pendingAt(id) === undefined) group.addPending(id, consumer, delivery);
        else if (below(3) > 0) group.deliver(id, consumer, delivery);
        else group.removePending(id);
      }
      if (round % 3 === 2) for (let i = 0; i < 2400; i++) group.removePending(streamId(i, 0));
      if (round === 5) group.removeConsumer(consumers[0]!);
      if (round === 6) stream.removeGroup(group);
      rows.checkpoint(stream);
      const loaded = rows.load(stream);
      expect(seen(loaded)).toBe(seen(stream));
      expect(loaded.byteCount).toBe(stream.byteCount);
      checkRdb(stream, rows);
    }
  });

  test("of thirty thousand pending entries write two rows for one that is acknowledged", () => {
    const stream = new StreamValue();
    add(stream, streamId(1, 0), ["f", "v"]);
    const group = stream.addGroup("g", FIRST_ID, 0n);
    const consumer = group.addConsumer("c", 1);
    const delivery = { deliveredAtMs: 5, deliveryCount: 1 };
    for (let i = 0; i < 30_000; i++) group.addPending(streamId(i, 0), consumer, delivery);
    const rows = new Rows();
    rows.checkpoint(stream);
    group.removePending(streamId(15_000, 0));
    expect([...stream.parts.changed()]).toHaveLength(2);
    expect(STREAM_CODEC.head(stream).length).toBeLessThan(200);
    rows.checkpoint(stream);
    expect(rows.load(stream).groups.get("g")!.pendingIds.size).toBe(29_999);
    stream.removeGroup(group);
    rows.checkpoint(stream);
    expect(stream.parts.count).toBe(1);
  });

  test("know how far they are where no deletion makes it a guess", () => {
    const stream = new StreamValue();
    expect(stream.entriesUpTo(streamId(5, 0))).toBe(0n);
    for (let i = 1; i <= 5; i++) add(stream, streamId(i, 0), ["f", "v"]);
    expect(stream.entriesUpTo(FIRST_ID)).toBe(0n);
    expect(stream.entriesUpTo(streamId(1, 0))).toBe(1n);
    expect(stream.entriesUpTo(streamId(2, 0))).toBe(READ_UNKNOWN);
    expect(stream.entriesUpTo(streamId(5, 0))).toBe(5n);
    expect(stream.entriesUpTo(streamId(6, 0))).toBe(READ_UNKNOWN);
    stream.delete([streamId(3, 0)]);
    expect(stream.entriesUpTo(FIRST_ID)).toBe(READ_UNKNOWN);
    expect(stream.hasDeletedFrom(streamId(3, 0))).toBe(true);
    expect(stream.hasDeletedFrom(streamId(4, 0))).toBe(false);
  });
});
