/**
 * When memory and store are made to agree: checkpoints, recovery after a restart, and the tidying that
 * may wait until there is time for it.
 */
import { assert } from "../base/assert.ts";
import { toBinary } from "../base/bytes.ts";
import { Checkpoint } from "../engine/checkpoint.ts";
import type { Engine } from "../engine/engine.ts";
import type { Store } from "../engine/store.ts";
import { Applier } from "./apply.ts";
import type { Log } from "./log.ts";
import type { Snapshots } from "./snapshot.ts";

/** Overlay rows merged, or rows nobody points at removed, in one go: a few milliseconds of work. */
const TIDY_ROWS = 2000;
const TIDY_EVERY_MS = 20;
const RECOVERY_CHUNK_BYTES = 1 << 20;

export interface PersistencePorts {
  readonly engine: Engine;
  readonly log: Log;
  readonly snapshots: Snapshots;
  /** The database the stream has selected at the end of the log; -1: none. */
  streamDb(): number;
  /** Spaces a snapshot is being loaded into. */
  stagedSpaces(): readonly number[];
}

export class Persistence {
  readonly #ports: PersistencePorts;
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #store: Store;
  /** The base is the state at this offset. */
  #checkpointOffset = 0;
  /** When an idle node writes what has changed, so that it has nothing to replay when it wakes. */
  #quietAtMs = 0;
  #isTidy = false;
  /** Spaces of the last checkpoint: what a recovery starts from, flushed since or not. */
  #checkpointSpaces: ReadonlySet<number> = new Set();

  constructor(ports: PersistencePorts) {
    this.#ports = ports;
    this.#engine = ports.engine;
    this.#log = ports.log;
    this.#store = ports.engine.ports.store;
  }

  /** A group was committed: a checkpoint now if it is due, or when it is quiet. */
  committed(): void {
    this.#quietAtMs = this.#engine.nowMs + this.#engine.config.number("checkpoint-quiet-ms");
    if (this.#isCheckpointDue) this.checkpoint();
  }

  /** Makes the base the state at the end of the log; returns how many keys were written. */
  checkpoint(): number {
    const engine = this.#engine;
    this.#log.commit();
    const offset = this.#log.committedEnd;
    const count = engine.keyspace.checkpoint({ offset, streamDb: this.#ports.streamDb() }, () =>
      engine.functions.save(this.#store),
    );
    this.#checkpointOffset = offset;
    this.#checkpointSpaces = engine.keyspace.liveSpaces();
    engine.stats.checkpoints++;
    engine.savedAtMs = engine.nowMs;
    this.#trimLog();
    this.untidy();
    return count;
  }

  /** Memory := base as of the last checkpoint, and then the log from there. */
  recover(): void {
    const store = this.#store;
    this.#log.discard();
    const state = Checkpoint.load(store);
    this.#engine.keyspace.reset(state);
    this.#engine.functions.recover(store);
    const offset = state === undefined ? store.logStart : (state["offset"] as number);
    const streamDb = state === undefined ? -1 : (state["streamDb"] as number);
    assert(offset >= store.logStart && offset <= store.logEnd, "the log reaches the checkpoint");
    this.#checkpointOffset = offset;
    this.#checkpointSpaces = this.#engine.keyspace.liveSpaces();
    const applier = new Applier(this.#engine, streamDb);
    for (let at = offset; at < store.logEnd;) {
      const bytes = store.readLog(at, RECOVERY_CHUNK_BYTES);
      applier.push(toBinary(bytes));
      at += bytes.byteLength;
    }
    assert(applier.heldBytes === 0, "the log ends with a whole command");
    this.#log.selectedDb = offset === store.logEnd ? streamDb : applier.db;
    this.#quietAtMs = this.#engine.nowMs;
    this.untidy();
  }

  /** Memory := base as of the last checkpoint, whatever the log says; the log starts there, empty. */
  recoverBase(): void {
    const state = Checkpoint.load(this.#store);
    const offset = state === undefined ? 0 : (state["offset"] as number);
    this.#log.discard();
    this.#engine.keyspace.reset(state);
    this.#engine.functions.recover(this.#store);
    this.#store.resetLog(offset);
    this.replaced(offset);
  }

  /** A snapshot became the data set: the base is the state at its offset. */
  replaced(offset: number): void {
    this.#checkpointOffset = offset;
    this.#checkpointSpaces = this.#engine.keyspace.liveSpaces();
    this.#engine.keyWaits.touchAll();
    this.untidy();
  }

  /** There may be rows to merge or to remove. */
  untidy(): void {
    this.#isTidy = false;
  }

  /** Whatever is due by the clock. */
  tick(): void {
    if (this.#engine.nowMs >= this.#quietMs) this.checkpoint();
    if (!this.#isTidy) this.#tidy();
  }

  get nextTickMs(): number {
    const hasToTidy = !this.#isTidy && !this.#store.isPinned;
    const tidyMs = hasToTidy ? this.#engine.nowMs + TIDY_EVERY_MS : Number.POSITIVE_INFINITY;
    return Math.min(this.#quietMs, tidyMs);
  }

  /** When a checkpoint is due because it is quiet. An open group is about to end, and asks again then. */
  get #quietMs(): number {
    const isDue = this.#isBehind && !this.#log.hasPending;
    return isDue ? this.#quietAtMs : Number.POSITIVE_INFINITY;
  }

  /** A restart now would have something to replay. */
  get #isBehind(): boolean {
    return this.#log.end > this.#checkpointOffset;
  }

  get #isCheckpointDue(): boolean {
    const { config, keyspace } = this.#engine;
    return (
      keyspace.dirtyCount >= config.number("checkpoint-keys") ||
      keyspace.dirtyBytes * 100 >=
        config.number("cache-bytes") * config.number("checkpoint-dirty-percent") ||
      this.#log.committedEnd - this.#checkpointOffset >= config.number("checkpoint-log-bytes")
    );
  }

  /** The log is kept for a restart, for replicas that come back, and for who loads a snapshot. */
  #trimLog(): void {
    const backlogBytes = this.#engine.config.number("repl-backlog-size");
    const keepFrom = Math.min(
      this.#checkpointOffset,
      Math.max(0, this.#log.committedEnd - backlogBytes),
      this.#ports.snapshots.pin?.offset ?? Number.POSITIVE_INFINITY,
    );
    if (keepFrom > this.#log.start) this.#store.trimLog(keepFrom);
  }

  /**
   * Moves the overlay into the base, then removes rows that no database points at, a slice at a time.
   * This does not wait for quiet: on a node that is never quiet the next full sync could not begin. A
   * recovery replays the log onto what its checkpoint describes; so spaces flushed since then stay.
   */
  #tidy(): void {
    const store = this.#store;
    if (store.isPinned) return;
    if (!store.merge(TIDY_ROWS)) return;
    const staged = this.#ports.stagedSpaces();
    const live = new Set([...this.#engine.keyspace.liveSpaces(), ...this.#checkpointSpaces]);
    for (const space of staged) live.add(space);
    const { keyspace } = this.#engine;
    const dead = keyspace.collectable;
    if (!store.collect({ live, dead }, TIDY_ROWS)) return;
    keyspace.collected(dead);
    this.#isTidy = staged.length === 0 && keyspace.collectable.length === 0;
  }
}
