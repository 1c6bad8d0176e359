/**
 * Who listens to what: channels, patterns of channels, and shard channels, which are channels of their own
 * (https://redis.io/docs/latest/develop/interact/pubsub/). A message goes to who listens now, and to replicas
 * by the stream; nothing of it is kept.
 */
import { detach } from "../base/bytes.ts";
import { globMatch } from "../base/glob.ts";
import { Push } from "../resp/reply.ts";
import type { Engine } from "./engine.ts";
import type { Session } from "./session.ts";

export type SubscriptionKind = "channels" | "patterns" | "shardChannels";

/** What a session listens to, each in the order it subscribed. */
export class Subscriptions implements Readonly<Record<SubscriptionKind, Set<string>>> {
  readonly channels: Set<string>;
  readonly patterns: Set<string>;
  readonly shardChannels: Set<string>;
  /** Rough bytes of all of them, against the limit on what one client may make us hold. */
  byteCount = 0;

  constructor(saved: Partial<Record<SubscriptionKind, readonly string[]>> = {}) {
    this.channels = new Set(saved.channels);
    this.patterns = new Set(saved.patterns);
    this.shardChannels = new Set(saved.shardChannels);
    for (const kind of KINDS) for (const name of this[kind]) this.byteCount += costOf(name);
  }

  /** How many there are as the answers to SUBSCRIBE and its kin count: shard channels for themselves. */
  countBeside(kind: SubscriptionKind): number {
    return kind === "shardChannels"
      ? this.shardChannels.size
      : this.channels.size + this.patterns.size;
  }

  get isEmpty(): boolean {
    return this.channels.size + this.patterns.size + this.shardChannels.size === 0;
  }

  toJSON(): Record<SubscriptionKind, readonly string[]> {
    const { channels, patterns, shardChannels } = this;
    return {
      channels: [...channels],
      patterns: [...patterns],
      shardChannels: [...shardChannels],
    };
  }
}

const KINDS = ["channels", "patterns", "shardChannels"] as const;

type Listeners = Map<string, Set<Session>>;

export class Pubsub implements Readonly<Record<SubscriptionKind, Listeners>> {
  readonly channels: Listeners = new Map();
  readonly patterns: Listeners = new Map();
  readonly shardChannels: Listeners = new Map();
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Somebody listens to a channel or to a pattern. */
  get isUsed(): boolean {
    return this.channels.size > 0 || this.patterns.size > 0;
  }

  subscribe(session: Session, kind: SubscriptionKind, text: string): void {
    const subscriptions = (session.subscriptions ??= new Subscriptions());
    if (subscriptions[kind].has(text)) return;
    const name = detach(text);
    subscriptions[kind].add(name);
    subscriptions.byteCount += costOf(name);
    this.#list(session, kind, name);
  }

  unsubscribe(session: Session, kind: SubscriptionKind, name: string): void {
    const { subscriptions } = session;
    if (subscriptions === undefined || !subscriptions[kind].delete(name)) return;
    subscriptions.byteCount -= costOf(name);
    if (subscriptions.isEmpty) session.subscriptions = undefined;
    this.#unlist(session, kind, name);
  }

  /** Lists what a session that comes back from hibernation listens to. */
  restore(session: Session): void {
    const { subscriptions } = session;
    if (subscriptions === undefined) return;
    for (const kind of KINDS)
      for (const name of subscriptions[kind]) this.#list(session, kind, name);
  }

  /** RESET and the end of the connection: nobody is told. */
  clear(session: Session): void {
    const { subscriptions } = session;
    if (subscriptions === undefined) return;
    session.subscriptions = undefined;
    for (const kind of KINDS) {
      for (const name of subscriptions[kind]) this.#unlist(session, kind, name);
    }
  }

  /** Sends a message to who listens to the channel; returns how many times it was sent. */
  publish(channel: string, message: string): number {
    let count = this.#send(this.channels.get(channel), new Push(["message", channel, message]));
    for (const [pattern, sessions] of this.patterns) {
      if (!globMatch(pattern, channel)) continue;
      count += this.#send(sessions, new Push(["pmessage", pattern, channel, message]));
    }
    return count;
  }

  /** The same for a shard channel; patterns do not match those. */
  publishShard(channel: string, message: string): number {
    return this.#send(this.shardChannels.get(channel), new Push(["smessage", channel, message]));
  }

  #send(sessions: ReadonlySet<Session> | undefined, message: Push): number {
    if (sessions === undefined) return 0;
    let count = 0;
    // Who does not read is let go at that, and leaves the set; the others are still met.
    for (const session of sessions) {
      this.#engine.ports.push(session, message);
      count++;
    }
    return count;
  }

  #list(session: Session, kind: SubscriptionKind, name: string): void {
    const sessions = this[kind].get(name);
    if (sessions === undefined) this[kind].set(name, new Set([session]));
    else sessions.add(session);
  }

  #unlist(session: Session, kind: SubscriptionKind, name: string): void {
    const sessions = this[kind].get(name);
    sessions?.delete(session);
    if (sessions?.size === 0) this[kind].delete(name);
  }
}

/** What a subscription costs, roughly, beyond its name: it stands in two sets. */
function costOf(name: string): number {
  return name.length + 100;
}

/** Bytes that `names` would add, were they all new. */
export function subscriptionBytes(names: readonly string[]): number {
  let byteCount = 0;
  for (const name of names) byteCount += costOf(name);
  return byteCount;
}
