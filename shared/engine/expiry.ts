/**
 * The background sweep: deletes what has expired though nobody asks for it. It goes round and round, and
 * in each database through the resident keys that expire, through the resident hashes with fields that
 * do, then, where some are not resident, through the base in hash order. No index, no row per expiry.
 */
import type { HashValue } from "../types/hash.ts";
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import { settle } from "./execute.ts";
import { DATABASE_COUNT } from "./keyspace.ts";
import type { Entry, KeyInfo, Space } from "./space.ts";
import { Session } from "./session.ts";

/** Where the sweep of an engine stands. The iterator is live: it meets keys that were added since. */
type Hand = { readonly db: number; readonly space: Space } & (
  | { readonly at: "resident"; readonly entries: Iterator<Entry> }
  | { readonly at: "elements"; readonly entries: Iterator<Entry> }
  | { readonly at: "base"; readonly hashFrom: number }
);

const HANDS = new WeakMap<Engine, Hand>();

/**
 * Looks at about `keysMax` keys, going on where the last call stopped, and returns how many of them it
 * deleted. Only a master deletes; each key goes out as a DEL of its own.
 */
export function sweep(engine: Engine, { keysMax }: { readonly keysMax: number }): number {
  if (!engine.mayExpire || !engine.isActiveExpireOn) return 0;
  const cx = engine.context(new Session(0, engine.nowMs));
  const before = engine.stats.expiredKeys;
  let hand = HANDS.get(engine) ?? enter(engine, 0);
  let left = keysMax;
  for (let parts = 0; parts <= 3 * DATABASE_COUNT && left > 0; parts++) {
    // A flush or a swap put another space there: what the hand points into is not this database.
    if (hand.space !== engine.keyspace.space(hand.db)) hand = enter(engine, hand.db);
    cx.session.db = hand.db;
    ({ hand, left } = sweepOn(cx, hand, left));
  }
  HANDS.set(engine, hand);
  return engine.stats.expiredKeys - before;
}

interface Step {
  readonly hand: Hand;
  /** Keys that may still be looked at. */
  readonly left: number;
}

function enter(engine: Engine, db: number): Hand {
  const space = engine.keyspace.space(db);
  return { at: "resident", db, space, entries: space.expiring.values() };
}

function sweepOn(cx: Context, hand: Hand, keysMax: number): Step {
  if (hand.at === "base") return sweepBase(cx, hand, keysMax);
  return hand.at === "elements"
    ? sweepElements(cx, hand, keysMax)
    : sweepResident(cx, hand, keysMax);
}

function sweepResident(cx: Context, hand: Hand & { at: "resident" }, keysMax: number): Step {
  for (let left = keysMax; left > 0; left--) {
    const step = hand.entries.next();
    if (step.done === true) {
      const entries = hand.space.expiringElements.values();
      return { hand: { at: "elements", db: hand.db, space: hand.space, entries }, left };
    }
    if (cx.isExpired(step.value)) expire(cx, step.value.name);
  }
  return { hand, left: 0 };
}

function sweepElements(cx: Context, hand: Hand & { at: "elements" }, keysMax: number): Step {
  let left = keysMax;
  while (left > 0) {
    const step = hand.entries.next();
    if (step.done === true) {
      return { hand: { at: "base", db: hand.db, space: hand.space, hashFrom: 0 }, left };
    }
    left -= 1 + expireElements(cx, step.value, left);
  }
  return { hand, left: 0 };
}

/** Keys of the base are only looked at: those that live on are not loaded. */
function sweepBase(cx: Context, hand: Hand & { at: "base" }, keysMax: number): Step {
  const done = enter(cx.engine, (hand.db + 1) % DATABASE_COUNT);
  const { expireCount, expiring, elementExpireCount, expiringElements } = hand.space;
  if (expireCount <= expiring.size && elementExpireCount <= expiringElements.size) {
    return { hand: done, left: keysMax };
  }
  const { keys, next } = cx.engine.keyspace.walk(hand.space, hand.hashFrom, keysMax);
  for (const key of keys) if (cx.isExpired(key)) expire(cx, key.name);
  sweepStoredElements(cx, hand.space, keys);
  // An empty stretch costs a look as well, so that the loop ends.
  const left = keysMax - Math.max(keys.length, 1);
  return { hand: next === 0 ? done : { ...hand, hashFrom: next }, left };
}

/** Only hashes with fields that have expired become resident; those that are have been looked at. */
function sweepStoredElements(cx: Context, space: Space, keys: readonly KeyInfo[]): void {
  const { keyspace } = cx.engine;
  const hashes = keys.filter((key) => key.hasExpiringElements && !space.resident.has(key.name));
  if (hashes.length === 0) return;
  const times = keyspace.elementExpiries(space, hashes);
  for (let i = 0; i < hashes.length; i++) {
    if (!cx.isExpired({ expiresAtMs: times[i]! })) continue;
    const entry = keyspace.find(space, hashes[i]!.name);
    if (entry !== undefined) expireElements(cx, entry, FIELDS_PER_KEY);
  }
}

function expire(cx: Context, name: string): void {
  cx.lookUp(name);
  settle(cx);
}

/** Fields of one hash deleted at once, and parts of one loaded for it. */
const FIELDS_PER_KEY = 200;
const PARTS_PER_LOOK = 32;

/** Deletes up to so many expired fields of a hash; returns how many. */
function expireElements(cx: Context, entry: Entry, countMax: number): number {
  const { value } = entry;
  if (value === undefined || typeof value === "string") return 0;
  const soonestMs = value.elementsExpireAtMs ?? 0;
  if (soonestMs === 0 || !cx.isExpired({ expiresAtMs: soonestMs })) return 0;
  // A large one is there when the sweep has come by often enough.
  const { keyspace } = cx.engine;
  if (!keyspace.open(entry, PARTS_PER_LOOK) || keyspace.isFrozen(entry)) return 0;
  const hash = entry.value as HashValue;
  const fields = hash.deleteExpired(cx.nowMs, countMax);
  if (fields.length === 0) return 0;
  cx.fieldsExpired(entry as Entry & { value: HashValue }, fields);
  settle(cx);
  return fields.length;
}
