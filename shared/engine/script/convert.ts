/** Values between Lua and replies (https://redis.io/docs/latest/develop/interact/programmability/lua-api). */
import { LUA, type LuaMachine, LuaError } from "../../lua/machine.ts";
import { formatDouble } from "../../base/numbers.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NilArray,
  type Push,
  type Reply,
  ReplyError,
  type Replies,
  SetReply,
  Status,
  Verbatim,
} from "../../resp/reply.ts";

const STACK_ERROR = "ERR reached lua stack limit";
/** Redis gives up where its C stack would: a table in a table in a table … */
const DEPTH_MAX = 1000;

/** Pushes a reply as Lua sees it: by RESP2's rules, or RESP3's where the script asked for them. */
export function pushReply(lua: LuaMachine, reply: Reply, protocol: 2 | 3): void {
  if (!lua.reserve(4)) raise(lua, "ERR Reached stack limit while converting a reply");
  if (typeof reply === "string") lua.pushBytes(reply);
  else if (typeof reply === "number") lua.pushNumber(reply);
  else if (typeof reply === "bigint") lua.pushNumber(Number(reply));
  else if (reply === null || reply instanceof NilArray) pushNil(lua, protocol);
  else if (reply instanceof Status) pushBox(lua, "ok", reply.text);
  else if (reply instanceof ReplyError) pushBox(lua, "err", reply.text);
  else if (Array.isArray(reply)) pushArray(lua, reply as readonly Reply[], protocol);
  else pushOther(lua, reply as Other, protocol);
}

type Other = MapReply | SetReply | Double | Bool | BigNumber | Verbatim | Push | Replies;

function pushOther(lua: LuaMachine, reply: Other, protocol: 2 | 3): void {
  const isNew = protocol === 3;
  if (reply instanceof Bool) {
    if (isNew) lua.pushBoolean(reply.value);
    else lua.pushNumber(reply.value ? 1 : 0);
  } else if (reply instanceof Double) {
    if (isNew) pushBoxed(lua, "double", () => lua.pushNumber(reply.value));
    else lua.pushBytes(formatDouble(reply.value));
  } else if (reply instanceof BigNumber) {
    if (isNew) pushBox(lua, "big_number", reply.digits);
    else lua.pushBytes(reply.digits);
  } else if (reply instanceof Verbatim) {
    if (!isNew) lua.pushBytes(reply.text);
    else {
      pushBoxed(lua, "verbatim_string", () => {
        pushBox(lua, "string", reply.text);
        lua.pushBytes(reply.format);
        lua.setField(-2, "format");
      });
    }
  } else if (reply instanceof MapReply) {
    if (isNew) pushBoxed(lua, "map", () => pushPairs(lua, reply.flat, protocol));
    else pushArray(lua, reply.flat, protocol);
  } else if (reply instanceof SetReply) {
    if (isNew) pushBoxed(lua, "set", () => pushMembers(lua, reply.items, protocol));
    else pushArray(lua, reply.items, protocol);
  } else pushArray(lua, reply.items, protocol);
}

function pushNil(lua: LuaMachine, protocol: 2 | 3): void {
  if (protocol === 3) lua.pushNil();
  else lua.pushBoolean(false);
}

function pushArray(lua: LuaMachine, items: readonly Reply[], protocol: 2 | 3): void {
  lua.pushTable(items.length, 0);
  let place = 1;
  for (const item of items) {
    pushReply(lua, item, protocol);
    lua.setAt(-2, place++);
  }
}

function pushPairs(lua: LuaMachine, flat: readonly Reply[], protocol: 2 | 3): void {
  lua.pushTable(0, flat.length / 2);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    pushReply(lua, flat[i]!, protocol);
    pushReply(lua, flat[i + 1]!, protocol);
    lua.set(-3);
  }
}

function pushMembers(lua: LuaMachine, items: readonly Reply[], protocol: 2 | 3): void {
  lua.pushTable(0, items.length);
  for (const item of items) {
    pushReply(lua, item, protocol);
    lua.pushBoolean(true);
    lua.set(-3);
  }
}

function pushBox(lua: LuaMachine, field: string, text: string): void {
  pushBoxed(lua, field, () => lua.pushBytes(text));
}

function pushBoxed(lua: LuaMachine, field: string, push: () => void): void {
  lua.pushTable(0, 1);
  push();
  lua.setField(-2, field);
}

/** Raises `{err = text}` in the script that runs. */
export function raise(lua: LuaMachine, text: string): never {
  pushBox(lua, "err", text);
  throw new LuaError(text);
}

/** The value on top of the stack as a reply; it stays there. */
export function toReply(lua: LuaMachine, protocol: 2 | 3, depth = 0): Reply {
  if (depth > DEPTH_MAX || !lua.reserve(4)) return new ReplyError(STACK_ERROR);
  switch (lua.type(-1)) {
    case LUA.string:
      return lua.bytes(-1)!;
    case LUA.number:
      return toInteger(lua.number(-1));
    case LUA.boolean: {
      const value = lua.boolean(-1);
      if (protocol === 3) return new Bool(value);
      return value ? 1 : null;
    }
    case LUA.table:
      return tableReply(lua, protocol, depth);
    default:
      return null;
  }
}

/** C's conversion to a long long, which cuts off; what does not fit is its own lowest. */
function toInteger(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole + 0;
  if (!(Math.abs(whole) < 2 ** 63)) return -(2n ** 63n);
  return BigInt(whole);
}

function tableReply(lua: LuaMachine, protocol: 2 | 3, depth: number): Reply {
  const error = textField(lua, "err");
  if (error !== undefined) return new ReplyError(oneLine(error));
  const status = textField(lua, "ok");
  if (status !== undefined) return new Status(oneLine(status));
  const boxed = boxedReply(lua, protocol, depth);
  if (boxed !== undefined) return boxed;
  const items: Reply[] = [];
  for (let place = 1; ; place++) {
    lua.getAt(-1, place);
    if (lua.type(-1) === LUA.nil) {
      lua.pop();
      return items;
    }
    items.push(toReply(lua, protocol, depth + 1));
    lua.pop();
  }
}

/** What RESP3 has a type for; RESP2 clients see the nearest they have. */
function boxedReply(lua: LuaMachine, protocol: 2 | 3, depth: number): Reply | undefined {
  lua.getField(-1, "double");
  if (lua.type(-1) === LUA.number) {
    const value = lua.number(-1);
    lua.pop();
    return new Double(value);
  }
  lua.pop();
  lua.getField(-1, "map");
  if (lua.type(-1) === LUA.table) {
    const flat = pairsOf(lua, protocol, { depth, hasValues: true });
    lua.pop();
    return new MapReply(flat);
  }
  lua.pop();
  lua.getField(-1, "set");
  if (lua.type(-1) === LUA.table) {
    const items = pairsOf(lua, protocol, { depth, hasValues: false });
    lua.pop();
    return new SetReply(items);
  }
  lua.pop();
  const digits = textField(lua, "big_number");
  if (digits !== undefined) return new BigNumber(oneLine(digits));
  lua.getField(-1, "verbatim_string");
  const verbatim = lua.type(-1) === LUA.table ? verbatimOf(lua) : undefined;
  lua.pop();
  return verbatim;
}

function verbatimOf(lua: LuaMachine): Reply | undefined {
  const text = textField(lua, "string");
  const format = textField(lua, "format");
  if (text === undefined || format === undefined) return undefined;
  return new Verbatim(format.slice(0, 3).padEnd(3) as "txt", text);
}

function pairsOf(
  lua: LuaMachine,
  protocol: 2 | 3,
  { depth, hasValues }: { depth: number; hasValues: boolean },
): Reply[] {
  const flat: Reply[] = [];
  lua.pushNil();
  while (lua.next(-2)) {
    // The key is converted from a copy: looking at a number as a string would change the key itself.
    lua.copy(-2);
    flat.push(toReply(lua, protocol, depth + 1));
    lua.pop();
    if (hasValues) flat.push(toReply(lua, protocol, depth + 1));
    lua.pop();
  }
  return flat;
}

/** A string field of the table on top. */
function textField(lua: LuaMachine, name: string): string | undefined {
  lua.getField(-1, name);
  const text = lua.type(-1) === LUA.string ? lua.bytes(-1) : undefined;
  lua.pop();
  return text;
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]/g, " ");
}

/** The arguments of the running function from place `from` on, as a request; undefined: not all are text. */
export function toArguments(lua: LuaMachine, from: number): string[] | undefined {
  const args: string[] = [];
  const { top } = lua;
  for (let place = from; place <= top; place++) {
    const type = lua.type(place);
    if (type === LUA.string) args.push(lua.bytes(place)!);
    else if (type === LUA.number) args.push(numberText(lua.number(place)));
    else return undefined;
  }
  return args;
}

/** As Redis passes a number on: whole ones as integers, others with 17 digits. */
function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  return formatDouble(value);
}
