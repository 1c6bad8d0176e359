/**
 * Clients that are told of every key with a prefix (CLIENT TRACKING … BCAST), and what changed since they
 * were told last: one message for all that a round of commands did.
 */
import { detach } from "../base/bytes.ts";
import type { Session } from "./session.ts";

interface Prefix {
  readonly sessions: Set<Session>;
  /** Keys that changed, and who changed them last; undefined: nobody, they expired. */
  changed: Map<string, Session | undefined>;
}

/** What is to be told to whom. */
export interface Broadcast {
  readonly sessions: Iterable<Session>;
  /** All keys that changed, in order; or those that somebody else than this session changed. */
  keys(besides?: Session): readonly string[];
}

export class TrackingPrefixes {
  readonly #prefixes = new Map<string, Prefix>();
  /** How many prefixes there are of each length: a key has one candidate a length. */
  readonly #lengths = new Map<number, number>();
  /** Prefixes with keys that changed. */
  readonly #due = new Set<string>();

  get count(): number {
    return this.#prefixes.size;
  }

  get isDue(): boolean {
    return this.#due.size > 0;
  }

  add(session: Session, text: string): void {
    let prefix = this.#prefixes.get(text);
    if (prefix === undefined) {
      prefix = { sessions: new Set(), changed: new Map() };
      this.#prefixes.set(text, prefix);
      this.#lengths.set(text.length, (this.#lengths.get(text.length) ?? 0) + 1);
    }
    prefix.sessions.add(session);
  }

  remove(session: Session, text: string): void {
    const prefix = this.#prefixes.get(text);
    if (prefix === undefined || !prefix.sessions.delete(session) || prefix.sessions.size > 0)
      return;
    this.#prefixes.delete(text);
    this.#due.delete(text);
    const left = this.#lengths.get(text.length)! - 1;
    if (left === 0) this.#lengths.delete(text.length);
    else this.#lengths.set(text.length, left);
  }

  /** A key changed. */
  touch(name: string, by: Session | undefined): void {
    for (const length of this.#lengths.keys()) {
      if (length > name.length) continue;
      const text = name.slice(0, length);
      const prefix = this.#prefixes.get(text);
      if (prefix === undefined) continue;
      prefix.changed.set(detach(name), by);
      this.#due.add(text);
    }
  }

  /** What is to be told, prefix by prefix in order; it is forgotten here. */
  take(): Broadcast[] {
    const due = [...this.#due].sort();
    this.#due.clear();
    return due.map((text) => {
      const prefix = this.#prefixes.get(text)!;
      const { sessions, changed } = prefix;
      prefix.changed = new Map();
      const names = [...changed.keys()].sort();
      const keys = (besides?: Session): readonly string[] =>
        besides === undefined ? names : names.filter((name) => changed.get(name) !== besides);
      return { sessions, keys };
    });
  }
}
