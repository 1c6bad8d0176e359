/**
 * The node as a replica: its link to a master, what it applies of the stream, and what becomes of its own
 * history when the master says so.
 */
import { assert } from "../base/assert.ts";
import type { Address } from "./address.ts";
import { Applier } from "./apply.ts";
import type { Connection, Transport } from "./connection.ts";
import type { Introduction } from "./handshake.ts";
import { Link } from "./link.ts";
import { Loading } from "./loading.ts";
import type { NodeCore } from "./node-core.ts";
import { type Position, replacedBy } from "./position.ts";

export class Replica {
  readonly #core: NodeCore;
  readonly link: Link;
  #applier: Applier | undefined;

  constructor(core: NodeCore) {
    const { host, engine } = core;
    this.#core = core;
    this.link = new Link({
      host,
      nowMs: () => engine.nowMs,
      number: (setting) => engine.config.number(setting),
      introduction: (address) => this.#introduction(address),
      position: () => core.position,
      settle: () => core.log.commit(),
      durableOffset: () => core.log.committedEnd,
      epochMin: () => (core.role.kind === "replica" ? (core.role.epochMin ?? 0) : 0),
      continued: (id, epoch) => this.#continued(id, epoch),
      startLoading: () => new Loading(host.store, engine),
      abandoned: () => core.persistence.untidy(),
      loaded: (loading, at) => this.#loaded(loading, at),
      apply: (bytes) => this.#apply(bytes),
      isWaiting: () => this.isWaiting,
      rollback: () => {
        // What it has applied is forgotten, and with it the database it had selected.
        this.#applier = undefined;
        core.recover({ hasFailed: true });
      },
      hangUp: (connection) => core.clients.hangUp(connection),
    });
  }

  /** The database the master's stream has selected; undefined when none was followed. */
  get streamDb(): number | undefined {
    return this.#applier?.db;
  }

  get stagedSpaces(): readonly number[] {
    return this.link.loading?.spaces ?? [];
  }

  get chunksFrom(): number {
    return this.link.loading?.chunksFrom ?? Number.MAX_SAFE_INTEGER;
  }

  /** The connection that was dialled is there; `adopt` tells the host before anything is sent. */
  dialled(
    attempt: number,
    transport: Transport,
    adopt: (connection: Connection) => void,
  ): Connection | undefined {
    const { clients } = this.#core;
    const connection = clients.open(transport);
    connection.session.isMasterLink = true;
    adopt(connection);
    if (this.link.dialled(attempt, connection)) return connection;
    clients.closed(connection);
    return undefined;
  }

  /** Becomes a master: follows nobody any more. */
  stop(): void {
    this.link.stop("promoted");
    this.#applier = undefined;
  }

  /** Applies what waited for a value. */
  tick(): void {
    if (this.isWaiting) this.link.guard(() => this.#applyMore());
  }

  get nextTickMs(): number {
    return this.isWaiting ? this.#core.engine.nowMs : Number.POSITIVE_INFINITY;
  }

  /** What a link that broke had brought, its next stream brings again. */
  get isWaiting(): boolean {
    return this.#applier?.isWaiting === true && this.link.isUp;
  }

  #introduction(address: Address): Introduction {
    const { config } = this.#core.engine;
    const isNode = address.kind === "node";
    return {
      // The platform vouches for nodes of one deployment.
      user: isNode ? "" : config.text("masteruser"),
      password: isNode ? "" : config.text("masterauth"),
      port: config.number("replica-announce-port") || this.#core.ownPort,
      // Nodes of one deployment know each other by name; a TCP peer shows its own address.
      announcedIp:
        config.text("replica-announce-ip") ||
        (address.kind === "tcp" ? "" : this.#core.options.name),
      wantsFrames: address.kind !== "tcp",
    };
  }

  #continued(id: string | undefined, epoch: number | undefined): void {
    const core = this.#core;
    this.#applier = new Applier(core.engine, core.streamDb, { mayWait: true });
    core.heardEpoch(epoch ?? 0);
    core.filled();
    const { history } = core;
    const isSame = id === undefined || id.toLowerCase() === history.id.toLowerCase();
    const epochNow = Math.max(epoch ?? 0, history.epoch);
    if (isSame) {
      if (epochNow !== history.epoch) core.setHistory({ ...history, epoch: epochNow });
      return;
    }
    core.log.commit();
    core.setHistory({
      id,
      previousId: history.id,
      previousUntil: core.log.end,
      epoch: epochNow,
    });
    // Followers below must learn the new id; they come back with a partial resync.
    core.followers.disconnectAll("history-renamed");
  }

  #loaded(loading: Loading, { id, offset, epoch }: Position & { epoch: number }): void {
    const core = this.#core;
    core.snapshots.drop();
    core.followers.disconnectAll("another-history");
    core.log.discard();
    core.heardEpoch(epoch);
    // Ours never goes back, or those who follow us would take us for deposed.
    const history = replacedBy(id, Math.max(epoch, core.history.epoch));
    loading.finish({ history, offset });
    core.setHistory(history);
    core.persistence.replaced({ offset, streamDb: loading.streamDb });
    core.converged();
    this.#applier = new Applier(core.engine, loading.streamDb, { mayWait: true });
    core.log.selectedDb = loading.streamDb;
    core.engine.watches.touchAll(() => true);
    core.engine.tracking.flushed();
  }

  #apply(bytes: string): void {
    this.#core.engine.stats.replicationInputBytes += bytes.length;
    this.#applyMore(bytes);
  }

  #applyMore(bytes = ""): void {
    const core = this.#core;
    const applier = this.#applier;
    assert(applier !== undefined, "a stream is applied by an applier");
    core.log.copy(applier.push(bytes));
    core.log.selectedDb = applier.db;
    if (applier.isAckWanted) {
      applier.isAckWanted = false;
      core.commit();
      this.link.answerGetAck();
    }
  }
}
