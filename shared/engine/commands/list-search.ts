/** LPOS (https://redis.io/docs/latest/commands/lpos/). */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import type { ListValue } from "../../types/list.ts";
import { integer, INT64_MIN, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import { countFrom } from "./list-arguments.ts";

interface Options {
  /** From 1 on; negative: from the end. */
  rank: number;
  /** Undefined: the first match alone, and not as an array. 0: all. */
  count?: number;
  /** 0: as many as there are. */
  lengthMax: number;
}

export function lpos(cx: Context, args: readonly string[]): Reply {
  const { rank, count, lengthMax } = optionsOf(args);
  const list = cx.readAs<ListValue>(args[1]!, "list");
  const found =
    list?.indexesOf(args[2]!, {
      from: rank < 0 ? "right" : "left",
      skip: Math.abs(rank) - 1,
      countMax: count === undefined ? 1 : count || Number.POSITIVE_INFINITY,
      lengthMax: lengthMax || Number.POSITIVE_INFINITY,
    }) ?? [];
  return count === undefined ? (found[0] ?? null) : found;
}

function optionsOf(args: readonly string[]): Options {
  const options: Options = { rank: 1, lengthMax: 0 };
  for (let i = 3; i < args.length; i += 2) {
    const option = args[i]!.toLowerCase();
    const value = args[i + 1];
    if (value === undefined) fail("syntax");
    if (option === "rank") options.rank = rankOf(value);
    else if (option === "count") options.count = countFrom(0, value, "COUNT can't be negative");
    else if (option === "maxlen") {
      options.lengthMax = countFrom(0, value, "MAXLEN can't be negative");
    } else fail("syntax");
  }
  return options;
}

function rankOf(text: string): number {
  const rank = integer(text);
  // C cannot negate the lowest integer: Redis then passes over nothing.
  if (rank === INT64_MIN) return -1;
  if (rank === 0) {
    refuse(
      "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use " +
        "negative to start from the end of the list",
    );
  }
  return Number(rank);
}
