/**
 * Replays a stream of effects: a master's on a replica, the log's own after a restart. Whole commands and
 * whole transactions only, so that no reader sees half of one and the log ends where one ends.
 */
import { assert } from "../base/assert.ts";
import type { Context } from "../engine/context.ts";
import type { Engine } from "../engine/engine.ts";
import { call, lookUp } from "../engine/execute.ts";
import { hasValuesOf } from "../engine/loading-values.ts";
import { Session } from "../engine/session.ts";
import { Decoder, ProtocolError } from "../resp/decoder.ts";
import { ReplyError } from "../resp/reply.ts";
import { prefetchKeys } from "./prefetch.ts";

/** The stream holds what we cannot replay; going on would make this copy differ from its master. */
export class ApplyError extends Error {
  override readonly name = "ApplyError";
}

/** A master's stream has no limit but its own: a command may carry a value of any legal size. */
const STREAM_LIMITS = {
  argumentsMax: 1 << 30,
  bulkMax: 512 * 1024 * 1024,
  inlineMax: 64 * 1024,
  isAuthenticated: true,
};

/** Commands decoded ahead so that their keys can be fetched with one query. */
const BATCH_MAX = 1024;

/** A command, and where in the stream it ends. */
interface Ahead {
  readonly args: readonly string[];
  readonly end: number;
}

export class Applier {
  readonly #cx: Context;
  readonly #decoder = new Decoder(STREAM_LIMITS);
  /** Decoded, and next to be applied. */
  readonly #ahead: Ahead[] = [];
  /** Where the command ends that was taken last. */
  #end = 0;
  /** Some database is selected: given from the start, or by the stream. */
  #hasDb: boolean;
  /** Bytes of the stream not yet applied: a command or transaction that has not ended. */
  #held = "";
  /** Decoder position of the first held byte. */
  #heldFrom = 0;
  #transaction: (readonly string[])[] | undefined;
  /** A command whose values are being loaded; what follows it waits. */
  #waiting: readonly string[] | undefined;
  readonly #mayWait: boolean;
  /** The master asked for an acknowledgement (REPLCONF GETACK) at this offset; undefined: it did not. */
  isAckWanted = false;

  /** `mayWait`: large values are loaded a part at a time, and `push` is called again meanwhile. */
  constructor(engine: Engine, db: number, { mayWait = false } = {}) {
    this.#mayWait = mayWait;
    const session = new Session(0, engine.nowMs);
    session.db = Math.max(db, 0);
    this.#hasDb = db >= 0;
    this.#cx = engine.context(session);
    this.#cx.isReplay = true;
  }

  /** The database the stream has selected; -1: none, a SELECT must come before the next effect. */
  get db(): number {
    return this.#hasDb ? this.#cx.session.db : -1;
  }

  /** Bytes received and not yet applied. */
  get heldBytes(): number {
    return this.#held.length;
  }

  /** Waits for a value: `push("")` goes on. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Replays what `bytes` completes; returns exactly the bytes that are applied now and were not before. */
  push(bytes: string): string {
    this.#held += bytes;
    this.#decoder.push(bytes);
    this.#cx.nowMs = this.#cx.engine.nowMs;
    let boundary = this.#heldFrom;
    for (;;) {
      const args = this.#waiting ?? this.#next();
      if (args === undefined) break;
      this.#waiting = this.#mayWait && !this.#isReady(args) ? args : undefined;
      if (this.#waiting !== undefined) break;
      this.#take(args);
      if (this.#transaction === undefined) boundary = this.#end;
    }
    const count = boundary - this.#heldFrom;
    assert(count >= 0 && count <= this.#held.length, "applies what it holds");
    if (count === 0) return "";
    const applied = count === this.#held.length ? this.#held : this.#held.slice(0, count);
    this.#held = this.#held.slice(count);
    this.#heldFrom = boundary;
    return applied;
  }

  #next(): readonly string[] | undefined {
    if (this.#ahead.length === 0) {
      const args = this.#decode();
      this.#end = this.#decoder.consumedBytes;
      if (args === undefined || this.#cx.space.isComplete) return args;
      this.#decodeAhead(args);
    }
    const { args, end } = this.#ahead.shift()!;
    this.#end = end;
    return args;
  }

  /** Keys that are not in memory are looked up together: one by one each costs several times as much. */
  #decodeAhead(first: readonly string[]): void {
    const batch = [first];
    this.#ahead.push({ args: first, end: this.#end });
    while (batch.length < BATCH_MAX) {
      const args = this.#decode();
      if (args === undefined) break;
      batch.push(args);
      this.#ahead.push({ args, end: this.#decoder.consumedBytes });
    }
    prefetchKeys(this.#cx.engine, this.#cx.space, batch);
  }

  #decode(): readonly string[] | undefined {
    try {
      return this.#decoder.next();
    } catch (error) {
      if (error instanceof ProtocolError) throw new ApplyError(`stream: ${error.text}`);
      throw error;
    }
  }

  /** Whether the values that a command or transaction changes are in memory. */
  #isReady(args: readonly string[]): boolean {
    const { keyspace, holdsWrites } = this.#cx.engine;
    const isAllThere = keyspace.unloadedCount === 0 && this.#cx.space.isComplete;
    if (isAllThere && !keyspace.hasFrozen && !holdsWrites) return true;
    if (this.#transaction === undefined) return hasValuesOf(this.#cx, args);
    if (this.#nameOf(args) !== "exec") return true;
    const wanted = { bytes: 0 };
    return this.#transaction.every((queued) => hasValuesOf(this.#cx, queued, wanted));
  }

  /** In lower case. The table knows most spellings, which is cheaper. */
  #nameOf(args: readonly string[]): string {
    return this.#cx.engine.registry.find(args[0]!)?.name ?? args[0]!.toLowerCase();
  }

  #take(args: readonly string[]): void {
    const name = this.#nameOf(args);
    if (name === "multi") this.#transaction = [];
    else if (name === "exec") {
      const commands = this.#transaction ?? [];
      this.#transaction = undefined;
      for (const command of commands) this.#replay(command);
    } else if (this.#transaction !== undefined) this.#transaction.push(args);
    else this.#replay(args);
  }

  #replay(args: readonly string[]): void {
    const name = this.#nameOf(args);
    if (name === "ping") return;
    if (name === "select") this.#hasDb = true;
    if (name === "replconf") {
      if (args[1]?.toLowerCase() === "getack") this.isAckWanted = true;
      return;
    }
    const command = lookUp(this.#cx, args);
    const reply = command instanceof ReplyError ? command : call(this.#cx, command, args);
    if (reply instanceof ReplyError) {
      throw new ApplyError(`cannot apply ${args[0]!.slice(0, 32)}: ${reply.text}`);
    }
  }
}
