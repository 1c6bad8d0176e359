/** Counters for INFO. CONFIG RESETSTAT sets them to zero. */
import { type Reply, ReplyError } from "../resp/reply.ts";

export interface CallStats {
  calls: number;
  failedCalls: number;
  /** Time of those calls that were timed, and how many that were (slowlog.ts). */
  usec: number;
  timedCalls: number;
}

export class Stats {
  connectionsReceived = 0;
  commandsProcessed = 0;
  keyspaceHits = 0;
  keyspaceMisses = 0;
  expiredKeys = 0;
  evictedKeys = 0;
  netInputBytes = 0;
  netOutputBytes = 0;
  replicationInputBytes = 0;
  replicationOutputBytes = 0;
  errorReplies = 0;
  checkpoints = 0;
  /** By command name. */
  readonly calls = new Map<string, CallStats>();
  /** By the first word of the error. */
  readonly errors = new Map<string, number>();

  #lastName = "";
  #lastStats: CallStats | undefined;

  countCall(name: string, reply: Reply): void {
    if (name !== this.#lastName) {
      this.#lastName = name;
      this.#lastStats = this.calls.get(name) ?? this.#start(name);
    }
    const stats = this.#lastStats!;
    stats.calls++;
    if (reply instanceof ReplyError) {
      stats.failedCalls++;
      this.countError(reply.text);
    }
  }

  /** After `countCall`, for a call that was timed. */
  countTime(name: string, durationUs: number): void {
    const stats = this.calls.get(name) ?? this.#start(name);
    stats.usec += durationUs;
    stats.timedCalls++;
  }

  countError(text: string): void {
    this.errorReplies++;
    const word = text.split(" ", 1)[0]!;
    // A bounded table: error words come from our own tables and, rarely, from scripts.
    if (this.errors.size < 128 || this.errors.has(word)) {
      this.errors.set(word, (this.errors.get(word) ?? 0) + 1);
    }
  }

  reset(): void {
    const fresh = new Stats();
    this.calls.clear();
    this.#lastName = "";
    this.errors.clear();
    for (const key of Object.keys(fresh) as (keyof Stats)[]) {
      if (typeof fresh[key] === "number") (this as Record<string, unknown>)[key] = 0;
    }
  }

  #start(name: string): CallStats {
    const stats = { calls: 0, failedCalls: 0, usec: 0, timedCalls: 0 };
    this.calls.set(name, stats);
    return stats;
  }
}
