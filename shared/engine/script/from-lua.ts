/** Values of Lua as replies and as requests. */
import { formatDouble } from "../../base/numbers.ts";
import { LUA, type LuaMachine, NO_MEMORY } from "../../lua/machine.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "../../resp/reply.ts";
import { errorLine, oneLine } from "../../resp/encoder.ts";
import { Gauge, TABLE_BYTES } from "./budget.ts";

const STACK_ERROR = "ERR reached lua stack limit";
/** Redis gives up where its C stack would: a table in a table in a table … */
const DEPTH_MAX = 1000;

/** What a script returned, on top of the stack, as a reply. It stays there. */
export function toReply(lua: LuaMachine, protocol: 2 | 3): Reply {
  const reader = new ReplyReader(lua, protocol);
  const reply = reader.value(lua.type(-1), 0);
  return reader.isFull ? new ReplyError(`ERR ${NO_MEMORY} for what the script returns`) : reply;
}

class ReplyReader {
  readonly #lua: LuaMachine;
  readonly #protocol: 2 | 3;
  readonly #gauge = new Gauge();
  /** There was more than there is room for; nothing is read any more. */
  isFull = false;

  constructor(lua: LuaMachine, protocol: 2 | 3) {
    this.#lua = lua;
    this.#protocol = protocol;
  }

  /** The value on top, which is of this type. */
  value(type: number, depth: number): Reply {
    const lua = this.#lua;
    switch (type) {
      case LUA.string:
        return this.#string();
      case LUA.number:
        return this.#has(0) ? toInteger(lua.number(-1)) : null;
      case LUA.boolean: {
        const value = lua.boolean(-1);
        if (this.#protocol === 3) return new Bool(value);
        return value ? 1 : null;
      }
      case LUA.table:
        if (depth > DEPTH_MAX || !lua.reserve(4)) return new ReplyError(STACK_ERROR);
        return this.#has(TABLE_BYTES) ? this.#table(depth) : null;
      default:
        return null;
    }
  }

  #string(): string {
    const lua = this.#lua;
    return this.#has(lua.length(-1)) ? lua.bytes(-1)! : "";
  }

  #has(bytes: number): boolean {
    if (!this.#gauge.hasRoom(bytes)) this.isFull = true;
    return !this.isFull;
  }

  #table(depth: number): Reply {
    const error = this.#text("err");
    if (error !== undefined) return new ReplyError(errorLine(textOf(error)));
    const status = this.#text("ok");
    if (status !== undefined) return new Status(lineOf(status));
    return this.#boxed(depth) ?? this.#array(depth);
  }

  #array(depth: number): Reply {
    const lua = this.#lua;
    const items: Reply[] = [];
    for (let place = 1; !this.isFull; place++) {
      lua.getAt(-1, place);
      const type = lua.type(-1);
      if (type !== LUA.nil) items.push(this.value(type, depth + 1));
      lua.pop();
      if (type === LUA.nil) break;
    }
    return items;
  }

  /** What RESP3 has a type for; RESP2 clients see the nearest they have. */
  #boxed(depth: number): Reply | undefined {
    const lua = this.#lua;
    return (
      this.#field("double", LUA.number, () => new Double(lua.number(-1))) ??
      this.#field("big_number", LUA.string, () => new BigNumber(oneLine(this.#string()))) ??
      this.#field("verbatim_string", LUA.table, () => this.#verbatim()) ??
      this.#field("map", LUA.table, () => new MapReply(this.#pairs(depth, true))) ??
      this.#field("set", LUA.table, () => new SetReply(this.#pairs(depth, false)))
    );
  }

  /** What `read` makes of a field, which is on top then; undefined when it is of another type. */
  #field<T>(name: string, type: number, read: () => T): T | undefined {
    const lua = this.#lua;
    lua.getField(-1, name);
    const value = lua.type(-1) === type ? read() : undefined;
    lua.pop();
    return value;
  }

  #text(name: string): string | undefined {
    return this.#field(name, LUA.string, () => this.#string());
  }

  #verbatim(): Reply | undefined {
    const text = this.#text("string");
    const format = this.#text("format");
    if (text === undefined || format === undefined) return undefined;
    return new Verbatim(textOf(format).slice(0, 3).padEnd(3) as "txt", text);
  }

  #pairs(depth: number, hasValues: boolean): Reply[] {
    const lua = this.#lua;
    const flat: Reply[] = [];
    lua.pushNil();
    while (!this.isFull && lua.next(-2)) {
      // The key is converted from a copy: looking at a number as a string would change the key itself.
      lua.copy(-2);
      flat.push(this.value(lua.type(-1), depth + 1));
      lua.pop();
      if (hasValues) flat.push(this.value(lua.type(-1), depth + 1));
      lua.pop();
    }
    if (this.isFull) lua.pop();
    return flat;
  }
}

/** C's conversion to a long long, which cuts off; what does not fit is its own lowest. */
function toInteger(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (!(Math.abs(whole) < 2 ** 63)) return -(2n ** 63n);
  return BigInt(whole);
}

/** A text of C's, which ends at a zero byte, as one line. */
export function lineOf(text: string): string {
  return oneLine(textOf(text));
}

/** What C sees of a text: nothing behind a zero byte. */
export function textOf(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}

/** The arguments of the running function, so many, as a request; undefined: not all are text. */
export function toArguments(lua: LuaMachine, count: number): string[] | undefined {
  const args: string[] = [];
  const gauge = new Gauge();
  lua.findTexts(count);
  for (let place = 1; place <= count; place++) {
    const length = lua.textLength(place);
    if (length !== undefined) {
      if (!gauge.hasRoom(length)) lua.noMemory();
      args.push(lua.text(place));
    } else if (lua.type(place) === LUA.number) args.push(numberText(lua.number(place)));
    else return undefined;
  }
  return args;
}

/** As Redis passes a number on: with 17 digits. */
function numberText(value: number): string {
  // What has no value comes of 0/0, which sets the sign on the machines Redis runs on.
  return Number.isNaN(value) ? "-nan" : formatDouble(value);
}
