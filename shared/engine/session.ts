/**
 * A client connection as the engine sees it: everything a command may depend on besides the data. It
 * outlives hibernation, so all of it can be written to JSON and read back.
 */
import { Subscriptions } from "./pubsub.ts";

export interface Transaction {
  readonly queue: (readonly string[])[];
  /** Bytes queued, against the limit on what one client may make us hold. */
  bytes: number;
  /** A command was refused while queueing: EXEC must discard. */
  isAborted: boolean;
}

/** A session waits, and none of its further commands run. `until` 0: for ever. */
export interface Blocked {
  readonly kind: string;
  readonly untilMs: number;
  readonly [more: string]: unknown;
}

/** How a session tracks keys (CLIENT TRACKING). All of it is JSON. */
export interface TrackingMode {
  /** The session that is told in its place; 0: itself. */
  readonly redirect: number;
  /** Every key with one of its prefixes, and not those it has read. */
  readonly isBroadcast: boolean;
  /** In order. */
  readonly prefixes: readonly string[];
  readonly isOptIn: boolean;
  readonly isOptOut: boolean;
  /** It is not told of what it changes itself. */
  readonly isNoLoop: boolean;
  /** CLIENT CACHING was said for the command that comes. */
  isCaching: boolean;
  /** Whom it redirects to was not there when it was to be told something. */
  isRedirectBroken: boolean;
}

export type ReplyMode = "on" | "off" | "skip-next" | "skip";

export class Session {
  readonly id: number;
  /** Peer and own address as CLIENT LIST shows them, `ip:port`. */
  address = "";
  localAddress = "";
  name = "";
  libName = "";
  libVersion = "";
  user = "default";
  isAuthenticated = false;
  /** The user may not do everything: its rules are asked for each command. */
  isRestricted = false;
  /** A node of this deployment, which the platform vouches for: no user's rules apply. */
  isNode = false;
  protocol: 2 | 3 = 2;
  db = 0;
  transaction: Transaction | undefined;
  /** WATCHed keys as `db:name`. */
  watched = new Set<string>();
  /** When it last called WATCH: what had expired by then did not change since. */
  watchedAtMs = 0;
  /** Bytes of their names, against the limit on what one client may make us hold. */
  watchedBytes = 0;
  /** A WATCHed key changed: EXEC answers nil. */
  isWatchBroken = false;
  /** What it listens to; undefined: nothing. */
  subscriptions: Subscriptions | undefined;
  tracking: TrackingMode | undefined;
  replyMode: ReplyMode = "on";
  isMonitor = false;
  isNoEvict = false;
  isNoTouch = false;
  /** A replica's connection: it sent PSYNC. */
  isFollower = false;
  /** The connection to our master, listed so that CLIENT LIST shows and CLIENT KILL ends it. */
  isMasterLink = false;
  blocked: Blocked | undefined;
  /** No more input is read; the connection ends once the output is sent. */
  isClosing = false;
  createdAtMs: number;
  activeAtMs: number;
  lastCommand = "";
  /** Offset behind this session's last write, for WAIT. */
  writtenOffset = 0;
  /** What a replica said of itself by REPLCONF. */
  replicaPort = 0;
  replicaIp = "";
  replicaCapas: string[] = [];
  /** What of a snapshot it wants, and whether it wants nothing but a snapshot (redis-cli). */
  replicaWants: "all" | "functions" | "nothing" = "all";
  isSnapshotOnly = false;

  constructor(id: number, nowMs: number) {
    this.id = id;
    this.createdAtMs = nowMs;
    this.activeAtMs = nowMs;
  }

  /**
   * Everything above that is not as in a new session, for an attachment or a row. Binary strings stay
   * binary strings.
   */
  save(): Record<string, unknown> {
    const fields = Object.entries(this).filter(([name, value]) => value !== NEW[name]);
    return {
      ...Object.fromEntries(fields),
      watched: this.watched.size > 0 ? [...this.watched] : undefined,
      subscriptions: this.subscriptions?.toJSON(),
    };
  }

  static restore(saved: Record<string, unknown>): Session {
    const session = new Session(saved["id"] as number, 0);
    const heard = saved["subscriptions"] as ReturnType<Subscriptions["toJSON"]> | undefined;
    Object.assign(session, saved, {
      watched: new Set(saved["watched"] as string[] | undefined),
      subscriptions: heard && new Subscriptions(heard),
    });
    return session;
  }
}

const NEW: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(new Session(0, 0)),
);
