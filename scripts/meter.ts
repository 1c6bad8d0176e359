// npm run meter: makes workers/lua/lua.wasm, which is the interpreter of its package with a meter in it
// (lib/meter.ts). A test tells when the package has another interpreter than the one this was made of.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

import { meter } from "./lib/meter.ts";

const require = createRequire(import.meta.url);
const packaged = readFileSync(require.resolve("wasmoon-lua5.1/dist/liblua5.1.wasm"));
writeFileSync(new URL("../workers/lua/lua.wasm", import.meta.url), meter(packaged));
