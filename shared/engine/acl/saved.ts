/**
 * Users as the store keeps them, in JSON. Commands are kept as the rules that ACL LIST shows, by name: so
 * a command that a newer version brings falls where its categories put it.
 */
import type { Catalog } from "./catalog.ts";
import { commandRules } from "./describe.ts";
import { applySelectorRule } from "./rules.ts";
import { newSelector, newUser, type Selector, type User } from "./user.ts";

export interface SavedUser {
  readonly name: string;
  readonly on: boolean;
  readonly nopass: boolean;
  readonly sanitize?: boolean;
  /** Hashes. */
  readonly passwords: readonly string[];
  readonly root: SavedSelector;
  readonly selectors: readonly SavedSelector[];
}

interface SavedSelector {
  /** Patterns with the bits of what they allow. */
  readonly keys: "all" | readonly (readonly [pattern: string, access: number])[];
  readonly channels: "all" | readonly string[];
  readonly commands: readonly string[];
}

export function saveUser(catalog: Catalog, user: User): SavedUser {
  const { name, isEnabled, isOpen, sanitizes, passwords, root, selectors } = user;
  return {
    name,
    on: isEnabled,
    nopass: isOpen,
    ...(sanitizes !== undefined && { sanitize: sanitizes }),
    passwords,
    root: saveSelector(catalog, root),
    selectors: selectors.map((selector) => saveSelector(catalog, selector)),
  };
}

function saveSelector(catalog: Catalog, selector: Selector): SavedSelector {
  const { allKeys, keyPatterns, allChannels, channels } = selector;
  return {
    keys: allKeys ? "all" : keyPatterns.map(({ pattern, access }) => [pattern, access]),
    channels: allChannels ? "all" : channels,
    commands: commandRules(catalog, selector),
  };
}

export function loadUser(catalog: Catalog, saved: SavedUser): User {
  const user = newUser(saved.name, catalog.entries.length, { allChannels: false });
  user.isEnabled = saved.on;
  user.isOpen = saved.nopass;
  user.sanitizes = saved.sanitize;
  user.passwords = [...saved.passwords];
  Object.assign(user.root, loadSelector(catalog, saved.root));
  user.selectors = saved.selectors.map((selector) => loadSelector(catalog, selector));
  return user;
}

function loadSelector(catalog: Catalog, { keys, channels, commands }: SavedSelector): Selector {
  const selector = newSelector(catalog.entries.length, { allChannels: channels === "all" });
  selector.allKeys = keys === "all";
  if (keys !== "all") selector.keyPatterns = keys.map(([pattern, access]) => ({ pattern, access }));
  if (channels !== "all") selector.channels = [...channels];
  for (const rule of commands) {
    // A command this version does not know was allowed or forbidden by another: there is nothing to do.
    applySelectorRule({ catalog, allChannels: false }, selector, rule);
  }
  return selector;
}
