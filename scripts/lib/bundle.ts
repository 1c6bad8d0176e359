// Builds the Worker into one module, as it runs under workerd here and on the platform, and puts what it
// imports of WebAssembly beside it.

import { build, type Plugin } from "esbuild";
import { copyFile, mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The module that `bundle` makes; modules of WebAssembly beside it end in `.wasm`. */
export const MAIN_MODULE = "worker.js";

/** Bundles an entry module (from the project's root) into a folder, which is made. */
export async function bundle(entry: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const outfile = path.join(folder, MAIN_MODULE);
  await build({
    entryPoints: [path.join(ROOT, entry)],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    keepNames: false,
    plugins: [besideIn(folder)],
    logLevel: "error",
  });
}

/** Leaves imports of WebAssembly as they are, and copies the files to where they are found then. */
function besideIn(folder: string): Plugin {
  return {
    name: "wasm-beside",
    setup: ({ onResolve }) => {
      onResolve({ filter: /\.wasm$/ }, async ({ path: specifier, importer }) => {
        const file = createRequire(importer).resolve(specifier);
        const name = path.basename(file);
        await copyFile(file, path.join(folder, name));
        return { path: `./${name}`, external: true };
      });
    },
  };
}
