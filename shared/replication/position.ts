/**
 * Where a node stands: a history and how many of its bytes the node has. Offsets count bytes since the
 * history began, so `offset` is also the offset of the next byte; the wire's PSYNC asks for `offset + 1`.
 */
import { assert } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Store } from "../engine/store.ts";

export interface Position {
  readonly id: string;
  readonly offset: number;
}

/** The history a node writes or follows, and the one it grew out of (PSYNC2). */
export interface History {
  /** 40 hex digits. */
  readonly id: string;
  /** The history before the last promotion, or zeros. */
  readonly previousId: string;
  /** Up to this offset the previous history is the same bytes; -1 without one. */
  readonly previousUntil: number;
  /** Which election (promotion) made the master of this history; counts up. */
  readonly epoch: number;
}

/** What Redis shows where there is no previous history. */
export const NO_HISTORY = "0".repeat(40);

const META = "history";

export function newHistory(random: Random, epoch: number): History {
  return { id: random.hex(40), previousId: NO_HISTORY, previousUntil: -1, epoch };
}

/** A replica becomes master: a new id, and what it had stays valid up to `offset`. */
export function promoted(history: History, offset: number, random: Random): History {
  return {
    id: random.hex(40),
    previousId: history.id,
    previousUntil: offset,
    epoch: history.epoch + 1,
  };
}

/** A snapshot of another history took the place of ours: nothing before it is known. */
export function replacedBy(id: string, epoch: number): History {
  return { id, previousId: NO_HISTORY, previousUntil: -1, epoch };
}

export function loadHistory(store: Store): History | undefined {
  const text = store.meta(META);
  if (text === undefined) return undefined;
  const history = JSON.parse(text) as History;
  assert(history.id.length === 40, "a stored history id has 40 digits");
  return history;
}

export function saveHistory(store: Store, history: History): void {
  assert(/^[0-9a-f]{40}$/i.test(history.id), "a history id is 40 hex digits");
  store.setMeta(META, JSON.stringify(history));
}
