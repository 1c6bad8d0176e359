/**
 * How often a key is used, as the LFU policies count it: a logarithmic counter of 8 bits that grows by
 * chance and shrinks with time (https://redis.io/docs/latest/develop/reference/eviction/, "The new LFU mode").
 */
import type { Random } from "../base/random.ts";
import { type Entry, FREQUENCY_START } from "./space.ts";

const FREQUENCY_MAX = 255;
const MINUTE_MS = 60_000;

/** The settings `lfu-log-factor` and `lfu-decay-time` (minutes; 0: counters never shrink). */
export interface FrequencyRules {
  readonly logFactor: number;
  readonly decayMinutes: number;
}

/** The counter as of now; asking does not change it. */
export function frequencyOf(entry: Entry, nowMs: number, { decayMinutes }: FrequencyRules): number {
  // What has just come from the store has no past.
  if (decayMinutes === 0 || entry.accessedAtMs === 0) return entry.frequency;
  const minutes = Math.floor(nowMs / MINUTE_MS) - Math.floor(entry.accessedAtMs / MINUTE_MS);
  const periods = Math.floor(Math.max(minutes, 0) / decayMinutes);
  return Math.max(entry.frequency - periods, 0);
}

/** Notes a use, before `accessedAtMs` is set to now. */
export function countUse(
  entry: Entry,
  { nowMs, random, rules }: { nowMs: number; random: Random; rules: FrequencyRules },
): void {
  const frequency = frequencyOf(entry, nowMs, rules);
  const above = Math.max(frequency - FREQUENCY_START, 0);
  const grows = frequency < FREQUENCY_MAX && random.next() < 1 / (above * rules.logFactor + 1);
  entry.frequency = grows ? frequency + 1 : frequency;
}
