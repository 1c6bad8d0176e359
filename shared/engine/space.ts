/** What the keyspace is made of: entries, and the physical keyspaces (spaces) that hold them. */
import { keyHash } from "../base/key-hash.ts";
import { type TypeName, typeOf, type Value } from "../types/value.ts";
import { FreshKeys } from "./fresh-keys.ts";

/** What an entry costs in memory beyond its name and value (measured on V8, rounded up). */
export const ENTRY_BYTES = 150;

/** Where the count of a new key's uses begins (frequency.ts), so that it is not the first to go. */
export const FREQUENCY_START = 5;

/** A key in memory: live (it has a value) or a tombstone that the next checkpoint carries out. */
export class Entry {
  readonly name: string;
  value: Value | undefined;
  /** Unix time in ms; 0: never. */
  expiresAtMs = 0;
  accessedAtMs = 0;
  /** How often it is used, while an LFU policy counts that (frequency.ts). */
  frequency = FREQUENCY_START;
  /** Differs from the store; listed for the next checkpoint. */
  isDirty = false;
  /** Has a row in the store (base or overlay). */
  isStored = false;
  /** Belongs to a checkpoint that is being written: its row may or may not be in its place. */
  isStaged = false;
  /** Some of its value's elements expire by themselves; as its row says where that is all one knows. */
  hasExpiringElements = false;
  /** Used since the cache last looked at it (CLOCK's second chance). */
  isReferenced = true;
  /** A string written to in place (APPEND, SETRANGE): OBJECT ENCODING says `raw`. */
  isRaw = false;
  /** Pieces the stored value has. */
  pieces = 0;
  /** Rough bytes it takes in memory now, with all its elements loaded, and in the next checkpoint. */
  byteCount = 0;
  dataBytes = 0;
  dirtyBytes = 0;
  #hash: number;

  constructor(name: string, hash = -1) {
    this.name = name;
    this.#hash = hash;
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
  readonly hasExpiringElements: boolean;
}

/**
 * Values in parts have their rows in spaces of their own, which belong to the space of their key: their
 * numbers follow its number. So they go with it, when it is flushed.
 */
export const CHILD_SPACES = 2 ** 26;

/** The space of keys that this one belongs to. */
export function ownerOf(space: number): number {
  return space - (space % CHILD_SPACES);
}

/** What is known of a space beside its rows. */
export interface SpaceFacts {
  readonly keyCount: number;
  readonly expireCount: number;
  /** Keys with elements that expire by themselves. */
  readonly elementExpireCount: number;
  /** Rough bytes of all its keys and values, were they in memory. */
  readonly dataBytes: number;
  /** The number of the next child, from 1 on. */
  readonly nextChild: number;
}

export const EMPTY_SPACE: SpaceFacts = {
  keyCount: 0,
  expireCount: 0,
  elementExpireCount: 0,
  dataBytes: 0,
  nextChild: 1,
};

/** A physical keyspace; databases point at them. */
export class Space {
  /** A multiple of CHILD_SPACES. */
  readonly id: number;
  readonly resident = new Map<string, Entry>();
  /** Resident entries that expire, for the sweep. */
  readonly expiring = new Set<Entry>();
  /** Resident entries with elements that expire. */
  readonly expiringElements = new Set<Entry>();
  fresh = new FreshKeys();
  /** Entries of a checkpoint that is being written, in hash order. */
  staged: readonly Entry[] = [];
  keyCount: number;
  expireCount: number;
  elementExpireCount: number;
  dataBytes: number;
  nextChild: number;
  /** Spaces of values in parts that had rows and have none any more. */
  readonly freeChildren: number[] = [];
  /** Resident entries with a value. */
  liveCount = 0;
  /** Every key is resident: a miss needs no look-up in the store. */
  isComplete = false;

  constructor(id: number, facts: SpaceFacts) {
    this.id = id;
    this.keyCount = facts.keyCount;
    this.expireCount = facts.expireCount;
    this.elementExpireCount = facts.elementExpireCount;
    this.dataBytes = facts.dataBytes;
    this.nextChild = facts.nextChild;
    this.isComplete = facts.keyCount === 0;
  }

  get facts(): SpaceFacts {
    const { keyCount, expireCount, elementExpireCount, dataBytes, nextChild } = this;
    return { keyCount, expireCount, elementExpireCount, dataBytes, nextChild };
  }
}

/** What a walk shows of an entry that has a value. */
export function infoOf(entry: Entry, value: Value): KeyInfo {
  const { name, hash, expiresAtMs, hasExpiringElements } = entry;
  return { name, hash, expiresAtMs, hasExpiringElements, type: typeOf(value) };
}
