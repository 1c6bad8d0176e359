/**
 * A node, without the platform: one copy of a database with its clients, its followers and its link to a
 * master. Events come in as method calls with a clock reading; what is to be done goes out through Host.
 */
import { assert } from "../base/assert.ts";
import { toBinary } from "../base/bytes.ts";
import { Checkpoint } from "../engine/checkpoint.ts";
import { Engine } from "../engine/engine.ts";
import { sweep } from "../engine/expiry.ts";
import { rdbEnd } from "../rdb/writer.ts";
import { ENGINE_COMMANDS, ENGINE_INFO } from "../engine/tables.ts";
import type { Session } from "../engine/session.ts";
import type { Address } from "./address.ts";
import { type Admission, admit } from "./admission.ts";
import { Applier } from "./apply.ts";
import { Blocking } from "./blocking.ts";
import { Clients, type SavedConnection } from "./clients.ts";
import { replicationCommands } from "./commands.ts";
import type { Connection, Transport } from "./connection.ts";
import { Followers, type SavedFollower } from "./followers.ts";
import type { Host } from "./host.ts";
import { replicationInfo, replicationStats } from "./info.ts";
import { Link } from "./link.ts";
import { Loading } from "./loading.ts";
import { Log } from "./log.ts";
import {
  type History,
  loadHistory,
  newHistory,
  type Position,
  promoted,
  saveHistory,
} from "./position.ts";
import { loadRole, type Role, saveRole } from "./role.ts";
import { startSync } from "./psync.ts";
import { SnapshotReader, Snapshots } from "./snapshot.ts";
import { decodeCursor, encodeCursor, encodeSnapshotFrame } from "./snapshot-frame.ts";

export interface NodeOptions {
  /** The node's name, and the RESP ports of all nodes by name. */
  readonly name: string;
  readonly ports: Readonly<Record<string, number>>;
  /** What a node that was never told otherwise is. */
  readonly firstRole: Role;
  /** Settings given at start; CONFIG SET may change them later. */
  readonly settings: Readonly<Record<string, string>>;
  /** INFO fields of the platform. */
  readonly platform: Readonly<Record<string, string | number>>;
  readonly nowMs: number;
}

const SWEEP_EVERY_MS = 100;
const SWEEP_KEYS = 200;
const MERGE_ROWS = 2000;

export class NodeCore {
  readonly host: Host;
  readonly options: NodeOptions;
  readonly engine: Engine;
  readonly log: Log;
  readonly clients: Clients;
  readonly followers: Followers;
  readonly snapshots: Snapshots;
  readonly link: Link;
  readonly blocking: Blocking;
  history: History;
  role: Role;
  /** Counters of INFO: sync_full, sync_partial_ok, sync_partial_err. */
  readonly syncs = { full: 0, partialOk: 0, partialErr: 0 };
  #applier: Applier | undefined;
  #checkpointOffset = 0;
  #quietAtMs = 0;
  #sweptAtMs = 0;
  #pingedAtMs = 0;
  #isTidy = false;

  constructor(host: Host, options: NodeOptions) {
    this.host = host;
    this.options = options;
    const { store } = host;
    this.log = new Log(store);
    this.history = loadHistory(store) ?? newHistory(host.random, 0);
    this.role = loadRole(store) ?? options.firstRole;
    this.engine = new Engine(
      {
        store,
        random: host.random,
        role: this.#roleView(),
        settings: options.settings,
        platform: options.platform,
        propagate: (effects) => this.log.write(effects),
        push: (session, reply) => {
          const connection = this.clients.of(session);
          if (connection === undefined) return;
          this.clients.answer(connection, reply);
          this.clients.settle(connection);
        },
        close: (session) => this.#closeSession(session),
        checkpoint: () => this.checkpoint(),
        reload: () => this.#recover(),
        clockUs: () => host.clockUs(),
      },
      {
        commands: [...ENGINE_COMMANDS, ...replicationCommands(this)],
        info: [...ENGINE_INFO, replicationInfo(this), replicationStats(this)],
      },
      { nowMs: options.nowMs },
    );
    this.clients = new Clients({ host, engine: this.engine, log: this.log });
    this.snapshots = new Snapshots(this.engine);
    this.followers = new Followers({
      host,
      engine: this.engine,
      log: this.log,
      snapshots: this.snapshots,
    });
    this.blocking = new Blocking(this);
    this.link = this.#newLink();
    this.#recover();
    store.transaction(() => {
      saveHistory(store, this.history);
      saveRole(store, this.role);
    });
    this.followers.epoch = this.history.epoch;
    if (this.role.kind === "replica") this.link.start(this.role.master);
    this.#schedule();
  }

  get position(): Position {
    return { id: this.history.id, offset: this.log.end };
  }

  // -- events --------------------------------------------------------------------------------------

  /** Every event begins with this: one clock reading for all that it causes. */
  at(nowMs: number): this {
    this.engine.nowMs = nowMs;
    return this;
  }

  open(transport: Transport): Connection {
    return this.clients.open(transport);
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection === this.link.connection) this.link.receive(bytes);
    else this.clients.receive(connection, bytes);
    this.#afterEvent();
  }

  /** A peer's sign of life that is not data. */
  alive(connection: Connection): void {
    connection.seenAtMs = this.engine.nowMs;
    if (connection === this.link.connection) this.link.alive();
  }

  closed(connection: Connection): void {
    this.clients.closed(connection);
    if (connection === this.link.connection) this.link.closed();
    else this.followers.remove(connection);
    this.#afterEvent();
  }

  /** Bytes handed to `send` have been taken by the transport. */
  sent(connection: Connection, byteCount: number): void {
    connection.unsentBytes = Math.max(0, connection.unsentBytes - byteCount);
    const follower = this.followers.of(connection);
    if (follower !== undefined) this.followers.pump(follower);
  }

  /** `adopt` tells the host of the connection before anything is sent over it. */
  dialled(
    attempt: number,
    transport: Transport,
    adopt: (connection: Connection) => void,
  ): Connection | undefined {
    const connection = this.clients.open(transport);
    connection.session.isMaster = true;
    adopt(connection);
    const isWanted = this.link.dialled(attempt, connection);
    if (!isWanted) this.clients.closed(connection);
    this.#schedule();
    return isWanted ? connection : undefined;
  }

  dialFailed(attempt: number, why: string): void {
    this.link.dialFailed(attempt, why);
    this.#schedule();
  }

  /** False: nobody wants this transfer any more. */
  snapshotBytes(attempt: number, bytes: Uint8Array): boolean {
    const isWanted = this.link.snapshotBytes(attempt, bytes);
    this.#afterEvent();
    return isWanted;
  }

  snapshotEnded(attempt: number, why: string | undefined): void {
    this.link.snapshotEnded(attempt, why);
    this.#afterEvent();
    this.#schedule();
  }

  /** Ends the open group: one log row, then its replies and what followers get of it. */
  commit(): void {
    if (this.log.hasPending) {
      this.log.commit();
      this.#quietAtMs = this.engine.nowMs + this.engine.config.number("checkpoint-quiet-ms");
      if (this.#isCheckpointDue()) this.checkpoint();
      if (this.link.isUp) this.link.acknowledge();
    }
    this.clients.release();
    this.followers.pumpAll();
    this.engine.keyspace.shrink(this.engine.config.number("cache-bytes"));
    this.#schedule();
  }

  /** Whatever is due by the clock. */
  tick(): void {
    const { nowMs, keyspace } = this.engine;
    this.link.tick();
    this.blocking.tick();
    this.#dropSilentFollowers();
    this.#pingFollowers();
    if (this.#isSweepDue(nowMs)) {
      this.#sweptAtMs = nowMs;
      sweep(this.engine, { keysMax: SWEEP_KEYS });
    }
    if (this.log.hasPending) this.clients.scheduleCommit();
    else if (keyspace.dirtyCount > 0 && nowMs >= this.#quietAtMs) this.checkpoint();
    if (!this.#isTidy) this.#tidy();
    this.#startWaitingSyncs();
    this.#dropUnusedPin();
    keyspace.shrink(this.engine.config.number("cache-bytes"));
    this.#schedule();
  }

  /** A connection as JSON, for hibernation. */
  save(connection: Connection): Record<string, unknown> {
    const follower = this.followers.save(connection);
    return { ...this.clients.save(connection), follower };
  }

  /** A connection that slept through hibernation. */
  restore(saved: Record<string, unknown>, transport: Transport): Connection {
    const connection = this.clients.restore(saved as unknown as SavedConnection, transport);
    if (saved["follower"] !== undefined) {
      this.followers.restore(connection, saved["follower"] as SavedFollower);
    }
    return connection;
  }

  // -- snapshots -----------------------------------------------------------------------------------

  /** Whether someone who offers this password (undefined: none) is let in. */
  admission(password: string | undefined): Admission {
    return admit(this.engine, password);
  }

  get snapshotChunkBytes(): number {
    return this.engine.config.number("snapshot-chunk-bytes");
  }

  /** A frame of a pinned snapshot, and the cursor behind it; undefined when the pin is gone. */
  readSnapshotFrame(pin: string, at: string): { bytes: string; next: string | undefined } | undefined {
    const cursor = decodeCursor(at);
    if (cursor === undefined) return undefined;
    const slice = this.snapshots.read(pin, cursor, this.snapshotChunkBytes);
    if (slice === undefined) return undefined;
    const next = slice.next === undefined ? undefined : encodeCursor(slice.next);
    // The whole is vouched for frame by frame, as it may have come in several transfers.
    const bytes = next === undefined ? slice.bytes + rdbEnd(undefined) : slice.bytes;
    return { bytes: encodeSnapshotFrame({ cursor: next ?? "", bytes }), next };
  }

  /** A reader of the data set as it is now; undefined: ask again soon. */
  openSnapshotFile(): SnapshotReader | undefined {
    const pin = this.snapshots.open(() => this.pinnedAt());
    return pin === undefined ? undefined : new SnapshotReader(this.snapshots, pin.id);
  }

  closeSnapshotFile(reader: SnapshotReader): void {
    const { pin } = this.snapshots;
    if (pin?.id === reader.pinId) this.snapshots.release(pin);
    this.#isTidy = false;
    this.#schedule();
  }

  /** What a snapshot taken now is a snapshot of. */
  pinnedAt(): { history: History; offset: number; streamDb: number } {
    return { history: this.history, offset: this.log.committedEnd, streamDb: this.streamDb };
  }

  // -- roles ---------------------------------------------------------------------------------------

  /** REPLICAOF: follows another node from now on; what is here keeps serving until it is replaced. */
  follow(master: Address): void {
    this.#setRole({ kind: "replica", master });
    this.blocking.releaseAll();
    this.link.start(master);
  }

  /** REPLICAOF NO ONE: keeps the data and the offset; the old history stays valid up to here. */
  promote(): void {
    if (this.role.kind === "master") return;
    this.link.stop("promoted");
    this.#applier = undefined;
    this.#setRole({ kind: "master" });
    this.#setHistory(promoted(this.history, this.log.end, this.host.random));
    this.log.selectedDb = -1;
    this.followers.disconnectAll("promoted");
  }

  #setRole(role: Role): void {
    this.role = role;
    saveRole(this.host.store, role);
    this.host.log("role", { kind: role.kind });
  }

  #setHistory(history: History): void {
    this.history = history;
    this.followers.epoch = history.epoch;
    saveHistory(this.host.store, history);
  }

  #roleView() {
    const node = (): NodeCore => this;
    return {
      get isReplica(): boolean {
        return node().role.kind === "replica";
      },
      get isLinkUp(): boolean {
        return node().link.isUp;
      },
      get goodReplicaCount(): number {
        return node().goodFollowerCount;
      },
      get offset(): number {
        return node().log.end;
      },
    };
  }

  /** Online followers whose last ACK is at most `min-replicas-max-lag` seconds old. */
  get goodFollowerCount(): number {
    const lagMaxMs = this.engine.config.number("min-replicas-max-lag") * 1000;
    return this.followers.all.filter(({ state, ackAtMs, connection }) => {
      const seenAtMs = Math.max(ackAtMs, connection.seenAtMs);
      return state === "online" && this.engine.nowMs - seenAtMs <= lagMaxMs;
    }).length;
  }

  // -- checkpoint and recovery ---------------------------------------------------------------------

  /** Makes the base the state at the end of the log; returns how many keys were written. */
  checkpoint(): number {
    this.log.commit();
    const offset = this.log.committedEnd;
    const count = this.engine.keyspace.checkpoint({ offset, streamDb: this.streamDb });
    this.#checkpointOffset = offset;
    this.engine.stats.checkpoints++;
    this.engine.savedAtMs = this.engine.nowMs;
    this.trimLog();
    this.#isTidy = false;
    return count;
  }

  /** The database the stream has selected at the end of the log. */
  get streamDb(): number {
    return this.#applier?.db ?? this.log.selectedDb;
  }

  trimLog(): void {
    const backlogBytes = this.engine.config.number("repl-backlog-size");
    const pinned = this.snapshots.pin?.offset ?? Number.POSITIVE_INFINITY;
    const keepFrom = Math.min(
      this.#checkpointOffset,
      Math.max(0, this.log.committedEnd - backlogBytes),
      pinned,
    );
    if (keepFrom > this.log.start) this.host.store.trimLog(keepFrom);
  }

  #isCheckpointDue(): boolean {
    const { config, keyspace } = this.engine;
    return (
      keyspace.dirtyCount >= config.number("checkpoint-keys") ||
      keyspace.dirtyBytes >= config.number("cache-bytes") / 2 ||
      this.log.committedEnd - this.#checkpointOffset >= config.number("checkpoint-log-bytes")
    );
  }

  /** Memory := base as of the last checkpoint, and then the log from there. */
  #recover(): void {
    const { store } = this.host;
    this.log.discard();
    const state = Checkpoint.load(store);
    this.engine.keyspace.reset(state);
    const offset = state === undefined ? store.logStart : (state["offset"] as number);
    const streamDb = state === undefined ? -1 : (state["streamDb"] as number);
    assert(offset >= store.logStart && offset <= store.logEnd, "the log reaches the checkpoint");
    this.#checkpointOffset = offset;
    const applier = new Applier(this.engine, streamDb);
    for (let at = offset; at < store.logEnd; ) {
      const bytes = store.readLog(at, 1 << 20);
      applier.push(toBinary(bytes));
      at += bytes.byteLength;
    }
    assert(applier.heldBytes === 0, "the log ends with a whole command");
    this.log.selectedDb = offset === store.logEnd ? streamDb : applier.db;
    this.#isTidy = false;
    this.#quietAtMs = this.engine.nowMs;
  }

  /** Moves the overlay into the base and removes rows nobody points at, a slice at a time. */
  #tidy(): void {
    const { store } = this.host;
    if (store.isPinned || this.engine.keyspace.dirtyCount > 0) return;
    if (!store.merge(MERGE_ROWS)) return;
    const live = this.engine.keyspace.liveSpaces();
    for (const space of this.link.loading?.spaces ?? []) live.add(space);
    this.#isTidy = this.link.loading === undefined && store.collect(live, MERGE_ROWS);
  }

  // -- replication ---------------------------------------------------------------------------------

  #newLink(): Link {
    const { host, engine } = this;
    return new Link({
      host,
      nowMs: () => engine.nowMs,
      number: (setting) => engine.config.number(setting),
      introduction: (address) => ({
        // The platform vouches for nodes of one deployment.
        user: address.kind === "node" ? "" : engine.config.text("masteruser"),
        password: address.kind === "node" ? "" : engine.config.text("masterauth"),
        port: engine.config.number("replica-announce-port") || this.ownPort,
        announcedIp: engine.config.text("replica-announce-ip") || this.#announcedIp(address),
        wantsFrames: address.kind !== "tcp",
      }),
      position: () => this.position,
      epochMin: () => this.history.epoch,
      continued: (id, epoch) => this.#continued(id, epoch),
      startLoading: () => new Loading(host.store, engine.keyspace),
      abandoned: () => (this.#isTidy = false),
      loaded: (loading, at) => {
        const { id, offset, epoch } = at;
        this.snapshots.drop();
        this.followers.disconnectAll("another-history");
        this.#setHistoryLoaded(loading, { id, offset, epoch });
      },
      apply: (bytes) => this.#apply(bytes),
      rollback: () => this.#recover(),
      hangUp: (connection) => {
        this.clients.closed(connection);
        host.close(connection);
      },
    });
  }

  /** Nodes of one deployment know each other by name; a TCP peer shows its own address. */
  #announcedIp(address: Address): string {
    return address.kind === "tcp" ? "" : this.options.name;
  }

  get ownPort(): number {
    return this.options.ports[this.options.name] ?? 0;
  }

  #setHistoryLoaded(loading: Loading, at: Position & { epoch: number }): void {
    const history = { ...newHistory(this.host.random, at.epoch), id: at.id };
    this.log.discard();
    loading.finish({ history, offset: at.offset });
    this.#setHistory(history);
    this.#checkpointOffset = at.offset;
    this.#applier = new Applier(this.engine, loading.streamDb);
    this.log.selectedDb = loading.streamDb;
    this.engine.watches.touchAll(() => true);
    this.#isTidy = false;
  }

  #continued(id: string | undefined, epoch: number | undefined): void {
    this.#applier = new Applier(this.engine, this.streamDb);
    const { history } = this;
    const isSame = id === undefined || id.toLowerCase() === history.id.toLowerCase();
    if (isSame && (epoch ?? 0) <= history.epoch) return;
    this.#setHistory(
      isSame
        ? { ...history, epoch: epoch! }
        : {
            id,
            previousId: history.id,
            previousUntil: this.log.end,
            epoch: Math.max(epoch ?? 0, history.epoch),
          },
    );
    // Followers below must learn the new id; they come back with a partial resync.
    if (!isSame) this.followers.disconnectAll("history-renamed");
  }

  #apply(bytes: string): void {
    const applier = this.#applier;
    assert(applier !== undefined, "a stream is applied by an applier");
    this.engine.stats.replicationInputBytes += bytes.length;
    this.log.copy(applier.push(bytes));
    if (applier.isAckWanted) {
      applier.isAckWanted = false;
      this.commit();
      this.link.acknowledge();
    }
    if (this.log.pendingBytes >= this.engine.config.number("group-bytes-max")) this.commit();
  }

  /** Starts snapshots for followers that wait for the last one's overlay to be merged. */
  #startWaitingSyncs(): void {
    for (const follower of this.followers.all) {
      if (follower.state === "wait_bgsave") startSync(this, follower);
    }
  }

  #dropUnusedPin(): void {
    const { pin } = this.snapshots;
    if (pin === undefined) return;
    const ttlMs = this.engine.config.number("repl-pin-ttl") * 1000;
    if (this.engine.nowMs - pin.usedAtMs > ttlMs) {
      this.host.log("snapshot-dropped", { why: "unused", pin: pin.id });
      this.snapshots.drop();
      this.#isTidy = false;
    }
  }

  #dropSilentFollowers(): void {
    const timeoutMs = this.engine.config.number("repl-timeout") * 1000;
    for (const { connection, ackAtMs, state } of this.followers.all) {
      const seenAtMs = Math.max(ackAtMs, connection.seenAtMs);
      if (state === "online" && this.engine.nowMs - seenAtMs > timeoutMs) {
        this.followers.drop(connection, "timeout");
      }
    }
  }

  /** Followers without probes of their own (stock Redis) want a PING in the stream now and then. */
  #pingFollowers(): void {
    if (this.role.kind !== "master") return;
    const periodMs = this.engine.config.number("repl-ping-replica-period") * 1000;
    if (this.engine.nowMs - this.#pingedAtMs < periodMs) return;
    if (!this.followers.all.some(({ usesFrames }) => !usesFrames)) return;
    this.#pingedAtMs = this.engine.nowMs;
    this.log.writeControl(["ping"]);
  }

  // -- the rest ------------------------------------------------------------------------------------

  #isSweepDue(nowMs: number): boolean {
    if (this.role.kind !== "master" || !this.engine.isActiveExpireOn) return false;
    return nowMs - this.#sweptAtMs >= SWEEP_EVERY_MS;
  }

  #closeSession(session: Session): void {
    const connection = this.clients.of(session);
    if (connection === undefined) return;
    if (connection === this.link.connection) {
      this.link.reconnect("killed");
      return;
    }
    this.followers.remove(connection);
    this.clients.close(connection);
  }

  #afterEvent(): void {
    if (!this.log.hasPending) return;
    if (this.log.pendingBytes >= this.engine.config.number("group-bytes-max")) this.commit();
    else this.clients.scheduleCommit();
  }

  /** Asks to be woken when something is due; the host keeps the earliest of such wishes. */
  #schedule(): void {
    this.host.wakeAt(this.#nextWakeMs());
  }

  /** Our own nodes that have everything cost no tick: a quiet master may sleep. */
  get #needsTicks(): boolean {
    if (this.snapshots.pin !== undefined) return true;
    return this.followers.all.some(
      ({ usesFrames, ackOffset }) => !usesFrames || ackOffset < this.log.committedEnd,
    );
  }

  #nextWakeMs(): number {
    const { engine } = this;
    const { nowMs } = engine;
    let atMs = Math.min(this.link.nextTickMs, this.blocking.nextTickMs);
    if (engine.keyspace.dirtyCount > 0) atMs = Math.min(atMs, this.#quietAtMs);
    if (!this.#isTidy && !this.host.store.isPinned) atMs = Math.min(atMs, nowMs + 20);
    if (this.#needsTicks) atMs = Math.min(atMs, nowMs + 1000);
    if (this.role.kind === "master" && engine.isActiveExpireOn && engine.keyspace.hasExpiring) {
      atMs = Math.min(atMs, this.#sweptAtMs + SWEEP_EVERY_MS);
    }
    return Math.max(atMs, nowMs);
  }
}
