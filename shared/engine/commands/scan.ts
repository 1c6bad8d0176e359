/** Commands that look through all keys of a database: KEYS, RANDOMKEY, SCAN. */
import { globMatch } from "../../base/glob.ts";
import { HASH_LIMIT } from "../../base/key-hash.ts";
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import { count, refuse } from "../arguments.ts";
import { command, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { settle } from "../execute.ts";
import type { KeyInfo } from "../space.ts";

export const SCAN_COMMANDS = [
  command("keys", 2, ["readonly"], NO_KEYS, keysMatching, {
    categories: ["keyspace", "dangerous"],
    tips: ["request_policy:all_shards", "nondeterministic_output_order"],
  }),
  command("randomkey", 1, ["readonly"], NO_KEYS, randomKey, {
    categories: ["keyspace"],
    tips: ["request_policy:all_shards", "nondeterministic_output"],
  }),
  command("scan", -2, ["readonly"], NO_KEYS, scan, {
    categories: ["keyspace"],
    tips: ["nondeterministic_output", "request_policy:special"],
  }),
];

/** Keys asked of the keyspace at a time where all of them are wanted. */
const CHUNK_KEYS = 1000;
/** More than a node can hold; and the store takes no count beyond what an integer holds. */
const COUNT_MAX = 1_000_000_000;

/** Hides what has expired, and leaves it to others to delete it. */
function keysMatching(cx: Context, args: readonly string[]): Reply {
  const pattern = args[1]!;
  const isAll = pattern === "*";
  const found: string[] = [];
  let from = 0;
  do {
    const { keys, next } = cx.engine.keyspace.walk(cx.space, from, CHUNK_KEYS);
    for (const key of keys) {
      if ((isAll || globMatch(pattern, key.name)) && !cx.isExpired(key)) found.push(key.name);
    }
    from = next;
  } while (from !== 0);
  return found;
}

/** How many keys at the place where chance points are drawn from, so that gaps favour none much. */
const DRAW_KEYS = 16;
const DRAWS_MAX = 100;

/**
 * A key that has not expired. On a replica, where expired keys wait for the master's DEL, it may be one
 * that has, when 100 draws found no other.
 */
function randomKey(cx: Context): Reply {
  let last: string | null = null;
  for (let draw = 0; draw < DRAWS_MAX && cx.space.keyCount > 0; draw++) {
    const from = Math.floor(cx.random.next() * HASH_LIMIT);
    let { keys } = cx.engine.keyspace.walk(cx.space, from, DRAW_KEYS);
    if (keys.length === 0) ({ keys } = cx.engine.keyspace.walk(cx.space, 0, DRAW_KEYS));
    const key = keys[Math.floor(cx.random.next() * keys.length)];
    if (key === undefined) continue;
    last = key.name;
    if (!expire(cx, key)) return last;
  }
  return cx.engine.mayExpire ? null : last;
}

/**
 * The cursor is the hash to go on from, so it stays good whatever happens to the keys: one that is there
 * from the first call to the last is returned exactly once.
 */
function scan(cx: Context, args: readonly string[]): Reply {
  const from = cursor(args[1]!);
  const { countMax, pattern, type } = scanOptions(args);

  const { keys, next } =
    from < HASH_LIMIT ? cx.engine.keyspace.walk(cx.space, from, countMax) : { keys: [], next: 0 };
  const found: string[] = [];
  for (const key of keys) {
    if (pattern !== undefined && !globMatch(pattern, key.name)) continue;
    if (type !== undefined && key.type !== type) continue;
    if (!expire(cx, key)) found.push(key.name);
  }
  return [String(next), found];
}

/** What C's strtoul takes: a sign is fine, more than 64 bits are not. */
export function cursor(text: string): number {
  if (!/^[+-]?\d*$/.test(text)) refuse("invalid cursor");
  const value = text === "" || text === "+" || text === "-" ? 0n : BigInt(text.replace("+", ""));
  const size = value < 0n ? -value : value;
  if (size >= 1n << 64n) refuse("invalid cursor");
  return Number(BigInt.asUintN(64, value));
}

/**
 * The options of SCAN, or from argument 3 on those of its kin for the elements of a key, which have no
 * TYPE; HSCAN has NOVALUES besides.
 */
export function scanOptions(args: readonly string[], { from = 2, hasNoValues = false } = {}) {
  let countMax = 10;
  let pattern: string | undefined;
  let type: string | undefined;
  let isNoValues = false;
  for (let at = from; at < args.length; at += 2) {
    const option = args[at]!.toUpperCase();
    if (option === "NOVALUES" && hasNoValues) {
      isNoValues = true;
      at--;
      continue;
    }
    const value = args[at + 1];
    if (value === undefined) fail("syntax");
    if (option === "COUNT") {
      countMax = Math.min(count(value), COUNT_MAX);
      if (countMax < 1) fail("syntax");
    } else if (option === "MATCH") pattern = value === "*" ? undefined : value;
    else if (option === "TYPE" && from === 2) type = value.toLowerCase();
    else fail("syntax");
  }
  return { countMax, pattern, type, isNoValues };
}

/** Whether a key met on the way has expired. A master deletes it, each with a DEL of its own. */
function expire(cx: Context, key: KeyInfo): boolean {
  if (!cx.isExpired(key)) return false;
  cx.lookUp(key.name);
  if (!cx.isNested) settle(cx);
  return true;
}
