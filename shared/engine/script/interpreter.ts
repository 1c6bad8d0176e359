/**
 * Runs scripts: one Lua machine, made when the first script comes, with Redis's globals in it; and another
 * one when that is broken, or has grown too large. What it compiles belongs to a machine (`machineId`).
 */
import { InvariantError } from "../../base/assert.ts";
import { LUA, LUA_OK, LuaMachine, type LuaModules, NO_MEMORY } from "../../lua/machine.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import type { Context } from "../context.ts";
import {
  Budget,
  CROSSING_INSTRUCTIONS,
  ERROR_INSTRUCTIONS,
  FUEL,
  FUEL_INSTRUCTIONS,
  JUMP_INSTRUCTIONS,
  MEMORY_BYTES_MAX,
  TICK_INSTRUCTIONS,
} from "./budget.ts";
import { defaultJsonOptions } from "./cjson.ts";
import { lineOf, textOf, toReply } from "./from-lua.ts";
import { FUNCTIONS, GIVEN, pushHost } from "./host.ts";
import type { ScriptFlag } from "./header.ts";
import { ScriptRandom } from "./random.ts";
import { SANDBOX } from "./sandbox.ts";
import { raise } from "./to-lua.ts";

/** A machine that has taken more than this is given up behind a script: memory it took stays taken. */
const KEPT_BYTES_MAX = 24 * 1024 * 1024;
/**
 * Lua collects its garbage whenever there is as much of it as of everything else, and a machine at rest is
 * so small (33 KB) that it would do hardly anything else. With one string of this size in it there is more
 * to collect at a time. (Redis does a step every 50 scripts besides; it makes no difference to memory.)
 */
const BALLAST_BYTES = 512 * 1024;

const GRACE_INSTRUCTIONS = 64;

/** Instructions in the time a function is registered in. */
const REGISTER_INSTRUCTIONS = 100;

const TOO_LONG = "ERR The script ran for too long and was stopped (see busy-reply-threshold)";
/** What a script may take to be compiled. */
const COMPILE_MS_MAX = 1000;
const LOAD_TOO_LONG = "ERR FUNCTION LOAD timeout";

/** The stack of a machine where nothing runs. */
const ON_ERROR = 1;
const GLOBALS = 2;
const KEYS = 3;
const ARGV = 4;
const BASE = 4;

/** What runs in the machine does not end: it is left where it is, and the machine with it. */
class Overdrawn extends Error {
  override readonly name = "Overdrawn";
}

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
  /** What a command threw that is no reply: ours, and not the script's. */
  failure: Error | undefined;
}

export interface Input {
  readonly keys: readonly string[];
  readonly args: readonly string[];
  /** They are the function's own arguments, not globals. */
  readonly asArguments: boolean;
}

export class Interpreter {
  readonly #modules: LuaModules;
  readonly random = new ScriptRandom();
  readonly budget: Budget;
  /** Settings of cjson. */
  json = defaultJsonOptions();
  #machine: LuaMachine | undefined;
  #keptBytes = KEPT_BYTES_MAX;
  /** Registry references of what is behind frozen tables, by the address of what scripts see. */
  readonly #frozen = new Map<number, number>();
  /** Registry references: see SANDBOX. */
  #redis = 0;
  #globalMeta = 0;
  #loadGlobals = 0;
  #stringMeta = 0;
  #format = 0;
  /** What the library that is being loaded has registered so far, by lower-case name. */
  #registered: Map<string, Registration> | undefined;
  #run: Run | undefined;
  /** Instructions that run once the budget is spent, before the next of them fails. */
  #grace = GRACE_INSTRUCTIONS;
  /** Another for every new machine. */
  machineId = 0;
  /** The last script was stopped in the midst of it: nothing of it may stay. */
  wasStopped = false;

  constructor(modules: LuaModules, clockUs: () => number) {
    this.#modules = modules;
    this.budget = new Budget(clockUs);
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

  /** Compiles; a reference for `call`, or Lua's message. */
  compile(code: string, name: string): number | string {
    const lua = this.#start();
    this.budget.begin(COMPILE_MS_MAX);
    try {
      if (lua.load(code, name) === LUA_OK) return lua.keep();
      const message = lua.bytes(-1) ?? "";
      lua.pop();
      return message;
    } catch (error) {
      this.#drop();
      if (error instanceof Overdrawn) return error.message;
      throw error;
    } finally {
      this.budget.end();
    }
  }

  release(reference: number): void {
    this.#machine?.release(reference);
  }

  /** Forgets the machine and everything in it, settings too (SCRIPT FLUSH). */
  reset(): void {
    this.#drop();
    this.json = defaultJsonOptions();
  }

  #drop(): void {
    if (this.#machine === undefined) return;
    this.#machine = undefined;
    this.#keptBytes = KEPT_BYTES_MAX;
    this.machineId++;
  }

  // -- scripts -----------------------------------------------------------------------------------------

  /** Runs what was compiled, with these keys and arguments. */
  call(reference: number, run: Run, input: Input): Reply {
    const lua = this.#start();
    this.#run = run;
    this.wasStopped = false;
    this.budget.begin(run.cx.engine.config.number("busy-reply-threshold"));
    try {
      const argCount = this.#pushInput(reference, input);
      const status = lua.pcall(argCount, 1, ON_ERROR);
      this.wasStopped = this.budget.isSpent;
      if (status !== LUA_OK) return this.#failure(run);
      // It may have caught the error and come to its end.
      return this.wasStopped ? new ReplyError(TOO_LONG) : toReply(lua, run.protocol);
    } catch (error) {
      return this.#broken(run, error);
    } finally {
      this.#run = undefined;
      this.#end();
      this.trim();
    }
  }

  /** Pushes the function and its arguments, and returns how many these are; or sets KEYS and ARGV. */
  #pushInput(reference: number, { keys, args, asArguments }: Input): number {
    const { lua } = this;
    if (asArguments) {
      lua.getAt(LUA.registry, reference);
      lua.pushTexts(keys);
      lua.pushTexts(args);
      return 2;
    }
    lua.copy(KEYS);
    lua.pushTexts(keys);
    lua.set(GLOBALS);
    lua.copy(ARGV);
    lua.pushTexts(args);
    lua.set(GLOBALS);
    lua.getAt(LUA.registry, reference);
    return 0;
  }

  /** The error on top of the stack, with the place where it happened, as Redis puts it. */
  #failure({ name }: Run): ReplyError {
    const { lua } = this;
    if (lua.type(-1) !== LUA.table) {
      return new ReplyError(`ERR Error running script (call to ${name}): ${lua.bytes(-1) ?? ""}`);
    }
    const text = textOf(this.#field("err") ?? "ERR unknown error");
    const source = this.#field("source");
    const line = this.#field("line");
    const place = source && line ? ` script: ${name}, on ${source}:${line}.` : "";
    return new ReplyError(lineOf(text + place));
  }

  #field(name: string): string | undefined {
    const { lua } = this;
    lua.getField(-1, name);
    const text = lua.bytes(-1);
    lua.pop();
    return text;
  }

  /**
   * Something flew through the interpreter that no script can catch: no memory where Lua needs it, more
   * calls in calls than the platform bears, a bug of Lua's. The machine is lost, and nothing of the script
   * may stay. What one of our commands threw is ours, and goes on.
   */
  #broken({ name, failure }: Run, error: unknown): ReplyError {
    this.#drop();
    if (failure !== undefined) throw failure;
    if (error instanceof InvariantError) throw error;
    this.wasStopped = true;
    if (error instanceof Overdrawn) return new ReplyError(TOO_LONG);
    const why = error instanceof Error && error.message !== "" ? error.message : "unknown";
    return new ReplyError(`ERR Error running script (call to ${name}): ${lineOf(why)}`);
  }

  /** Leaves the machine ready for the next script. */
  #end(): void {
    const { isSpent } = this.budget;
    this.budget.end();
    const lua = this.#machine;
    if (lua === undefined) return;
    if (lua.isBroken) {
      this.#drop();
      return;
    }
    lua.top = BASE;
    if (isSpent) {
      lua.setHook(TICK_INSTRUCTIONS);
      this.#grace = GRACE_INSTRUCTIONS;
    }
  }

  /** Gives up a machine that has grown too large, where nothing in it is wanted. */
  trim(): void {
    if (this.byteCount > this.#keptBytes) this.#drop();
  }

  /** However large the machine is, it is not too large; half as much again is. */
  keepWhatItHas(): void {
    this.#keptBytes = Math.max(KEPT_BYTES_MAX, 1.5 * this.byteCount);
  }

  // -- libraries of functions ------------------------------------------------------------------------

  /**
   * Runs the code of a library, which registers its functions; returns them, with references. While it
   * runs it has redis.register_function and hardly anything else, and no commands. However large the
   * machine is then, it is kept for them.
   */
  load(code: string, { limitMs }: { limitMs: number }): readonly Registration[] {
    const lua = this.#start();
    const registered = new Map<string, Registration>();
    this.#registered = registered;
    this.#setLoading(true);
    this.budget.begin(limitMs);
    try {
      if (lua.load(code, "@user_function") !== LUA_OK) {
        throw new ReplyError(`ERR Error compiling function: ${lua.bytes(-1) ?? ""}`);
      }
      if (lua.pcall(0, 0, ON_ERROR) !== LUA_OK) {
        const text = lua.type(-1) === LUA.table ? this.#field("err") : lua.bytes(-1);
        for (const { reference } of registered.values()) lua.release(reference);
        throw new ReplyError(`ERR Error registering functions: ${text ?? ""}`);
      }
      return [...registered.values()];
    } catch (error) {
      if (error instanceof InvariantError) throw error;
      if (error instanceof ReplyError) {
        this.trim();
        throw error;
      }
      this.#drop();
      const why = error instanceof Overdrawn ? LOAD_TOO_LONG : NO_MEMORY;
      throw new ReplyError(`ERR Error registering functions: ${why}`);
    } finally {
      this.#registered = undefined;
      this.#end();
      if (this.#machine !== undefined) this.#setLoading(false);
    }
  }

  /** A library being loaded registers a function; the function is on top of the stack. */
  register(
    name: string,
    facts: { description: string | undefined; flags: ReadonlySet<ScriptFlag> },
  ): void {
    this.spend(REGISTER_INSTRUCTIONS);
    const registered = this.#registered;
    if (registered === undefined) {
      raise(this.lua, "ERR redis.register_function can only be called on FUNCTION LOAD command");
    }
    if (registered.has(name.toLowerCase())) {
      raise(this.lua, "ERR Function already exists in the library");
    }
    registered.set(name.toLowerCase(), { name, ...facts, reference: this.lua.keep() });
  }

  /** What is behind the globals; functions have less of `redis` than scripts. */
  #setLoading(isLoading: boolean): void {
    const { lua } = this;
    lua.getAt(LUA.registry, this.#globalMeta);
    if (isLoading) lua.getAt(LUA.registry, this.#loadGlobals);
    else lua.copy(GLOBALS);
    lua.setField(-2, "__index");
    lua.getAt(LUA.registry, this.#redis);
    for (const name of ONLY_SCRIPTS) {
      lua.pushNil();
      lua.setField(-2, name);
    }
    lua.pop(2);
  }

  // -- the budget ------------------------------------------------------------------------------------

  /** What runs takes as long as so many instructions; it may be the last it did. */
  spend(instructions: number): void {
    this.budget.spend(instructions);
    if (this.budget.isSpent) this.#stop();
  }

  spendBytes(bytes: number): void {
    this.budget.spendBytes(bytes);
    if (this.budget.isSpent) this.#stop();
  }

  /** For what runs in the machine itself, where nothing can be raised. */
  #endOverdrawn(): void {
    if (this.budget.isOverdrawn) throw new Overdrawn(TOO_LONG);
  }

  #stop(): never {
    // From here on instructions fail, sooner and sooner, so that no pcall of the script's goes on. At
    // first there is time to tell where it happened.
    this.lua.setHook(this.#grace);
    this.lua.setHook(this.#grace, { isMain: true });
    this.#grace = Math.max(this.#grace >> 1, 1);
    const isLoading = this.#registered !== undefined;
    raise(this.lua, isLoading ? LOAD_TOO_LONG : TOO_LONG);
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
        call: (id, argCount) => {
          this.budget.spend(CROSSING_INSTRUCTIONS);
          return FUNCTIONS[id]!(this, argCount);
        },
        failed: () => this.budget.spend(ERROR_INSTRUCTIONS),
        jumps: () => this.budget.spend(JUMP_INSTRUCTIONS),
        tick: () => this.spend(0),
        refill: () => {
          this.budget.spend(FUEL_INSTRUCTIONS);
          this.#endOverdrawn();
          return FUEL;
        },
        copies: (bytes) => {
          this.budget.spendBytes(bytes);
          this.#endOverdrawn();
        },
        nowMs: () => this.#run?.cx.nowMs ?? 0,
      },
      { bytesMax: MEMORY_BYTES_MAX },
    );
    lua.openLibraries();
    if (lua.load(SANDBOX, "@sandbox") !== LUA_OK) throw new InvariantError(lua.bytes(-1) ?? "");
    pushHost(lua);
    if (lua.pcall(1, 9) !== LUA_OK) {
      throw new InvariantError(lua.bytes(-1) ?? "");
    }
    this.#format = lua.keep();
    this.#stringMeta = lua.keep();
    lua.insert(GLOBALS);
    lua.replace(LUA.globals);
    this.#loadGlobals = lua.keep();
    this.#globalMeta = lua.keep();
    this.#redis = lua.keep();
    this.#frozen.clear();
    lua.pushNil();
    while (lua.next(-2)) this.#frozen.set(lua.pointer(-2), lua.keep());
    lua.pop();
    lua.pushBytes("\0".repeat(BALLAST_BYTES));
    lua.keep();
    lua.pushBytes("KEYS");
    lua.pushBytes("ARGV");
    lua.setHook(TICK_INSTRUCTIONS);
    return lua;
  }

  // -- frozen tables ---------------------------------------------------------------------------------

  /** Pushes what is behind a frozen table at a place of the stack; false: it is none. */
  pushThawed(index: number): boolean {
    const reference = this.#frozen.get(this.lua.pointer(index));
    if (reference === undefined) return false;
    this.lua.getAt(LUA.registry, reference);
    return true;
  }

  isFrozen(index: number): boolean {
    return this.#frozen.has(this.lua.pointer(index));
  }

  pushStringMeta(): void {
    this.lua.getAt(LUA.registry, this.#stringMeta);
  }

  /** Pushes a function of ours that keeps so many values from the stack. */
  pushGiven(name: keyof typeof GIVEN, ownCount = 0): void {
    this.lua.pushFunction(GIVEN[name], ownCount);
  }

  /** Lua's own string.format. */
  pushFormat(): void {
    this.lua.getAt(LUA.registry, this.#format);
  }
}

/** What of `redis` functions do not have. */
const ONLY_SCRIPTS = ["breakpoint", "debug", "replicate_commands"];
