/** Looking at some of a hash's fields, whichever they are: HRANDFIELD, HSCAN. */
import { globMatch } from "../../base/glob.ts";
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import { type FieldValue, type HashValue, textOf } from "../../types/hash.ts";
import { INT64_MAX, integer, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import { isHidden, mayHide, readLive } from "./hash-fields.ts";
import { cursor, scanOptions } from "./scan.ts";

type Pair = readonly [field: string, value: FieldValue];

/** Whoever asks for a field a million times must not get more than this at once. */
const REPLY_BYTES_MAX = 64 * 1024 * 1024;
const PAIR_BYTES = 16;
/** Where so many times the fields asked for are all there are, they are drawn from a list of all. */
const LIST_SHARE = 3;

export function hashRandField(cx: Context, args: readonly string[]): Reply {
  if (args.length === 2) {
    const hash = readLive(cx, args[1]!);
    return hash === undefined ? null : (sampler(cx, hash, 1)()?.[0] ?? null);
  }
  const { count, hasValues } = countOptions(args);
  const hash = readLive(cx, args[1]!);
  if (hash === undefined || count === 0) return [];

  const pairs = count > 0 ? distinct(cx, hash, count) : repeated(cx, hash, -count);
  return shown(cx, pairs, hasValues);
}

/** Counts beyond 2^53 are rounded, and mean all there is or too many either way. */
function countOptions(args: readonly string[]): { count: number; hasValues: boolean } {
  const count = integer(args[2]!);
  if (count < -INT64_MAX) {
    refuse(`value is out of range, value must between ${-INT64_MAX} and ${INT64_MAX}`);
  }
  if (args.length === 3) return { count: Number(count), hasValues: false };
  if (args.length > 4 || args[3]!.toUpperCase() !== "WITHVALUES") fail("syntax");
  // RESP2 has twice as many elements in the reply.
  const half = INT64_MAX / 2n;
  if (count > half || count < -half) fail("outOfRange");
  return { count: Number(count), hasValues: true };
}

/** As many different fields, or all where there are no more. */
function distinct(cx: Context, hash: HashValue, count: number): readonly Pair[] {
  if (count * LIST_SHARE < hash.size && !mayHide(cx, hash)) {
    const found = new Map<string, FieldValue>();
    while (found.size < count) found.set(...hash.random(cx.random));
    return [...found];
  }
  const all = livePairs(cx, hash);
  if (count >= all.length) return all;
  // The first of a shuffled list, without shuffling the rest.
  for (let at = 0; at < count; at++) {
    const other = at + Math.floor(cx.random.next() * (all.length - at));
    const pair = all[other]!;
    all[other] = all[at]!;
    all[at] = pair;
  }
  all.length = count;
  return all;
}

/** So many draws, each from all fields. */
function repeated(cx: Context, hash: HashValue, count: number): readonly Pair[] {
  if (count * (hash.byteCount / hash.size) > REPLY_BYTES_MAX) fail("outOfRange");
  const draw = sampler(cx, hash, count);
  const found: Pair[] = [];
  let byteCount = 0;
  for (let i = 0; i < count; i++) {
    const pair = draw();
    if (pair === undefined) break;
    byteCount += PAIR_BYTES + pair[0].length + textOf(pair[1]).length;
    if (byteCount > REPLY_BYTES_MAX) fail("outOfRange");
    found.push(pair);
  }
  return found;
}

/** Draws fields, in the way that is cheaper for so many of them. */
function sampler(cx: Context, hash: HashValue, count: number): () => Pair | undefined {
  const { random } = cx;
  if (count * LIST_SHARE < hash.size && !mayHide(cx, hash)) return () => hash.random(random);
  const all = livePairs(cx, hash);
  return () => all[Math.floor(random.next() * all.length)];
}

function livePairs(cx: Context, hash: HashValue): Pair[] {
  const isHiding = mayHide(cx, hash);
  const pairs: Pair[] = [];
  hash.forEach((value, field) => {
    if (!isHiding || !isHidden(cx, value)) pairs.push([field, value]);
  });
  return pairs;
}

/** RESP3 pairs a field with its value; RESP2 has them one behind the other. */
function shown(cx: Context, pairs: readonly Pair[], hasValues: boolean): Reply {
  const reply: Reply[] = [];
  for (const [field, value] of pairs) {
    if (!hasValues) reply.push(field);
    else if (cx.protocol === 3) reply.push([field, textOf(value)]);
    else reply.push(field, textOf(value));
  }
  return reply;
}

/**
 * The cursor is the hash of a field to go on from, as in SCAN. A compact hash is answered with all its
 * fields at once, whatever the cursor, as Redis does.
 */
export function hashScan(cx: Context, args: readonly string[]): Reply {
  const from = cursor(args[2]!);
  const hash = cx.readAs<HashValue>(args[1]!, "hash");
  if (hash === undefined) return ["0", []];
  const { countMax, pattern, isNoValues } = scanOptions(args, { from: 3, hasNoValues: true });

  const found: string[] = [];
  const show = (value: FieldValue, field: string): void => {
    if (pattern !== undefined && !globMatch(pattern, field)) return;
    if (isHidden(cx, value)) return;
    found.push(field);
    if (!isNoValues) found.push(textOf(value));
  };
  if (hash.isCompact) {
    hash.forEach(show);
    return ["0", found];
  }
  const { found: pairs, next } = hash.scan(from, countMax);
  for (const [field, value] of pairs) show(value, field);
  return [String(next), found];
}
