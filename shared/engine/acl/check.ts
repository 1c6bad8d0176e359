/** What a user may do: commands, keys and channels, by its selectors. */
import { globMatch } from "../../base/glob.ts";
import type { Command } from "../command.ts";
import { findKeys, type KeyUse } from "../key-specs.ts";
import type { Catalog } from "./catalog.ts";
import { READ, type Selector, selectorsOf, type User, WRITE } from "./user.ts";

/** What is not allowed; `at` is the argument that is the key or channel. */
export interface Denial {
  readonly what: "command" | "key" | "channel";
  readonly at: number;
}

/** Of the denials by several selectors the one that came furthest is told. */
const RANKS = { command: 0, key: 1, channel: 2 } as const;

/** Why a user may not run a request; undefined where it may. */
export function denialOf(
  catalog: Catalog,
  user: User,
  { command, args }: { command: Command; args: readonly string[] },
): Denial | undefined {
  const request = new Request(catalog, command, args);
  let told: Denial = { what: "command", at: 0 };
  for (const selector of selectorsOf(user)) {
    const denial = request.denialBy(selector);
    if (denial === undefined) return undefined;
    const step = RANKS[denial.what] - RANKS[told.what];
    if (step > 0 || (step === 0 && denial.at > told.at)) told = denial;
  }
  return told;
}

/**
 * Whether a selector allows both the request and every key there is, for reading: what SORT's BY and
 * GET need, as their keys are known only when it runs.
 */
export function readsEveryKey(
  catalog: Catalog,
  user: User,
  { command, args }: { command: Command; args: readonly string[] },
): boolean {
  const request = new Request(catalog, command, args);
  return selectorsOf(user).some((selector) => {
    if (request.denialBy(selector) !== undefined) return false;
    if (selector.allKeys) return true;
    return selector.keyPatterns.some(({ pattern, access }) => {
      return pattern === "*" && (access & READ) !== 0;
    });
  });
}

/** A command line; its keys are looked for once, however many selectors ask. */
class Request {
  readonly #catalog: Catalog;
  readonly #command: Command;
  readonly #args: readonly string[];
  #keys: readonly KeyUse[] | undefined;

  constructor(catalog: Catalog, command: Command, args: readonly string[]) {
    this.#catalog = catalog;
    this.#command = command;
    this.#args = args;
  }

  denialBy(selector: Selector): Denial | undefined {
    if (!this.#isCommandAllowed(selector)) return { what: "command", at: 0 };
    if (!selector.allKeys) {
      for (const key of this.#keyUses()) {
        if (!isKeyAllowed(selector, key)) return { what: "key", at: key.at };
      }
    }
    return selector.allChannels ? undefined : this.#channelDenial(selector);
  }

  #isCommandAllowed({ allCommands, allowed, firstArgs }: Selector): boolean {
    if (allCommands || this.#command.flags.has("no_auth")) return true;
    const entry = this.#catalog.of(this.#command);
    if (entry === undefined) return false;
    if (allowed[entry.number] === 1) return true;
    const first = this.#args[1]?.toLowerCase();
    return (firstArgs.get(entry.number) ?? []).some((arg) => arg.toLowerCase() === first);
  }

  #keyUses(): readonly KeyUse[] {
    this.#keys ??= findKeys(this.#command, this.#args).keys;
    return this.#keys;
  }

  #channelDenial({ channels }: Selector): Denial | undefined {
    const kind = CHANNELS.get(this.#command.name);
    if (kind === undefined) return undefined;
    const end = kind === "one" ? 2 : this.#args.length;
    for (let at = 1; at < end; at++) {
      const name = this.#args[at]!;
      if (!isChannelAllowed(channels, name, { isPattern: kind === "patterns" })) {
        return { what: "channel", at };
      }
    }
    return undefined;
  }
}

/** Which arguments are channels. To leave one is always allowed. */
const CHANNELS = new Map<string, "one" | "all" | "patterns">([
  ["psubscribe", "patterns"],
  ["publish", "one"],
  ["spublish", "one"],
  ["ssubscribe", "all"],
  ["subscribe", "all"],
]);

/** A pattern that is subscribed to must be one of the patterns allowed, word for word. */
export function isChannelAllowed(
  allowed: readonly string[],
  name: string,
  { isPattern }: { isPattern: boolean },
): boolean {
  if (isPattern) return allowed.includes(name);
  return allowed.some((pattern) => globMatch(pattern, name));
}

const ACCESS_OF: Readonly<Record<string, number>> = {
  access: READ,
  insert: WRITE,
  delete: WRITE,
  update: WRITE,
};

function isKeyAllowed({ keyPatterns }: Selector, { name, flags }: KeyUse): boolean {
  let wanted = 0;
  for (const flag of flags) wanted |= ACCESS_OF[flag] ?? 0;
  return keyPatterns.some(({ pattern, access }) => {
    return (access & wanted) === wanted && globMatch(pattern, name);
  });
}
