/**
 * A node of the simulation: a store that outlives crashes, and one life after the other on it. A life is
 * a NodeCore with its Host: what it sends is held back until its store has made durable what it stands on.
 */
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { fromBinary } from "../../../shared/base/bytes.ts";
import { MemoryStore } from "../../../shared/engine/memory-store.ts";
import type { Random } from "../../../shared/base/random.ts";
import type { Session } from "../../../shared/engine/session.ts";
import type { Position } from "../../../shared/replication/position.ts";
import type { Address } from "../../../shared/replication/address.ts";
import type { Connection, Transport } from "../../../shared/replication/connection.ts";
import type { Host, SnapshotRequest } from "../../../shared/replication/host.ts";
import { NodeCore, type NodeOptions } from "../../../shared/replication/node-core.ts";
import { Chance } from "./chance.ts";
import { LogWatch } from "./log-watch.ts";
import type { World } from "./world.ts";
import { transferSnapshot } from "./transfer.ts";
import type { Wire, WireEnd } from "./wire.ts";
import { luaModules } from "../lua.ts";

export type NodeSetup = Omit<NodeOptions, "nowMs">;

/** What stands beside the bytes of a node's replies: where the node was when it sent them. */
export interface SentFrom {
  readonly id: string;
  readonly offset: number;
  /** Behind the session's last write. */
  readonly writtenOffset: number;
  readonly isMaster: boolean;
}

/** A node spins when it wakes so often without the clock having moved. */
const TICKS_AT_ONCE_MAX = 20;

export class SimNode {
  readonly world: World;
  readonly setup: NodeSetup;
  /** How far its clock is from the world's. */
  readonly skewMs: number;
  readonly #random: Random;
  /** Where the log began when it was last emptied. */
  logResetAt = 0;
  store = new MemoryStore();
  life: Life | undefined;
  /** Offsets it has ever had durably, by history. */
  readonly durable = new Map<string, number>();
  /** Where it was durably, and since when (the world's clock). */
  readonly stations: { readonly sinceMs: number; readonly position: Position }[] = [];

  constructor(world: World, setup: NodeSetup, { seed, skewMs }: { seed: number; skewMs: number }) {
    this.world = world;
    this.setup = setup;
    this.skewMs = skewMs;
    this.#random = new Chance(seed).random;
  }

  get name(): string {
    return this.setup.name;
  }

  get core(): NodeCore | undefined {
    return this.life?.core;
  }

  get nowMs(): number {
    return this.world.agenda.nowMs + this.skewMs;
  }

  /** Begins a life on what the store holds. */
  start(): void {
    const durable = this.#position(this.store);
    const life = new Life(this, this.#random);
    this.life = life;
    life.begin();
    const { core } = life;
    if (durable !== undefined && durable.offset !== core.log.end) {
      throw new Error(`${this.name} had ${durable.offset} and starts again at ${core.log.end}`);
    }
  }

  /** Memory is gone, and of the store what was not yet durable. */
  crash(): void {
    const { life } = this;
    if (life === undefined) return;
    this.world.trace("crash", this.name);
    this.life = undefined;
    life.end();
    this.store = this.store.crash();
  }

  /** Memory is gone and the sockets stay, as with an idle Durable Object; false: it is not idle. */
  hibernate(): boolean {
    const { life } = this;
    const sleepers = life?.fallAsleep();
    if (sleepers === undefined) return false;
    this.world.trace("hibernate", this.name);
    this.store = this.store.crash();
    this.start();
    for (const sleeper of sleepers) this.life!.wake(sleeper);
    return true;
  }

  /** Does as an operator says, over a connection of its own. */
  order(...args: readonly string[]): void {
    this.world.trace("order", this.name, args.join(" "));
    this.life?.event((core) => {
      const connection = core.open({ ...TRUSTED, address: "operator" });
      core.receive(connection, fromBinary(encodeCommand(args)));
      core.closed(connection);
    });
  }

  /** Whether all before `offset` of a history was durable here at some time. */
  hasHad(position: { id: string; offset: number }): boolean {
    for (const [id, offset] of this.durable) {
      if (this.world.histories.includes({ id, offset }, position)) return true;
    }
    return false;
  }

  /** Where it was durably at a moment of the world's clock; undefined: it was not there yet. */
  positionAt(atMs: number): Position | undefined {
    return this.stations.findLast(({ sinceMs }) => sinceMs <= atMs)?.position;
  }

  #position(store: MemoryStore): { offset: number } | undefined {
    return store.meta("history") === undefined ? undefined : { offset: store.logEnd };
  }
}

const TRUSTED: Transport = {
  kind: "messages",
  isTrusted: true,
  address: "",
  localAddress: "",
};

interface Line {
  readonly wire: Wire;
  readonly side: 0 | 1;
  readonly transport: Transport;
  /** Sent by the core and still held back. */
  heldBytes: number;
}

/** What is left of a connection while its node hibernates. */
interface Sleeper {
  readonly line: Line;
  readonly saved: string;
}

export class Life implements Host {
  readonly node: SimNode;
  readonly world: World;
  readonly store: MemoryStore;
  readonly random: Random;
  core!: NodeCore;
  isOver = false;
  readonly lines = new Map<Connection, Line>();
  /** What leaves once the store is durable. */
  #held: (() => void)[] = [];
  #isSyncPlanned = false;
  #isCommitPlanned = false;
  #syncedRows = 0;
  #wakeAtMs = Number.POSITIVE_INFINITY;
  /** Counts wishes: an earlier one takes the place of the last. */
  #wish = 0;
  #ticks = { atMs: 0, count: 0 };
  readonly #logWatch: LogWatch;

  constructor(node: SimNode, random: Random) {
    this.node = node;
    this.world = node.world;
    this.store = node.store;
    this.random = random;
    this.#logWatch = new LogWatch(node);
  }

  begin(): void {
    this.core = new NodeCore(this, { ...this.node.setup, nowMs: this.node.nowMs });
    this.#afterEvent();
  }

  end(): void {
    this.isOver = true;
    for (const { wire, side } of this.lines.values()) wire.abandon(side);
    this.lines.clear();
  }

  /** Ends this life without a word to anybody; undefined while there is something to do. */
  fallAsleep(): Sleeper[] | undefined {
    const isWaiting = this.#wakeAtMs < Number.POSITIVE_INFINITY || this.#isCommitPlanned;
    if (isWaiting || this.#isSyncPlanned || this.core.link.isActive) return undefined;
    const sleepers: Sleeper[] = [];
    for (const [connection, line] of this.lines) {
      // A TCP socket keeps its object awake.
      if (line.transport.kind === "bytes") return undefined;
      sleepers.push({ line, saved: JSON.stringify(this.core.save(connection)) });
    }
    this.isOver = true;
    return sleepers;
  }

  /** Takes a connection back that slept. */
  wake({ line, saved }: Sleeper): void {
    this.event((core) => {
      const connection = core.restore(JSON.parse(saved) as Record<string, unknown>, line.transport);
      this.#attach(connection, line.wire, line.side);
      core.schedule();
    });
  }

  /** Runs an event in the core, with one clock reading. */
  event<T>(work: (core: NodeCore) => T): T | undefined {
    if (this.isOver) return undefined;
    this.#logWatch.beforeEvent(this.core);
    this.core.at(this.node.nowMs);
    const result = work(this.core);
    this.#afterEvent();
    return result;
  }

  /** Takes a connection somebody dialled. */
  accept(wire: Wire, transport: Transport): Connection | undefined {
    return this.event((core) => {
      const connection = core.open(transport);
      this.#attach(connection, wire, 1);
      return connection;
    });
  }

  /** Whether our link to a master ends in this session of its. */
  isLinkedTo(master: Life, session: Session): boolean {
    const own = this.lines.get(this.core.link.connection!);
    const theirs = master.lines.get(master.core.clients.of(session)!);
    return own !== undefined && own.wire === theirs?.wire;
  }

  /** Runs `work` once everything the node has done so far is durable. */
  whenDurable(work: () => void): void {
    this.#held.push(work);
  }

  // -- Host ----------------------------------------------------------------------------------------

  send(connection: Connection, bytes: Uint8Array): void {
    const line = this.lines.get(connection);
    if (line === undefined) return;
    const { id, offset } = this.core.position;
    const { writtenOffset } = connection.session;
    const isMaster = this.core.role.kind === "master";
    const note: SentFrom = { id, offset, writtenOffset, isMaster };
    line.heldBytes += bytes.length;
    if (connection.session.isFollower) this.#checkQueue(line);
    this.whenDurable(() => {
      line.heldBytes -= bytes.length;
      line.wire.send(line.side, bytes, note);
    });
  }

  close(connection: Connection): void {
    const line = this.lines.get(connection);
    this.lines.delete(connection);
    if (line !== undefined) this.whenDurable(() => line.wire.close(line.side));
  }

  probe(connection: Connection): void {
    const line = this.lines.get(connection);
    if (connection.transport.kind === "messages") line?.wire.probe(line.side);
  }

  dial(address: Address, attempt: number): void {
    const { world } = this;
    const wire = world.newWire(address.kind === "tcp" ? "bytes" : "messages");
    const delayMs = world.network.latencyMs * 2 + world.chance.below(10);
    world.agenda.after(delayMs, () => {
      const peer = world.nodeAt(address);
      if (this.isOver) return;
      if (peer?.life === undefined || world.chance.happens(world.network.dialFailures)) {
        this.event((core) => core.dialFailed(attempt, "refused"));
        return;
      }
      const { kind } = wire.options;
      peer.life.accept(wire, {
        kind,
        isTrusted: address.kind === "node",
        address: this.node.name,
        localAddress: "",
      });
      const transport = { ...TRUSTED, kind, address: peer.name };
      const wanted = this.event((core) =>
        core.dialled(attempt, transport, (connection) => this.#attach(connection, wire, 0)),
      );
      if (wanted === undefined) this.#detach(wire);
    });
  }

  fetchSnapshot(address: Address, request: SnapshotRequest): void {
    transferSnapshot(this, this.world.nodeAt(address), request);
  }

  scheduleCommit(): void {
    if (this.#isCommitPlanned) return;
    this.#isCommitPlanned = true;
    this.world.agenda.after(this.world.chance.below(4), () => {
      this.#isCommitPlanned = false;
      this.event((core) => core.commit());
    });
  }

  wakeAt(atMs: number): void {
    if (atMs >= this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    const wish = ++this.#wish;
    const lateMs = this.world.chance.below(3);
    this.world.agenda.at(atMs - this.node.skewMs + lateMs, () => {
      if (this.#wish !== wish) return;
      this.#wakeAtMs = Number.POSITIVE_INFINITY;
      this.#countTick();
      this.event((core) => core.tick());
    });
  }

  lua = luaModules;

  clockUs(): number {
    return 0;
  }

  log(event: string, fields: Readonly<Record<string, string | number | boolean>>): void {
    this.world.logged(this.node, event, fields);
  }

  // -- the rest ------------------------------------------------------------------------------------

  #attach(connection: Connection, wire: Wire, side: 0 | 1): void {
    const { transport } = connection;
    this.lines.set(connection, { wire, side, transport, heldBytes: 0 });
    const end: WireEnd = {
      onBytes: (bytes) => {
        if (this.lines.has(connection)) this.event((core) => core.receive(connection, bytes));
      },
      onClosed: () => {
        if (this.lines.delete(connection)) this.event((core) => core.closed(connection));
      },
      onTaken: (byteCount) => {
        if (this.lines.has(connection)) this.event((core) => core.sent(connection, byteCount));
      },
      onProbed: () => {
        this.event((core) => core.alive(connection));
        return this.isOver ? false : (this.core.standing ?? true);
      },
      onAlive: (position) => {
        if (this.lines.has(connection)) this.event((core) => core.alive(connection, position));
      },
    };
    wire.attach(side, end);
  }

  #detach(wire: Wire): void {
    for (const [connection, line] of this.lines) {
      if (line.wire === wire) this.lines.delete(connection);
    }
    wire.close(0);
  }

  /** What waits for a follower is bounded by the window, whatever it does not read. */
  #checkQueue(line: Line): void {
    const queued = line.heldBytes + line.wire.queuedBytes(line.side);
    if (queued > this.world.followerBytesMax) {
      throw new Error(`${this.node.name} has ${queued} bytes on their way to one follower`);
    }
  }

  #countTick(): void {
    const { nowMs } = this.world.agenda;
    if (this.#ticks.atMs !== nowMs) this.#ticks = { atMs: nowMs, count: 0 };
    if (++this.#ticks.count > TICKS_AT_ONCE_MAX) throw new Error(`${this.node.name} spins`);
  }

  /** What was written becomes durable now or soon; until then nothing leaves. */
  #afterEvent(): void {
    const isDirty = this.store.rowsWritten !== this.#syncedRows;
    if (!isDirty && this.#held.length === 0) return;
    if (!isDirty || this.world.chance.happens(this.world.syncAtOnce)) this.#sync();
    else if (!this.#isSyncPlanned) {
      this.#isSyncPlanned = true;
      this.world.agenda.after(this.world.chance.below(6), () => {
        this.#isSyncPlanned = false;
        if (!this.isOver) this.#sync();
      });
    }
  }

  #sync(): void {
    if (this.store.rowsWritten !== this.#syncedRows) {
      this.store.commit();
      this.#syncedRows = this.store.rowsWritten;
      this.#logWatch.synced(this.core);
    }
    const held = this.#held;
    this.#held = [];
    for (const work of held) work();
  }
}
