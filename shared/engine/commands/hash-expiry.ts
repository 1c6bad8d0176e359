/**
 * Fields that expire by themselves: the commands of Redis 7.4 to 8
 * (https://redis.io/docs/latest/commands/hexpire/ and its neighbours; reference: redis/src/t_hash.c).
 */
import type { Reply } from "../../resp/reply.ts";
import { expiryOf, HashValue } from "../../types/hash.ts";
import { isPast, type TimeForm } from "../arguments.ts";
import { command, type CommandExtras, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import {
  expireArgs,
  fieldArgs,
  getExArgs,
  POSITIVE_COUNT,
  setExArgs,
} from "./hash-expiry-arguments.ts";
import { isHidden, visible, writeFields } from "./hash-fields.ts";

const READ = keys("RO access");
const UPDATE = keys("RW update");

export const HASH_EXPIRY_COMMANDS = [
  command("hexpire", -6, ["write", "denyoom", "fast"], UPDATE, expiring("s", "after"), {
    ...docs("7.4.0", "Set expiry for hash field using relative time to expire (seconds)"),
  }),
  command("hexpireat", -6, ["write", "denyoom", "fast"], UPDATE, expiring("s", "at"), {
    ...docs("7.4.0", "Set expiry for hash field using an absolute Unix timestamp (seconds)"),
  }),
  command("hexpiretime", -5, ["readonly", "fast"], READ, telling("s", "at"), {
    ...docs(
      "7.4.0",
      "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
    ),
  }),
  command("hgetdel", -5, ["write", "fast"], keys("RW access delete"), hgetDel, {
    ...docs("8.0.0", "Returns the value of a field and deletes it from the hash."),
  }),
  command("hgetex", -5, ["write", "fast"], keys("RW access update"), hgetEx, {
    ...docs(
      "8.0.0",
      "Get the value of one or more fields of a given hash key, and optionally set their expiration.",
    ),
  }),
  command("hpersist", -5, ["write", "fast"], UPDATE, hpersist, {
    ...docs("7.4.0", "Removes the expiration time for each specified field"),
  }),
  command("hpexpire", -6, ["write", "denyoom", "fast"], UPDATE, expiring("ms", "after"), {
    ...docs("7.4.0", "Set expiry for hash field using relative time to expire (milliseconds)"),
  }),
  command("hpexpireat", -6, ["write", "denyoom", "fast"], UPDATE, expiring("ms", "at"), {
    ...docs("7.4.0", "Set expiry for hash field using an absolute Unix timestamp (milliseconds)"),
  }),
  command("hpexpiretime", -5, ["readonly", "fast"], READ, telling("ms", "at"), {
    ...docs("7.4.0", "Returns the expiration time of a hash field as a Unix timestamp, in msec."),
  }),
  command("hpttl", -5, ["readonly", "fast"], READ, telling("ms", "after"), {
    ...docs("7.4.0", "Returns the TTL in milliseconds of a hash field."),
    tips: ["nondeterministic_output"],
  }),
  command("hsetex", -6, ["write", "denyoom", "fast"], UPDATE, hsetEx, {
    ...docs(
      "8.0.0",
      "Set the value of one or more fields of a given hash key, and optionally set their expiration.",
    ),
  }),
  command("httl", -5, ["readonly", "fast"], READ, telling("s", "after"), {
    ...docs("7.4.0", "Returns the TTL in seconds of a hash field."),
    tips: ["nondeterministic_output"],
  }),
];

function docs(since: string, summary: string): CommandExtras {
  const complexity = "O(N) where N is the number of specified fields";
  return { categories: ["hash"], docs: { since, summary, complexity, group: "hash" } };
}

/** What is answered for a field. */
const NO_FIELD = -2;
const NO_EXPIRY = -1;
const REFUSED = 0;
const DONE = 1;
const DELETED = 2;

// -- HEXPIRE and its kin -----------------------------------------------------------------------------

/**
 * A replica gets the moment in ms for the fields that got it. A moment already past deletes the fields
 * here and now, and a replica gets an HDEL for each.
 */
function expiring(unit: TimeForm["unit"], from: "after" | "at"): Handler {
  const form = { unit, isAbsolute: from === "at" };
  return (cx, args) => {
    const name = args[1]!;
    // As in Redis, a key of another type is refused first.
    cx.writeAs<HashValue>(name, "hash");
    const { ms, condition, fieldsAt } = expireArgs(cx, args, form);
    const time = { ms, condition, isPast: isPast(cx, BigInt(ms)) };
    const entry = writeFields(cx, args, { from: fieldsAt });

    const results: number[] = [];
    const updated: string[] = [];
    let deleted = 0;
    for (let at = fieldsAt; at < args.length; at++) {
      const field = args[at]!;
      const result = entry ? expireField(cx, entry.value, field, time) : NO_FIELD;
      results.push(result);
      if (result === DONE) updated.push(field);
      else if (result === DELETED) {
        deleted++;
        cx.effect("HDEL", name, field);
      }
    }
    if (updated.length + deleted === 0) return results;
    const hash = entry!.value;
    cx.keep(name, hash, entry);
    cx.notify("h", deleted > 0 ? "hdel" : "hexpire", name);
    if (hash.size === 0) cx.notify("g", "del", name);
    if (updated.length > 0) {
      // In Redis's own form the command keeps its spelling.
      const spelling = form.isAbsolute && unit === "ms" ? args[0]! : "HPEXPIREAT";
      const before = [spelling, name, String(ms), ...args.slice(3, fieldsAt - 1)];
      cx.effectOf([...before, String(updated.length)].concat(updated));
    }
    return results;
  };
}

interface NewTime {
  readonly ms: number;
  readonly isPast: boolean;
  readonly condition?: string | undefined;
}

/** A time that is not after 1970 (a master may say so) becomes its first millisecond: 0 means never. */
function expireField(
  cx: Context,
  hash: HashValue,
  field: string,
  { ms, condition, isPast }: NewTime,
): number {
  const value = hash.get(field);
  if (value === undefined || isHidden(cx, value)) return NO_FIELD;
  const before = expiryOf(value);
  // A field that never expires does so later than any other.
  const isRefused =
    (condition === "NX" && before !== 0) ||
    (condition === "XX" && before === 0) ||
    (condition === "GT" && (before === 0 || ms <= before)) ||
    (condition === "LT" && before !== 0 && ms >= before);
  if (isRefused) return REFUSED;
  if (isPast) {
    hash.delete(field);
    return DELETED;
  }
  hash.setExpiry(field, Math.max(ms, 1));
  return DONE;
}

/** HTTL and its kin: -2 no field, -1 no expiry; parts of seconds count as whole ones. */
function telling(unit: TimeForm["unit"], as: "after" | "at"): Handler {
  return (cx, args) => {
    const hash = cx.readAs<HashValue>(args[1]!, "hash");
    const from = fieldArgs(args, 2, POSITIVE_COUNT);

    const results: number[] = [];
    for (let at = from; at < args.length; at++) {
      const value = hash?.get(args[at]!);
      const expiresAtMs = value === undefined ? 0 : expiryOf(value);
      if (value === undefined || isHidden(cx, value)) results.push(NO_FIELD);
      else if (expiresAtMs === 0) results.push(NO_EXPIRY);
      else {
        const ms = as === "at" ? expiresAtMs : Math.max(expiresAtMs - cx.nowMs, 0);
        results.push(unit === "ms" ? ms : Math.ceil(ms / 1000));
      }
    }
    return results;
  };
}

function hpersist(cx: Context, args: readonly string[]): Reply {
  const entry = cx.writeAs<HashValue>(args[1]!, "hash");
  const from = fieldArgs(args, 2, POSITIVE_COUNT);

  const results: number[] = [];
  let isChanged = false;
  for (let at = from; at < args.length; at++) {
    const value = entry?.value.get(args[at]!);
    if (value === undefined || isHidden(cx, value)) results.push(NO_FIELD);
    else if (expiryOf(value) === 0) results.push(NO_EXPIRY);
    else {
      entry!.value.setExpiry(args[at]!, 0);
      isChanged = true;
      results.push(DONE);
    }
  }
  if (!isChanged) return results;
  cx.keep(args[1]!, entry!.value, entry);
  cx.notify("h", "hpersist", args[1]!);
  return results;
}

// -- getting and setting at once ---------------------------------------------------------------------

/** A replica gets an HDEL. */
function hgetDel(cx: Context, args: readonly string[]): Reply {
  const [, name] = args as [string, string];
  cx.writeAs<HashValue>(name, "hash");
  const from = fieldArgs(args, 2, POSITIVE_COUNT);
  const entry = writeFields(cx, args, { from });

  const values: Reply[] = [];
  let deleted = 0;
  for (let at = from; at < args.length; at++) {
    const value = entry && visible(cx, entry.value, args[at]!);
    values.push(value ?? null);
    if (value !== undefined && entry!.value.delete(args[at]!)) deleted++;
  }
  if (deleted === 0) return values;
  const hash = entry!.value;
  cx.keep(name, hash, entry);
  cx.notify("h", "hdel", name);
  if (hash.size === 0) cx.notify("g", "del", name);
  cx.effectOf(["HDEL", name].concat(args.slice(from)));
  return values;
}

/** A replica gets an HPEXPIREAT, an HPERSIST, or, where the moment is past, an HDEL for each field. */
function hgetEx(cx: Context, args: readonly string[]): Reply {
  const [, name] = args as [string, string];
  cx.writeAs<HashValue>(name, "hash");
  const { isPersist, ms, fieldsAt } = getExArgs(cx, args);
  const time = ms === undefined ? undefined : { ms, isPast: isPast(cx, BigInt(ms)) };
  const entry = writeFields(cx, args, { from: fieldsAt });

  const values: Reply[] = [];
  let updated = 0;
  let deleted = 0;
  for (let at = fieldsAt; at < args.length; at++) {
    const field = args[at]!;
    const value = entry && visible(cx, entry.value, field);
    values.push(value ?? null);
    if (value === undefined || (time === undefined && !isPersist)) continue;
    const result = giveExpiry(cx, entry!.value, field, time);
    if (result === DONE) updated++;
    else if (result === DELETED) {
      deleted++;
      cx.effect("HDEL", name, field);
    }
  }
  if (updated + deleted === 0) return values;
  const hash = entry!.value;
  cx.keep(name, hash, entry);
  if (deleted > 0) cx.notify("h", "hdel", name);
  else {
    cx.notify("h", isPersist ? "hpersist" : "hexpire", name);
    const before = isPersist ? ["HPERSIST", name] : ["HPEXPIREAT", name, String(ms)];
    cx.effectOf(before.concat(args.slice(fieldsAt - 2)));
  }
  if (hash.size === 0) cx.notify("g", "del", name);
  return values;
}

/** Gives a field that is there a time, or takes it away, whatever it had. */
function giveExpiry(
  cx: Context,
  hash: HashValue,
  field: string,
  time: NewTime | undefined,
): number {
  if (time !== undefined) return expireField(cx, hash, field, time);
  if (expiryOf(hash.get(field)!) === 0) return REFUSED;
  hash.setExpiry(field, 0);
  return DONE;
}

/** A replica gets the moment in ms; where it is past, an HDEL for each field in place of the command. */
function hsetEx(cx: Context, args: readonly string[]): Reply {
  const [, name] = args as [string, string];
  const options = setExArgs(cx, args);
  const { condition, isKeepTtl, expiresAtMs, fieldsAt } = options;
  const entry = writeFields(cx, args, { from: fieldsAt, step: 2 });
  if (condition !== undefined) {
    for (let at = fieldsAt; at < args.length; at += 2) {
      const isThere = entry !== undefined && visible(cx, entry.value, args[at]!) !== undefined;
      if (isThere === (condition === "FNX")) return 0;
    }
  }

  const isDeleting = expiresAtMs !== undefined && isPast(cx, BigInt(expiresAtMs));
  setFields(cx, args, { fieldsAt, isKeepTtl, expiresAtMs, isDeleting });
  if (isDeleting)
    for (let at = fieldsAt; at < args.length; at += 2) cx.effect("HDEL", name, args[at]!);
  else if (options.timeAt > 0 && args[options.timeAt - 1]!.toUpperCase() !== "PXAT") {
    const sent = args.slice();
    sent[options.timeAt - 1] = "PXAT";
    sent[options.timeAt] = String(expiresAtMs);
    cx.effectOf(sent);
  }
  return 1;
}

interface SetFields {
  readonly fieldsAt: number;
  readonly isKeepTtl: boolean;
  readonly expiresAtMs: number | undefined;
  /** The time is past: what is set is gone at once. */
  readonly isDeleting: boolean;
}

function setFields(cx: Context, args: readonly string[], options: SetFields): void {
  const { fieldsAt, isKeepTtl, expiresAtMs, isDeleting } = options;
  const [, name] = args as [string, string];
  const entry = cx.writeAs<HashValue>(name, "hash");
  const hash = entry?.value ?? new HashValue();
  const { limits } = cx.engine;
  for (let at = fieldsAt; at < args.length; at += 2) {
    const field = args[at]!;
    if (isDeleting) {
      hash.delete(field);
      continue;
    }
    const before = isKeepTtl ? hash.get(field) : undefined;
    const kept = before === undefined ? 0 : expiryOf(before);
    const time = expiresAtMs === undefined ? kept : Math.max(expiresAtMs, 1);
    hash.set(field, args[at + 1]!, { limits, expiresAtMs: time });
  }
  cx.keep(name, hash, entry);
  cx.notify("h", "hset", name);
  if (expiresAtMs !== undefined) cx.notify("h", isDeleting ? "hdel" : "hexpire", name);
  if (hash.size === 0) cx.notify("g", "del", name);
}
