// Many RESP clients on one WebSocket to a node, as `npm run bridge` has them.

import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import {
  CHANNELS_PROTOCOL,
  ChannelReader,
  ChannelWriter,
  CLOSE,
  DATA,
} from "../../../shared/resp/channels.ts";
import { Client } from "./client.ts";
import { call } from "./nodes.ts";

export class Trunk {
  readonly socket: WebSocket;
  readonly #channels = new Map<number, Channel>();
  #last = 0;
  /** The code that it was closed with, and why. */
  readonly closed: Promise<string>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => this.#receive(data as ArrayBuffer));
    this.closed = new Promise((done) => {
      socket.addEventListener("close", ({ code, reason }) => {
        for (const channel of this.#channels.values()) channel.end();
        done(`${code} ${reason}`);
      });
    });
    socket.accept();
  }

  static async open(node = "master"): Promise<Trunk> {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": CHANNELS_PROTOCOL };
    const { webSocket, headers: answered } = await call(`/resp?node=${node}`, { headers });
    if (answered.get("sec-websocket-protocol") !== CHANNELS_PROTOCOL || webSocket === null) {
      throw new Error("no channels are offered");
    }
    return new Trunk(webSocket);
  }

  /** A client on a channel of its own. */
  connect(): Client {
    const number = ++this.#last;
    const channel = new Channel({
      send: (bytes) => this.say((writer) => writer.data(number, toBinary(bytes))),
      close: () => this.say((writer) => writer.close(number)),
    });
    this.#channels.set(number, channel);
    this.say((writer) => writer.open(number));
    return new Client(channel as unknown as WebSocket);
  }

  /** Bytes that came for a client, the first one having number 1. */
  givenBytes(number: number): number {
    return this.#channels.get(number)!.givenBytes;
  }

  /** Sends one message. */
  say(write: (writer: ChannelWriter) => void): void {
    const writer = new ChannelWriter();
    write(writer);
    this.socket.send(writer.take());
  }

  #receive(message: ArrayBuffer): void {
    const reader = new ChannelReader(new Uint8Array(message));
    while (reader.next()) {
      const channel = this.#channels.get(reader.channel);
      if (reader.kind === DATA) channel?.give(message.slice(reader.start, reader.end));
      if (reader.kind === CLOSE) channel?.end();
    }
  }
}

/** What a Client uses of a WebSocket. */
class Channel extends EventTarget {
  readonly send: (bytes: Uint8Array) => void;
  readonly close: () => void;
  binaryType = "arraybuffer";
  givenBytes = 0;

  constructor({ send, close }: { send: (bytes: Uint8Array) => void; close: () => void }) {
    super();
    this.send = send;
    this.close = close;
  }

  accept(): void {
    this.givenBytes = 0;
  }

  give(data: ArrayBuffer): void {
    this.givenBytes += data.byteLength;
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  end(): void {
    this.dispatchEvent(new CloseEvent("close", { code: 1000 }));
  }
}

/** One message of any bytes, as a binary string. */
export function sendRaw({ socket }: Trunk, bytes: string): void {
  socket.send(fromBinary(bytes));
}
