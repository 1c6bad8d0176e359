/**
 * Sets. One of few integers only is an *intset*, as in Redis: it is walked in the order of the numbers.
 */
import { parseInteger } from "../base/numbers.ts";
import type { Random } from "../base/random.ts";
import { encodeString } from "../base/rdb-primitives.ts";
import type { Limits } from "./limits.ts";
import { type ElementKind, PartMap } from "./part-map.ts";
import type { Parts } from "./parts.ts";
import type { DigestSink, ValueObject } from "./value.ts";

const MEMBER_KIND: ElementKind<true> = {
  encode: (member) => encodeString(member),
  bytes: () => 0,
};

export class SetValue implements ValueObject {
  readonly type = "set";
  readonly #members: PartMap<true>;
  /** The integers of an intset in order, when they have been asked for since the last change. */
  #inOrder: readonly string[] | undefined;

  /** `isIntset`: until a member comes that is no integer, or too many. */
  constructor({
    isIntset = true,
    members = new PartMap(MEMBER_KIND, { isOrdered: isIntset }),
  } = {}) {
    this.#members = members;
  }

  get encoding(): string {
    return this.isIntset ? "intset" : "hashtable";
  }

  get isIntset(): boolean {
    return this.#members.isOrdered;
  }

  get size(): number {
    return this.#members.size;
  }

  get byteCount(): number {
    return this.#members.byteCount;
  }

  get parts(): Parts {
    return this.#members.parts;
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  /** True when the member is new. It may be a slice of a message. */
  add(member: string, { intsetEntries }: Pick<Limits, "intsetEntries">): boolean {
    if (this.isIntset && parseInteger(member) === undefined) this.#members.loosen();
    const { size } = this.#members;
    if (!this.#members.set(member, true)) return false;
    this.#inOrder = undefined;
    if (this.isIntset && size >= intsetEntries) this.#members.loosen();
    return true;
  }

  delete(member: string): boolean {
    if (this.#members.delete(member) === undefined) return false;
    this.#inOrder = undefined;
    return true;
  }

  /** All members, an intset's in order. Nothing may change while they are walked. */
  members(): Iterable<string> {
    if (!this.isIntset) return this.#members.names();
    return (this.#inOrder ??= [...this.#members.names()].sort(compareIntegers));
  }

  /** Any member, each as likely as the others; there must be one. */
  random(random: Random): string {
    return this.#members.random(random)[0];
  }

  /** See PartMap.scan; an intset is seen as a whole. */
  scan(cursor: number, countMax: number): { found: readonly string[]; next: number } {
    if (this.isIntset) return { found: [...this.members()], next: 0 };
    const { found, next } = this.#members.scan(cursor, countMax);
    return { found: found.map(([member]) => member), next };
  }

  clone(): SetValue {
    return new SetValue({ members: this.#members.clone() });
  }

  digest(sink: DigestSink): void {
    this.#members.forEach((_, member) => sink.element(member));
  }

  /** Takes a part as it was stored. */
  admit(number: number, members: readonly string[]): void {
    this.#members.admit(
      number,
      members.map((member) => [member, true]),
    );
  }
}

/** The order of canonical decimal integers of any length: by sign, by length, by digits. */
export function compareIntegers(a: string, b: string): number {
  const isNegative = a.charCodeAt(0) === MINUS;
  if (isNegative !== (b.charCodeAt(0) === MINUS)) return isNegative ? -1 : 1;
  const order = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
  return isNegative ? -order : order;
}

const MINUS = 45;
