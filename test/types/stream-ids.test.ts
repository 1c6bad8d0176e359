// Sets of IDs beside a plain sorted array, and beside the rows a checkpoint would have written.

// oxlint-disable vitest/no-standalone-expect, vitest/expect-expect -- the model does it
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { PART_NUMBER_LIMIT } from "../../shared/types/parts.ts";
import { streamId } from "../../shared/types/stream-id.ts";
import { StreamIds } from "../../shared/types/stream-ids.ts";
import { GROUPS_MAX, listOf, LISTS_PER_GROUP, RunParts } from "../../shared/types/stream-parts.ts";

class Model {
  readonly parts = new RunParts();
  ids = new StreamIds((id) => id);
  readonly known = new Set<string>();
  readonly rows = new Map<number, string>();

  add(id: string): void {
    if (this.known.has(id)) return;
    this.known.add(id);
    this.ids.add(id);
    if (this.ids.isLarge) this.ids.spread({ parts: this.parts, list: 3 });
  }

  delete(id: string): void {
    if (this.known.delete(id)) this.ids.delete(id);
  }

  check(): void {
    const sorted = [...this.known].toSorted();
    expect([...this.ids.from("")]).toEqual(sorted);
    expect(this.ids.size).toBe(sorted.length);
    expect(this.ids.first).toBe(sorted[0]);
    expect(this.ids.last).toBe(sorted.at(-1));
    for (const probe of [streamId(0, 5), streamId(500, 0), streamId(9999, 0)]) {
      expect(this.ids.atOrAbove(probe)).toBe(sorted.find((id) => id >= probe));
      expect([...this.ids.from(probe)]).toEqual(sorted.filter((id) => id >= probe));
    }
  }

  /** What a checkpoint does with rows; they must hold the IDs, if the runs are parts. */
  checkpoint(): void {
    const { ledger } = this.parts;
    for (const number of ledger.gone()) expect(this.rows.delete(number)).toBe(true);
    for (const part of ledger.changed()) this.rows.set(part.number, part.encode());
    ledger.stored();
    expect(this.rows.size).toBe(ledger.count);
    if (this.ids.home === undefined) expect(this.rows.size).toBe(0);
    else expect([...this.rows.values()].join("")).toHaveLength(this.rowBytes());
  }

  rowBytes(): number {
    // The mark, a number of nine bytes, and the IDs.
    return this.rows.size * 10 + this.known.size * 16;
  }
}

describe("a set of IDs", () => {
  test.each([1, 2, 3])("is sorted, however it changes, seed %i", (seed) => {
    const random = seededRandom(seed);
    const below = (limit: number): number => Math.floor(random.next() * limit);
    const model = new Model();
    for (let round = 0; round < 60; round++) {
      const isGrowing = round % 20 < 12;
      for (let i = 0; i < 200; i++) {
        const id = streamId(below(1000), below(4));
        if (random.next() < (isGrowing ? 0.9 : 0.1)) model.add(id);
        else model.delete(id);
      }
      if (!isGrowing) for (const id of [...model.known].slice(0, 300)) model.delete(id);
      model.check();
      model.checkpoint();
    }
  });

  test("becomes parts when it is large, and none again when it is small", () => {
    const model = new Model();
    for (let i = 0; i < 5000; i++) model.add(streamId(i, 0));
    expect(model.ids.home).toBeDefined();
    model.checkpoint();
    for (let i = 0; i < 4900; i++) model.delete(streamId(i, 0));
    expect(model.ids.home).toBeUndefined();
    model.check();
    model.checkpoint();
  });

  test("writes one row for one ID that changes, of thirty thousand", () => {
    const model = new Model();
    for (let i = 0; i < 30_000; i++) model.add(streamId(i, 0));
    model.checkpoint();
    model.delete(streamId(15_000, 0));
    model.ids.touch(streamId(20_000, 0));
    expect([...model.parts.ledger.changed()]).toHaveLength(2);
    expect(model.parts.ledger.changedBytes).toBeLessThan(20_000);
  });

  test("has few rows though most of it went here and there", () => {
    const model = new Model();
    for (let i = 0; i < 20_000; i++) model.add(streamId(i, 0));
    for (let i = 0; i < 20_000; i++) if (i % 20 !== 0) model.delete(streamId(i, 0));
    expect(model.ids.size).toBe(1000);
    expect(model.parts.ledger.count).toBeLessThan(40);
    model.check();
  });
});

test("numbers of runs are below the limit of parts, and say their list", () => {
  const parts = new RunParts();
  const list = GROUPS_MAX * LISTS_PER_GROUP - 1;
  const ids = new StreamIds((id) => id);
  ids.add(streamId(1, 0));
  ids.spread({ parts, list });
  const [run] = parts.ledger.all();
  expect(run!.number).toBeLessThan(PART_NUMBER_LIMIT);
  expect(listOf(run!.number)).toBe(list);
  expect(listOf(5)).toBeUndefined();
});
