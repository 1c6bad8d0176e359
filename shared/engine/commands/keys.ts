/** Commands on keys of any type (https://redis.io/docs/latest/commands/?group=generic). */
import { detach } from "../../base/bytes.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, Status } from "../../resp/reply.ts";
import { typeOf, type Value } from "../../types/value.ts";
import { database } from "../arguments.ts";
import { command, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";

const KEYSPACE = { categories: ["keyspace"] };
const SUMMED = {
  ...KEYSPACE,
  tips: ["request_policy:multi_shard", "response_policy:agg_sum"],
};
const ALL_KEYS = { last: -1 };

export const KEY_COMMANDS = [
  command("copy", -3, ["write", "denyoom"], fromTo("RO access", "OW update"), copy, KEYSPACE),
  command("del", -2, ["write"], keys("RM delete", 1, ALL_KEYS), del, SUMMED),
  command("exists", -2, ["readonly", "fast"], keys("RO", 1, ALL_KEYS), exists, SUMMED),
  command("move", 3, ["write", "fast"], keys("RW access update"), move, KEYSPACE),
  command("rename", 3, ["write"], fromTo("RW access delete", "OW update"), rename, KEYSPACE),
  command(
    "renamenx",
    3,
    ["write", "fast"],
    fromTo("RW access delete", "OW insert"),
    renameNx,
    KEYSPACE,
  ),
  command("touch", -2, ["readonly", "fast"], keys("RO", 1, ALL_KEYS), touch, SUMMED),
  command("type", 2, ["readonly", "fast"], keys("RO"), type, KEYSPACE),
  command("unlink", -2, ["write", "fast"], keys("RM delete", 1, ALL_KEYS), del, SUMMED),
];

/** Two keys, each with flags of its own. */
function fromTo(from: string, to: string): KeySpec[] {
  return [...keys(from), ...keys(to, 2)];
}

/** A look at a key: counts as a hit or a miss, but not as a use of it. */
export function peek(cx: Context, name: string, { isQuiet = false } = {}): Entry | undefined {
  const entry = cx.lookUp(name);
  if (entry !== undefined) {
    cx.engine.stats.keyspaceHits++;
    return entry;
  }
  cx.engine.stats.keyspaceMisses++;
  if (!isQuiet) cx.notify("m", "keymiss", name);
  return undefined;
}

function del(cx: Context, args: readonly string[]): Reply {
  return countKeys(args, (name) => {
    if (!cx.remove(name)) return false;
    cx.notify("g", "del", name);
    return true;
  });
}

function exists(cx: Context, args: readonly string[]): Reply {
  return countKeys(args, (name) => peek(cx, name) !== undefined);
}

function touch(cx: Context, args: readonly string[]): Reply {
  return countKeys(args, (name) => cx.read(name) !== undefined);
}

/** Of how many of the keys named something is true; a key named twice counts twice. */
function countKeys(args: readonly string[], isCounted: (name: string) => boolean): number {
  let total = 0;
  for (let i = 1; i < args.length; i++) if (isCounted(args[i]!)) total++;
  return total;
}

function type(cx: Context, args: readonly string[]): Reply {
  const entry = peek(cx, args[1]!);
  return new Status(entry === undefined ? "none" : typeOf(entry.value!));
}

// -- from one name or database to another ------------------------------------------------------------

function rename(cx: Context, args: readonly string[]): Reply {
  renameKey(cx, args, { isNx: false });
  return OK;
}

function renameNx(cx: Context, args: readonly string[]): Reply {
  return renameKey(cx, args, { isNx: true }) ? 1 : 0;
}

function renameKey(cx: Context, args: readonly string[], { isNx }: { isNx: boolean }): boolean {
  const [, from, to] = args as [string, string, string];
  const entry = cx.write(from);
  if (entry === undefined) fail("noSuchKey");
  if (from === to) return false;
  const isReplacing = cx.lookUp(to) !== undefined;
  if (isReplacing && isNx) return false;

  const { value, expiresAtMs, isRaw } = entry;
  cx.remove(from);
  cx.set(to, value!, expiresAtMs).isRaw = isRaw;
  // What was there was deleted first.
  if (isReplacing) cx.notify("n", "new", to);
  cx.notify("g", "rename_from", from);
  cx.notify("g", "rename_to", to);
  return true;
}

function move(cx: Context, args: readonly string[]): Reply {
  const [, name, target] = args as [string, string, string];
  const db = database(target);
  if (db === cx.session.db) fail("sameObject");
  const entry = cx.write(name);
  if (entry === undefined || cx.lookUp(name, db) !== undefined) return 0;

  // What is stored of it belongs to this database.
  const value = cx.loaded(entry);
  const { expiresAtMs, isRaw } = entry;
  cx.remove(name);
  setIn(cx, db, name, { value, expiresAtMs, isRaw });
  cx.notify("g", "move_from", name);
  cx.notify("g", "move_to", name, db);
  return 1;
}

function copy(cx: Context, args: readonly string[]): Reply {
  const [, from, to] = args as [string, string, string];
  let db = cx.session.db;
  let isReplacing = false;
  for (let at = 3; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === "REPLACE") isReplacing = true;
    else if (option === "DB" && at + 1 < args.length) db = database(args[++at]!);
    else fail("syntax");
  }
  if (db === cx.session.db && from === to) fail("sameObject");
  const entry = cx.read(from);
  if (entry === undefined) return 0;
  if (cx.lookUp(to, db) !== undefined && !isReplacing) return 0;

  const { expiresAtMs, isRaw } = entry;
  const value = cx.loaded(entry);
  const copied = typeof value === "string" ? value : value.clone();
  setIn(cx, db, to, { value: copied, expiresAtMs, isRaw });
  cx.notify("g", "copy_to", to, db);
  return 1;
}

interface Moved {
  readonly value: Value;
  readonly expiresAtMs: number;
  readonly isRaw: boolean;
}

/** `cx.set` in another database. */
function setIn(cx: Context, db: number, name: string, moved: Moved): void {
  const { keyspace } = cx.engine;
  const value = typeof moved.value === "string" ? detach(moved.value) : moved.value;
  const entry = keyspace.put(keyspace.space(db), name, value, moved.expiresAtMs);
  entry.isRaw = moved.isRaw;
  entry.accessedAtMs = cx.nowMs;
  cx.notify("n", "new", name, db);
  cx.signal(name, db);
}
