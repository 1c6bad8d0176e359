/** Commands about replication: of operators, of replicas, and of clients who want to be sure. */
import { parseInteger } from "../base/numbers.ts";
import { command, type Command, NO_KEYS } from "../engine/command.ts";
import type { Context } from "../engine/context.ts";
import { ERRORS, fail } from "../resp/errors.ts";
import { NO_REPLY, OK, type Reply, ReplyError, Status } from "../resp/reply.ts";
import { type Address, sameAddress, shownAddress } from "./address.ts";
import { acknowledgedBy } from "./blocking.ts";
import type { Connection } from "./connection.ts";
import { followerAddress } from "./followers.ts";
import { OPTION_PINGS } from "./handshake.ts";
import { ROLE_NAMES } from "./link-state.ts";
import type { NodeCore } from "./node-core.ts";
import { psync, sync } from "./psync.ts";

/** The rows, bound to the node they act on. */
export function replicationCommands(core: NodeCore): readonly Command[] {
  const replicaof = (cx: Context, args: readonly string[]): Reply => replicaOf(core, cx, args);
  return [
    command(
      "psync",
      -3,
      ["admin", "noscript", "no_async_loading", "no_multi"],
      NO_KEYS,
      (cx, args) => psyncCommand(core, cx, args),
    ),
    command(
      "replconf",
      -1,
      ["admin", "noscript", "loading", "stale", "allow_busy"],
      NO_KEYS,
      (cx, args) => replconf(core, cx, args),
    ),
    command(
      "replicaof",
      -2,
      ["admin", "noscript", "stale", "no_async_loading"],
      NO_KEYS,
      replicaof,
    ),
    command("role", 1, ["noscript", "loading", "stale", "fast"], NO_KEYS, () => role(core), {
      categories: ["admin", "dangerous"],
    }),
    command("slaveof", -2, ["admin", "noscript", "stale", "no_async_loading"], NO_KEYS, replicaof),
    command("sync", 1, ["admin", "noscript", "no_async_loading", "no_multi"], NO_KEYS, (cx) =>
      sync(core, connectionOf(core, cx)),
    ),
    command("wait", 3, ["noscript"], NO_KEYS, (cx, args) => wait(core, cx, args), {
      categories: ["connection"],
      tips: ["request_policy:all_shards", "response_policy:agg_min"],
    }),
  ];
}

/** REPLICAOF and its older name. Beside Redis's `host port`: a node's name, or a `ws(s)://` address. */
function replicaOf(core: NodeCore, cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw new ReplyError(ERRORS.wrongArity(args[0]!.toLowerCase()));
  const [, host, port] = args;
  const isNoOne = host!.toLowerCase() === "no" && port?.toLowerCase() === "one";
  const address = isNoOne ? undefined : parseAddress(core, host!, port);
  if (cx.session.isFollower) {
    throw new ReplyError("ERR Command is not valid when client is a replica.");
  }

  if (address === undefined) {
    core.promote();
    return OK;
  }
  if (core.role.kind === "replica" && sameAddress(core.role.master, address)) {
    return new Status("OK Already connected to specified master");
  }
  core.follow(address);
  return OK;
}

function parseAddress(core: NodeCore, host: string, port: string | undefined): Address {
  if (/^wss?:\/\//i.test(host)) {
    if (!URL_SHAPE.test(host)) throw new ReplyError("ERR Invalid master address");
    return { kind: "websocket", url: host };
  }
  if (host === core.options.name) throw new ReplyError("ERR A node cannot follow itself");
  if (Object.hasOwn(core.options.ports, host)) return { kind: "node", name: host };
  if (port === undefined) {
    throw new ReplyError(`ERR No node is called '${host.slice(0, 64)}' here; for TCP give a port`);
  }
  const number = parseInteger(port);
  if (typeof number !== "number" || number < 0 || number > 65535) {
    throw new ReplyError("ERR Invalid master port");
  }
  return { kind: "tcp", host, port: number };
}

const URL_SHAPE = /^wss?:\/\/[^\s/?#]+(?:[/?][^\s#]*)?$/i;

function role(core: NodeCore): Reply {
  if (core.role.kind === "replica") {
    const { host, port } = shownAddress(core.role.master, core.options.ports);
    const isSynced = core.link.isUp;
    return ["slave", host, port, ROLE_NAMES[core.link.state.at], isSynced ? core.log.end : -1];
  }
  const online = core.followers.all.filter(({ state }) => state === "online");
  return [
    "master",
    core.log.end,
    online.map(({ connection, ackOffset }) => {
      const { ip, port } = followerAddress(connection);
      return [ip, String(port), String(ackOffset)];
    }),
  ];
}

function wait(core: NodeCore, cx: Context, args: readonly string[]): Reply {
  if (core.role.kind === "replica") {
    throw new ReplyError(
      "ERR WAIT cannot be used with replica instances. Please also note that since Redis 4.0 if a " +
        "replica is configured to be writable (which is not the default) writes to replicas are " +
        "just local and are not propagated.",
    );
  }
  const count = parseInteger(args[1]!);
  if (typeof count !== "number") fail("notInteger");
  const timeoutMs = parseInteger(args[2]!);
  if (typeof timeoutMs !== "number") {
    throw new ReplyError("ERR timeout is not an integer or out of range");
  }
  if (timeoutMs < 0) throw new ReplyError("ERR timeout is negative");

  const offset = cx.session.writtenOffset;
  const acknowledged = acknowledgedBy(core, offset);
  if (acknowledged >= count || cx.isNested) return acknowledged;
  const untilMs = timeoutMs === 0 ? 0 : cx.nowMs + timeoutMs;
  cx.session.blocked = { kind: "wait", untilMs, count, offset };
  // Stock replicas acknowledge once a second unless they are asked.
  if (core.followers.all.some(({ usesFrames }) => !usesFrames)) {
    core.log.writeControl(["REPLCONF", "GETACK", "*"]);
  }
  return NO_REPLY;
}

function psyncCommand(core: NodeCore, cx: Context, args: readonly string[]): Reply {
  const offset = parseInteger(args[2]!);
  if (typeof offset !== "number") fail("notInteger");
  const connection = connectionOf(core, cx);
  if (connection.out !== "" && !cx.session.isFollower) {
    throw new ReplyError("ERR SYNC and PSYNC are invalid with pending output");
  }
  return psync(core, connection, { id: args[1]!, offset: offset - 1 });
}

/** What a replica says of itself, in pairs; the first option that is not known ends it. */
function replconf(core: NodeCore, cx: Context, args: readonly string[]): Reply {
  if (args.length % 2 === 0) fail("syntax");
  const { session } = cx;
  for (let i = 1; i < args.length; i += 2) {
    const value = args[i + 1]!;
    switch (args[i]!.toLowerCase()) {
      case "listening-port":
        session.replicaPort = portOf(value);
        break;
      case "ip-address":
        if (value.length > 255) {
          throw new ReplyError(
            `ERR REPLCONF ip-address provided by replica instance is too long: ${value.length} bytes`,
          );
        }
        session.replicaIp = value;
        break;
      case "capa":
        if (session.replicaCapas.length < 16) session.replicaCapas.push(value.slice(0, 32));
        break;
      case "version":
        break;
      case "rdb-only":
        session.isSnapshotOnly = value === "1";
        break;
      case "rdb-filter-only":
        session.replicaWants = wantedBy(value);
        break;
      case "ack":
        return acknowledge(core, cx, args.slice(i + 1));
      case "getack":
        return NO_REPLY;
      case OPTION_PINGS:
        return wantPings(core, cx, { isWanted: value === "1" });
      default:
        throw new ReplyError(`ERR Unrecognized REPLCONF option: ${args[i]!.slice(0, 128)}`);
    }
  }
  return OK;
}

/** What passes a filter: the functions, where they are named, and never the keys. */
function wantedBy(filter: string): "functions" | "nothing" {
  const words = filter.split(" ").filter((word) => word !== "");
  const unknown = words.find((word) => word.toLowerCase() !== "functions");
  if (unknown !== undefined) {
    throw new ReplyError(`ERR Unsupported rdb-filter-only option: ${unknown.slice(0, 128)}`);
  }
  return words.length > 0 ? "functions" : "nothing";
}

function portOf(value: string): number {
  const port = parseInteger(value);
  if (typeof port !== "number") fail("notInteger");
  return port;
}

/** `n`, or `n RECEIVED m` from a node of ours that holds a part of a command. */
function acknowledge(core: NodeCore, cx: Context, args: readonly string[]): Reply {
  const connection = core.clients.of(cx.session);
  const follower = connection === undefined ? undefined : core.followers.of(connection);
  const offset = parseInteger(args[0]!);
  if (follower === undefined || typeof offset !== "number") return NO_REPLY;
  const received = args[1]?.toLowerCase() === "received" ? parseInteger(args[2]!) : offset;
  core.followers.acknowledge(follower, offset, Number(received ?? offset));
  core.blocking.isDue = true;
  return NO_REPLY;
}

/** A follower of ours has, or has no longer, one below it that lives by the stream. */
function wantPings(core: NodeCore, cx: Context, { isWanted }: { isWanted: boolean }): Reply {
  const connection = core.clients.of(cx.session);
  const follower = connection === undefined ? undefined : core.followers.of(connection);
  if (follower !== undefined) follower.wantsPings = isWanted;
  core.schedule();
  return NO_REPLY;
}

function connectionOf(core: NodeCore, cx: Context): Connection {
  const connection = core.clients.of(cx.session);
  if (connection === undefined) throw new ReplyError("ERR PSYNC needs a connection of its own");
  return connection;
}
