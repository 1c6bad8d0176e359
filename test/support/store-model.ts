/** Random operations on a store beside the simplest thing that could be right; part of the contract. */
// oxlint-disable vitest/no-standalone-expect -- runs inside the rules of store-contract.ts
import { expect } from "vitest";

import type { Random } from "../../shared/base/random.ts";
import type { Change, KeyRow, Store } from "../../shared/engine/store.ts";
import type { StoreHost } from "./store-contract.ts";

interface Surroundings {
  readonly host: StoreHost;
  readonly random: Random;
}

interface ModelKey {
  readonly row: KeyRow;
  readonly values: readonly string[];
}

type ModelSpace = Map<string, ModelKey>;

const SPACES = [1, 2, 5];
const NAMES = Array.from({ length: 40 }, (_, i) => `key ${i}`);
/** Three names a hash, so that ties are common. */
const hashOf = (name: string): number => (Math.floor(NAMES.indexOf(name) / 3) * 7919) % 13;

/** Chance, as the models need it. */
class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

export class RowsModel {
  #store: Store;
  readonly #host: StoreHost;
  readonly #dice: Dice;
  #spaces = new Map<number, ModelSpace>(SPACES.map((space) => [space, new Map()]));
  /** As it was when the base was pinned. */
  #frozen: Map<number, ModelSpace> | undefined;
  #valueCount = 0;

  constructor(store: Store, { host, random }: Surroundings) {
    this.#store = store;
    this.#host = host;
    this.#dice = new Dice(random);
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#step();
      this.#check(this.#dice.oneOf(SPACES));
    }
    if (this.#store.isPinned) this.#store.unpin();
    while (!this.#store.merge(3));
    this.#frozen = undefined;
    for (const space of SPACES) this.#check(space);
    const used = SPACES.filter((space) => this.#spaces.get(space)!.size > 0);
    expect(this.#store.spaceMax).toBe(Math.max(0, ...used));
  }

  #step(): void {
    const kind = this.#dice.below(12);
    if (kind < 6) this.#write();
    else if (kind === 6) this.#writeAndThrow();
    else if (kind === 7) this.#reopen();
    else if (kind === 8) this.#collect();
    else if (this.#frozen !== undefined) this.#unpin();
    else if (kind === 9) this.#pin();
    else this.#store.merge(1 + this.#dice.below(6));
  }

  #write(): void {
    const id = this.#dice.oneOf(SPACES);
    const space = this.#spaces.get(id)!;
    const changes: Change[] = [];
    const names = new Set(
      Array.from({ length: this.#dice.below(12) }, () => this.#dice.oneOf(NAMES)),
    );
    for (const name of names) this.#changeKey(space, name, changes);
    this.#store.write(id, changes);
  }

  #changeKey(space: ModelSpace, name: string, changes: Change[]): void {
    const key = { name, hash: hashOf(name) };
    const before = space.get(name)?.row.pieces ?? 0;
    const pieces = this.#dice.oneOf([0, 1, 1, 1, 2, 3]);
    const values = Array.from({ length: pieces }, () => this.#newValue());
    const row = {
      ...key,
      type: this.#dice.oneOf([0, 0, 4]),
      expiresAtMs: this.#dice.oneOf([0, 0, 77]),
      pieces,
    };
    values.forEach((value, piece) => {
      if (piece === 0) changes.push({ kind: "head", row: { ...row, value } });
      else changes.push({ kind: "piece", key, piece, value });
    });
    for (let piece = pieces; piece < before; piece++) changes.push({ kind: "delete", key, piece });
    if (pieces === 0) space.delete(name);
    else space.set(name, { row, values });
  }

  #newValue(): string {
    return `value ${++this.#valueCount}`.padEnd(this.#dice.oneOf([0, 0, 0, 700, 5000]), "\xee");
  }

  #writeAndThrow(): void {
    const spaces = this.#copy();
    const work = (): void => {
      this.#write();
      if (this.#frozen === undefined) while (!this.#store.merge(5));
      this.#write();
      throw new Error("stop");
    };
    expect(() => this.#store.transaction(work)).toThrow("stop");
    this.#spaces = spaces;
  }

  #reopen(): void {
    this.#store = this.#host.open();
    this.#frozen = undefined;
  }

  #collect(): void {
    if (this.#frozen !== undefined || this.#dice.below(3) > 0) return;
    const dead = this.#dice.oneOf(SPACES);
    const live = new Set(SPACES.filter((space) => space !== dead));
    while (!this.#store.collect({ live, dead: [] }, 7));
    this.#spaces.set(dead, new Map());
  }

  #pin(): void {
    this.#store.pin();
    this.#frozen = this.#copy();
  }

  #unpin(): void {
    this.#store.unpin();
    this.#frozen = undefined;
  }

  #copy(): Map<number, ModelSpace> {
    return new Map([...this.#spaces].map(([id, space]) => [id, new Map(space)]));
  }

  #check(id: number): void {
    const space = this.#spaces.get(id)!;
    const keys = NAMES.map((name) => ({ name, hash: hashOf(name) }));
    const rows = this.#store.load(id, keys);
    NAMES.forEach((name, i) => {
      const want = space.get(name);
      expect(rows[i]).toEqual(want && { ...want.row, value: want.values[0] });
      if (want === undefined) return;
      const range = { from: 0, to: want.row.pieces };
      expect(this.#store.loadPieces(id, keys[i]!, range)).toEqual(want.values);
    });
    this.#checkPage(id, space);
    if (this.#frozen !== undefined) this.#checkFrozen(id, this.#frozen.get(id)!);
  }

  #checkPage(id: number, space: ModelSpace): void {
    const hashFrom = this.#dice.below(13);
    const countMax = 1 + this.#dice.below(20);
    const all = inOrder(space).filter((row) => row.hash >= hashFrom);
    const last = all[countMax - 1];
    const want = last === undefined ? all : all.filter((row) => row.hash <= last.hash);
    expect(this.#store.keys(id, hashFrom, countMax)).toEqual(want);
  }

  #checkFrozen(id: number, space: ModelSpace): void {
    const want = inOrder(space).map((row) => ({ ...row, value: space.get(row.name)!.values[0] }));
    const rows = [];
    for (;;) {
      const slice = this.#store.pinnedRows(id, rows.at(-1), 7);
      if (slice.length === 0) break;
      rows.push(...slice);
    }
    expect(rows).toEqual(want);
    for (const row of rows) {
      const pieces = this.#store.pinnedPieces(id, row, { from: 0, to: row.pieces });
      expect(pieces).toEqual(space.get(row.name)!.values);
    }
  }
}

function inOrder(space: ModelSpace): KeyRow[] {
  const rows = [...space.values()].map((key) => key.row);
  return rows.sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1));
}

export class LogModel {
  #store: Store;
  readonly #host: StoreHost;
  readonly #dice: Dice;
  /** All bytes of this history, trimmed or not, from `#origin` on. */
  #bytes = new Uint8Array(0);
  #origin = 0;
  #start = 0;

  constructor(store: Store, { host, random }: Surroundings) {
    this.#store = store;
    this.#host = host;
    this.#dice = new Dice(random);
  }

  run(steps: number): void {
    for (let i = 0; i < steps; i++) {
      this.#step();
      this.#check();
    }
  }

  #step(): void {
    const kind = this.#dice.below(12);
    if (kind < 6) this.#append();
    else if (kind === 6) this.#appendAndThrow();
    else if (kind < 9) this.#trim();
    else if (kind === 9 && this.#dice.below(4) === 0) this.#reset();
    else this.#reopen();
  }

  get #end(): number {
    return this.#origin + this.#bytes.length;
  }

  #append(): void {
    const sizes = [1, 10, 50, 3000, 4096, 9000, 70_000, 300_000];
    const added = new Uint8Array(1 + this.#dice.below(this.#dice.oneOf(sizes)));
    // Every byte depends on its offset and on the history, so none fits in a wrong place.
    const salt = this.#dice.below(256);
    for (let i = 0; i < added.length; i++) added[i] = (this.#end + i) * 31 + (i >>> 8) + salt;
    this.#store.appendLog(added);
    const longer = new Uint8Array(this.#bytes.length + added.length);
    longer.set(this.#bytes);
    longer.set(added, this.#bytes.length);
    this.#bytes = longer;
  }

  #appendAndThrow(): void {
    const [bytes, origin, start] = [this.#bytes, this.#origin, this.#start];
    const work = (): void => {
      this.#append();
      this.#trim();
      if (this.#dice.below(3) === 0) this.#reset();
      this.#append();
      throw new Error("stop");
    };
    expect(() => this.#store.transaction(work)).toThrow("stop");
    [this.#bytes, this.#origin, this.#start] = [bytes, origin, start];
  }

  #trim(): void {
    this.#start += this.#dice.below(this.#end - this.#start + 1);
    this.#store.trimLog(this.#start);
  }

  #reset(): void {
    this.#origin = Math.max(0, this.#end - 50_000 + this.#dice.below(100_000));
    this.#bytes = new Uint8Array(0);
    this.#start = this.#origin;
    this.#store.resetLog(this.#origin);
  }

  #reopen(): void {
    this.#store = this.#host.open();
    expect(this.#store.logStart).toBeLessThanOrEqual(this.#start);
    expect(this.#store.logStart).toBeGreaterThanOrEqual(this.#origin);
    this.#start = this.#store.logStart;
  }

  #check(): void {
    expect([this.#store.logStart, this.#store.logEnd]).toEqual([this.#start, this.#end]);
    const offset = this.#start + this.#dice.below(this.#end - this.#start + 1);
    const countMax = 1 + this.#dice.below(9000);
    for (const from of [offset, this.#start]) {
      const part = this.#store.readLog(from, countMax);
      expect(part.length).toBeLessThanOrEqual(countMax);
      expect(part.length > 0).toBe(from < this.#end);
      const want = this.#bytes.subarray(from - this.#origin, from - this.#origin + part.length);
      expect(part.every((byte, i) => byte === want[i])).toBe(true);
    }
  }
}
