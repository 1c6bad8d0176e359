/** The node as a whole: INFO, TIME, SAVE, MONITOR … https://redis.io/commands/?group=server */
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, ReplyError, Status, Verbatim } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { infoText } from "../info.ts";
import { ANTIPODE_VERSION, REDIS_VERSION } from "../version.ts";

const ADMIN: readonly Flag[] = ["admin", "noscript", "loading", "stale"];
const SAVING: readonly Flag[] = ["admin", "noscript", "no_async_loading"];
const VARIES = "nondeterministic_output";

export const SERVER_COMMANDS: readonly Command[] = [
  command("bgrewriteaof", 1, SAVING, NO_KEYS, bgRewriteAof),
  command("bgsave", -1, SAVING, NO_KEYS, bgSave),
  command("info", -1, ["loading", "stale"], NO_KEYS, info, {
    categories: ["dangerous"],
    tips: [VARIES, "request_policy:all_shards", "response_policy:special"],
  }),
  command("lastsave", 1, ["loading", "stale", "fast"], NO_KEYS, lastSave, {
    categories: ["admin", "dangerous"],
    tips: [VARIES],
  }),
  command("lolwut", -1, ["readonly", "fast"], NO_KEYS, lolwut),
  command("monitor", 1, ADMIN, NO_KEYS, monitor),
  command("save", 1, [...SAVING, "no_multi"], NO_KEYS, save),
  command("shutdown", -1, [...ADMIN, "no_multi", "allow_busy"], NO_KEYS, shutdown),
  command("time", 1, ["loading", "stale", "fast"], NO_KEYS, time, { tips: [VARIES] }),
];

function info(cx: Context, args: readonly string[]): Reply {
  return new Verbatim("txt", infoText(cx.engine, args.slice(1)));
}

function time(cx: Context): Reply {
  const seconds = Math.floor(cx.nowMs / 1000);
  return [String(seconds), String((cx.nowMs - seconds * 1000) * 1000)];
}

/** A checkpoint: what was acknowledged is durable anyway, so this only shortens the next start. */
function save(cx: Context): Reply {
  // Inside a transaction the base would hold its first half, and a restart apply that again. What is
  // durable is so by the log anyway; the next checkpoint is a second away.
  if (cx.isNested) return OK;
  cx.engine.ports.checkpoint();
  cx.engine.savedAtMs = cx.nowMs;
  return OK;
}

function bgSave(cx: Context, args: readonly string[]): Reply {
  const isPlain = args.length === 1;
  if (!isPlain && (args.length > 2 || args[1]!.toLowerCase() !== "schedule")) fail("syntax");
  save(cx);
  return new Status("Background saving started");
}

/** The log is a ring that needs no rewriting; a checkpoint is what makes room in it. */
function bgRewriteAof(cx: Context): Reply {
  save(cx);
  return new Status("Background append only file rewriting started");
}

function lastSave({ engine }: Context): Reply {
  return Math.floor((engine.savedAtMs || engine.startedAtMs) / 1000);
}

function monitor(cx: Context): Reply {
  if (cx.isNested) {
    throw new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client");
  }
  cx.session.isMonitor = true;
  cx.engine.monitors.add(cx.session);
  return OK;
}

/** The platform starts a node when someone asks for it, and stops it when nobody does. */
function shutdown(_: Context, args: readonly string[]): Reply {
  const known = ["nosave", "save", "now", "force", "abort"];
  if (args.slice(1).some((arg) => !known.includes(arg.toLowerCase()))) fail("syntax");
  throw new ReplyError(
    "ERR SHUTDOWN is refused: the platform starts and stops nodes by itself, and every " +
      "acknowledged write is durable. Locally, stop the process that serves.",
  );
}

function lolwut(): Reply {
  const text = `Antipode ver. ${ANTIPODE_VERSION}\nRedis ver. ${REDIS_VERSION}\n`;
  return new Verbatim("txt", text);
}
