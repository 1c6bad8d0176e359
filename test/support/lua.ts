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

function compile(file: string | URL): LuaModules["lua"] {
  const module = new WebAssembly.Module(readFileSync(file));
  return (imports) => new WebAssembly.Instance(module, imports).exports;
}

/** Node's own, of which its types say less than we use. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports: unknown);
    readonly exports: Record<string, unknown>;
  }
}
