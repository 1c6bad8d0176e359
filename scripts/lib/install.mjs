// Runs `npm ci` when node_modules does not hold what package-lock.json asks for. npm leaves its own
// record of what it installed, so installing by hand counts too, and no stamp of ours can be wrong.

import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** How often we look whether another process that installs has finished. */
const POLL_MS = 200;

/**
 * False when the installation failed; npm's output has then been shown on stderr.
 *
 * @param {string} root the folder of package-lock.json
 * @returns {Promise<boolean>}
 */
export async function installIfMissing(root) {
  if (isInstalled(root)) return true;
  const release = await lock(path.join(root, ".npm-ci.pid"));
  try {
    if (isInstalled(root)) return true; // another process was faster
    process.stderr.write("antipode: installing dependencies (npm ci) ...\n");
    const startedMs = performance.now();
    const { code, output } = await npmCi(root);
    if (code !== 0) {
      process.stderr.write(`${output}antipode: npm ci failed (exit code ${code})\n`);
      return false;
    }
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    process.stderr.write(`antipode: installed in ${seconds} s\n`);
    return true;
  } finally {
    release();
  }
}

/** @param {string} root */
function isInstalled(root) {
  const wanted = readPackages(path.join(root, "package-lock.json"));
  const installed = readPackages(path.join(root, "node_modules/.package-lock.json"));
  return wanted === undefined || (installed !== undefined && isSatisfied(wanted, installed));
}

/**
 * Whether each wanted package is installed in its version, and none that is not wanted. A missing
 * optional one is in order: those are the binaries for other platforms.
 *
 * @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages
 * @param {Packages} wanted
 * @param {Packages} installed
 */
export function isSatisfied(wanted, installed) {
  for (const [where, want] of Object.entries(wanted)) {
    if (where === "") continue; // the project itself, which only package-lock.json lists
    const have = installed[where];
    if (have === undefined && want.optional === true) continue;
    if (have?.version !== want.version) return false;
    // Some binaries for other platforms stand in the lock file without a checksum.
    if (want.integrity !== undefined && have?.integrity !== want.integrity) return false;
  }
  return Object.keys(installed).every((where) => where in wanted);
}

/**
 * @param {string} file
 * @returns {Packages | undefined}
 */
function readPackages(file) {
  if (!existsSync(file)) return undefined;
  /** @type {{ packages: Packages }} */
  const lock = JSON.parse(readFileSync(file, "utf8"));
  return lock.packages;
}

/**
 * npm must not run on the Node it is about to delete: `npm run` puts node_modules/.bin in front of
 * PATH, where a Node may stand from an earlier installation. Development packages and install
 * scripts are asked for by name, because NODE_ENV=production or a user's .npmrc may switch them off.
 *
 * @param {string} root
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function npmCi(root) {
  const own = path.join(root, "node_modules") + path.sep;
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const PATH = folders.filter((folder) => !folder.startsWith(own)).join(path.delimiter);
  const args = ["ci", "--include=dev", "--ignore-scripts=false", "--no-audit", "--no-fund"];

  return new Promise((done) => {
    const npm = spawn("npm", args, {
      cwd: root,
      env: { ...process.env, PATH },
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @param {NodeJS.Signals} signal */
    const stop = (signal) => void npm.kill(signal);
    process.on("SIGINT", stop).on("SIGTERM", stop);
    let output = "";
    npm.stdout.on("data", (chunk) => (output += chunk));
    npm.stderr.on("data", (chunk) => (output += chunk));
    npm.on("error", (error) => done({ code: null, output: `${output}npm: ${error.message}\n` }));
    npm.on("close", (code) => {
      process.off("SIGINT", stop).off("SIGTERM", stop);
      done({ code, output });
    });
  });
}

/**
 * One installation at a time: `npm start` and `npm test` typed into two terminals of a fresh clone
 * would otherwise delete each other's node_modules. The lock of a process that died counts for none.
 *
 * @param {string} file
 * @returns {Promise<() => void>} releases the lock
 */
async function lock(file) {
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
      if (isStale(file)) rmSync(file, { force: true });
      else await sleep(POLL_MS);
    }
  }
}

/** @param {string} file */
function isStale(file) {
  try {
    process.kill(Number(readFileSync(file, "utf8")), 0); // signal 0 only asks: is there such a process?
    return false;
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
