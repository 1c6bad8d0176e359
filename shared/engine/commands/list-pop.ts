/**
 * Pops from the first of several lists that has elements, and those that wait for one: LMPOP, BLPOP, BRPOP,
 * BLMPOP (https://redis.io/docs/latest/commands/blpop/). They are propagated as the LPOP or RPOP they
 * come to.
 */
import { NIL_ARRAY, type Reply } from "../../resp/reply.ts";
import type { End, ListValue } from "../../types/list.ts";
import { command, type Handler, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { countedKeys, type Pop, readPop } from "./pop-arguments.ts";
import { deadlineMs } from "./timeout.ts";

const LIST = { categories: ["list"] };
const ENDS = ["left", "right"] as const;
/** All but the timeout behind them. */
const BUT_THE_LAST = { last: -2 };

export const LIST_POP_COMMANDS = [
  command("blmpop", -5, ["write", "blocking", "movablekeys"], countedKeys(2), blmpop, LIST),
  command(
    "blpop",
    -3,
    ["write", "noscript", "blocking"],
    keys("RW access delete", 1, BUT_THE_LAST),
    blocking("left"),
    LIST,
  ),
  command(
    "brpop",
    -3,
    ["write", "noscript", "blocking"],
    keys("RW access delete", 1, BUT_THE_LAST),
    blocking("right"),
    LIST,
  ),
  command("lmpop", -4, ["write", "movablekeys"], countedKeys(1), lmpop, LIST),
];

function blocking(end: End): Handler {
  return (cx, args) => {
    const untilMs = deadlineMs(cx, args[args.length - 1]!, "s");
    const pop = { names: args.slice(1, -1), end };
    return popFirst(cx, pop) ?? wait(cx, args, { ...pop, untilMs });
  };
}

function lmpop(cx: Context, args: readonly string[]): Reply {
  return popFirst(cx, readPop(args, 1, ENDS)) ?? NIL_ARRAY;
}

function blmpop(cx: Context, args: readonly string[]): Reply {
  const pop = readPop(args, 2, ENDS);
  const untilMs = deadlineMs(cx, args[1]!, "s");
  return popFirst(cx, pop) ?? wait(cx, args, { ...pop, untilMs });
}

/** Undefined when no list has elements. */
function popFirst(cx: Context, { names, end, countMax }: Pop<End>): Reply | undefined {
  for (const name of cx.readyKey === undefined ? names : [cx.readyKey]) {
    const entry = cx.writeAs<ListValue>(name, "list");
    if (entry === undefined) continue;

    const list = entry.value;
    const popped = countMax === undefined ? list.pop(end)! : popMany(list, end, countMax);
    cx.keep(name, list, entry);
    tellPopped(cx, name, { end, list });
    const effect = [end === "left" ? "LPOP" : "RPOP", name];
    if (typeof popped !== "string") effect.push(String(popped.length));
    cx.effectOf(effect);
    return [name, popped];
  }
  return undefined;
}

function wait(
  cx: Context,
  args: readonly string[],
  { names, untilMs }: Pop<End> & { readonly untilMs: number },
): Reply {
  return cx.block({ keys: names, type: "list", untilMs, args, timedOut: "nil-array" });
}

/** Up to so many elements from an end, in the order in which single pops would give them. */
export function popMany(list: ListValue, end: End, countMax: number): string[] {
  const count = Math.min(countMax, list.size);
  const popped =
    end === "left" ? list.slice(0, count) : list.slice(list.size - count, list.size).toReversed();
  list.drop(end, count);
  return popped;
}

/** What Redis notifies of once elements were taken from an end. */
export function tellPopped(
  cx: Context,
  name: string,
  { end, list }: { readonly end: End; readonly list: ListValue },
): void {
  cx.notify("l", end === "left" ? "lpop" : "rpop", name);
  if (list.size === 0) cx.notify("g", "del", name);
}
