/**
 * Client connections: bytes in, requests out of them, replies back. Replies to what joined an open group
 * wait for its commit; with no group open they leave at once. Replies of a session keep their order.
 */
import { fromBinary, toBinary } from "../base/bytes.ts";
import type { Engine } from "../engine/engine.ts";
import { isOpen } from "../engine/commands/connection.ts";
import { Session } from "../engine/session.ts";
import { ProtocolError } from "../resp/decoder.ts";
import { encodeCommand, encodeReply } from "../resp/encoder.ts";
import { NO_REPLY, Push, Replies, type Reply, ReplyError } from "../resp/reply.ts";
import { DENIED, isProtected } from "./admission.ts";
import { Connection, type Transport } from "./connection.ts";
import type { Host } from "./host.ts";
import type { Log } from "./log.ts";
import { OutputLimits } from "./output-limits.ts";
import { prefetchKeys } from "./prefetch.ts";

/** Requests decoded ahead so that their keys can be fetched with one query. */
const BATCH_MAX = 1024;
/** Requests of one client run in one go: some 50 ms where each changes one of a million elements. */
const RUN_MAX = 4096;
/**
 * With more than this still to run it goes on all the same: who sends faster than it is run would only
 * gather here, until it is too much to hold.
 */
const BEHIND_BYTES_MAX = 1 << 20;
/** Bytes of replies a client may leave unread; a single one may be longer. */
const OUTPUT_BYTES_MAX = 1 << 20;

export class Clients {
  readonly #host: Host;
  readonly #engine: Engine;
  readonly #log: Log;
  readonly #onClosed: (connection: Connection) => void;
  readonly #connections = new Map<Session, Connection>();
  /** Connections with replies that wait for the commit. */
  #waiting: Connection[] = [];
  #isCommitScheduled = false;
  readonly #outputLimits: OutputLimits;
  /** The message pushed last, and how it is written: it may go to thousands, one after the other. */
  #pushed: { readonly reply: Reply; readonly protocol: number; readonly text: string } | undefined;

  constructor(ports: {
    host: Host;
    engine: Engine;
    log: Log;
    /** A connection has ended, whoever ended it. */
    onClosed: (connection: Connection) => void;
  }) {
    this.#host = ports.host;
    this.#onClosed = ports.onClosed;
    this.#engine = ports.engine;
    this.#log = ports.log;
    this.#outputLimits = new OutputLimits(ports.engine.config);
  }

  of(session: Session): Connection | undefined {
    return this.#connections.get(session);
  }

  /** Our own link to a master among them. */
  get count(): number {
    return this.#connections.size;
  }

  get all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** A new client. */
  open(transport: Transport): Connection {
    const { engine } = this;
    const session = engine.openSession();
    session.address = transport.address;
    session.localAddress = transport.localAddress;
    session.isAuthenticated = transport.isTrusted || isOpen(engine);
    // Links are WebSockets; what is trusted besides is REST, which comes with the default user's password.
    session.isNode = transport.isTrusted && transport.kind === "messages";
    engine.acl.admit(session);
    const connection = this.#register(session, transport);
    if (!transport.isTrusted && isProtected(engine)) this.#refuse(connection, DENIED);
    else if (engine.sessions.size > engine.config.number("maxclients")) {
      this.#refuse(connection, "ERR max number of clients reached");
    }
    return connection;
  }

  /** A client that slept through hibernation, as `save` left it. */
  restore(saved: SavedConnection, transport: Transport): Connection {
    const session = Session.restore(saved.session);
    this.engine.restoreSession(session);
    const connection = this.#register(session, transport);
    connection.decoder.push(saved.unparsed);
    return connection;
  }

  save(connection: Connection): SavedConnection {
    // Requests that wait behind a blocked one go back to bytes, in front of what is not parsed yet.
    const rest = connection.decoder.takeRest();
    connection.decoder.push(rest);
    const unparsed = connection.queue.map((args) => encodeCommand(args)).join("") + rest;
    return { session: connection.session.save(), unparsed };
  }

  #register(session: Session, transport: Transport): Connection {
    const limits = {
      argumentsMax: 1024 * 1024,
      bulkMax: this.engine.config.number("proto-max-bulk-len"),
      inlineMax: 64 * 1024,
      isAuthenticated: session.isAuthenticated,
    };
    const connection = new Connection(session, transport, limits);
    connection.seenAtMs = this.engine.nowMs;
    this.#connections.set(session, connection);
    return connection;
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** The peer is gone. */
  closed(connection: Connection): void {
    connection.isClosed = true;
    this.#connections.delete(connection.session);
    this.#engine.closeSession(connection.session);
    this.#onClosed(connection);
  }

  /** Ends a connection from our side at once: what it was still to be told is dropped. */
  hangUp(connection: Connection): void {
    this.closed(connection);
    this.#host.close(connection);
  }

  receive(connection: Connection, bytes: Uint8Array): void {
    this.receiveText(connection, toBinary(bytes));
  }

  /** The same with bytes as a binary string. */
  receiveText(connection: Connection, bytes: string): void {
    if (connection.isClosed || connection.session.isClosing) return;
    this.#engine.stats.netInputBytes += bytes.length;
    connection.seenAtMs = this.#engine.nowMs;
    connection.decoder.push(bytes);
    this.run(connection);
  }

  /**
   * Runs what is there to run, until input ends or the session blocks. A message may hold any number of
   * requests: after so many it is others' turn.
   */
  run(connection: Connection): void {
    const { session } = connection;
    this.#log.source = connection.decoder;
    let left = RUN_MAX;
    while (!session.isClosing && !connection.isClosed && session.blocked === undefined) {
      if (this.#mustWait(connection)) break;
      const args = this.#next(connection);
      if (args === undefined) {
        if (connection.fault !== undefined) this.#refuse(connection, connection.fault);
        break;
      }
      const isBehind = connection.decoder.bufferedBytes > BEHIND_BYTES_MAX;
      if (left-- > 0 || isBehind) this.answer(connection, this.#engine.run(session, args));
      else session.blocked = { kind: "paused", untilMs: this.#engine.nowMs, args };
    }
    this.#engine.beginWait(session);
    const waitingBytes = connection.decoder.bufferedBytes;
    if (waitingBytes > this.#engine.config.number("client-query-buffer-limit")) {
      session.isClosing = true;
    }
    this.settle(connection);
  }

  /**
   * A kilobyte of GETs may ask for a gigabyte of replies: what a client leaves standing is bounded, and
   * the rest of its requests waits for it to read. (A WebSocket does not tell what was read; what goes
   * to it leaves in parts at least, as no string holds it all.)
   */
  #mustWait(connection: Connection): boolean {
    if (connection.out.length >= OUTPUT_BYTES_MAX) {
      this.#log.commit();
      this.flush(connection);
    }
    connection.isHeld =
      connection.unsentBytes >= OUTPUT_BYTES_MAX && !connection.session.isFollower;
    return connection.isHeld;
  }

  /** The peer has taken something: a client that was held may go on. */
  taken(connection: Connection): void {
    if (!connection.isHeld || connection.unsentBytes >= OUTPUT_BYTES_MAX / 2) return;
    connection.isHeld = false;
    this.run(connection);
  }

  /** Answers a command, as its session wants replies. */
  answer(connection: Connection, reply: Reply): void {
    const { session } = connection;
    this.#add(connection, reply);
    // Of what it changed itself a client hears behind the reply.
    if (this.#engine.tracking.hasMore) this.#engine.tracking.replied(session);
    // CLIENT REPLY SKIP counts commands, not replies: it has none itself.
    if (session.blocked !== undefined || session.replyMode === "on") return;
    if (session.replyMode === "skip-next") session.replyMode = "skip";
    else if (session.replyMode === "skip") session.replyMode = "on";
  }

  #add(connection: Connection, reply: Reply): void {
    const { protocol, replyMode } = connection.session;
    if (reply === NO_REPLY) return;
    // Messages are no replies: CLIENT REPLY OFF is for who wants nothing but them.
    if (replyMode !== "on" && !(reply instanceof Push || reply instanceof Replies)) return;
    try {
      connection.out += encodeReply(reply, protocol);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      // Longer than a string can be: five hundred times a value of a megabyte, say.
      connection.out += encodeReply(new ReplyError("ERR the reply is too long"), protocol);
      connection.session.isClosing = true;
    }
  }

  /**
   * Sends a session something that is not the reply to its running command. It tells of what a command
   * does whose effects are not in the log yet, so it leaves with the next commit and never before.
   */
  push(session: Session, reply: Reply): void {
    const connection = this.#connections.get(session);
    if (connection === undefined) return;
    if (reply instanceof Push) connection.out += this.#encoded(reply, session.protocol);
    else this.#add(connection, reply);
    if (this.#outputLimits.isExceeded(connection, this.#engine.nowMs)) {
      this.#host.log("output-limit", { id: session.id });
      this.hangUp(connection);
      return;
    }
    this.#wait(connection);
    this.scheduleCommit();
  }

  #encoded(reply: Push, protocol: 2 | 3): string {
    if (this.#pushed?.reply !== reply || this.#pushed.protocol !== protocol) {
      this.#pushed = { reply, protocol, text: encodeReply(reply, protocol) };
    }
    return this.#pushed.text;
  }

  /** Sends what a connection has, now or with the open group. */
  settle(connection: Connection): void {
    if (this.#log.hasPending || this.#isCommitScheduled) {
      this.#wait(connection);
      this.scheduleCommit();
    } else this.#finish(connection);
  }

  /** The open group has a commit coming. */
  scheduleCommit(): void {
    if (this.#isCommitScheduled) return;
    this.#isCommitScheduled = true;
    this.#host.scheduleCommit();
  }

  /** The group is committed: its replies leave. */
  release(): void {
    this.#isCommitScheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#pushed = undefined;
    for (const connection of waiting) {
      connection.isWaiting = false;
      this.#finish(connection);
    }
  }

  #wait(connection: Connection): void {
    if (connection.isWaiting) return;
    connection.isWaiting = true;
    this.#waiting.push(connection);
  }

  #finish(connection: Connection): void {
    if (connection.isClosed) return;
    this.flush(connection);
    if (connection.session.isClosing) this.hangUp(connection);
  }

  /** Sends a connection's pending replies; the group they belong to must be committed. */
  flush(connection: Connection): void {
    const { out } = connection;
    if (out.length === 0) return;
    connection.out = "";
    this.#engine.stats.netOutputBytes += out.length;
    const { taker } = connection.transport;
    if (taker !== undefined) {
      taker(out);
      return;
    }
    const bytes = fromBinary(out);
    connection.unsentBytes += bytes.byteLength;
    this.#host.send(connection, bytes);
  }

  #next(connection: Connection): readonly string[] | undefined {
    if (connection.queue.length > 0) return connection.queue.shift();
    connection.limits.isAuthenticated = connection.session.isAuthenticated;
    const space = this.#engine.keyspace.space(connection.session.db);
    const args = this.#decode(connection);
    // Without a password everything may follow at once; the look-ups of a batch become one query.
    if (args === undefined || space.isComplete || !connection.session.isAuthenticated) return args;
    const batch = [args];
    while (batch.length < BATCH_MAX) {
      const more = this.#decode(connection);
      if (more === undefined) break;
      batch.push(more);
    }
    if (batch.length > 1) prefetchKeys(this.#engine, space, batch);
    connection.queue = batch;
    return connection.queue.shift();
  }

  #decode(connection: Connection): readonly string[] | undefined {
    if (connection.fault !== undefined) return undefined;
    try {
      return connection.decoder.next();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // What stands before the error is executed and answered first; nothing behind it is read.
      connection.fault = error.text;
      return undefined;
    }
  }

  #refuse(connection: Connection, text: string): void {
    this.answer(connection, new ReplyError(text));
    connection.session.isClosing = true;
    this.#host.log("protocol-error", { id: connection.session.id, text });
  }
}

export interface SavedConnection {
  readonly session: Record<string, unknown>;
  readonly unparsed: string;
}
