/**
 * When the fields of one hash expire: a heap, the soonest on top. A field that is given another time, or
 * is deleted, leaves its old entry behind, which nobody minds: whoever takes one out looks at the field.
 */

/** So many entries that stand for nothing are not worth the work. */
const STALE_MIN = 64;

interface FieldExpiry {
  readonly field: string;
  readonly expiresAtMs: number;
}

export class FieldExpiries {
  /** Fields that expire; the owner takes those away that do no more. */
  count = 0;
  #heap: FieldExpiry[] = [];

  /** No field expires before this (Unix ms). */
  get soonestMs(): number {
    return this.#heap[0]!.expiresAtMs;
  }

  /** One field more expires, or one at another time: its old one is taken off `count` then. */
  add(field: string, expiresAtMs: number): void {
    this.count++;
    this.#push({ field, expiresAtMs });
  }

  /** Takes the soonest entry out if its time is over; it may stand for nothing any more. */
  takeDue(nowMs: number): FieldExpiry | undefined {
    const top = this.#heap[0];
    if (top === undefined || top.expiresAtMs >= nowMs) return undefined;
    const last = this.#heap.pop()!;
    if (this.#heap.length > 0) this.#sink(last);
    return top;
  }

  /** Drops entries that stand for nothing, once they are the most. `expiryOf` tells a field's time. */
  tidy(expiryOf: (field: string) => number): void {
    if (this.#heap.length <= 2 * this.count + STALE_MIN) return;
    const kept = new Map<string, FieldExpiry>();
    for (const entry of this.#heap) {
      if (expiryOf(entry.field) === entry.expiresAtMs) kept.set(entry.field, entry);
    }
    // Sorted is a heap.
    this.#heap = [...kept.values()].sort((a, b) => a.expiresAtMs - b.expiresAtMs);
  }

  clone(): FieldExpiries {
    const copy = new FieldExpiries();
    copy.count = this.count;
    copy.#heap = this.#heap.slice();
    return copy;
  }

  #push(entry: FieldExpiry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]!.expiresAtMs <= entry.expiresAtMs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Puts an entry in at the top, down to its place. */
  #sink(entry: FieldExpiry): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && heap[right]!.expiresAtMs < heap[child]!.expiresAtMs) child = right;
      if (heap[child]!.expiresAtMs >= entry.expiresAtMs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}
