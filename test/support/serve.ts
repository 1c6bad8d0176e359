// `npm start` for one test file: in a process group of its own, on free ports, on a state folder of its
// own. It can crash and come back where it was.
//
//   const served = await serve({ standalone: true });
//   served.ports.master; served.http;
//   await served.kill9(); await served.restart();
//   await served.stop();

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";

import { type Child, startChild } from "./child.ts";
import { until } from "./until.ts";

export const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MAX_MS = 30_000;
const PORT_TRIES_MAX = 5;
const PORT_MIN = 20_000;
const PORT_MAX = 32_000;

export type ServeOptions = {
  readonly standalone?: boolean;
  readonly replicas?: readonly string[];
  readonly password?: string;
};

/** A line that a node writes for its operator. */
export type LogLine = Readonly<Record<string, string | number | boolean>> & {
  readonly event: string;
  readonly node: string;
};

export type Served = {
  /** As in `http://127.0.0.1:8787`. */
  readonly http: string;
  /** Its folder, which stands on the command line of all its processes. */
  readonly state: string;
  /** RESP ports by node. */
  readonly ports: Readonly<Record<string, number>> & { readonly master: number };
  /** What it said since it was last started. */
  output(): string;
  /** What its nodes said since it was last started. */
  log(): LogLine[];
  /** Resident memory of workerd, in bytes. */
  residentBytes(): number;
  /** SIGKILL to everything at once. */
  kill9(): Promise<void>;
  /** Again, on the same folder and ports, after `kill9` or `end`. */
  restart(): Promise<void>;
  /** SIGTERM, as an operator would; resolves with the exit code. The folder stays. */
  end(): Promise<number>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
};

/** The command of `npm start` as tests run it: on the pinned Node, without npm in between. */
export function startCommand(args: readonly string[]): [string, ...string[]] {
  return [process.execPath, path.join(ROOT, "scripts/serve.ts"), ...args];
}

/** Resolves once it says that it is ready. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const replicas = options.replicas ?? ["weur", "apac"];
  const state = mkdtempSync(path.join(tmpdir(), "antipode-serve-"));
  const { child: first, httpPort, redisPort } = await startSomewhere(options, { state, replicas });
  let child = first;
  const names = ["master", ...replicas];
  const ports = Object.fromEntries(names.map((name, i) => [name, redisPort + i]));
  return {
    http: `http://127.0.0.1:${httpPort}`,
    state,
    ports: { ...ports, master: redisPort },
    output: () => child.output(),
    log: () => logOf(child.output()),
    residentBytes: () => residentBytesOf(state),
    kill9: async () => {
      await child.kill();
      // The group's first process is gone; the kernel may still be busy with the others.
      await until("the end of all", () => processesOn(state).length === 0);
    },
    restart: async () => {
      child = launch(options, { state, replicas, httpPort, redisPort });
      await ready(child);
    },
    end: async () => {
      await child.stop();
      return await child.ended;
    },
    stop: async () => {
      await child.stop();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

type Place = {
  readonly state: string;
  readonly replicas: readonly string[];
  readonly httpPort: number;
  readonly redisPort: number;
};

/** Between asking for free ports and their use another process may take them: then ask again. */
async function startSomewhere(
  options: ServeOptions,
  { state, replicas }: { state: string; replicas: readonly string[] },
): Promise<{ child: Child; httpPort: number; redisPort: number }> {
  for (let tries = 1; ; tries++) {
    const httpPort = await freePorts(replicas.length + 2);
    const redisPort = httpPort + 1;
    const child = launch(options, { state, replicas, httpPort, redisPort });
    try {
      await ready(child);
      return { child, httpPort, redisPort };
    } catch (error) {
      await child.kill();
      if (tries === PORT_TRIES_MAX || !child.output().includes("is in use")) throw error;
    }
  }
}

function launch(options: ServeOptions, place: Place): Child {
  const { state, replicas, httpPort, redisPort } = place;
  const args = ["--http-port", `${httpPort}`, "--redis-port", `${redisPort}`, "--state", state];
  args.push(`--replicas=${replicas.join(",")}`);
  if (options.standalone === true) args.push("--standalone");
  if (options.password !== undefined) args.push("--password", options.password);
  return startChild(startCommand(args), { cwd: ROOT });
}

async function ready(child: Child): Promise<void> {
  let hasEnded = false;
  void child.ended.then(() => (hasEnded = true));
  await until("`ready`", () => hasEnded || /^ready /m.test(child.output()), {
    timeoutMs: START_MAX_MS,
  });
  if (hasEnded) throw new Error(`npm start ended:\n${child.output()}`);
}

/**
 * The first of `count` ports in a row that are free now. Below the range that outgoing connections
 * are numbered from, so that none of those takes a port while its server is down.
 */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN - count));
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => {
      server.close(() => done(true));
    });
  });
}

function logOf(output: string): LogLine[] {
  const lines = output.split("\n").filter((line) => line.startsWith('{"event":'));
  return lines.map((line) => JSON.parse(line) as LogLine);
}

/** Of the workerd that runs on this state folder. */
function residentBytesOf(state: string): number {
  const pid = processesOn(state).find(({ program }) => program === "workerd")?.pid;
  if (pid === undefined) throw new Error("workerd does not run");
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** What runs with this state folder on its command line: npm start, and its workerd. */
export function processesOn(state: string): { pid: string; program: string }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const [program = "", ...args] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
      // The shell that startChild puts around it has the same arguments.
      const isOurs =
        program !== "/bin/sh" && args.some((arg) => arg === state || arg.startsWith(`${state}/`));
      return isOurs ? [{ pid, program: path.basename(program) }] : [];
    } catch {
      return []; // it ended while we looked
    }
  });
}
