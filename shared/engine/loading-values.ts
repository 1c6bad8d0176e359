/**
 * A value of very many parts is loaded some of them at a time, so that nobody waits long for one that
 * somebody else asked for. The request that wants it is held back meanwhile, and runs when all is there. So
 * is one that may write to a value which a checkpoint is encoding (checkpoint-run.ts), and any that writes
 * while a checkpoint cannot keep up.
 */
import { NO_REPLY, type Reply } from "../resp/reply.ts";
import { Unloaded } from "../types/unloaded.ts";
import type { Command } from "./command.ts";
import type { Context } from "./context.ts";
import { keysOf } from "./key-specs.ts";
import { mayWrite } from "./pause.ts";

/** Parts loaded in one go, half a megabyte at most: some 10 ms, to which a garbage collection may come. */
const PARTS_PER_SLICE = 256;

/** What is done to a key without a look at its elements. */
const NEEDS_NO_ELEMENTS = new Set(
  (
    "del exists expire expireat expiretime object|encoding object|freq object|idletime persist " +
    "pexpire pexpireat pexpiretime pttl rename renamenx set touch ttl type unlink watch"
  ).split(" "),
);

/** Holds a request back whose values are still to be loaded; undefined when it may run. */
export function awaitValues(
  cx: Context,
  command: Command,
  args: readonly string[],
): Reply | undefined {
  const { session, engine } = cx;
  const { keyspace } = engine;
  const isAllThere = keyspace.unloadedCount === 0 && cx.space.isComplete;
  if (isAllThere && !keyspace.hasFrozen && !engine.holdsWrites) return undefined;
  if (command.name !== "exec") {
    if (hasValues(cx, command, args)) return undefined;
  } else {
    const wanted = { bytes: 0 };
    const queue = session.transaction?.queue ?? [];
    if (queue.every((queued) => hasValuesOf(cx, queued, wanted))) return undefined;
  }
  // The next tick looks again.
  session.blocked = { kind: "paused", untilMs: engine.nowMs, args };
  return NO_REPLY;
}

/**
 * What one request or transaction has in memory already. Where that alone may fill the cache, the rest is
 * loaded at once: by the next tick some of it would be gone, and so for ever.
 */
export interface Wanted {
  bytes: number;
}

/** As `hasValues`, for a request as it was sent. */
export function hasValuesOf(
  cx: Context,
  args: readonly string[],
  wanted: Wanted = { bytes: 0 },
): boolean {
  const row = cx.engine.registry.find(args[0]!);
  const command = row?.subcommands.get((args[1] ?? "").toLowerCase()) ?? row;
  return command === undefined || hasValues(cx, command, args, wanted);
}

/**
 * Whether all elements a request may want are in memory, and may be changed where it may do that; each
 * call loads some more of them.
 */
function hasValues(
  cx: Context,
  command: Command,
  args: readonly string[],
  wanted: Wanted = { bytes: 0 },
): boolean {
  const { engine } = cx;
  if (engine.holdsWrites && mayWrite(cx, command, args)) return false;
  if (NEEDS_NO_ELEMENTS.has(command.name)) return true;
  const { keyspace, config } = engine;
  const isReading = command.flags.has("readonly");
  for (const { name } of keysOf(command, args) ?? []) {
    const entry = keyspace.find(cx.space, name);
    if (entry !== undefined && !isReading && keyspace.isFrozen(entry)) return false;
    if (entry?.value instanceof Unloaded) {
      const isTooMuch = wanted.bytes * 2 >= config.number("cache-bytes");
      const partsMax = isTooMuch ? Number.POSITIVE_INFINITY : PARTS_PER_SLICE;
      if (!keyspace.open(entry, partsMax)) return false;
    }
    wanted.bytes += entry?.byteCount ?? 0;
  }
  return true;
}
