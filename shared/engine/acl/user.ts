/** A user: whether and how one logs in as it, and its selectors, which say what it may do. */

/** What a key pattern allows, as bits. */
export const READ = 1;
export const WRITE = 2;

export interface KeyPattern {
  readonly pattern: string;
  /** READ, WRITE or both. */
  readonly access: number;
}

/**
 * A set of permissions. A command may run when one selector of its user allows all of it: the command,
 * its keys and its channels.
 */
export interface Selector {
  allKeys: boolean;
  allChannels: boolean;
  /** Every command, without a look at `allowed`. */
  allCommands: boolean;
  /** Began with +@all: newer commands are allowed too. */
  allowsFuture: boolean;
  keyPatterns: KeyPattern[];
  channels: string[];
  /** A byte for each number of the catalog. */
  allowed: Uint8Array;
  /** Of commands that are not allowed otherwise: the first arguments that are, by the command's number. */
  firstArgs: Map<number, string[]>;
}

export interface User {
  readonly name: string;
  isEnabled: boolean;
  /** `nopass`: any password is right. */
  isOpen: boolean;
  /** `sanitize-payload` or its contrary, where either was said. */
  sanitizes: boolean | undefined;
  /** SHA-256 of each, in lower-case hex. */
  passwords: string[];
  readonly root: Selector;
  selectors: Selector[];
}

export function newSelector(count: number, { allChannels }: { allChannels: boolean }): Selector {
  return {
    allKeys: false,
    allChannels,
    allCommands: false,
    allowsFuture: false,
    keyPatterns: [],
    channels: [],
    allowed: new Uint8Array(count),
    firstArgs: new Map(),
  };
}

/** A user that may do nothing and cannot log in; `count` is how many commands there are. */
export function newUser(name: string, count: number, options: { allChannels: boolean }): User {
  return {
    name,
    isEnabled: false,
    isOpen: false,
    sanitizes: undefined,
    passwords: [],
    root: newSelector(count, options),
    selectors: [],
  };
}

/** The root selector and the others. */
export function selectorsOf(user: User): readonly Selector[] {
  return user.selectors.length === 0 ? [user.root] : [user.root, ...user.selectors];
}

/** A copy to try changes on. */
export function copyUser(user: User): User {
  return {
    ...user,
    passwords: [...user.passwords],
    root: copySelector(user.root),
    selectors: user.selectors.map(copySelector),
  };
}

function copySelector(selector: Selector): Selector {
  const { keyPatterns, channels, allowed, firstArgs } = selector;
  return {
    ...selector,
    keyPatterns: [...keyPatterns],
    channels: [...channels],
    allowed: allowed.slice(),
    firstArgs: new Map([...firstArgs].map(([number, args]) => [number, [...args]])),
  };
}

/** One selector of the user allows everything: nothing has to be checked. */
export function mayDoAll(user: User): boolean {
  return selectorsOf(user).some((selector) => {
    return selector.allCommands && selector.allKeys && selector.allChannels;
  });
}
