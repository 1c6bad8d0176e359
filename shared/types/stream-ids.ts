/**
 * A sorted set of stream IDs in runs: what consumers and groups have pending. O(log n) to add, delete and
 * find; they mostly come at the end and go from the front. Where they are many the runs are parts.
 */
import type { StreamId } from "./stream-id.ts";
import { ID_BYTES, IdRun, type RunParts } from "./stream-parts.ts";

/** A run is divided when it is longer, and takes in the one behind it when both are no more than half. */
const RUN_MAX = 256;
/** From so many IDs on the runs become parts; below so few they are none any more. */
const SPREAD_SIZE = 1024;
const GATHER_SIZE = 256;

/** Where the runs of a list are parts. */
export interface RunsHome {
  readonly parts: RunParts;
  /** The list's number (stream-parts.ts). */
  readonly list: number;
}

export class StreamIds {
  /** In the order of their IDs; none is empty. */
  readonly #runs: IdRun[] = [];
  /** What RDB has of an ID in this list. */
  readonly encodeId: (id: StreamId) => string;
  #home: RunsHome | undefined;
  #size = 0;

  constructor(encodeId: (id: StreamId) => string) {
    this.encodeId = encodeId;
  }

  get size(): number {
    return this.#size;
  }

  get first(): StreamId | undefined {
    return this.#runs[0]?.ids[0];
  }

  get last(): StreamId | undefined {
    return this.#runs.at(-1)?.ids.at(-1);
  }

  /** Where the runs are parts; undefined: they are none. */
  get home(): RunsHome | undefined {
    return this.#home;
  }

  /** There are enough for parts, and they are none yet: `spread` if there is a place. */
  get isLarge(): boolean {
    return this.#size > SPREAD_SIZE && this.#home === undefined;
  }

  /** Adds an ID that is not there. */
  add(id: StreamId): void {
    this.#size++;
    const runs = this.#runs;
    const tail = runs.at(-1);
    if (tail === undefined || (tail.ids.at(-1)! < id && tail.ids.length >= RUN_MAX)) {
      this.#insert(runs.length, [id]);
      return;
    }
    const at = tail.ids[0]! <= id ? runs.length - 1 : this.#runOf(id);
    const run = runs[at]!;
    run.ids.splice(lowerBound(run.ids, id), 0, id);
    this.#changed(run, 1);
    if (run.ids.length <= RUN_MAX) return;
    const upper = run.ids.splice(RUN_MAX >>> 1);
    this.#changed(run, -upper.length);
    this.#insert(at + 1, upper);
  }

  /** Deletes an ID that is there. */
  delete(id: StreamId): void {
    this.#size--;
    const at = this.#runOf(id);
    const run = this.#runs[at]!;
    run.ids.splice(lowerBound(run.ids, id), 1);
    this.#changed(run, -1);
    if (run.ids.length === 0) this.#removeRun(at);
    else if (!this.#merge(at)) this.#merge(at - 1);
    if (this.#size < GATHER_SIZE) this.#gather();
  }

  /** What RDB has of an ID has changed. */
  touch(id: StreamId): void {
    if (this.#home !== undefined) this.#changed(this.#runs[this.#runOf(id)]!, 0);
  }

  clear(): void {
    this.#gather();
    this.#runs.length = 0;
    this.#size = 0;
  }

  has(id: StreamId): boolean {
    return this.atOrAbove(id) === id;
  }

  /** The lowest ID that is not below this one. */
  atOrAbove(id: StreamId): StreamId | undefined {
    const at = this.#runOf(id);
    const run = this.#runs[at];
    if (run === undefined) return undefined;
    return run.ids[lowerBound(run.ids, id)] ?? this.#runs[at + 1]?.ids[0];
  }

  /** All from this one on, in order. Nothing may change while they are walked. */
  *from(id: StreamId): IterableIterator<StreamId> {
    const runs = this.#runs;
    for (let at = this.#runOf(id); at < runs.length; at++) {
      const { ids } = runs[at]!;
      for (let i = ids[0]! < id ? lowerBound(ids, id) : 0; i < ids.length; i++) yield ids[i]!;
    }
  }

  // -- runs as parts -------------------------------------------------------------------------------

  /** From now on the runs are parts. */
  spread(home: RunsHome): void {
    this.#home = home;
    for (const { ids } of this.#runs.splice(0)) this.#insert(this.#runs.length, ids);
  }

  /** Takes a run as it was stored; they come in any order. */
  admit(number: number, ids: StreamId[]): void {
    const run = new IdRun(number, ids, this.encodeId);
    const at = this.#runOf(ids[0]!);
    const isAbove = at < this.#runs.length && this.#runs[at]!.ids[0]! < ids[0]!;
    this.#runs.splice(isAbove ? at + 1 : at, 0, run);
    this.#size += ids.length;
    this.#home!.parts.add(run, { isStored: true });
  }

  #gather(): void {
    if (this.#home === undefined) return;
    for (const run of this.#runs) this.#home.parts.remove(run);
    this.#home = undefined;
  }

  #insert(at: number, ids: StreamId[]): void {
    const number = this.#home?.parts.numberFor(this.#home.list) ?? 0;
    const run = new IdRun(number, ids, this.encodeId);
    this.#runs.splice(at, 0, run);
    this.#home?.parts.add(run);
  }

  #removeRun(at: number): void {
    const [run] = this.#runs.splice(at, 1);
    this.#home?.parts.remove(run!);
  }

  /** Lets a run take in the one behind it, if there are both and they are short. */
  #merge(at: number): boolean {
    const [run, next] = [this.#runs[at], this.#runs[at + 1]];
    if (run === undefined || next === undefined) return false;
    if (run.ids.length + next.ids.length > RUN_MAX >>> 1) return false;
    this.#removeRun(at + 1);
    for (const id of next.ids) run.ids.push(id);
    this.#changed(run, next.ids.length);
    return true;
  }

  #changed(run: IdRun, added: number): void {
    this.#home?.parts.ledger.changedBy(run, added * ID_BYTES);
  }

  /** The run that has this ID if any has: the last one that does not begin above it. */
  #runOf(id: StreamId): number {
    const runs = this.#runs;
    let low = 0;
    let high = runs.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (runs[middle]!.ids[0]! <= id) low = middle;
      else high = middle;
    }
    return low;
  }
}

function lowerBound(ids: readonly StreamId[], id: StreamId): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ids[middle]! < id) low = middle + 1;
    else high = middle;
  }
  return low;
}
