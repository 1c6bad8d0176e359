/**
 * Eviction under `maxmemory`: a master deletes keys until all that are left fit, by the policy and approximately, as
 * Redis does: the best of a sample. What counts are the bytes of keys and values, in memory or not: data lives on
 * disk here, and what of it is in memory is `cache-bytes`' affair.
 */
import { HASH_LIMIT } from "../base/key-hash.ts";
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import { settle } from "./execute.ts";
import { countUse, frequencyOf, type FrequencyRules } from "./frequency.ts";
import { DATABASE_COUNT } from "./keyspace.ts";
import { Session } from "./session.ts";
import type { Entry, Space } from "./space.ts";

/** How keys are chosen: among all or those that expire, and by what. */
interface Policy {
  readonly among: "allkeys" | "volatile";
  readonly by: "lru" | "lfu" | "random" | "ttl";
}

/** A key that was sampled, and how much it is wanted to go. */
interface Candidate {
  readonly db: number;
  readonly space: Space;
  readonly name: string;
  readonly score: number;
}

/** Keys taken from one sample. Redis samples for each key anew; a walk of the store is better shared. */
const TAKEN_PER_SAMPLE = 16;
/** More samples than these make no choice better. */
const SAMPLES_MAX = 64;
/** Keys of the store looked at before one command runs, where few of many expire. */
const LOOKED_AT_MAX = 10_000;
const WALKED_KEYS = 1000;

export class Eviction {
  readonly #engine: Engine;
  #bytesMax = 0;
  #policy: Policy | undefined;
  #samples = 5;
  #evictedMax = 100;
  #rules: FrequencyRules = { logFactor: 10, decayMinutes: 1 };
  /** Uses are counted: the policy is one of LFU. */
  countsUses = false;
  /** As of the last `makeRoom`: there is too much, and nothing that may go. */
  isFull = false;
  /** The rest of the last sample, the best last. */
  #candidates: Candidate[] = [];
  /** Where the search for keys that expire goes on. */
  readonly #hands = new WeakMap<Space, { entries: Iterator<Entry>; hashFrom: number }>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** There is a limit. */
  get isOn(): boolean {
    return this.#bytesMax > 0;
  }

  /** Bytes of all keys and values, were they in memory. */
  get dataBytes(): number {
    let bytes = 0;
    for (let db = 0; db < DATABASE_COUNT; db++) bytes += this.#engine.keyspace.space(db).dataBytes;
    return bytes;
  }

  readSettings(): void {
    const { config } = this.#engine;
    this.#bytesMax = config.number("maxmemory");
    const [among = "", by = ""] = config.text("maxmemory-policy").split("-");
    this.#policy = among === "noeviction" ? undefined : ({ among, by } as Policy);
    this.countsUses = by === "lfu";
    this.#samples = Math.min(config.number("maxmemory-samples"), SAMPLES_MAX);
    this.#evictedMax = evictedMax(config.number("maxmemory-eviction-tenacity"));
    this.#rules = {
      logFactor: config.number("lfu-log-factor"),
      decayMinutes: config.number("lfu-decay-time"),
    };
    this.#candidates = [];
    this.isFull = false;
  }

  /** Notes a use of a key for the LFU policies, before its `accessedAtMs` is set. */
  countUse(entry: Entry, nowMs: number): void {
    countUse(entry, { nowMs, random: this.#engine.random, rules: this.#rules });
  }

  frequencyOf(entry: Entry, nowMs: number): number {
    return frequencyOf(entry, nowMs, this.#rules);
  }

  /**
   * Evicts until the data fits. False when it does not and nothing may go. One call evicts so many keys
   * only: beyond that commands run over the limit for a while, as in Redis.
   */
  makeRoom(): boolean {
    this.isFull = false;
    if (!this.isOn || this.#engine.ports.role.isReplica) return true;
    if (this.dataBytes <= this.#bytesMax) return true;
    this.isFull = this.#policy === undefined || !this.#evictSome(this.#policy);
    return !this.isFull;
  }

  #evictSome(policy: Policy): boolean {
    const cx = this.#engine.context(new Session(0, this.#engine.nowMs));
    const budget = { left: LOOKED_AT_MAX };
    for (let left = this.#evictedMax; left > 0 && this.dataBytes > this.#bytesMax; left--) {
      const candidate = this.#next(policy, cx, budget);
      if (candidate !== undefined) this.#evict(cx, candidate);
      else return budget.left <= 0;
    }
    return true;
  }

  /** Each goes out as a DEL of its own, before the command that made it necessary. */
  #evict(cx: Context, { db, name }: Candidate): void {
    cx.session.db = db;
    if (cx.remove(name)) {
      cx.notify("e", "evicted", name);
      const isLazy = this.#engine.config.flag("lazyfree-lazy-eviction");
      cx.effects.push({ db, args: [isLazy ? "UNLINK" : "DEL", name] });
      this.#engine.stats.evictedKeys++;
    }
    settle(cx);
  }

  // -- choosing --------------------------------------------------------------------------------------

  #next(policy: Policy, cx: Context, budget: { left: number }): Candidate | undefined {
    for (;;) {
      const candidate = this.#candidates.pop();
      if (candidate === undefined) {
        if (budget.left <= 0 || !this.#sample(policy, cx, budget)) return undefined;
      } else if (this.#isStillBest(policy, candidate, cx.nowMs)) return candidate;
    }
  }

  /** It was not used, replaced or given more time since it was sampled. */
  #isStillBest(policy: Policy, { db, space, name, score }: Candidate, nowMs: number): boolean {
    if (this.#engine.keyspace.space(db) !== space) return false;
    const entry = space.resident.get(name);
    if (entry === undefined) return true;
    if (entry.value === undefined) return false;
    if (policy.among === "volatile" && entry.expiresAtMs === 0) return false;
    return policy.by === "random" || this.#scoreOf(policy, entry, nowMs) >= score;
  }

  /** Fills the candidates from one database, chosen by its size; false when no key may go at all. */
  #sample(policy: Policy, cx: Context, budget: { left: number }): boolean {
    const { keyspace, random } = this.#engine;
    const isVolatile = policy.among === "volatile";
    const sizes = Array.from({ length: DATABASE_COUNT }, (_, db) => {
      const { keyCount, expireCount } = keyspace.space(db);
      return isVolatile ? expireCount : keyCount;
    });
    let at = random.next() * sizes.reduce((sum, size) => sum + size, 0);
    const db = sizes.findIndex((size) => size > 0 && (at -= size) < 0);
    if (db < 0) return false;
    const found = isVolatile
      ? this.#sampleExpiring(policy, { db, nowMs: cx.nowMs, budget })
      : this.#sampleAll(policy, { db, nowMs: cx.nowMs, budget });
    found.sort((a, b) => a.score - b.score);
    this.#candidates = found.slice(-Math.ceil(found.length / this.#samples));
    return true;
  }

  /** Neighbours in the order of hashes, from a place by chance on, round the end. */
  #sampleAll(policy: Policy, { db, nowMs, budget }: Search): Candidate[] {
    const { keyspace, random } = this.#engine;
    const space = keyspace.space(db);
    const countMax = this.#samples * TAKEN_PER_SAMPLE;
    const from = Math.floor(random.next() * HASH_LIMIT);
    const { keys } = keyspace.walk(space, from, countMax);
    if (keys.length < countMax) {
      const before = keyspace.walk(space, 0, countMax - keys.length).keys;
      keys.push(...before.filter(({ hash }) => hash < from));
    }
    budget.left -= Math.max(keys.length, 1);
    return keys.map(({ name, expiresAtMs }) => {
      const entry = space.resident.get(name);
      const score = this.#scoreOf(policy, entry ?? { expiresAtMs }, nowMs);
      return { db, space, name, score };
    });
  }

  /** Round and round those in memory that expire, and, where some are not there, the store. */
  #sampleExpiring(policy: Policy, { db, nowMs, budget }: Search): Candidate[] {
    const space = this.#engine.keyspace.space(db);
    const countMax = this.#samples * TAKEN_PER_SAMPLE;
    const found: Candidate[] = [];
    const add = (name: string, entry: Entry | { readonly expiresAtMs: number }): void => {
      found.push({ db, space, name, score: this.#scoreOf(policy, entry, nowMs) });
    };
    const hand = this.#hands.get(space) ?? { entries: space.expiring.values(), hashFrom: 0 };
    this.#hands.set(space, hand);
    for (let left = Math.min(countMax, space.expiring.size); left > 0; left--) {
      let step = hand.entries.next();
      if (step.done === true) {
        hand.entries = space.expiring.values();
        step = hand.entries.next();
      }
      if (step.done !== true) add(step.value.name, step.value);
    }
    budget.left -= Math.max(found.length, 1);
    if (space.expireCount > space.expiring.size) {
      const { keys, next } = this.#engine.keyspace.walk(space, hand.hashFrom, WALKED_KEYS);
      hand.hashFrom = next;
      budget.left -= keys.length;
      for (const key of keys) {
        if (key.expiresAtMs !== 0 && !space.resident.has(key.name)) add(key.name, key);
      }
    }
    return found;
  }

  /** The higher the sooner it goes. When a key that is not in memory was used last is long ago. */
  #scoreOf({ by }: Policy, key: Entry | { readonly expiresAtMs: number }, nowMs: number): number {
    if (by === "random") return this.#engine.random.next();
    if (by === "ttl") return -key.expiresAtMs;
    if (!("accessedAtMs" in key)) return Number.POSITIVE_INFINITY;
    return by === "lru" ? nowMs - key.accessedAtMs : -this.frequencyOf(key, nowMs);
  }
}

interface Search {
  readonly db: number;
  readonly nowMs: number;
  readonly budget: { left: number };
}

/** Keys that go before one command runs. Redis grants time in the same way; ours stands still meanwhile. */
function evictedMax(tenacity: number): number {
  if (tenacity >= 100) return Number.POSITIVE_INFINITY;
  const growth = 1.15 ** Math.max(tenacity - 10, 0);
  return Math.max(10, Math.floor(10 * Math.min(tenacity, 10) * growth));
}
