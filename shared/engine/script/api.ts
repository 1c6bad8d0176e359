/** What scripts can call: `redis.*`, guarded versions of some of Lua's own, and the libraries. */
import { sha1 } from "../../base/sha1.ts";
import { LUA, LUA_OK, LuaError, type LuaMachine } from "../../lua/machine.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import { REDIS_VERSION, REDIS_VERSION_NUMBER } from "../version.ts";
import { complain, numberArgument, TYPE_NAMES } from "./arguments.ts";
import { pushReply, raise, toArguments } from "./convert.ts";
import { BAD_NAME, isName, SCRIPT_FLAGS, type ScriptFlag } from "./header.ts";
import { checkCommand, scriptCall } from "./script-call.ts";
import type { ApiFunction, Interpreter } from "./interpreter.ts";

export const CONSTANTS: Readonly<Record<string, string | number>> = {
  LOG_DEBUG: 0,
  LOG_VERBOSE: 1,
  LOG_NOTICE: 2,
  LOG_WARNING: 3,
  REPL_NONE: 0,
  REPL_AOF: 1,
  REPL_SLAVE: 2,
  REPL_REPLICA: 2,
  REPL_ALL: 3,
  REDIS_VERSION,
  REDIS_VERSION_NUM: REDIS_VERSION_NUMBER,
};

const NO_ARGUMENTS = "ERR Please specify at least one argument for this redis lib call";
const BAD_ARGUMENTS = "ERR Lua redis lib command arguments must be strings or integers";

// -- redis.call and redis.pcall ----------------------------------------------------------------------

function redisCall(interpreter: Interpreter): number {
  const reply = runCommand(interpreter);
  if (reply instanceof ReplyError) raise(interpreter.lua, reply.text);
  pushReply(interpreter.lua, reply, interpreter.run.protocol);
  return 1;
}

/** Errors are values here. */
function redisPcall(interpreter: Interpreter): number {
  pushReply(interpreter.lua, runCommand(interpreter), interpreter.run.protocol);
  return 1;
}

function runCommand({ lua, run }: Interpreter): Reply {
  if (lua.top === 0) {
    return new ReplyError(NO_ARGUMENTS);
  }
  const args = toArguments(lua, 1);
  return args === undefined ? new ReplyError(BAD_ARGUMENTS) : scriptCall(run, args);
}

// -- the rest of redis.* -----------------------------------------------------------------------------

function replyTable(field: "err" | "ok"): ApiFunction {
  return ({ lua }) => {
    if (lua.top !== 1 || lua.type(1) !== LUA.string) {
      lua.pushTable();
      lua.pushBytes("ERR wrong number or type of arguments");
      lua.setField(-2, "err");
      return 1;
    }
    const text = lua.bytes(1)!;
    lua.pushTable(0, 1);
    lua.pushBytes(field === "err" ? errorText(text) : text);
    lua.setField(-2, field);
    return 1;
  };
}

/** The first word is the error's code; a single word gets the usual one. A dash in front is the protocol's. */
function errorText(text: string): string {
  const trimmed = text.replace(/^-/, "").replace(/[\r\n]+$/, "");
  return trimmed.includes(" ") ? trimmed : `ERR ${trimmed}`;
}

function sha1hex({ lua }: Interpreter): number {
  if (lua.top !== 1) raise(lua, "ERR wrong number of arguments");
  const digest = sha1(lua.bytes(1) ?? "");
  let text = "";
  for (let i = 0; i < digest.length; i++) {
    text += digest.charCodeAt(i).toString(16).padStart(2, "0");
  }
  lua.pushBytes(text);
  return 1;
}

/** Checked as Redis does; there is no log that scripts could write to. */
function log({ lua }: Interpreter): number {
  if (lua.top < 2) raise(lua, "ERR redis.log() requires two arguments or more.");
  if (lua.type(1) !== LUA.number) raise(lua, "ERR First argument must be a number (log level).");
  const level = lua.number(1);
  if (level < 0 || level > 3) raise(lua, "ERR Invalid debug level.");
  return 0;
}

function setResp({ lua, run }: Interpreter): number {
  if (lua.top !== 1) raise(lua, "ERR redis.setresp() requires one argument.");
  const version = lua.number(1);
  if (version !== 2 && version !== 3) raise(lua, "ERR RESP version must be 2 or 3.");
  run.protocol = version;
  return 0;
}

/**
 * Checked as Redis does, and without effect: what a node does not write to its log, a restart would take
 * back, and its replicas would be copies no more.
 */
function setRepl({ lua }: Interpreter): number {
  if (lua.top !== 1) raise(lua, "ERR redis.set_repl() requires two arguments.");
  const flags = lua.number(1);
  if (!(flags >= 0 && flags <= 3 && Number.isInteger(flags))) {
    const names = "Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.";
    raise(lua, `ERR Invalid replication flags. ${names}`);
  }
  return 0;
}

function replicateCommands({ lua }: Interpreter): number {
  lua.pushBoolean(true);
  return 1;
}

function breakpoint({ lua }: Interpreter): number {
  lua.pushBoolean(false);
  return 1;
}

function aclCheckCommand({ lua, run }: Interpreter): number {
  if (lua.top === 0) raise(lua, NO_ARGUMENTS);
  const args = toArguments(lua, 1);
  if (args === undefined) raise(lua, BAD_ARGUMENTS);
  const isAllowed = checkCommand(run, args);
  if (isAllowed === undefined) raise(lua, "ERR Invalid command passed to redis.acl_check_cmd()");
  lua.pushBoolean(isAllowed);
  return 1;
}

// -- redis.register_function -------------------------------------------------------------------------

/** With a name and a function, or a table of named arguments. */
function registerFunction(interpreter: Interpreter): number {
  const { lua } = interpreter;
  const count = lua.top;
  if (count < 1 || count > 2) {
    raise(lua, "ERR wrong number of arguments to redis.register_function");
  }
  if (count === 1) {
    if (lua.type(1) !== LUA.table) {
      raise(
        lua,
        "ERR calling redis.register_function with a single argument is only applicable to Lua table " +
          "(representing named arguments).",
      );
    }
    registerNamed(interpreter);
    return 0;
  }
  const name = lua.type(1) === LUA.function ? undefined : lua.bytes(1);
  if (name === undefined) {
    raise(lua, "ERR first argument to redis.register_function must be a string");
  }
  if (lua.type(2) !== LUA.function) {
    raise(lua, "ERR second argument to redis.register_function must be a function");
  }
  if (!isName(name)) raise(lua, BAD_NAME);
  interpreter.register(name, { description: undefined, flags: new Set() });
  return 0;
}

function registerNamed(interpreter: Interpreter): void {
  const { lua } = interpreter;
  let name: string | undefined;
  let description: string | undefined;
  let flags: ReadonlySet<ScriptFlag> = new Set();
  let hasCallback = false;
  lua.pushNil();
  while (lua.next(1)) {
    lua.copy(-2);
    const key = lua.bytes(-1);
    lua.pop();
    if (key === undefined) {
      raise(lua, "ERR named argument key given to redis.register_function is not a string");
    }
    if (key === "function_name") {
      name = lua.bytes(-1);
      if (name === undefined) {
        raise(lua, "ERR function_name argument given to redis.register_function must be a string");
      }
    } else if (key === "description") {
      description = lua.bytes(-1);
      if (description === undefined) {
        raise(lua, "ERR description argument given to redis.register_function must be a string");
      }
    } else if (key === "callback") {
      if (lua.type(-1) !== LUA.function) {
        raise(lua, "ERR callback argument given to redis.register_function must be a function");
      }
      hasCallback = true;
    } else if (key === "flags") {
      if (lua.type(-1) !== LUA.table) {
        raise(
          lua,
          "ERR flags argument to redis.register_function must be a table representing function flags",
        );
      }
      flags = flagsOnTop(lua);
    } else raise(lua, "ERR unknown argument given to redis.register_function");
    lua.pop();
  }
  if (name === undefined) {
    raise(lua, "ERR redis.register_function must get a function name argument");
  }
  if (!hasCallback) raise(lua, "ERR redis.register_function must get a callback argument");
  if (!isName(name)) raise(lua, BAD_NAME);
  lua.getField(1, "callback");
  interpreter.register(name, { description, flags });
}

function flagsOnTop(lua: LuaMachine): ReadonlySet<ScriptFlag> {
  const flags = new Set<ScriptFlag>();
  for (let place = 1; ; place++) {
    lua.getAt(-1, place);
    const type = lua.type(-1);
    const text = type === LUA.string ? lua.bytes(-1) : undefined;
    lua.pop();
    if (type === LUA.nil) return flags;
    const flag = SCRIPT_FLAGS.find((known) => known === text);
    if (flag === undefined) raise(lua, "ERR unknown flag given");
    flags.add(flag);
  }
}

// -- Lua's own, which must know of frozen tables -----------------------------------------------------

function refuseChange({ lua }: Interpreter): number {
  return complain(lua, "Attempt to modify a readonly table");
}

function refuseMissing({ lua }: Interpreter): number {
  lua.copy(2);
  const name = lua.bytes(-1) ?? "?";
  return complain(lua, `Script attempted to access nonexistent global variable '${name}'`);
}

function checkTable(lua: LuaMachine, name: string): void {
  const type = lua.type(1);
  if (type === LUA.table) return;
  complain(
    lua,
    `bad argument #1 to '${name}' (table expected, got ${TYPE_NAMES[type] ?? "no value"})`,
  );
}

function refuseFrozen(interpreter: Interpreter): void {
  if (!interpreter.pushThawed(1)) return;
  const { lua } = interpreter;
  lua.pushBytes("Attempt to modify a readonly table");
  throw new LuaError("readonly");
}

function rawSet(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkTable(lua, "rawset");
  refuseFrozen(interpreter);
  lua.top = 3;
  if (lua.type(2) === LUA.nil) complain(lua, "table index is nil");
  lua.set(1);
  return 1;
}

function rawGet(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkTable(lua, "rawget");
  lua.top = 2;
  if (!interpreter.pushThawed(1)) lua.copy(1);
  lua.copy(2);
  lua.get(-2);
  return 1;
}

function setMetatable(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkTable(lua, "setmetatable");
  refuseFrozen(interpreter);
  const type = lua.type(2);
  if (type !== LUA.nil && type !== LUA.table) {
    complain(lua, "bad argument #2 to 'setmetatable' (nil or table expected)");
  }
  lua.top = 2;
  if (lua.getMetatable(1)) {
    lua.getField(-1, "__metatable");
    if (lua.type(-1) !== LUA.nil) complain(lua, "cannot change a protected metatable");
    lua.top = 2;
  }
  lua.setMetatable(1);
  return 1;
}

function getMetatable(interpreter: Interpreter): number {
  const { lua } = interpreter;
  if (lua.top === 0) complain(lua, "bad argument #1 to 'getmetatable' (value expected)");
  if (lua.type(1) === LUA.string) {
    interpreter.pushStringMeta();
    return 1;
  }
  if (!lua.getMetatable(1)) {
    lua.pushNil();
    return 1;
  }
  lua.getField(-1, "__metatable");
  if (lua.type(-1) === LUA.nil) lua.pop();
  return 1;
}

function next(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkTable(lua, "next");
  lua.top = 2;
  if (interpreter.pushThawed(1)) lua.copy(2);
  if (lua.next(lua.top === 2 ? 1 : -2)) return 2;
  lua.pushNil();
  return 1;
}

/** A frozen table is shown as a copy: what `pairs` gives can be changed. */
function pairs(interpreter: Interpreter): number {
  const { lua } = interpreter;
  checkTable(lua, "pairs");
  if (interpreter.pushThawed(1)) {
    lua.pushTable();
    lua.pushNil();
    while (lua.next(-3)) {
      lua.copy(-2);
      lua.insert(-2);
      lua.set(-4);
    }
    lua.copy(-1);
    lua.insert(1);
    lua.top = 1;
  }
  lua.pushFunction(NEXT_ID);
  lua.copy(1);
  lua.pushNil();
  return 3;
}

/** As Redis has it: of an error that is a table, its text is given. */
function pcall({ lua }: Interpreter): number {
  const argCount = lua.top - 1;
  if (argCount < 0) {
    lua.pushBoolean(false);
    lua.pushBytes("attempt to call a boolean value");
    return 2;
  }
  lua.pushBoolean(true);
  lua.insert(1);
  if (lua.pcall(argCount, MULTIPLE) === LUA_OK) return lua.top;
  if (lua.type(-1) === LUA.table) {
    lua.getField(-1, "err");
    if (lua.type(-1) === LUA.string) lua.remove(-2);
    else lua.pop();
  }
  lua.pushBoolean(false);
  lua.insert(-2);
  return 2;
}

/** LUA_MULTRET */
const MULTIPLE = -1;

function random({ lua, random: source }: Interpreter): number {
  const value = source.next();
  const count = lua.top;
  if (count === 0) lua.pushNumber(value);
  else if (count > 2) complain(lua, "wrong number of arguments");
  else {
    const low = count === 1 ? 1 : Math.trunc(numberArgument(lua, 1, "random"));
    const high = Math.trunc(numberArgument(lua, count, "random"));
    if (low > high) complain(lua, `bad argument #${count} to 'random' (interval is empty)`);
    lua.pushNumber(Math.floor(value * (high - low + 1)) + low);
  }
  return 1;
}

function randomSeed({ lua, random: source }: Interpreter): number {
  source.seed(Math.trunc(numberArgument(lua, 1, "randomseed")));
  return 0;
}

/** By where scripts find them: "" is for the sandbox, which gives them their places. */
export const API: Readonly<Record<string, Readonly<Record<string, ApiFunction>>>> = {
  "": {
    next,
    refuse_change: refuseChange,
    refuse_missing: refuseMissing,
    rawset: rawSet,
    rawget: rawGet,
    setmetatable: setMetatable,
    getmetatable: getMetatable,
    pairs,
    pcall,
    random,
    randomseed: randomSeed,
    register_function: registerFunction,
  },
  redis: {
    call: redisCall,
    pcall: redisPcall,
    log,
    sha1hex,
    error_reply: replyTable("err"),
    status_reply: replyTable("ok"),
    setresp: setResp,
    set_repl: setRepl,
    replicate_commands: replicateCommands,
    breakpoint,
    debug: () => 0,
    acl_check_cmd: aclCheckCommand,
  },
};

/** `next` is the first function of all. */
const NEXT_ID = 0;
