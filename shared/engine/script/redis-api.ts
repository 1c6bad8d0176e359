/** `redis.*`, as scripts and functions have it (redis.register_function stands in a file of its own). */
import { hex } from "../../base/bytes.ts";
import { sha1 } from "../../base/sha1.ts";
import { LUA, LuaError } from "../../lua/machine.ts";
import { trimLineEnds } from "../../resp/encoder.ts";
import { ReplyError } from "../../resp/reply.ts";
import { commandCost } from "./command-cost.ts";
import { REDIS_VERSION, REDIS_VERSION_NUMBER } from "../version.ts";
import { textOf, toArguments } from "./from-lua.ts";
import type { ApiFunction } from "./host.ts";
import type { Interpreter } from "./interpreter.ts";
import { checkCommand, scriptCall } from "./script-call.ts";
import { pushError, pushReply, raise } from "./to-lua.ts";

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
/** What calling a command takes, in instructions. */
const CALL_INSTRUCTIONS = 50;
/** Instructions in the time of the SHA-1 of nothing. */
const SHA1_INSTRUCTIONS = 150;
const BAD_ARGUMENTS = "ERR Lua redis lib command arguments must be strings or integers";

// -- redis.call and redis.pcall ----------------------------------------------------------------------

function redisCall(interpreter: Interpreter, argCount: number): number {
  if (pushResult(interpreter, argCount)) throw new LuaError("a command failed");
  return 1;
}

/** Errors are values here. */
function redisPcall(interpreter: Interpreter, argCount: number): number {
  pushResult(interpreter, argCount);
  return 1;
}

/** Runs the command and pushes what it gives; whether that is an error. */
function pushResult(interpreter: Interpreter, argCount: number): boolean {
  const { lua, run } = interpreter;
  interpreter.spend(CALL_INSTRUCTIONS);
  const args = argCount === 0 ? NO_ARGUMENTS : (toArguments(lua, argCount) ?? BAD_ARGUMENTS);
  if (typeof args === "string") {
    pushError(lua, args);
    return true;
  }
  for (const arg of args) interpreter.spendBytes(arg.length);
  const reply = scriptCall(run, args);
  interpreter.spend(commandCost(run.cx, args));
  pushReply(interpreter, reply);
  if (!(reply instanceof ReplyError)) return false;
  // In Redis it keeps an error from being counted twice, and scripts can see it.
  lua.pushBoolean(true);
  lua.setField(-2, "ignore_error_stats_update");
  return true;
}

// -- the rest of redis.* -----------------------------------------------------------------------------

function replyTable(field: "err" | "ok"): ApiFunction {
  return (interpreter) => {
    const { lua } = interpreter;
    if (lua.top !== 1 || lua.type(1) !== LUA.string) {
      lua.pushTable();
      lua.pushBytes("ERR wrong number or type of arguments");
      lua.setField(-2, "err");
      return 1;
    }
    const text = lua.bytes(1)!;
    interpreter.spend(text.length);
    lua.pushTable(0, 1);
    lua.pushBytes(field === "err" ? errorText(textOf(text)) : text);
    lua.setField(-2, field);
    return 1;
  };
}

/** The first word is the error's code; a single word gets the usual one. A dash in front is the protocol's. */
function errorText(text: string): string {
  const own = text.startsWith("-") ? text.slice(1) : text;
  const at = own.indexOf(" ");
  let from = at + 1;
  while (own[from] === "\r" || own[from] === "\n") from++;
  return `${at < 0 ? "ERR" : own.slice(0, at)} ${trimLineEnds(own.slice(from))}`;
}

function sha1hex(interpreter: Interpreter): number {
  const { lua } = interpreter;
  if (lua.top !== 1) raise(lua, "ERR wrong number of arguments");
  const input = lua.bytes(1) ?? "";
  interpreter.spend(SHA1_INSTRUCTIONS + input.length);
  lua.pushBytes(hex(sha1(input)));
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

function aclCheckCommand(interpreter: Interpreter, argCount: number): number {
  const { lua, run } = interpreter;
  if (argCount === 0) raise(lua, NO_ARGUMENTS);
  const args = toArguments(lua, argCount);
  if (args === undefined) raise(lua, BAD_ARGUMENTS);
  for (const arg of args) interpreter.spendBytes(arg.length);
  const isAllowed = checkCommand(run, args);
  if (isAllowed === undefined) raise(lua, "ERR Invalid command passed to redis.acl_check_cmd()");
  lua.pushBoolean(isAllowed);
  return 1;
}

export const REDIS: Readonly<Record<string, ApiFunction>> = {
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
};
