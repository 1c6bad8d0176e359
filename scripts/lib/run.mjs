// Starts every npm script: installs what is missing, then runs the wanted program on the Node that
// package.json pins. Plain JavaScript without dependencies, because it runs on the system's Node
// (20 or newer) before anything is installed.
//
//   node scripts/lib/run.mjs scripts/serve.ts --http-port 0     a script of ours
//   node scripts/lib/run.mjs vitest run                         a tool from node_modules/.bin

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { installIfMissing } from "./install.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = path.join(ROOT, "node_modules/.bin");

const [program, ...args] = process.argv.slice(2);
if (program === undefined) fail("usage: run.mjs <script or tool> [arguments]");
if (!(await installIfMissing(ROOT))) process.exit(1);

const child = spawn(pinnedNode(), [resolve(program), ...args], {
  stdio: "inherit",
  // Whatever the program starts by the name "node" is the pinned one too.
  env: { ...process.env, PATH: `${BIN}${path.delimiter}${process.env["PATH"] ?? ""}` },
});

// A signal from the terminal reaches the whole process group, one sent by `kill` or a supervisor
// only us: so pass it on, and live until the child has ended in its own way.
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
  process.on(signal, () => child.kill(signal));
}
child.on("error", (error) => fail(`cannot start ${program}: ${error.message}`));
child.on("exit", (code, signal) => {
  process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]);
});

/** The npm package `node`; where it has no binary for this platform, a system Node that is enough. */
function pinnedNode() {
  const pinned = path.join(BIN, "node");
  if (existsSync(pinned)) return pinned;
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  return fail("needs Node 24, and its npm package has none for this platform: install Node 24");
}

/** @param {string} name a path below the root, or the name of an installed tool */
function resolve(name) {
  const file = /[./]/.test(name) ? path.resolve(ROOT, name) : path.join(BIN, name);
  return existsSync(file) ? file : fail(`there is no ${path.relative(ROOT, file)}`);
}

/**
 * @param {string} why
 * @returns {never}
 */
function fail(why) {
  process.stderr.write(`antipode: ${why}\n`);
  process.exit(1);
}
