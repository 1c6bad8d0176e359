// `npm start` for one test file: in a process group of its own, on free ports, on a state folder of its
// own. It can crash and come back where it was.
//
//   const served = await serve({ standalone: true });
//   served.ports.master; served.http;
//   await served.kill9(); await served.restart();
//   await served.stop();

import { readdirSync, readFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

import { type Child, startChild } from "./child.ts";

export const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MAX_MS = 30_000;
const POLL_MS = 20;

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
  const state = mkdtempSync(path.join(tmpdir(), "antipode-serve-"));
  const replicas = options.replicas ?? ["weur", "apac"];
  let child = launch(options, { state, replicas, httpPort: 0, redisPort: 0 });
  const found = addressesOf(await ready(child));
  const { httpPort, ports } = found;
  // Free ports need not follow each other: each must be asked for by itself again.
  const place = { state, replicas, httpPort, redisPort: ports.master };
  return {
    http: `http://127.0.0.1:${httpPort}`,
    ports,
    output: () => child.output(),
    log: () => logOf(child.output()),
    residentBytes: () => residentBytesOf(workerdOf(child)),
    kill9: () => child.kill(),
    restart: async () => {
      child = launch(options, place);
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
