/**
 * PUC Lua 5.1 as WebAssembly (package wasmoon-lua5.1, of which nothing but the interpreter's module is
 * used), with its C API bound directly: strings are bytes on both sides, and nothing is converted that
 * nobody asked for. One machine is one Lua state with memory of its own.
 *
 * What C gives Lua by function pointers comes from a second, small module (workers/lua/host.wat), because
 * a table of WebAssembly holds no other functions; and what goes to and fro most goes through it at once.
 */
import { bind, type HostApi, importsFor, type LuaApi, type LuaModules } from "./c-api.ts";
import { LuaMemory, type WasmMemory } from "./memory.ts";
import { Scratch } from "./scratch.ts";

export type { LuaModules } from "./c-api.ts";

/** WebAssembly.Table, as far as we use it. */
interface Table {
  get(index: number): TableFunction | null;
  set(index: number, value: unknown): void;
  grow(count: number): number;
}
type TableFunction = (a: number, b: number) => unknown;

export interface LuaHost {
  /**
   * A function of ours is called, the one with this number; its arguments, so many, are the stack. Returns
   * how many results it has pushed. What it throws must be a LuaError, which becomes Lua's own.
   */
  call(id: number, argCount: number): number;
  /** Such a function has thrown: what becomes an error of Lua's has taken its time. */
  failed(): void;
  /** An error is on its way to who catches it. */
  jumps(): void;
  /** So many instructions have run (`setHook`); may throw a LuaError. */
  tick(): void;
  /**
   * How much fuel there is from now on: a turn of any loop in the machine takes one, and so does a call.
   * What this throws no script can catch, and the machine is broken then.
   */
  refill(): number;
  /** So many bytes are copied. The same goes for what this throws. */
  copies(bytes: number): void;
  /** Milliseconds since 1970, for os.clock and os.time. */
  nowMs(): number;
}

/** Thrown by a host function: the value on top of the stack is raised as an error in Lua. */
export class LuaError extends Error {
  override readonly name = "LuaError";
}

/** The interpreter itself has given up: the machine is broken. */
export class LuaPanic extends Error {
  override readonly name = "LuaPanic";
}

/** lua.h: what a value is, and places that are not on the stack. */
export const LUA = {
  nil: 0,
  boolean: 1,
  lightUserData: 2,
  number: 3,
  string: 4,
  table: 5,
  function: 6,
  registry: -10_000,
  globals: -10_002,
  /** LUA_MULTRET: as many results as there are. */
  allResults: -1,
} as const;

/** Status of `load` and `pcall`. */
export const LUA_OK = 0;
export const LUA_OUT_OF_MEMORY = 4;
/** In Lua's own words. */
export const NO_MEMORY = "not enough memory";

/** LUA_MASKCOUNT */
const HOOK_COUNT_MASK = 8;
/** LUA_GCCOLLECT, LUA_GCSTEP */
const [COLLECT_ALL, COLLECT_STEP] = [2, 5];
/** What longjmp throws: any number tells it from errors of JavaScript. */
const LONGJMP = Number.POSITIVE_INFINITY;

export class LuaMachine {
  readonly #host: LuaHost;
  readonly #memory: LuaMemory;
  readonly #table: Table;
  /** Functions of the table, as they were called; asking the table is slow. */
  readonly #called: (TableFunction | undefined)[] = [];
  readonly #c: LuaApi;
  /** The main thread. */
  readonly #main: number;
  /** The thread that runs, which every call of the C API takes first: the main one, or a coroutine. */
  #state: number;
  /** What host.wat has, in the interpreter's table. */
  readonly #callIndex: number;
  readonly #hookIndex: number;
  readonly #toNumberIndex: number;
  readonly #own: HostApi;
  readonly #scratch: Scratch;
  /** An error of ours, not of Lua, that flew through the interpreter: it is not to be used again. */
  isBroken = false;

  /** `bytesMax`: memory beyond it is refused, and Lua says "not enough memory". */
  constructor(modules: LuaModules, host: LuaHost, { bytesMax }: { bytesMax: number }) {
    this.#host = host;
    const lua = modules.lua(this.#imports());
    this.#c = bind(lua);
    this.#memory = new LuaMemory(lua["memory"] as WasmMemory, bytesMax);
    this.#table = lua["__indirect_function_table"] as Table;
    this.#c.emscripten_stack_init();
    this.#c.__wasm_call_ctors();
    const own = modules.host({
      lua,
      host: {
        call: (state: number, id: number, argCount: number) => this.#call(state, id, argCount),
        hook: (state: number) => this.#hook(state),
      },
    });
    this.#own = { push_texts: own["push_texts"], find_texts: own["find_texts"] } as HostApi;
    this.#callIndex = this.#table.grow(3);
    this.#hookIndex = this.#callIndex + 1;
    this.#toNumberIndex = this.#callIndex + 2;
    this.#table.set(this.#callIndex, own["call"]);
    this.#table.set(this.#hookIndex, own["hook"]);
    this.#table.set(this.#toNumberIndex, own["tonumber"]);
    this.#scratch = new Scratch(this.#c, this.#memory);
    this.#main = this.#c.luaL_newstate();
    this.#state = this.#main;
    this.#put("");
  }

  /** Bytes of memory the machine has taken from the platform; they never become fewer. */
  get byteCount(): number {
    return this.#memory.byteCount;
  }

  // -- libraries and functions ---------------------------------------------------------------------

  /** Opens all of Lua's libraries; what a sandbox must not have is taken out again by who makes it. */
  openLibraries(): void {
    this.#c.luaL_openlibs(this.#state);
  }

  /**
   * A function of ours, known to the host by its number. So many values are taken from the stack and
   * become its own: `upvalue` is where it finds them.
   */
  pushFunction(id: number, ownCount = 0): void {
    this.#c.lua_pushnumber(this.#state, id);
    if (ownCount > 0) this.insert(-1 - ownCount);
    this.#c.lua_pushcclosure(this.#state, this.#callIndex, 1 + ownCount);
  }

  /** The same for what stands in front of Lua's tonumber: one argument that is a number is not passed on. */
  pushToNumber(id: number): void {
    this.#c.lua_pushnumber(this.#state, id);
    this.#c.lua_pushcclosure(this.#state, this.#toNumberIndex, 1);
  }

  /** The place of a value that the running function owns; they count from 1. */
  upvalue(place: number): number {
    return FIRST_UPVALUE - place;
  }

  /** `tick` is called every so many instructions from now on, in this thread and those it makes. */
  setHook(instructions: number, { isMain = false } = {}): void {
    const state = isMain ? this.#main : this.#state;
    this.#c.lua_sethook(state, this.#hookIndex, HOOK_COUNT_MASK, instructions);
  }

  /** Compiles a chunk and pushes it as a function, or an error message; `name` as `@user_script`. */
  load(code: string, name: string): number {
    // Lua would take a chunk that is compiled already, and trust it. Behind a space it is text.
    const text = code.startsWith("\x1b") ? ` ${code}` : code;
    const nameAt = this.#put(`${text}${name}\0`) + text.length;
    return this.#c.luaL_loadbuffer(this.#state, nameAt - text.length, text.length, nameAt);
  }

  /**
   * Calls the function below its arguments. The results, or an error's value, take their place.
   * `handler`: place on the stack of a function that is told of an error where it happens; 0: none.
   */
  pcall(argCount: number, resultCount: number, handler = 0): number {
    return this.#c.lua_pcall(this.#state, argCount, resultCount, handler);
  }

  /** The same in a function of ours: an error passes through it. */
  call(argCount: number, resultCount: number): void {
    this.#c.lua_call(this.#state, argCount, resultCount);
  }

  /** Collects garbage: all of it, or a step. */
  collect(step?: number): void {
    const what = step === undefined ? COLLECT_ALL : COLLECT_STEP;
    this.#c.lua_gc(this.#state, what, step ?? 0);
  }

  // -- the stack ------------------------------------------------------------------------------------

  get top(): number {
    return this.#c.lua_gettop(this.#state);
  }

  set top(index: number) {
    this.#c.lua_settop(this.#state, index);
  }

  pop(count = 1): void {
    this.#c.lua_settop(this.#state, -count - 1);
  }

  /** Room for so many more values; false when there is none. */
  reserve(count: number): boolean {
    return this.#c.lua_checkstack(this.#state, count) !== 0;
  }

  copy(index: number): void {
    this.#c.lua_pushvalue(this.#state, index);
  }

  insert(index: number): void {
    this.#c.lua_insert(this.#state, index);
  }

  remove(index: number): void {
    this.#c.lua_remove(this.#state, index);
  }

  /** Takes the value on top to another place; of LUA.globals, chunks loaded from now on have theirs. */
  replace(index: number): void {
    this.#c.lua_replace(this.#state, index);
  }

  /** One of LUA's types. */
  type(index: number): number {
    return this.#c.lua_type(this.#state, index);
  }

  /** A number, or a string that looks like one. */
  isNumber(index: number): boolean {
    return this.#c.lua_isnumber(this.#state, index) !== 0;
  }

  /** A function that is not written in Lua. */
  isNative(index: number): boolean {
    return this.#c.lua_iscfunction(this.#state, index) !== 0;
  }

  number(index: number): number {
    return this.#c.lua_tonumber(this.#state, index);
  }

  boolean(index: number): boolean {
    return this.#c.lua_toboolean(this.#state, index) !== 0;
  }

  /** Tells tables (and functions, threads) apart while they live; 0 for other values. */
  pointer(index: number): number {
    return this.#c.lua_topointer(this.#state, index);
  }

  /** A string's bytes, or a number's digits (the value becomes a string then); else undefined. */
  bytes(index: number): string | undefined {
    const lengthAt = this.#scratch.at;
    const at = this.#c.lua_tolstring(this.#state, index, lengthAt);
    if (at === 0) return undefined;
    return this.#memory.read(at, this.#memory.word(lengthAt));
  }

  pushNil(): void {
    this.#c.lua_pushnil(this.#state);
  }

  pushBoolean(value: boolean): void {
    this.#c.lua_pushboolean(this.#state, value ? 1 : 0);
  }

  pushNumber(value: number): void {
    this.#c.lua_pushnumber(this.#state, value);
  }

  pushBytes(text: string): void {
    this.#c.lua_pushlstring(this.#state, this.#put(text), text.length);
  }

  /** Pushes a table of strings. */
  pushTexts(texts: readonly string[]): void {
    if (!this.#scratch.putTexts(texts)) return this.noMemory();
    this.#own.push_texts(this.#state, this.#scratch.at, texts.length);
  }

  /** Looks at the first values of the stack, so many, for `textLength` and `text`, until bytes are put or read. */
  findTexts(count: number): void {
    if (!this.#scratch.reserve(count * 8)) return this.noMemory();
    this.#own.find_texts(this.#state, count, this.#scratch.at);
  }

  /** Bytes of a string that was found at a place; undefined: it is none. */
  textLength(place: number): number | undefined {
    const at = this.#scratch.at + (place - 1) * 8;
    return this.#memory.word(at) === 0 ? undefined : this.#memory.word(at + 4);
  }

  /** A string that was found at a place. */
  text(place: number): string {
    const at = this.#scratch.at + (place - 1) * 8;
    return this.#memory.read(this.#memory.word(at), this.#memory.word(at + 4));
  }

  /** A value without type or content: JSON's null. */
  pushNull(): void {
    this.#c.lua_pushlightuserdata(this.#state, 0);
  }

  // -- tables -----------------------------------------------------------------------------------------

  pushTable(arrayCount = 0, fieldCount = 0): void {
    this.#c.lua_createtable(this.#state, arrayCount, fieldCount);
  }

  /** Length of a string or table. */
  length(index: number): number {
    return this.#c.lua_objlen(this.#state, index);
  }

  /** Replaces the key on top by its value, without metamethods. */
  get(index: number): void {
    this.#c.lua_rawget(this.#state, index);
  }

  /** Sets key and value, which are on top, without metamethods. */
  set(index: number): void {
    this.#c.lua_rawset(this.#state, index);
  }

  /** Pushes an element; places count from 1. */
  getAt(index: number, place: number): void {
    this.#c.lua_rawgeti(this.#state, index, place);
  }

  /** Sets an element to the value on top. */
  setAt(index: number, place: number): void {
    this.#c.lua_rawseti(this.#state, index, place);
  }

  /** Pushes a field by its name, without metamethods. */
  getField(index: number, name: string): void {
    const at = index > 0 || index <= LUA.registry ? index : index - 1;
    this.pushBytes(name);
    this.get(at);
  }

  /** Sets a field to the value on top, without metamethods. */
  setField(index: number, name: string): void {
    const at = index > 0 || index <= LUA.registry ? index : index - 1;
    this.pushBytes(name);
    this.insert(-2);
    this.set(at);
  }

  /** Replaces the key on top by the next key and its value; false at the end, with nothing left on top. */
  next(index: number): boolean {
    return this.#c.lua_next(this.#state, index) !== 0;
  }

  /** Sets the table on top as the metatable of another. */
  setMetatable(index: number): void {
    this.#c.lua_setmetatable(this.#state, index);
  }

  /** Pushes a metatable, if there is one. */
  getMetatable(index: number): boolean {
    return this.#c.lua_getmetatable(this.#state, index) !== 0;
  }

  /** Keeps the value on top in the registry; returns the number by which `getAt(LUA.registry)` finds it. */
  keep(): number {
    return this.#c.luaL_ref(this.#state, LUA.registry);
  }

  release(reference: number): void {
    this.#c.luaL_unref(this.#state, LUA.registry, reference);
  }

  /** `file:line:` of the running function `level` calls up, "" when it has none. */
  where(level: number): string {
    this.#c.luaL_where(this.#state, level);
    const text = this.bytes(-1) ?? "";
    this.pop();
    return text;
  }

  // -- inside -----------------------------------------------------------------------------------------

  /** Writes bytes to the scratch area; returns where. */
  #put(text: string): number {
    if (!this.#scratch.put(text)) return this.noMemory();
    return this.#scratch.at;
  }

  /** Raises that an argument of the running function is wrong, with the name it was called by. */
  argumentError(place: number, why: string): never {
    this.#c.luaL_argerror(this.#state, place, this.#put(`${why}\0`));
    throw new LuaError(why);
  }

  /** Raises what Lua raises. */
  noMemory(): never {
    this.pushBytes(NO_MEMORY);
    throw new LuaError(NO_MEMORY);
  }

  #call(state: number, id: number, argCount: number): number {
    const outer = this.#state;
    this.#state = state;
    try {
      return this.#host.call(id, argCount);
    } catch (error) {
      this.#catch(error);
      return this.#c.lua_error(state);
    } finally {
      this.#state = outer;
    }
  }

  #hook(state: number): void {
    const outer = this.#state;
    this.#state = state;
    try {
      this.#host.tick();
    } catch (error) {
      this.#catch(error);
      this.#c.lua_error(state);
    } finally {
      this.#state = outer;
    }
  }

  /** Lets pass what is not to become an error of Lua's. */
  #catch(error: unknown): void {
    if (error instanceof LuaError) return this.#host.failed();
    if (error !== LONGJMP) this.isBroken = true;
    throw error;
  }

  #imports(): Record<string, Record<string, unknown>> {
    return importsFor({
      invoke: (index, a, b) => this.#invoke(index, a, b),
      longjmp: () => {
        this.#host.jumps();
        // Not an Error: it is caught by the invocation above it, and must cost nothing.
        // oxlint-disable-next-line typescript/only-throw-error
        throw LONGJMP;
      },
      grow: (bytes) => this.#memory.grow(bytes),
      copy: (to, from, count) => {
        this.#host.copies(count);
        this.#memory.copy(to, from, count);
      },
      nowMs: () => this.#host.nowMs(),
      refill: () => this.#host.refill(),
      exit: () => {
        throw new LuaPanic(NO_MEMORY);
      },
    });
  }

  #invoke(index: number, a: number, b: number): void {
    const stack = this.#c.stackSave();
    try {
      (this.#called[index] ??= this.#table.get(index)!)(a, b);
    } catch (error) {
      if (error !== LONGJMP) {
        this.isBroken = true;
        throw error;
      }
      this.#c.stackRestore(stack);
      this.#c.setThrew(1, 0);
    }
  }
}

const FIRST_UPVALUE = LUA.globals - 1;
