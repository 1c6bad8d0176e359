// The Lua interpreter's modules, compiled by Node.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { LuaModules } from "../../shared/lua/machine.ts";

const require = createRequire(import.meta.url);
let modules: LuaModules | undefined;

export function luaModules(): LuaModules {
  modules ??= {
    lua: compile(require.resolve("wasmoon-lua5.1/dist/liblua5.1.wasm")),
    host: compile(new URL("../../workers/lua/host.wasm", import.meta.url)),
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

function compile(file: string | URL): LuaModules["lua"] {
  const module = new Module(readFileSync(file));
  return (imports) => new Instance(module, imports).exports;
}
