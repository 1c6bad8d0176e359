// Which part of the source may import which (DESIGN §3), and what shared/ may not say.

import path from "node:path";

import { blank, importsOf, lineAt } from "./source.ts";

/** From the top down: a file may import from its own layer and from those below it. */
const LAYERS = [
  "workers",
  "shared/replication",
  "shared/engine",
  "shared/rdb",
  "shared/types",
  "shared/resp",
  "shared/lua",
  "shared/base",
] as const;

/** What would make a replica see something its master did not, or let two commands interleave. */
const BANNED = [
  { word: "async", pattern: /\basync\b/g },
  { word: "await", pattern: /\bawait\b/g },
  { word: "Promise", pattern: /\bPromise\b/g },
  { word: "Date.now", pattern: /\bDate\s*\??\.\s*now\b/g },
  { word: "new Date", pattern: /\bnew\s+Date\b/g },
  { word: "Math.random", pattern: /\bMath\s*\??\.\s*random\b/g },
  { word: "performance.now", pattern: /\bperformance\s*\??\.\s*now\b/g },
  { word: "timers", pattern: /\b(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/g },
  { word: "crypto", pattern: /\bcrypto\s*\??\./g },
  { word: "console", pattern: /\bconsole\s*\??\./g },
] as const;

/**
 * What is wrong with one file, each as `path:line: what`; empty when all is well.
 * `file` is its path below the root, with slashes.
 */
export function violations(file: string, source: string): string[] {
  const at = (line: number, what: string): string => `${file}:${line}: ${what}`;
  const imports = importsOf(source).flatMap(({ specifier, line }) => {
    const why = refusal(file, specifier);
    return why === undefined ? [] : [at(line, `imports ${specifier}: ${why}`)];
  });
  if (!file.startsWith("shared/")) return imports;

  const code = blank(source);
  const words = BANNED.flatMap(({ word, pattern }) =>
    [...code.matchAll(pattern)].map((match) => at(lineAt(code, match.index), `says ${word}`)),
  );
  return [...imports, ...words];
}

function refusal(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) {
    return file.startsWith("shared/") ? "shared/ imports nothing from outside" : undefined;
  }
  const target = path.posix.join(path.posix.dirname(file), specifier);
  if (!/\.(ts|mjs|json|jsonc|txt|wasm)$/.test(target)) return "the extension is missing";
  if (file.startsWith("scripts/")) {
    return /^(scripts|shared)\//.test(target) ? undefined : "scripts/ imports shared/ only";
  }
  const from = layerOf(file);
  const to = layerOf(target);
  if (from < 0) return "the importing file is in no layer";
  if (to < 0) return "the imported file is in no layer";
  return to < from ? `${LAYERS[to]} is above ${LAYERS[from]}` : undefined;
}

function layerOf(file: string): number {
  return LAYERS.findIndex((layer) => file.startsWith(`${layer}/`));
}
