// How long each contestant is measured.

import { expect, test } from "vitest";

import { rates } from "../../../../scripts/lib/bench/cells.ts";
import type { Bench } from "../../../../scripts/lib/bench/measurement.ts";

/** As much of a bench as a cell asks for. */
const BENCH = {
  rounds: 3,
  runSeconds: 0.5,
  size: <T>({ full }: { full: T }): T => full,
  tell: () => undefined,
} as unknown as Bench;

/** Someone with a fixed rate, and what was asked of them. */
function contestant(rate: number): { asked: number[]; carry: (n: number) => Promise<number> } {
  const asked: number[] = [];
  return { asked, carry: async (requests) => (asked.push(requests), rate) };
}

test("each is given what fills the time at its own rate", async () => {
  const [slow, fast] = [contestant(10_000), contestant(1_000_000)];
  const figures = await rates(
    BENCH,
    { title: "", least: 1 },
    { ours: slow.carry, redis: fast.carry },
  );
  expect(figures).toEqual({ ours: [1e4, 1e4, 1e4], redis: [1e6, 1e6, 1e6] });
  expect(slow.asked.slice(1)).toEqual([5000, 5000, 5000]);
  expect(fast.asked.slice(1)).toEqual([500_000, 500_000, 500_000]);
});

test("no run is shorter than a batch of every client, and none endless", async () => {
  const [slow, fast] = [contestant(10), contestant(1e9)];
  const cell = { title: "", least: 5000, roundsMax: 1 };
  await rates(BENCH, cell, { ours: slow.carry, redis: fast.carry });
  expect(slow.asked).toEqual([5000, 5000]);
  expect(fast.asked).toEqual([5000, 2_000_000]);
});
