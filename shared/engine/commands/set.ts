/** The set commands (https://redis.io/docs/latest/commands/?group=set). */
import { globMatch } from "../../base/glob.ts";
import { fail } from "../../resp/errors.ts";
import { type Reply, SetReply } from "../../resp/reply.ts";
import { SetValue } from "../../types/set.ts";
import { type Command, command, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import { countFrom } from "./list-arguments.ts";
import { cursor, scanOptions } from "./scan.ts";
import { SET_COMBINE_COMMANDS } from "./set-combine.ts";
import { sampleCount, sampleDistinct } from "./set-sample.ts";

const SET = { categories: ["set"] };
const CHANGING = { ...SET, tips: ["nondeterministic_output"] };
const UNORDERED = { ...SET, tips: ["nondeterministic_output_order"] };

export const SET_COMMANDS: readonly Command[] = [
  command("sadd", -3, ["write", "denyoom", "fast"], keys("RW insert"), sadd, SET),
  command("scard", 2, ["readonly", "fast"], keys("RO"), scard, SET),
  command("sismember", 3, ["readonly", "fast"], keys("RO"), sismember, SET),
  command("smembers", 2, ["readonly"], keys("RO access"), smembers, UNORDERED),
  command("smismember", -3, ["readonly", "fast"], keys("RO access"), smismember, SET),
  command("smove", 4, ["write", "fast"], fromTo("RW access delete", "RW insert"), smove, SET),
  command("spop", -2, ["write", "fast"], keys("RW access delete"), spop, CHANGING),
  command("srandmember", -2, ["readonly"], keys("RO access"), srandmember, CHANGING),
  command("srem", -3, ["write", "fast"], keys("RW delete"), srem, SET),
  command("sscan", -3, ["readonly"], keys("RO access"), sscan, CHANGING),
  ...SET_COMBINE_COMMANDS,
];

/** Two keys, each with flags of its own. */
function fromTo(from: string, to: string): KeySpec[] {
  return [...keys(from), ...keys(to, 2)];
}

// -- reading -----------------------------------------------------------------------------------------

function scard(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<SetValue>(args[1]!, "set")?.size ?? 0;
}

function sismember(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<SetValue>(args[1]!, "set")?.has(args[2]!) === true ? 1 : 0;
}

function smismember(cx: Context, args: readonly string[]): Reply {
  const set = cx.readAs<SetValue>(args[1]!, "set");
  return args.slice(2).map((member) => (set?.has(member) === true ? 1 : 0));
}

function smembers(cx: Context, args: readonly string[]): Reply {
  const set = cx.readAs<SetValue>(args[1]!, "set");
  return new SetReply(set === undefined ? [] : [...set.members()]);
}

function sscan(cx: Context, args: readonly string[]): Reply {
  const from = cursor(args[2]!);
  const set = cx.readAs<SetValue>(args[1]!, "set");
  if (set === undefined) return ["0", []];
  const { countMax, pattern } = scanOptions(args, { from: 3 });

  const { found, next } = set.scan(from, countMax);
  const isAll = pattern === undefined;
  return [String(next), isAll ? found : found.filter((member) => globMatch(pattern, member))];
}

function srandmember(cx: Context, args: readonly string[]): Reply {
  const [, name, wanted] = args as [string, string, string?];
  if (args.length > 3) fail("syntax");
  const count = wanted === undefined ? 1 : sampleCount(wanted);
  const set = cx.readAs<SetValue>(name, "set");
  if (set === undefined) return wanted === undefined ? null : [];

  if (wanted === undefined) return set.random(cx.random);
  if (count < 0) return Array.from({ length: -count }, () => set.random(cx.random));
  return sampleDistinct(count, {
    size: set.size,
    all: () => [...set.members()],
    draw: () => set.random(cx.random),
    random: cx.random,
  });
}

// -- changing ----------------------------------------------------------------------------------------

function sadd(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const entry = cx.writeAs<SetValue>(name, "set");
  const set = entry?.value ?? new SetValue();
  const { limits } = cx.engine;

  let added = 0;
  for (let i = 2; i < args.length; i++) if (set.add(args[i]!, limits)) added++;
  if (added === 0) return 0;
  cx.keep(name, set, entry);
  cx.notify("s", "sadd", name);
  return added;
}

function srem(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const entry = cx.writeAs<SetValue>(name, "set");
  if (entry === undefined) return 0;
  const set = entry.value;

  let removed = 0;
  for (let i = 2; i < args.length; i++) if (set.delete(args[i]!)) removed++;
  if (removed === 0) return 0;
  cx.keep(name, set, entry);
  tellRemoved(cx, name, { event: "srem", set });
  return removed;
}

/** What Redis notifies of once members were taken out. */
function tellRemoved(
  cx: Context,
  name: string,
  { event, set }: { readonly event: string; readonly set: SetValue },
): void {
  cx.notify("s", event, name);
  if (set.size === 0) cx.notify("g", "del", name);
}

function smove(cx: Context, args: readonly string[]): Reply {
  const [, from, to, member] = args as [string, string, string, string];
  const source = cx.write(from);
  const target = cx.write(to);
  if (source === undefined) return 0;
  const set = cx.writeAs<SetValue>(from, "set")!.value;
  const entry = target && cx.writeAs<SetValue>(to, "set");
  if (from === to) return set.has(member) ? 1 : 0;

  if (!set.delete(member)) return 0;
  cx.keep(from, set, source);
  tellRemoved(cx, from, { event: "srem", set });
  const other = entry?.value ?? new SetValue();
  if (other.add(member, cx.engine.limits)) {
    cx.keep(to, other, entry);
    cx.notify("s", "sadd", to);
  }
  return 1;
}

// -- SPOP --------------------------------------------------------------------------------------------

const NOT_POSITIVE = "value is out of range, must be positive";

/** A replica gets what was taken: chance is not replayed. */
function spop(cx: Context, args: readonly string[]): Reply {
  const [, name, wanted] = args as [string, string, string?];
  if (args.length > 3) fail("syntax");
  const count = wanted === undefined ? 1 : countFrom(0, wanted, NOT_POSITIVE);
  const entry = cx.writeAs<SetValue>(name, "set");
  if (entry === undefined) return wanted === undefined ? null : new SetReply([]);
  if (wanted !== undefined) return count === 0 ? new SetReply([]) : popMany(cx, entry, count);

  const set = entry.value;
  const member = set.random(cx.random);
  set.delete(member);
  cx.keep(name, set, entry);
  tellRemoved(cx, name, { event: "spop", set });
  cx.effect("SREM", name, member);
  return member;
}

type SetEntry = NonNullable<ReturnType<typeof Context.prototype.writeAs<SetValue>>>;

/** What is left is put into a set of its own when it is less than a fifth of what is taken. */
const REST_TIMES = 5;

function popMany(cx: Context, entry: SetEntry, count: number): Reply {
  const { name, value: set, expiresAtMs } = entry;
  if (count >= set.size) {
    cx.remove(name);
    cx.notify("s", "spop", name);
    cx.notify("g", "del", name);
    cx.effect("DEL", name);
    return new SetReply([...set.members()]);
  }
  const restCount = set.size - count;
  const isNewSet = restCount * REST_TIMES <= count;
  const rest = isNewSet ? takeOut(cx, set, restCount) : [];
  const popped = isNewSet ? [...set.members()] : takeOut(cx, set, count);
  if (isNewSet) {
    // As in Redis, it may be an intset again.
    const kept = new SetValue();
    for (const member of rest) kept.add(member, cx.engine.limits);
    cx.set(name, kept, expiresAtMs);
  } else cx.keep(name, set, entry);
  cx.notify("s", "spop", name);
  for (const member of popped) cx.effect("SREM", name, member);
  return new SetReply(popped);
}

function takeOut(cx: Context, set: SetValue, count: number): string[] {
  const taken: string[] = [];
  for (let i = 0; i < count; i++) {
    const member = set.random(cx.random);
    set.delete(member);
    taken.push(member);
  }
  return taken;
}
