/**
 * The replication stream as this node writes it: effects of the running group gather here and become one
 * row of the store at commit. It is the write-ahead log, the backlog and the source of every follower.
 */
import { assert } from "../base/assert.ts";
import { ByteBuffer } from "../base/byte-buffer.ts";
import type { Effect } from "../engine/context.ts";
import type { Store } from "../engine/store.ts";

const MULTI = ["MULTI"];
const EXEC = ["EXEC"];

export class Log {
  readonly #store: Store;
  readonly #pending = new ByteBuffer();
  /** The database the stream has selected; -1: the next effect is preceded by a SELECT. */
  selectedDb = -1;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Offset behind the last byte written, committed or not: what INFO calls master_repl_offset. */
  get end(): number {
    return this.#store.logEnd + this.#pending.length;
  }

  /** Offset behind the last committed byte: what followers may be sent. */
  get committedEnd(): number {
    return this.#store.logEnd;
  }

  get start(): number {
    return this.#store.logStart;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** Appends the effects of one command or transaction, as one that replicas apply as a whole. */
  write(effects: readonly Effect[]): void {
    if (effects.length > 1) this.#pending.command(MULTI);
    for (const { db, args } of effects) {
      // As in Redis 7, a SELECT that is due stands inside the MULTI.
      if (db !== this.selectedDb) this.#select(db);
      this.#pending.command(args);
    }
    if (effects.length > 1) this.#pending.command(EXEC);
  }

  /** Appends what needs no database: PING, REPLCONF GETACK. */
  writeControl(args: readonly string[]): void {
    this.#pending.command(args);
  }

  /** Appends a master's bytes as they came, cut at the end of a command or transaction. */
  copy(bytes: string): void {
    this.#pending.text(bytes);
  }

  /** Makes the open group one unit of the store. */
  commit(): void {
    if (this.#pending.length === 0) return;
    const end = this.end;
    this.#store.appendLog(this.#pending.take());
    assert(this.#store.logEnd === end, "the log grows by what is appended");
  }

  /** Forgets the open group (the node goes back to its store). */
  discard(): void {
    this.#pending.clear();
  }

  read(offset: number, countMax: number): Uint8Array {
    return this.#store.readLog(offset, countMax);
  }

  #select(db: number): void {
    this.selectedDb = db;
    this.#pending.command(["SELECT", String(db)]);
  }
}
