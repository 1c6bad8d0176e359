/** Times to live (https://redis.io/docs/latest/commands/expire/). */
import { ERRORS } from "../../resp/errors.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import { entryTime, isPast, refuse, type TimeForm, timeMs } from "../arguments.ts";
import { command, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { peek } from "./keys.ts";

const KEYSPACE = { categories: ["keyspace"] };
const CHANGING = { ...KEYSPACE, tips: ["nondeterministic_output"] };

export const EXPIRE_COMMANDS = [
  command("expire", -3, ["write", "fast"], keys("RW update"), expiring("s", "after"), KEYSPACE),
  command("expireat", -3, ["write", "fast"], keys("RW update"), expiring("s", "at"), KEYSPACE),
  command("expiretime", 2, ["readonly", "fast"], keys("RO access"), telling("s", "at"), KEYSPACE),
  command("persist", 2, ["write", "fast"], keys("RW update"), persist, KEYSPACE),
  command("pexpire", -3, ["write", "fast"], keys("RW update"), expiring("ms", "after"), KEYSPACE),
  command("pexpireat", -3, ["write", "fast"], keys("RW update"), expiring("ms", "at"), KEYSPACE),
  command("pexpiretime", 2, ["readonly", "fast"], keys("RO access"), telling("ms", "at"), KEYSPACE),
  command("pttl", 2, ["readonly", "fast"], keys("RO access"), telling("ms", "after"), CHANGING),
  command("ttl", 2, ["readonly", "fast"], keys("RO access"), telling("s", "after"), CHANGING),
];

/**
 * EXPIRE and its kin. A replica gets the moment in ms, options and all; a moment already past deletes
 * the key here and now, and a replica gets that.
 */
function expiring(unit: TimeForm["unit"], from: "after" | "at"): Handler {
  const form = { unit, isAbsolute: from === "at" };
  return (cx, args) => {
    const [spelling, name, time] = args as [string, string, string];
    const options = expireOptions(args);
    const ms = timeMs(cx, time, form);
    if (ms === undefined) throw new ReplyError(ERRORS.badExpire(spelling.toLowerCase()));
    const entry = cx.write(name);
    if (entry === undefined || !isWanted(options, entry.expiresAtMs, entryTime(ms))) return 0;

    if (isPast(cx, ms)) {
      cx.remove(name);
      cx.notify("g", "del", name);
      cx.effect("DEL", name);
    } else {
      cx.expireAt(entry, entryTime(ms));
      cx.notify("g", "expire", name);
      const isExact = form.isAbsolute && unit === "ms";
      if (!isExact) cx.effectOf(["PEXPIREAT", name, String(ms), ...args.slice(3)]);
    }
    return 1;
  };
}

type Option = "NX" | "XX" | "GT" | "LT";
const OPTIONS: readonly string[] = ["NX", "XX", "GT", "LT"];

function expireOptions(args: readonly string[]): ReadonlySet<Option> {
  const options = new Set<Option>();
  for (let at = 3; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    // A text of C's, which ends at a zero byte.
    if (!OPTIONS.includes(option)) refuse(`Unsupported option ${args[at]!.split("\0", 1)[0]!}`);
    options.add(option as Option);
  }
  if (options.has("NX") && options.size > 1) {
    refuse("NX and XX, GT or LT options at the same time are not compatible");
  }
  if (options.has("GT") && options.has("LT")) {
    refuse("GT and LT options at the same time are not compatible");
  }
  return options;
}

/** A key that never expires (`oldMs` 0) does so later than any other, so GT is never true of it. */
function isWanted(options: ReadonlySet<Option>, oldMs: number, newMs: number): boolean {
  if (options.has("NX") && oldMs !== 0) return false;
  if (options.has("XX") && oldMs === 0) return false;
  if (options.has("GT") && (oldMs === 0 || newMs <= oldMs)) return false;
  return !(options.has("LT") && oldMs !== 0 && newMs >= oldMs);
}

function persist(cx: Context, args: readonly string[]): Reply {
  const entry = cx.write(args[1]!);
  if (entry === undefined || entry.expiresAtMs === 0) return 0;
  cx.expireAt(entry, 0);
  cx.notify("g", "persist", entry.name);
  return 1;
}

/** TTL and its kin: -2 no key, -1 no expiry; seconds are rounded to the nearest. */
function telling(unit: TimeForm["unit"], as: "after" | "at"): Handler {
  return (cx, args) => {
    const entry = peek(cx, args[1]!);
    if (entry === undefined) return -2;
    if (entry.expiresAtMs === 0) return -1;
    const ms = Math.max(as === "at" ? entry.expiresAtMs : entry.expiresAtMs - cx.nowMs, 0);
    return unit === "ms" ? wholeNumber(BigInt(ms)) : wholeNumber((BigInt(ms) + 500n) / 1000n);
  };
}

/** A time may be beyond the integers that a number holds exactly. */
function wholeNumber(value: bigint): number | bigint {
  return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}
