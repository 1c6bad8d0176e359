/**
 * The C API of the interpreter's module, as far as it is used (lua.h, lauxlib.h, and what emscripten adds),
 * and what the module imports of us.
 */

/** Makes an instance of a compiled module: gives it its imports, returns its exports. */
type Instantiate = (imports: Record<string, Record<string, unknown>>) => Record<string, unknown>;

/** The two modules: whoever runs us brings them, as each platform loads them its own way. */
export interface LuaModules {
  readonly lua: Instantiate;
  readonly host: Instantiate;
}

const FUNCTIONS = [
  "__wasm_call_ctors",
  "emscripten_stack_init",
  "luaL_argerror",
  "luaL_loadbuffer",
  "luaL_newstate",
  "luaL_openlibs",
  "luaL_ref",
  "luaL_unref",
  "luaL_where",
  "lua_call",
  "lua_checkstack",
  "lua_createtable",
  "lua_error",
  "lua_gc",
  "lua_getmetatable",
  "lua_gettop",
  "lua_insert",
  "lua_iscfunction",
  "lua_isnumber",
  "lua_next",
  "lua_objlen",
  "lua_pcall",
  "lua_pushboolean",
  "lua_pushcclosure",
  "lua_pushlightuserdata",
  "lua_pushlstring",
  "lua_pushnil",
  "lua_pushnumber",
  "lua_pushvalue",
  "lua_rawget",
  "lua_rawgeti",
  "lua_rawset",
  "lua_rawseti",
  "lua_remove",
  "lua_replace",
  "lua_sethook",
  "lua_setmetatable",
  "lua_settop",
  "lua_toboolean",
  "lua_tolstring",
  "lua_tonumber",
  "lua_topointer",
  "lua_type",
  "realloc",
  "setThrew",
  "stackRestore",
  "stackSave",
] as const;

export type LuaApi = Readonly<Record<(typeof FUNCTIONS)[number], (...args: number[]) => number>>;

/** What host.wat has for us. */
export type HostApi = Readonly<
  Record<"push_texts" | "find_texts", (state: number, ...args: number[]) => void>
>;

/** An object of its own: the exports of a module are slow to look up. */
export function bind(exports: Record<string, unknown>): LuaApi {
  return Object.fromEntries(FUNCTIONS.map((name) => [name, exports[name]])) as LuaApi;
}

/** What the interpreter has us do. */
export interface Imported {
  /** setjmp: calls a function that a longjmp may leave. */
  invoke(index: number, a: number, b: number): void;
  /** Throws. */
  longjmp(): never;
  /** Whether there is memory for so many bytes now. */
  grow(bytes: number): boolean;
  copy(to: number, from: number, count: number): void;
  nowMs(): number;
  /** How much fuel there is from now on (scripts/lib/meter.ts). May throw, and nothing catches it. */
  refill(): number;
  /** Lua has given up: an error where none was expected. Throws. */
  exit(): never;
}

const ENOSYS = 52;

/** Files, processes and calendars: there are none here. */
const UNAVAILABLE = (
  "strftime __syscall_openat __syscall_fcntl64 __syscall_ioctl __syscall_dup3 __syscall_unlinkat " +
  "__syscall_rmdir __syscall_renameat _emscripten_system __syscall_readlinkat _tzset_js _mktime_js " +
  "_localtime_js _gmtime_js"
).split(" ");
const UNAVAILABLE_WASI = "fd_write fd_read fd_close environ_sizes_get environ_get fd_seek".split(
  " ",
);

export function importsFor(imported: Imported): Record<string, Record<string, unknown>> {
  const env: Record<string, unknown> = {
    invoke_vii: (index: number, a: number, b: number) => imported.invoke(index, a, b),
    _emscripten_throw_longjmp: () => imported.longjmp(),
    emscripten_resize_heap: (bytes: number) => (imported.grow(bytes >>> 0) ? 1 : 0),
    emscripten_memcpy_js: (to: number, from: number, count: number) =>
      imported.copy(to, from, count),
    emscripten_date_now: () => imported.nowMs(),
    _emscripten_get_now_is_monotonic: () => 0,
    exit: () => imported.exit(),
  };
  for (const name of UNAVAILABLE) env[name] = () => -ENOSYS;
  const wasi: Record<string, unknown> = {};
  for (const name of UNAVAILABLE_WASI) wasi[name] = () => ENOSYS;
  const meter = { refill: () => imported.refill() };
  return { env, wasi_snapshot_preview1: wasi, meter };
}
