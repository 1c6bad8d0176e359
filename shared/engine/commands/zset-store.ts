/** Sorted sets that commands make and put in a key. */
import type { Reply } from "../../resp/reply.ts";
import { type ZsetLimits, ZsetValue } from "../../types/zset.ts";
import type { Context } from "../context.ts";

/** A sorted set of these, compact when it is within the limits as a whole. */
export function zsetOf(scores: ReadonlyMap<string, number>, limits: ZsetLimits): ZsetValue {
  let isCompact = scores.size <= limits.zsetEntries;
  for (const member of scores.keys()) isCompact &&= member.length <= limits.zsetValue;
  const zset = new ZsetValue({ isCompact });
  for (const [member, score] of scores) zset.set(member, score, limits);
  return zset;
}

/** Puts a sorted set in a key, whatever it held; no elements are no key. Answers how many there are. */
export function store(
  cx: Context,
  name: string,
  { result, event }: { readonly result: ZsetValue; readonly event: string },
): Reply {
  cx.write(name);
  if (result.size > 0) {
    cx.set(name, result);
    cx.notify("z", event, name);
  } else if (cx.remove(name)) cx.notify("g", "del", name);
  return result.size;
}
