// Taking turns.

import { expect, test } from "vitest";

import { interleave, pick } from "../../../../scripts/lib/bench/rounds.ts";

test("each round runs everyone, and each second one backwards", async () => {
  const order: string[] = [];
  const turn = (name: string) => async (round: number) => void order.push(`${name}${round}`);
  await interleave({ a: turn("a"), b: turn("b"), c: turn("c") }, { rounds: 3 });
  expect(order).toEqual(["a0", "b0", "c0", "c1", "b1", "a1", "a2", "b2", "c2"]);
});

test("figures come by name, in the order of the rounds, and are picked by figure", async () => {
  const turn = (base: number) => async (round: number) => ({ set: base + round, get: -round });
  const figures = await interleave({ a: turn(10), b: turn(20) }, { rounds: 2 });
  expect(pick(figures, "set")).toEqual({ a: [10, 11], b: [20, 21] });
});

test("a failure ends the rounds", async () => {
  const failing = () => Promise.reject(new Error("gone"));
  await expect(interleave({ a: failing }, { rounds: 2 })).rejects.toThrow("gone");
});
