/**
 * Which entries are dropped from memory when there are too many: clean ones, least recently used first
 * (CLOCK, with a second chance).
 */
import type { Entry, Space } from "./space.ts";

/** How long a large value is in use after a command used it. */
const IN_USE_MS = 3000;

/** The keyspace, as the cache sees it. */
export interface Cached {
  readonly residentBytes: number;
  /** Bytes of entries that must stay until they are written. */
  readonly unwrittenBytes: number;
  readonly spaces: readonly Space[];
  evict(space: Space, entry: Entry): void;
}

export class Cache {
  readonly #cached: Cached;
  #clock: { space: Space; hand: Iterator<Entry> } | undefined;
  /** Large entries that were passed over because they are in use. */
  readonly #inUse = new Set<Entry>();
  /** There was no room because of what has changed: it must be written before it can go. */
  hasToWrite = false;

  constructor(cached: Cached) {
    this.#cached = cached;
  }

  /** Entries are gone that nobody dropped here. */
  reset(): void {
    this.#clock = undefined;
    this.#inUse.clear();
    this.hasToWrite = false;
  }

  /**
   * Drops entries until at most `bytesMax` are resident. A value that takes more than half of that stays
   * for as long as it is in use: loading it again for each command would cost more than it takes. Half of
   * the room is for the others then, and only one such value may exceed it. Without `nowMs` none is in use.
   */
  shrink(bytesMax: number, nowMs = Number.POSITIVE_INFINITY): void {
    const cached = this.#cached;
    this.hasToWrite = false;
    if (cached.residentBytes <= bytesMax) return;
    let inUseBytes = 0;
    for (const entry of this.#inUse) {
      if (isInUse(entry, nowMs)) inUseBytes += entry.byteCount;
      else this.#inUse.delete(entry);
    }
    if (cached.residentBytes - cached.unwrittenBytes <= 0) return;
    let hasPassedChanges = false;
    // Two rounds: the first takes the second chances away. Dirty entries are passed over.
    let left = 2 * cached.spaces.reduce((sum, space) => sum + space.resident.size + 1, 0);
    while (cached.residentBytes > bytesMax && left-- > 0) {
      if (inUseBytes > 0 && cached.residentBytes - inUseBytes <= bytesMax / 2) return;
      const { space, entry } = this.#next();
      if (entry === undefined || this.#inUse.has(entry)) continue;
      const mayJoin = inUseBytes === 0 || inUseBytes + entry.byteCount <= bytesMax;
      if (entry.byteCount * 2 > bytesMax && mayJoin && isInUse(entry, nowMs)) {
        this.#inUse.add(entry);
        inUseBytes += entry.byteCount;
        continue;
      }
      hasPassedChanges ||= entry.isDirty;
      if (entry.isDirty || entry.isStaged) continue;
      if (entry.isReferenced) {
        entry.isReferenced = false;
        continue;
      }
      cached.evict(space, entry);
    }
    this.hasToWrite = cached.residentBytes > bytesMax && hasPassedChanges;
  }

  #next(): { space: Space; entry: Entry | undefined } {
    const { spaces } = this.#cached;
    const at = this.#clock;
    if (at !== undefined && spaces.includes(at.space)) {
      const step = at.hand.next();
      if (step.done !== true) return { space: at.space, entry: step.value };
    }
    const index = at === undefined ? 0 : (spaces.indexOf(at.space) + 1) % spaces.length;
    const space = spaces[index]!;
    this.#clock = { space, hand: space.resident.values() };
    return { space, entry: undefined };
  }
}

function isInUse({ value, accessedAtMs }: Entry, nowMs: number): boolean {
  return value !== undefined && nowMs - accessedAtMs < IN_USE_MS;
}
