/** The list commands (https://redis.io/docs/latest/commands/?group=list). */
import { detach } from "../../base/bytes.ts";
import { ERRORS, fail } from "../../resp/errors.ts";
import { NIL_ARRAY, OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { type End, ListValue } from "../../types/list.ts";
import { count, refuse } from "../arguments.ts";
import { type Command, command, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { countFrom } from "./list-arguments.ts";
import { LIST_MOVE_COMMANDS } from "./list-move.ts";
import { LIST_POP_COMMANDS, popMany, tellPopped } from "./list-pop.ts";
import { lpos } from "./list-search.ts";

const LIST = { categories: ["list"] };

export const LIST_COMMANDS: readonly Command[] = [
  command("lindex", 3, ["readonly"], keys("RO access"), lindex, LIST),
  command("linsert", 5, ["write", "denyoom"], keys("RW insert"), linsert, LIST),
  command("llen", 2, ["readonly", "fast"], keys("RO"), llen, LIST),
  command("lpop", -2, ["write", "fast"], keys("RW access delete"), popping("left"), LIST),
  command("lpos", -3, ["readonly"], keys("RO access"), lpos, LIST),
  command("lpush", -3, ["write", "denyoom", "fast"], keys("RW insert"), pushing("left"), LIST),
  command("lpushx", -3, ["write", "denyoom", "fast"], keys("RW insert"), pushingX("left"), LIST),
  command("lrange", 4, ["readonly"], keys("RO access"), lrange, LIST),
  command("lrem", 4, ["write"], keys("RW delete"), lrem, LIST),
  command("lset", 4, ["write", "denyoom"], keys("RW update"), lset, LIST),
  command("ltrim", 4, ["write"], keys("RW delete"), ltrim, LIST),
  command("rpop", -2, ["write", "fast"], keys("RW access delete"), popping("right"), LIST),
  command("rpush", -3, ["write", "denyoom", "fast"], keys("RW insert"), pushing("right"), LIST),
  command("rpushx", -3, ["write", "denyoom", "fast"], keys("RW insert"), pushingX("right"), LIST),
  ...LIST_MOVE_COMMANDS,
  ...LIST_POP_COMMANDS,
];

// -- the ends ----------------------------------------------------------------------------------------

function pushing(end: End): Handler {
  return (cx, args) => push(cx, args, { end, needsKey: false });
}

function pushingX(end: End): Handler {
  return (cx, args) => push(cx, args, { end, needsKey: true });
}

function push(
  cx: Context,
  args: readonly string[],
  { end, needsKey }: { readonly end: End; readonly needsKey: boolean },
): Reply {
  const name = args[1]!;
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined && needsKey) return 0;

  const list = entry?.value ?? new ListValue();
  for (let i = 2; i < args.length; i++) list.push(end, detach(args[i]!));
  cx.keep(name, list, entry);
  cx.notify("l", end === "left" ? "lpush" : "rpush", name);
  return list.size;
}

const NOT_POSITIVE = "value is out of range, must be positive";

function popping(end: End): Handler {
  return (cx, args) => pop(cx, args, end);
}

function pop(cx: Context, args: readonly string[], end: End): Reply {
  const [spelling, name, wanted] = args as [string, string, string?];
  if (args.length > 3) throw new ReplyError(ERRORS.wrongArity(spelling.toLowerCase()));
  const countMax = wanted === undefined ? 1 : countFrom(0, wanted, NOT_POSITIVE);
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined) return wanted === undefined ? null : NIL_ARRAY;
  if (countMax === 0) return [];

  const list = entry.value;
  const popped = wanted === undefined ? list.pop(end)! : popMany(list, end, countMax);
  cx.keep(name, list, entry);
  tellPopped(cx, name, { end, list });
  return popped;
}

// -- reading -----------------------------------------------------------------------------------------

function llen(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<ListValue>(args[1]!, "list")?.size ?? 0;
}

function lindex(cx: Context, args: readonly string[]): Reply {
  const list = cx.readAs<ListValue>(args[1]!, "list");
  if (list === undefined) return null;
  return list.at(fromStart(count(args[2]!), list)) ?? null;
}

function lrange(cx: Context, args: readonly string[]): Reply {
  const start = count(args[2]!);
  const end = count(args[3]!);
  const list = cx.readAs<ListValue>(args[1]!, "list");
  if (list === undefined) return [];
  return list.slice(Math.max(fromStart(start, list), 0), fromStart(end, list) + 1);
}

/** An index from the start; a negative one counts from the end. */
function fromStart(index: number, { size }: ListValue): number {
  return index < 0 ? size + index : index;
}

// -- changing places ---------------------------------------------------------------------------------

function lset(cx: Context, args: readonly string[]): Reply {
  const [, name, index, element] = args as [string, string, string, string];
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined) fail("noSuchKey");
  const list = entry.value;
  const at = fromStart(count(index), list);

  if (!list.set(at, detach(element))) refuse("index out of range");
  cx.keep(name, list, entry);
  cx.notify("l", "lset", name);
  return OK;
}

function linsert(cx: Context, args: readonly string[]): Reply {
  const [, name, where, pivot, element] = args as [string, string, string, string, string];
  const side = where.toLowerCase();
  if (side !== "before" && side !== "after") fail("syntax");
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined) return 0;

  const list = entry.value;
  if (!list.insert(pivot, detach(element), side === "after")) return -1;
  cx.keep(name, list, entry);
  cx.notify("l", "linsert", name);
  return list.size;
}

/** One that removes nothing is propagated as nothing, but counts as a change for who watches the key. */
function ltrim(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const first = count(args[2]!);
  const last = count(args[3]!);
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined) return OK;

  const list = entry.value;
  const { size } = list;
  const from = Math.max(fromStart(first, list), 0);
  const to = Math.min(fromStart(last, list), size - 1) + 1;
  const isEmpty = from >= to;
  list.drop("left", isEmpty ? size : from);
  list.drop("right", isEmpty ? 0 : size - to);
  if (list.size === size) {
    cx.signal(name);
    cx.noEffect();
  } else cx.keep(name, list, entry);
  cx.notify("l", "ltrim", name);
  if (list.size === 0) cx.notify("g", "del", name);
  return OK;
}

/** A positive count removes from the start on, a negative one from the end on, 0 all. */
function lrem(cx: Context, args: readonly string[]): Reply {
  const [, name, wanted, element] = args as [string, string, string, string];
  const signed = count(wanted);
  const entry = cx.writeAs<ListValue>(name, "list");
  if (entry === undefined) return 0;

  const list = entry.value;
  const countMax = signed === 0 ? list.size : Math.min(Math.abs(signed), list.size);
  const removed = list.remove(element, countMax, signed < 0 ? "right" : "left");
  if (removed === 0) return 0;
  cx.keep(name, list, entry);
  cx.notify("l", "lrem", name);
  if (list.size === 0) cx.notify("g", "del", name);
  return removed;
}
