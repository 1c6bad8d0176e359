/** Which sessions WATCH which keys. A touched key dooms the EXEC of every session that watches it. */
import type { Session } from "./session.ts";

export class Watches {
  readonly #sessions = new Map<string, Set<Session>>();

  add(session: Session, db: number, name: string): void {
    const key = `${db}:${name}`;
    if (!session.watched.has(key)) session.watchedBytes += key.length + 32;
    session.watched.add(key);
    this.#list(key).add(session);
  }

  /** Lists what a session that comes back from hibernation watches. */
  restore(session: Session): void {
    for (const key of session.watched) this.#list(key).add(session);
  }

  /** UNWATCH, EXEC, DISCARD and the end of the connection. */
  clear(session: Session): void {
    for (const key of session.watched) {
      const sessions = this.#sessions.get(key);
      sessions?.delete(session);
      if (sessions?.size === 0) this.#sessions.delete(key);
    }
    session.watched = new Set();
    session.watchedBytes = 0;
    session.isWatchBroken = false;
  }

  touch(db: number, name: string): void {
    if (this.#sessions.size === 0) return;
    const sessions = this.#sessions.get(`${db}:${name}`);
    if (sessions !== undefined) for (const session of sessions) session.isWatchBroken = true;
  }

  /** Touches every watched key of one database (or all) that `changes` says is touched. */
  touchAll(changes: (db: number, name: string) => boolean): void {
    for (const [key, sessions] of this.#sessions) {
      const colon = key.indexOf(":");
      if (!changes(Number(key.slice(0, colon)), key.slice(colon + 1))) continue;
      for (const session of sessions) session.isWatchBroken = true;
    }
  }

  #list(key: string): Set<Session> {
    let sessions = this.#sessions.get(key);
    if (sessions === undefined) this.#sessions.set(key, (sessions = new Set()));
    return sessions;
  }
}
