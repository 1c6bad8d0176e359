// HyperLogLogs beside plain registers. That their bytes are Redis's is told in test/spec/hyperloglog.txt
// and by random commands.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import {
  cachedCount,
  countOf,
  countOfRegisters,
  describeRuns,
  EMPTY_SKETCH,
  isSketch,
  isSparse,
  mergeInto,
  REGISTER_COUNT,
  Sketch,
  withCount,
  withStaleCount,
} from "../../shared/types/hyperloglog.ts";

const ALWAYS_SPARSE = 100_000;

function registersOf(text: string): Uint8Array {
  const registers = new Uint8Array(REGISTER_COUNT);
  expect(mergeInto(registers, text)).toBe(true);
  return registers;
}

describe("registers", () => {
  it.each([1, 2, 3])(
    "hold the largest value they were raised to, sparse and dense, seed %i",
    (seed) => {
      const random = seededRandom(seed);
      const below = (limit: number): number => Math.floor(random.next() * limit);
      const known = new Uint8Array(REGISTER_COUNT);
      let [sparse, dense] = [EMPTY_SKETCH, EMPTY_SKETCH];
      for (let round = 0; round < 15; round++) {
        const sketch = new Sketch(sparse, ALWAYS_SPARSE);
        const other = new Sketch(dense, 0);
        for (let i = 0; i < 100; i++) {
          // Neighbours with few values make runs that are split and joined.
          const index = below(4) === 0 ? below(REGISTER_COUNT) : below(200);
          const value = 1 + below(round < 10 ? 3 : 32);
          const isHigher = value > known[index]!;
          expect([sketch.raise(index, value), other.raise(index, value)]).toEqual([
            isHigher,
            isHigher,
          ]);
          known[index] = Math.max(known[index]!, value);
        }
        [sparse, dense] = [sketch.text(), other.text()];
        expect([isSparse(sparse), isSparse(dense)]).toEqual([true, false]);
        expect(registersOf(sparse)).toEqual(known);
        expect(registersOf(dense)).toEqual(known);
        expect([countOf(sparse), countOf(dense)]).toEqual(Array(2).fill(countOfRegisters(known)));
      }
    },
  );

  it("become dense where a sparse one would be too long, or a value too large", () => {
    const sketch = new Sketch(EMPTY_SKETCH, 20);
    sketch.raise(5, 1);
    expect(isSparse(sketch.text())).toBe(true);
    sketch.raise(500, 1);
    expect(isSparse(sketch.text())).toBe(false);
    const other = new Sketch(EMPTY_SKETCH, ALWAYS_SPARSE);
    other.raise(5, 32);
    expect(isSparse(other.text())).toBe(true);
    other.raise(5, 33);
    expect(isSparse(other.text())).toBe(false);
    expect(registersOf(other.text())[5]).toBe(33);
  });

  it("are described run by run", () => {
    const sketch = new Sketch(EMPTY_SKETCH, ALWAYS_SPARSE);
    for (const [index, value] of [
      [0, 2],
      [1, 2],
      [10, 7],
      [16_383, 32],
    ] as const) {
      sketch.raise(index, value);
    }
    expect(describeRuns(sketch.text())).toBe("v:2,2 z:8 v:7,1 Z:16372 v:32,1");
  });

  it("that are damaged are told from others", () => {
    const header = EMPTY_SKETCH.slice(0, 16);
    for (const runs of ["", "\x7f\xfe", "\x7f\xff\x00", "\x7f\xff\x80", "\x7f"]) {
      const text = header + runs;
      expect([isSketch(text), mergeInto(new Uint8Array(REGISTER_COUNT), text)]).toEqual([
        true,
        false,
      ]);
      expect(countOf(text)).toBeUndefined();
      expect(new Sketch(text, 0).becomeDense()).toBe(false);
    }
    expect(new Sketch(header, 3000).raise(0, 1)).toBeUndefined();
    for (const text of [
      "",
      "HYLL",
      "HYLX" + EMPTY_SKETCH.slice(4),
      header.replace("\x01", "\x02"),
    ]) {
      expect(isSketch(text)).toBe(false);
    }
  });
});

describe("the count", () => {
  it.each([1, 10, 100, 1000, 20_000, 300_000])("of %i elements is off by 3 % at most", (count) => {
    const sketch = new Sketch(EMPTY_SKETCH, 3000);
    for (let i = 0; i < count; i++) sketch.add(`element:${i}`);
    for (let i = 0; i < Math.min(count, 1000); i++) expect(sketch.add(`element:${i}`)).toBe(false);
    expect(Math.abs(countOf(sketch.text())! - count)).toBeLessThanOrEqual(count * 0.03);
  });

  it("is kept in the header until it is stale", () => {
    expect(cachedCount(EMPTY_SKETCH)).toBe(0);
    for (const count of [0, 1, 255, 256, 123_456_789, 2 ** 40 + 5]) {
      const text = withCount(EMPTY_SKETCH, count);
      expect(cachedCount(text)).toBe(count);
      expect(cachedCount(withStaleCount(text))).toBeUndefined();
    }
  });

  it("of registers that no element raises so far is none", () => {
    expect(countOfRegisters(new Uint8Array(REGISTER_COUNT).fill(63))).toBeUndefined();
  });
});
