// The order of scores beside a sorted array.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { ScoreTree } from "../../shared/types/score-tree.ts";

interface Element {
  readonly score: number;
  readonly member: string;
}

function inOrder(a: Element, b: Element): number {
  return a.score - b.score || (a.member < b.member ? -1 : 1);
}

/** A tree with what it must hold, in order. */
class Model {
  readonly tree = new ScoreTree();
  readonly scores = new Map<string, number>();

  set(member: string, score: number): void {
    const before = this.scores.get(member);
    if (before === undefined) this.tree.insert(score, member);
    else this.tree.move(member, { from: before, to: score });
    this.scores.set(member, score);
  }

  delete(member: string): void {
    const score = this.scores.get(member);
    if (score === undefined) return;
    this.tree.remove(score, member);
    this.scores.delete(member);
  }

  get elements(): Element[] {
    return Array.from(this.scores, ([member, score]) => ({ member, score })).sort(inOrder);
  }

  check(): void {
    const { elements, tree } = this;
    const { size } = tree;
    expect(size).toBe(elements.length);
    const up = tree.slice(0, size);
    expect(up.members).toEqual(elements.map(({ member }) => member));
    expect(up.scores).toEqual(elements.map(({ score }) => score));
    expect(tree.slice(size - 1, size, true).members).toEqual(up.members.toReversed());
    for (let rank = 0; rank < size; rank += 1 + Math.floor(size / 50)) {
      const { score, member } = elements[rank]!;
      expect(tree.rank(score, member)).toBe(rank);
      expect(tree.memberAt(rank)).toBe(member);
      expect(tree.countBelow(score, false)).toBe(elements.findIndex((e) => e.score === score));
      const above = elements.findIndex((e) => e.score > score);
      expect(tree.countBelow(score, true)).toBe(above < 0 ? size : above);
      const part = tree.slice(rank, Math.min(5, size - rank));
      expect(part.members).toEqual(up.members.slice(rank, rank + 5));
    }
    expect(tree.countBelow(Number.NEGATIVE_INFINITY, false)).toBe(0);
    expect(tree.countBelow(Number.POSITIVE_INFINITY, true)).toBe(size);
  }
}

describe("a score tree holds what a sorted array holds", () => {
  // How many members there may be, and how many different scores.
  const SHAPES = [
    [50, 10],
    [1000, 5],
    [1000, 1_000_000],
    [20_000, 100],
  ] as const;

  it.each(SHAPES)("of up to %i members with up to %i scores", (memberMax, scoreMax) => {
    const random = seededRandom(memberMax + scoreMax);
    const draw = (max: number): number => Math.floor(random.next() * max);
    const model = new Model();
    for (const share of [0.9, 0.5, 0.1, 0.9, 0]) {
      for (let i = 0; i < memberMax * 2; i++) {
        const member = `m${draw(memberMax)}`;
        if (random.next() < share) model.set(member, draw(scoreMax) - scoreMax / 2);
        else model.delete(member);
      }
      model.check();
    }
  });

  it("that come in order, and leave in order", () => {
    const model = new Model();
    for (let i = 0; i < 30_000; i++) model.set(`m${i}`, i);
    model.check();
    for (let i = 0; i < 29_990; i++) model.delete(`m${i}`);
    model.check();
    for (let i = 29_999; i >= 29_990; i--) model.delete(`m${i}`);
    model.check();
    model.set("again", 1);
    model.check();
  });

  it("that come and leave backwards", () => {
    const model = new Model();
    for (let i = 30_000; i > 0; i--) model.set(`m${i}`, i);
    model.check();
    for (let i = 30_000; i > 10; i--) model.delete(`m${i}`);
    model.check();
  });

  it("whose scores all move a little", () => {
    const model = new Model();
    for (let i = 0; i < 3000; i++) model.set(`m${i}`, i);
    for (let i = 0; i < 3000; i++) model.set(`m${i}`, i + (i % 7) / 2);
    model.check();
  });

  it("of equal scores, in the order of their bytes", () => {
    const model = new Model();
    for (let i = 0; i < 256; i++) model.set(String.fromCharCode(i) + "x".repeat(i % 3), 0);
    for (let i = 0; i < 256; i++) model.set(String.fromCharCode(i, i), -0);
    model.check();
  });
});
