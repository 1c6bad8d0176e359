// A way between a replica and its master that can be cut, as a network can.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { HOST } from "./client.ts";

/** A replica tries again within seconds. */
const MEND_TIMEOUT_MS = 60_000;

export class Proxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;
  #onMended: () => void = () => undefined;

  private constructor(server: Server, target: number) {
    this.#server = server;
    const address = server.address();
    this.port = typeof address === "object" && address !== null ? address.port : 0;
    server.on("connection", (near) => this.#join(near, target));
  }

  static async open(target: number): Promise<Proxy> {
    const server = createServer();
    server.listen({ host: HOST, port: 0 });
    await once(server, "listening");
    return new Proxy(server, target);
  }

  /** Ends all connections, and each that comes. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Lets connections through again; resolves with the first one, rejects where none comes. */
  mend(): Promise<void> {
    this.#isCut = false;
    return new Promise((mended, failed) => {
      const late = setTimeout(() => failed(new Error("nobody came back")), MEND_TIMEOUT_MS);
      this.#onMended = () => {
        clearTimeout(late);
        mended();
      };
    });
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(near: Socket, target: number): void {
    if (this.#isCut) {
      near.destroy();
      return;
    }
    this.#onMended();
    const far = connect({ host: HOST, port: target });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay();
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
