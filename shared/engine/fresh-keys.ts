/**
 * The keys of a space that have no row in the store yet, in hash order when someone walks it: new ones
 * gather unsorted and are merged in on demand, so that a write pays nothing for the order.
 */
import { sortByHash } from "./hash-order.ts";
import type { Entry } from "./space.ts";

export class FreshKeys {
  #sorted: Entry[] = [];
  #recent: Entry[] = [];

  add(entry: Entry): void {
    this.#recent.push(entry);
  }

  clear(): void {
    this.#sorted = [];
    this.#recent = [];
  }

  /** About `countMax` entries with `hash >= hashFrom`; entries of one hash are never parted. */
  from(hashFrom: number, countMax: number): readonly Entry[] {
    return entriesFrom(this.#inOrder(), hashFrom, countMax);
  }

  #inOrder(): Entry[] {
    if (this.#recent.length === 0) return this.#sorted;
    const old = this.#sorted.filter((entry) => entry.value !== undefined);
    const recent = this.#recent.filter((entry) => entry.value !== undefined);
    sortByHash(recent);
    this.#recent = [];
    const merged: Entry[] = [];
    let at = 0;
    for (const entry of recent) {
      while (at < old.length && old[at]!.hash <= entry.hash) merged.push(old[at++]!);
      merged.push(entry);
    }
    while (at < old.length) merged.push(old[at++]!);
    this.#sorted = merged;
    return merged;
  }
}

/** As `FreshKeys.from`, of entries in hash order. */
export function entriesFrom(
  all: readonly Entry[],
  hashFrom: number,
  countMax: number,
): readonly Entry[] {
  let low = 0;
  let high = all.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (all[middle]!.hash < hashFrom) low = middle + 1;
    else high = middle;
  }
  let end = Math.min(low + countMax, all.length);
  while (end > low && end < all.length && all[end]!.hash === all[end - 1]!.hash) end++;
  return all.slice(low, end);
}
