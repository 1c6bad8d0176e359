/**
 * The replication stream as this node writes it: effects of the running group gather here and become one
 * row of the store at commit. It is the write-ahead log, the backlog and the source of every follower.
 */
import { assert } from "../base/assert.ts";
import { ByteBuffer } from "../base/byte-buffer.ts";
import type { Effect } from "../engine/context.ts";
import type { Spelling } from "../resp/decoder.ts";
import type { Store } from "../engine/store.ts";

const MULTI = ["MULTI"];
const EXEC = ["EXEC"];

export class Log {
  readonly #store: Store;
  readonly #pending = new ByteBuffer();
  /** Bytes of `#run` behind those in `#pending`: commands that are written as they came. */
  #run = "";
  #runFrom = 0;
  #runTo = 0;
  /** Where the command at hand may be spelt as it is to be written. */
  source: Spelling | undefined;
  /** The database the stream has selected; -1: the next effect is preceded by a SELECT. */
  selectedDb = -1;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Offset behind the last byte written, committed or not: what INFO calls master_repl_offset. */
  get end(): number {
    return this.#store.logEnd + this.pendingBytes;
  }

  /** Offset behind the last committed byte: what followers may be sent. */
  get committedEnd(): number {
    return this.#store.logEnd;
  }

  get start(): number {
    return this.#store.logStart;
  }

  get hasPending(): boolean {
    return this.pendingBytes > 0;
  }

  get pendingBytes(): number {
    return this.#pending.length + this.#runTo - this.#runFrom;
  }

  /** Appends the effects of one command or transaction, as one that replicas apply as a whole. */
  write(effects: readonly Effect[]): void {
    if (effects.length === 1) {
      const { db, args } = effects[0]!;
      if (db !== this.selectedDb) this.#select(db);
      if (args === this.source?.spelt) this.#copySpelt(this.source);
      else this.#open.command(args);
      return;
    }
    const pending = this.#open;
    pending.command(MULTI);
    for (const { db, args } of effects) {
      // As in Redis 7, a SELECT that is due stands inside the MULTI.
      if (db !== this.selectedDb) this.#select(db);
      pending.command(args);
    }
    pending.command(EXEC);
  }

  /** Appends what needs no database: PING, REPLCONF GETACK. */
  writeControl(args: readonly string[]): void {
    this.#open.command(args);
  }

  /** Appends a master's bytes as they came, cut at the end of a command or transaction. */
  copy(bytes: string): void {
    this.#open.text(bytes);
  }

  /** Makes the open group one unit of the store. */
  commit(): void {
    if (!this.hasPending) return;
    const end = this.end;
    this.#store.appendLog(this.#open.bytes);
    this.#pending.clear();
    assert(this.#store.logEnd === end, "the log grows by what is appended");
  }

  /** Forgets the open group (the node goes back to its store). */
  discard(): void {
    this.#open.clear();
  }

  read(offset: number, countMax: number): Uint8Array {
    return this.#store.readLog(offset, countMax);
  }

  #select(db: number): void {
    this.selectedDb = db;
    this.#open.command(["SELECT", String(db)]);
  }

  /** What is written as it came is nearly always a run of commands: it is copied in one piece. */
  #copySpelt({ text, from, to }: Spelling): void {
    if (text === this.#run && from === this.#runTo) {
      this.#runTo = to;
      return;
    }
    this.#endRun();
    this.#run = text;
    this.#runFrom = from;
    this.#runTo = to;
  }

  /** The buffer, with everything in it so far. */
  get #open(): ByteBuffer {
    if (this.#runTo > this.#runFrom) this.#endRun();
    return this.#pending;
  }

  #endRun(): void {
    if (this.#runTo > this.#runFrom) {
      this.#pending.text(this.#run.slice(this.#runFrom, this.#runTo));
    }
    this.#run = "";
    this.#runFrom = 0;
    this.#runTo = 0;
  }
}
