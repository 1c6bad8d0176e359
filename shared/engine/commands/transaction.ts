/** MULTI, EXEC, DISCARD, WATCH, UNWATCH (https://redis.io/docs/latest/develop/interact/transactions/). */
import { assert } from "../../base/assert.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { NIL_ARRAY, OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { forbidQueued } from "../acl/gate.ts";
import { type Command, command, type Flag, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { call, gate, lookUp } from "../execute.ts";
import type { Transaction } from "../session.ts";

const ALWAYS: readonly Flag[] = ["noscript", "loading", "stale", "fast", "allow_busy"];
const TRANSACTION = { categories: ["transaction"] };

export const TRANSACTION_COMMANDS = [
  command("discard", 1, ALWAYS, NO_KEYS, discard, TRANSACTION),
  command("exec", 1, ["noscript", "loading", "stale", "skip_slowlog"], NO_KEYS, exec, TRANSACTION),
  command("multi", 1, ALWAYS, NO_KEYS, multi, TRANSACTION),
  command("unwatch", 1, ALWAYS, NO_KEYS, unwatch, TRANSACTION),
  command("watch", -2, ALWAYS, keys("RO", 1, { last: -1 }), watch, TRANSACTION),
];

function multi({ session }: Context): Reply {
  if (session.transaction !== undefined) fail("nestedMulti");
  session.transaction = { queue: [], bytes: 0, isAborted: false };
  return OK;
}

function discard(cx: Context): Reply {
  if (cx.session.transaction === undefined) fail("discardWithoutMulti");
  abandon(cx);
  return OK;
}

/** Ends a transaction without running it: DISCARD, RESET, an EXEC that may not be. */
export function abandon(cx: Context): void {
  cx.session.transaction = undefined;
  cx.engine.watches.clear(cx.session);
}

/**
 * Runs the queue as one: nothing comes between, and what it changed goes out as one unit. The gates are
 * asked again first, as the node may have become a replica since.
 */
function exec(cx: Context): Reply {
  const { transaction } = cx.session;
  if (transaction === undefined) fail("execWithoutMulti");
  const rows = transaction.queue.map((args) => rowOf(cx, args));
  const why = gate(cx, { name: "exec", flags: flagsOf(cx, rows, transaction.queue) });
  const isBroken = cx.session.isWatchBroken || hasWatchedExpired(cx);
  abandon(cx);
  if (why !== undefined) throw new ReplyError(ERRORS.execAbortBecause(why));
  if (transaction.isAborted) fail("execAbort");
  if (isBroken) return NIL_ARRAY;
  return run(cx, transaction, rows);
}

function run(cx: Context, { queue }: Transaction, rows: readonly Command[]): Reply {
  cx.isNested = true;
  try {
    return queue.map((args, i) => runQueued(cx, rows[i]!, args));
  } finally {
    cx.isNested = false;
    // What is propagated is what the commands did; EXEC itself is only the bracket around it.
    cx.noEffect();
  }
}

/** The rules of the user may have changed since the command was queued. */
function runQueued(cx: Context, command: Command, args: readonly string[]): Reply {
  const why = cx.session.isRestricted ? forbidQueued(cx, { command, args }) : undefined;
  if (why === undefined) return call(cx, command, args);
  cx.engine.stats.countError(why);
  return new ReplyError(why);
}

/** What was queued had a row then, and the table does not change. */
function rowOf(cx: Context, args: readonly string[]): Command {
  const row = lookUp(cx, args);
  assert(!(row instanceof ReplyError), "a queued command is in the table");
  return row;
}

/** The transaction writes when one of its commands does, and bears stale data when all of them do. */
function flagsOf(
  cx: Context,
  rows: readonly Command[],
  queue: Transaction["queue"],
): ReadonlySet<Flag> {
  const asked = rows.map((row, i) => row.flagsFor?.(cx, queue[i]!) ?? row.flags);
  const flags = new Set<Flag>(["no_auth"]);
  if (asked.some((own) => own.has("write"))) flags.add("write");
  if (asked.some((own) => own.has("denyoom"))) flags.add("denyoom");
  if (asked.every((own) => own.has("stale"))) flags.add("stale");
  return flags;
}

// -- WATCH -------------------------------------------------------------------------------------------

/**
 * A key that expires while it is watched dooms the EXEC, even before anything deletes it; one that had
 * expired when WATCH was called does not. The session notes when it last watched: a key whose time came
 * later than that has changed since.
 */
function watch(cx: Context, args: readonly string[]): Reply {
  const { session } = cx;
  if (session.transaction !== undefined) fail("watchInMulti");
  let byteCount = session.watchedBytes;
  for (const name of args) byteCount += name.length;
  if (byteCount > cx.engine.config.number("client-query-buffer-limit")) {
    throw new ReplyError("ERR WATCH exceeds client-query-buffer-limit");
  }
  if (hasWatchedExpired(cx)) session.isWatchBroken = true;
  for (const name of args.slice(1)) {
    // On a master this deletes what has expired, so that its deletion later is no change.
    cx.lookUp(name);
    cx.engine.watches.add(session, session.db, name);
  }
  session.watchedAtMs = cx.nowMs;
  return OK;
}

function hasWatchedExpired(cx: Context): boolean {
  const { keyspace } = cx.engine;
  for (const key of cx.session.watched) {
    const colon = key.indexOf(":");
    const entry = keyspace.find(keyspace.space(Number(key.slice(0, colon))), key.slice(colon + 1));
    if (entry === undefined || !cx.isExpired(entry)) continue;
    if (entry.expiresAtMs >= cx.session.watchedAtMs) return true;
  }
  return false;
}

function unwatch(cx: Context): Reply {
  cx.engine.watches.clear(cx.session);
  return OK;
}
