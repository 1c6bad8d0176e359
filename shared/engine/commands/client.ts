/** CLIENT: connections named, listed, held back and ended. https://redis.io/commands/client-list */
import { detach } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { NO_REPLY, OK, type Reply, ReplyError, SetReply, Verbatim } from "../../resp/reply.ts";
import { clientLine, type ClientType, parseClientType, typeOfClient } from "../client-list.ts";
import { type Command, command, type Flag, type Handler, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { pause, unpause } from "../pause.ts";
import type { Session } from "../session.ts";
import { checkClientName } from "./connection.ts";
import { helpRow, wrongUse } from "./help.ts";
import { mapOf } from "./map-of.ts";

const PLAIN: readonly Flag[] = ["noscript", "loading", "stale"];
const ADMIN: readonly Flag[] = ["admin", ...PLAIN];
const CONNECTION = { categories: ["connection"] };

function row(
  name: string,
  arity: number,
  flags: readonly Flag[],
  handler: Handler,
  tips: readonly string[] = [],
): Command {
  return command(`client|${name}`, arity, flags, NO_KEYS, handler, { ...CONNECTION, tips });
}

const HELP = `
CACHING (YES|NO)
    Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.
GETREDIR
    Return the client ID we are redirecting to when tracking is enabled.
GETNAME
    Return the name of the current connection.
ID
    Return the ID of the current connection.
INFO
    Return information about the current client connection.
KILL <ip:port>
    Kill connection made from <ip:port>.
KILL <option> <value> [<option> <value> [...]]
    Kill connections. Options are:
    * ADDR (<ip:port>|<unixsocket>:0)
      Kill connections made from the specified address
    * LADDR (<ip:port>|<unixsocket>:0)
      Kill connections made to specified local address
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      Kill connections by type.
    * USER <username>
      Kill connections authenticated by <username>.
    * SKIPME (YES|NO)
      Skip killing current connection (default: yes).
LIST [options ...]
    Return information about client connections. Options:
    * TYPE (NORMAL|MASTER|REPLICA|PUBSUB)
      Return clients of specified type.
UNPAUSE
    Stop the current client pause, resuming traffic.
PAUSE <timeout> [WRITE|ALL]
    Suspend all, or just write, clients for <timeout> milliseconds.
REPLY (ON|OFF|SKIP)
    Control the replies sent to the current connection.
SETNAME <name>
    Assign the name <name> to the current connection.
SETINFO <option> <value>
    Set client meta attr. Options are:
    * LIB-NAME: the client lib name.
    * LIB-VER: the client lib version.
UNBLOCK <clientid> [TIMEOUT|ERROR]
    Unblock the specified blocked client.
TRACKINGINFO
    Report tracking status for the current connection.
NO-EVICT (ON|OFF)
    Protect current client connection from eviction.
NO-TOUCH (ON|OFF)
    Will not touch LRU/LFU stats when this mode is on.`;

export const CLIENT_COMMANDS: readonly Command[] = [
  command("client", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      row("caching", 3, PLAIN, caching),
      row("getname", 2, PLAIN, (cx) => cx.session.name || null),
      row("getredir", 2, PLAIN, () => -1),
      helpRow("client", HELP, CONNECTION),
      row("id", 2, PLAIN, (cx) => cx.session.id),
      row("info", 2, PLAIN, info, ["nondeterministic_output"]),
      row("kill", -3, ADMIN, kill),
      row("list", -2, ADMIN, list, ["nondeterministic_output"]),
      row("no-evict", 3, ADMIN, (cx, args) => {
        cx.session.isNoEvict = onOff(args[2]!);
        return OK;
      }),
      row("no-touch", 3, PLAIN, (cx, args) => {
        cx.session.isNoTouch = onOff(args[2]!);
        return OK;
      }),
      row("pause", -3, ADMIN, pauseClients),
      row("reply", 3, PLAIN, setReplyMode),
      row("setinfo", 4, PLAIN, setInfo),
      row("setname", 3, PLAIN, setName),
      row("trackinginfo", 2, PLAIN, trackingInfo),
      row("unblock", -3, ADMIN, unblock),
      row("unpause", 2, ADMIN, (cx) => {
        unpause(cx.engine);
        return OK;
      }),
    ],
  }),
];

// -- the own connection ---------------------------------------------------------------------------

function setName({ session }: Context, args: readonly string[]): Reply {
  checkClientName(args[2]!);
  session.name = detach(args[2]!);
  return OK;
}

function setInfo({ session }: Context, args: readonly string[]): Reply {
  const [, , option, value] = args as [string, string, string, string];
  const field = option.toLowerCase();
  if (field !== "lib-name" && field !== "lib-ver") {
    throw new ReplyError(`ERR Unrecognized option '${option}'`);
  }
  if (/[^!-~]/.test(value)) {
    throw new ReplyError(`ERR ${field} cannot contain spaces, newlines or special characters.`);
  }
  if (field === "lib-name") session.libName = detach(value);
  else session.libVersion = detach(value);
  return OK;
}

/** `skip-next` becomes `skip` with the next command, whose reply it swallows. */
function setReplyMode({ session }: Context, args: readonly string[]): Reply {
  const mode = args[2]!.toLowerCase();
  if (mode === "on") {
    session.replyMode = "on";
    return OK;
  }
  if (mode === "off") session.replyMode = "off";
  else if (mode !== "skip") fail("syntax");
  else if (session.replyMode !== "off") session.replyMode = "skip-next";
  return NO_REPLY;
}

function onOff(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== "on" && word !== "off") fail("syntax");
  return word === "on";
}

function caching(): Reply {
  throw new ReplyError(
    "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or " +
      "OPTOUT mode enabled",
  );
}

function trackingInfo(): Reply {
  return mapOf([
    ["flags", new SetReply(["off"])],
    ["redirect", -1],
    ["prefixes", []],
  ]);
}

// -- all connections ------------------------------------------------------------------------------

function info(cx: Context): Reply {
  return new Verbatim("txt", `${clientLine(cx.session, cx.nowMs)}\n`);
}

function list(cx: Context, args: readonly string[]): Reply {
  const lines = listed(cx, args).map((session) => `${clientLine(session, cx.nowMs)}\n`);
  return new Verbatim("txt", lines.join(""));
}

function listed(cx: Context, args: readonly string[]): Session[] {
  const all = [...cx.engine.sessions.values()];
  if (args.length === 2) return all;
  const option = args[2]!.toLowerCase();
  if (option === "type" && args.length === 4) {
    const type = parseClientType(args[3]);
    return all.filter((session) => typeOfClient(session) === type);
  }
  if (option !== "id" || args.length < 4) fail("syntax");
  const ids = args.slice(3).map((text) => {
    const id = parseInteger(text);
    if (id === undefined) throw new ReplyError("ERR Invalid client ID");
    return Number(id);
  });
  return ids.flatMap((id) => cx.engine.sessions.get(id) ?? []);
}

interface KillFilter {
  id?: number;
  address?: string;
  localAddress?: string;
  type?: ClientType;
  user?: string;
  skipsMe: boolean;
}

function kill(cx: Context, args: readonly string[]): Reply {
  const isOldForm = args.length === 3;
  const filter = isOldForm ? { address: args[2]!, skipsMe: false } : killFilter(args);
  const doomed = [...cx.engine.sessions.values()].filter((session) => {
    return matches(session, filter) && !(filter.skipsMe && session === cx.session);
  });
  if (isOldForm && doomed.length === 0) throw new ReplyError("ERR No such client");

  for (const session of doomed) {
    // Whoever kills itself still gets its answer.
    if (session === cx.session) session.isClosing = true;
    else cx.engine.ports.close(session);
  }
  return isOldForm ? OK : doomed.length;
}

function killFilter(args: readonly string[]): KillFilter {
  const filter: KillFilter = { skipsMe: true };
  for (let i = 2; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) fail("syntax");
    const option = args[i]!.toLowerCase();
    if (option === "id") filter.id = clientId(value);
    else if (option === "type") filter.type = parseClientType(value);
    else if (option === "addr") filter.address = value;
    else if (option === "laddr") filter.localAddress = value;
    else if (option === "user") filter.user = knownUser(value);
    else if (option === "skipme") filter.skipsMe = yesNo(value);
    else fail("syntax");
  }
  return filter;
}

function matches(session: Session, filter: KillFilter): boolean {
  if (filter.id !== undefined && session.id !== filter.id) return false;
  if (filter.address !== undefined && session.address !== filter.address) return false;
  if (filter.localAddress !== undefined && session.localAddress !== filter.localAddress) {
    return false;
  }
  if (filter.user !== undefined && session.user !== filter.user) return false;
  return filter.type === undefined || typeOfClient(session) === filter.type;
}

function clientId(text: string): number {
  const id = parseInteger(text);
  if (id === undefined || id < 1) throw new ReplyError("ERR client-id should be greater than 0");
  return Number(id);
}

function knownUser(name: string): string {
  if (name !== "default") throw new ReplyError(`ERR No such user '${name}'`);
  return name;
}

function yesNo(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== "yes" && word !== "no") fail("syntax");
  return word === "yes";
}

function pauseClients(cx: Context, args: readonly string[]): Reply {
  const what = args[3]?.toLowerCase() ?? "all";
  if (args.length > 4) throw wrongUse("client", args[1]!);
  if (what !== "all" && what !== "write") {
    throw new ReplyError("ERR CLIENT PAUSE mode must be WRITE or ALL");
  }
  const durationMs = parseInteger(args[2]!);
  if (typeof durationMs !== "number") {
    throw new ReplyError("ERR timeout is not an integer or out of range");
  }
  if (durationMs < 0) throw new ReplyError("ERR timeout is negative");
  pause(cx.engine, { untilMs: cx.nowMs + durationMs, what });
  return OK;
}

/**
 * A blocked session is made due: as if its time were up, or with an error in place of its reply.
 */
function unblock(cx: Context, args: readonly string[]): Reply {
  const id = parseInteger(args[2]!);
  if (args.length > 4) throw wrongUse("client", args[1]!);
  const reason = args[3]?.toLowerCase() ?? "timeout";
  if (reason !== "timeout" && reason !== "error") {
    throw new ReplyError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  if (id === undefined) fail("notInteger");
  const session = cx.engine.sessions.get(Number(id));
  const blocked = session?.blocked;
  if (blocked === undefined || CANNOT_UNBLOCK.has(blocked.kind)) return 0;
  session!.blocked = {
    ...blocked,
    untilMs: cx.nowMs,
    ...(reason === "error" && { error: "UNBLOCKED client unblocked via CLIENT UNBLOCK" }),
  };
  return 1;
}

/** Redis has these block the whole server, or hold clients back until all may go on. */
const CANNOT_UNBLOCK = new Set(["sleep", "paused"]);
