/**
 * Runs scripts: one Lua machine, made when the first script comes, with Redis's globals in it; and the
 * compiled scripts by their SHA-1.
 */
import { InvariantError } from "../../base/assert.ts";
import { LUA, LUA_OK, LuaError, LuaMachine, type LuaModules } from "../../lua/machine.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import type { Context } from "../context.ts";
import { API, CONSTANTS } from "./api.ts";
import { defaultJsonOptions } from "./cjson.ts";
import { raise, toReply } from "./convert.ts";
import { LIBRARIES, LIBRARY_CONSTANTS } from "./libraries.ts";
import type { ScriptFlag } from "./header.ts";
import { ScriptRandom } from "./random.ts";
import { SANDBOX } from "./sandbox.ts";

/** Memory a script may use beside the data set, libraries included. */
const BYTES_MAX = 48 * 1024 * 1024;
/** Instructions between two looks at how long a script has been running. */
const TICK_INSTRUCTIONS = 100_000;
/** What a slow machine runs in a millisecond: `busy-reply-threshold` is counted in these. */
const INSTRUCTIONS_PER_MS = 20_000;
/** Scripts run between two steps of garbage collection, as in Redis. */
const COLLECT_EVERY = 50;

const TOO_LONG = "ERR The script ran for too long and was stopped (see busy-reply-threshold)";
/** What a library may take to register its functions. */
const LOAD_MS_MAX = 500;

/** A function as its library registered it. */
export interface Registration {
  readonly name: string;
  readonly description: string | undefined;
  readonly flags: ReadonlySet<ScriptFlag>;
  readonly reference: number;
}

/** What a script that runs may do, and how it is called in messages. */
export interface Run {
  readonly cx: Context;
  /** SHA-1 of the script, or name of the function. */
  readonly name: string;
  /** It must not write: EVAL_RO, or it said no-writes. */
  readonly isReadOnly: boolean;
  /** Writes that need memory are refused: it is over, and the script did not say allow-oom. */
  readonly deniesMemory: boolean;
  /** RESP version of what redis.call gives: redis.setresp. */
  protocol: 2 | 3;
}

export class Interpreter {
  readonly #modules: LuaModules;
  readonly random = new ScriptRandom();
  /** Settings of cjson. */
  json = defaultJsonOptions();
  #machine: LuaMachine | undefined;
  /** Registry references: the error handler, frozen tables, what scripts call _G, and what is behind it. */
  #onError = 0;
  #frozen = 0;
  #globals = 0;
  #stringMeta = 0;
  #redis = 0;
  /** What the library that is being loaded has registered so far. */
  #registered: Registration[] | undefined;
  /** Another for every new machine: references belong to one. */
  machineId = 0;
  #run: Run | undefined;
  #ticks = 0;
  #ticksMax = 0;
  #runs = 0;

  constructor(modules: LuaModules) {
    this.#modules = modules;
  }

  /** The machine; for what is called by a script. */
  get lua(): LuaMachine {
    const machine = this.#machine;
    if (machine === undefined) throw new InvariantError("a script runs in a machine");
    return machine;
  }

  /** The script that runs. */
  get run(): Run {
    const run = this.#run;
    if (run === undefined) throw new InvariantError("a script runs");
    return run;
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  /** Bytes the machine has taken; 0 before the first script. */
  get byteCount(): number {
    return this.#machine?.byteCount ?? 0;
  }

  /** The script that runs was ended because it took too long: nothing of it may stay. */
  isOverdue = false;

  /** Compiles; a reference for `call`, or Lua's message. */
  compile(code: string, name: string): number | string {
    const lua = this.#start();
    if (lua.load(code, name) === LUA_OK) return lua.keep();
    const message = lua.bytes(-1) ?? "";
    lua.pop();
    return message;
  }

  release(reference: number): void {
    this.#machine?.release(reference);
  }

  /** Forgets the machine and everything in it (SCRIPT FLUSH). */
  reset(): void {
    this.#machine = undefined;
    this.json = defaultJsonOptions();
  }

  // -- libraries of functions ------------------------------------------------------------------------

  /**
   * Runs the code of a library, which registers its functions; returns them, with references. While it
   * runs it has redis.register_function, and no commands.
   */
  load(code: string): readonly Registration[] {
    const lua = this.#start();
    const registered: Registration[] = [];
    this.#registered = registered;
    this.#setLoading(true);
    this.#ticks = 0;
    this.#ticksMax = Math.ceil((LOAD_MS_MAX * INSTRUCTIONS_PER_MS) / TICK_INSTRUCTIONS);
    this.isOverdue = false;
    try {
      lua.top = 0;
      lua.getAt(LUA.registry, this.#onError);
      if (lua.load(code, "@user_function") !== LUA_OK) {
        throw new ReplyError(`ERR Error compiling function: ${lua.bytes(-1) ?? ""}`);
      }
      lua.setBudget(TICK_INSTRUCTIONS);
      const status = lua.pcall(0, 0, 1);
      lua.setBudget(0);
      if (status !== LUA_OK) {
        const text = lua.type(-1) === LUA.table ? this.#field("err") : lua.bytes(-1);
        for (const { reference } of registered) lua.release(reference);
        throw new ReplyError(`ERR Error registering functions: ${text ?? ""}`);
      }
      return registered;
    } finally {
      this.#registered = undefined;
      if (lua.isBroken) this.#machine = undefined;
      else {
        lua.setBudget(0);
        lua.top = 0;
        this.#setLoading(false);
      }
    }
  }

  /** A library being loaded registers a function; the function is on top of the stack. */
  register(
    name: string,
    facts: { description: string | undefined; flags: ReadonlySet<ScriptFlag> },
  ): void {
    const registered = this.#registered;
    if (registered === undefined) {
      raise(this.lua, "ERR redis.register_function can only be called on FUNCTION LOAD command");
    }
    if (registered.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
      raise(this.lua, "ERR Function already exists in the library");
    }
    registered.push({ name, ...facts, reference: this.lua.keep() });
  }

  #setLoading(isLoading: boolean): void {
    const { lua } = this;
    lua.getAt(LUA.registry, this.#redis);
    for (const name of ONLY_SCRIPTS) {
      lua.pushNil();
      lua.setField(-2, name);
    }
    for (const name of ["call", "pcall"]) {
      if (isLoading) lua.pushNil();
      else lua.pushFunction(idOf("redis", name));
      lua.setField(-2, name);
    }
    if (isLoading) lua.pushFunction(idOf("", "register_function"));
    else lua.pushNil();
    lua.setField(-2, "register_function");
    lua.pop();
  }

  /** Sets a global of the scripts to an array of strings: KEYS, ARGV. */
  #setArray(name: string, items: readonly string[]): void {
    const { lua } = this;
    lua.getAt(LUA.registry, this.#globals);
    this.pushStrings(items);
    lua.setField(-2, name);
    lua.pop();
  }

  pushStrings(items: readonly string[]): void {
    const { lua } = this;
    lua.pushTable(items.length, 0);
    let place = 1;
    for (const item of items) {
      lua.pushBytes(item);
      lua.setAt(-2, place++);
    }
  }

  /** Runs a compiled script with these keys and arguments as globals, or as the function's own. */
  call(
    reference: number,
    run: Run,
    {
      keys,
      args,
      asArguments,
    }: {
      readonly keys: readonly string[];
      readonly args: readonly string[];
      readonly asArguments: boolean;
    },
  ): Reply {
    const lua = this.#start();
    const outer = this.#run;
    this.#run = run;
    this.#begin(run);
    lua.top = 0;
    try {
      lua.getAt(LUA.registry, this.#onError);
      if (!asArguments) {
        this.#setArray("KEYS", keys);
        this.#setArray("ARGV", args);
      }
      lua.getAt(LUA.registry, reference);
      if (asArguments) {
        this.pushStrings(keys);
        this.pushStrings(args);
      }
      const status = lua.pcall(asArguments ? 2 : 0, 1, 1);
      lua.setBudget(0);
      return status === LUA_OK ? toReply(lua, run.protocol) : this.#failure(run);
    } catch (error) {
      if (!(error instanceof LuaError)) throw error;
      return new ReplyError("ERR not enough memory for the script's arguments");
    } finally {
      this.#run = outer;
      if (lua.isBroken) this.#machine = undefined;
      else {
        lua.setBudget(0);
        lua.top = 0;
        if (++this.#runs % COLLECT_EVERY === 0) lua.collect(50);
      }
    }
  }

  #begin({ cx }: Run): void {
    this.isOverdue = false;
    const limitMs = cx.engine.config.number("busy-reply-threshold");
    this.#ticks = 0;
    this.#ticksMax =
      limitMs > 0 ? Math.ceil((limitMs * INSTRUCTIONS_PER_MS) / TICK_INSTRUCTIONS) : Infinity;
    this.lua.setBudget(TICK_INSTRUCTIONS);
  }

  /** The error on top of the stack, with the place where it happened, as Redis puts it. */
  #failure({ name }: Run): ReplyError {
    const { lua } = this;
    if (lua.type(-1) !== LUA.table) {
      return new ReplyError(`ERR Error running script (call to ${name}): ${lua.bytes(-1) ?? ""}`);
    }
    const text = this.#field("err") ?? "ERR unknown error";
    const source = this.#field("source");
    const line = this.#field("line");
    const place = source && line ? ` script: ${name}, on ${source}:${line}.` : "";
    return new ReplyError((text + place).replaceAll(/[\r\n]/g, " "));
  }

  #field(name: string): string | undefined {
    const { lua } = this;
    lua.getField(-1, name);
    const text = lua.bytes(-1);
    lua.pop();
    return text;
  }

  // -- the machine -----------------------------------------------------------------------------------

  #start(): LuaMachine {
    this.#machine ??= this.#build();
    return this.#machine;
  }

  #build(): LuaMachine {
    const lua = new LuaMachine(
      this.#modules,
      {
        call: (id) => FUNCTIONS[id]!(this),
        tick: () => this.#tick(),
        nowMs: () => this.#run?.cx.nowMs ?? 0,
      },
      { bytesMax: BYTES_MAX },
    );
    this.#machine = lua;
    this.machineId++;
    lua.openLibraries();
    if (lua.load(SANDBOX, "@sandbox") !== LUA_OK) throw new InvariantError(lua.bytes(-1) ?? "");
    this.#pushHost(lua);
    if (lua.pcall(1, 6) !== LUA_OK) throw new InvariantError(lua.bytes(-1) ?? "");
    this.#stringMeta = lua.keep();
    this.#globals = lua.keep();
    lua.replaceGlobals();
    this.#redis = lua.keep();
    this.#frozen = lua.keep();
    this.#onError = lua.keep();
    return lua;
  }

  /** The table that the sandbox is made of: our functions by name, `redis` and the libraries. */
  #pushHost(lua: LuaMachine): void {
    lua.pushTable();
    lua.pushTable();
    lua.pushTable();
    NAMES.forEach(({ library, name }, id) => {
      lua.pushFunction(id);
      if (library === "") lua.setField(-4, name);
      else if (library === "redis") lua.setField(-3, name);
      else {
        lua.getField(-2, library);
        if (lua.type(-1) === LUA.nil) {
          lua.pop();
          lua.pushTable();
          lua.copy(-1);
          lua.setField(-4, library);
        }
        lua.insert(-2);
        lua.setField(-2, name);
        lua.pop();
      }
    });
    for (const [name, value] of Object.entries(CONSTANTS)) {
      if (typeof value === "number") lua.pushNumber(value);
      else lua.pushBytes(value);
      lua.setField(-3, name);
    }
    for (const [library, constants] of Object.entries(LIBRARY_CONSTANTS)) {
      lua.getField(-1, library);
      for (const [name, text] of Object.entries(constants)) {
        lua.pushBytes(text);
        lua.setField(-2, name);
      }
      lua.pop();
    }
    lua.getField(-1, "cjson");
    lua.pushNull();
    lua.setField(-2, "null");
    lua.pop();
    lua.setField(-3, "libraries");
    lua.setField(-2, "redis");
  }

  #tick(): void {
    if (++this.#ticks < this.#ticksMax) return;
    // From here on every instruction fails, so that no pcall of the script's goes on.
    this.isOverdue = true;
    this.lua.setBudget(1);
    const isLoading = this.#registered !== undefined;
    raise(this.lua, isLoading ? "ERR FUNCTION LOAD timeout" : TOO_LONG);
  }

  // -- frozen tables ---------------------------------------------------------------------------------

  /** Replaces a frozen table at a place of the stack by what is behind it, on top; false: it is none. */
  pushThawed(index: number): boolean {
    const { lua } = this;
    lua.getAt(LUA.registry, this.#frozen);
    lua.copy(index);
    lua.get(-2);
    lua.remove(-2);
    if (lua.type(-1) !== LUA.nil) return true;
    lua.pop();
    return false;
  }

  pushStringMeta(): void {
    this.lua.getAt(LUA.registry, this.#stringMeta);
  }
}

/** A function of ours: its arguments are on the stack; it pushes results and says how many. */
export type ApiFunction = (interpreter: Interpreter) => number;

const TABLES = { ...API, ...LIBRARIES };
const NAMES = Object.entries(TABLES).flatMap(([library, functions]) =>
  Object.keys(functions).map((name) => ({ library, name })),
);
const FUNCTIONS: readonly ApiFunction[] = Object.values(TABLES).flatMap((functions) =>
  Object.values(functions),
);

/** What of `redis` functions do not have. */
const ONLY_SCRIPTS = ["breakpoint", "debug", "replicate_commands"];

function idOf(library: string, name: string): number {
  return NAMES.findIndex((one) => one.library === library && one.name === name);
}
