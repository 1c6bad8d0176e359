/** CLIENT: connections named, listed, held back and ended. https://redis.io/commands/client-list */
import { detach } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { NO_REPLY, OK, type Reply, ReplyError, Verbatim } from "../../resp/reply.ts";
import { clientLine, type ClientType, parseClientType, typeOfClient } from "../client-list.ts";
import {
  type Command,
  command,
  type CommandExtras,
  type Flag,
  type Handler,
  NO_KEYS,
} from "../command.ts";
import type { Context } from "../context.ts";
import { pause, unpause } from "../pause.ts";
import type { Session } from "../session.ts";
import { caching, redirectOf, track, trackingInfo } from "./client-tracking.ts";
import { checkClientName } from "./connection.ts";
import { helpRow, wrongUse } from "./help.ts";

const PLAIN: readonly Flag[] = ["noscript", "loading", "stale"];
const ADMIN: readonly Flag[] = ["admin", ...PLAIN];
const CONNECTION = { categories: ["connection"] };

function row(
  name: string,
  arity: number,
  flags: readonly Flag[],
  handler: Handler,
  extras: CommandExtras = {},
): Command {
  return command(`client|${name}`, arity, flags, NO_KEYS, handler, { ...CONNECTION, ...extras });
}

/** What COMMAND DOCS says of those that 7.0 does not have. */
function since72(summary: string): CommandExtras {
  return { docs: { summary, since: "7.2.0", group: "connection", complexity: "O(1)" } };
}

const CHANGING = { tips: ["nondeterministic_output"] };

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
    * MAXAGE <maxage>
      Kill connections older than the specified age in seconds.
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
TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]
         [OPTIN] [OPTOUT] [NOLOOP]
    Control server assisted client side caching.
TRACKINGINFO
    Report tracking status for the current connection.
NO-EVICT (ON|OFF)
    Protect current client connection from eviction.
NO-TOUCH (ON|OFF)
    Will not touch LRU/LFU stats when this mode is on.`;

const NO_TOUCH =
  "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.";
const SET_INFO = "Sets information specific to the client or connection.";

export const CLIENT_COMMANDS: readonly Command[] = [
  command("client", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      row("caching", 3, PLAIN, caching),
      row("getname", 2, PLAIN, (cx) => cx.session.name || null),
      row("getredir", 2, PLAIN, (cx) => redirectOf(cx.session)),
      helpRow("client", HELP, CONNECTION),
      row("id", 2, PLAIN, (cx) => cx.session.id),
      row("info", 2, PLAIN, info, CHANGING),
      row("kill", -3, ADMIN, kill),
      row("list", -2, ADMIN, list, CHANGING),
      row("no-evict", 3, ADMIN, (cx, args) => {
        cx.session.isNoEvict = onOff(args[2]!);
        return OK;
      }),
      row("no-touch", 3, PLAIN, setNoTouch, since72(NO_TOUCH)),
      row("pause", -3, ADMIN, pauseClients),
      row("reply", 3, PLAIN, setReplyMode),
      row("setinfo", 4, PLAIN, setInfo, since72(SET_INFO)),
      row("setname", 3, PLAIN, setName),
      row("tracking", -3, PLAIN, track),
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

function setNoTouch({ session }: Context, args: readonly string[]): Reply {
  session.isNoTouch = onOff(args[2]!);
  return OK;
}

function onOff(text: string): boolean {
  const word = text.toLowerCase();
  if (word !== "on" && word !== "off") fail("syntax");
  return word === "on";
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
  /** Connected for at least so many seconds. */
  ageMin?: number;
  skipsMe: boolean;
}

function kill(cx: Context, args: readonly string[]): Reply {
  const isOldForm = args.length === 3;
  const filter = isOldForm ? { address: args[2]!, skipsMe: false } : killFilter(cx, args);
  const doomed = [...cx.engine.sessions.values()].filter((session) => {
    return matches(session, filter, cx.nowMs) && !(filter.skipsMe && session === cx.session);
  });
  if (isOldForm && doomed.length === 0) throw new ReplyError("ERR No such client");

  for (const session of doomed) {
    // Whoever kills itself still gets its answer.
    if (session === cx.session) session.isClosing = true;
    else cx.engine.ports.close(session);
  }
  return isOldForm ? OK : doomed.length;
}

function killFilter(cx: Context, args: readonly string[]): KillFilter {
  const filter: KillFilter = { skipsMe: true };
  for (let i = 2; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) fail("syntax");
    const option = args[i]!.toLowerCase();
    if (option === "id") filter.id = clientId(value);
    else if (option === "type") filter.type = parseClientType(value);
    else if (option === "addr") filter.address = value;
    else if (option === "laddr") filter.localAddress = value;
    else if (option === "user") filter.user = knownUser(cx, value);
    else if (option === "maxage") filter.ageMin = maxAge(value);
    else if (option === "skipme") filter.skipsMe = yesNo(value);
    else fail("syntax");
  }
  return filter;
}

function matches(session: Session, filter: KillFilter, nowMs: number): boolean {
  if (filter.id !== undefined && session.id !== filter.id) return false;
  if (filter.address !== undefined && session.address !== filter.address) return false;
  if (filter.localAddress !== undefined && session.localAddress !== filter.localAddress) {
    return false;
  }
  if (filter.user !== undefined && session.user !== filter.user) return false;
  const age = Math.floor((nowMs - session.createdAtMs) / 1000);
  if (filter.ageMin !== undefined && age < filter.ageMin) return false;
  return filter.type === undefined || typeOfClient(session) === filter.type;
}

function clientId(text: string): number {
  const id = parseInteger(text);
  if (id === undefined || id < 1) throw new ReplyError("ERR client-id should be greater than 0");
  return Number(id);
}

function maxAge(text: string): number {
  const age = parseInteger(text);
  if (age === undefined) throw new ReplyError("ERR maxage is not an integer or out of range");
  if (age <= 0) throw new ReplyError("ERR maxage should be greater than 0");
  return Number(age);
}

function knownUser({ engine }: Context, name: string): string {
  if (engine.acl.user(name) === undefined) throw new ReplyError(`ERR No such user '${name}'`);
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

/** A blocked session is answered: as if its time were up, or with an error. */
function unblock(cx: Context, args: readonly string[]): Reply {
  const id = parseInteger(args[2]!);
  if (args.length > 4) throw wrongUse("client", args[1]!);
  const reason = args[3]?.toLowerCase() ?? "timeout";
  if (reason !== "timeout" && reason !== "error") {
    throw new ReplyError("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  }
  if (id === undefined) fail("notInteger");
  const session = cx.engine.sessions.get(Number(id));
  if (session?.blocked === undefined || CANNOT_UNBLOCK.has(session.blocked.kind)) return 0;
  if (reason === "timeout") cx.engine.ports.unblock(session);
  else cx.engine.ports.unblock(session, new ReplyError(UNBLOCKED));
  return 1;
}

const UNBLOCKED = "UNBLOCKED client unblocked via CLIENT UNBLOCK";

/** Redis has these block the whole server, or hold clients back until all may go on. */
const CANNOT_UNBLOCK = new Set(["sleep", "paused"]);
