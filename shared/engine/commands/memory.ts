/** MEMORY: what values take. https://redis.io/commands/memory-usage */
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, Verbatim } from "../../resp/reply.ts";
import { type Command, command, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { human } from "../info.ts";
import { DATABASE_COUNT } from "../keyspace.ts";
import { helpRow } from "./help.ts";
import { mapOf } from "./map-of.ts";

const ON_ALL = "request_policy:all_shards";
const SPECIAL = { tips: ["nondeterministic_output", ON_ALL, "response_policy:special"] };

const HELP = `
DOCTOR
    Return memory problems reports.
MALLOC-STATS
    Return internal statistics report from the memory allocator.
PURGE
    Drop what is in memory and unchanged; it is loaded again when it is used.
STATS
    Return information about the memory usage of the server.
USAGE <key> [SAMPLES <count>]
    Return memory in bytes used by <key> and its value. Nested values are
    sampled up to <count> times (default: 5, 0 means sample all).`;

export const MEMORY_COMMANDS: readonly Command[] = [
  command("memory", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      command("memory|doctor", 2, [], NO_KEYS, doctor, SPECIAL),
      helpRow("memory", HELP),
      command("memory|malloc-stats", 2, [], NO_KEYS, mallocStats, SPECIAL),
      command("memory|purge", 2, [], NO_KEYS, purge, {
        tips: [ON_ALL, "response_policy:all_succeeded"],
      }),
      command("memory|stats", 2, [], NO_KEYS, stats, SPECIAL),
      command("memory|usage", -3, ["readonly"], keys("RO", 2), usage),
    ],
  }),
];

/**
 * The engine's own estimate, kept up to date with every change: there is nothing to sample. With all of
 * its elements, in memory or not.
 */
function usage(cx: Context, args: readonly string[]): Reply {
  for (let i = 3; i < args.length; i += 2) {
    if (args[i]!.toLowerCase() !== "samples" || i + 1 === args.length) fail("syntax");
    const count = parseInteger(args[i + 1]!);
    if (count === undefined) fail("notInteger");
    if (count < 0) fail("syntax");
  }
  return cx.lookUp(args[2]!)?.dataBytes ?? null;
}

/** What there is to say of Redis's list, and what is ours. */
function stats({ engine }: Context): Reply {
  const { residentBytes, dirtyBytes } = engine.keyspace;
  const { dataBytes } = engine.eviction;
  let keyCount = 0;
  let liveCount = 0;
  for (let db = 0; db < DATABASE_COUNT; db++) {
    keyCount += engine.keyspace.space(db).keyCount;
    liveCount += engine.keyspace.space(db).liveCount;
  }
  return mapOf([
    ["total.allocated", dataBytes],
    ["keys.count", keyCount],
    ["keys.resident", liveCount],
    ["keys.bytes-per-key", keyCount === 0 ? 0 : Math.floor(dataBytes / keyCount)],
    ["dataset.bytes", dataBytes],
    ["dataset.resident-bytes", residentBytes],
    ["dataset.dirty-bytes", dirtyBytes],
    ["cache.bytes", engine.config.number("cache-bytes")],
  ]);
}

function doctor({ engine }: Context): Reply {
  const { residentBytes, dirtyBytes } = engine.keyspace;
  const cacheBytes = engine.config.number("cache-bytes");
  const text =
    residentBytes - dirtyBytes > cacheBytes
      ? `Sam, I hold ${human(residentBytes)} in memory, more than cache-bytes allows ` +
        `(${human(cacheBytes)}); the rest is dropped with the next round.\n`
      : `Hi Sam, I hold ${human(residentBytes)} in memory of the ${human(cacheBytes)} that ` +
        `cache-bytes allows. I can't find any memory issue in your instance.\n`;
  return new Verbatim("txt", text);
}

function mallocStats(): Reply {
  return "Stats not supported for the current allocator";
}

function purge({ engine }: Context): Reply {
  engine.keyspace.shrink(0);
  return OK;
}
