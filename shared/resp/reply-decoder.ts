/**
 * Bytes -> replies, RESP2 and RESP3: the client's side of the protocol, for the bridge, the tests
 * and the replication link.
 */
import { assert } from "../base/assert.ts";
import { parseFloat64, parseInteger } from "../base/numbers.ts";
import { ProtocolError } from "./decoder.ts";
import { Feed } from "./feed.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NIL_ARRAY,
  OK,
  Push,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "./reply.ts";

/** What a server may send. */
export interface ReplyLimits {
  /** Bytes of one string. */
  readonly bulkMax: number;
  /** Bytes of one line: a status, an error, a number. */
  readonly lineMax: number;
  /** Arrays in arrays. */
  readonly depthMax: number;
}

const LIMITS: ReplyLimits = { bulkMax: 512 * 1024 * 1024, lineMax: 1024 * 1024, depthMax: 128 };

/** For what our own nodes send: they have bounds of their own, and no reply of theirs is a mistake. */
export const NO_REPLY_LIMITS: ReplyLimits = {
  bulkMax: Number.POSITIVE_INFINITY,
  lineMax: Number.POSITIVE_INFINITY,
  depthMax: Number.POSITIVE_INFINITY,
};

/** An aggregate that lacks some of its items. */
interface Open {
  readonly type: string;
  readonly items: Reply[];
  missing: number;
}

/** Stands for "the item at hand has not all come" and "it was the start of an aggregate". */
const INCOMPLETE = Symbol("incomplete");
const OPENED = Symbol("opened");

/** One server's stream of replies, in order. Throws ProtocolError where it is none. */
export class ReplyDecoder {
  readonly #limits: ReplyLimits;
  readonly #feed = new Feed();
  readonly #open: Open[] = [];
  #consumedBytes = 0;
  #usedBytes = 0;

  constructor(limits: Partial<ReplyLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Takes the next bytes as a binary string, split anywhere. */
  push(chunk: string): void {
    this.#feed.push(chunk);
  }

  /**
   * The next reply, or undefined until more bytes come (nil is null). Attributes are skipped, and
   * so are empty lines between replies, by which a master says that it is still busy. Strings may
   * be slices of a chunk.
   */
  next(): Reply | undefined {
    if (!this.#feed.take()) return undefined;
    for (;;) {
      const item = this.#item();
      if (item === INCOMPLETE) return undefined;
      if (item === OPENED) continue;
      const reply = this.#close(item);
      if (reply === undefined) continue;
      this.#consumedBytes += this.#usedBytes;
      this.#usedBytes = 0;
      return reply;
    }
  }

  /** Bytes of all replies returned so far. */
  get consumedBytes(): number {
    return this.#consumedBytes;
  }

  /** Bytes that came and were not consumed. */
  get bufferedBytes(): number {
    return this.#usedBytes + this.#feed.length;
  }

  /**
   * The bytes behind the last reply, where another protocol begins. Not inside a half-read array.
   */
  takeRest(): string {
    assert(this.#open.length === 0, "a protocol switches between replies");
    this.#usedBytes = 0;
    return this.#feed.takeRest();
  }

  #skipLineFeeds(): void {
    const feed = this.#feed;
    while (feed.text.charCodeAt(feed.at) === 10) {
      feed.at++;
      this.#usedBytes++;
    }
  }

  /** Puts the item where it belongs; the whole reply once nothing is open any more. */
  #close(item: Reply): Reply | undefined {
    let value = item;
    for (;;) {
      const open = this.#open.at(-1);
      if (open === undefined) return value;
      open.items.push(value);
      if (--open.missing > 0) return undefined;
      this.#open.pop();
      if (open.type === "|") return undefined;
      value = aggregate(open.type, open.items);
    }
  }

  /** One scalar, or the start of an aggregate. */
  #item(): Reply | typeof INCOMPLETE | typeof OPENED {
    const feed = this.#feed;
    const end = this.#lineEnd();
    if (end === undefined) return INCOMPLETE;
    const type = feed.text.charAt(feed.at);
    const line = feed.text.slice(feed.at + 1, end);
    const lineBytes = end + 2 - feed.at;
    if ("$=!".includes(type) && line !== "-1") {
      const length = this.#count(line, this.#limits.bulkMax);
      const bytes = lineBytes + length + 2;
      if (feed.text.length - feed.at < bytes && !feed.needBytes(bytes)) return INCOMPLETE;
      const at = feed.at + lineBytes;
      this.#use(bytes);
      return blob(type, feed.text.slice(at, at + length));
    }
    this.#use(lineBytes);
    if ("*%~>|".includes(type) && line !== "-1") return this.#start(type, line);
    return scalar(type, line);
  }

  #start(type: string, line: string): Reply | typeof OPENED {
    const count = this.#count(line, 2 ** 31 - 1);
    const missing = type === "%" || type === "|" ? count * 2 : count;
    if (missing === 0) return type === "|" ? OPENED : aggregate(type, []);
    if (this.#open.length === this.#limits.depthMax) throw new ProtocolError("nested too deep");
    this.#open.push({ type, items: [], missing });
    return OPENED;
  }

  #count(line: string, max: number): number {
    const count = parseInteger(line);
    if (typeof count === "number" && count >= 0 && count <= max) return count;
    throw new ProtocolError("invalid length in reply");
  }

  #use(bytes: number): void {
    this.#feed.at += bytes;
    this.#usedBytes += bytes;
  }

  /** Where the line at hand ends, when its line feed has come too. */
  #lineEnd(): number | undefined {
    const feed = this.#feed;
    const max = this.#limits.lineMax;
    for (;;) {
      if (this.#open.length === 0) this.#skipLineFeeds();
      if (feed.at === feed.text.length) {
        if (feed.needBytes(1)) continue;
        return undefined;
      }
      const end = feed.text.indexOf("\r", feed.at);
      if ((end < 0 ? feed.text.length : end) - feed.at > max) {
        throw new ProtocolError("too big line in reply");
      }
      if (end >= 0 && end + 1 < feed.text.length) return end;
      const isThere = end < 0 ? feed.needLineEnd("\r", max) : feed.needBytes(end - feed.at + 2);
      if (!isThere) return undefined;
    }
  }
}

function blob(type: string, text: string): Reply {
  if (type === "!") return new ReplyError(text);
  if (type === "$") return text;
  const format = text.slice(0, 3);
  return new Verbatim(format === "mkd" ? "mkd" : "txt", text.slice(4));
}

function aggregate(type: string, items: Reply[]): Reply {
  if (type === "%") return new MapReply(items);
  if (type === "~") return new SetReply(items);
  if (type === ">") return new Push(items);
  return items;
}

function scalar(type: string, line: string): Reply {
  switch (type) {
    case "+":
      return line === "OK" ? OK : new Status(line);
    case "-":
      return new ReplyError(line);
    case ":":
      return parseInteger(line) ?? invalid(type, line);
    case "$":
    case "_":
      return null;
    case "*":
      return NIL_ARRAY;
    case ",":
      return new Double(line === "nan" ? NaN : (parseFloat64(line) ?? invalid(type, line)));
    case "#":
      return line === "t" || line === "f" ? new Bool(line === "t") : invalid(type, line);
    case "(":
      return /^[+-]?\d+$/.test(line) ? new BigNumber(line) : invalid(type, line);
    default:
      return invalid(type, line);
  }
}

function invalid(type: string, line: string): never {
  throw new ProtocolError(`unexpected '${type}${line.slice(0, 32)}' in reply`);
}
