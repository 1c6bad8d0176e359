// What a Redis master sends its replicas: a replica that asks for everything, throws the data set away
// and keeps the stream.

import { connect as dial } from "node:net";

import { toBinary } from "../../shared/base/bytes.ts";
import type { Effect } from "../../shared/engine/context.ts";
import { Decoder, defaultLimits } from "../../shared/resp/decoder.ts";

/** The effects of one command or one transaction. */
export type Unit = readonly Effect[];

export interface RedisStream {
  /** The units up to `PUBLISH <marker>`, which the caller sends to the master, since the last such call. */
  until(marker: string): Promise<Unit[]>;
  close(): void;
}

/** Resolves once the master has begun to stream. */
export async function redisStream(port: number): Promise<RedisStream> {
  const socket = dial({ host: "127.0.0.1", port });
  const reader = new StreamReader();
  let wake: () => void = () => {};
  let failure: Error | undefined;
  socket.on("data", (bytes) => {
    reader.push(toBinary(bytes));
    wake();
  });
  const fail = (error?: Error): void => {
    failure = error ?? new Error("the master closed the stream");
    wake();
  };
  socket.on("error", fail);
  socket.on("close", () => fail());
  const change = async (): Promise<void> => {
    await new Promise<void>((done) => (wake = done));
    if (failure !== undefined) throw failure;
  };

  socket.write("PSYNC ? -1\r\n");
  while (!reader.isStreaming) await change();
  return {
    until: async (marker) => {
      for (;;) {
        const units = reader.take(marker);
        if (units !== undefined) return units;
        await change();
      }
    },
    close: () => {
      socket.removeAllListeners();
      socket.destroy();
    },
  };
}

/** `+FULLRESYNC …`, `$<length>` and so many bytes of RDB, then commands. */
class StreamReader {
  readonly #decoder = new Decoder(defaultLimits());
  #head = "";
  isStreaming = false;
  #db = 0;
  #units: Unit[] = [];
  #open: Effect[] | undefined;

  push(bytes: string): void {
    if (this.isStreaming) {
      this.#decoder.push(bytes);
      return;
    }
    this.#head += bytes;
    const header = /^\+FULLRESYNC [^\r]*\r\n\n*\$(\d+)\r\n/.exec(this.#head);
    if (header === null) return;
    const end = header[0].length + Number(header[1]);
    if (this.#head.length < end) return;
    this.isStreaming = true;
    this.#decoder.push(this.#head.slice(end));
  }

  /** Undefined while the marker has not come. */
  take(marker: string): Unit[] | undefined {
    for (let args = this.#decoder.next(); args !== undefined; args = this.#decoder.next()) {
      if (args[0] === "PUBLISH" && args[1] === marker) {
        const units = this.#units;
        this.#units = [];
        return units;
      }
      this.#add(args);
    }
    return undefined;
  }

  #add(args: readonly string[]): void {
    const name = args[0]!.toUpperCase();
    if (name === "SELECT") this.#db = Number(args[1]);
    else if (name === "MULTI") this.#open = [];
    else if (name === "EXEC") {
      this.#units.push(this.#open ?? []);
      this.#open = undefined;
    } else if (name !== "PING") {
      const effect = { db: this.#db, args };
      if (this.#open === undefined) this.#units.push([effect]);
      else this.#open.push(effect);
    }
  }
}
