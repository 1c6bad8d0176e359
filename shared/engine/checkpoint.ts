/** What a checkpoint writes: the changes of the base, and the one text that says what it is a state of. */
import { encodeHead, encodeValue } from "../rdb/codec.ts";
import { EXPANDED, PARTED } from "../rdb/format.ts";
import type { Part } from "../types/parts.ts";
import type { ValueObject } from "../types/value.ts";
import type { Entry, SpaceFacts } from "./space.ts";
import { settleStaged } from "./staging.ts";
import { type Change, type KeyRef, PIECE_BYTES, type Store } from "./store.ts";

/** The state of the base, as it was last written. `shared/replication` adds position and the like. */
export interface CheckpointState {
  readonly nextSpace: number;
  readonly databases: readonly (SpaceFacts & { readonly space: number })[];
  /** Spaces of values that are no more, and may still have rows. */
  readonly dead: readonly number[];
  /** The checkpoint's number, by which its slices are known (staging.ts). */
  readonly serial?: number;
  readonly [more: string]: unknown;
}

const META = "checkpoint";
/** Dead spaces in one text: a store's row ends at 2 MB, and a pin may keep any number of them. */
const DEAD_PER_TEXT = 50_000;

export const Checkpoint = {
  /** What a start finds: the base is this state then, whatever a crash left half moved. */
  recover(store: Store): CheckpointState | undefined {
    const state = Checkpoint.load(store);
    settleStaged(store, state?.serial ?? 0);
    return state;
  },
  load(store: Store): CheckpointState | undefined {
    const text = store.meta(META);
    if (text === undefined) return undefined;
    const state = JSON.parse(text) as CheckpointState;
    const dead = [...state.dead];
    for (let at = 1; ; at++) {
      const further = store.meta(deadText(at));
      if (further === undefined) return { ...state, dead };
      for (const space of JSON.parse(further) as number[]) dead.push(space);
    }
  },
  save(store: Store, state: CheckpointState): void {
    const { dead } = state;
    store.setMeta(META, JSON.stringify({ ...state, dead: dead.slice(0, DEAD_PER_TEXT) }));
    for (let at = 1; ; at++) {
      const some = dead.slice(at * DEAD_PER_TEXT, (at + 1) * DEAD_PER_TEXT);
      if (some.length > 0) store.setMeta(deadText(at), JSON.stringify(some));
      else if (store.meta(deadText(at)) === undefined) return;
      else store.setMeta(deadText(at), undefined);
    }
  },
};

function deadText(at: number): string {
  return `${META}-dead-${at}`;
}

/** What the row of a key holds of its value: all of it, or what stands beside its parts. */
interface StoredForm {
  readonly type: number;
  readonly body: string;
}

/** Keys of a space as they were when a checkpoint began, in the order of their rows. */
export interface TakenKeys {
  readonly space: number;
  readonly entries: readonly Entry[];
  /** Strings as they are, which is cheap; what may change in place is encoded. Undefined: no key any more. */
  readonly values: readonly (string | StoredForm | undefined)[];
  readonly expiries: readonly number[];
}

export function takeKeys(space: number, entries: readonly Entry[]): TakenKeys {
  const values = entries.map(({ value }) => {
    return value === undefined || typeof value === "string" ? value : storedForm(value);
  });
  return { space, entries, values, expiries: entries.map(({ expiresAtMs }) => expiresAtMs) };
}

/** Rows to write for keys `from`…`to` (exclusive). Sets each entry's `pieces` to what will be stored. */
export function changesOf(keys: TakenKeys, { from, to }: { from: number; to: number }): Change[] {
  const changes: Change[] = [];
  for (let i = from; i < to; i++) {
    const entry = keys.entries[i]!;
    const { hash, name } = entry;
    const taken = keys.values[i];
    const before = entry.pieces;
    entry.pieces = 0;
    if (taken !== undefined) {
      const { type, body } = typeof taken === "string" ? encodeValue(taken) : taken;
      entry.pieces = pushRows({ hash, name, type, body, expiresAtMs: keys.expiries[i]! }, changes);
    }
    for (let piece = entry.pieces; piece < before; piece++) {
      changes.push({ kind: "delete", key: { hash, name }, piece });
    }
  }
  return changes;
}

/** How many bytes of a key's value go into its rows, about. */
export function takenBytes({ values }: TakenKeys, at: number): number {
  const taken = values[at];
  if (taken === undefined) return 0;
  return typeof taken === "string" ? taken.length : taken.body.length;
}

function storedForm(value: ValueObject): StoredForm {
  if (isInParts(value)) {
    const { type, body } = encodeHead(value);
    return { type: type | PARTED, body };
  }
  const { type, body } = encodeValue(value);
  return { type: EXPANDED_ENCODINGS.has(value.encoding) ? type | EXPANDED : type, body };
}

/** Encodings a value keeps although, by the limits, it could go back to a compact one. */
const EXPANDED_ENCODINGS: ReadonlySet<string> = new Set(["hashtable", "skiplist"]);

/** Whether the parts of a value have rows of their own. */
export function isInParts(value: ValueObject): boolean {
  return value.parts.count > 1;
}

/** Deletes the rows of parts. A part's number stands in the place of a key's hash. */
export function goneRows(numbers: readonly number[]): Change[] {
  return numbers.map((hash) => ({ kind: "delete", key: { hash, name: "" }, piece: 0 }));
}

/** The rows of parts. */
export function rowsOf(parts: Iterable<Part>): Change[] {
  const changes: Change[] = [];
  for (const part of parts) {
    const body = part.encode();
    pushRows({ hash: part.number, name: "", type: 0, expiresAtMs: 0, body }, changes);
  }
  return changes;
}

/** An encoded value with its key, however long. */
export interface EncodedKey extends KeyRef {
  readonly type: number;
  readonly body: string;
  readonly expiresAtMs: number;
}

/** Adds the rows that store a key; returns how many pieces it takes. */
export function pushRows(key: EncodedKey, changes: Change[]): number {
  const { hash, name, type, body, expiresAtMs } = key;
  const pieces = Math.max(1, Math.ceil(body.length / PIECE_BYTES));
  const value = pieces === 1 ? body : body.slice(0, PIECE_BYTES);
  changes.push({ kind: "head", row: { hash, name, type, expiresAtMs, pieces, value } });
  for (let piece = 1; piece < pieces; piece++) {
    const from = piece * PIECE_BYTES;
    const part = body.slice(from, from + PIECE_BYTES);
    changes.push({ kind: "piece", key: { hash, name }, piece, value: part });
  }
  return pieces;
}
