/**
 * The users of a node, who a session is, and what it may do. Users belong to the node, as in Redis: they
 * are not replicated. What is changed is written to the store at once, like CONFIG SET.
 */
import { sha256Hex } from "../../base/sha256.ts";
import { ReplyError } from "../../resp/reply.ts";
import type { Command } from "../command.ts";
import type { Engine } from "../engine.ts";
import { isSameSecret } from "../secrets.ts";
import type { Session } from "../session.ts";
import { Catalog } from "./catalog.ts";
import { type Denial, denialOf, readsEveryKey } from "./check.ts";
import { AclLog } from "./log.ts";
import { applyRule, isOneWord, mergeSelectors } from "./rules.ts";
import { loadUser, type SavedUser, saveUser } from "./saved.ts";
import { dropForbiddenListeners } from "./listeners.ts";
import { copyUser, mayDoAll, newUser, type User } from "./user.ts";

/** What is stored: the users, and (hashed) the `requirepass` that the default user got last. */
interface Saved {
  readonly requirepass: string;
  readonly users: readonly SavedUser[];
}

interface Loaded {
  readonly catalog: Catalog;
  readonly users: Map<string, User>;
}

const META = "acl";
const DEFAULT = "default";
const NOTHING_RIGHT = { password: "", hash: sha256Hex("") };
/** They are one row of the store, and rows end at 2 MB; a character may take two bytes there. */
const SAVED_LENGTH_MAX = 900_000;

export class Acl {
  readonly log = new AclLog();
  readonly #engine: Engine;
  /** Undefined until someone asks for more than the default user as it is made. */
  #loaded: Loaded | undefined;
  /** The default user is on and needs no password: connections are logged in from the start. */
  isOpen: boolean;

  /** The right password that was offered last, and its hash; nothing once passwords have changed. */
  #rightLast = NOTHING_RIGHT;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.isOpen = engine.config.text("requirepass") === "";
    if (engine.ports.store.meta(META) !== undefined) this.#load();
    engine.config.onChange((name) => {
      if (name === "requirepass") this.#takeRequirepass();
    });
  }

  get catalog(): Catalog {
    return this.#load().catalog;
  }

  /** By name, in the order of their bytes. */
  get users(): User[] {
    return [...this.#users.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  user(name: string): User | undefined {
    return this.#users.get(name);
  }

  get #users(): Map<string, User> {
    return this.#load().users;
  }

  // -- sessions ------------------------------------------------------------------------------------

  /** Notes of a session whether its user's rules are to be asked. New sessions, and those that slept. */
  admit(session: Session): void {
    if (this.#loaded === undefined && session.user === DEFAULT) return;
    const user = this.#users.get(session.user);
    if (user === undefined) this.#logOut(session);
    else session.isRestricted = !session.isNode && !mayDoAll(user);
  }

  /** Logs a session in and says true, or leaves it as it was. */
  logIn(session: Session, { name, password }: { name: string; password: string }): boolean {
    if (!this.isRightPassword(name, password)) return false;
    session.user = this.#users.get(name)!.name;
    session.isAuthenticated = true;
    this.admit(session);
    return true;
  }

  /** Takes the same time for every name and every password of one length. */
  isRightPassword(name: string, password: string): boolean {
    const hash = this.#hashOf(password);
    const user = this.#users.get(name);
    let isRight = false;
    for (const known of user?.passwords ?? []) {
      if (isSameSecret(known, hash)) isRight = true;
    }
    if (isRight) this.#rightLast = { password, hash };
    return user !== undefined && user.isEnabled && (user.isOpen || isRight);
  }

  /** Over REST each request brings the password along: the one that was right last is not hashed again. */
  #hashOf(password: string): string {
    const { password: known, hash } = this.#rightLast;
    return isSameSecret(known, password) ? hash : sha256Hex(password);
  }

  /** The default user again, and logged in where it needs no password. */
  reset(session: Session): void {
    session.user = DEFAULT;
    session.isAuthenticated = this.isOpen;
    session.isRestricted = false;
    this.admit(session);
  }

  #logOut(session: Session): void {
    this.reset(session);
    session.isAuthenticated = false;
  }

  // -- permissions ---------------------------------------------------------------------------------

  /** Why a session's user may not run a request; undefined where it may. */
  denial(session: Session, command: Command, args: readonly string[]): Denial | undefined {
    if (!session.isRestricted) return undefined;
    const user = this.#users.get(session.user);
    if (user === undefined) return { what: "command", at: 0 };
    return denialOf(this.catalog, user, { command, args });
  }

  /** Whether a session may read keys that are known only when its command runs (SORT's BY and GET). */
  readsEveryKey(session: Session, command: Command, args: readonly string[]): boolean {
    if (!session.isRestricted) return true;
    const user = this.#users.get(session.user);
    return user !== undefined && readsEveryKey(this.catalog, user, { command, args });
  }

  // -- changes -------------------------------------------------------------------------------------

  /** ACL SETUSER: all of the rules or none. Throws a ReplyError in Redis's words. */
  setUser(name: string, words: readonly string[], self: Session): void {
    if (!isOneWord(name)) {
      throw new ReplyError("ERR Usernames can't contain spaces or null characters");
    }
    const rules = mergeSelectors(words);
    if ("unmatched" in rules) {
      const start = rules.unmatched;
      throw new ReplyError(`ERR Unmatched parenthesis in acl selector starting at '${start}'.`);
    }
    const known = this.#users.get(name);
    const user = known === undefined ? this.#newUser(name) : copyUser(known);
    for (const rule of rules) {
      const error = applyRule({ catalog: this.catalog, ...this.#defaults }, user, rule);
      if (error === undefined) continue;
      const shown = rule.split("\0", 1)[0]!;
      throw new ReplyError(`ERR Error in ACL SETUSER modifier '${shown}': ${error}`);
    }

    const users = new Map(this.#users).set(user.name, user);
    this.#save(users);
    this.#put(user);
    if (known !== undefined) dropForbiddenListeners(this.#engine, { from: known, to: user, self });
  }

  /** ACL DELUSER: returns how many there were. Who is logged in as one of them is let go. */
  deleteUsers(names: readonly string[], self: Session): number {
    if (names.includes(DEFAULT)) throw new ReplyError("ERR The 'default' user cannot be removed");
    const doomed = new Set(names.filter((name) => this.#users.has(name)));
    for (const name of doomed) this.#users.delete(name);
    if (doomed.size > 0) this.#save(this.#users);
    for (const session of this.#engine.sessions.values()) {
      if (session.isNode || !doomed.has(session.user)) continue;
      this.#logOut(session);
      if (session === self) session.isClosing = true;
      else this.#engine.ports.close(session);
    }
    return doomed.size;
  }

  get #defaults(): { allChannels: boolean } {
    return { allChannels: this.#engine.config.text("acl-pubsub-default") === "allchannels" };
  }

  #newUser(name: string): User {
    return newUser(name, this.catalog.entries.length, this.#defaults);
  }

  /** Takes a user in place of the one of its name, for its sessions too. */
  #put(user: User): void {
    this.#rightLast = NOTHING_RIGHT;
    this.#users.set(user.name, user);
    if (user.name === DEFAULT) this.isOpen = user.isEnabled && user.isOpen;
    for (const session of this.#engine.sessions.values()) {
      if (session.user === user.name) this.admit(session);
    }
  }

  /** `requirepass` was set: it is the default user's password, and its only one. */
  #takeRequirepass(): void {
    if (this.#loaded === undefined) {
      this.isOpen = this.#engine.config.text("requirepass") === "";
      return;
    }
    this.#put(withRequirepass(this.#users.get(DEFAULT)!, this.#engine.config.text("requirepass")));
    if (this.#engine.ports.store.meta(META) !== undefined) this.#save(this.#users);
  }

  // -- the store -----------------------------------------------------------------------------------

  #load(): Loaded {
    if (this.#loaded !== undefined) return this.#loaded;
    const { config, ports, registry } = this.#engine;
    const catalog = new Catalog(registry);
    const users = new Map<string, User>();
    this.#loaded = { catalog, users };
    const text = ports.store.meta(META);
    const saved = text === undefined ? undefined : (JSON.parse(text) as Saved);
    for (const user of saved?.users ?? []) users.set(user.name, loadUser(catalog, user));
    const requirepass = config.text("requirepass");
    // The node may have been started with another password than last time: then that one counts.
    if (saved?.requirepass !== hashOf(requirepass)) {
      const known = users.get(DEFAULT) ?? firstUser(catalog);
      users.set(DEFAULT, withRequirepass(known, requirepass));
      if (saved !== undefined) this.#save(users);
    }
    const { isEnabled, isOpen } = users.get(DEFAULT)!;
    this.isOpen = isEnabled && isOpen;
    return this.#loaded;
  }

  /** Refuses what the store could not hold, before anything is changed. */
  #save(users: ReadonlyMap<string, User>): void {
    const saved: Saved = {
      requirepass: hashOf(this.#engine.config.text("requirepass")),
      users: [...users.values()].map((user) => saveUser(this.catalog, user)),
    };
    const text = JSON.stringify(saved);
    if (text.length > SAVED_LENGTH_MAX) {
      throw new ReplyError("ERR the users of a node take at most 900000 bytes");
    }
    this.#engine.ports.store.setMeta(META, text);
  }
}

function hashOf(requirepass: string): string {
  return requirepass === "" ? "" : sha256Hex(requirepass);
}

/** The default user as it is made: it may do everything, and needs no password. */
function firstUser(catalog: Catalog): User {
  const user = newUser(DEFAULT, catalog.entries.length, { allChannels: true });
  for (const rule of ["+@all", "~*", "on", "nopass"]) {
    applyRule({ catalog, allChannels: true }, user, rule);
  }
  return user;
}

function withRequirepass(user: User, requirepass: string): User {
  const isOpen = requirepass === "";
  return { ...user, isOpen, passwords: isOpen ? [] : [sha256Hex(requirepass)] };
}
