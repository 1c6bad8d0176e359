/**
 * One data set and everything that runs on it: keys, sessions, settings, statistics, the command table.
 * It does not know where it runs nor that there are other nodes; those come in by `EnginePorts`.
 */
import type { Random } from "../base/random.ts";
import type { Reply } from "../resp/reply.ts";
import { Acl } from "./acl/acl.ts";
import type { LuaModules } from "../lua/machine.ts";
import { Config } from "./config.ts";
import type { Command } from "./command.ts";
import { Context, type Effect } from "./context.ts";
import { Eviction } from "./eviction.ts";
import { execute } from "./execute.ts";
import type { InfoSection } from "./info.ts";
import { DEFAULT_LIMITS, type Limits } from "../types/limits.ts";
import { Keyspace } from "./keyspace.ts";
import { KeyWaits } from "./key-waits.ts";
import { Latency } from "./latency.ts";
import { readLimits } from "./limits.ts";
import { Notifications } from "./notifications.ts";
import { Pubsub } from "./pubsub.ts";
import { Registry } from "./registry.ts";
import { Libraries } from "./script/functions.ts";
import { Scripts } from "./script/scripts.ts";
import { Session } from "./session.ts";
import { Slowlog, timesEverything } from "./slowlog.ts";
import { Stats } from "./stats.ts";
import type { Store } from "./store.ts";
import { Tracking } from "./tracking.ts";
import { Watches } from "./watches.ts";

/** What the engine may know of replication; `shared/replication` implements it. */
export interface RoleView {
  readonly isReplica: boolean;
  /** A replica's link is in sync with its master. */
  readonly isLinkUp: boolean;
  /** Replicas whose last ACK is at most `min-replicas-max-lag` old. */
  readonly goodReplicaCount: number;
  /** The node's replication offset, the open group included. */
  readonly offset: number;
}

/** What the engine asks of its surroundings. */
export interface EnginePorts {
  readonly store: Store;
  readonly random: Random;
  readonly role: RoleView;
  /** Takes the effects of one command or one transaction, in order, as one unit; keeps no array. */
  propagate(effects: readonly Effect[]): void;
  /** Sends a session something that is not the reply to its running command. */
  push(session: Session, reply: Reply): void;
  /**
   * Ends the wait of a blocked session (`endWait`) with this answer, or with the one for when its time is
   * up. What it has sent meanwhile runs later, not in the midst of the running command.
   */
  unblock(session: Session, reply?: Reply): void;
  /** Ends a session: at once, or after its pending output. */
  close(session: Session): void;
  /** Makes what is in memory the base now (SAVE, DEBUG RELOAD); returns how many keys were written. */
  checkpoint(): number;
  /** Makes the base a state at this offset or behind it; false: it is being written, so ask again soon. */
  refresh(offset: number): boolean;
  /** Forgets memory and loads from the store again (DEBUG RELOAD). */
  reload(): void;
  /** The Lua interpreter's modules, where scripts can run. */
  lua?(): LuaModules;
  /** Microseconds from some start; stands still in production during a command. For SLOWLOG only. */
  clockUs(): number;
  /** What INFO says of the platform: tcp_port, process id, region … by INFO field name. */
  readonly platform: Readonly<Record<string, string | number>>;
  /** Settings the node is started with (`requirepass` from --password): see Config. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** CLIENT PAUSE: until then no command, or none that writes, may run. */
export interface Pause {
  readonly untilMs: number;
  readonly what: "all" | "write";
}

export interface EngineTables {
  readonly commands: readonly Command[];
  readonly info: readonly InfoSection[];
}

export class Engine {
  readonly ports: EnginePorts;
  readonly registry: Registry;
  readonly infoSections: readonly InfoSection[];
  readonly config: Config;
  readonly acl: Acl;
  /** Up to which size values are compact; follows the settings. */
  readonly limits: Limits = { ...DEFAULT_LIMITS };
  readonly keyspace: Keyspace;
  readonly stats: Stats;
  readonly scripts: Scripts;
  readonly functions: Libraries;
  readonly watches = new Watches();
  /** Every client connection, by id. */
  readonly sessions = new Map<number, Session>();
  /** Sessions that wait for something (`session.blocked`), in the order they began. */
  readonly blocked = new Set<Session>();
  /** No wait ends by the clock before this (Unix ms); it need not be that any does then. */
  deadlineMs = Number.POSITIVE_INFINITY;
  /** Which of them wait for keys, and for which. */
  readonly keyWaits: KeyWaits;
  readonly pubsub: Pubsub;
  readonly notifications: Notifications;
  readonly eviction: Eviction;
  /** Whose caches are to be told of changes. */
  readonly tracking: Tracking;
  /** Sessions that MONITOR. */
  readonly monitors = new Set<Session>();
  readonly slowlog = new Slowlog();
  readonly latency = new Latency();
  /** Every command is timed, not only slow ones (slowlog.ts). */
  timesAll = false;
  /** `min-replicas-to-write` is set. */
  wantsReplicas = false;
  pause: Pause | undefined;
  /** Values change faster than checkpoints write them: who would change more waits (loading-values.ts). */
  holdsWrites = false;
  /** When the last checkpoint was written; 0 before the first. */
  savedAtMs = 0;
  /** Unix time in ms of the running batch. */
  nowMs: number;
  readonly startedAtMs: number;
  /** 40 hex digits, new at every start. */
  readonly runId: string;
  /** DEBUG SET-ACTIVE-EXPIRE. */
  isActiveExpireOn = true;
  #nextSessionId = 1;
  readonly #cx: Context;

  constructor(ports: EnginePorts, tables: EngineTables, { nowMs }: { nowMs: number }) {
    this.ports = ports;
    this.nowMs = nowMs;
    this.startedAtMs = nowMs;
    this.runId = ports.random.hex(40);
    this.registry = new Registry(tables.commands);
    this.infoSections = tables.info;
    this.config = new Config(ports.store, ports.settings);
    this.acl = new Acl(this);
    this.keyspace = new Keyspace(ports.store, this.limits);
    this.stats = new Stats();
    const lua = (): LuaModules | undefined => ports.lua?.();
    const clockUs = (): number => ports.clockUs();
    this.scripts = new Scripts(lua, clockUs);
    this.functions = new Libraries(lua, clockUs);
    this.keyWaits = new KeyWaits(this);
    this.pubsub = new Pubsub(this);
    this.notifications = new Notifications(this);
    this.tracking = new Tracking(this);
    this.eviction = new Eviction(this);
    this.#readSettings();
    this.config.onChange(() => this.#readSettings());
    this.#cx = new Context(this, new Session(0, nowMs));
  }

  /** What is asked for every command, read once. */
  #readSettings(): void {
    this.timesAll = timesEverything(this.config);
    this.wantsReplicas = this.config.number("min-replicas-to-write") > 0;
    this.eviction.readSettings();
    Object.assign(this.limits, readLimits(this.config));
  }

  get random(): Random {
    return this.ports.random;
  }

  /** Only a master removes what has expired. */
  get mayExpire(): boolean {
    return !this.ports.role.isReplica;
  }

  openSession(): Session {
    const session = new Session(this.#nextSessionId++, this.nowMs);
    this.sessions.set(session.id, session);
    this.acl.admit(session);
    this.stats.connectionsReceived++;
    return session;
  }

  /** Takes back a session that slept through hibernation. */
  restoreSession(session: Session): void {
    this.sessions.set(session.id, session);
    this.#nextSessionId = Math.max(this.#nextSessionId, session.id + 1);
    this.watches.restore(session);
    this.acl.admit(session);
    this.beginWait(session);
    this.keyWaits.restore(session);
    if (session.isMonitor) this.monitors.add(session);
    this.pubsub.restore(session);
    this.tracking.restore(session);
  }

  closeSession(session: Session): void {
    this.watches.clear(session);
    this.monitors.delete(session);
    this.pubsub.clear(session);
    this.tracking.close(session);
    this.endWait(session);
    this.sessions.delete(session.id);
  }

  /** Lists a session that waits for something. */
  beginWait(session: Session): void {
    if (session.blocked === undefined) return;
    this.blocked.add(session);
    const { untilMs } = session.blocked;
    if (untilMs > 0) this.deadlineMs = Math.min(this.deadlineMs, untilMs);
  }

  /** A session waits no more: it was answered, or is gone. */
  endWait(session: Session): void {
    this.keyWaits.remove(session);
    this.blocked.delete(session);
    session.blocked = undefined;
  }

  /** Runs one request of a client and returns what to answer. Never throws for a client's mistake. */
  run(session: Session, args: readonly string[]): Reply {
    // Who only reads opens no group, and so there is no commit after which the node would see to it.
    if (this.keyspace.isCrowded) {
      this.keyspace.shrink(this.config.number("cache-bytes"), this.nowMs);
    }
    const cx = this.#cx;
    cx.session = session;
    cx.nowMs = this.nowMs;
    const reply = execute(cx, args);
    if (session.tracking !== undefined) this.tracking.commandDone(session, args[0]!);
    // Who waits for what this command did is served before anyone's next command.
    if (this.keyWaits.isDue) this.keyWaits.serve();
    return reply;
  }

  /** Runs a handler outside of any client's request (expiry sweep, replay) in its own context. */
  context(session: Session): Context {
    const cx = new Context(this, session);
    cx.nowMs = this.nowMs;
    return cx;
  }
}
