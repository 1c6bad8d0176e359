import { describe, expect, it } from "vitest";

import { sweep } from "../../shared/engine/expiry.ts";
import { type EngineHarness, engineHarness } from "../support/engine.ts";

function fill(harness: EngineHarness, count: number): void {
  for (let i = 0; i < count; i++) {
    harness.run(`SELECT ${i % 3}`);
    harness.run(i % 2 === 0 ? `SET key:${i} v PX 100` : `SET key:${i} v PX 100000`);
  }
  harness.units.length = 0;
}

/** Until a whole round deletes nothing. */
function sweepAll({ engine }: EngineHarness, keysMax: number): number {
  let total = 0;
  for (let idle = 0; idle < 200; idle++) {
    const count = sweep(engine, { keysMax });
    total += count;
    if (count > 0) idle = 0;
  }
  return total;
}

describe("the sweep", () => {
  it("deletes what has expired in every database, and nothing else", () => {
    const harness = engineHarness();
    fill(harness, 60);
    expect(sweepAll(harness, 10)).toBe(0);
    harness.turn(101);
    expect(sweepAll(harness, 10)).toBe(30);
    const left = [0, 1, 2].map((db) => harness.engine.keyspace.space(db).keyCount);
    expect(left).toEqual([10, 10, 10]);
  });

  it("looks at no more keys than it may, and goes on where it stopped", () => {
    const harness = engineHarness();
    for (let i = 0; i < 30; i++) harness.run(`SET key:${i} v PX 100`);
    harness.turn(101);
    expect(sweep(harness.engine, { keysMax: 10 })).toBe(10);
    expect(sweep(harness.engine, { keysMax: 10 })).toBe(10);
    expect(sweep(harness.engine, { keysMax: 10 })).toBe(10);
    expect(sweep(harness.engine, { keysMax: 10 })).toBe(0);
  });

  it("sends each key out as a DEL of its own", () => {
    const harness = engineHarness();
    fill(harness, 12);
    harness.turn(101);
    sweepAll(harness, 100);
    const shown = harness.units.map((unit) => {
      return unit.map(({ db, args }) => `[${db}] ${args.join(" ")}`).join("; ");
    });
    const expected = [0, 2, 4, 6, 8, 10].map((i) => `[${i % 3}] DEL key:${i}`);
    expect(shown.toSorted()).toEqual(expected.toSorted());
  });

  it("finds what is only in the store, and leaves the rest there", () => {
    const harness = engineHarness();
    fill(harness, 60);
    harness.checkpoint({ isForgetting: true });
    harness.turn(101);
    expect(sweepAll(harness, 7)).toBe(30);
    for (const db of [0, 1, 2]) {
      const { keyCount, liveCount } = harness.engine.keyspace.space(db);
      expect([keyCount, liveCount]).toEqual([10, 0]);
    }
  });

  it("goes on after a flush and a swap", () => {
    const harness = engineHarness();
    fill(harness, 60);
    harness.turn(101);
    sweep(harness.engine, { keysMax: 5 });
    harness.run("FLUSHALL");
    fill(harness, 60);
    sweep(harness.engine, { keysMax: 5 });
    harness.run("SWAPDB 0 1");
    harness.turn(101);
    expect(sweepAll(harness, 5)).toBe(30);
  });

  it("is for masters, and can be turned off", () => {
    const harness = engineHarness();
    fill(harness, 6);
    harness.turn(101);
    harness.role.isReplica = true;
    expect(sweepAll(harness, 10)).toBe(0);
    harness.role.isReplica = false;
    harness.engine.isActiveExpireOn = false;
    expect(sweepAll(harness, 10)).toBe(0);
    harness.engine.isActiveExpireOn = true;
    expect(sweepAll(harness, 10)).toBe(3);
  });
});
