/** Users in words: rules that make them what they are, as ACL LIST and GETUSER show them. */
import { CATEGORIES } from "../categories.ts";
import type { Catalog } from "./catalog.ts";
import { setCategoryBit, setEntry } from "./rules.ts";
import { newSelector, READ, type KeyPattern, type Selector, type User, WRITE } from "./user.ts";

/** As in `user <name> <these words>`. */
export function describeUser(catalog: Catalog, user: User): string {
  const words = [
    ...flagsOf(user),
    ...user.passwords.map((hash) => `#${hash}`),
    describeSelector(catalog, user.root),
    ...user.selectors.map((selector) => `(${describeSelector(catalog, selector)})`),
  ];
  return words.join(" ");
}

/** In Redis's order. */
export function flagsOf({ isEnabled, isOpen, sanitizes }: User): string[] {
  const flags = [isEnabled ? "on" : "off"];
  if (isOpen) flags.push("nopass");
  if (sanitizes === false) flags.push("skip-sanitize-payload");
  if (sanitizes === true) flags.push("sanitize-payload");
  return flags;
}

function describeSelector(catalog: Catalog, selector: Selector): string {
  const keys = describeKeys(selector);
  const channels = describeChannels(selector);
  return [
    ...(keys === "" ? [] : [keys]),
    ...(selector.allChannels ? [] : ["resetchannels"]),
    ...(channels === "" ? [] : [channels]),
    ...commandRules(catalog, selector),
  ].join(" ");
}

export function describeKeys({ allKeys, keyPatterns }: Selector): string {
  return allKeys ? "~*" : keyPatterns.map(describePattern).join(" ");
}

export function describeChannels({ allChannels, channels }: Selector): string {
  return allChannels ? "&*" : channels.map((pattern) => `&${pattern}`).join(" ");
}

function describePattern({ pattern, access }: KeyPattern): string {
  if (access === (READ | WRITE)) return `~${pattern}`;
  return `${access === READ ? "%R" : "%W"}~${pattern}`;
}

/**
 * Rules that allow exactly what a selector allows. As Redis does it: from everything down or from nothing
 * up, by the categories that fit best, best first, and then the single commands that still differ.
 */
export function commandRules(catalog: Catalog, selector: Selector): string[] {
  const isAdding = !selector.allowsFuture;
  const rules = [isAdding ? "-@all" : "+@all"];
  const made = newSelector(selector.allowed.length, { allChannels: false });
  if (!isAdding) made.allowed.fill(1);
  // What no category spoken for so far has explained.
  const left = { ...made, allowed: selector.allowed.slice(), firstArgs: new Map() };
  const open = new Set(CATEGORIES.keys());
  for (;;) {
    const best = bestCategory(catalog, left, { open, isAdding });
    if (best === undefined) break;
    open.delete(best);
    setCategoryBit(catalog, made, { bit: 1 << best, isAllowed: isAdding });
    setCategoryBit(catalog, left, { bit: 1 << best, isAllowed: !isAdding });
    rules.push(`${isAdding ? "+@" : "-@"}${CATEGORIES[best]!}`);
  }
  for (const entry of catalog.entries) {
    const { name } = entry.command;
    const isAllowed = selector.allowed[entry.number] === 1;
    if (isAllowed !== (made.allowed[entry.number] === 1)) {
      rules.push(`${isAllowed ? "+" : "-"}${name}`);
      setEntry(made, entry, isAllowed);
    }
    if (isAllowed) continue;
    for (const arg of selector.firstArgs.get(entry.number) ?? []) rules.push(`+${name}|${arg}`);
  }
  return rules;
}

/** The category with the fewest commands that differ, of those with the most that do not. */
function bestCategory(
  { entries }: Catalog,
  { allowed }: Selector,
  { open, isAdding }: { open: ReadonlySet<number>; isAdding: boolean },
): number | undefined {
  let best: { at: number; same: number; other: number } | undefined;
  for (const at of open) {
    let on = 0;
    let off = 0;
    for (const { number, categories } of entries) {
      if ((categories & (1 << at)) === 0) continue;
      if (allowed[number] === 1) on++;
      else off++;
    }
    const [same, other] = isAdding ? [on, off] : [off, on];
    if (same <= other) continue;
    const isBetter =
      best === undefined || other < best.other || (other === best.other && same > best.same);
    if (isBetter) best = { at, same, other };
  }
  return best?.at;
}
