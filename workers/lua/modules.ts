/**
 * The Lua interpreter as compiled modules. WebAssembly cannot be compiled from bytes at run time on the
 * platform, so both are imports: the bundler leaves them beside the Worker. `host.wasm` is host.wat.
 */
import type { LuaModules } from "../../shared/lua/machine.ts";
import host from "./host.wasm";
import lua from "./lua.wasm";

export const LUA_MODULES: LuaModules = {
  lua: (imports) => new WebAssembly.Instance(lua, imports as WebAssembly.Imports).exports,
  host: (imports) => new WebAssembly.Instance(host, imports as WebAssembly.Imports).exports,
};
