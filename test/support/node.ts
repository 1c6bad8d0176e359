// A node's core in the test's hands: its clock, its commits, and what it sends.

import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import type { Host } from "../../shared/replication/host.ts";
import { NodeCore } from "../../shared/replication/node-core.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { luaModules } from "./lua.ts";

export const TCP = {
  kind: "bytes",
  isTrusted: true,
  address: "10.0.0.1:1",
  localAddress: "",
} as const;
export const MESSAGES = { ...TCP, kind: "messages" } as const;

/** A node on a store; what it sends is noted by connection (`sent`). */
export function startNode(
  store = new MemoryStore(),
  settings: Readonly<Record<string, string>> = {},
) {
  const sent = new Map<Connection, string>();
  const ended = new Set<Connection>();
  const world = { nowMs: 1_000_000, isCommitDue: false, wakeAtMs: Infinity, attempt: 0, probes: 0 };
  const host: Host = {
    store,
    random: seededRandom(7),
    send: (to, bytes) => {
      sent.set(to, (sent.get(to) ?? "") + toBinary(bytes));
      if (!to.isProbed) to.unsentBytes = 0;
    },
    close: (connection) => void ended.add(connection),
    probe: () => void world.probes++,
    dial: (_, attempt) => void (world.attempt = attempt),
    fetchSnapshot: () => undefined,
    scheduleCommit: () => void (world.isCommitDue = true),
    wakeAt: (atMs) => void (world.wakeAtMs = Math.min(world.wakeAtMs, atMs)),
    lua: luaModules,
    clockUs: () => 0,
    log: () => undefined,
  };
  const core = new NodeCore(host, {
    name: "master",
    ports: { master: 1, weur: 2 },
    firstRole: { kind: "master" },
    settings,
    platform: {},
    nowMs: world.nowMs,
  });
  const settle = (): void => {
    while (world.isCommitDue) {
      world.isCommitDue = false;
      core.commit();
    }
    store.commit();
  };
  /** Sends command lines at once and returns what came back once the group is committed. */
  const say = (connection: Connection, ...lines: string[]): string =>
    send(connection, ...lines.map((line) => line.split(" ")));
  const send = (connection: Connection, ...commands: (readonly string[])[]): string => {
    sent.delete(connection);
    const text = commands.map((args) => encodeCommand(args)).join("");
    core.at(world.nowMs).receive(connection, fromBinary(text));
    settle();
    return sent.get(connection) ?? "";
  };
  /** What a connection was sent since it last said something, or since the last such call. */
  const heard = (connection: Connection): string => {
    const text = sent.get(connection) ?? "";
    sent.delete(connection);
    return text;
  };
  /** Lets time pass, waking the node when it wished to be woken. */
  const turn = (ms: number): void => {
    const endMs = world.nowMs + ms;
    while (world.wakeAtMs <= endMs) {
      world.nowMs = Math.max(world.nowMs, world.wakeAtMs);
      world.wakeAtMs = Infinity;
      core.at(world.nowMs).tick();
      settle();
    }
    world.nowMs = endMs;
  };
  const log = (): string => toBinary(store.readLog(store.logStart, 1 << 20));
  const open = (): Connection => core.at(world.nowMs).open(TCP);
  return { core, world, store, sent, ended, say, send, heard, turn, log, open };
}
