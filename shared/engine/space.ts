/** What the keyspace is made of: entries, and the physical keyspaces (spaces) that hold them. */
import { keyHash } from "../base/key-hash.ts";
import { type TypeName, typeOf, type Value } from "../types/value.ts";
import { FreshKeys } from "./fresh-keys.ts";

/** What an entry costs in memory beyond its name and value (measured on V8, rounded up). */
export const ENTRY_BYTES = 150;

/** A key in memory: live (it has a value) or a tombstone that the next checkpoint carries out. */
export class Entry {
  readonly name: string;
  value: Value | undefined;
  /** Unix time in ms; 0: never. */
  expiresAtMs = 0;
  accessedAtMs = 0;
  /** Differs from the store; listed for the next checkpoint. */
  isDirty = false;
  /** Has a row in the store (base or overlay). */
  isStored = false;
  /** Used since the cache last looked at it (CLOCK's second chance). */
  isReferenced = true;
  /** A string written to in place (APPEND, SETRANGE): OBJECT ENCODING says `raw`. */
  isRaw = false;
  /** Pieces the stored value has. */
  pieces = 0;
  byteCount = 0;
  #hash = -1;

  constructor(name: string) {
    this.name = name;
  }

  get hash(): number {
    if (this.#hash < 0) this.#hash = keyHash(this.name);
    return this.#hash;
  }
}

/** What a walk shows of a key without making it resident. */
export interface KeyInfo {
  readonly name: string;
  readonly hash: number;
  readonly type: TypeName;
  readonly expiresAtMs: number;
}

/** A physical keyspace; databases point at them. */
export class Space {
  readonly id: number;
  readonly resident = new Map<string, Entry>();
  /** Resident entries that expire, for the sweep. */
  readonly expiring = new Set<Entry>();
  readonly fresh = new FreshKeys();
  keyCount = 0;
  expireCount = 0;
  /** Resident entries with a value. */
  liveCount = 0;
  /** Every key is resident: a miss needs no look-up in the store. */
  isComplete = false;

  constructor(id: number, { keyCount, expireCount }: { keyCount: number; expireCount: number }) {
    this.id = id;
    this.keyCount = keyCount;
    this.expireCount = expireCount;
    this.isComplete = keyCount === 0;
  }
}

/** What a walk shows of an entry that has a value. */
export function infoOf(entry: Entry, value: Value): KeyInfo {
  const { name, hash, expiresAtMs } = entry;
  return { name, hash, expiresAtMs, type: typeOf(value) };
}
