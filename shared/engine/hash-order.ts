/** Entries in the order of the base. Tens of thousands are put into it at once, between two commands. */
import { HASH_LIMIT } from "../base/key-hash.ts";
import type { Entry } from "./space.ts";

/** Sorts entries by their hashes, in place; those of one hash stay in any order. */
export function sortByHash(entries: Entry[]): void {
  const given = entries.slice();
  const keys = sortKeys(given);
  const count = given.length;
  let from = 0;
  for (let i = 0; i < count; i++) {
    entries[i] = given[keys[i]! % count]!;
    const isTie = i > 0 && Math.floor(keys[i]! / count) === Math.floor(keys[i - 1]! / count);
    if (isTie) continue;
    sortTies(entries, from, i);
    from = i;
  }
  sortTies(entries, from, count);
}

/**
 * Numbers without a comparator are sorted ten times as fast as objects with one. So each is the beginning of
 * a hash, as much of it as leaves room in a double for an entry's place behind it.
 */
function sortKeys(entries: readonly Entry[]): Float64Array {
  const count = entries.length;
  const width = Math.max(1, Math.ceil((HASH_LIMIT * count) / Number.MAX_SAFE_INTEGER));
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = Math.floor(entries[i]!.hash / width) * count + i;
  return keys.sort();
}

/** Puts entries in order whose hashes begin alike. */
function sortTies(entries: Entry[], from: number, to: number): void {
  if (to - from < 2) return;
  const ties = entries.slice(from, to).sort((a, b) => a.hash - b.hash);
  for (let i = 0; i < ties.length; i++) entries[from + i] = ties[i]!;
}
