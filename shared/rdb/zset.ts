/** Sorted sets as RDB has them: members, each with its score. */
import { detach } from "../base/bytes.ts";
import { parseFloat64 } from "../base/numbers.ts";
import { encodeLength } from "../base/rdb-primitives.ts";
import type { Limits } from "../types/limits.ts";
import { ZsetValue } from "../types/zset.ts";
import { RdbError, RdbReader } from "./reader.ts";
import { isStep, type Steps, type ValueCodec } from "./value-codec.ts";

/** Scores in text: before Redis 4. */
const PLAIN = 3;
/** Scores as eight bytes. */
const BINARY = 5;

/** The head is the number of members. */
export const ZSET_CODEC: ValueCodec<ZsetValue> = {
  head: (value) => encodeLength(value.size),
  frame: (head) => ({ type: BINARY, before: head, after: "" }),
  open: () => new ZsetValue({ isCompact: false }),
  admit: (value, number, body) => value.admit(number, pairsOf(body)),
};

function pairsOf(body: string): [string, number][] {
  const reader = new RdbReader(body);
  const pairs: [string, number][] = [];
  while (reader.at < body.length) pairs.push([detach(reader.string()), reader.double()]);
  return pairs;
}

/**
 * A sorted set of members and scores, one behind the other, in the compact encoding if it is within the
 * limits. Scores are texts, as packed values have them.
 */
export function zsetFromPairs(pairs: readonly string[], limits: Readonly<Limits>): ZsetValue {
  const value = newZset(pairs.length / 2, limits);
  for (let i = 0; i < pairs.length; i += 2) {
    const score = parseFloat64(pairs[i + 1]!);
    if (score === undefined) throw new RdbError(0, `a score, not '${pairs[i + 1]!}'`);
    value.set(pairs[i]!, score, limits);
  }
  return value;
}

/** Not compact from the start where it would not stay so. */
function newZset(count: number, limits: Readonly<Limits>): ZsetValue {
  return new ZsetValue({ isCompact: count <= limits.zsetEntries });
}

/** The packed forms (12, 17) are in codec.ts. */
export const ZSET_STEPS: Readonly<Record<number, Steps>> = {
  [PLAIN]: (reader, limits) => decode(reader, limits, () => reader.doubleText()),
  [BINARY]: (reader, limits) => decode(reader, limits, () => reader.double()),
};

function* decode(
  reader: RdbReader,
  limits: Readonly<Limits>,
  readScore: () => number,
): Generator<undefined, ZsetValue, undefined> {
  const { at } = reader;
  const count = reader.length();
  const value = newZset(count, limits);
  for (let i = 0; i < count; i++) {
    const member = reader.string();
    const scoreAt = reader.at;
    const score = readScore();
    if (Number.isNaN(score)) reader.fail("a score that is a number", scoreAt);
    value.set(member, score, limits);
    if (isStep(i)) yield;
  }
  if (value.size !== count) reader.fail("every member once", at);
  return value;
}
