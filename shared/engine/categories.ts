/** ACL categories: which commands belong to which. https://redis.io/docs/management/security/acl */
import type { Command, Flag } from "./command.ts";

/** All of them, in the order Redis lists them. */
export const CATEGORIES: readonly string[] = (
  "keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub " +
  "admin fast slow blocking dangerous connection transaction scripting"
).split(" ");

/** What follows from a command's flags. */
const IMPLIED: readonly [flag: Flag, ...categories: string[]][] = [
  ["write", "write"],
  ["readonly", "read"],
  ["admin", "admin", "dangerous"],
  ["pubsub", "pubsub"],
  ["fast", "fast"],
  ["blocking", "blocking"],
];

/** A command's categories, without `@`, in Redis's order. */
export function categoriesOf({ flags, categories }: Command): string[] {
  const found = new Set(categories);
  for (const [flag, ...implied] of IMPLIED) {
    // EVAL_RO and its like are flagged readonly but may do anything.
    if (flag === "readonly" && found.has("scripting")) continue;
    if (flags.has(flag)) for (const category of implied) found.add(category);
  }
  if (!flags.has("fast")) found.add("slow");
  return CATEGORIES.filter((category) => found.has(category));
}
