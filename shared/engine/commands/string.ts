/** The string commands (https://redis.io/docs/latest/commands/?group=string). */
import { addLongDouble } from "../../base/long-double.ts";
import { addIntegers } from "../../base/numbers.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { typeOf } from "../../types/value.ts";
import {
  entryTime,
  count,
  integer,
  INT64_MIN,
  isPast,
  positiveTimeMs,
  refuse,
} from "../arguments.ts";
import { command, keys } from "../command.ts";
import { checkKey, type Context } from "../context.ts";
import { lcs } from "./lcs.ts";
import { stringOptions } from "./string-options.ts";

const STRING = { categories: ["string"] };
const COUNTER = keys("RW access update");
const ALL_KEYS = { last: -1 };
const PAIRS = { last: -1, step: 2 };

export const STRING_COMMANDS = [
  command("append", 3, ["write", "denyoom", "fast"], keys("RW insert"), append, STRING),
  command("decr", 2, ["write", "denyoom", "fast"], COUNTER, decr, STRING),
  command("decrby", 3, ["write", "denyoom", "fast"], COUNTER, decrBy, STRING),
  command("get", 2, ["readonly", "fast"], keys("RO access"), get, STRING),
  command("getdel", 2, ["write", "fast"], keys("RW access delete"), getDel, STRING),
  command("getex", -2, ["write", "fast"], keys("RW access update"), getEx, STRING),
  command("getrange", 4, ["readonly"], keys("RO access"), getRange, STRING),
  command("getset", 3, ["write", "denyoom", "fast"], keys("RW access update"), getSet, STRING),
  command("incr", 2, ["write", "denyoom", "fast"], COUNTER, incr, STRING),
  command("incrby", 3, ["write", "denyoom", "fast"], COUNTER, incrBy, STRING),
  command("incrbyfloat", 3, ["write", "denyoom", "fast"], COUNTER, incrByFloat, STRING),
  command("lcs", -3, ["readonly"], keys("RO access", 1, { last: 1 }), lcs, STRING),
  command("mget", -2, ["readonly", "fast"], keys("RO access", 1, ALL_KEYS), mget, {
    ...STRING,
    tips: ["request_policy:multi_shard"],
  }),
  command("mset", -3, ["write", "denyoom"], keys("OW update", 1, PAIRS), mset, {
    ...STRING,
    tips: ["request_policy:multi_shard", "response_policy:all_succeeded"],
  }),
  command("msetnx", -3, ["write", "denyoom"], keys("OW insert", 1, PAIRS), msetNx, {
    ...STRING,
    tips: ["request_policy:multi_shard", "response_policy:agg_min"],
  }),
  command("psetex", 4, ["write", "denyoom"], keys("OW update"), psetEx, STRING),
  command("set", -3, ["write", "denyoom"], keys("RW access update variable_flags"), set, STRING),
  command("setex", 4, ["write", "denyoom"], keys("OW update"), setEx, STRING),
  command("setnx", 3, ["write", "denyoom", "fast"], keys("OW insert"), setNx, STRING),
  command("setrange", 4, ["write", "denyoom"], keys("RW update"), setRange, STRING),
  command("strlen", 2, ["readonly", "fast"], keys("RO"), strlen, STRING),
  command("substr", 4, ["readonly"], keys("RO access"), getRange, STRING),
];

// -- reading -----------------------------------------------------------------------------------------

function get(cx: Context, args: readonly string[]): Reply {
  return cx.readString(args[1]!) ?? null;
}

function mget(cx: Context, args: readonly string[]): Reply {
  return args.slice(1).map((name) => {
    const entry = cx.read(name);
    return entry !== undefined && typeOf(entry.value!) === "string" ? cx.stringOf(entry) : null;
  });
}

function strlen(cx: Context, args: readonly string[]): Reply {
  return cx.readText(args[1]!)?.length ?? 0;
}

/** From `start` to `end`, both included; negative ones count from the end. */
function getRange(cx: Context, args: readonly string[]): Reply {
  const start = count(args[2]!);
  const end = count(args[3]!);
  const value = cx.readText(args[1]!);

  if (value === undefined || (start < 0 && end < 0 && start > end)) return "";
  const { length } = value;
  const from = start < 0 ? Math.max(length + start, 0) : start;
  const to = end < 0 ? Math.max(length + end, 0) : end;
  return value.slice(Math.min(from, length), Math.min(to, length - 1) + 1);
}

// -- SET and its kin ---------------------------------------------------------------------------------
// Each looks the key up before it sets it, as that is what deletes an expired one and says so.

/**
 * What a replica gets: with an expiry, `SET key value PXAT ms` and nothing else; otherwise the command as
 * it came, but for GET. A time in the past is a time all the same: the key is there, and expired.
 */
function set(cx: Context, args: readonly string[]): Reply {
  const [, name, value] = args as [string, string, string];
  if (args.length === 3) {
    cx.setString(name, cx.write(name), value);
    cx.notify("$", "set", name);
    return OK;
  }
  const options = stringOptions(args, { from: 3, isSet: true });
  const { expiry, isGet } = options;
  const expiresAtMs = expiry && positiveTimeMs(cx, expiry.text, expiry.form, "set");
  const before = isGet ? (cx.readString(name) ?? null) : undefined;
  const entry = cx.write(name);
  if (entry === undefined ? options.condition === "XX" : options.condition === "NX") {
    return before ?? null;
  }

  const kept = options.isKeepTtl ? (entry?.expiresAtMs ?? 0) : 0;
  cx.set(name, value, expiresAtMs === undefined ? kept : entryTime(expiresAtMs));
  cx.notify("$", "set", name);
  if (expiresAtMs !== undefined) cx.notify("g", "expire", name);
  if (expiresAtMs !== undefined) cx.effect("SET", name, value, "PXAT", String(expiresAtMs));
  else if (isGet) cx.effectOf(args.filter((arg, i) => i < 3 || arg.toUpperCase() !== "GET"));
  return isGet ? before! : OK;
}

function setNx(cx: Context, args: readonly string[]): Reply {
  if (cx.write(args[1]!) !== undefined) return 0;
  cx.set(args[1]!, args[2]!);
  cx.notify("$", "set", args[1]!);
  return 1;
}

function setEx(cx: Context, args: readonly string[]): Reply {
  return setExpiring(cx, args, "s");
}

function psetEx(cx: Context, args: readonly string[]): Reply {
  return setExpiring(cx, args, "ms");
}

function setExpiring(cx: Context, args: readonly string[], unit: "s" | "ms"): Reply {
  const [spelling, name, time, value] = args as [string, string, string, string];
  const form = { unit, isAbsolute: false };
  const expiresAtMs = positiveTimeMs(cx, time, form, spelling.toLowerCase());

  cx.write(name);
  cx.set(name, value, entryTime(expiresAtMs));
  cx.notify("$", "set", name);
  cx.notify("g", "expire", name);
  cx.effect("SET", name, value, "PXAT", String(expiresAtMs));
  return OK;
}

function getSet(cx: Context, args: readonly string[]): Reply {
  const before = cx.readString(args[1]!);
  cx.set(args[1]!, args[2]!);
  cx.notify("$", "set", args[1]!);
  cx.effect("SET", args[1]!, args[2]!);
  return before ?? null;
}

function getDel(cx: Context, args: readonly string[]): Reply {
  const before = cx.readString(args[1]!);
  if (before === undefined) return null;
  cx.remove(args[1]!);
  cx.notify("g", "del", args[1]!);
  cx.effect("DEL", args[1]!);
  return before;
}

function getEx(cx: Context, args: readonly string[]): Reply {
  const { expiry, isPersist } = stringOptions(args, { from: 2, isSet: false });
  const entry = cx.read(args[1]!);
  if (entry === undefined) return null;
  const value = cx.stringOf(entry);
  const expiresAtMs = expiry && positiveTimeMs(cx, expiry.text, expiry.form, "getex");

  if (expiresAtMs !== undefined) {
    if (expiry?.form.isAbsolute === true && isPast(cx, expiresAtMs)) {
      cx.remove(entry.name);
      cx.notify("g", "del", entry.name);
      cx.effect("DEL", entry.name);
    } else {
      cx.expireAt(entry, entryTime(expiresAtMs));
      cx.notify("g", "expire", entry.name);
      cx.effect("PEXPIREAT", entry.name, String(expiresAtMs));
    }
  } else if (isPersist && entry.expiresAtMs !== 0) {
    cx.expireAt(entry, 0);
    cx.notify("g", "persist", entry.name);
    cx.effect("PERSIST", entry.name);
  }
  return value;
}

function mset(cx: Context, args: readonly string[]): Reply {
  return setPairs(cx, args, { isNx: false });
}

function msetNx(cx: Context, args: readonly string[]): Reply {
  return setPairs(cx, args, { isNx: true });
}

function setPairs(cx: Context, args: readonly string[], { isNx }: { isNx: boolean }): Reply {
  if (args.length % 2 === 0) throw new ReplyError(ERRORS.wrongArity(args[0]!.toLowerCase()));
  for (let i = 1; i < args.length; i += 2) {
    checkKey(args[i]!);
    if (isNx && cx.write(args[i]!) !== undefined) return 0;
  }

  for (let i = 1; i < args.length; i += 2) {
    cx.write(args[i]!);
    cx.set(args[i]!, args[i + 1]!);
    cx.notify("$", "set", args[i]!);
  }
  return isNx ? 1 : OK;
}

// -- changing a part ---------------------------------------------------------------------------------

function append(cx: Context, args: readonly string[]): Reply {
  const [, name, more] = args as [string, string, string];
  const entry = cx.writeString(name);
  if (entry === undefined) {
    cx.set(name, more);
    cx.notify("$", "append", name);
    return more.length;
  }
  const { length } = cx.textOf(entry);
  checkLength(cx, length + more.length);

  cx.overwrite(name, entry, { at: length, bytes: more });
  cx.notify("$", "append", name);
  return length + more.length;
}

function setRange(cx: Context, args: readonly string[]): Reply {
  const [, name, at, part] = args as [string, string, string, string];
  const offset = count(at);
  if (offset < 0) refuse("offset is out of range");
  const entry = cx.writeString(name);
  const length = entry === undefined ? 0 : cx.textOf(entry).length;
  if (part.length === 0) return length;
  checkLength(cx, offset + part.length);

  cx.overwrite(name, entry, { at: offset, bytes: part });
  cx.notify("$", "setrange", name);
  return Math.max(length, offset + part.length);
}

function checkLength(cx: Context, bytes: number): void {
  if (bytes > cx.stringMax) fail("stringTooLong");
}

// -- counting ----------------------------------------------------------------------------------------

function incr(cx: Context, args: readonly string[]): Reply {
  return add(cx, args[1]!, 1);
}

function decr(cx: Context, args: readonly string[]): Reply {
  return add(cx, args[1]!, -1);
}

function incrBy(cx: Context, args: readonly string[]): Reply {
  return add(cx, args[1]!, integer(args[2]!));
}

function decrBy(cx: Context, args: readonly string[]): Reply {
  const by = integer(args[2]!);
  if (by === INT64_MIN) fail("decrOverflow");
  return add(cx, args[1]!, -by);
}

function add(cx: Context, name: string, by: number | bigint): Reply {
  const entry = cx.writeString(name);
  const sum = addIntegers(entry === undefined ? 0 : integer(cx.stringOf(entry)), by);
  if (sum === undefined) fail("incrOverflow");

  if (entry === undefined) cx.set(name, String(sum));
  else cx.replace(entry, String(sum));
  cx.notify("$", "incrby", name);
  return sum;
}

/** A replica gets the result: its own long double need not be ours. */
function incrByFloat(cx: Context, args: readonly string[]): Reply {
  const [, name, by] = args as [string, string, string];
  const entry = cx.writeString(name);
  const result = addLongDouble(entry === undefined ? "0" : cx.stringOf(entry), by);
  if ("refused" in result) {
    if (result.refused === "not-a-float") fail("notFloat");
    refuse("increment would produce NaN or Infinity");
  }

  if (entry === undefined) cx.set(name, result.sum);
  else cx.replace(entry, result.sum);
  cx.notify("$", "incrbyfloat", name);
  cx.effect("SET", name, result.sum, "KEEPTTL");
  return result.sum;
}
