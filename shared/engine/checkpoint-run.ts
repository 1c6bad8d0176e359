/**
 * One checkpoint on its way into the store: what had changed when it began, as it was then, and how much
 * of that is written. Values in parts that changed a lot are encoded some parts at a time, and may not be
 * written to until that is done; the rest is encoded at once, and put aside in slices as well.
 */
import { assert } from "../base/assert.ts";
import { type Part, PART_BYTES_MAX } from "../types/parts.ts";
import type { ValueObject } from "../types/value.ts";
import {
  changesOf,
  Checkpoint,
  type CheckpointState,
  goneRows,
  isInParts,
  rowsOf,
  takenBytes,
  type TakenKeys,
} from "./checkpoint.ts";
import { CHILD_SPACES, type Entry, type Space } from "./space.ts";
import { type Batch, moveStaged, stage } from "./staging.ts";
import type { Store } from "./store.ts";

/** Parts of a value that changed and are no more, taken from it when the checkpoint began. */
export interface TakenParts {
  readonly value: ValueObject;
  /** Where their rows stand. The value itself may belong to another key by now. */
  readonly space: number;
  /** In the order of their numbers. */
  readonly changed: readonly Part[];
  readonly gone: readonly number[];
}

/** What a checkpoint is made of. */
export interface RunPlan {
  readonly state: CheckpointState;
  readonly keys: ReadonlyMap<Space, readonly Entry[]>;
  /** What is to be written of the keys. */
  readonly heads: readonly TakenKeys[];
  readonly values: readonly TakenParts[];
  /** Writes what else is of that moment. */
  readonly save: (store: Store) => void;
}

export class CheckpointRun {
  readonly state: CheckpointState;
  readonly keys: RunPlan["keys"];
  /** About how many rows it writes, where long ones count for several. */
  readonly rowsWorth: number;
  readonly #store: Store;
  readonly #save: RunPlan["save"];
  /** Keys that are not yet in the store, and how many of the first space's are. */
  readonly #heads: TakenKeys[];
  #takenHeads = 0;
  /** Values that are not yet encoded, and how many parts of the first one are. */
  readonly #values: TakenParts[];
  #encodedParts = 0;
  /** What is encoded, and goes into the store with this slice. */
  #encoded: Batch[] = [];
  /** The base is its state, but for what is still staged. */
  isCommitted = false;

  constructor(store: Store, plan: RunPlan) {
    this.state = plan.state;
    this.keys = plan.keys;
    this.#store = store;
    this.#save = plan.save;
    this.#heads = [...plan.heads];
    this.#values = [...plan.values];
    this.rowsWorth = rowsWorthOf(plan);
    for (const { value } of plan.values) value.parts.isFrozen = true;
  }

  get keyCount(): number {
    let count = 0;
    for (const entries of this.keys.values()) count += entries.length;
    return count;
  }

  get isFrozen(): boolean {
    return this.#values.length > 0;
  }

  /** Writes all of it to its place, in one transaction. */
  writeAtOnce(): void {
    this.#gather(Number.POSITIVE_INFINITY);
    this.#store.transaction(() => {
      for (const { space, changes } of this.#encoded) this.#store.write(space, changes);
      this.#commit();
    });
    this.#encoded = [];
  }

  /** Puts about so many more rows aside; with the last of them the checkpoint counts. */
  stageSome(rowsMax: number): void {
    this.#gather(rowsMax);
    const serial = this.state.serial;
    assert(serial !== undefined, "a checkpoint in slices has a number");
    this.#store.transaction(() => {
      stage(this.#store, this.#encoded, { serial, rowsMax });
      if (this.#heads.length + this.#values.length === 0) this.#commit();
    });
    this.#encoded = [];
  }

  /** Moves a chunk to its place; false when all are there. */
  moveSome(): boolean {
    return moveStaged(this.#store);
  }

  /** Encodes the rest of a value, which may be written to from then on. */
  thaw(value: ValueObject): void {
    const at = this.#values.findIndex((taken) => taken.value === value);
    if (at < 0) return;
    const [taken] = this.#values.splice(at, 1);
    this.#encodeParts(taken!, at === 0 ? this.#encodedParts : 0, Number.POSITIVE_INFINITY);
    if (at === 0) this.#encodedParts = 0;
  }

  #gather(rowsMax: number): void {
    const left = this.#gatherHeads(rowsMax);
    this.#gatherParts(left);
  }

  /** Long rows count for several. Returns how many more there may be. */
  #gatherHeads(rowsMax: number): number {
    let left = rowsMax;
    for (let [keys] = this.#heads; keys !== undefined && left > 0; [keys] = this.#heads) {
      const count = keys.entries.length;
      const from = this.#takenHeads;
      let to = from;
      while (to < count && left > 0) left -= rowsWorth(keys, to++);
      this.#encoded.push({ space: keys.space, changes: changesOf(keys, { from, to }) });
      this.#takenHeads = to < count ? to : 0;
      if (to === count) this.#heads.shift();
    }
    return left;
  }

  #gatherParts(rowsMax: number): void {
    for (let left = rowsMax; left > 0;) {
      const [taken] = this.#values;
      if (taken === undefined) return;
      const from = this.#encodedParts;
      this.#encodedParts = this.#encodeParts(taken, from, left);
      left -= this.#encodedParts - from;
      if (this.#encodedParts < taken.changed.length) return;
      this.#values.shift();
      this.#encodedParts = 0;
    }
  }

  /** Encodes parts of a value from one of them on, and returns where to go on. */
  #encodeParts(taken: TakenParts, from: number, countMax: number): number {
    const { value, space, changed, gone } = taken;
    if (from === 0) this.#encoded.push({ space, changes: goneRows(gone) });
    const to = Math.min(changed.length, from + countMax);
    this.#encoded.push({ space, changes: rowsOf(changed.slice(from, to)) });
    if (to === changed.length) value.parts.isFrozen = false;
    return to;
  }

  #commit(): void {
    this.#save(this.#store);
    Checkpoint.save(this.#store, this.state);
    this.isCommitted = true;
  }
}

function rowsWorthOf({ heads, values }: RunPlan): number {
  let count = 0;
  for (const keys of heads)
    for (let i = 0; i < keys.values.length; i++) count += rowsWorth(keys, i);
  for (const { changed, gone } of values) count += changed.length + gone.length;
  return count;
}

/** As how many rows of the usual size a key is counted. */
function rowsWorth(keys: TakenKeys, at: number): number {
  // Pieces that go are rows as well.
  return Math.max(1, keys.entries[at]!.pieces) + Math.floor(takenBytes(keys, at) / PART_BYTES_MAX);
}

/**
 * Takes those parts of a value that changed, where parts have rows of their own. A value that has become a
 * single part needs its rows no more: their space is `dead` then.
 */
export function takeParts(
  space: Space,
  value: ValueObject,
  dead: Set<number>,
): TakenParts | undefined {
  const { parts } = value;
  let taken: TakenParts | undefined;
  if (isInParts(value)) {
    if (parts.space === 0) {
      parts.unstored();
      parts.space = space.freeChildren.pop() ?? newChild(space);
    }
    // In the order of their rows: as they came, building a large hash took twice the time in the system.
    const changed = [...parts.changed()].sort((a, b) => a.number - b.number);
    const gone = [...parts.gone()];
    if (changed.length + gone.length > 0) taken = { value, space: parts.space, changed, gone };
  } else if (parts.space !== 0) {
    dead.add(parts.space);
    parts.unstored();
    parts.space = 0;
  }
  parts.stored();
  return taken;
}

/** A number that no value in parts has had. */
function newChild(space: Space): number {
  assert(space.nextChild < CHILD_SPACES, "a space has room for another value in parts");
  return space.id + space.nextChild++;
}
