// The Lua interpreter's modules, compiled by Node.

import { readFileSync } from "node:fs";

import type { LuaModules } from "../../shared/lua/machine.ts";

const FOLDER = new URL("../../workers/lua/", import.meta.url);
let modules: LuaModules | undefined;

export function luaModules(): LuaModules {
  modules ??= {
    lua: compiled(readFileSync(new URL("lua.wasm", FOLDER))),
    host: compiled(readFileSync(new URL("host.wasm", FOLDER))),
  };
  return modules;
}

/** Node's own WebAssembly, of which its types say less than we use. */
interface Platform {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (
      module: object,
      imports: unknown,
    ) => { readonly exports: Record<string, unknown> };
  };
}
const { Module, Instance } = (globalThis as unknown as Platform).WebAssembly;

/** A module of WebAssembly. */
export function compiled(bytes: Uint8Array): LuaModules["lua"] {
  const module = new Module(bytes);
  return (imports) => new Instance(module, imports).exports;
}
