/** Sets out of others: SINTER, SUNION, SDIFF, and what stores them. */
import { fail } from "../../resp/errors.ts";
import { type Reply, SetReply } from "../../resp/reply.ts";
import { SetValue } from "../../types/set.ts";
import { refuse } from "../arguments.ts";
import { command, type Handler, keys, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import { countFrom } from "./list-arguments.ts";

const SET = { categories: ["set"] };
const UNORDERED = { ...SET, tips: ["nondeterministic_output_order"] };
const SOURCES = keys("RO access", 1, { last: -1 });
const COUNTED: KeySpec[] = [
  { flags: ["RO", "access"], begin: { at: 1 }, find: { numkeysAt: 0, first: 1, step: 1 } },
];

export const SET_COMBINE_COMMANDS = [
  command("sdiff", -2, ["readonly"], SOURCES, answering(difference), UNORDERED),
  command("sdiffstore", -3, ["write", "denyoom"], stored("OW"), storing(difference), SET),
  command("sinter", -2, ["readonly"], SOURCES, answering(intersection), UNORDERED),
  command("sintercard", -3, ["readonly", "movablekeys"], COUNTED, sintercard, SET),
  command("sinterstore", -3, ["write", "denyoom"], stored("RW"), storing(intersection), SET),
  command("sunion", -2, ["readonly"], SOURCES, answering(union), UNORDERED),
  command("sunionstore", -3, ["write", "denyoom"], stored("OW"), storing(union), SET),
];

function stored(access: "OW" | "RW"): KeySpec[] {
  return [...keys(`${access} update`), ...keys("RO access", 2, { last: -1 })];
}

/** Makes a set of its own out of those read; a key that is not there is undefined. */
type Combine = (cx: Context, sets: readonly (SetValue | undefined)[]) => SetValue;

function answering(combine: Combine): Handler {
  return (cx, args) => new SetReply([...combine(cx, readSets(cx, args, 1)).members()]);
}

function storing(combine: Combine): Handler {
  return (cx, args) => {
    const name = args[1]!;
    const result = combine(cx, readSets(cx, args, 2));
    cx.write(name);
    if (result.size > 0) {
      cx.set(name, result);
      cx.notify("s", args[0]!.toLowerCase(), name);
    } else if (cx.remove(name)) cx.notify("g", "del", name);
    return result.size;
  };
}

function readSets(
  cx: Context,
  args: readonly string[],
  from: number,
  to = args.length,
): (SetValue | undefined)[] {
  const sets: (SetValue | undefined)[] = [];
  for (let i = from; i < to; i++) sets.push(cx.readAs<SetValue>(args[i]!, "set"));
  return sets;
}

function union(cx: Context, sets: readonly (SetValue | undefined)[]): SetValue {
  const result = new SetValue();
  for (const set of sets) {
    if (set === undefined) continue;
    for (const member of set.members()) result.add(member, cx.engine.limits);
  }
  return result;
}

function intersection(cx: Context, sets: readonly (SetValue | undefined)[]): SetValue {
  const result = new SetValue();
  for (const member of inAll(sets)) result.add(member, cx.engine.limits);
  return result;
}

/** The members that all sets have, in the order of the smallest set. */
function* inAll(sets: readonly (SetValue | undefined)[]): IterableIterator<string> {
  const bySize: SetValue[] = [];
  for (const set of sets) {
    if (set === undefined) return;
    bySize.push(set);
  }
  const [smallest, ...others] = bySize.sort((a, b) => a.size - b.size);
  for (const member of smallest!.members()) {
    if (isInEach(others, member)) yield member;
  }
}

function isInEach(sets: readonly SetValue[], member: string): boolean {
  for (const set of sets) if (!set.has(member)) return false;
  return true;
}

function isInSome(sets: readonly SetValue[], member: string): boolean {
  for (const set of sets) if (set.has(member)) return true;
  return false;
}

/**
 * Redis chooses between looking each member up in the other sets and taking their members out of a copy;
 * a copy that was no intset stays none, so we choose alike.
 */
function difference(cx: Context, sets: readonly (SetValue | undefined)[]): SetValue {
  const result = new SetValue();
  const [first, ...rest] = sets;
  if (first === undefined || rest.includes(first)) return result;
  const others = rest.filter((set) => set !== undefined).sort((a, b) => b.size - a.size);
  const lookUps = (first.size * (others.length + 1)) / 2;
  const copied = others.reduce((sum, { size }) => sum + size, first.size);
  const isByLookUp = Math.floor(lookUps) <= copied;
  for (const member of first.members()) {
    if (isByLookUp && isInSome(others, member)) continue;
    result.add(member, cx.engine.limits);
  }
  if (isByLookUp) return result;
  for (const set of others) {
    for (const member of set.members()) result.delete(member);
    if (result.size === 0) break;
  }
  return result;
}

/** `numkeys key … [LIMIT limit]`: a limit of 0 is none. */
function sintercard(cx: Context, args: readonly string[]): Reply {
  const keyCount = countFrom(1, args[1]!, "numkeys should be greater than 0");
  const end = 2 + keyCount;
  if (end > args.length) refuse("Number of keys can't be greater than number of args");
  let limit = 0;
  for (let at = end; at < args.length; at += 2) {
    if (args[at]!.toUpperCase() !== "LIMIT" || at + 1 === args.length) fail("syntax");
    limit = countFrom(0, args[at + 1]!, "LIMIT can't be negative");
  }

  let found = 0;
  for (const _ of inAll(readSets(cx, args, 2, end))) if (++found === limit) break;
  return found;
}
