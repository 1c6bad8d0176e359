/**
 * Many clients over one WebSocket: what `npm run bridge` and a node say to each other where both know the
 * subprotocol below. Each client is a *channel*. A message is one frame after the other, all of them whole:
 *
 *     0  u8   kind
 *     1  u32  channel, big-endian
 *     5  u32  how many bytes follow; of `taken` how many were taken, and none follow
 *     9       the bytes
 *
 * The bridge opens channels, and never uses a number again, so that what is still under way for one that
 * has ended can be told from what is for the next. Bytes of `data` are the client's stream, cut anywhere.
 * Either side may close, once; what arrives for a channel that has ended is dropped. `taken` says how much
 * of what the node has sent is with the client: what was not taken yet is bounded (workers/node/channels.ts),
 * and so a client that does not read stops itself and nobody else.
 */
import { fromBinary } from "../base/bytes.ts";

/**
 * Chosen by the bridge when it opens the WebSocket, if GET /resp without an upgrade has said that the node
 * knows it. (Where it does not, a WHATWG WebSocket would fail to open.) All others speak plain RESP.
 */
export const CHANNELS_PROTOCOL = "antipode.channels.1";

/** `open`, `data`, `close` and `taken`. */
export const OPEN = 1;
export const DATA = 2;
export const CLOSE = 3;
export const TAKEN = 4;

/** Numbers go up to here; who has used them all opens another WebSocket. */
export const CHANNEL_MAX = 0xffff_ffff;

const HEADER_BYTES = 9;

/** What came is no message of ours. */
export class ChannelFault extends Error {}

/** Reads a message, frame by frame; the fields are those of the last one. */
export class ChannelReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  kind = 0;
  channel = 0;
  /** Where the bytes of `data` are in the message. */
  start = 0;
  end = 0;
  /** How many were `taken`. */
  count = 0;

  constructor(message: Uint8Array) {
    this.#bytes = message;
  }

  /** False at the end of the message. Throws a ChannelFault where there is no frame. */
  next(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at === bytes.byteLength) return false;
    if (bytes.byteLength - at < HEADER_BYTES) throw new ChannelFault("a frame is cut off");
    this.kind = bytes[at]!;
    if (this.kind < OPEN || this.kind > TAKEN) throw new ChannelFault("no such kind of frame");
    this.channel = u32(bytes, at + 1);
    this.count = u32(bytes, at + 5);
    this.start = at + HEADER_BYTES;
    this.end = this.kind === DATA ? this.start + this.count : this.start;
    if (this.end > bytes.byteLength) throw new ChannelFault("a frame is cut off");
    this.#at = this.end;
    return true;
  }
}

/** Gathers frames for one message. Bytes are binary strings. */
export class ChannelWriter {
  #text = "";

  get byteCount(): number {
    return this.#text.length;
  }

  open(channel: number): void {
    this.#text += header(OPEN, channel, 0);
  }

  data(channel: number, bytes: string): void {
    this.#text += header(DATA, channel, bytes.length) + bytes;
  }

  close(channel: number): void {
    this.#text += header(CLOSE, channel, 0);
  }

  taken(channel: number, byteCount: number): void {
    this.#text += header(TAKEN, channel, byteCount);
  }

  /** The message, in a buffer of its own; what comes next begins another. */
  take(): Uint8Array<ArrayBuffer> {
    const text = this.#text;
    this.#text = "";
    return fromBinary(text);
  }
}

function header(kind: number, channel: number, count: number): string {
  return String.fromCharCode(
    kind,
    channel >>> 24,
    (channel >>> 16) & 255,
    (channel >>> 8) & 255,
    channel & 255,
    count >>> 24,
    (count >>> 16) & 255,
    (count >>> 8) & 255,
    count & 255,
  );
}

function u32(bytes: Uint8Array, at: number): number {
  const high = (bytes[at]! << 24) | (bytes[at + 1]! << 16);
  return (high | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
