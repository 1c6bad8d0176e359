/**
 * From one list to another, or from one end to the other: LMOVE and RPOPLPUSH, and BLMOVE and BRPOPLPUSH,
 * which wait for an element (https://redis.io/docs/latest/commands/lmove/).
 */
import type { Reply } from "../../resp/reply.ts";
import { type End, ListValue } from "../../types/list.ts";
import { command, keys } from "../command.ts";
import type { Context } from "../context.ts";
import { endOf } from "./list-arguments.ts";
import { tellPopped } from "./list-pop.ts";
import { deadlineMs } from "./timeout.ts";

const LIST = { categories: ["list"] };
const FROM_TO = [...keys("RW access delete"), ...keys("RW insert", 2)];

export const LIST_MOVE_COMMANDS = [
  command("blmove", 6, ["write", "denyoom", "noscript", "blocking"], FROM_TO, blmove, LIST),
  command("brpoplpush", 4, ["write", "denyoom", "noscript", "blocking"], FROM_TO, brpoplpush, LIST),
  command("lmove", 5, ["write", "denyoom"], FROM_TO, lmove, LIST),
  command("rpoplpush", 3, ["write", "denyoom"], FROM_TO, rpoplpush, LIST),
];

interface Move {
  readonly source: string;
  readonly target: string;
  readonly from: End;
  readonly to: End;
}

function lmove(cx: Context, args: readonly string[]): Reply {
  return move(cx, readMove(args)) ?? null;
}

function rpoplpush(cx: Context, args: readonly string[]): Reply {
  return move(cx, { source: args[1]!, target: args[2]!, ...RIGHT_TO_LEFT }) ?? null;
}

/** Served after a wait it goes out with small letters, as Redis has it. */
function blmove(cx: Context, args: readonly string[]): Reply {
  const wanted = readMove(args);
  const untilMs = deadlineMs(cx, args[5]!, "s");
  const moved = move(cx, wanted);
  if (moved === undefined) return wait(cx, args, untilMs);

  const { source, target, from, to } = wanted;
  const ends = cx.readyKey === undefined ? args.slice(3, 5) : [from, to];
  cx.effect("LMOVE", source, target, ...ends);
  return moved;
}

function brpoplpush(cx: Context, args: readonly string[]): Reply {
  const [, source, target] = args as [string, string, string];
  const untilMs = deadlineMs(cx, args[3]!, "s");
  const moved = move(cx, { source, target, ...RIGHT_TO_LEFT });
  if (moved === undefined) return wait(cx, args, untilMs);

  cx.effect("RPOPLPUSH", source, target);
  return moved;
}

const RIGHT_TO_LEFT = { from: "right", to: "left" } as const;

function readMove(args: readonly string[]): Move {
  const [, source, target, from, to] = args as [string, string, string, string, string];
  return { source, target, from: endOf(from), to: endOf(to) };
}

/** The element; undefined when the source has none. */
function move(cx: Context, { source, target, from, to }: Move): string | undefined {
  const entry = cx.writeAs<ListValue>(source, "list");
  if (entry === undefined) return undefined;
  const targetEntry = cx.writeAs<ListValue>(target, "list");

  const list = entry.value;
  const targetList = targetEntry?.value ?? new ListValue();
  const element = list.pop(from)!;
  targetList.push(to, element);
  if (targetList !== list) cx.keep(target, targetList, targetEntry);
  cx.notify("l", to === "left" ? "lpush" : "rpush", target);
  cx.keep(source, list, entry);
  tellPopped(cx, source, { end: from, list });
  return element;
}

/** In a transaction the answer is nil, and not, as when the time is up, a nil array. */
function wait(cx: Context, args: readonly string[], untilMs: number): Reply {
  if (!cx.mayBlock) return null;
  return cx.block({ keys: [args[1]!], type: "list", untilMs, args, timedOut: "nil-array" });
}
