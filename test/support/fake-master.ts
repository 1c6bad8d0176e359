// A Redis master that says what a test wants: a snapshot, and a stream of any bytes.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

import { Decoder, defaultLimits } from "../../shared/resp/decoder.ts";
import { rdbEnd, rdbHeader } from "../../shared/rdb/writer.ts";

export interface FakeMaster {
  readonly port: number;
  /** Times that a replica asked for everything, and that it asked to go on. */
  readonly asked: { full: number; partial: number };
  /** Offset behind the end of the stream. */
  readonly end: number;
  /** What a full sync brings from now on: an RDB file, as a binary string. */
  snapshot: string;
  /** Goes on with the stream. */
  stream(bytes: string): void;
  close(): Promise<void>;
}

export function rdbFile(body: string): string {
  return rdbHeader({ "redis-ver": "7.0.15" }) + body + rdbEnd(undefined);
}

export async function startFakeMaster(): Promise<FakeMaster> {
  const id = randomBytes(20).toString("hex");
  const online = new Set<Socket>();
  const asked = { full: 0, partial: 0 };
  let text = "";
  let snapshot = rdbFile("");

  const answer = (socket: Socket, [name, wanted, from]: readonly string[]): void => {
    const write = (bytes: string): void => void socket.write(bytes, "latin1");
    if (name === "PING") write("+PONG\r\n");
    else if (name === "PSYNC") {
      const offset = Number(from) - 1;
      if (wanted === id && offset >= 0 && offset <= text.length) {
        asked.partial++;
        write(`+CONTINUE\r\n${text.slice(offset)}`);
      } else {
        asked.full++;
        write(`+FULLRESYNC ${id} 0\r\n$${snapshot.length}\r\n${snapshot}${text}`);
      }
      online.add(socket);
    } else if (!online.has(socket)) write("+OK\r\n");
  };
  const server = createServer((socket) => {
    const decoder = new Decoder(defaultLimits());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => online.delete(socket));
    socket.on("data", (bytes) => {
      decoder.push(bytes.toString("latin1"));
      for (let args = decoder.next(); args !== undefined; args = decoder.next()) {
        answer(socket, args);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  return {
    port: (server.address() as { port: number }).port,
    asked,
    get end() {
      return text.length;
    },
    get snapshot() {
      return snapshot;
    },
    set snapshot(file) {
      snapshot = file;
    },
    stream: (bytes) => {
      text += bytes;
      for (const socket of online) socket.write(bytes, "latin1");
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
