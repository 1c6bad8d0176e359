/**
 * The Lua interpreter as compiled modules. WebAssembly cannot be compiled from bytes at run time on the
 * platform, so both are imports: the bundler leaves them beside the Worker. `host.wasm` re-exports two
 * imported functions and nothing else (shared/lua/machine.ts says why); its text is
 *
 *     (module (import "host" "call" (func (param i32) (result i32)))
 *             (import "host" "hook" (func (param i32 i32)))
 *             (export "call" (func 0)) (export "hook" (func 1)))
 */
import lua from "wasmoon-lua5.1/dist/liblua5.1.wasm";
import type { LuaModules } from "../../shared/lua/machine.ts";
import host from "./host.wasm";

export const LUA_MODULES: LuaModules = {
  lua: (imports) => new WebAssembly.Instance(lua, imports as WebAssembly.Imports).exports,
  host: (imports) => new WebAssembly.Instance(host, imports as WebAssembly.Imports).exports,
};
