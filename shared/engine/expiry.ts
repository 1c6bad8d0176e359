/**
 * The background sweep: deletes what has expired though nobody asks for it. It goes round and round, and
 * in each database through the resident keys that expire, then, where some are not resident, through the
 * base in hash order. No index, no row per expiry.
 */
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import { settle } from "./execute.ts";
import { DATABASE_COUNT } from "./keyspace.ts";
import type { Entry, Space } from "./space.ts";
import { Session } from "./session.ts";

/** Where the sweep of an engine stands. The iterator is live: it meets keys that were added since. */
type Hand = { readonly db: number; readonly space: Space } & (
  | { readonly at: "resident"; readonly entries: Iterator<Entry> }
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
  for (let parts = 0; parts <= 2 * DATABASE_COUNT && left > 0; parts++) {
    // A flush or a swap put another space there: what the hand points into is not this database.
    if (hand.space !== engine.keyspace.space(hand.db)) hand = enter(engine, hand.db);
    cx.session.db = hand.db;
    const step = hand.at === "resident" ? sweepResident(cx, hand, left) : sweepBase(cx, hand, left);
    ({ hand, left } = step);
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

function sweepResident(cx: Context, hand: Hand & { at: "resident" }, keysMax: number): Step {
  for (let left = keysMax; left > 0; left--) {
    const step = hand.entries.next();
    if (step.done === true) {
      return { hand: { at: "base", db: hand.db, space: hand.space, hashFrom: 0 }, left };
    }
    if (cx.isExpired(step.value)) expire(cx, step.value.name);
  }
  return { hand, left: 0 };
}

/** Keys of the base are only looked at: those that live on are not loaded. */
function sweepBase(cx: Context, hand: Hand & { at: "base" }, keysMax: number): Step {
  const done = enter(cx.engine, (hand.db + 1) % DATABASE_COUNT);
  if (hand.space.expireCount <= hand.space.expiring.size) return { hand: done, left: keysMax };
  const { keys, next } = cx.engine.keyspace.walk(hand.space, hand.hashFrom, keysMax);
  for (const key of keys) if (cx.isExpired(key)) expire(cx, key.name);
  // An empty stretch costs a look as well, so that the loop ends.
  const left = keysMax - Math.max(keys.length, 1);
  return { hand: next === 0 ? done : { ...hand, hashFrom: next }, left };
}

function expire(cx: Context, name: string): void {
  cx.lookUp(name);
  settle(cx);
}
