/** Which keys are in the caches of which clients: what has to be told when a key changes. */
import { detach } from "../base/bytes.ts";

/** Rough cost of a key beyond its name, and of each client but the first. */
const KEY_BYTES = 100;
const CLIENT_BYTES = 40;

export class TrackingTable {
  /** Ids of clients by key; the key that was added first comes first. One client is the rule. */
  readonly #ids = new Map<string, number | Set<number>>();
  /** Pairs of a key and a client, and rough bytes of all. */
  itemCount = 0;
  byteCount = 0;

  get keyCount(): number {
    return this.#ids.size;
  }

  /** The client has read the key. */
  add(name: string, id: number): void {
    const ids = this.#ids.get(name);
    if (ids === id) return;
    if (ids === undefined) {
      this.#ids.set(detach(name), id);
      this.byteCount += KEY_BYTES + name.length;
    } else if (typeof ids === "number") {
      this.#ids.set(name, new Set([ids, id]));
      this.byteCount += CLIENT_BYTES;
    } else if (ids.has(id)) return;
    else {
      ids.add(id);
      this.byteCount += CLIENT_BYTES;
    }
    this.itemCount++;
  }

  /** Forgets a key; returns the clients that may have it. */
  take(name: string): Iterable<number> {
    const ids = this.#ids.get(name);
    if (ids === undefined) return NOBODY;
    this.#ids.delete(name);
    const count = typeof ids === "number" ? 1 : ids.size;
    this.itemCount -= count;
    this.byteCount -= KEY_BYTES + name.length + (count - 1) * CLIENT_BYTES;
    return typeof ids === "number" ? [ids] : ids;
  }

  /** The key that has been here longest. */
  get oldest(): string | undefined {
    const first = this.#ids.keys().next();
    return first.done === true ? undefined : first.value;
  }

  clear(): void {
    this.#ids.clear();
    this.itemCount = 0;
    this.byteCount = 0;
  }
}

const NOBODY: readonly number[] = [];
