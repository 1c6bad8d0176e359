/**
 * Stands for a value whose parts are in the store and not in memory: enough for TYPE, TTL, EXPIRE, RENAME
 * and DEL. Whoever wants its elements asks the keyspace to load it first.
 */
import { assert } from "../base/assert.ts";
import type { Part, Parts } from "./parts.ts";
import type { TypeName, ValueObject } from "./value.ts";

/** What the row of a key has in place of a value in parts. */
export interface UnloadedHead {
  readonly type: TypeName;
  readonly encoding: string;
  readonly size: number;
  /** Where its parts stand, and how many they are. */
  readonly space: number;
  readonly partCount: number;
  /** Memory it takes once it is loaded. */
  readonly loadedByteCount: number;
  /** ValueObject.elementsExpireAtMs, or 0. */
  readonly elementsExpireAtMs: number;
  /** What the type keeps beside its parts (ValueCodec.head). */
  readonly head: string;
}

const NO_PARTS: readonly Part[] = [];

export class Unloaded implements ValueObject {
  readonly head: UnloadedHead;
  readonly parts: Parts;
  /** The load of its parts, once it has begun (engine/opening.ts). */
  opening: unknown;

  constructor(head: UnloadedHead) {
    this.head = head;
    this.parts = {
      count: head.partCount,
      space: head.space,
      changedBytes: 0,
      isFrozen: false,
      all: () => NO_PARTS,
      changed: () => NO_PARTS,
      gone: () => [],
      stored: () => {},
      unstored: () => assert(false, "a value that moves is loaded first"),
    };
  }

  get type(): TypeName {
    return this.head.type;
  }

  get encoding(): string {
    return this.head.encoding;
  }

  get size(): number {
    return this.head.size;
  }

  get elementsExpireAtMs(): number {
    return this.head.elementsExpireAtMs;
  }

  /** What the head takes; the elements take nothing. */
  get byteCount(): number {
    return this.head.head.length;
  }

  clone(): ValueObject {
    assert(false, "a value that is copied is loaded first");
  }

  digest(): void {
    assert(false, "a value that is digested is loaded first");
  }
}
