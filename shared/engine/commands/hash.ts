/** The hash commands (https://redis.io/docs/latest/commands/?group=hash). */
import { addLongDouble, isLongDouble } from "../../base/long-double.ts";
import { addIntegers, parseInteger } from "../../base/numbers.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { MapReply, OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { HashValue, textOf } from "../../types/hash.ts";
import { integer, refuse } from "../arguments.ts";
import { command, keys } from "../command.ts";
import type { Context } from "../context.ts";
import {
  fieldExpiry,
  type HashEntry,
  isHidden,
  mayHide,
  readFields,
  visible,
  writeFields,
} from "./hash-fields.ts";
import { hashRandField, hashScan } from "./hash-walks.ts";

const HASH = { categories: ["hash"] };
const UNORDERED = { ...HASH, tips: ["nondeterministic_output_order"] };
const CHANGING = { ...HASH, tips: ["nondeterministic_output"] };
const COUNTER = keys("RW access update");
const READ = keys("RO access");

export const HASH_COMMANDS = [
  command("hdel", -3, ["write", "fast"], keys("RW delete"), hdel, HASH),
  command("hexists", 3, ["readonly", "fast"], keys("RO"), hexists, HASH),
  command("hget", 3, ["readonly", "fast"], READ, hget, HASH),
  command("hgetall", 2, ["readonly"], READ, hgetAll, UNORDERED),
  command("hincrby", 4, ["write", "denyoom", "fast"], COUNTER, hincrBy, HASH),
  command("hincrbyfloat", 4, ["write", "denyoom", "fast"], COUNTER, hincrByFloat, HASH),
  command("hkeys", 2, ["readonly"], READ, hkeys, UNORDERED),
  command("hlen", 2, ["readonly", "fast"], keys("RO"), hlen, HASH),
  command("hmget", -3, ["readonly", "fast"], READ, hmget, HASH),
  command("hmset", -4, ["write", "denyoom", "fast"], keys("RW update"), hmset, HASH),
  command("hrandfield", -2, ["readonly"], READ, hashRandField, CHANGING),
  command("hscan", -3, ["readonly"], READ, hashScan, CHANGING),
  command("hset", -4, ["write", "denyoom", "fast"], keys("RW update"), hset, HASH),
  command("hsetnx", 4, ["write", "denyoom", "fast"], keys("RW insert"), hsetNx, HASH),
  command("hstrlen", 3, ["readonly", "fast"], keys("RO"), hstrlen, HASH),
  command("hvals", 2, ["readonly"], READ, hvals, UNORDERED),
];

/** The one field that most commands name. */
const ONE = { from: 2, to: 3 };

// -- reading -----------------------------------------------------------------------------------------

function hget(cx: Context, args: readonly string[]): Reply {
  const hash = readFields(cx, args, ONE);
  return hash === undefined ? null : (visible(cx, hash, args[2]!) ?? null);
}

function hmget(cx: Context, args: readonly string[]): Reply {
  const hash = readFields(cx, args, { from: 2 });
  const values: Reply[] = [];
  for (let at = 2; at < args.length; at++) {
    values.push(hash === undefined ? null : (visible(cx, hash, args[at]!) ?? null));
  }
  return values;
}

function hexists(cx: Context, args: readonly string[]): Reply {
  const hash = readFields(cx, args, ONE);
  return hash !== undefined && visible(cx, hash, args[2]!) !== undefined ? 1 : 0;
}

function hstrlen(cx: Context, args: readonly string[]): Reply {
  const hash = readFields(cx, args, ONE);
  return hash === undefined ? 0 : (visible(cx, hash, args[2]!)?.length ?? 0);
}

/** Counts fields that have expired as long as they are not deleted, as Redis does. */
function hlen(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<HashValue>(args[1]!, "hash")?.size ?? 0;
}

function hgetAll(cx: Context, args: readonly string[]): Reply {
  return new MapReply(listed(cx, args[1]!, { hasFields: true, hasValues: true }));
}

function hkeys(cx: Context, args: readonly string[]): Reply {
  return listed(cx, args[1]!, { hasFields: true, hasValues: false });
}

function hvals(cx: Context, args: readonly string[]): Reply {
  return listed(cx, args[1]!, { hasFields: false, hasValues: true });
}

/** All fields, all values, or both in turn. Deletes nothing, as in Redis. */
function listed(
  cx: Context,
  name: string,
  { hasFields, hasValues }: { hasFields: boolean; hasValues: boolean },
): string[] {
  const hash = cx.readAs<HashValue>(name, "hash");
  const found: string[] = [];
  if (hash === undefined) return found;
  const isHiding = mayHide(cx, hash);
  hash.forEach((value, field) => {
    if (isHiding && isHidden(cx, value)) return;
    if (hasFields) found.push(field);
    if (hasValues) found.push(textOf(value));
  });
  return found;
}

// -- setting -----------------------------------------------------------------------------------------

function hset(cx: Context, args: readonly string[]): Reply {
  return setPairs(cx, args);
}

function hmset(cx: Context, args: readonly string[]): Reply {
  setPairs(cx, args);
  return OK;
}

/** A field that is set expires no more. */
function setPairs(cx: Context, args: readonly string[]): number {
  if (args.length % 2 === 1) throw new ReplyError(ERRORS.wrongArity(args[0]!.toLowerCase()));
  const [, name] = args as [string, string];
  const entry = cx.writeAs<HashValue>(name, "hash");

  const hash = entry?.value ?? new HashValue();
  const { limits } = cx.engine;
  let created = 0;
  for (let at = 2; at < args.length; at += 2) {
    if (hash.set(args[at]!, args[at + 1]!, { limits })) created++;
  }
  cx.keep(name, hash, entry);
  cx.notify("h", "hset", name);
  return created;
}

function hsetNx(cx: Context, args: readonly string[]): Reply {
  const [, name, field, value] = args as [string, string, string, string];
  const entry = writeFields(cx, args, ONE);
  if (entry !== undefined && visible(cx, entry.value, field) !== undefined) return 0;

  setField(cx, name, entry, { field, value });
  cx.notify("h", "hset", name);
  return 1;
}

/** A field that has a time to live keeps it. */
function setField(
  cx: Context,
  name: string,
  entry: HashEntry | undefined,
  { field, value }: { field: string; value: string },
): void {
  const hash = entry?.value ?? new HashValue();
  const { limits } = cx.engine;
  hash.set(field, value, { limits, expiresAtMs: fieldExpiry(hash, field) });
  cx.keep(name, hash, entry);
}

function hdel(cx: Context, args: readonly string[]): Reply {
  const [, name] = args as [string, string];
  const entry = cx.writeAs<HashValue>(name, "hash");
  if (entry === undefined) return 0;
  const hash = entry.value;
  let deleted = 0;
  for (let at = 2; at < args.length; at++) if (hash.delete(args[at]!)) deleted++;
  if (deleted === 0) return 0;

  cx.keep(name, hash, entry);
  cx.notify("h", "hdel", name);
  if (hash.size === 0) cx.notify("g", "del", name);
  return deleted;
}

// -- counting ----------------------------------------------------------------------------------------

function hincrBy(cx: Context, args: readonly string[]): Reply {
  const [, name, field, by] = args as [string, string, string, string];
  const increment = integer(by);
  const entry = writeFields(cx, args, ONE);
  const before = entry === undefined ? undefined : visible(cx, entry.value, field);
  const number = before === undefined ? 0 : parseInteger(before);
  if (number === undefined) refuse("hash value is not an integer");
  const sum = addIntegers(number, increment);
  if (sum === undefined) fail("incrOverflow");

  setField(cx, name, entry, { field, value: String(sum) });
  cx.notify("h", "hincrby", name);
  return sum;
}

/** A replica gets the result: its own long double need not be ours. */
function hincrByFloat(cx: Context, args: readonly string[]): Reply {
  const [, name, field, by] = args as [string, string, string, string];
  const alone = addLongDouble("0", by);
  if ("refused" in alone) {
    if (alone.refused === "not-a-float") fail("notFloat");
    refuse("value is NaN or Infinity");
  }
  const entry = writeFields(cx, args, ONE);
  const before = (entry && visible(cx, entry.value, field)) ?? "0";
  if (!isLongDouble(before)) refuse("hash value is not a float");
  const result = addLongDouble(before, by);
  if ("refused" in result) refuse("increment would produce NaN or Infinity");

  setField(cx, name, entry, { field, value: result.sum });
  cx.notify("h", "hincrbyfloat", name);
  // HSET takes the time to live away; where there is none it is what every Redis understands.
  const hash = entry?.value;
  if (hash === undefined || fieldExpiry(hash, field) === 0)
    cx.effect("HSET", name, field, result.sum);
  else cx.effect("HSETEX", name, "KEEPTTL", "FIELDS", "1", field, result.sum);
  return result.sum;
}
