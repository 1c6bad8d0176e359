// Many clients over one WebSocket (shared/resp/channels.ts): what is ready on all of them at once goes in
// one message, and so does what the node answers them.

import type { Socket } from "node:net";
import { toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import {
  CHANNEL_MAX,
  CHANNELS_PROTOCOL,
  ChannelFault,
  ChannelReader,
  ChannelWriter,
  CLOSE,
  DATA,
  TAKEN,
} from "../../../shared/resp/channels.ts";
import { dial, refusal } from "./dial.ts";

/** A client that has so much left to read is not read from. The node stops it as well, a little later. */
const UNREAD_BYTES_MAX = 256 << 10;
/** Nor is one of whom so much is not taken by the node: it may not read its replies, or be blocked. */
const UNTAKEN_BYTES_MAX = 256 << 10;
/** The node hears of what a client has taken in steps of this. */
const TAKEN_BYTES = 64 << 10;
/** A message that is so long leaves at once. */
const MESSAGE_BYTES = 512 << 10;
/** While so much waits to go to the node, nothing more is read from those who send. */
const UNSENT_BYTES_MAX = 1 << 20;
/** A WHATWG WebSocket does not say when its buffer has emptied, so it is looked at. */
const DRAIN_POLL_MS = 5;
/** Without clients it is closed: the next one may need another way to the node. */
const UNUSED_MS = 5000;

type Channel = {
  readonly number: number;
  readonly client: Socket;
  /** Bytes that came for the client, and how many of them the node has heard are taken. */
  givenBytes: number;
  toldBytes: number;
  isDraining: boolean;
  /** What was sent for the client and the node has not said it has taken. */
  untakenBytes: number;
  /** The answer to AUTH as far as it came; undefined: it is the client's turn. */
  greeting: string | undefined;
};

export class Trunk {
  readonly #socket: WebSocket;
  readonly #onEnd: () => void;
  readonly #channels = new Map<number, Channel>();
  readonly #writer = new ChannelWriter();
  #last = 0;
  #isFlushDue = false;
  /** Who is not read from until the socket has sent what it has. */
  readonly #paused = new Set<Channel>();
  #sendTimer: NodeJS.Timeout | undefined;
  #unusedTimer: NodeJS.Timeout | undefined;

  private constructor(socket: WebSocket, onEnd: () => void) {
    this.#socket = socket;
    this.#onEnd = onEnd;
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) this.#receive(Buffer.from(data));
    });
    socket.addEventListener("close", () => {
      onEnd();
      clearTimeout(this.#unusedTimer);
      clearTimeout(this.#sendTimer);
      for (const { client } of this.#channels.values()) client.destroySoon();
      this.#channels.clear();
    });
  }

  /** `onEnd`: it takes no more clients, or it could not be opened. */
  static async dial(url: URL, onEnd: () => void): Promise<Trunk> {
    try {
      return new Trunk(await dial(url, [CHANNELS_PROTOCOL]), onEnd);
    } catch (error) {
      onEnd();
      throw error;
    }
  }

  /** Carries a client's bytes both ways until either side ends. `password` "": it says its own. */
  carry(client: Socket, password: string): void {
    if (this.#socket.readyState !== WebSocket.OPEN) throw new Error("the connection ended");
    if (client.destroyed) {
      this.#noteUnused();
      return;
    }
    clearTimeout(this.#unusedTimer);
    if (this.#last + 1 === CHANNEL_MAX) this.#onEnd();
    const channel: Channel = {
      number: ++this.#last,
      client,
      givenBytes: 0,
      toldBytes: 0,
      isDraining: false,
      untakenBytes: 0,
      greeting: password === "" ? undefined : "",
    };
    this.#channels.set(channel.number, channel);
    this.#writer.open(channel.number);
    this.#flushSoon();
    client.on("data", (bytes) => this.#send(channel, bytes));
    client.on("close", () => this.#closed(channel));
    if (password === "") client.resume();
    else this.#writer.data(channel.number, encodeCommand(["AUTH", password]));
  }

  // -- to the node ------------------------------------------------------------------------------------

  #send(channel: Channel, bytes: Buffer): void {
    if (!this.#channels.has(channel.number)) return;
    this.#writer.data(channel.number, toBinary(bytes));
    channel.untakenBytes += bytes.byteLength;
    if (isStopped(channel)) channel.client.pause();
    if (this.#writer.byteCount >= MESSAGE_BYTES) this.#flush();
    else this.#flushSoon();
    if (this.#socket.bufferedAmount <= UNSENT_BYTES_MAX) return;
    channel.client.pause();
    this.#paused.add(channel);
    this.#sendTimer ??= setTimeout(() => this.#resume(), DRAIN_POLL_MS);
  }

  #resume(): void {
    const isFull = this.#socket.bufferedAmount > UNSENT_BYTES_MAX;
    this.#sendTimer = isFull ? setTimeout(() => this.#resume(), DRAIN_POLL_MS) : undefined;
    if (isFull) return;
    const paused = [...this.#paused];
    this.#paused.clear();
    for (const channel of paused) this.#goOn(channel);
  }

  /** Reads from a client again, if nothing is in its way any more. */
  #goOn(channel: Channel): void {
    const mayRead = !this.#paused.has(channel) && channel.greeting === undefined;
    if (mayRead && !isStopped(channel)) channel.client.resume();
  }

  /** When all that is ready has been read. */
  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    setImmediate(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#writer.byteCount > 0) this.#socket.send(this.#writer.take());
  }

  #closed(channel: Channel): void {
    this.#paused.delete(channel);
    if (!this.#channels.delete(channel.number)) return;
    this.#writer.close(channel.number);
    this.#flushSoon();
    this.#noteUnused();
  }

  #noteUnused(): void {
    if (this.#channels.size > 0) return;
    this.#unusedTimer = setTimeout(() => {
      this.#onEnd();
      this.#socket.close();
    }, UNUSED_MS);
  }

  // -- to clients -------------------------------------------------------------------------------------

  #receive(message: Buffer): void {
    try {
      this.#read(message);
    } catch (error) {
      if (!(error instanceof ChannelFault)) throw error;
      this.#socket.close();
    }
  }

  #read(message: Buffer): void {
    const reader = new ChannelReader(message);
    while (reader.next()) {
      const channel = this.#channels.get(reader.channel);
      if (channel === undefined) continue;
      if (reader.kind === CLOSE) {
        this.#channels.delete(channel.number);
        channel.client.destroySoon();
        this.#noteUnused();
      } else if (reader.kind === DATA) {
        this.#give(channel, message.subarray(reader.start, reader.end));
      } else if (reader.kind === TAKEN) {
        channel.untakenBytes -= reader.count;
        this.#goOn(channel);
      }
    }
  }

  #give(channel: Channel, bytes: Buffer): void {
    channel.givenBytes += bytes.byteLength;
    const rest = channel.greeting === undefined ? bytes : greeted(channel, bytes);
    const { client } = channel;
    if (client.writableEnded) {
      this.#closed(channel);
      return;
    }
    if (rest.byteLength > 0) client.write(client.writableLength === 0 ? rest : detached(rest));
    if (client.writableLength === 0) this.#taken(channel);
    else {
      if (isStopped(channel)) client.pause();
      if (!channel.isDraining) this.#drain(channel);
    }
  }

  /** Looks again when all is written that waits now. */
  #drain(channel: Channel): void {
    const { client } = channel;
    channel.isDraining = true;
    client.write("", () => {
      channel.isDraining = false;
      // The node has ended it: what is still to be written is, and nothing may be written behind it.
      if (!this.#channels.has(channel.number)) return;
      this.#taken(channel);
      if (client.writableLength > 0) this.#drain(channel);
      else this.#goOn(channel);
    });
  }

  #taken(channel: Channel): void {
    const takenBytes = channel.givenBytes - channel.client.writableLength - channel.toldBytes;
    if (takenBytes < TAKEN_BYTES || !this.#channels.has(channel.number)) return;
    channel.toldBytes += takenBytes;
    this.#writer.taken(channel.number, takenBytes);
    this.#flushSoon();
  }
}

function isStopped({ client, untakenBytes }: Channel): boolean {
  return client.writableLength > UNREAD_BYTES_MAX || untakenBytes > UNTAKEN_BYTES_MAX;
}

/** What waits must not keep a message of which it is a small part. */
function detached(bytes: Buffer): Buffer {
  return bytes.byteLength < bytes.buffer.byteLength / 4 ? Buffer.from(bytes) : bytes;
}

/** Takes the answer to AUTH away; returns what came behind it. */
function greeted(channel: Channel, bytes: Buffer): Buffer {
  const { client } = channel;
  const end = bytes.indexOf("\n") + 1;
  channel.greeting += bytes.toString("latin1", 0, end === 0 ? bytes.byteLength : end);
  if (end === 0) return bytes.subarray(0, 0);
  const answer = channel.greeting!.trimEnd();
  channel.greeting = undefined;
  if (answer.startsWith("+")) client.resume();
  else {
    client.end(`-ERR bridge: ${refusal(answer.slice(1)).message}\r\n`);
    // It is read from until it ends: a socket that is paused does not hear that its client has gone.
    client.resume();
  }
  return bytes.subarray(end);
}
