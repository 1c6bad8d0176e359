// Long strings beside plain ones, and beside the rows that a checkpoint would have written.

import { expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { LongString } from "../../shared/types/long-string.ts";
import { PART_BYTES_MAX } from "../../shared/types/parts.ts";

/** As SETRANGE has it. */
function written(text: string, at: number, bytes: string): string {
  return text.slice(0, at).padEnd(at, "\0") + bytes + text.slice(at + bytes.length);
}

it.each([1, 2, 3])("is the string that is written and read (seed %i)", (seed) => {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const rows = new Map<number, string>();
  let known = "";
  let long = new LongString();
  for (let step = 0; step < 200; step++) {
    const at = below(known.length + (step % 10 === 0 ? 3 * PART_BYTES_MAX : 1));
    const bytes = String.fromCharCode(below(256)).repeat(below(step % 3 === 0 ? 5000 : 3));
    const end = bytes === "" ? known.length : at;
    long.write(end, bytes);
    known = written(known, end, bytes);
    if (step % 20 === 0) {
      for (const page of long.parts.changed()) rows.set(page.number, page.encode());
      long.parts.stored();
      long = new LongString();
      for (const [number, body] of rows) long.admit(number, body);
    }
    expect(long.length).toBe(known.length);
    const [from, to] = [below(known.length + 10), below(known.length + 10)];
    expect(long.slice(from, to)).toBe(known.slice(from, to));
    expect(long.charCodeAt(from)).toEqual(known.charCodeAt(from));
  }
  expect(long.toString()).toBe(known);
  expect(long.clone().toString()).toBe(known);
});

it("changes one page where one byte changes", () => {
  const long = new LongString();
  long.write(0, "x".repeat(100 * PART_BYTES_MAX));
  long.parts.stored();
  long.write(50 * PART_BYTES_MAX + 7, "y");
  expect([...long.parts.changed()].map(({ number }) => number)).toEqual([50]);
});

it("shares nothing that changes with a copy", () => {
  const long = new LongString();
  long.write(0, "abc");
  const copy = long.clone();
  long.write(1, "x");
  expect([long.toString(), copy.toString()]).toEqual(["axc", "abc"]);
});
