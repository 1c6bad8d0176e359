/** Redis's patterns (KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET, ACL): util.c, stringmatchlen. */

const STAR = 42;
const QUESTION = 63;
const OPEN = 91;
const CLOSE = 93;
const CARET = 94;
const BACKSLASH = 92;
const DASH = 45;

/**
 * Whether the whole `text` matches: `*` any bytes, `?` one, `[abc]`, `[a-c]`, `[^a]`, a backslash
 * takes the next byte as it is. `ignoreCase` folds ASCII letters, as for names of settings.
 *
 * Every star but the last one reached has found its leftmost place, and no other choice for it
 * could make a match possible that this one does not; so only the last is moved on, and the time is
 * at most |pattern| * |text|. Trying them all is exponential: `a*a*a*a*a*b` was a denial of
 * service.
 */
export function globMatch(
  pattern: string,
  text: string,
  options: { readonly ignoreCase?: boolean } = {},
): boolean {
  const fold = options.ignoreCase === true;
  const end = pattern.length;
  const textEnd = text.length;
  // So says Redis, of the pattern `*` too.
  if (textEnd === 0) return end === 0;
  let p = 0;
  let t = 0;
  let starAt = -1; // where the pattern goes on behind the last star
  let starText = 0; // where the text goes on behind what the last star took
  while (t < textEnd) {
    if (p < end && pattern.charCodeAt(p) === STAR) {
      starAt = ++p;
      starText = t;
      if (p === end) return true;
      continue;
    }
    const next = p < end ? matchOne(pattern, p, text.charCodeAt(t), fold) : -1;
    if (next >= 0) {
      p = next;
      t++;
    } else if (starAt >= 0) {
      p = starAt;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (p < end && pattern.charCodeAt(p) === STAR) p++;
  return p === end;
}

/** Where the pattern goes on when its item at `p` takes this byte, -1 where it does not. */
function matchOne(pattern: string, p: number, byte: number, fold: boolean): number {
  const code = pattern.charCodeAt(p);
  if (code === QUESTION) return p + 1;
  if (code === OPEN) return matchClass(pattern, p + 1, byte, fold);
  // A backslash that ends the pattern stands for itself.
  const at = code === BACKSLASH && p + 1 < pattern.length ? p + 1 : p;
  return isSame(pattern.charCodeAt(at), byte, fold) ? at + 1 : -1;
}

/**
 * As `matchOne`, for a class that begins at `p`. One without its bracket ends where the pattern
 * does.
 */
function matchClass(pattern: string, first: number, byte: number, fold: boolean): number {
  const end = pattern.length;
  let p = first;
  const isNegated = p < end && pattern.charCodeAt(p) === CARET;
  if (isNegated) p++;
  let hit = false;
  while (p < end) {
    const code = pattern.charCodeAt(p);
    if (code === CLOSE) break;
    if (code === BACKSLASH && p + 1 < end) {
      // Redis forgets to ignore the case of an escaped byte; so does this.
      hit ||= pattern.charCodeAt(p + 1) === byte;
      p += 2;
    } else if (p + 2 < end && pattern.charCodeAt(p + 1) === DASH) {
      hit ||= isInRange(code, pattern.charCodeAt(p + 2), { byte, fold });
      p += 3;
    } else {
      hit ||= isSame(code, byte, fold);
      p++;
    }
  }
  if (hit === isNegated) return -1;
  return p < end ? p + 1 : p;
}

/**
 * A range may stand the wrong way round; which way that is, is decided before the case is ignored.
 */
function isInRange(a: number, b: number, to: { byte: number; fold: boolean }): boolean {
  const from = Math.min(a, b);
  const until = Math.max(a, b);
  if (!to.fold) return to.byte >= from && to.byte <= until;
  const byte = lower(to.byte);
  return byte >= lower(from) && byte <= lower(until);
}

function isSame(a: number, b: number, fold: boolean): boolean {
  return a === b || (fold && lower(a) === lower(b));
}

function lower(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}
