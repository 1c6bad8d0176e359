/**
 * RESP2 -> JSON as Upstash's REST API shapes it: strings, integers, null and arrays, and nothing else, as SDKs
 * fail on the rest. RESP2 knows no more: doubles are strings in it, and maps flat arrays.
 *
 * The text is written straight from the bytes that a RESP2 client would get: between the two there is
 * nothing to decide, and values in between would cost more than the commands do.
 */
import { assert } from "../base/assert.ts";
import { binaryToUtf8 } from "../base/bytes.ts";

/** A global of both runtimes: the bytes of a binary string -> padded standard base64. */
declare function btoa(binary: string): string;

export interface JsonOptions {
  /** `Upstash-Encoding: base64`: every string is encoded, as only so they carry any bytes. */
  readonly isBase64: boolean;
  /** What is written has room in it; the rest is left out. */
  readonly room?: JsonRoom;
}

/**
 * How much there may be of what is written, commas included: a byte of RESP can be six characters of JSON.
 * Characters take a byte each, or all of them two where one does not fit a byte.
 */
export class JsonRoom {
  readonly #bytesMax: number;
  #charCount = 0;
  #isWide = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isFull(): boolean {
    return (this.#isWide ? 2 : 1) * this.#charCount > this.#bytesMax;
  }

  /** Takes room for so many characters; whether there was. */
  take(charCount: number, isWide = false): boolean {
    this.#charCount += charCount;
    this.#isWide ||= isWide;
    return !this.isFull;
  }

  takeText(text: string): boolean {
    return this.take(text.length + 1, WIDE.test(text));
  }
}

const WIDE = /[\u0100-\uffff]/;
/** `{"result":` and what ends it. */
const OUTCOME_CHARS = 12;
const SHORT_CHARS = 64 * 1024;
/** A string that needs no escapes, and is its own UTF-8. */
const PLAIN = /^[ !#-[\]-~]*$/;
/** Digits (and a sign) of the integers that JSON's readers do not round, whatever they are. */
const SAFE_DIGITS = 15;

const ZERO = 48;
const MINUS = 45;
const PLUS = 43;
const DOLLAR = 36;
const COLON = 58;
const ASTERISK = 42;

/** Whole replies, one after the other. */
export class JsonWriter {
  readonly #text: string;
  readonly #isBase64: boolean;
  readonly #room: JsonRoom;
  #at = 0;

  /** `replies` is a binary string of whole replies in RESP2, as our encoder writes them. */
  constructor(replies: string, { isBase64, room = new JsonRoom(Infinity) }: JsonOptions) {
    this.#text = replies;
    this.#isBase64 = isBase64;
    this.#room = room;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** Whether the next reply is an error. */
  get isAtError(): boolean {
    return this.#text.charCodeAt(this.#at) === MINUS;
  }

  /** The next reply as `{"result":…}`, or `{"error":…}`, which is never base64. */
  outcome(): string {
    const type = this.#text.charCodeAt(this.#at);
    this.#room.take(OUTCOME_CHARS);
    if (type === MINUS) return `{"error":${this.#quoted(this.#line())}}`;
    // SDKs know this status as it is, but only here: inside an array they decode it like any string.
    if (type === PLUS && this.#text.startsWith("+OK\r\n", this.#at)) {
      this.#at += 5;
      return '{"result":"OK"}';
    }
    return `{"result":${this.#value()}}`;
  }

  /**
   * The items of the next reply, each as an outcome; undefined where it is no array (a transaction that was
   * not run), and nothing is consumed then.
   */
  outcomes(): string[] | undefined {
    if (this.#text.charCodeAt(this.#at) !== ASTERISK) return undefined;
    if (this.#text.charCodeAt(this.#at + 1) === MINUS) return undefined;
    const count = Number(this.#line());
    const items: string[] = [];
    while (items.length < count) items.push(this.outcome());
    return items;
  }

  #value(): string {
    switch (this.#text.charCodeAt(this.#at)) {
      case DOLLAR:
        return this.#bulk();
      case COLON:
        return this.#counted(integer(this.#line()));
      case ASTERISK:
        return this.#array();
      default:
        // A status; or an error inside an array, which is its text.
        return this.#string(this.#line());
    }
  }

  #bulk(): string {
    const text = this.#text;
    let at = this.#at + 1;
    if (text.charCodeAt(at) === MINUS) {
      this.#line();
      return this.#counted("null");
    }
    let length = 0;
    for (let digit = text.charCodeAt(at) - ZERO; digit >= 0; digit = text.charCodeAt(at) - ZERO) {
      length = 10 * length + digit;
      at++;
    }
    const from = at + 2;
    this.#at = from + length + 2;
    assert(this.#at <= text.length, "replies come whole");
    return this.#string(text.slice(from, from + length));
  }

  #array(): string {
    const count = Number(this.#line());
    if (count < 0) return this.#counted("null");
    let json = this.#counted("[");
    for (let i = 0; i < count; i++) json += i === 0 ? this.#value() : `,${this.#value()}`;
    return `${json}]`;
  }

  /** Written only where there is room for it, because it may be six times as long as it was. */
  #string(binary: string): string {
    const room = this.#room;
    if (this.#isBase64) {
      return room.take(Math.ceil(binary.length / 3) * 4 + 3) ? `"${btoa(binary)}"` : "";
    }
    return this.#quoted(binary);
  }

  #quoted(binary: string): string {
    const room = this.#room;
    if (room.isFull) return "";
    if (isPlain(binary)) return room.take(binary.length + 3) ? `"${binary}"` : "";
    const text = binaryToUtf8(binary);
    // What is short is measured by being written.
    const short = text.length <= SHORT_CHARS ? JSON.stringify(text) : undefined;
    const hasRoom = room.take((short?.length ?? quotedLength(text)) + 1, WIDE.test(text));
    if (!hasRoom) return "";
    return short ?? JSON.stringify(text);
  }

  /** What is short, with the comma or bracket behind it. */
  #counted(json: string): string {
    this.#room.take(json.length + 1);
    return json;
  }

  /** What stands between the type and the line's end. */
  #line(): string {
    const end = this.#text.indexOf("\r", this.#at);
    assert(end >= 0, "replies come whole");
    const line = this.#text.slice(this.#at + 1, end);
    this.#at = end + 2;
    return line;
  }
}

function isPlain(binary: string): boolean {
  const { length } = binary;
  // A slice, which a longer string is, is slow to look into.
  if (length > 12) return PLAIN.test(binary);
  for (let i = 0; i < length; i++) if (!isPlainCode(binary.charCodeAt(i))) return false;
  return true;
}

function isPlainCode(code: number): boolean {
  return code >= 32 && code < 127 && code !== 34 && code !== 92;
}

/** `{"error":…}`; the text is a binary string. */
export function errorJson(text: string): string {
  return `{"error":${quoted(text)}}`;
}

/** How long JSON.stringify makes a text that UTF-8 stood for. */
function quotedLength(text: string): number {
  let length = text.length + 2;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 32) length += SHORT_ESCAPES.has(code) ? 1 : 5;
    else if (code === 34 || code === 92) length++;
  }
  return length;
}

/** \b \t \n \f \r; other control characters take six. */
const SHORT_ESCAPES: ReadonlySet<number> = new Set([8, 9, 10, 12, 13]);

function quoted(binary: string): string {
  return PLAIN.test(binary) ? `"${binary}"` : JSON.stringify(binaryToUtf8(binary));
}

function integer(digits: string): string {
  if (digits.length <= SAFE_DIGITS || Number.isSafeInteger(Number(digits))) return digits;
  return `"${digits}"`;
}
