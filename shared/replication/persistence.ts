/**
 * When memory and store are made to agree: checkpoints, recovery after a restart, and the tidying that
 * may wait until there is time for it.
 */
import { assert } from "../base/assert.ts";
import { toBinary } from "../base/bytes.ts";
import { Checkpoint, type CheckpointState } from "../engine/checkpoint.ts";
import type { Engine } from "../engine/engine.ts";
import { CHUNK_BYTES } from "../engine/staging.ts";
import type { Store } from "../engine/store.ts";
import { Applier } from "./apply.ts";
import type { Log } from "./log.ts";
import type { Snapshots } from "./snapshot.ts";

/** Overlay rows merged, or rows nobody points at removed, in one go: a few milliseconds of work. */
const TIDY_ROWS = 2000;
const TIDY_CHUNKS = 10;
const TIDY_EVERY_MS = 20;
const RECOVERY_CHUNK_BYTES = 1 << 20;
/** While a checkpoint is under way: how often it goes on though nobody commits. */
const GO_ON_EVERY_MS = 2;
/** Slices that one commit takes it further at most. */
const SLICES_PER_COMMIT = 2;
/** With so much more than makes the next one due, writers wait until this one is done. */
const HOLDING_SHARE = 1.5;
/** How long the base stays as it is for who asked for it. */
const HELD_MS = 200;

export interface PersistencePorts {
  readonly engine: Engine;
  readonly log: Log;
  readonly snapshots: Snapshots;
  /** The database the stream has selected at the end of the log; -1: none. */
  streamDb(): number;
  /** Spaces a snapshot is being loaded into. */
  stagedSpaces(): readonly number[];
  /** Chunks of the store with lower numbers are not needed. */
  chunksFrom(): number;
}

interface StreamPosition {
  readonly offset: number;
  readonly streamDb: number;
}

/** A checkpoint in slices: of which state, how many slices it takes about, and how many are done. */
interface Run {
  readonly position: StreamPosition;
  readonly spaces: ReadonlySet<number>;
  readonly slices: number;
  done: number;
  isCommitted: boolean;
}

export class Persistence {
  readonly #ports: PersistencePorts;
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #store: Store;
  /** The base is the state at this offset. */
  #checkpointOffset = 0;
  #checkpointDb = -1;
  #run: Run | undefined;
  /** Somebody waits for the checkpoint to be done, and until when the base stays as it is then. */
  #isAwaited = false;
  #heldUntilMs = 0;
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

  /** A group was committed: a checkpoint begins when it is due, or one that is under way keeps up. */
  committed(): void {
    this.#quietAtMs = this.#engine.nowMs + this.#engine.config.number("checkpoint-quiet-ms");
    if (this.#run !== undefined) this.#keepUp();
    else if (this.#dueShare >= 1 && this.#engine.nowMs >= this.#heldUntilMs) this.#begin();
  }

  /** Makes the base the state at the end of the log, at once; returns how many keys were written. */
  checkpoint(): number {
    this.#log.commit();
    const { position, save } = this.#next();
    const count = this.#engine.keyspace.checkpoint({ ...position }, save);
    this.#ended();
    this.#committed(position, this.#engine.keyspace.liveSpaces());
    return count;
  }

  /**
   * Makes the base a state at this offset or behind it, for a pin: true when it is. False: that takes some
   * slices; ask again soon, and for the same one.
   */
  refresh(offset: number): boolean {
    const isHeld = this.#engine.nowMs < this.#heldUntilMs && this.#checkpointOffset >= offset;
    if (this.#run === undefined && !isHeld) this.#begin();
    this.#isAwaited = this.#run !== undefined;
    if (!this.#isAwaited) this.#heldUntilMs = 0;
    return !this.#isAwaited;
  }

  /** Where in the stream the base stands. */
  get basePosition(): StreamPosition {
    return { offset: this.#checkpointOffset, streamDb: this.#checkpointDb };
  }

  #next(): { position: StreamPosition; save: (store: Store) => void } {
    const position = { offset: this.#log.committedEnd, streamDb: this.#ports.streamDb() };
    return { position, save: this.#engine.functions.toSave() };
  }

  /** A checkpoint, in slices unless it has few rows. */
  #begin(): void {
    const { keyspace } = this.#engine;
    this.#log.commit();
    const { position, save } = this.#next();
    const spaces = keyspace.liveSpaces();
    const rowsMax = this.#sliceRows;
    const { dirtyBytes } = keyspace;
    const rowCount = keyspace.beginCheckpoint({ ...position }, { save, rowsMax });
    if (keyspace.checkpointing === undefined) this.#committed(position, spaces);
    else {
      // Once put aside and once moved, where a chunk of long rows has fewer of them.
      const slices = (2 * rowCount) / rowsMax + dirtyBytes / CHUNK_BYTES;
      this.#run = { position, spaces, slices, done: 1, isCommitted: false };
      this.#noteCommit(this.#run);
    }
  }

  #goOn(run: Run): void {
    const { keyspace } = this.#engine;
    keyspace.goOn(this.#sliceRows);
    run.done++;
    this.#noteCommit(run);
    if (keyspace.checkpointing !== undefined) return;
    this.#ended();
    if (this.#isAwaited) this.#heldUntilMs = this.#engine.nowMs + HELD_MS;
    this.#isAwaited = false;
    this.untidy();
  }

  #ended(): void {
    this.#run = undefined;
    this.#engine.holdsWrites = false;
  }

  #noteCommit(run: Run): void {
    if (run.isCommitted || this.#engine.keyspace.checkpointing === "staging") return;
    run.isCommitted = true;
    this.#committed(run.position, run.spaces);
  }

  /** The nearer the next checkpoint comes, the further is this one taken, so as to be done by then. */
  #keepUp(): void {
    const share = this.#dueShare;
    for (let slices = 0; slices < SLICES_PER_COMMIT; slices++) {
      const run = this.#run;
      if (run === undefined || run.done >= share * run.slices) break;
      this.#goOn(run);
    }
    this.#engine.holdsWrites = this.#run !== undefined && share >= HOLDING_SHARE;
  }

  /** What a recovery starts from is the state at this position. */
  #committed({ offset, streamDb }: StreamPosition, spaces: ReadonlySet<number>): void {
    const { stats } = this.#engine;
    this.#checkpointOffset = offset;
    this.#checkpointDb = streamDb;
    this.#checkpointSpaces = spaces;
    stats.checkpoints++;
    this.#engine.savedAtMs = this.#engine.nowMs;
    this.#trimLog();
    this.untidy();
  }

  /** Memory := base as of the last checkpoint, and then the log from there. */
  recover(): void {
    const store = this.#store;
    this.#log.discard();
    const state = this.#resetToBase();
    const offset = state === undefined ? store.logStart : (state["offset"] as number);
    const streamDb = state === undefined ? -1 : (state["streamDb"] as number);
    assert(offset >= store.logStart && offset <= store.logEnd, "the log reaches the checkpoint");
    this.#checkpointOffset = offset;
    this.#checkpointDb = streamDb;
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
    this.#log.discard();
    const state = this.#resetToBase();
    const offset = state === undefined ? 0 : (state["offset"] as number);
    const streamDb = state === undefined ? -1 : (state["streamDb"] as number);
    this.#store.resetLog(offset);
    this.replaced({ offset, streamDb });
  }

  /** Memory := base as of the last checkpoint. */
  #resetToBase(): CheckpointState | undefined {
    this.#ended();
    const state = Checkpoint.recover(this.#store);
    this.#engine.keyspace.reset(state);
    this.#engine.functions.recover(this.#store);
    return state;
  }

  /** A snapshot became the data set: the base is the state at its offset. */
  replaced({ offset, streamDb }: StreamPosition): void {
    this.#ended();
    this.#checkpointOffset = offset;
    this.#checkpointDb = streamDb;
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
    if (this.#engine.nowMs >= this.#quietMs) this.#begin();
    // A node may never be quiet: tidying has its turn all the same.
    else if (this.#run !== undefined && this.#run.done % 4 > 0) this.#goOn(this.#run);
    else {
      if (this.#run !== undefined) this.#goOn(this.#run);
      if (!this.#isTidy) this.#tidy();
    }
  }

  get nextTickMs(): number {
    const hasToTidy = !this.#isTidy && !this.#store.isPinned;
    const tidyMs = hasToTidy ? this.#engine.nowMs + TIDY_EVERY_MS : Number.POSITIVE_INFINITY;
    const goOnMs = this.#run === undefined ? Number.POSITIVE_INFINITY : this.#engine.nowMs;
    return Math.min(this.#quietMs, tidyMs, goOnMs + GO_ON_EVERY_MS);
  }

  /** When a checkpoint is due because it is quiet. An open group is about to end, and asks again then. */
  get #quietMs(): number {
    const isDue = this.#isBehind && !this.#log.hasPending && this.#run === undefined;
    return isDue ? Math.max(this.#quietAtMs, this.#heldUntilMs) : Number.POSITIVE_INFINITY;
  }

  /** A restart now would have something to replay. */
  get #isBehind(): boolean {
    return this.#log.end > this.#checkpointOffset;
  }

  /** How much has changed since the last checkpoint began, as a share of what makes one due. */
  get #dueShare(): number {
    const { config, keyspace } = this.#engine;
    const dirtyBytesMax =
      (config.number("cache-bytes") * config.number("checkpoint-dirty-percent")) / 100;
    const from = this.#run?.position.offset ?? this.#checkpointOffset;
    return Math.max(
      keyspace.hasToWrite ? 1 : 0,
      keyspace.dirtyCount / config.number("checkpoint-keys"),
      keyspace.dirtyBytes / dirtyBytesMax,
      (this.#log.committedEnd - from) / config.number("checkpoint-log-bytes"),
    );
  }

  get #sliceRows(): number {
    return this.#engine.config.number("checkpoint-slice-rows");
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
    if (!store.dropChunks(this.#ports.chunksFrom(), TIDY_CHUNKS)) return;
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
