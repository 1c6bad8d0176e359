/** redis.register_function: with a name and a function, or a table of named arguments. */
import { LUA, type LuaMachine } from "../../lua/machine.ts";
import { BAD_NAME, isName, SCRIPT_FLAGS, type ScriptFlag } from "./header.ts";
import type { Interpreter } from "./interpreter.ts";
import { raise } from "./to-lua.ts";

export function registerFunction(interpreter: Interpreter): number {
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
