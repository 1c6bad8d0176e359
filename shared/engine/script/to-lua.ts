/** Replies as values of Lua (https://redis.io/docs/latest/develop/interact/programmability/lua-api). */
import { formatDouble } from "../../base/numbers.ts";
import { LuaError, type LuaMachine } from "../../lua/machine.ts";
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
import { errorLine } from "../../resp/encoder.ts";
import type { Interpreter } from "./interpreter.ts";

/** Pushes a reply as the script sees it: by RESP2's rules, or RESP3's where it asked for them. */
export function pushReply(interpreter: Interpreter, reply: Reply): void {
  const { lua } = interpreter;
  if (typeof reply === "string") {
    interpreter.spendBytes(reply.length);
    lua.pushBytes(reply);
  } else if (typeof reply === "number") lua.pushNumber(reply);
  else if (typeof reply === "bigint") lua.pushNumber(Number(reply));
  else if (reply === null || reply instanceof NilArray) pushNil(interpreter);
  else if (reply instanceof Status) pushBox(lua, "ok", reply.text);
  else if (reply instanceof ReplyError) pushError(lua, errorLine(reply.text));
  else if (Array.isArray(reply)) pushArray(interpreter, reply as readonly Reply[]);
  else pushOther(interpreter, reply as Other);
}

type Other = MapReply | SetReply | Double | Bool | BigNumber | Verbatim | Push | Replies;

function pushOther(interpreter: Interpreter, reply: Other): void {
  const { lua } = interpreter;
  const isNew = interpreter.run.protocol === 3;
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
    if (isNew) pushVerbatim(lua, reply);
    else lua.pushBytes(reply.text);
  } else if (reply instanceof MapReply) {
    if (isNew) pushBoxed(lua, "map", () => pushPairs(interpreter, reply.flat));
    else pushArray(interpreter, reply.flat);
  } else if (reply instanceof SetReply) {
    if (isNew) pushBoxed(lua, "set", () => pushMembers(interpreter, reply.items));
    else pushArray(interpreter, reply.items);
  } else pushArray(interpreter, reply.items);
}

function pushNil({ lua, run }: Interpreter): void {
  if (run.protocol === 3) lua.pushNil();
  else lua.pushBoolean(false);
}

function pushVerbatim(lua: LuaMachine, { text, format }: Verbatim): void {
  pushBoxed(lua, "verbatim_string", () => {
    pushBox(lua, "string", text);
    lua.pushBytes(format);
    lua.setField(-2, "format");
  });
}

/** Before so many values are pushed into a table: they take time and, inside each other, the stack. */
function reserve({ lua }: Interpreter): void {
  if (!lua.reserve(4)) raise(lua, "ERR Reached stack limit while converting a reply");
}

function pushArray(interpreter: Interpreter, items: readonly Reply[]): void {
  const { lua } = interpreter;
  reserve(interpreter);
  interpreter.spend(items.length);
  lua.pushTable(items.length, 0);
  let place = 1;
  for (const item of items) {
    pushReply(interpreter, item);
    lua.setAt(-2, place++);
  }
}

function pushPairs(interpreter: Interpreter, flat: readonly Reply[]): void {
  const { lua } = interpreter;
  reserve(interpreter);
  interpreter.spend(flat.length);
  lua.pushTable(0, flat.length / 2);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    pushReply(interpreter, flat[i]!);
    pushReply(interpreter, flat[i + 1]!);
    lua.set(-3);
  }
}

function pushMembers(interpreter: Interpreter, items: readonly Reply[]): void {
  const { lua } = interpreter;
  reserve(interpreter);
  interpreter.spend(items.length);
  lua.pushTable(0, items.length);
  for (const item of items) {
    pushReply(interpreter, item);
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

/** An error as scripts have it: `{err = text}`. */
export function pushError(lua: LuaMachine, text: string): void {
  pushBox(lua, "err", text);
}

/** Raises such an error in the script that runs. */
export function raise(lua: LuaMachine, text: string): never {
  pushError(lua, text);
  throw new LuaError(text);
}
