/** Replies of names and values. */
import { MapReply, type Reply } from "../../resp/reply.ts";

/** A map, written as pairs. */
export function mapOf(pairs: readonly (readonly [name: string, value: Reply])[]): MapReply {
  return new MapReply(pairs.flatMap(([name, value]) => [name, value]));
}
