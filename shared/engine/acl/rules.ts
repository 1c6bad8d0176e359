/**
 * ACL rules, as ACL SETUSER takes them: each changes a user. https://redis.io/docs/management/security/acl
 */
import { detach } from "../../base/bytes.ts";
import { sha256Hex } from "../../base/sha256.ts";
import { splitArguments } from "../../resp/split-arguments.ts";
import type { Catalog, CatalogEntry } from "./catalog.ts";
import { newSelector, READ, type Selector, type User, WRITE } from "./user.ts";

/** Why a rule was refused, in Redis's words. */
const REFUSALS = {
  syntax: "Syntax error",
  unknown: "Unknown command or category name in ACL",
  afterAllKeys:
    "Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have " +
    "any effect. Try 'resetkeys' to start with an empty list of patterns",
  afterAllChannels:
    "Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not " +
    "have any effect. Try 'resetchannels' to start with an empty list of channels",
  noSuchPassword: "The password you are trying to remove from the user does not exist",
  badHash:
    "The password hash must be exactly 64 characters and contain only lowercase hexadecimal " +
    "characters",
  firstArgOfSubcommand: "Allowing first-arg of a subcommand is not supported",
} as const;

export type RuleError = (typeof REFUSALS)[keyof typeof REFUSALS];

export interface RuleContext {
  readonly catalog: Catalog;
  /** `acl-pubsub-default` is `allchannels`. */
  readonly allChannels: boolean;
}

/** Applies a rule to a user; why not, where it is none. The user may be half changed then. */
export function applyRule(cx: RuleContext, user: User, rule: string): RuleError | undefined {
  if (rule === "") return undefined;
  const simple = USER_RULES.get(cString(rule).toLowerCase());
  if (simple !== undefined) {
    simple(user, cx);
    return undefined;
  }
  const body = rule.slice(1);
  const sign = rule[0];
  if (sign === ">") return addPassword(user, sha256Hex(body));
  if (sign === "<") return removePassword(user, sha256Hex(body));
  if (sign === "#" || sign === "!") {
    if (!isHash(body)) return REFUSALS.badHash;
    return sign === "#" ? addPassword(user, body) : removePassword(user, body);
  }
  if (rule.startsWith("(") && rule.endsWith(")")) return addSelector(cx, user, rule.slice(1, -1));
  return applySelectorRule(cx, user.root, rule);
}

const USER_RULES = new Map<string, (user: User, cx: RuleContext) => void>([
  ["on", (user) => void (user.isEnabled = true)],
  ["off", (user) => void (user.isEnabled = false)],
  ["skip-sanitize-payload", (user) => void (user.sanitizes = false)],
  ["sanitize-payload", (user) => void (user.sanitizes = true)],
  ["nopass", (user) => resetPasswords(user, { isOpen: true })],
  ["resetpass", (user) => resetPasswords(user, { isOpen: false })],
  ["clearselectors", (user) => void (user.selectors = [])],
  ["reset", reset],
]);

function reset(user: User, { allChannels }: RuleContext): void {
  resetPasswords(user, { isOpen: false });
  user.isEnabled = false;
  user.sanitizes = true;
  user.selectors = [];
  Object.assign(user.root, newSelector(user.root.allowed.length, { allChannels }));
}

function resetPasswords(user: User, { isOpen }: { isOpen: boolean }): void {
  user.isOpen = isOpen;
  user.passwords = [];
}

/** As C reads a string: up to its first NUL. */
function cString(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

// -- passwords ------------------------------------------------------------------------------------

function isHash(text: string): boolean {
  return /^[\da-f]{64}$/.test(text);
}

function addPassword(user: User, hash: string): undefined {
  if (!user.passwords.includes(hash)) user.passwords.push(detach(hash));
  user.isOpen = false;
}

function removePassword(user: User, hash: string): RuleError | undefined {
  const at = user.passwords.indexOf(hash);
  if (at < 0) return REFUSALS.noSuchPassword;
  user.passwords.splice(at, 1);
  return undefined;
}

// -- selectors ------------------------------------------------------------------------------------

function addSelector(cx: RuleContext, user: User, rules: string): RuleError | undefined {
  const selector = newSelector(user.root.allowed.length, cx);
  // What cannot be split into words has none, as in Redis.
  for (const rule of splitArguments(cString(rules)) ?? []) {
    const error = applySelectorRule(cx, selector, rule);
    if (error !== undefined) return error;
  }
  user.selectors.push(selector);
  return undefined;
}

/** Applies one of the rules that may stand in a selector. */
export function applySelectorRule(
  cx: RuleContext,
  selector: Selector,
  rule: string,
): RuleError | undefined {
  const word = cString(rule);
  const simple = SELECTOR_RULES.get(word.toLowerCase());
  if (simple !== undefined) {
    simple(selector);
    return undefined;
  }
  const sign = word[0];
  if (sign === "~" || sign === "%") return addKeyPattern(selector, rule);
  if (sign === "&") return addChannel(selector, rule.slice(1));
  if (sign !== "+" && sign !== "-") return REFUSALS.syntax;
  const isAllowed = sign === "+";
  if (word[1] === "@") return setCategory(cx, selector, { name: word.slice(2), isAllowed });
  if (isAllowed && word.includes("|")) return allowPart(cx, selector, word.slice(1));
  const entry = cx.catalog.named(word.slice(1));
  if (entry === undefined) return REFUSALS.unknown;
  setEntry(selector, entry, isAllowed);
  return undefined;
}

const SELECTOR_RULES = new Map<string, (selector: Selector) => void>([
  ["allkeys", (selector) => setKeys(selector, true)],
  ["~*", (selector) => setKeys(selector, true)],
  ["resetkeys", (selector) => setKeys(selector, false)],
  ["allchannels", (selector) => setChannels(selector, true)],
  ["&*", (selector) => setChannels(selector, true)],
  ["resetchannels", (selector) => setChannels(selector, false)],
  ["allcommands", (selector) => setCommands(selector, true)],
  ["+@all", (selector) => setCommands(selector, true)],
  ["nocommands", (selector) => setCommands(selector, false)],
  ["-@all", (selector) => setCommands(selector, false)],
]);

function setKeys(selector: Selector, isAllowed: boolean): void {
  selector.allKeys = isAllowed;
  selector.keyPatterns = [];
}

function setChannels(selector: Selector, isAllowed: boolean): void {
  selector.allChannels = isAllowed;
  selector.channels = [];
}

function setCommands(selector: Selector, isAllowed: boolean): void {
  selector.allowed.fill(isAllowed ? 1 : 0);
  selector.allCommands = isAllowed;
  selector.allowsFuture = isAllowed;
  selector.firstArgs.clear();
}

/** Names and patterns hold no spaces, so that rules can be written in a line. */
export function isOneWord(text: string): boolean {
  return !/[ \t-\r\0]/.test(text);
}

function addKeyPattern(selector: Selector, rule: string): RuleError | undefined {
  if (selector.allKeys) return REFUSALS.afterAllKeys;
  const prefix = rule.startsWith("%") ? /^%(?:R|W|RW|WR)(?:~|$)/i.exec(rule)?.[0] : "~";
  if (prefix === undefined) return REFUSALS.syntax;
  const pattern = rule.slice(prefix.length);
  if (!isOneWord(pattern)) return REFUSALS.syntax;
  let access = prefix === "~" ? READ | WRITE : 0;
  if (/r/i.test(prefix)) access |= READ;
  if (/w/i.test(prefix)) access |= WRITE;
  const at = selector.keyPatterns.findIndex((known) => known.pattern === pattern);
  if (at < 0) selector.keyPatterns.push({ pattern: detach(pattern), access });
  else {
    const known = selector.keyPatterns[at]!;
    selector.keyPatterns[at] = { ...known, access: known.access | access };
  }
  return undefined;
}

function addChannel(selector: Selector, pattern: string): RuleError | undefined {
  if (selector.allChannels) return REFUSALS.afterAllChannels;
  if (!isOneWord(pattern)) return REFUSALS.syntax;
  if (!selector.channels.includes(pattern)) selector.channels.push(detach(pattern));
  return undefined;
}

// -- commands -------------------------------------------------------------------------------------

function setCategory(
  { catalog }: RuleContext,
  selector: Selector,
  { name, isAllowed }: { name: string; isAllowed: boolean },
): RuleError | undefined {
  const bit = catalog.categoryBit(name);
  if (bit === undefined) return REFUSALS.unknown;
  setCategoryBit(catalog, selector, { bit, isAllowed });
  return undefined;
}

/** Allows or forbids the commands of a category. A container takes its subcommands with it. */
export function setCategoryBit(
  catalog: Catalog,
  selector: Selector,
  { bit, isAllowed }: { bit: number; isAllowed: boolean },
): void {
  for (const entry of catalog.entries) {
    if ((entry.categories & bit) !== 0) setEntry(selector, entry, isAllowed);
  }
}

/** Allows or forbids a command with its subcommands. */
export function setEntry(selector: Selector, entry: CatalogEntry, isAllowed: boolean): void {
  const value = isAllowed ? 1 : 0;
  selector.allowed[entry.number] = value;
  for (const sub of entry.subcommands) selector.allowed[sub.number] = value;
  selector.firstArgs.delete(entry.number);
  if (!isAllowed) selector.allCommands = false;
}

/** `+command|sub`: a subcommand, or a first argument of a command that has none. */
function allowPart(
  { catalog }: RuleContext,
  selector: Selector,
  name: string,
): RuleError | undefined {
  const bar = name.lastIndexOf("|");
  const entry = catalog.named(name.slice(0, bar));
  if (entry === undefined) return REFUSALS.unknown;
  if (entry.parent !== undefined) return REFUSALS.firstArgOfSubcommand;
  const part = name.slice(bar + 1);
  if (part === "") return REFUSALS.syntax;
  if (entry.subcommands.length > 0) {
    const sub = catalog.named(name);
    if (sub === undefined) return REFUSALS.unknown;
    setEntry(selector, sub, true);
    return undefined;
  }
  const args = selector.firstArgs.get(entry.number) ?? [];
  if (args.some((arg) => arg.toLowerCase() === part.toLowerCase())) return undefined;
  selector.firstArgs.set(entry.number, [...args, detach(part)]);
  return undefined;
}

/**
 * Puts the words of a selector together, `(`, `~x` and `)` being one rule; the word that opens a
 * parenthesis that never closes, where there is one.
 */
export function mergeSelectors(
  words: readonly string[],
): string[] | { readonly unmatched: string } {
  const rules: string[] = [];
  let open: { readonly word: string; rule: string } | undefined;
  for (const word of words) {
    if (word.startsWith("(") && !word.endsWith(")")) open = { word, rule: word };
    else if (open === undefined) rules.push(word);
    else {
      open.rule += ` ${cString(word)}`;
      if (!word.endsWith(")")) continue;
      rules.push(open.rule);
      open = undefined;
    }
  }
  return open === undefined ? rules : { unmatched: open.word };
}
