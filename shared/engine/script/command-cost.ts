/**
 * What a command takes beyond its arguments and its reply, which are counted as they go to and fro: some look
 * at all that their keys hold, whatever they are asked. In instructions of a script that take as long
 * (measured one by one in the pure core; within a factor of three).
 */
import { LONG_STRING_BYTES } from "../../types/long-string.ts";
import type { Context } from "../context.ts";
import { findKeys } from "../key-specs.ts";

type Cost = (sizes: readonly number[], cx: Context, args: readonly string[]) => number;

/** By what the values of its keys take in memory, in bytes. */
const COSTS: ReadonlyMap<string, Cost> = new Map([
  ...names("bitcount bitop bitpos lpos lrem", each(1 / 12)),
  ...names("linsert geosearch geosearchstore", each(1 / 20)),
  ...names("georadius georadius_ro georadiusbymember georadiusbymember_ro", each(1 / 20)),
  ...names("copy", each(1 / 8)),
  ...names("dump", each(1 / 4)),
  ...names("sdiff sdiffstore sinter sintercard sinterstore sunion sunionstore", each(1)),
  ...names("zdiff zdiffstore zinter zintercard zinterstore zunion zunionstore", each(2)),
  ...names("sort sort_ro", each(1)),
  ...names("pfcount pfmerge", each(2)),
  // Longer ones are in pages.
  ...names("append bitfield setbit setrange", each(1 / 10, LONG_STRING_BYTES)),
  ...names("lcs", (sizes) => sizes.reduce((product, size) => product * size, 1 / 3)),
  ...names("keys", (_, { space }) => KEY * space.keyCount),
  ...names("scan", (_, { space }, args) => KEY * Math.min(countIn(args), space.keyCount)),
  ...names("hscan sscan zscan", ([size = 0], _, args) => KEY * Math.min(countIn(args), size)),
  ...names("xrange xrevrange xread xreadgroup xpending", () => STREAM_BLOCK),
]);
/** A key or an element that is looked at and not answered. */
const KEY = 20;
/** A block of a stream, which is decoded whole. */
const STREAM_BLOCK = 1000;

function names(text: string, cost: Cost): [string, Cost][] {
  return text.split(" ").map((name) => [name, cost]);
}

function each(perByte: number, bytesMax = Infinity): Cost {
  return (sizes) => sizes.reduce((sum, size) => sum + perByte * Math.min(size, bytesMax), 0);
}

/** What stands behind COUNT. */
function countIn(args: readonly string[]): number {
  const at = args.findIndex((arg) => arg.toLowerCase() === "count");
  const count = at < 0 ? 0 : Number(args[at + 1]);
  return count > 0 ? count : 0;
}

/** Once the command has run. */
export function commandCost(cx: Context, args: readonly string[]): number {
  const command = cx.engine.registry.find(args[0]!);
  const cost = command && COSTS.get(command.name);
  if (command === undefined || cost === undefined) return 0;
  const { keyspace } = cx.engine;
  const sizes = findKeys(command, args).keys.map(({ name }) => {
    return keyspace.find(cx.space, name)?.byteCount ?? 0;
  });
  return cost(sizes, cx, args);
}
