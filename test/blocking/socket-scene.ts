// A server behind a TCP port to tell programs to: redis-server, or a node.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { until } from "../support/until.ts";
import { type Party, type Scene, show } from "./programs.ts";

/** How long an answer may take that is due. */
const ANSWER_MAX_MS = 5000;

class SocketParty implements Party {
  readonly #socket: Socket;
  readonly #replies: Reply[] = [];
  readonly #control: SocketParty | undefined;
  #wake: () => void = () => {};
  #isClosed = false;
  id = "";

  private constructor(socket: Socket, control: SocketParty | undefined) {
    this.#socket = socket;
    this.#control = control;
    const decoder = new ReplyDecoder();
    socket.on("data", (bytes) => {
      decoder.push(toBinary(bytes));
      for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
        this.#replies.push(reply);
      }
      this.#wake();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async open(port: number, control?: SocketParty): Promise<SocketParty> {
    const socket = connect({ host: "127.0.0.1", port });
    socket.setNoDelay();
    await once(socket, "connect");
    const party = new SocketParty(socket, control);
    party.id = `${(await party.ask("CLIENT", "ID")) as number}`;
    return party;
  }

  send(commands: readonly (readonly string[])[]): void {
    this.#socket.write(fromBinary(commands.map((args) => encodeCommand(args)).join("")));
  }

  async next(): Promise<Reply | undefined> {
    const endMs = performance.now() + ANSWER_MAX_MS;
    while (this.#replies.length === 0 && !this.#isClosed && performance.now() < endMs) {
      const timer = setTimeout(() => this.#wake(), ANSWER_MAX_MS);
      await new Promise<void>((done) => (this.#wake = done));
      clearTimeout(timer);
    }
    return this.#replies.shift();
  }

  async ask(...args: string[]): Promise<Reply | undefined> {
    this.send([args]);
    return await this.next();
  }

  async waits(): Promise<void> {
    // It may have waited and have its answer by now.
    await until("it waits", async () => {
      return this.#replies.length > 0 || / flags=\w*b/.test(await this.#listed());
    });
  }

  async leave(): Promise<void> {
    // Sent away it may have been: then there is nothing to see of it any more.
    this.#socket.destroy();
    await until("it is gone", async () => (await this.#listed()) === "");
  }

  /** Answers that nobody asked for. */
  get rest(): readonly Reply[] {
    return this.#replies;
  }

  close(): void {
    this.#socket.destroy();
  }

  async #listed(): Promise<string> {
    const line = await this.#control!.ask("CLIENT", "LIST", "ID", this.id);
    return typeof line === "string" ? line : "";
  }
}

/** Empties the server first. */
export async function socketScene(port: number): Promise<Scene> {
  const control = await SocketParty.open(port);
  await control.ask("FLUSHALL");
  const parties: SocketParty[] = [];
  return {
    open: async () => {
      const party = await SocketParty.open(port, control);
      parties.push(party);
      return party;
    },
    turn: async (ms) => {
      await sleep(ms);
    },
    rest: async () => {
      await control.ask("PING");
      await turn();
      return parties.flatMap(({ rest }) => rest.map(show));
    },
    close: () => [control, ...parties].forEach((party) => party.close()),
  };
}
