// `npm run check`: everything that can be said about the code without running it, in under a minute.
// All rows run even when one fails, so that one run shows all there is to mend.

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Each tool of node_modules/.bin with its arguments, quickest to tell first. */
const CHECKS = [
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "lint", command: ["oxlint", "--deny-warnings"] },
  { name: "types of shared", command: ["tsc", "-p", "shared"] },
  { name: "types of workers", command: ["tsc", "-p", "workers"] },
  { name: "types of bench", command: ["tsc", "-p", "bench"] },
  { name: "types of scripts", command: ["tsc", "-p", "scripts"] },
  { name: "types of test", command: ["tsc", "-p", "test"] },
  { name: "types of test/workers", command: ["tsc", "-p", "test/workers"] },
  { name: "unused code", command: ["knip"] },
  { name: "layers", command: ["vitest", "run", "--project", "unit", "test/layers.test.ts"] },
] as const;

const failed: string[] = [];
for (const { name, command } of CHECKS) {
  const startedMs = performance.now();
  const { code, output } = await run(command);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
  if (code === 0) continue;
  failed.push(name);
  console.log(output.trimEnd());
}

if (failed.length > 0) console.log(`check: ${failed.join(", ")} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** Output is kept back, because of a check that passes there is nothing worth reading. */
function run(command: readonly string[]): Promise<{ code: number | null; output: string }> {
  const [tool = "", ...args] = command;
  const program = `${ROOT}node_modules/.bin/${tool}`;
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", fail);
    child.on("close", (code) => done({ code, output }));
  });
}
