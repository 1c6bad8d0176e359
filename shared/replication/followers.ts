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
  /** An inline snapshot on its way, and the mark that ends it. */
  inline: InlineSnapshot | undefined;
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
  readonly mark: string;
  isSent: boolean;
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
  add(connection: Connection, options: { usesFrames: boolean; nowMs: number }): Follower {
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
    const source = new SnapshotReader(this.#snapshots, pin.id);
    this.startInlineFrom(follower, source, pin.offset);
  }

  /** The same with a snapshot that needs no pin. */
  startInlineFrom(follower: Follower, source: SnapshotSource, offset: number): void {
    follower.state = "send_bulk";
    const mark = this.#engine.random.hex(40);
    follower.inline = { source, offset, mark, isSent: false };
    this.#send(follower, `$EOF:${mark}\r\n`);
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
    if (follower.inline?.isSent === true) {
      this.startOnline(follower, follower.inline.offset);
      follower.inline = undefined;
    }
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

  #pumpInline(follower: Follower): void {
    const inline = follower.inline!;
    const window = this.#engine.config.number("repl-window-bytes");
    const chunkBytes = this.#engine.config.number("snapshot-chunk-bytes");
    while (!inline.isSent && follower.connection.unsentBytes < window) {
      const bytes = inline.source.next(chunkBytes);
      if (bytes === undefined) {
        this.drop(follower.connection, "snapshot-gone");
        return;
      }
      inline.isSent = inline.source.isAtEnd;
      this.#send(follower, inline.isSent ? bytes + inline.mark : bytes);
    }
    const { connection } = follower;
    if (inline.isSent && connection.session.isSnapshotOnly) {
      this.drop(connection, "snapshot-sent");
    }
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
