/**
 * Quicklists: lists in nodes, of which each is a string. Ziplists from Redis 3.2 to 6.2 (type 14); since
 * 7.0 listpacks, or one long element as it is (type 18). Read only. (reference: redis/src/quicklist.c)
 */
import { listpackEntries } from "./listpack.ts";
import { unpackString } from "./packed.ts";
import type { RdbReader } from "./reader.ts";
import { ziplistEntries } from "./ziplist.ts";

/** What the string of a node of type 18 is. */
const PLAIN = 1;
const PACKED = 2;

/** The elements of a list of type 14. */
export function* ziplistNodes(reader: RdbReader): Generator<string> {
  for (let left = reader.length(); left > 0; left--) yield* unpackString(reader, ziplistEntries);
}

/** The elements of a list of type 18. */
export function* listpackNodes(reader: RdbReader): Generator<string> {
  for (let left = reader.length(); left > 0; left--) {
    const { at } = reader;
    const container = reader.length();
    if (container === PLAIN) yield reader.string();
    else if (container === PACKED) yield* unpackString(reader, listpackEntries);
    else reader.fail(`a node of kind 1 or 2, not ${container}`, at);
  }
}
