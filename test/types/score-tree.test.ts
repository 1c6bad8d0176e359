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
  tree = new ScoreTree();
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

  /** Some ranks, more of them where there are few. */
  get #ranks(): number[] {
    const step = 1 + Math.floor(this.scores.size / 20);
    return Array.from(this.scores.keys(), (_, rank) => rank).filter((rank) => rank % step === 0);
  }

  /** What the tree says of its elements. */
  seen(): unknown {
    const { elements, tree } = this;
    const { size } = tree;
    const { members, scores } = tree.slice(0, size);
    return {
      members,
      scores,
      reverse: tree.slice(size - 1, size, true).members,
      ranks: this.#ranks.map((rank) => {
        const { score, member } = elements[rank]!;
        const counts = [tree.countBelow(score, false), tree.countBelow(score, true)];
        const { members: some } = tree.slice(rank, Math.min(5, size - rank));
        return { rank: tree.rank(score, member), member: tree.memberAt(rank), counts, some };
      }),
      ends: [tree.countBelow(-Infinity, false), tree.countBelow(Infinity, true)],
    };
  }

  /** What it has to say. */
  wanted(): unknown {
    const { elements } = this;
    const members = elements.map(({ member }) => member);
    return {
      members,
      scores: elements.map(({ score }) => score),
      reverse: members.toReversed(),
      ranks: this.#ranks.map((rank) => {
        const { score, member } = elements[rank]!;
        const below = elements.filter((other) => other.score < score).length;
        const upTo = elements.filter((other) => other.score <= score).length;
        return { rank, member, counts: [below, upTo], some: members.slice(rank, rank + 5) };
      }),
      ends: [0, elements.length],
    };
  }
}

describe("a score tree holds what a sorted array holds", () => {
  // How many members there may be, and how many different scores.
  const SHAPES = [
    [50, 10],
    [1000, 5],
    [1000, 1_000_000],
    [6000, 100],
  ] as const;

  it.each(SHAPES)("of up to %i members with up to %i scores", (memberMax, scoreMax) => {
    const random = seededRandom(memberMax + scoreMax);
    const draw = (max: number): number => Math.floor(random.next() * max);
    const model = new Model();
    for (const share of [0.9, 0.5, 0.1, 0.9, 0]) {
      for (let i = 0; i < memberMax * 1.5; i++) {
        const member = `m${draw(memberMax)}`;
        if (random.next() < share) model.set(member, draw(scoreMax) - scoreMax / 2);
        else model.delete(member);
      }
      expect(model.seen()).toEqual(model.wanted());
      // From here on with a copy, of which the other one knows nothing.
      const other = model.tree;
      model.tree = other.clone();
      if (model.scores.size > 0) other.remove(model.elements[0]!.score, model.elements[0]!.member);
      expect(model.seen()).toEqual(model.wanted());
    }
  });

  it("that come in order, and leave in order", () => {
    const model = new Model();
    for (let i = 0; i < 10_000; i++) model.set(`m${i}`, i);
    expect(model.seen()).toEqual(model.wanted());
    for (let i = 0; i < 9990; i++) model.delete(`m${i}`);
    expect(model.seen()).toEqual(model.wanted());
    for (let i = 9999; i >= 9990; i--) model.delete(`m${i}`);
    expect(model.seen()).toEqual(model.wanted());
    model.set("again", 1);
    expect(model.seen()).toEqual(model.wanted());
  });

  it("that come and leave backwards", () => {
    const model = new Model();
    for (let i = 10_000; i > 0; i--) model.set(`m${i}`, i);
    expect(model.seen()).toEqual(model.wanted());
    for (let i = 10_000; i > 10; i--) model.delete(`m${i}`);
    expect(model.seen()).toEqual(model.wanted());
  });

  it("whose scores all move a little", () => {
    const model = new Model();
    for (let i = 0; i < 3000; i++) model.set(`m${i}`, i);
    for (let i = 0; i < 3000; i++) model.set(`m${i}`, i + (i % 7) / 2);
    expect(model.seen()).toEqual(model.wanted());
  });

  it("of equal scores, in the order of their bytes", () => {
    const model = new Model();
    for (let i = 0; i < 256; i++) model.set(String.fromCharCode(i) + "x".repeat(i % 3), 0);
    for (let i = 0; i < 256; i++) model.set(String.fromCharCode(i, i), -0);
    expect(model.seen()).toEqual(model.wanted());
  });
});
