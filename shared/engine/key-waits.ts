/**
 * Commands that wait for keys (BLPOP, BZPOPMIN, XREAD …): who waits for which, in the order they came, and
 * how they are served. As in Redis since 7.2 such a command runs again once a key of its is ready; whose
 * turn it is, and that it looks at this one key then, is as in 7.0. What a handler does:
 *
 * 1. It looks at all its keys; or, where `cx.readyKey` is set, at this one only: it runs again.
 * 2. There is something: it answers, with `cx.effect` and `cx.notify` as ever.
 * 3. There is nothing: `return cx.block(wait)`, the first time and again. A command that runs again
 *    keeps its place and its deadline: `wait` is looked at the first time only, so what must not change
 *    (the last id that XREAD's `$` stands for) is to be resolved in `wait.args`.
 *
 * Inside a transaction, a script or a replay `cx.block` answers `wait.timedOut` at once (`cx.mayBlock` tells,
 * for commands that answer something else then). `deadlineMs` (commands/timeout.ts) reads the timeout.
 */
import { assert } from "../base/assert.ts";
import { detach } from "../base/bytes.ts";
import { NIL_ARRAY, NO_REPLY, type Reply, ReplyError } from "../resp/reply.ts";
import { type CollectionName, typeOf } from "../types/value.ts";
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import { call, lookUp, settle } from "./execute.ts";
import { type Blocked, Session } from "./session.ts";

/** What a session waits for. It outlives hibernation, so all of it is JSON. */
export interface KeyWait {
  readonly keys: readonly string[];
  /** Of which type a key must be to be ready: others do not wake it. */
  readonly type: CollectionName;
  /** Unix time in ms; 0: for ever. */
  readonly untilMs: number;
  /** The command that runs again once a key is ready. */
  readonly args: readonly string[];
  /** What it answers when the time is up. */
  readonly timedOut: "nil" | "nil-array";
  /**
   * The error that ends the wait when one of the keys is deleted or becomes another type (XREADGROUP:
   * `UNBLOCKED the stream key no longer exists`). Without it the command goes on waiting.
   */
  readonly lost?: string;
}

/** `session.blocked` of a session that waits for keys of its database. */
interface KeyBlocked extends KeyWait, Blocked {
  readonly kind: "keys";
  readonly untilMs: number;
  /** Grows from one wait to the next: the order in which they are served. */
  readonly turn: number;
}

/** Who waits for one key. */
interface Queue {
  readonly sessions: Set<Session>;
  /** How many of them wait for a key of each type. */
  readonly counts: Partial<Record<CollectionName, number>>;
  /** They stand in the order of their turns. */
  isInOrder: boolean;
  lastTurn: number;
}

export class KeyWaits {
  readonly #engine: Engine;
  /** By `db:name`. */
  readonly #queues = new Map<string, Queue>();
  /** Keys that changed and that someone waits for, in the order in which they did. */
  readonly #ready = new Set<string>();
  #nextTurn = 1;
  /** Waits that end when a key is lost. */
  #losableCount = 0;
  #cx: Context | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Someone is to be served before the next command runs. */
  get isDue(): boolean {
    return this.#ready.size > 0;
  }

  /** A key changed, came or went: who waits for it is served once the running command is done. */
  touch(db: number, name: string): void {
    if (this.#queues.size === 0) return;
    const key = `${db}:${name}`;
    const queue = this.#queues.get(key);
    if (queue !== undefined) this.#touch(key, queue);
  }

  /** All keys of a database (or of all of them) may have changed. */
  touchAll(db?: number): void {
    for (const [key, queue] of this.#queues) {
      if (db === undefined || dbOf(key) === db) this.#touch(key, queue);
    }
  }

  /** Keys that are gone or of another type take no place in the order: they serve nobody. */
  #touch(key: string, { counts }: Queue): void {
    const { keyspace } = this.#engine;
    const value = keyspace.find(keyspace.space(dbOf(key)), nameOf(key))?.value;
    const type = value === undefined ? "string" : typeOf(value);
    const canServe = type !== "string" && (counts[type] ?? 0) > 0;
    if (canServe || this.#losableCount > 0) this.#ready.add(key);
  }

  /** See the head of this file. */
  block(cx: Context, wait: KeyWait): Reply {
    if (!cx.mayBlock) return timedOut(wait);
    if (cx.readyKey !== undefined) return NO_REPLY;
    const blocked: KeyBlocked = {
      ...wait,
      kind: "keys",
      keys: [...new Set(wait.keys)].map(detach),
      args: wait.args.map(detach),
      turn: this.#nextTurn,
    };
    cx.session.blocked = blocked;
    this.#add(cx.session, blocked);
    return NO_REPLY;
  }

  /** Lists a session that comes back from hibernation, in its old place. */
  restore(session: Session): void {
    const blocked = waitOf(session);
    if (blocked !== undefined) this.#add(session, blocked);
  }

  /** A session waits no more, or is gone. */
  remove(session: Session): void {
    const blocked = waitOf(session);
    if (blocked === undefined) return;
    if (blocked.lost !== undefined) this.#losableCount--;
    for (const name of blocked.keys) {
      const key = `${session.db}:${name}`;
      const queue = this.#queues.get(key);
      assert(queue?.sessions.delete(session) === true, "who waits is listed");
      queue.counts[blocked.type] = (queue.counts[blocked.type] ?? 0) - 1;
      if (queue.sessions.size === 0) this.#queues.delete(key);
    }
  }

  /**
   * Serves who waits for what has become ready, and for what that makes ready in turn (BLMOVE): keys in
   * the order they became ready, sessions in the order they came. Between commands only.
   */
  serve(): void {
    if (!this.isDue) return;
    const cx = (this.#cx ??= this.#engine.context(new Session(0, 0)));
    const own = cx.session;
    cx.nowMs = this.#engine.nowMs;
    // A set is walked with what is added meanwhile.
    for (const key of this.#ready) {
      this.#serveKey(cx, key);
      // Whoever was served, or not, has touched it; and everybody who waits for it had his turn.
      this.#ready.delete(key);
      cx.readyKey = undefined;
      cx.session = own;
    }
  }

  #serveKey(cx: Context, key: string): void {
    const queue = this.#queues.get(key);
    if (queue === undefined) return;
    putInOrder(queue);
    const db = dbOf(key);
    const name = nameOf(key);
    for (const session of queue.sessions) {
      const value = cx.lookUp(name, db)?.value;
      settle(cx);
      if (value === undefined && this.#losableCount === 0) return;
      const blocked = waitOf(session)!;
      if (value !== undefined && typeOf(value) === blocked.type) {
        this.#runAgain(cx, session, name);
      } else if (blocked.lost !== undefined) {
        this.#engine.ports.unblock(session, new ReplyError(blocked.lost));
      }
    }
  }

  /** Answers the session, or leaves it waiting. */
  #runAgain(cx: Context, session: Session, name: string): void {
    const { args } = waitOf(session)!;
    const command = lookUp(cx, args);
    assert(!(command instanceof ReplyError), "a blocked command is in the table");
    cx.session = session;
    cx.readyKey = name;
    const reply = call(cx, command, args);
    if (reply !== NO_REPLY) this.#engine.ports.unblock(session, reply);
  }

  #add(session: Session, blocked: KeyBlocked): void {
    const { keys, turn, type, lost } = blocked;
    this.#engine.beginWait(session);
    this.#nextTurn = Math.max(this.#nextTurn, turn + 1);
    if (lost !== undefined) this.#losableCount++;
    for (const name of keys) {
      const key = `${session.db}:${name}`;
      let queue = this.#queues.get(key);
      if (queue === undefined) {
        queue = { sessions: new Set(), counts: {}, isInOrder: true, lastTurn: 0 };
        this.#queues.set(key, queue);
      }
      queue.sessions.add(session);
      queue.counts[type] = (queue.counts[type] ?? 0) + 1;
      if (turn < queue.lastTurn) queue.isInOrder = false;
      queue.lastTurn = Math.max(queue.lastTurn, turn);
    }
  }
}

/** What a command that waits for keys answers when its time is up. */
export function timedOut({ timedOut: kind }: Pick<KeyWait, "timedOut">): Reply {
  return kind === "nil" ? null : NIL_ARRAY;
}

function waitOf({ blocked }: Session): KeyBlocked | undefined {
  return blocked?.kind === "keys" ? (blocked as KeyBlocked) : undefined;
}

function dbOf(key: string): number {
  return Number(key.slice(0, key.indexOf(":")));
}

function nameOf(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}

/** Sessions come back from hibernation in any order. */
function putInOrder(queue: Queue): void {
  if (queue.isInOrder) return;
  queue.isInOrder = true;
  const { sessions } = queue;
  const inOrder = [...sessions].sort((a, b) => waitOf(a)!.turn - waitOf(b)!.turn);
  sessions.clear();
  for (const session of inOrder) sessions.add(session);
}
