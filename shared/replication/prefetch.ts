/** Gathers the keys of a batch of requests that are not resident, and loads them with one query. */
import type { Command } from "../engine/command.ts";
import type { Engine } from "../engine/engine.ts";
import type { Space } from "../engine/space.ts";

/** More keys than this are not worth holding in memory for one batch. */
const KEYS_MAX = 4096;

export function prefetchKeys(
  engine: Engine,
  space: Space,
  batch: readonly (readonly string[])[],
): void {
  const names: string[] = [];
  for (const args of batch) {
    const command = engine.registry.find(args[0]!);
    if (command !== undefined) keysOf(command, args, names);
    if (names.length >= KEYS_MAX) break;
  }
  if (names.length > 1) engine.keyspace.prefetch(space, names);
}

/** The keys at fixed places; commands with others look their keys up one by one. */
function keysOf(command: Command, args: readonly string[], names: string[]): void {
  for (const { begin, find } of command.keySpecs) {
    if (typeof begin !== "object" || !("at" in begin)) continue;
    if (typeof find !== "object" || !("last" in find)) continue;
    const last = find.last < 0 ? args.length + find.last : begin.at + find.last;
    for (let at = begin.at; at <= last && at < args.length; at += find.step) names.push(args[at]!);
  }
}
