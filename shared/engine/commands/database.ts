/** Whole databases: SELECT, SWAPDB, DBSIZE, FLUSHDB, FLUSHALL. */
import { fail } from "../../resp/errors.ts";
import { OK, type Reply } from "../../resp/reply.ts";
import { database, databaseInRange, int32 } from "../arguments.ts";
import { command, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { DATABASE_COUNT } from "../keyspace.ts";

const FLUSH = {
  categories: ["keyspace", "dangerous"],
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
};

export const DATABASE_COMMANDS = [
  command("dbsize", 1, ["readonly", "fast"], NO_KEYS, dbSize, {
    categories: ["keyspace"],
    tips: ["request_policy:all_shards", "response_policy:agg_sum"],
  }),
  command("flushall", -1, ["write"], NO_KEYS, flushAll, FLUSH),
  command("flushdb", -1, ["write"], NO_KEYS, flushDb, FLUSH),
  command("select", 2, ["loading", "stale", "fast"], NO_KEYS, select, {
    categories: ["connection"],
  }),
  command("swapdb", 3, ["write", "fast"], NO_KEYS, swapDb, {
    categories: ["keyspace", "dangerous"],
  }),
];

function select(cx: Context, args: readonly string[]): Reply {
  cx.session.db = database(args[1]!);
  return OK;
}

/** Counts what has expired and is not deleted yet, as Redis does. */
function dbSize(cx: Context): Reply {
  return cx.space.keyCount;
}

function flushDb(cx: Context, args: readonly string[]): Reply {
  checkFlush(args);
  flush(cx, cx.session.db);
  cx.engine.tracking.flushed(cx.session);
  return OK;
}

function flushAll(cx: Context, args: readonly string[]): Reply {
  checkFlush(args);
  for (let db = 0; db < DATABASE_COUNT; db++) flush(cx, db);
  cx.engine.tracking.flushed(cx.session);
  return OK;
}

/** ASYNC and SYNC cost the same here: the rows are collected later in either case. */
function checkFlush(args: readonly string[]): void {
  if (args.length === 1) return;
  if (args.length > 2 || !["ASYNC", "SYNC"].includes(args[1]!.toUpperCase())) fail("syntax");
}

/** Counts as a change even where nothing was: a replica that has more than we must lose it, too. */
function flush(cx: Context, db: number): void {
  cx.dirty++;
  const { keyspace, watches } = cx.engine;
  const space = keyspace.space(db);
  watches.touchAll((at, name) => at === db && keyspace.find(space, name) !== undefined);
  keyspace.flush(db);
  cx.engine.keyWaits.touchAll(db);
}

function swapDb(cx: Context, args: readonly string[]): Reply {
  const a = int32(args[1]!, "invalid first DB index");
  const b = int32(args[2]!, "invalid second DB index");
  databaseInRange(a);
  databaseInRange(b);

  cx.dirty++;
  if (a === b) return OK;
  // A watched name is touched when either database has a key of that name: what it held changes.
  const { keyspace, watches } = cx.engine;
  const holds = (db: number, name: string) => keyspace.find(keyspace.space(db), name) !== undefined;
  watches.touchAll((db, name) => {
    return (db === a || db === b) && (holds(a, name) || holds(b, name));
  });
  keyspace.swap(a, b);
  cx.engine.keyWaits.touchAll(a);
  cx.engine.keyWaits.touchAll(b);
  return OK;
}
