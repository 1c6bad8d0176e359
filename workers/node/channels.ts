/**
 * Many sessions over one WebSocket (shared/resp/channels.ts): each channel is to the core what a TCP
 * connection is, and is told apart from the others here. What comes in one message runs as one event, so
 * that it is decoded, committed and answered together.
 */
import { detach, toBinary } from "../../shared/base/bytes.ts";
import { ChannelFault, ChannelReader, ChannelWriter } from "../../shared/resp/channels.ts";
import { CLOSE, DATA, OPEN } from "../../shared/resp/channels.ts";
import type { Connection, Transport } from "../../shared/replication/connection.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import type { PlatformHost } from "./platform-host.ts";
import { type Outlet, webSocketOutlet } from "./sockets.ts";

/**
 * What of one channel is on its way to a client that has not taken it. The rest waits here, so that a long
 * reply stands in front of others' for a moment only. Followers have a window of their own.
 */
const WINDOW_BYTES = 1 << 20;
/** Bytes of a frame, and when a message is long enough to leave. */
const FRAME_BYTES_MAX = 256 << 10;
const MESSAGE_BYTES = 512 << 10;
/** What may wait for the socket itself; and what has come in and waits meanwhile. */
const FULL_BYTES = 8 << 20;
const FULL_POLL_MS = 5;
const INCOMING_BYTES_MAX = 32 << 20;

/**
 * A client's side hears in steps of this what it may send more of: what waits for the session's turn is not
 * among it, so that a client which sends without reading stops itself and nobody else.
 */
const TOLD_BYTES = 64 << 10;
/** How often a session that has stopped in the midst of so much is looked at. */
const TELL_POLL_MS = 50;

/** What is run in one go of what has come; a frame counts as so many bytes more. */
const RUN_BYTES_MAX = 2 << 20;
const FRAME_COST_BYTES = 64;

interface Channel {
  readonly number: number;
  readonly connection: Connection;
  /** Beyond the window. */
  queued: string;
  /** What came from the client and it has not heard is taken. */
  untoldBytes: number;
  /** The session has ended; the channel ends behind what is queued. */
  isEnding: boolean;
}

interface Incoming {
  readonly reader: ChannelReader;
  readonly text: string;
}

/** What of it outlives hibernation. */
export interface SavedChannels {
  readonly address: string;
  readonly last: number;
  /** In few letters: an attachment has room for 2,000 of them. */
  readonly sessions: readonly (readonly [
    number: number,
    unsentBytes: number,
    untoldBytes: number,
    isHeld: boolean,
    connection: Record<string, unknown>,
  ])[];
}

export class Channels {
  readonly #socket: WebSocket;
  readonly #host: PlatformHost;
  readonly #core: NodeCore;
  readonly #address: string;
  readonly #outlet: Outlet;
  readonly #channels = new Map<number, Channel>();
  readonly #writer = new ChannelWriter();
  /** Messages that are not run, or the first of them not to its end. */
  readonly #incoming: Incoming[] = [];
  /** Those whose clients are to hear of so much. */
  readonly #untold = new Set<Channel>();
  #tellTimer: ReturnType<typeof setTimeout> | null = null;
  /** The highest number there was. */
  #last = 0;
  #isFlushDue = false;
  /** So much waits for the socket itself that it is given no more, and nothing more is run. */
  #isFull = false;
  /** The rest of a message waits for others to have their turn. */
  #isResting = false;
  #leftBytes = 0;
  /** The socket is gone, or closing. */
  isClosed = false;

  constructor(socket: WebSocket, ports: { host: PlatformHost; core: NodeCore; address: string }) {
    this.#socket = socket;
    this.#host = ports.host;
    this.#core = ports.core;
    this.#address = ports.address;
    this.#outlet = webSocketOutlet(socket, () => this.end());
  }

  static restore(
    socket: WebSocket,
    { host, core }: { host: PlatformHost; core: NodeCore },
    { address, last, sessions }: SavedChannels,
  ): Channels {
    const channels = new Channels(socket, { host, core, address });
    channels.#last = last;
    for (const [number, unsentBytes, untoldBytes, isHeld, saved] of sessions) {
      const channel = channels.#add(number, (transport) =>
        host.event(() => core.restore(saved, transport)),
      );
      channel.untoldBytes = untoldBytes;
      channel.connection.unsentBytes = unsentBytes;
      channel.connection.isHeld = isHeld;
    }
    return channels;
  }

  /** Not in the middle of something. */
  save(): SavedChannels {
    const sessions = [...this.#channels.values()].map(({ number, connection, untoldBytes }) => {
      const { unsentBytes, isHeld } = connection;
      return [number, unsentBytes, untoldBytes, isHeld, this.#core.save(connection)] as const;
    });
    return { address: this.#address, last: this.#last, sessions };
  }

  /** Something waits to be run, or for its window: that is not saved. */
  get isBusy(): boolean {
    if (this.#incoming.length > 0 || this.#untold.size > 0) return true;
    for (const { queued } of this.#channels.values()) if (queued !== "") return true;
    return false;
  }

  get connections(): Connection[] {
    return [...this.#channels.values()].map(({ connection }) => connection);
  }

  receive(message: Uint8Array): void {
    if (this.isClosed) return;
    this.#incoming.push({ reader: new ChannelReader(message), text: toBinary(message) });
    if (!this.#isFull && !this.#isResting) this.#runIncoming();
    else if (bytesOf(this.#incoming) > INCOMING_BYTES_MAX) this.#fail(1013, "too much waits");
  }

  /** The socket is gone. */
  end(): void {
    this.isClosed = true;
    this.#incoming.length = 0;
    this.#untold.clear();
    clearTimeout(this.#tellTimer);
    const all = [...this.#channels.values()];
    this.#channels.clear();
    for (const { connection } of all) this.#host.closedByPeer(connection);
  }

  #fail(code: number, why: string): void {
    this.#socket.close(code, why);
    this.end();
  }

  #runIncoming(): void {
    this.#leftBytes = RUN_BYTES_MAX;
    this.#host.event(() => {
      while (this.#incoming.length > 0 && this.#run(this.#incoming[0]!)) this.#incoming.shift();
    });
    if (this.#isFull || this.#incoming.length === 0) return;
    this.#isResting = true;
    setTimeout(() => {
      this.#isResting = false;
      if (!this.isClosed && !this.#isFull) this.#runIncoming();
    }, 0);
  }

  /** False: there is more in the message, and no room for answers, or it is others' turn. */
  #run({ reader, text }: Incoming): boolean {
    try {
      while (!this.#isFull && this.#leftBytes > 0) {
        if (!reader.next()) return true;
        this.#leftBytes -= reader.end - reader.start + FRAME_COST_BYTES;
        this.#take(reader, text);
      }
    } catch (error) {
      if (!(error instanceof ChannelFault)) throw error;
      this.#fail(1002, error.message);
    }
    return false;
  }

  #take({ kind, channel: number, start, end, count }: ChannelReader, text: string): void {
    if (kind === OPEN) {
      this.#open(number);
      return;
    }
    if (number > this.#last) throw new ChannelFault("no such channel");
    const channel = this.#channels.get(number);
    // It may have ended before its client's side knew.
    if (channel === undefined) return;
    if (kind === DATA) {
      const bytes = text.slice(start, end);
      // What waits to be run must not keep a message of which it is a small part.
      const isPart = end - start < text.length / 4;
      channel.untoldBytes += bytes.length;
      this.#core.receiveText(channel.connection, isPart ? detach(bytes) : bytes);
      if (channel.untoldBytes < TOLD_BYTES) return;
      this.#untold.add(channel);
      this.#flushSoon();
    } else if (kind === CLOSE) {
      this.#channels.delete(number);
      this.#host.closedByPeer(channel.connection);
    } else this.#taken(channel, count);
  }

  #open(number: number): void {
    if (number <= this.#last) throw new ChannelFault("a channel is opened twice");
    this.#last = number;
    const channel = this.#add(number, (transport) => this.#core.open(transport));
    const { connection } = channel;
    if (connection.session.isClosing) this.#core.clients.settle(connection);
  }

  #add(number: number, make: (transport: Transport) => Connection): Channel {
    const connection = make({
      kind: "bytes",
      isTrusted: false,
      address: this.#address,
      localAddress: "",
      taker: (replies) => {
        connection.unsentBytes += replies.length;
        this.#send(channel, replies);
      },
    });
    const channel: Channel = { number, connection, queued: "", untoldBytes: 0, isEnding: false };
    this.#channels.set(number, channel);
    this.#host.adopt(connection, {
      write: (bytes) => this.#send(channel, toBinary(bytes)),
      probe: () => undefined,
      close: () => {
        channel.isEnding = true;
        this.#pump(channel);
      },
    });
    // The core may have ended it before it could be told.
    if (connection.isClosed) this.#host.close(connection);
    return channel;
  }

  #send(channel: Channel, bytes: string): void {
    channel.queued += bytes;
    this.#pump(channel);
  }

  /** Sends what the window has room for. */
  #pump(channel: Channel): void {
    const { number, connection, queued } = channel;
    const window = connection.session.isFollower ? Number.POSITIVE_INFINITY : WINDOW_BYTES;
    const end = Math.min(queued.length, window - (connection.unsentBytes - queued.length));
    let at = 0;
    while (at < end && !this.#isFull) {
      const bytes = queued.slice(at, Math.min(end, at + FRAME_BYTES_MAX));
      this.#writer.data(number, bytes);
      at += bytes.length;
      if (this.#writer.byteCount >= MESSAGE_BYTES) this.#flush();
    }
    if (at > 0) channel.queued = queued.slice(at);
    if (channel.isEnding && channel.queued === "") {
      this.#channels.delete(number);
      this.#writer.close(number);
    }
    if (this.#writer.byteCount > 0) this.#flushSoon();
  }

  /** Behind all that this event has to say. */
  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      this.#isFlushDue = false;
      if (this.isClosed) return;
      this.#tell();
      this.#flush();
    });
  }

  /** Of a session that goes on only the beginning of a request can be left, which waits for its end. */
  #tell(): void {
    for (const channel of this.#untold) {
      const { number, connection } = channel;
      const isStopped = connection.isHeld || connection.session.blocked !== undefined;
      const count = channel.untoldBytes - (isStopped ? connection.decoder.bufferedBytes : 0);
      if (count >= TOLD_BYTES && this.#channels.has(number)) {
        this.#writer.taken(number, count);
        channel.untoldBytes -= count;
      }
      const isTold = channel.untoldBytes < TOLD_BYTES || !this.#channels.has(number);
      if (isTold) this.#untold.delete(channel);
    }
    if (this.#untold.size === 0) return;
    this.#tellTimer ??= setTimeout(() => {
      this.#tellTimer = null;
      this.#flushSoon();
    }, TELL_POLL_MS);
  }

  #flush(): void {
    if (this.isClosed || this.#writer.byteCount === 0) return;
    this.#outlet.write(this.#writer.take());
    if (this.#isFull || this.#socket.bufferedAmount <= FULL_BYTES) return;
    this.#isFull = true;
    setTimeout(() => this.#goOn(), FULL_POLL_MS);
  }

  /** Looks whether the socket takes more: nothing tells. */
  #goOn(): void {
    if (this.isClosed) return;
    this.#isFull = this.#socket.bufferedAmount > FULL_BYTES;
    if (this.#isFull) {
      setTimeout(() => this.#goOn(), FULL_POLL_MS);
      return;
    }
    for (const channel of this.#channels.values()) if (channel.queued !== "") this.#pump(channel);
    if (!this.#isResting) this.#runIncoming();
  }

  #taken(channel: Channel, count: number): void {
    const { connection, queued } = channel;
    if (count > connection.unsentBytes - queued.length) {
      throw new ChannelFault("more is taken than was sent");
    }
    // At once: whether the core may go on now or in a moment, the window is open.
    connection.unsentBytes -= count;
    this.#pump(channel);
    if (!channel.isEnding) this.#host.taken(connection, 0);
  }
}

function bytesOf(incoming: readonly Incoming[]): number {
  let byteCount = 0;
  for (const { text } of incoming) byteCount += text.length;
  return byteCount;
}
