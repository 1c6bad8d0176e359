/**
 * Pops from a sorted set, from the first of several, and those that wait for one: ZPOPMIN, ZPOPMAX, ZMPOP,
 * BZPOPMIN, BZPOPMAX, BZMPOP. The last four are propagated as the ZPOPMIN or ZPOPMAX they come to.
 */
import { fail } from "../../resp/errors.ts";
import { NIL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { Slice } from "../../types/score-tree.ts";
import type { ZsetValue } from "../../types/zset.ts";
import { command, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";
import { countFrom } from "./list-arguments.ts";
import { countedKeys, type Pop, readPop } from "./pop-arguments.ts";
import { deadlineMs } from "./timeout.ts";
import { isResp3, sliceReply } from "./zset-arguments.ts";

const ZSET = { categories: ["sortedset"] };
const POPPED = keys("RW access delete");
/** All but the timeout behind them. */
const POPPED_FIRST = keys("RW access delete", 1, { last: -2 });
const BLOCKING = ["write", "noscript", "blocking", "fast"] as const;

const ENDS = ["min", "max"] as const;
type End = (typeof ENDS)[number];

export const ZSET_POP_COMMANDS = [
  command("bzmpop", -5, ["write", "blocking", "movablekeys"], countedKeys(2), bzmpop, ZSET),
  command("bzpopmax", -3, BLOCKING, POPPED_FIRST, blocking("max"), ZSET),
  command("bzpopmin", -3, BLOCKING, POPPED_FIRST, blocking("min"), ZSET),
  command("zmpop", -4, ["write", "movablekeys"], countedKeys(1), zmpop, ZSET),
  command("zpopmax", -2, ["write", "fast"], POPPED, popping("max"), ZSET),
  command("zpopmin", -2, ["write", "fast"], POPPED, popping("min"), ZSET),
];

const NOT_POSITIVE = "value is out of range, must be positive";

function popping(end: End): Handler {
  return (cx, args) => {
    const [, name, wanted] = args as [string, string, string?];
    if (args.length > 3) fail("syntax");
    const count = wanted === undefined ? 1 : countFrom(0, wanted, NOT_POSITIVE);
    const entry = cx.writeAs<ZsetValue>(name, "zset");
    if (entry === undefined || count === 0) return [];

    const popped = pop(cx, entry, { end, count });
    const isNested = wanted !== undefined && isResp3(cx);
    return sliceReply(popped, { isWithScores: true, isNested });
  };
}

/** Takes up to so many members from an end. */
function pop(
  cx: Context,
  entry: Entry & { value: ZsetValue },
  { end, count }: { readonly end: End; readonly count: number },
): Slice {
  const { name, value: zset } = entry;
  const from = end === "min" ? 0 : zset.size - 1;
  const popped = zset.slice(from, Math.min(count, zset.size), { isReverse: end === "max" });
  for (const member of popped.members) zset.delete(member);
  cx.keep(name, zset, entry);
  cx.notify("z", end === "min" ? "zpopmin" : "zpopmax", name);
  if (zset.size === 0) cx.notify("g", "del", name);
  return popped;
}

function zmpop(cx: Context, args: readonly string[]): Reply {
  return popFirst(cx, readPop(args, 1, ENDS)) ?? NIL_ARRAY;
}

function bzmpop(cx: Context, args: readonly string[]): Reply {
  const wanted = readPop(args, 2, ENDS);
  const untilMs = deadlineMs(cx, args[1]!, "s");
  return popFirst(cx, wanted) ?? wait(cx, args, { ...wanted, untilMs });
}

function blocking(end: End): Handler {
  return (cx, args) => {
    const untilMs = deadlineMs(cx, args.at(-1)!, "s");
    const wanted = { names: args.slice(1, -1), end };
    return popFirst(cx, wanted) ?? wait(cx, args, { ...wanted, untilMs });
  };
}

/** Undefined when no sorted set is there. */
function popFirst(cx: Context, { names, end, countMax }: Pop<End>): Reply | undefined {
  for (const name of cx.readyKey === undefined ? names : [cx.readyKey]) {
    const entry = cx.writeAs<ZsetValue>(name, "zset");
    if (entry === undefined) continue;

    const popped = pop(cx, entry, { end, count: countMax ?? 1 });
    const effect = [end === "min" ? "ZPOPMIN" : "ZPOPMAX", name];
    if (countMax !== undefined) effect.push(String(popped.members.length));
    cx.effectOf(effect);
    const isNested = countMax !== undefined;
    const items = sliceReply(popped, { isWithScores: true, isNested });
    return isNested ? [name, items] : [name, ...items];
  }
  return undefined;
}

function wait(
  cx: Context,
  args: readonly string[],
  { names, untilMs }: Pop<End> & { readonly untilMs: number },
): Reply {
  return cx.block({ keys: names, type: "zset", untilMs, args, timedOut: "nil-array" });
}
