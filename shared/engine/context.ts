/**
 * What a command's handler works with: the clock, the session, and the keys of its database, expiry
 * included. Every change goes through here, so that it is counted, watched and propagated.
 */
import { detach } from "../base/bytes.ts";
import type { Random } from "../base/random.ts";
import { RDB_BYTES_MAX } from "../rdb/format.ts";
import { fail } from "../resp/errors.ts";
import { type Reply, ReplyError } from "../resp/reply.ts";
import { LONG_STRING_BYTES, LongString, type Text } from "../types/long-string.ts";
import { typeOf, type Value, type ValueObject } from "../types/value.ts";
import type { Engine } from "./engine.ts";
import type { KeyWait } from "./key-waits.ts";
import type { Entry, Space } from "./space.ts";
import type { Session } from "./session.ts";

/** A change in the form a replica replays: a command in a database. */
export interface Effect {
  readonly db: number;
  readonly args: readonly string[];
}

export class Context {
  readonly engine: Engine;
  session: Session;
  /** Unix time in ms, read once per batch: the same for every command of a transaction. */
  nowMs = 0;
  /** Changes made by the running command; without one, nothing is propagated. */
  dirty = 0;
  /** Applying what a master (or our own log) says: expired keys exist, nothing is propagated. */
  isReplay = false;
  /** Inside EXEC (or a script): effects gather, blocking commands answer at once. */
  isNested = false;
  /** The command has said by `effect` or `noEffect` what is to be propagated in its place. */
  isRewritten = false;
  /** The key that made a blocked command run again: the only one it looks at (key-waits.ts). */
  readyKey: string | undefined;
  /** The script that runs, which has asked for one protocol or the other. */
  script: { readonly protocol: 2 | 3 } | undefined;
  /** Effects of the running command or transaction, in order. */
  effects: Effect[] = [];

  constructor(engine: Engine, session: Session) {
    this.engine = engine;
    this.session = session;
  }

  get random(): Random {
    return this.engine.random;
  }

  /** How long a string may become. A master's may be longer, up to what a snapshot can carry. */
  get stringMax(): number {
    return this.isReplay ? RDB_BYTES_MAX : this.engine.config.number("proto-max-bulk-len");
  }

  /** What the reply is for: RESP2 and RESP3 have a few in different shapes. */
  get protocol(): 2 | 3 {
    return this.script === undefined ? this.session.protocol : this.script.protocol;
  }

  get space(): Space {
    return this.engine.keyspace.space(this.session.db);
  }

  // -- look-ups ------------------------------------------------------------------------------------

  /** The key for a command that reads it: counts a hit or a miss, marks it used. */
  read(name: string): Entry | undefined {
    const entry = this.lookUp(name);
    const stats = this.engine.stats;
    if (entry === undefined) {
      stats.keyspaceMisses++;
      this.notify("m", "keymiss", name);
    } else {
      stats.keyspaceHits++;
      if (!this.session.isNoTouch) this.#use(entry);
    }
    return entry;
  }

  /** The key for a command that may write it. */
  write(name: string): Entry | undefined {
    const entry = this.lookUp(name);
    if (entry !== undefined) this.#use(entry);
    return entry;
  }

  #use(entry: Entry): void {
    if (this.engine.eviction.countsUses) this.engine.eviction.countUse(entry, this.nowMs);
    entry.accessedAtMs = this.nowMs;
  }

  /** The key without statistics or access time (EXISTS, TYPE, TTL, OBJECT …). An expired one is none. */
  lookUp(name: string, db = this.session.db): Entry | undefined {
    checkKey(name);
    const space = this.engine.keyspace.space(db);
    const entry = this.engine.keyspace.find(space, name);
    if (entry === undefined || entry.expiresAtMs === 0 || !this.isExpired(entry)) return entry;
    this.#expire(space, entry, db);
    return undefined;
  }

  /** Past its time, as this context sees time: never while replaying. */
  isExpired({ expiresAtMs }: { readonly expiresAtMs: number }): boolean {
    return expiresAtMs !== 0 && this.nowMs > expiresAtMs && !this.isReplay;
  }

  /** The value of a string key for reading; undefined when there is none, WRONGTYPE otherwise. */
  readString(name: string): string | undefined {
    const entry = this.read(name);
    return entry === undefined ? undefined : this.stringOf(entry);
  }

  /** The same for who looks at some of it only: a long one need not be put together. */
  readText(name: string): Text | undefined {
    const entry = this.read(name);
    return entry === undefined ? undefined : this.textOf(entry);
  }

  /** The entry of a string key for writing; undefined when there is none, WRONGTYPE otherwise. */
  writeString(name: string): Entry | undefined {
    const entry = this.write(name);
    if (entry !== undefined && typeOf(entry.value!) !== "string") fail("wrongType");
    return entry;
  }

  /** The string an entry holds; WRONGTYPE when it holds something else. */
  stringOf(entry: Entry): string {
    return typeof entry.value === "string" ? entry.value : this.textOf(entry).toString();
  }

  /** The same, long strings as they are kept. */
  textOf(entry: Entry): Text {
    if (typeof entry.value === "string") return entry.value;
    if (typeOf(entry.value!) !== "string") fail("wrongType");
    return this.loaded(entry) as LongString;
  }

  /** The collection in a key for reading; undefined when there is none, WRONGTYPE otherwise. */
  readAs<T extends ValueObject>(name: string, type: T["type"]): T | undefined {
    const entry = this.read(name);
    if (entry === undefined) return undefined;
    if (typeOf(entry.value!) !== type) fail("wrongType");
    return this.loaded(entry) as T;
  }

  /** The entry of a collection for writing; undefined when there is none, WRONGTYPE otherwise. */
  writeAs<T extends ValueObject>(
    name: string,
    type: T["type"],
  ): (Entry & { value: T }) | undefined {
    const entry = this.write(name);
    if (entry === undefined) return undefined;
    if (typeOf(entry.value!) !== type) fail("wrongType");
    this.engine.keyspace.changeable(entry);
    return entry as Entry & { value: T };
  }

  /** The value of an entry with all its elements in memory. */
  loaded(entry: Entry): Value {
    return this.engine.keyspace.loaded(entry);
  }

  // -- changes -------------------------------------------------------------------------------------

  /**
   * Sets a key to a value, whatever it held, with an expiry (Unix ms, 0: none). A string may be a
   * slice of the message: it is detached here.
   */
  set(name: string, value: Value, expiresAtMs = 0): Entry {
    checkKey(name);
    const own = typeof value === "string" ? detach(value) : value;
    const isNew = this.engine.notifications.isOn && this.lookUp(name) === undefined;
    const entry = this.engine.keyspace.put(this.space, name, own, expiresAtMs);
    entry.accessedAtMs = this.nowMs;
    if (isNew) this.notify("n", "new", name);
    this.signal(name);
    return entry;
  }

  /** `set` of a string for who has found the entry, or that there is none. */
  setString(name: string, entry: Entry | undefined, value: string): void {
    if (entry === undefined) this.set(name, value);
    else {
      this.engine.keyspace.assign(this.space, entry, detach(value), 0);
      this.signal(name);
    }
  }

  /** Gives a string entry another value and keeps its expiry. */
  replace(entry: Entry, value: string): void {
    this.#replace(entry, detach(value));
  }

  #replace(entry: Entry, value: string | LongString): void {
    const { keyspace } = this.engine;
    keyspace.assign(this.space, entry, value, entry.expiresAtMs);
    this.signal(entry.name);
  }

  /**
   * Writes into a string from a byte on, with zeros up to it where it was shorter. `entry` is what
   * `writeString` found.
   */
  overwrite(name: string, entry: Entry | undefined, { at, bytes }: Overwriting): void {
    const old = entry === undefined ? "" : this.textOf(entry);
    const isLong = Math.max(old.length, at + bytes.length) >= LONG_STRING_BYTES;
    const value = isLong ? this.#longString(entry) : withBytes(old.toString(), at, bytes);
    if (typeof value !== "string") value.write(at, bytes);
    if (entry === undefined) this.set(name, value).isRaw = true;
    else {
      if (value === entry.value) this.changed(entry);
      else this.#replace(entry, typeof value === "string" ? detach(value) : value);
      entry.isRaw = true;
    }
  }

  /** What an entry holds as a string in pages. */
  #longString(entry: Entry | undefined): LongString {
    const value = entry && this.engine.keyspace.changeable(entry);
    if (value instanceof LongString) return value;
    const long = new LongString();
    long.write(0, (value as string | undefined) ?? "");
    return long;
  }

  /**
   * Ends a change of a collection: it is set as a new key (no `entry`), noted as changed, or, when it
   * has no elements left, removed. Once a command for each key it changed.
   */
  keep(name: string, value: ValueObject, entry: Entry | undefined): void {
    if (value.size === 0 && value.type !== "stream") {
      if (entry !== undefined) this.remove(name);
    } else if (entry === undefined) this.set(name, value);
    else this.changed(entry);
  }

  /** A value was changed in place. */
  changed(entry: Entry): void {
    this.engine.keyspace.markDirty(this.space, entry);
    this.signal(entry.name);
  }

  /** Sets or (0) removes an expiry. */
  expireAt(entry: Entry, expiresAtMs: number): void {
    this.engine.keyspace.setExpiry(this.space, entry, expiresAtMs);
    this.signal(entry.name);
  }

  /** Deletes a key; false when there was none. */
  remove(name: string): boolean {
    const entry = this.lookUp(name);
    if (entry === undefined) return false;
    this.engine.keyspace.remove(this.space, entry);
    this.signal(name);
    return true;
  }

  /**
   * Counts a change of a key, breaks the WATCHes on it, wakes who waits for it and tells who has it in a
   * cache. Called by the methods above.
   */
  signal(name: string, db = this.session.db): void {
    this.dirty++;
    this.engine.watches.touch(db, name);
    this.engine.keyWaits.touch(db, name);
    const { tracking } = this.engine;
    if (tracking.isOn) tracking.touch(name, this.session, this.session);
  }

  /**
   * A keyspace notification: its class (one letter of notify-keyspace-events), what happened, to which
   * key. Redis's own events in Redis's own order.
   */
  notify(kind: string, event: string, name: string, db = this.session.db): void {
    const { notifications } = this.engine;
    if (notifications.isOn) notifications.notify(kind, event, { name, db });
  }

  /** A command may wait: not inside a transaction or a script, nor in a replay. */
  get mayBlock(): boolean {
    return !this.isNested && !this.isReplay;
  }

  /**
   * The running command waits until one of its keys is ready, and runs again then (key-waits.ts). Where it
   * may not wait it answers as if its time were up.
   */
  block(wait: KeyWait): Reply {
    return this.engine.keyWaits.block(this, wait);
  }

  // -- effects -------------------------------------------------------------------------------------

  /** Propagates this in place of the command as sent; several calls add up. */
  effect(...args: readonly string[]): void {
    this.effectOf(args);
  }

  /** The same for as many arguments as a command may have. */
  effectOf(args: readonly string[]): void {
    this.isRewritten = true;
    if (!this.isReplay) this.effects.push({ db: this.session.db, args });
  }

  /** Propagates nothing for this command, though it changed something. */
  noEffect(): void {
    this.isRewritten = true;
  }

  /**
   * Fields of a hash have expired, and a master has deleted them from it: it says so. The key goes with
   * the last of them.
   */
  fieldsExpired(entry: Entry & { value: ValueObject }, fields: readonly string[]): void {
    const { db } = this.session;
    const { keyspace, tracking } = this.engine;
    if (entry.value.size === 0) keyspace.remove(this.space, entry);
    else keyspace.markDirty(this.space, entry);
    this.engine.watches.touch(db, entry.name);
    this.engine.keyWaits.touch(db, entry.name);
    this.notify("h", "hexpired", entry.name);
    if (entry.value === undefined) this.notify("g", "del", entry.name);
    if (tracking.isOn) tracking.touch(entry.name, this.session, undefined);
    for (const field of fields) this.effects.push({ db, args: ["HDEL", entry.name, field] });
  }

  /** A master deletes what has expired and says so; a replica hides it and waits for the DEL. */
  #expire(space: Space, entry: Entry, db: number): void {
    if (!this.engine.mayExpire) return;
    this.engine.keyspace.remove(space, entry);
    this.engine.stats.expiredKeys++;
    this.engine.watches.touch(db, entry.name);
    this.engine.keyWaits.touch(db, entry.name);
    this.notify("x", "expired", entry.name, db);
    const { tracking } = this.engine;
    if (tracking.isOn) tracking.touch(entry.name, this.session, undefined);
    this.effects.push({ db, args: ["DEL", entry.name] });
  }
}

/** A key stands in a row with (a piece of) its value, and rows end at 2 MB. */
const KEY_BYTES_MAX = 500_000;

/** Refuses a key too long to be stored. Commands that set several ask before the first change. */
export function checkKey(name: string): void {
  if (name.length > KEY_BYTES_MAX) {
    throw new ReplyError(`ERR key is longer than ${KEY_BYTES_MAX} bytes`);
  }
}

/** Bytes that are written into a string from a place on. */
export interface Overwriting {
  readonly at: number;
  readonly bytes: string;
}

function withBytes(old: string, at: number, bytes: string): string {
  if (at === old.length) return old + bytes;
  return old.slice(0, at).padEnd(at, "\0") + bytes + old.slice(at + bytes.length);
}
