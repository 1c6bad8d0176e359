/**
 * Words as in a shell, for inline commands and configuration lines (redis/src/sds.c, sdssplitargs).
 */

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  n: "\n",
  r: "\r",
  t: "\t",
};

const HEX = /^\\x([\da-f]{2})/i;

/** What C's isspace knows. */
function isSpace(char: string): boolean {
  return char === " " || (char >= "\t" && char <= "\r");
}

/**
 * The words of a line, unquoted: "…" knows \n \r \t \b \a \xHH, '…' knows \'. Undefined where a
 * quote is not closed, or something stands right behind it.
 */
export function splitArguments(line: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < line.length && isSpace(line.charAt(at))) at++;
    if (at === line.length) return words;
    let word = "";
    // \v and \f separate words only where they stand in front of one. So it is in Redis.
    while (at < line.length && !" \n\r\t".includes(line.charAt(at))) {
      const char = line.charAt(at++);
      if (char !== '"' && char !== "'") {
        word += char;
        continue;
      }
      const quoted = char === '"' ? doubleQuoted(line, at) : singleQuoted(line, at);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end + 1;
      if (at < line.length && !isSpace(line.charAt(at))) return undefined;
      break;
    }
    words.push(word);
  }
}

interface Quoted {
  readonly text: string;
  /** Where the closing quote stands. */
  readonly end: number;
}

function doubleQuoted(line: string, from: number): Quoted | undefined {
  let text = "";
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === '"') return { text, end: at };
    if (char !== "\\" || at + 1 === line.length) {
      text += char;
      continue;
    }
    const hex = HEX.exec(line.slice(at, at + 4))?.[1];
    if (hex === undefined) {
      const next = line.charAt(++at);
      text += ESCAPES[next] ?? next;
    } else {
      text += String.fromCharCode(Number.parseInt(hex, 16));
      at += 3;
    }
  }
  return undefined;
}

function singleQuoted(line: string, from: number): Quoted | undefined {
  let text = "";
  for (let at = from; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "'") return { text, end: at };
    const isEscaped = char === "\\" && line.charAt(at + 1) === "'";
    text += isEscaped ? "'" : char;
    if (isEscaped) at++;
  }
  return undefined;
}
