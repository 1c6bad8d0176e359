/**
 * Keeps sessions over hibernation. A hibernated object loses its memory and keeps its sockets; so before
 * it can sleep, each socket's session is written into its attachment, or, where that is too small (a long
 * MULTI queue, half of a large value), into a table.
 */
import type { Connection } from "../../shared/replication/connection.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import type { PlatformHost } from "./platform-host.ts";
import { Channels, type SavedChannels } from "./channels.ts";
import { aliveText, PROBE, webSocketOutlet } from "./sockets.ts";
import type { Sql } from "./sql.ts";

/** Attachments hold 16,384 bytes after serialization; binary strings may take two bytes a character. */
const ATTACHMENT_CHARS_MAX = 7000;
/** Rows end at 2 MB in production. */
const SPILL_CHARS = 500_000;
/** The object cannot hibernate while a timer is set, and not before it was idle for ten seconds. */
const SAVE_AFTER_MS = 1000;
/**
 * Who holds more than this (a long MULTI, most of a large value) keeps the node awake instead: written
 * down at every pause it would cost hundreds of rows a time, and several times its size in memory.
 */
const SPILL_BYTES_MAX = 4 << 20;
/** How often the node looks whether such a session is smaller again. */
const AWAKE_MS = 5000;
/** How old what we know of probes may be, that the platform answered in our place. */
const PROBES_OLD_MS = 1000;

/** What a socket carries: a session, or many. */
type Peer = Connection | Channels;

/** Of a socket with channels; and of any other. */
type Saved = { readonly channels: SavedChannels } | SavedSession;
type SavedSession = Record<string, unknown> & {
  readonly channels?: undefined;
  readonly isTrusted: boolean;
  readonly session: { readonly address?: string; readonly localAddress?: string };
};

type Attachment = { readonly text: string } | { readonly spilled: string };

export class Hibernation {
  readonly #ctx: DurableObjectState;
  readonly #host: PlatformHost;
  readonly #core: NodeCore;
  readonly #sql: Sql;
  readonly #peers = new Map<WebSocket, Peer>();
  /** What each attachment holds, to write only what changed. */
  readonly #saved = new Map<WebSocket, string>();
  #isTimerSet = false;
  #touchedAtMs = 0;
  #probesSeenAtMs = 0;
  /** The platform answers probes in our place. */
  #isStandIn = false;

  /** Takes back the sockets of a hibernated object, if there are any. */
  constructor(ctx: DurableObjectState, host: PlatformHost, core: NodeCore) {
    this.#ctx = ctx;
    this.#host = host;
    this.#core = core;
    this.#sql = host.store.sql;
    this.#sql.change(
      "CREATE TABLE IF NOT EXISTS spilled(id TEXT, part INTEGER, text TEXT, " +
        "PRIMARY KEY(id, part)) WITHOUT ROWID",
    );
    this.#answerProbes();
    for (const socket of ctx.getWebSockets()) this.#restore(socket);
    this.#dropOrphans();
    // What came back may wait for something: a time-out, an acknowledgement.
    host.event(() => core.schedule());
    host.onEvent = (nowMs) => this.#noteEvent(nowMs);
    if (this.#peers.size > 0) this.#touch(Date.now());
  }

  /** Every session is saved as it is now. */
  get isSaved(): boolean {
    return !this.#isTimerSet;
  }

  peerOf(socket: WebSocket): Peer | undefined {
    return this.#peers.get(socket);
  }

  track(socket: WebSocket, peer: Peer): void {
    this.#peers.set(socket, peer);
    this.#touch(Date.now());
  }

  /** The socket is gone. */
  forget(socket: WebSocket): Peer | undefined {
    const peer = this.#peers.get(socket);
    this.#peers.delete(socket);
    this.#saved.delete(socket);
    this.#dropSpilled(socket);
    return peer;
  }

  /**
   * Anything may change any session: a key that one watches is written by another, over REST or TCP,
   * or expires; a MONITOR falls behind; a follower is sent more. So every event counts, not only the
   * messages of hibernatable sockets.
   */
  #noteEvent(nowMs: number): void {
    if (this.#isStandIn) this.#answerProbes();
    if (this.#peers.size === 0) return;
    if (nowMs - this.#probesSeenAtMs >= PROBES_OLD_MS) this.#noteProbes(nowMs);
    this.#touch(nowMs);
  }

  /**
   * The platform answers probes in our place, so that a replica's do not wake a quiet master, and says
   * how far we are: while nothing happens, that does not change. It would say so to anyone who asks, and
   * who is not let in is told nothing.
   */
  #letAnswerProbes(): void {
    for (const peer of this.#peers.values()) {
      if (!connectionsOf(peer).some(({ session }) => session.isAuthenticated)) return;
    }
    this.#isStandIn = true;
    const text = aliveText(this.#core.standing);
    this.#ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PROBE, text));
  }

  /**
   * We answer probes ourselves: from the first event on what the platform says in our place may be too
   * little, and a replica that took it for all there is would serve stale data as fresh.
   */
  #answerProbes(): void {
    this.#isStandIn = false;
    this.#ctx.setWebSocketAutoResponse();
  }

  /** Followers that only probed are as alive as others, though the platform answered for us. */
  #noteProbes(nowMs: number): void {
    this.#probesSeenAtMs = nowMs;
    for (const [socket, connection] of this.#peers) {
      if (connection instanceof Channels || !connection.session.isFollower) continue;
      const seenAtMs = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
      connection.seenAtMs = Math.max(connection.seenAtMs, seenAtMs);
    }
  }

  /** Something happened: sessions are saved once it is quiet again. */
  #touch(nowMs: number): void {
    this.#touchedAtMs = nowMs;
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    setTimeout(() => this.#saveWhenQuiet(), SAVE_AFTER_MS);
  }

  #saveWhenQuiet(): void {
    this.#isTimerSet = false;
    if (Date.now() - this.#touchedAtMs < SAVE_AFTER_MS - 50) {
      this.#isTimerSet = true;
      setTimeout(() => this.#saveWhenQuiet(), SAVE_AFTER_MS);
      return;
    }
    for (const [socket, peer] of this.#peers) {
      if (peer.isClosed) this.forget(socket);
      else if (isTooMuch(peer)) this.#stayAwake(socket);
      else this.#save(socket, peer);
    }
    this.#letAnswerProbes();
  }

  #stayAwake(socket: WebSocket): void {
    if (this.#saved.delete(socket)) this.#dropSpilled(socket);
    // Should the node sleep all the same, no session is better than one that has forgotten something.
    socket.serializeAttachment(null);
    if (this.#isTimerSet) return;
    this.#isTimerSet = true;
    setTimeout(() => this.#saveWhenQuiet(), AWAKE_MS);
  }

  #save(socket: WebSocket, peer: Peer): void {
    const text = JSON.stringify(
      peer instanceof Channels
        ? { channels: peer.save() }
        : { ...this.#core.save(peer), isTrusted: peer.transport.isTrusted },
    );
    if (this.#saved.get(socket) === text) return;
    this.#saved.set(socket, text);
    this.#dropSpilled(socket);
    if (text.length <= ATTACHMENT_CHARS_MAX) {
      socket.serializeAttachment({ text } satisfies Attachment);
      return;
    }
    const id = crypto.randomUUID();
    for (let part = 0; part * SPILL_CHARS < text.length; part++) {
      const piece = text.slice(part * SPILL_CHARS, (part + 1) * SPILL_CHARS);
      this.#sql.change("INSERT INTO spilled VALUES (?, ?, ?)", id, part, piece);
    }
    socket.serializeAttachment({ spilled: id } satisfies Attachment);
  }

  #dropSpilled(socket: WebSocket): void {
    const attachment = socket.deserializeAttachment() as Attachment | null;
    if (attachment === null || !("spilled" in attachment)) return;
    this.#sql.change("DELETE FROM spilled WHERE id = ?", attachment.spilled);
  }

  /** What was spilled for sockets that ended while nobody was there to see it. */
  #dropOrphans(): void {
    const found = this.#sql.rows<[id: string]>("SELECT DISTINCT id FROM spilled");
    const ids = new Set(found.map(([id]) => id));
    for (const socket of this.#peers.keys()) {
      const attachment = socket.deserializeAttachment() as Attachment;
      if ("spilled" in attachment) ids.delete(attachment.spilled);
    }
    for (const id of ids) this.#sql.change("DELETE FROM spilled WHERE id = ?", id);
  }

  #restore(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.READY_STATE_OPEN) return;
    const attachment = socket.deserializeAttachment() as Attachment | null;
    if (attachment === null) {
      // It was never quiet since this socket came: the object did not hibernate but was restarted.
      socket.close(1012, "restarted");
      return;
    }
    const text = "text" in attachment ? attachment.text : this.#spilled(attachment.spilled);
    const saved = JSON.parse(text) as Saved;
    this.#peers.set(socket, this.#restored(socket, saved));
    this.#saved.set(socket, text);
  }

  #restored(socket: WebSocket, saved: Saved): Peer {
    const [host, core] = [this.#host, this.#core];
    if (saved.channels !== undefined)
      return Channels.restore(socket, { host, core }, saved.channels);
    const { isTrusted } = saved;
    const { address = "", localAddress = "" } = saved.session;
    const transport = { kind: "messages" as const, isTrusted, address, localAddress };
    const connection = host.event(() => core.restore(saved, transport));
    host.adopt(
      connection,
      webSocketOutlet(socket, () => host.closedByPeer(connection)),
    );
    return connection;
  }

  #spilled(id: string): string {
    const query = "SELECT text FROM spilled WHERE id = ? ORDER BY part";
    const found = this.#sql.rows<[text: string]>(query, id);
    return found.map(([text]) => text).join("");
  }
}

function connectionsOf(peer: Peer): readonly Connection[] {
  return peer instanceof Channels ? peer.connections : [peer];
}

/** It is not written down: it is too large, or it is in the middle of something. */
function isTooMuch(peer: Peer): boolean {
  if (peer instanceof Channels && peer.isBusy) return true;
  let byteCount = 0;
  for (const connection of connectionsOf(peer)) byteCount += heldBytes(connection);
  return byteCount > SPILL_BYTES_MAX;
}

/** Bytes that a client has sent and that are not executed yet. */
function heldBytes({ decoder, queue, session }: Connection): number {
  let byteCount = decoder.bufferedBytes + session.watchedBytes + (session.transaction?.bytes ?? 0);
  byteCount += session.subscriptions?.byteCount ?? 0;
  for (const prefix of session.tracking?.prefixes ?? []) byteCount += prefix.length;
  const waiting = (session.blocked?.["args"] ?? []) as readonly string[];
  for (const args of [waiting, ...queue]) for (const arg of args) byteCount += arg.length;
  return byteCount;
}
