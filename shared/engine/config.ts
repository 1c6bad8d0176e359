/**
 * The settings of a node: defaults, what it was started with, and what CONFIG SET changed. The
 * latter is written to the store at once, because a Durable Object may lose its memory any moment;
 * that is why CONFIG REWRITE has nothing left to do.
 */
import { assert, InvariantError } from "../base/assert.ts";
import { detach, utf8ToBinary } from "../base/bytes.ts";
import { globMatch } from "../base/glob.ts";
import { ReplyError } from "../resp/reply.ts";
import type { Parsed } from "./config-values.ts";
import { type Setting, SETTINGS } from "./settings.ts";
import type { Store } from "./store.ts";

/** Told after a change, with the setting's own name (never an alias). */
export type ConfigListener = (name: string) => void;

/** What is stored: what CONFIG SET said, and what the node was started with when it last was. */
interface Saved {
  readonly set: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, string>>;
}

const META = "config";

const UNKNOWN = "ERR Unknown option or number of arguments for CONFIG SET";
const REFUSED = "ERR CONFIG SET failed (possibly related to argument";

const BY_NAME = new Map<string, Setting>();
for (const setting of SETTINGS) {
  for (const name of [setting.name, ...setting.aliases]) BY_NAME.set(name, setting);
}
const ALL_NAMES = [...BY_NAME.keys()].sort();

export class Config {
  readonly #store: Store;
  readonly #values = new Map<string, Parsed>();
  /** The same by kind: look-ups per command end here, and cost one hash. */
  readonly #numbers = new Map<string, number>();
  readonly #flags = new Map<string, boolean>();
  readonly #shownBy = new Map<string, () => string>();
  readonly #listeners: ConfigListener[] = [];
  #saved: Saved;

  /**
   * `overrides` is what the node is started with (`--password`, an environment variable), as
   * ordinary text. It holds until CONFIG SET says otherwise, and again once it is changed itself:
   * whoever edits the start-up settings expects them to count.
   */
  constructor(store: Store, overrides: Readonly<Record<string, string>> = {}) {
    this.#store = store;
    const given: Record<string, string> = {};
    for (const [name, text] of Object.entries(overrides)) given[ownName(name)] = utf8ToBinary(text);
    const saved = load(store);
    const set = { ...saved.set };
    for (const [name, text] of Object.entries(given)) {
      if (saved.given[name] !== text) delete set[name];
    }
    this.#saved = { set, given };
    for (const { name, default: text } of SETTINGS) this.#start(name, text);
    for (const [name, text] of Object.entries(given)) {
      assert(this.#start(name, text), `a node is started with a bad value of ${name}`);
    }
    // What an older or newer version wrote and this one does not take is left alone, and has no
    // effect.
    for (const [name, text] of Object.entries(set)) if (BY_NAME.has(name)) this.#start(name, text);
    if (JSON.stringify(saved) !== JSON.stringify(this.#saved)) this.#save();
  }

  /** The value of a number or of bytes. Cheap: called for every command. */
  number(name: string): number {
    const value = this.#numbers.get(name);
    // Not `assert`: its message would be put together for every command.
    if (value === undefined) throw new InvariantError(`no setting ${name} that is a number`);
    return value;
  }

  /** The value of a yes/no. Cheap: called for every command. */
  flag(name: string): boolean {
    const value = this.#flags.get(name);
    if (value === undefined) throw new InvariantError(`no setting ${name} that is yes or no`);
    return value;
  }

  /** The value as CONFIG GET shows it. */
  text(name: string): string {
    const parsed = this.#values.get(name);
    assert(parsed !== undefined, `no setting ${name}`);
    return this.#shownBy.get(name)?.() ?? parsed.shown;
  }

  /**
   * Names and values for CONFIG GET, each name once. Aliases are names of their own; a pattern
   * without wildcards is shown as the client spelt it, as in Redis.
   */
  match(patterns: readonly string[]): [name: string, value: string][] {
    const found = new Map<string, string>();
    for (const pattern of patterns) {
      if (/[*?[]/.test(pattern)) {
        for (const name of ALL_NAMES) {
          if (globMatch(pattern, name, { ignoreCase: true })) found.set(name, this.#shown(name));
        }
      } else if (BY_NAME.has(pattern.toLowerCase())) {
        found.set(pattern, this.#shown(pattern.toLowerCase()));
      }
    }
    return [...found];
  }

  /**
   * CONFIG SET: all of the pairs or none. Throws a ReplyError in Redis's words; what is set is
   * durable with the group that is open.
   */
  set(pairs: readonly (readonly [name: string, value: string])[]): void {
    const settings = pairs.map(([name]) => {
      const setting = BY_NAME.get(name.toLowerCase());
      if (setting === undefined) throw new ReplyError(`${UNKNOWN} - '${name}'`);
      return setting;
    });
    const parsed = new Map<string, Parsed>();
    const seen = new Set<string>();
    for (const [i, setting] of settings.entries()) {
      const [name, text] = pairs[i]!;
      const refuse = (why: string) => new ReplyError(`${REFUSED} '${name}') - ${why}`);
      if (setting.isImmutable) throw refuse("can't set immutable config");
      // An alias beside its name is no duplicate in Redis: the last one counts.
      if (seen.has(name.toLowerCase())) throw refuse("duplicate parameter");
      seen.add(name.toLowerCase());
      const read = setting.kind.read(text, this.#values.get(setting.name)!.shown);
      if ("why" in read) throw refuse(read.why);
      parsed.set(setting.name, read);
    }
    const set: Record<string, string> = { ...this.#saved.set };
    for (const [name, value] of parsed) {
      const own = typeof value.value === "string" ? detach(value.value) : value.value;
      this.#keep(name, { shown: detach(value.shown), value: own });
      set[name] = detach(value.shown);
    }
    this.#saved = { ...this.#saved, set };
    this.#save();
    for (const name of parsed.keys()) for (const listener of this.#listeners) listener(name);
  }

  /** Calls `listener` after each change by CONFIG SET. */
  onChange(listener: ConfigListener): void {
    this.#listeners.push(listener);
  }

  /** Shows the state of something else as a setting's value (replicaof). */
  show(name: string, read: () => string): void {
    assert(this.#values.has(name), `no setting ${name}`);
    this.#shownBy.set(name, read);
  }

  #shown(name: string): string {
    return this.text(BY_NAME.get(name)!.name);
  }

  /** False when the text is not a value of the setting: then it keeps the one it has. */
  #start(name: string, text: string): boolean {
    const read = BY_NAME.get(name)!.kind.read(text, this.#values.get(name)?.shown ?? "");
    if ("why" in read) return false;
    this.#keep(name, read);
    return true;
  }

  #keep(name: string, parsed: Parsed): void {
    this.#values.set(name, parsed);
    const { value } = parsed;
    if (typeof value === "number") this.#numbers.set(name, value);
    else if (typeof value === "boolean") this.#flags.set(name, value);
  }

  #save(): void {
    this.#store.setMeta(META, JSON.stringify(this.#saved));
  }
}

function load(store: Store): Saved {
  const text = store.meta(META);
  return text === undefined ? { set: {}, given: {} } : (JSON.parse(text) as Saved);
}

function ownName(name: string): string {
  const setting = BY_NAME.get(name);
  assert(setting !== undefined, `a node is started with an unknown setting ${name}`);
  return setting.name;
}
