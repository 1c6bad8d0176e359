/**
 * The master's side of replication: who follows, how far each one is, and what to send next. Everyone is
 * fed from the log, up to a window beyond what it has acknowledged, so that a slow replica costs no
 * memory. A replica's own followers are fed the same way.
 */
import { assert } from "../base/assert.ts";
import { fromBinary } from "../base/bytes.ts";
import type { Engine } from "../engine/engine.ts";
import type { Clients } from "./clients.ts";
import type { Connection } from "./connection.ts";
import { encodeFrame } from "./frame.ts";
import { CAPA_MARK } from "./handshake.ts";
import type { Host } from "./host.ts";
import type { Log } from "./log.ts";
import { type Pin, SnapshotReader, type Snapshots } from "./snapshot.ts";

/** Redis's names: waiting for a snapshot, being sent one, following the stream. */
export type FollowerState = "wait_bgsave" | "send_bulk" | "online";

/** What of a follower outlives hibernation. */
export interface SavedFollower {
  readonly usesFrames: boolean;
  readonly state: FollowerState;
  readonly sentOffset: number;
  readonly ackOffset: number;
  readonly receivedOffset: number;
  readonly ackAtMs: number;
  readonly wantsPings: boolean;
}

export interface Follower extends SavedFollower {
  readonly connection: Connection;
  /** Speaks frames and fetches snapshots by itself (our own nodes over a WebSocket). */
  readonly usesFrames: boolean;
  state: FollowerState;
  /** Offset behind the last byte sent, and behind the last byte it has made durable. */
  sentOffset: number;
  ackOffset: number;
  /** Offset behind the last byte that arrived there, as far as it has said. */
  receivedOffset: number;
  ackAtMs: number;
  /** Somewhere below it is one that wants PINGs in the stream: it has said so. */
  wantsPings: boolean;
  pin: Pin | undefined;
  /** An inline snapshot on its way. */
  inline: InlineSnapshot | undefined;
  /** Where the log ended when it came: a snapshot for it is no older, unless it is one that others read. */
  readonly askedOffset: number;
  /** Said SYNC: it is told no offset and acknowledges nothing. */
  readonly isPrePsync: boolean;
}

/** Where a snapshot comes from, a piece at a time; undefined: it is gone. */
export interface SnapshotSource {
  readonly isAtEnd: boolean;
  next(bytesMax: number): string | undefined;
}

interface InlineSnapshot {
  readonly source: SnapshotSource;
  /** What it is a snapshot of: the stream goes on from there. */
  readonly offset: number;
  /** What it ends with; undefined: its length is said in front. */
  readonly mark: string | undefined;
  /** The same once more, to count its bytes by. */
  counted: SnapshotSource | undefined;
  byteCount: number;
  isSent: boolean;
  /** There is more to do, and room for it: only others come first. */
  isDue: boolean;
}

const CHUNK_BYTES = 256 * 1024;

/** A follower's address as it announced it, or as its connection shows it. */
export function followerAddress({ session }: Connection): { ip: string; port: number } {
  const ip = session.replicaIp || session.address.replace(/:\d+$/, "");
  return { ip, port: session.replicaPort };
}

export class Followers {
  readonly #host: Host;
  readonly #clients: Clients;
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #snapshots: Snapshots;
  readonly #list = new Map<Connection, Follower>();
  /** Which election the stream's master comes from; stands in every frame. */
  epoch = 0;

  constructor(ports: {
    host: Host;
    clients: Clients;
    engine: Engine;
    log: Log;
    snapshots: Snapshots;
  }) {
    this.#host = ports.host;
    this.#clients = ports.clients;
    this.#engine = ports.engine;
    this.#log = ports.log;
    this.#snapshots = ports.snapshots;
  }

  get all(): Follower[] {
    return [...this.#list.values()];
  }

  get count(): number {
    return this.#list.size;
  }

  of(connection: Connection): Follower | undefined {
    return this.#list.get(connection);
  }

  /**
   * How many nodes are online of which this is true. One that came back after a broken connection is here
   * twice until we learn of the break, and is still one node to WAIT and `min-replicas-to-write`.
   */
  countNodes(isCounted: (follower: Follower) => boolean): number {
    const nodes = new Set<string>();
    for (const follower of this.#list.values()) {
      if (follower.state !== "online" || !isCounted(follower)) continue;
      const { ip, port } = followerAddress(follower.connection);
      nodes.add(`${ip}:${port}`);
    }
    return nodes.size;
  }

  /** Someone among them, or below them, has no sign of life of the link but what the stream brings. */
  get needPings(): boolean {
    for (const { usesFrames, wantsPings } of this.#list.values()) {
      if (!usesFrames || wantsPings) return true;
    }
    return false;
  }

  /** A connection that sent PSYNC. */
  add(
    connection: Connection,
    options: { usesFrames: boolean; nowMs: number; isPrePsync?: boolean },
  ): Follower {
    connection.session.isFollower = true;
    connection.isProbed = !options.usesFrames && connection.transport.kind === "messages";
    const follower: Follower = {
      connection,
      usesFrames: options.usesFrames,
      state: "wait_bgsave",
      sentOffset: 0,
      ackOffset: 0,
      receivedOffset: 0,
      ackAtMs: options.nowMs,
      wantsPings: false,
      pin: undefined,
      inline: undefined,
      askedOffset: this.#log.committedEnd,
      isPrePsync: options.isPrePsync === true,
    };
    this.#list.set(connection, follower);
    return follower;
  }

  /** As `save` left it. A snapshot that was under way is asked for again by the replica. */
  restore(connection: Connection, saved: SavedFollower): void {
    const { usesFrames, ...rest } = saved;
    // An inline snapshot cannot be taken up where it was.
    if (!usesFrames && saved.state !== "online") {
      this.drop(connection, "snapshot-gone");
      return;
    }
    Object.assign(this.add(connection, { usesFrames, nowMs: saved.ackAtMs }), rest);
  }

  save(connection: Connection): SavedFollower | undefined {
    const follower = this.#list.get(connection);
    if (follower === undefined) return undefined;
    const { usesFrames, state, sentOffset, ackOffset, receivedOffset } = follower;
    const { ackAtMs, wantsPings } = follower;
    return { usesFrames, state, sentOffset, ackOffset, receivedOffset, ackAtMs, wantsPings };
  }

  /** Its connection is gone, or is dropped. A pin stays for a while: the transfer may be resumed. */
  remove(connection: Connection): void {
    const follower = this.#list.get(connection);
    if (follower === undefined) return;
    this.#list.delete(connection);
    if (follower.inline !== undefined) this.#releasePin(follower);
  }

  /** Ends every follower's connection: they come back and learn of the new history. */
  disconnectAll(why: string): void {
    for (const { connection } of this.all) this.drop(connection, why);
  }

  drop(connection: Connection, why: string): void {
    this.#host.log("follower-dropped", { why, id: connection.session.id });
    this.remove(connection);
    this.#clients.hangUp(connection);
  }

  /** The stream goes on behind `offset`. */
  startOnline(follower: Follower, offset: number): void {
    this.#releasePin(follower);
    follower.state = "online";
    follower.sentOffset = offset;
    follower.ackOffset = offset;
    follower.receivedOffset = offset;
    follower.ackAtMs = this.#engine.nowMs;
  }

  /** The snapshot is sent on this connection, then the stream. */
  startInline(follower: Follower, pin: Pin): void {
    follower.pin = pin;
    const open = (): SnapshotReader => new SnapshotReader(this.#snapshots, pin.id);
    this.startInlineFrom(follower, { source: open(), counted: open(), offset: pin.offset });
  }

  /**
   * The same with a snapshot that needs no pin. Who takes no end mark is told its length in front: it is
   * read twice then, `counted` first.
   */
  startInlineFrom(
    follower: Follower,
    from: { source: SnapshotSource; counted: SnapshotSource; offset: number },
  ): void {
    const { source, counted, offset } = from;
    follower.state = "send_bulk";
    const takesMark = follower.connection.session.replicaCapas.includes(CAPA_MARK);
    const mark = takesMark ? this.#engine.random.hex(40) : undefined;
    follower.inline = {
      source,
      offset,
      mark,
      counted: takesMark ? undefined : counted,
      byteCount: 0,
      isSent: false,
      isDue: false,
    };
    if (mark !== undefined) this.#send(follower, `$EOF:${mark}\r\n`);
  }

  /** The replica fetches the snapshot by itself and comes back with a PSYNC. */
  startFetching(follower: Follower, pin: Pin): void {
    follower.pin = pin;
    follower.state = "send_bulk";
  }

  /**
   * REPLCONF ACK: everything before `offset` is durable there. A command longer than the window is so only
   * once it has come as a whole; meanwhile its `received` part makes room for the rest.
   */
  acknowledge(follower: Follower, offset: number, received = offset): void {
    follower.ackAtMs = this.#engine.nowMs;
    if (follower.inline?.isSent === true) this.#endInline(follower, follower.inline);
    const { sentOffset } = follower;
    if (offset > follower.ackOffset && offset <= sentOffset) follower.ackOffset = offset;
    if (received > follower.receivedOffset && received <= sentOffset) {
      follower.receivedOffset = received;
    }
    this.pump(follower);
  }

  /** Sends every follower what it may have: after a commit. */
  pumpAll(): void {
    for (const follower of this.#list.values()) this.pump(follower);
  }

  /** Sends a follower what it may have now: until its window is full or it has everything. */
  pump(follower: Follower): void {
    if (follower.inline !== undefined) this.#pumpInline(follower);
    if (follower.state !== "online") return;
    if (follower.sentOffset < this.#log.start) {
      this.drop(follower.connection, "behind-backlog");
      return;
    }
    const window = this.#engine.config.number("repl-window-bytes");
    while (follower.sentOffset < this.#log.committedEnd) {
      const room = window - this.#inFlight(follower);
      if (room <= 0) return;
      const bytes = this.#log.read(follower.sentOffset, Math.min(room, CHUNK_BYTES));
      assert(bytes.byteLength > 0, "the log has what its end promises");
      this.#sendStream(follower, bytes);
    }
  }

  /** Its transport has taken something: it may have more. More of a snapshot has a turn of its own. */
  taken(follower: Follower): void {
    const { inline, connection } = follower;
    if (inline === undefined || inline.isSent) this.pump(follower);
    else inline.isDue ||= connection.unsentBytes < this.#engine.config.number("repl-window-bytes");
  }

  /** Frames are acknowledged as they become durable; a stock replica does so once a second only. */
  #inFlight(follower: Follower): number {
    return follower.usesFrames
      ? follower.sentOffset - follower.receivedOffset
      : follower.connection.unsentBytes;
  }

  #sendStream(follower: Follower, bytes: Uint8Array): void {
    const { connection, usesFrames, sentOffset: offset } = follower;
    // A view into the log is valid until the next append: frames copy, raw bytes are copied here.
    const message = usesFrames
      ? encodeFrame({ epoch: this.epoch, offset, bytes })
      : new Uint8Array(bytes);
    follower.sentOffset += bytes.byteLength;
    this.#engine.stats.replicationOutputBytes += bytes.byteLength;
    this.#hand(connection, message);
  }

  /** Someone could be sent more of a snapshot at once: `pumpDue` goes on. */
  get areDue(): boolean {
    for (const { inline } of this.#list.values()) if (inline?.isDue === true) return true;
    return false;
  }

  pumpDue(): void {
    for (const follower of this.#list.values()) {
      if (follower.inline?.isDue === true) this.pump(follower);
    }
  }

  /** Empty lines, to be skipped, for those whose snapshot is not on its way yet. */
  sayAlive(): void {
    for (const follower of this.#list.values()) {
      const isWaiting = follower.state === "wait_bgsave" || follower.inline?.counted !== undefined;
      if (isWaiting && !follower.usesFrames) this.#send(follower, "\n");
    }
  }

  /** A chunk at a time: others have their turns between two. */
  #pumpInline(follower: Follower): void {
    const { connection } = follower;
    const inline = follower.inline!;
    const window = this.#engine.config.number("repl-window-bytes");
    inline.isDue = false;
    if (!inline.isSent) {
      if (connection.unsentBytes >= window) return;
      if (!this.#sendChunk(follower, inline)) {
        this.drop(connection, "snapshot-gone");
        return;
      }
      inline.isDue = !inline.isSent && connection.unsentBytes < window;
    }
    if (!inline.isSent) return;
    if (connection.session.isSnapshotOnly) this.drop(connection, "snapshot-sent");
    // Who takes a mark says when it has loaded what came before it; others need not say anything.
    else if (inline.mark === undefined) this.#endInline(follower, inline);
  }

  /** Counts or sends a chunk; false: the snapshot is gone. */
  #sendChunk(follower: Follower, inline: InlineSnapshot): boolean {
    const chunkBytes = this.#engine.config.number("snapshot-chunk-bytes");
    const { source, counted, mark } = inline;
    const bytes = (counted ?? source).next(chunkBytes);
    if (bytes === undefined) return false;
    if (counted === undefined) {
      inline.isSent = source.isAtEnd;
      this.#send(follower, inline.isSent ? bytes + (mark ?? "") : bytes);
      return true;
    }
    inline.byteCount += bytes.length;
    if (counted.isAtEnd) {
      inline.counted = undefined;
      this.#send(follower, `$${inline.byteCount}\r\n`);
    }
    return true;
  }

  #endInline(follower: Follower, { offset }: InlineSnapshot): void {
    this.startOnline(follower, offset);
    follower.inline = undefined;
  }

  #send(follower: Follower, text: string): void {
    this.#hand(follower.connection, fromBinary(text));
  }

  #hand(connection: Connection, bytes: Uint8Array): void {
    connection.unsentBytes += bytes.byteLength;
    this.#host.send(connection, bytes);
    this.#probe(connection);
  }

  /** Asks a peer whose transport does not tell what it has taken; one question at a time. */
  #probe(connection: Connection): void {
    if (!connection.isProbed || connection.probedBytes > 0) return;
    if (connection.unsentBytes < CHUNK_BYTES) return;
    connection.probedBytes = connection.unsentBytes;
    this.#host.probe(connection);
  }

  /** A probe was answered: what stood in front of it is taken. */
  alive(connection: Connection): void {
    const follower = this.#list.get(connection);
    if (follower === undefined || connection.probedBytes === 0) return;
    connection.unsentBytes -= connection.probedBytes;
    connection.probedBytes = 0;
    this.#probe(connection);
    this.pump(follower);
  }

  #releasePin(follower: Follower): void {
    if (follower.pin !== undefined) this.#snapshots.release(follower.pin);
    follower.pin = undefined;
  }
}
