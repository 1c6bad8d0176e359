/**
 * Client-side caching: clients are told when a key that they may have in a cache of their own changes
 * (https://redis.io/docs/latest/develop/reference/client-side-caching/).
 *
 * A client that changes a key itself is told behind its reply, a transaction's behind all of its replies;
 * who asked for prefixes is told once for all that was done before the node comes to rest.
 *
 * What was read is remembered in memory only. A node that hibernated has forgotten it: who tracked keys
 * before is told with the first change that everything is out of date, as after a FLUSHALL.
 */
import { Push } from "../resp/reply.ts";
import type { Command } from "./command.ts";
import type { Engine } from "./engine.ts";
import { keysOf } from "./key-specs.ts";
import type { Session, TrackingMode } from "./session.ts";
import { TrackingPrefixes } from "./tracking-prefixes.ts";
import { TrackingTable } from "./tracking-table.ts";

/** Where clients that speak RESP2 have invalidations sent. */
const CHANNEL = "__redis__:invalidate";
/** tracking-table-max-keys allows for a million, and names may be long. */
const TABLE_BYTES_MAX = 16 << 20;

/** Keys that are out of date; null: all of them. */
type Outdated = readonly string[] | null;

export class Tracking {
  readonly table = new TrackingTable();
  readonly prefixes = new TrackingPrefixes();
  /** Somebody tracks something. Asked for every change. */
  isOn = false;
  readonly #engine: Engine;
  readonly #sessions = new Set<Session>();
  /** Sessions that tracked keys before the node slept. */
  readonly #forgotten = new Set<Session>();
  /** What a session whose command runs is to be told behind its reply. */
  readonly #afterReply = new Map<Session, { mode: TrackingMode; keys: Outdated[] }>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** A round of commands has changed what is to be broadcast. */
  get isDue(): boolean {
    return this.prefixes.isDue;
  }

  // -- who tracks ----------------------------------------------------------------------------------

  /** Tracks from now on, in this way; prefixes that the session has stay. */
  enable(session: Session, mode: TrackingMode): void {
    session.tracking = mode;
    for (const prefix of mode.prefixes) this.prefixes.add(session, prefix);
    this.#sessions.add(session);
    this.isOn = true;
  }

  disable(session: Session): void {
    const mode = session.tracking;
    if (mode === undefined) return;
    session.tracking = undefined;
    for (const prefix of mode.prefixes) this.prefixes.remove(session, prefix);
    this.#sessions.delete(session);
    this.#forgotten.delete(session);
    this.isOn = this.#sessions.size > 0;
    // Ids of sessions that are gone stay in the table until their keys change: finding them costs more.
    if (!this.isOn) this.table.clear();
  }

  /** The connection has ended. */
  close(session: Session): void {
    this.disable(session);
    this.#afterReply.delete(session);
  }

  /** Takes back a session that slept through hibernation. */
  restore(session: Session): void {
    if (session.tracking === undefined) return;
    this.enable(session, session.tracking);
    if (!session.tracking.isBroadcast) this.#forgotten.add(session);
  }

  // -- what is read --------------------------------------------------------------------------------

  /** The session has run a command that reads: what it read may be in its cache now. */
  remember(session: Session, command: Command, args: readonly string[]): void {
    const mode = session.tracking;
    if (mode === undefined || mode.isBroadcast) return;
    if (mode.isOptIn && !mode.isCaching) return;
    if (mode.isOptOut && mode.isCaching) return;
    for (const { name } of keysOf(command, args) ?? []) this.table.add(name, session.id);
    this.#shrink(session);
  }

  /** Keys that leave the table are out of date for their clients: nobody would tell them any more. */
  #shrink(running: Session): void {
    const { table } = this;
    const keysMax = this.#engine.config.number("tracking-table-max-keys") || Infinity;
    while (table.keyCount > keysMax || table.byteCount > TABLE_BYTES_MAX) {
      this.#invalidate(table.oldest!, running);
    }
  }

  /** CLIENT CACHING is for one command or one transaction. */
  commandDone(session: Session, name: string): void {
    const mode = session.tracking;
    if (mode?.isCaching !== true || session.transaction !== undefined) return;
    if (name.toLowerCase() !== "client") mode.isCaching = false;
  }

  // -- what changes --------------------------------------------------------------------------------

  /**
   * A key changed while `running` ran a command; `by` is who changed it, undefined when nobody did: it
   * expired.
   */
  touch(name: string, running: Session, by: Session | undefined): void {
    if (this.#forgotten.size > 0) this.#tellForgotten(running);
    if (this.prefixes.count > 0) this.prefixes.touch(name, by);
    this.#invalidate(name, running);
  }

  #invalidate(name: string, running: Session): void {
    for (const id of this.table.take(name)) {
      const session = this.#engine.sessions.get(id);
      const mode = session?.tracking;
      if (session === undefined || mode === undefined || mode.isBroadcast) continue;
      if (session === running && mode.isNoLoop) continue;
      this.#tell(session, [name], running);
    }
  }

  /** Whole databases changed: all keys of all databases are out of date, as names are tracked. */
  flushed(running?: Session): void {
    this.table.clear();
    this.#forgotten.clear();
    for (const session of this.#sessions) this.#tell(session, null, running);
  }

  #tellForgotten(running: Session): void {
    const sessions = [...this.#forgotten];
    this.#forgotten.clear();
    for (const session of sessions) this.#tell(session, null, running);
  }

  // -- telling -------------------------------------------------------------------------------------

  #tell(session: Session, keys: Outdated, running: Session | undefined): void {
    const mode = session.tracking;
    // Who does not read what it is told is let go in the midst of telling others.
    if (mode === undefined) return;
    if (session !== running) {
      this.#send(session, mode, keys);
      return;
    }
    const waiting = this.#afterReply.get(session);
    if (waiting === undefined) this.#afterReply.set(session, { mode, keys: [keys] });
    else waiting.keys.push(keys);
  }

  /** Some session is to be told something behind its reply. Asked for every reply. */
  get hasMore(): boolean {
    return this.#afterReply.size > 0;
  }

  /** The reply of the session's command is written: what waited for that follows. */
  replied(session: Session): void {
    const waiting = this.#afterReply.get(session);
    if (waiting === undefined) return;
    this.#afterReply.delete(session);
    // It may have ended tracking in the same transaction.
    const mode = session.tracking ?? waiting.mode;
    for (const keys of waiting.keys) this.#send(session, mode, keys);
  }

  /** Tells who tracks prefixes what changed since the last time. Between commands only. */
  broadcast(): void {
    if (!this.prefixes.isDue) return;
    for (const { sessions, keys } of this.prefixes.take()) {
      for (const session of sessions) {
        const mode = session.tracking!;
        const told = keys(mode.isNoLoop ? session : undefined);
        if (told.length > 0) this.#send(session, mode, told);
      }
    }
  }

  /** To the session itself, or to the one it redirects to. RESP2 has no way but a channel. */
  #send(session: Session, mode: TrackingMode, keys: Outdated): void {
    const { ports, sessions } = this.#engine;
    const { redirect } = mode;
    const target = redirect === 0 ? session : sessions.get(redirect);
    if (target === undefined) {
      mode.isRedirectBroken = true;
      if (session.protocol === 2) return;
      ports.push(session, new Push(["tracking-redir-broken", redirect]));
    } else if (target.protocol === 3) ports.push(target, new Push(["invalidate", keys]));
    else if (redirect !== 0 && target.subscriptions !== undefined) {
      ports.push(target, new Push(["message", CHANNEL, keys]));
    }
  }
}
