// Reads TypeScript just well enough to tell code from comments and strings. That is a small part of
// the language: what a slash means depends on the token before it, and a template holds code again.

const WORD = /[\w$]+/y;

/** An import or re-export, static or dynamic, of values or of types only. */
export type Import = { readonly specifier: string; readonly line: number };

/**
 * The same text with every comment, string, template text and regular expression blanked out, all
 * other characters at their places. The quotes of strings stay.
 */
export function blank(source: string): string {
  const out = source.split("");
  let at = 0;

  skipCode({ isHole: false });
  return out.join("");

  /** Code up to the brace that closes a template's hole, or to the end of the file. */
  function skipCode({ isHole }: { isHole: boolean }): void {
    let braces = 0;
    let before = ""; // the last token, which decides between division and regular expression
    while (at < source.length) {
      const start = at;
      const char = source.charAt(at);
      const two = source.slice(at, at + 2);
      if (two === "//") {
        erase(closing("\n", at) - 1);
        continue;
      }
      if (two === "/*") {
        erase(closing("*/", at + 2));
        continue;
      }
      if (/\s/.test(char)) {
        at++;
        continue;
      }
      if (char === "}" && braces === 0 && isHole) return;
      if (char === "{") braces++;
      if (char === "}") braces--;
      if (char === '"' || char === "'") skipString(char);
      else if (char === "`") skipTemplate();
      else if (char === "/" && beginsExpression(before)) skipRegExp();
      else at += wordAt(at).length;
      before = /[\w$]/.test(char) ? wordAt(start) : char;
    }
  }

  function skipString(quote: string): void {
    let end = at + 1;
    while (end < source.length && source[end] !== quote) end += source[end] === "\\" ? 2 : 1;
    at++;
    erase(end);
    at++;
  }

  function skipTemplate(): void {
    at++;
    while (at < source.length && source[at] !== "`") {
      if (source.startsWith("${", at)) {
        at += 2;
        skipCode({ isHole: true });
        at++;
      } else {
        erase(at + (source[at] === "\\" ? 2 : 1));
      }
    }
    at++;
  }

  /** A slash inside a class, as in `[/]`, does not end the expression. */
  function skipRegExp(): void {
    let end = at + 1;
    let isClass = false;
    while (end < source.length && (isClass || source[end] !== "/") && source[end] !== "\n") {
      if (source[end] === "[") isClass = true;
      if (source[end] === "]") isClass = false;
      end += source[end] === "\\" ? 2 : 1;
    }
    erase(end + 1);
  }

  function erase(end: number): void {
    for (; at < Math.min(end, source.length); at++) if (source[at] !== "\n") out[at] = " ";
  }

  /** The whole name or number beginning there, or the single character. */
  function wordAt(from: number): string {
    WORD.lastIndex = from;
    return WORD.exec(source)?.[0] ?? source.charAt(from);
  }

  function closing(mark: string, from: number): number {
    const found = source.indexOf(mark, from);
    return found < 0 ? source.length + 1 : found + mark.length;
  }
}

/**
 * After these a slash begins a regular expression; after a value it divides. `if (x) /re/.test(y)`
 * and `i++ / 2` are taken the wrong way, and nobody writes them.
 */
function beginsExpression(before: string): boolean {
  if (/^(return|typeof|case|in|of|void|delete|throw|else|do|await|yield)$/.test(before))
    return true;
  return !/^[\w$)\]}"'`/]/.test(before);
}

/** Everything the file imports. */
export function importsOf(source: string): Import[] {
  const code = blank(source);
  const found: Import[] = [];
  for (const match of code.matchAll(/(?<![.\w])(?:from\s*|import\s*\(?\s*)(["'])(\s*)\1/g)) {
    const end = match.index + match[0].length - 1;
    const length = match[2]?.length ?? 0;
    found.push({ specifier: source.slice(end - length, end), line: lineAt(source, match.index) });
  }
  return found;
}

/** Lines count from 1. */
export function lineAt(source: string, index: number): number {
  return source.slice(0, index).split("\n").length;
}
