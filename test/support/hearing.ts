// Connections to a server, and all that each of them is sent, asked for or not: to tell two servers the same
// and hear whether they tell the same to the same.
//
// The connections of both have the same ids; `@n` in a command stands for the id of connection n.

import { connect as dial, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { Push, type Reply } from "../../shared/resp/reply.ts";
import type { startNode } from "./node.ts";
import { render } from "./transcript.ts";

export type Commands = readonly (readonly string[])[];

/** What each connection was sent, a text a reply or message. */
export type Heard = readonly (readonly string[])[];

export interface Hearing {
  /** Sends commands in one go, and gives what all connections were sent by then. */
  say(at: number, commands: Commands): Promise<Heard>;
  /** Ends a connection, and opens another in its place. */
  reopen(at: number): Promise<void>;
  close(): void;
}

/** What was sent and not yet looked at. */
class Ear {
  #decoder = new ReplyDecoder();
  #heard: Reply[] = [];

  hear(bytes: string): void {
    this.#decoder.push(bytes);
    for (let reply = this.#decoder.next(); reply !== undefined; reply = this.#decoder.next()) {
      this.#heard.push(reply);
    }
  }

  get isEmpty(): boolean {
    return this.#heard.length === 0;
  }

  take(): string[] {
    const heard = this.#heard;
    this.#heard = [];
    return inOrder(heard).map((reply) => render(reply));
  }
}

/**
 * Patterns are matched, and subscriptions ended, in an order of the server's own: runs of messages that
 * differ in nothing else are sorted.
 */
function inOrder(replies: readonly Reply[]): readonly Reply[] {
  const shown: Reply[] = [];
  let run: (readonly Reply[])[] = [];
  const end = (): void => {
    const names = run.map((items) => items[1]!).sort((a, b) => (render(a) < render(b) ? -1 : 1));
    for (const [i, items] of run.entries()) {
      shown.push(new Push([items[0]!, names[i]!, ...items.slice(2)]));
    }
    run = [];
  };
  for (const reply of replies) {
    const items = reply instanceof Push ? reply.items : Array.isArray(reply) ? reply : [];
    const kind = String(items[0]);
    const isLoose = kind === "pmessage" || /^[ps]?unsubscribe$/.test(kind);
    const isSame =
      run[0]?.[0] === kind &&
      (kind !== "pmessage" || (run[0]?.[2] === items[2] && run[0]?.[3] === items[3]));
    if (!isLoose || !isSame) end();
    if (isLoose) run.push(items as readonly Reply[]);
    else shown.push(reply);
  }
  end();
  return shown;
}

function withIds(commands: Commands, ids: readonly number[]): string {
  const args = commands.map((command) =>
    command.map((arg) => (/^@\d$/.test(arg) ? String(ids[Number(arg[1])]) : arg)),
  );
  return args.map((command) => encodeCommand(command)).join("");
}

interface Line {
  readonly socket: Socket;
  readonly ear: Ear;
  readonly id: number;
}

/** `count` connections to the server at a port. */
export async function hearServer(
  port: number,
  count: number,
): Promise<Hearing & { readonly ids: readonly number[] }> {
  const lines: Line[] = [];
  for (let i = 0; i < count; i++) lines.push(await openLine(port));
  const ids = lines.map(({ id }) => id);
  const control = await openLine(port);
  /** What is sent at the end of a round is written before the next is read. */
  const settle = async (): Promise<void> => {
    control.socket.write(encodeCommand(["PING"]));
    await until(() => !control.ear.isEmpty);
    control.ear.take();
    await new Promise((done) => setImmediate(done));
  };
  return {
    ids,
    say: async (at, commands) => {
      lines[at]!.socket.write(fromBinary(withIds(commands, ids)));
      await until(() => !lines[at]!.ear.isEmpty);
      await settle();
      return lines.map(({ ear }) => ear.take());
    },
    reopen: async (at) => {
      lines[at]!.socket.destroy();
      await settle();
      lines[at] = await openLine(port);
      ids[at] = lines[at].id;
    },
    close: () => {
      for (const { socket } of [...lines, control]) socket.destroy();
    },
  };
}

async function openLine(port: number): Promise<Line> {
  const socket = dial({ port, host: "127.0.0.1" });
  socket.setNoDelay();
  const ear = new Ear();
  socket.on("data", (bytes) => ear.hear(toBinary(bytes)));
  socket.write(encodeCommand(["CLIENT", "ID"]));
  await until(() => !ear.isEmpty);
  return { socket, ear, id: Number(/\d+/.exec(ear.take()[0]!)![0]) };
}

async function until(isDone: () => boolean): Promise<void> {
  const endMs = Date.now() + 5000;
  for (let tries = 0; !isDone(); tries++) {
    if (Date.now() > endMs) throw new Error("nothing was sent");
    if (tries < 1000) await new Promise((done) => setImmediate(done));
    else await sleep(1);
  }
}

/** The same to a node of ours, whose connections have these ids; they grow. */
export function hearNode(
  node: ReturnType<typeof startNode>,
  { ids }: { readonly ids: readonly number[] },
): Hearing & { readonly node: ReturnType<typeof startNode> } {
  const open = (id: number): Connection => {
    for (;;) {
      const connection = node.open();
      if (connection.session.id === id) return connection;
      if (connection.session.id > id) throw new Error("ids do not grow");
      node.core.closed(connection);
    }
  };
  const connections = ids.map(open);
  const ears = ids.map(() => new Ear());
  return {
    node,
    say: (at, commands) => {
      node.sent.clear();
      node.send(connections[at]!, ...decoded(withIds(commands, ids)));
      for (const [i, connection] of connections.entries()) {
        ears[i]!.hear(node.sent.get(connection) ?? "");
      }
      return Promise.resolve(ears.map((ear) => ear.take()));
    },
    reopen: (at) => {
      node.core.closed(connections[at]!);
      connections[at] = open(ids[at]!);
      ears[at] = new Ear();
      return Promise.resolve();
    },
    close: () => undefined,
  };
}

function decoded(bytes: string): Commands {
  const decoder = new ReplyDecoder();
  decoder.push(bytes);
  const commands: (readonly string[])[] = [];
  for (let next = decoder.next(); next !== undefined; next = decoder.next()) {
    commands.push(next as readonly string[]);
  }
  return commands;
}
