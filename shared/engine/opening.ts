/** The load of a value in parts, some of them at a time. */
import { assert } from "../base/assert.ts";
import { admitPart, completeParts, openValue } from "../rdb/codec.ts";
import type { UnloadedHead } from "../types/unloaded.ts";
import type { ValueObject } from "../types/value.ts";
import { type Store, wholeValue } from "./store.ts";

const ROWS_PER_QUERY = 128;

export class Opening {
  readonly #store: Store;
  readonly #head: UnloadedHead;
  readonly value: ValueObject;
  #from = 0;
  #isDone = false;

  constructor(store: Store, head: UnloadedHead) {
    this.#store = store;
    this.#head = head;
    this.value = openValue(head);
  }

  /** Loads up to so many more parts; true when the value has all of them. */
  step(partsMax: number): boolean {
    const { space } = this.#head;
    for (let left = partsMax; !this.#isDone && left > 0;) {
      const places = this.#store.keys(space, this.#from, Math.min(left, ROWS_PER_QUERY));
      left -= places.length;
      for (const row of this.#store.load(space, places)) {
        assert(row !== undefined, "a part that is listed is there");
        admitPart(this.value, row.hash, wholeValue(this.#store, space, row));
        this.#from = row.hash + 1;
      }
      if (places.length === 0 || this.value.parts.count >= this.#head.partCount)
        this.#isDone = true;
    }
    if (this.#isDone) completeParts(this.value, this.#head);
    return this.#isDone;
  }
}
