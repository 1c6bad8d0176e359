/**
 * Sorted sets: members with scores, by member in parts (which are what is stored) and in the order of
 * scores in a tree (which is not: it grows again as the parts come in).
 */
import { detach } from "../base/bytes.ts";
import { formatDouble } from "../base/numbers.ts";
import type { Random } from "../base/random.ts";
import { encodeString, littleEndian32 } from "../base/rdb-primitives.ts";
import type { Limits } from "./limits.ts";
import { type ElementKind, PartMap } from "./part-map.ts";
import type { Parts } from "./parts.ts";
import { ScoreTree, type Slice } from "./score-tree.ts";
import type { DigestSink, ValueObject } from "./value.ts";

/** A score in the map and both of them in the tree (measured on V8, rounded). */
const SCORE_BYTES = 48;

const SCORE_KIND: ElementKind<number> = {
  encode: (member, score) => encodeString(member) + encodeDouble(score),
  bytes: () => SCORE_BYTES,
};

const SCRATCH = new DataView(new ArrayBuffer(8));

/** Eight bytes, the lowest first. */
function encodeDouble(value: number): string {
  SCRATCH.setFloat64(0, value, true);
  const low = SCRATCH.getUint32(0, true);
  const high = SCRATCH.getUint32(4, true);
  return littleEndian32(low) + littleEndian32(high);
}

export type ZsetLimits = Pick<Limits, "zsetEntries" | "zsetValue">;

export class ZsetValue implements ValueObject {
  readonly type = "zset";
  readonly #scores: PartMap<number>;
  readonly #order: ScoreTree;

  /** `isCompact`: as long as members are few and short, Redis says `listpack`. */
  constructor({
    isCompact = true,
    scores = new PartMap(SCORE_KIND, { isOrdered: isCompact }),
    order = new ScoreTree(),
  } = {}) {
    this.#scores = scores;
    this.#order = order;
  }

  get encoding(): string {
    return this.isCompact ? "listpack" : "skiplist";
  }

  get isCompact(): boolean {
    return this.#scores.isOrdered;
  }

  get size(): number {
    return this.#scores.size;
  }

  get byteCount(): number {
    return this.#scores.byteCount;
  }

  get parts(): Parts {
    return this.#scores.parts;
  }

  score(member: string): number | undefined {
    return this.#scores.get(member);
  }

  /**
   * Sets the score of a member, which may be a slice of a message. No NaN. `before` is its score so far,
   * if it has one.
   */
  set(member: string, score: number, limits: ZsetLimits, before = this.score(member)): void {
    if (before === undefined && this.isCompact) {
      const isFull = this.size >= limits.zsetEntries || member.length > limits.zsetValue;
      if (isFull) this.#scores.loosen();
    }
    // A listpack holds integers as such, and so no -0.
    const kept = this.isCompact ? score + 0 : score;
    if (before === undefined) {
      const own = detach(member);
      this.#scores.replace(own, kept, true);
      this.#order.insert(kept, own);
    } else {
      this.#scores.replace(member, kept);
      this.#order.move(member, { from: before, to: kept });
    }
  }

  delete(member: string): boolean {
    const score = this.#scores.delete(member);
    if (score === undefined) return false;
    this.#order.remove(score, member);
    return true;
  }

  /** Place in the order of scores, from 0 on. */
  rank(member: string): number | undefined {
    const score = this.#scores.get(member);
    return score === undefined ? undefined : this.#order.rank(score, member);
  }

  /** How many members have a lower score; where `orEqual`, this score or a lower one. */
  countBelow(score: number, { orEqual }: { readonly orEqual: boolean }): number {
    return this.#order.countBelow(score, orEqual);
  }

  /** The member of a rank. */
  memberAt(rank: number): string {
    return this.#order.memberAt(rank);
  }

  /** Members with their scores from a rank on, up or down; all of them must be there. */
  slice(from: number, count: number, { isReverse = false } = {}): Slice {
    return this.#order.slice(from, count, isReverse);
  }

  /** All members with their scores, in no order. Nothing may change while they are walked. */
  elements(): IterableIterator<[string, number]> {
    return this.#scores.entries();
  }

  /** Any member, each as likely as the others, with its score; there must be one. */
  random(random: Random): [string, number] {
    return this.#scores.random(random);
  }

  /** See PartMap.scan; a listpack is seen as a whole, in order. */
  scan(cursor: number, countMax: number): { found: [string, number][]; next: number } {
    if (!this.isCompact) return this.#scores.scan(cursor, countMax);
    const { members, scores } = this.slice(0, this.size);
    return { found: members.map((member, i) => [member, scores[i]!]), next: 0 };
  }

  clone(): ZsetValue {
    return new ZsetValue({ scores: this.#scores.clone(), order: this.#order.clone() });
  }

  digest(sink: DigestSink): void {
    this.#scores.forEach((score, member) => sink.element(member, formatDouble(score)));
  }

  /** Takes a part as it was stored. */
  admit(number: number, elements: readonly (readonly [string, number])[]): void {
    this.#scores.admit(number, elements);
    for (const [member, score] of elements) this.#order.insert(score, member);
  }
}
