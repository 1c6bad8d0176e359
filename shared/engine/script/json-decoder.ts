/** JSON text onto Lua's stack, as lua-cjson reads it: a little more than JSON where it may. */
import type { LuaMachine } from "../../lua/machine.ts";
import { complain } from "./arguments.ts";
import type { JsonOptions } from "./cjson.ts";

const WORDS: readonly (readonly [text: string, value: boolean | null])[] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
/** What strtod reads. */
const NUMBER =
  /[-+]?(?:0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)(?:p[-+]?\d+)?|inf(?:inity)?|nan(?:\(\w*\))?|(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)/iy;
/** How numbers begin that JSON does not have. */
const INVALID_NUMBER = /\+|-?(?:0[x\d]|inf|nan)/iy;
const PLAIN = /[^"\\\0]*/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

export class JsonDecoder {
  readonly #lua: LuaMachine;
  readonly #text: string;
  readonly #options: JsonOptions;
  #at = 0;
  /** What a string stands for, as messages call it. */
  #expected = "value";

  constructor(lua: LuaMachine, text: string, options: JsonOptions) {
    this.#lua = lua;
    this.#text = text;
    this.#options = options;
  }

  /** Pushes the one value that the text is. */
  run(): void {
    const { length } = this.#text;
    if (length >= 2 && (this.#text.startsWith("\0") || this.#text[1] === "\0")) {
      complain(this.#lua, "JSON parser does not support UTF-16 or UTF-32");
    }
    this.#value(0);
    this.#space();
    if (this.#at < length && this.#text[this.#at] !== "\0") this.#fail("the end");
  }

  #space(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && code !== 9 && code !== 10 && code !== 13) return;
    }
  }

  #value(depth: number): void {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '"') this.#lua.pushBytes(this.#string());
    else if (char === "{") this.#object(this.#deeper(depth));
    else if (char === "[") this.#array(this.#deeper(depth));
    else if (!this.#number() && !this.#word()) this.#fail("value");
  }

  #deeper(depth: number): number {
    const next = depth + 1;
    if (next <= this.#options.decodeDepthMax && this.#lua.reserve(3)) return next;
    return complain(
      this.#lua,
      `Found too many nested data structures (${next}) at character ${this.#at + 1}`,
    );
  }

  #word(): boolean {
    for (const [text, value] of WORDS) {
      if (!this.#text.startsWith(text, this.#at)) continue;
      this.#at += text.length;
      if (value === null) this.#lua.pushNull();
      else this.#lua.pushBoolean(value);
      return true;
    }
    return false;
  }

  #number(): boolean {
    if (!this.#beginsNumber()) return false;
    const text = this.#numberText();
    if (text === undefined) return this.#invalid();
    this.#at += text.length;
    this.#lua.pushNumber(numberOf(text));
    return true;
  }

  #beginsNumber(): boolean {
    if (/[-0-9]/.test(this.#text[this.#at] ?? "")) return true;
    return this.#options.decodeInvalidNumbers && this.#isInvalidNumber();
  }

  #isInvalidNumber(): boolean {
    INVALID_NUMBER.lastIndex = this.#at;
    return INVALID_NUMBER.test(this.#text);
  }

  /** Undefined: what stands here is not taken as a number. */
  #numberText(): string | undefined {
    if (!this.#options.decodeInvalidNumbers && this.#isInvalidNumber()) return undefined;
    NUMBER.lastIndex = this.#at;
    return NUMBER.exec(this.#text)?.[0];
  }

  #array(depth: number): void {
    const lua = this.#lua;
    lua.pushTable();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return;
    }
    for (let place = 1; ; place++) {
      this.#value(depth);
      lua.setAt(-2, place);
      this.#space();
      const char = this.#text[this.#at];
      if (char !== "," && char !== "]") this.#fail("comma or array end");
      this.#at++;
      if (char === "]") return;
    }
  }

  #object(depth: number): void {
    const lua = this.#lua;
    lua.pushTable();
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return;
    }
    for (;;) {
      this.#space();
      if (this.#text[this.#at] !== '"') this.#fail("object key string");
      this.#expected = "object key string";
      lua.pushBytes(this.#string());
      this.#expected = "value";
      this.#space();
      if (this.#text[this.#at] !== ":") this.#fail("colon");
      this.#at++;
      this.#value(depth);
      lua.set(-3);
      this.#space();
      const char = this.#text[this.#at];
      if (char !== "," && char !== "}") this.#fail("comma or object end");
      this.#at++;
      if (char === "}") return;
    }
  }

  #string(): string {
    let text = "";
    this.#at++;
    for (;;) {
      PLAIN.lastIndex = this.#at;
      const plain = PLAIN.exec(this.#text)![0];
      text += plain;
      this.#at += plain.length;
      const char = this.#text[this.#at];
      if (char === undefined || char === "\0") {
        return this.#failString("unexpected end of string");
      }
      this.#at++;
      if (char === '"') return text;
      text += this.#escape();
    }
  }

  #escape(): string {
    const char = this.#text[this.#at] ?? "";
    const known = ESCAPES[char];
    if (known !== undefined) {
      this.#at++;
      return known;
    }
    if (char !== "u") this.#failString("invalid escape code", this.#at - 1);
    return this.#unicode();
  }

  /** \uXXXX, or two of them for what is beyond 16 bits, as UTF-8. */
  #unicode(): string {
    const start = this.#at - 1;
    let code = this.#hex(this.#at + 1, start);
    this.#at += 5;
    if (code >= 0xd800 && code <= 0xdfff) {
      const hasSecond = this.#text.startsWith("\\u", this.#at);
      if (code >= 0xdc00 || !hasSecond) this.#failString("invalid unicode escape code", start);
      const low = this.#hex(this.#at + 2, start);
      if (low < 0xdc00 || low > 0xdfff) this.#failString("invalid unicode escape code", start);
      code = ((code - 0xd800) << 10) + (low - 0xdc00) + 0x1_0000;
      this.#at += 6;
    }
    return utf8(code);
  }

  #hex(at: number, start: number): number {
    const digits = this.#text.slice(at, at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#failString("invalid unicode escape code", start);
    return Number.parseInt(digits, 16);
  }

  #fail(expected: string): never {
    const at = this.#at;
    this.#expected = expected;
    return complain(
      this.#lua,
      `Expected ${expected} but found ${this.#token()} at character ${at + 1}`,
    );
  }

  #failString(why: string, at = this.#at): never {
    return complain(
      this.#lua,
      `Expected ${this.#expected} but found ${why} at character ${at + 1}`,
    );
  }

  #invalid(): never {
    return complain(
      this.#lua,
      `Expected value but found invalid number at character ${this.#at + 1}`,
    );
  }

  /** What stands where something else was expected, in lua-cjson's words. */
  #token(): string {
    const char = this.#text[this.#at];
    if (char === undefined || char === "\0") return "T_END";
    // One that does not end has a complaint of its own.
    if (char === '"') this.#string();
    const name = TOKENS[char];
    if (name !== undefined) return name;
    if (this.#beginsNumber()) {
      return this.#numberText() === undefined ? "invalid number" : "T_NUMBER";
    }
    if (this.#text.startsWith("true", this.#at) || this.#text.startsWith("false", this.#at)) {
      return "T_BOOLEAN";
    }
    if (this.#text.startsWith("null", this.#at)) return "T_NULL";
    return "invalid token";
  }
}

const TOKENS: Readonly<Record<string, string>> = {
  "{": "T_OBJ_BEGIN",
  "}": "T_OBJ_END",
  "[": "T_ARR_BEGIN",
  "]": "T_ARR_END",
  ":": "T_COLON",
  ",": "T_COMMA",
  '"': "T_STRING",
};

function numberOf(text: string): number {
  const isNegative = text.startsWith("-");
  const digits = text.replace(/^[-+]/, "").toLowerCase();
  const value = digits.startsWith("inf")
    ? Infinity
    : digits.startsWith("0x")
      ? hexadecimal(digits)
      : Number(digits);
  return isNegative ? -value : value;
}

/** C's hexadecimal floating point: 0x1.8p1 is 3. */
function hexadecimal(text: string): number {
  const [mantissa = "", exponent = "0"] = text.slice(2).split("p");
  const [whole = "", fraction = ""] = mantissa.split(".");
  let value = 0;
  for (const digit of whole + fraction) value = value * 16 + Number.parseInt(digit, 16);
  return value * 2 ** (Number(exponent) - 4 * fraction.length);
}

function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63));
  const [low, middle] = [0x80 | (code & 63), 0x80 | ((code >> 6) & 63)];
  if (code < 0x1_0000) return String.fromCharCode(0xe0 | (code >> 12), middle, low);
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), middle, low);
}
