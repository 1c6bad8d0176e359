/**
 * A node, without the platform: one copy of a database with its clients, its followers and its link to a
 * master. Events come in as method calls with a clock reading; what is to be done goes out through Host.
 */
import { Engine } from "../engine/engine.ts";
import { sweep } from "../engine/expiry.ts";
import type { Session } from "../engine/session.ts";
import { ENGINE_COMMANDS, ENGINE_INFO } from "../engine/tables.ts";
import type { InfoSection } from "../engine/info.ts";
import type { Address } from "./address.ts";
import { ApplyError } from "./apply.ts";
import { Blocking } from "./blocking.ts";
import { Clients, type SavedConnection } from "./clients.ts";
import { replicationCommands } from "./commands.ts";
import type { Connection, Transport } from "./connection.ts";
import { FollowerCare } from "./follower-care.ts";
import { Followers, type SavedFollower } from "./followers.ts";
import type { Host } from "./host.ts";
import { replicationInfo, replicationStats } from "./info.ts";
import type { Link } from "./link.ts";
import { Log } from "./log.ts";
import { Persistence } from "./persistence.ts";
import {
  type History,
  loadHistory,
  newHistory,
  type Position,
  promoted,
  saveHistory,
} from "./position.ts";
import { Reads } from "./reads.ts";
import { Replica } from "./replica.ts";
import { OwnRole } from "./own-role.ts";
import { loadRole, type Role, saveRole } from "./role.ts";
import { Snapshots } from "./snapshot.ts";

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
  /** Sections of INFO that the platform adds. */
  readonly info?: readonly InfoSection[];
  readonly nowMs: number;
}

/** Keys the expiry sweep looks at in one go, `hz` times a second. */
const SWEEP_KEYS = 200;
/**
 * With no client heard for so long the sweep rests: a timer that went on would keep an idle node from
 * hibernating for as long as any key expires, for years perhaps. Nothing is lost by it: what has expired
 * is hidden from every reader all the same, and is swept when the next client comes.
 */
const SWEEP_QUIET_MS = 5000;

export class NodeCore {
  readonly host: Host;
  readonly options: NodeOptions;
  readonly engine: Engine;
  readonly log: Log;
  readonly clients: Clients;
  readonly blocking: Blocking;
  readonly reads: Reads;
  readonly snapshots: Snapshots;
  readonly followers: Followers;
  readonly persistence: Persistence;
  /** Counters of INFO: sync_full, sync_partial_ok, sync_partial_err. */
  readonly syncs = { full: 0, partialOk: 0, partialErr: 0 };
  readonly #replica: Replica;
  readonly #care: FollowerCare;
  #history: History;
  #role: Role;
  #sweptAtMs = 0;
  #mustCheckpoint = false;
  /** End of the log at the last commit: up to here it was acknowledged, and offered to followers. */
  #releasedEnd = 0;
  /** Last time a client was heard: not a follower, not our master. */
  #heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(host: Host, options: NodeOptions) {
    const { store } = host;
    this.host = host;
    this.options = options;
    this.log = new Log(store);
    this.#history = loadHistory(store) ?? newHistory(host.random, 0);
    this.#role = loadRole(store) ?? options.firstRole;
    this.engine = this.#newEngine();
    const { engine, log } = this;
    // A follower whose connection ended is none any more, be it that we refused what it sent.
    const onClosed = (connection: Connection): void => this.followers.remove(connection);
    this.clients = new Clients({ host, engine, log, onClosed });
    this.blocking = new Blocking(this);
    this.reads = new Reads(this);
    this.snapshots = new Snapshots(engine);
    this.followers = new Followers({
      host,
      clients: this.clients,
      engine,
      log,
      snapshots: this.snapshots,
    });
    this.#care = new FollowerCare(this);
    this.#replica = new Replica(this);
    this.persistence = new Persistence({
      engine,
      log,
      snapshots: this.snapshots,
      streamDb: () => this.streamDb,
      stagedSpaces: () => this.#replica.stagedSpaces,
      chunksFrom: () => this.#replica.chunksFrom,
    });
    this.recover();
    this.#releasedEnd = this.log.committedEnd;
    store.transaction(() => {
      this.setHistory(this.#history);
      saveRole(store, this.#role);
    });
    if (this.#role.kind === "replica") this.link.start(this.#role.master);
    this.schedule();
  }

  get history(): History {
    return this.#history;
  }

  get role(): Role {
    return this.#role;
  }

  get link(): Link {
    return this.#replica.link;
  }

  get position(): Position {
    return { id: this.#history.id, offset: this.log.end };
  }

  /** The database the stream has selected at the end of the log; -1: none. */
  get streamDb(): number {
    return this.#replica.streamDb ?? this.log.selectedDb;
  }

  /** Our own RESP port; 0 where we have none. */
  get ownPort(): number {
    return this.options.ports[this.options.name] ?? 0;
  }

  // -- events --------------------------------------------------------------------------------------

  /** Every event begins with this: one clock reading for all that it causes. */
  at(nowMs: number): this {
    this.engine.nowMs = nowMs;
    return this;
  }

  open(transport: Transport): Connection {
    this.link.rouse();
    return this.clients.open(transport);
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    if (connection === this.link.connection) {
      this.link.receive(bytes);
      // It may stream now, and want to probe its master long before a greeting would time out.
      this.schedule();
    } else this.clients.receive(connection, bytes);
    this.#afterReceiving(connection);
  }

  /** The same from a client, with bytes as a binary string. */
  receiveText(connection: Connection, bytes: string): void {
    this.clients.receiveText(connection, bytes);
    this.#afterReceiving(connection);
  }

  #afterReceiving(connection: Connection): void {
    this.#afterEvent();
    const isSweepRoused = this.#heard(connection);
    if (isSweepRoused || this.engine.blocked.size > 0) this.schedule();
  }

  /** Notes a client's sign of life; true when the sweep had rested. */
  #heard(connection: Connection): boolean {
    const { nowMs } = this.engine;
    if (connection.session.isFollower || connection.session.isMasterLink) return false;
    const hasRested = nowMs - this.#heardAtMs > SWEEP_QUIET_MS;
    this.#heardAtMs = nowMs;
    return hasRested;
  }

  /** A peer's sign of life that is not data; a master says how far it is (`standing`). */
  alive(connection: Connection, position?: Position): void {
    connection.seenAtMs = this.engine.nowMs;
    this.followers.alive(connection);
    if (this.followers.areDue) this.schedule();
    if (connection !== this.link.connection) return;
    this.link.alive(position);
    this.#afterEvent();
  }

  /** How far a master is: everything it has acknowledged is before this. Of a replica nothing is said. */
  get standing(): Position | undefined {
    if (this.#role.kind !== "master") return undefined;
    return { id: this.#history.id, offset: this.log.committedEnd };
  }

  closed(connection: Connection): void {
    const isLink = connection === this.link.connection;
    this.clients.closed(connection);
    if (isLink) this.link.closed();
    this.#afterEvent();
    // With its last client gone a replica may rest some time.
    if (this.#role.kind === "replica") this.schedule();
  }

  /** Bytes handed to `send` have been taken by the transport. */
  sent(connection: Connection, byteCount: number): void {
    connection.unsentBytes = Math.max(0, connection.unsentBytes - byteCount);
    const follower = this.followers.of(connection);
    if (follower !== undefined) {
      this.followers.taken(follower);
      if (this.followers.areDue) this.schedule();
    }
    if (!connection.isHeld) return;
    this.clients.taken(connection);
    this.#afterEvent();
    // What it was held back from may be a wait, or more than one turn.
    if (this.engine.blocked.size > 0) this.schedule();
  }

  /** `adopt` tells the host of the connection before anything is sent over it. */
  dialled(
    attempt: number,
    transport: Transport,
    adopt: (connection: Connection) => void,
  ): Connection | undefined {
    const connection = this.#replica.dialled(attempt, transport, adopt);
    this.schedule();
    return connection;
  }

  dialFailed(attempt: number, why: string): void {
    this.link.dialFailed(attempt, why);
    this.schedule();
  }

  /** False: nobody wants this transfer any more. */
  snapshotBytes(attempt: number, bytes: Uint8Array): boolean {
    const isWanted = this.link.snapshotBytes(attempt, bytes);
    this.#afterEvent();
    if (this.isTakingIn) this.schedule();
    return isWanted;
  }

  /** What the master sent is still being stored or waits to be applied: more would only gather. */
  get isTakingIn(): boolean {
    return this.link.loading?.isBusy === true || this.#replica.isWaiting;
  }

  snapshotEnded(attempt: number, why: string | undefined): void {
    this.link.snapshotEnded(attempt, why);
    this.#afterEvent();
    this.schedule();
  }

  /** Ends the open group: one log row, then its replies and what followers get of it. */
  commit(): void {
    this.log.commit();
    if (this.#isGroupOpen) this.persistence.committed();
    this.#releasedEnd = this.log.committedEnd;
    this.link.acknowledge();
    this.engine.tracking.broadcast();
    this.clients.release();
    this.followers.pumpAll();
    this.#shrink();
    this.schedule();
  }

  /** Whatever is due by the clock. */
  tick(): void {
    this.link.tick();
    this.#replica.tick();
    this.blocking.tick();
    this.#care.tick();
    if (this.engine.nowMs >= this.#nextSweepMs) {
      this.#sweptAtMs = this.engine.nowMs;
      sweep(this.engine, { keysMax: SWEEP_KEYS });
    }
    this.persistence.tick();
    if (this.engine.nowMs >= this.#idleAtMs) this.link.rest();
    this.#afterEvent();
    this.#shrink();
    this.schedule();
  }

  /** Something may have joined the open group: it gets its commit, at once when it is large. */
  #afterEvent(): void {
    if (this.#mustCheckpoint) {
      this.#mustCheckpoint = false;
      this.persistence.checkpoint();
    }
    this.reads.progress();
    this.blocking.goOn();
    if (this.engine.tracking.isDue) this.clients.scheduleCommit();
    if (!this.#isGroupOpen) return;
    if (this.log.pendingBytes >= this.engine.config.number("group-bytes-max")) this.commit();
    else this.clients.scheduleCommit();
  }

  /**
   * Something was written that is not released yet. A checkpoint or a PSYNC commits the log in the midst
   * of an event; our master and our followers must hear of what they committed all the same.
   */
  get #isGroupOpen(): boolean {
    return this.log.hasPending || this.log.committedEnd !== this.#releasedEnd;
  }

  #shrink(): void {
    this.engine.keyspace.shrink(this.engine.config.number("cache-bytes"), this.engine.nowMs);
  }

  /** Asks to be woken when something is due; the host keeps the earliest of such wishes. */
  schedule(): void {
    const atMs = Math.min(
      this.link.nextTickMs,
      this.#replica.nextTickMs,
      this.blocking.nextTickMs,
      this.#care.nextTickMs,
      this.persistence.nextTickMs,
      this.#nextSweepMs,
      this.#idleAtMs,
    );
    if (atMs !== Number.POSITIVE_INFINITY) this.host.wakeAt(Math.max(atMs, this.engine.nowMs));
  }

  /** When a replica that nobody reads from lets go of its master. Who is connected may read any time. */
  get #idleAtMs(): number {
    const timeoutMs = this.engine.config.number("replica-idle-timeout") * 1000;
    const mayRest = timeoutMs > 0 && this.link.isUp && this.clients.count === 1;
    if (!mayRest) return Number.POSITIVE_INFINITY;
    return Math.max(this.#heardAtMs, this.link.enteredAtMs) + timeoutMs;
  }

  /** Only a master removes what has expired. */
  get #nextSweepMs(): number {
    const isOn = this.#role.kind === "master" && this.engine.isActiveExpireOn;
    if (!isOn || !this.engine.keyspace.hasExpiring) return Number.POSITIVE_INFINITY;
    if (this.engine.nowMs - this.#heardAtMs > SWEEP_QUIET_MS) return Number.POSITIVE_INFINITY;
    return this.#sweptAtMs + 1000 / this.engine.config.number("hz");
  }

  // -- hibernation ---------------------------------------------------------------------------------

  /** A connection as JSON. */
  save(connection: Connection): Record<string, unknown> {
    return { ...this.clients.save(connection), follower: this.followers.save(connection) };
  }

  /** A connection that slept through hibernation. */
  restore(saved: Record<string, unknown>, transport: Transport): Connection {
    const connection = this.clients.restore(saved as unknown as SavedConnection, transport);
    if (saved["follower"] !== undefined) {
      this.followers.restore(connection, saved["follower"] as SavedFollower);
    }
    return connection;
  }

  // -- roles and history ---------------------------------------------------------------------------

  /** REPLICAOF: follows another node from now on; what is here keeps serving until it is replaced. */
  follow(master: Address): void {
    this.#setRole({ kind: "replica", master });
    this.blocking.releaseAll();
    this.link.start(master);
    this.schedule();
  }

  /** REPLICAOF NO ONE: keeps the data and the offset; the old history stays valid up to here. */
  promote(): void {
    if (this.#role.kind === "master") return;
    const isDiverged = this.#role.kind === "replica" && this.#role.isDiverged === true;
    this.#replica.stop();
    this.#setRole({ kind: "master" });
    // Up to here the old history is the same bytes: bytes that a crash must not take back.
    this.log.commit();
    const { host, log } = this;
    if (isDiverged) {
      // Others have the history and not these data: nobody can continue from the old one, and a restart
      // must find in the base what the log does not tell. Nor is the base as pinned of the new one.
      this.snapshots.drop();
      this.setHistory(newHistory(host.random, this.#history.epoch + 1));
      this.#mustCheckpoint = true;
    } else this.setHistory(promoted(this.#history, log.end, host.random));
    log.selectedDb = -1;
    this.followers.disconnectAll("promoted");
    this.schedule();
  }

  /** The master speaks for this election: from now on no older one is followed. */
  heardEpoch(epoch: number): void {
    if (this.#role.kind !== "replica" || this.#role.epochMin === epoch) return;
    this.#role = { ...this.#role, epochMin: epoch };
    saveRole(this.host.store, this.#role);
  }

  /**
   * Goes back to what the store holds. A replica that clients wrote to may find there what its log cannot
   * be applied to, and so does one whose master's stream has just failed (`hasFailed`); it serves what
   * the base has, and asks its master for everything.
   */
  recover({ hasFailed = false } = {}): void {
    const { isDiverged = false } = this.#role.kind === "replica" ? this.#role : {};
    try {
      this.persistence.recover();
      if (!hasFailed || !isDiverged) return;
    } catch (error) {
      if (!(error instanceof ApplyError) || !isDiverged) throw error;
    }
    this.snapshots.drop();
    this.followers.disconnectAll("another-history");
    this.persistence.recoverBase();
    this.setHistory(newHistory(this.host.random, this.#history.epoch));
  }

  /** A client wrote to this replica. */
  #diverge(): void {
    if (this.#role.kind !== "replica" || this.#role.isDiverged === true) return;
    this.#setRole({ ...this.#role, isDiverged: true });
  }

  /** A master's data set took the place of this one, whoever wrote to it. */
  converged(): void {
    if (this.#role.kind === "replica" && this.#role.isDiverged === true) {
      this.#setRole({ ...this.#role, isDiverged: false });
    }
    this.filled();
  }

  /** The master's stream goes on from what is here. */
  filled(): void {
    if (this.#role.kind !== "replica" || this.#role.isFilled === true) return;
    this.#role = { ...this.#role, isFilled: true };
    saveRole(this.host.store, this.#role);
  }

  setHistory(history: History): void {
    this.#history = history;
    this.followers.epoch = history.epoch;
    saveHistory(this.host.store, history);
  }

  /** What a pin of the base as it stands is a snapshot of. */
  pinnedAt(): { history: History; offset: number; streamDb: number } {
    return { history: this.#history, ...this.persistence.basePosition };
  }

  /** Online followers heard of within `min-replicas-max-lag` seconds. */
  get goodFollowerCount(): number {
    const lagMaxMs = this.engine.config.number("min-replicas-max-lag") * 1000;
    return this.followers.countNodes(({ ackAtMs, connection }) => {
      return this.engine.nowMs - Math.max(ackAtMs, connection.seenAtMs) <= lagMaxMs;
    });
  }

  #setRole(role: Role): void {
    this.#role = role;
    saveRole(this.host.store, role);
    this.host.log("role", { kind: role.kind });
  }

  // -- the engine's surroundings -------------------------------------------------------------------

  #newEngine(): Engine {
    const { host, options } = this;
    return new Engine(
      {
        store: host.store,
        random: host.random,
        role: new OwnRole(this),
        settings: options.settings,
        platform: options.platform,
        propagate: (effects) => {
          // What clients of a writable replica change is its own: the log is the master's, byte for byte.
          const isLocal =
            this.#role.kind === "replica" && !this.engine.config.flag("replica-read-only");
          if (isLocal) this.#diverge();
          else this.log.write(effects);
        },
        push: (session, reply) => this.clients.push(session, reply),
        unblock: (session, reply) => this.blocking.unblock(session, reply),
        close: (session) => this.#closeSession(session),
        checkpoint: () => this.persistence.checkpoint(),
        refresh: (offset) => this.persistence.refresh(offset),
        reload: () => {
          this.log.commit();
          this.persistence.recover();
        },
        lua: () => host.lua(),
        clockUs: () => host.clockUs(),
      },
      {
        commands: [...ENGINE_COMMANDS, ...replicationCommands(this)],
        info: [
          ...ENGINE_INFO,
          replicationInfo(this),
          replicationStats(this),
          ...(options.info ?? []),
        ],
      },
      { nowMs: options.nowMs },
    );
  }

  #closeSession(session: Session): void {
    const connection = this.clients.of(session);
    if (connection === undefined) return;
    if (connection === this.link.connection) {
      this.link.reconnect("killed");
      return;
    }
    // Its replies may belong to the open group: they must not leave before that is durable.
    this.clients.hangUp(connection);
  }
}
