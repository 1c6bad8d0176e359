/**
 * PUC Lua 5.1 as WebAssembly (package wasmoon-lua5.1, of which nothing but the interpreter's module is
 * used), with its C API bound directly: strings are bytes on both sides, and nothing is converted that
 * nobody asked for. One machine is one Lua state with memory of its own.
 *
 * What C gives Lua by function pointers comes from a second module of a few bytes (host.wasm): it
 * re-exports two imported functions, because a table of WebAssembly holds no others.
 */
import { type BufferLike, bufferOver } from "../base/bytes.ts";

/** Makes an instance of a compiled module: gives it its imports, returns its exports. */
type Instantiate = (imports: Record<string, Record<string, unknown>>) => Record<string, unknown>;

/** The two modules: whoever runs us brings them, as each platform loads them its own way. */
export interface LuaModules {
  readonly lua: Instantiate;
  readonly host: Instantiate;
}

/** WebAssembly.Memory and WebAssembly.Table, as far as we use them. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Table {
  get(index: number): ((a: number, b: number) => unknown) | null;
  set(index: number, value: unknown): void;
  grow(count: number): number;
}

export interface LuaHost {
  /**
   * A function of ours is called, the one with this number; its arguments are on the stack. Returns how
   * many results it has pushed. What it throws must be a LuaError, which becomes Lua's own.
   */
  call(id: number): number;
  /** So many instructions have run (`setBudget`). */
  tick(): void;
  /** Milliseconds since 1970, for os.clock and os.time. */
  nowMs(): number;
}

/** Thrown by a host function: the value on top of the stack is raised as an error in Lua. */
export class LuaError extends Error {
  override readonly name = "LuaError";
}

/** lua.h: what a value is. */
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
} as const;

/** Status of `load` and `pcall`. */
export const LUA_OK = 0;
export const LUA_OUT_OF_MEMORY = 4;

const PAGE_BYTES = 65_536;
const SCRATCH_BYTES_MIN = 4096;
/** Up to here a loop over the characters beats a call. */
const LOOP_MAX = 40;
const HOOK_COUNT_MASK = 8;
const ENOSYS = 52;

type Fn = (...args: number[]) => number;
/** What longjmp throws: any number tells it from errors of JavaScript. */
const LONGJMP = Number.POSITIVE_INFINITY;

export class LuaMachine {
  readonly #host: LuaHost;
  readonly #memory: Memory;
  readonly #table: Table;
  readonly #c: Readonly<Record<string, Fn>>;
  readonly #bytesMax: number;
  /** The thread that runs, which every call of the C API takes first: the main one, or a coroutine. */
  #state: number;
  readonly #callIndex: number;
  readonly #hookIndex: number;
  #bytes: BufferLike;
  /** Since the views of it were made. */
  #hasGrown = false;
  #words: Int32Array;
  #scratch = 0;
  #scratchBytes = 0;
  /** An error of ours, not of Lua, that flew through the interpreter: it is not to be used again. */
  isBroken = false;

  /** `bytesMax`: memory beyond it is refused, and Lua says "not enough memory". */
  constructor(modules: LuaModules, host: LuaHost, { bytesMax }: { bytesMax: number }) {
    this.#host = host;
    this.#bytesMax = bytesMax;
    const lua = modules.lua(this.#imports());
    this.#c = lua as Record<string, Fn>;
    this.#memory = lua["memory"] as Memory;
    this.#table = lua["__indirect_function_table"] as Table;
    this.#bytes = bufferOver(this.#memory.buffer);
    this.#words = new Int32Array(this.#memory.buffer);
    this.#c["emscripten_stack_init"]!();
    this.#c["__wasm_call_ctors"]!();
    const own = modules.host({
      host: {
        call: (state: number) => this.#call(state),
        hook: (state: number) => this.#hook(state),
      },
    });
    this.#callIndex = this.#table.grow(2);
    this.#hookIndex = this.#callIndex + 1;
    this.#table.set(this.#callIndex, own["call"]);
    this.#table.set(this.#hookIndex, own["hook"]);
    this.#state = this.#c["luaL_newstate"]!();
  }

  /** Bytes of memory the machine has taken from the platform. */
  get byteCount(): number {
    return this.#memory.buffer.byteLength;
  }

  // -- libraries and functions ---------------------------------------------------------------------

  /** Opens all of Lua's libraries; what a sandbox must not have is taken out again by who makes it. */
  openLibraries(): void {
    this.#c["luaL_openlibs"]!(this.#state);
  }

  /** A function of ours, known to the host by its number. */
  pushFunction(id: number): void {
    this.#c["lua_pushnumber"]!(this.#state, id);
    this.#c["lua_pushcclosure"]!(this.#state, this.#callIndex, 1);
  }

  /** `tick` is called every so many instructions from now on; 0: never. */
  setBudget(instructions: number): void {
    const mask = instructions > 0 ? HOOK_COUNT_MASK : 0;
    this.#c["lua_sethook"]!(this.#state, this.#hookIndex, mask, instructions);
  }

  /** Compiles a chunk and pushes it as a function, or an error message; `name` as `@user_script`. */
  load(code: string, name: string): number {
    this.#put(code, 0);
    const nameAt = this.#put(`${name}\0`, code.length);
    // The second may have moved the first.
    const codeAt = nameAt - code.length;
    return this.#c["luaL_loadbuffer"]!(this.#state, codeAt, code.length, nameAt);
  }

  /**
   * Calls the function below its arguments. The results, or an error's value, take their place.
   * `handler`: place on the stack of a function that is told of an error where it happens; 0: none.
   */
  pcall(argCount: number, resultCount: number, handler = 0): number {
    return this.#c["lua_pcall"]!(this.#state, argCount, resultCount, handler);
  }

  /** Collects garbage: all of it, or a step. */
  collect(step?: number): void {
    if (step === undefined) this.#c["lua_gc"]!(this.#state, 2, 0);
    else this.#c["lua_gc"]!(this.#state, 5, step);
  }

  // -- the stack ------------------------------------------------------------------------------------

  get top(): number {
    return this.#c["lua_gettop"]!(this.#state);
  }

  set top(index: number) {
    this.#c["lua_settop"]!(this.#state, index);
  }

  pop(count = 1): void {
    this.#c["lua_settop"]!(this.#state, -count - 1);
  }

  /** Room for so many more values; false when there is none. */
  reserve(count: number): boolean {
    return this.#c["lua_checkstack"]!(this.#state, count) !== 0;
  }

  copy(index: number): void {
    this.#c["lua_pushvalue"]!(this.#state, index);
  }

  insert(index: number): void {
    this.#c["lua_insert"]!(this.#state, index);
  }

  remove(index: number): void {
    this.#c["lua_remove"]!(this.#state, index);
  }

  /** One of LUA's types. */
  type(index: number): number {
    return this.#c["lua_type"]!(this.#state, index);
  }

  number(index: number): number {
    return this.#c["lua_tonumber"]!(this.#state, index);
  }

  boolean(index: number): boolean {
    return this.#c["lua_toboolean"]!(this.#state, index) !== 0;
  }

  /** A string's bytes, or a number's digits (the value becomes a string then); else undefined. */
  bytes(index: number): string | undefined {
    const lengthAt = this.#scratch;
    const at = this.#c["lua_tolstring"]!(this.#state, index, lengthAt);
    if (at === 0) return undefined;
    this.#refresh();
    return this.#take(at, this.#words[lengthAt >> 2]!);
  }

  pushNil(): void {
    this.#c["lua_pushnil"]!(this.#state);
  }

  pushBoolean(value: boolean): void {
    this.#c["lua_pushboolean"]!(this.#state, value ? 1 : 0);
  }

  pushNumber(value: number): void {
    this.#c["lua_pushnumber"]!(this.#state, value);
  }

  pushBytes(text: string): void {
    const at = this.#put(text, 0);
    this.#c["lua_pushlstring"]!(this.#state, at, text.length);
  }

  /** A value without type or content: JSON's null. */
  pushNull(): void {
    this.#c["lua_pushlightuserdata"]!(this.#state, 0);
  }

  // -- tables -----------------------------------------------------------------------------------------

  pushTable(arrayCount = 0, fieldCount = 0): void {
    this.#c["lua_createtable"]!(this.#state, arrayCount, fieldCount);
  }

  /** Length of a string or table. */
  length(index: number): number {
    return this.#c["lua_objlen"]!(this.#state, index);
  }

  /** Replaces the key on top by its value, without metamethods. */
  get(index: number): void {
    this.#c["lua_rawget"]!(this.#state, index);
  }

  /** Sets key and value, which are on top, without metamethods. */
  set(index: number): void {
    this.#c["lua_rawset"]!(this.#state, index);
  }

  /** Pushes an element; places count from 1. */
  getAt(index: number, place: number): void {
    this.#c["lua_rawgeti"]!(this.#state, index, place);
  }

  /** Sets an element to the value on top. */
  setAt(index: number, place: number): void {
    this.#c["lua_rawseti"]!(this.#state, index, place);
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
    return this.#c["lua_next"]!(this.#state, index) !== 0;
  }

  /** Makes the table on top the one in which chunks loaded from now on find their globals. */
  replaceGlobals(): void {
    this.#c["lua_replace"]!(this.#state, LUA.globals);
  }

  /** Sets the table on top as the metatable of another. */
  setMetatable(index: number): void {
    this.#c["lua_setmetatable"]!(this.#state, index);
  }

  /** Pushes a metatable, if there is one. */
  getMetatable(index: number): boolean {
    return this.#c["lua_getmetatable"]!(this.#state, index) !== 0;
  }

  /** The same object? */
  isSame(a: number, b: number): boolean {
    return this.#c["lua_rawequal"]!(this.#state, a, b) !== 0;
  }

  /** Keeps the value on top in the registry; returns the number by which `getAt(LUA.registry)` finds it. */
  keep(): number {
    return this.#c["luaL_ref"]!(this.#state, LUA.registry);
  }

  release(reference: number): void {
    this.#c["luaL_unref"]!(this.#state, LUA.registry, reference);
  }

  /** `file:line:` of the running function `level` calls up, "" when it has none. */
  where(level: number): string {
    this.#c["luaL_where"]!(this.#state, level);
    const text = this.bytes(-1) ?? "";
    this.pop();
    return text;
  }

  // -- memory ---------------------------------------------------------------------------------------

  /** Views of memory are dead once it has grown. */
  #refresh(): void {
    if (!this.#hasGrown) return;
    this.#hasGrown = false;
    this.#bytes = bufferOver(this.#memory.buffer);
    this.#words = new Int32Array(this.#memory.buffer);
  }

  /** Writes bytes to the scratch area behind `offset`; returns where. */
  #put(text: string, offset: number): number {
    const { length } = text;
    if (offset + length + 16 > this.#scratchBytes) this.#enlarge(offset + length + 16);
    this.#refresh();
    const at = this.#scratch + offset;
    const bytes = this.#bytes;
    if (length > LOOP_MAX) bytes.latin1Write(text, at, length);
    else for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
    return at;
  }

  #enlarge(count: number): void {
    const size = Math.max(SCRATCH_BYTES_MIN, 2 ** Math.ceil(Math.log2(count)));
    const at = this.#c["realloc"]!(this.#scratch, size);
    if (at === 0) throw new LuaError("not enough memory");
    this.#scratch = at;
    this.#scratchBytes = size;
  }

  #take(at: number, length: number): string {
    const bytes = this.#bytes;
    if (length > LOOP_MAX) return bytes.latin1Slice(at, at + length);
    let text = "";
    for (let i = at; i < at + length; i++) text += CHARACTERS[bytes[i]!]!;
    return text;
  }

  // -- what the interpreter asks of us ---------------------------------------------------------------

  #call(state: number): number {
    const outer = this.#state;
    this.#state = state;
    try {
      return this.#host.call(this.number(FIRST_UPVALUE));
    } catch (error) {
      this.#catch(error);
      return this.#c["lua_error"]!(state);
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
      this.#c["lua_error"]!(state);
    } finally {
      this.#state = outer;
    }
  }

  /** Lets pass what is not to become an error of Lua's. */
  #catch(error: unknown): void {
    if (error instanceof LuaError) return;
    if (error !== LONGJMP) this.isBroken = true;
    throw error;
  }

  #imports(): Record<string, Record<string, unknown>> {
    const refuse = (): number => -ENOSYS;
    const env: Record<string, unknown> = {
      invoke_vii: (index: number, a: number, b: number) => this.#invoke(index, a, b),
      _emscripten_throw_longjmp: () => {
        // Not an Error: it is caught by the invoke_vii above it, and must cost nothing.
        // oxlint-disable-next-line typescript/only-throw-error
        throw LONGJMP;
      },
      emscripten_resize_heap: (bytes: number) => this.#grow(bytes >>> 0),
      emscripten_memcpy_js: (to: number, from: number, count: number) => {
        this.#refresh();
        this.#bytes.copyWithin(to, from, from + count);
      },
      emscripten_date_now: () => this.#host.nowMs(),
      _emscripten_get_now_is_monotonic: () => 0,
      exit: () => {
        this.isBroken = true;
        throw new Error("the Lua interpreter has ended");
      },
    };
    for (const name of UNAVAILABLE) env[name] = refuse;
    const wasi: Record<string, unknown> = {};
    for (const name of UNAVAILABLE_WASI) wasi[name] = () => ENOSYS;
    return { env, wasi_snapshot_preview1: wasi };
  }

  /** setjmp: calls a function that a longjmp may leave. */
  #invoke(index: number, a: number, b: number): void {
    const stack = this.#c["stackSave"]!();
    try {
      this.#table.get(index)!(a, b);
    } catch (error) {
      this.#c["stackRestore"]!(stack);
      if (error !== LONGJMP) throw error;
      this.#c["setThrew"]!(1, 0);
    }
  }

  #grow(bytes: number): number {
    const before = this.#memory.buffer.byteLength;
    if (bytes > this.#bytesMax) return 0;
    const wanted = Math.min(Math.max(bytes, before * 1.25), this.#bytesMax);
    try {
      this.#memory.grow(Math.ceil((wanted - before) / PAGE_BYTES));
      this.#hasGrown = true;
      return 1;
    } catch (error) {
      if (error instanceof RangeError) return 0;
      throw error;
    }
  }
}

const FIRST_UPVALUE = LUA.globals - 1;
const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, code) =>
  String.fromCharCode(code),
);

/** Files, processes and calendars: there are none here. */
const UNAVAILABLE = (
  "strftime __syscall_openat __syscall_fcntl64 __syscall_ioctl __syscall_dup3 __syscall_unlinkat " +
  "__syscall_rmdir __syscall_renameat _emscripten_system __syscall_readlinkat _tzset_js _mktime_js " +
  "_localtime_js _gmtime_js"
).split(" ");
const UNAVAILABLE_WASI = "fd_write fd_read fd_close environ_sizes_get environ_get fd_seek".split(
  " ",
);
