// COMMAND DOCS in a form that can be compared and kept in a file.

import { MapReply, type Reply, SetReply, Status } from "../../shared/resp/reply.ts";

/** A RESP3 reply as JSON. Subcommands are sorted, as Redis shows them in an order by chance. */
export function plainDocs(reply: Reply): unknown {
  if (reply instanceof Status) return reply.text;
  // One summary of 7.0.15 ends with a space.
  if (typeof reply === "string") return reply.trimEnd();
  if (reply instanceof SetReply) return reply.items.map(plainDocs);
  if (reply instanceof MapReply) return plainMap(reply.flat);
  return Array.isArray(reply) ? (reply as readonly Reply[]).map(plainDocs) : reply;
}

function plainMap(flat: readonly Reply[]): Record<string, unknown> {
  const pairs: [string, unknown][] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const value = plainDocs(flat[i + 1]!);
    const name = flat[i] as string;
    pairs.push([name, name === "subcommands" ? sortedByName(value as object) : value]);
  }
  return Object.fromEntries(pairs);
}

export function sortedByName(object: object): object {
  return Object.fromEntries(Object.entries(object).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
