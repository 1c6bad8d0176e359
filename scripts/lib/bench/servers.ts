// The contestants, each on free ports, in a folder and a process group of its own.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../bundle.ts";
import { claimPort } from "../ports.ts";
import { type Launch, type Listener, startWorkerd } from "../workerd.ts";
import { Client, HOST, until } from "./client.ts";
import { Groups } from "./groups.ts";

export type Server = {
  /** RESP over TCP. */
  readonly port: number;
  /** HTTP; Redis has none. */
  readonly httpPort: number | undefined;
  /** The group of its processes. */
  readonly group: number;
  /** Where replicas of the same kind come in, and what they are told: the arguments of REPLICAOF. */
  readonly entryPort: number;
  addressAt(port: number): readonly string[];
  /** Where its data is: started again with it, a server has the same data. */
  readonly folder: string;
  /** SIGKILL. */
  kill(): Promise<void>;
};

/**
 * The same promise as ours: what is answered is on the disk. A full sync begins at once, as ours does; stock
 * Redis waits five seconds for more replicas to come.
 */
const REDIS_SETTINGS = {
  appendonly: "yes",
  appendfsync: "always",
  save: "",
  "repl-diskless-sync-delay": "0",
};

/** Between the claim of a port and its use another process may take it. */
const PORT_TRIES_MAX = 5;

const NODE = "master";
const SERVE = fileURLToPath(new URL("../../serve.ts", import.meta.url));
const BRIDGE = fileURLToPath(new URL("../../bridge.ts", import.meta.url));

export class Servers {
  readonly #groups: Groups;
  #folders = 0;

  private constructor(groups: Groups) {
    this.#groups = groups;
  }

  /** Builds both Workers. */
  static async open(): Promise<Servers> {
    const groups = await Groups.open();
    try {
      await bundle("workers/index.ts", path.join(groups.folder, "ours"));
      await bundle("bench/floor.ts", path.join(groups.folder, "floor"));
    } catch (error) {
      await groups.close();
      throw error;
    }
    return new Servers(groups);
  }

  /** Our node, a master without replicas, until it is told otherwise. */
  async ours(folder?: string): Promise<Server> {
    return await this.#workerd("ours", folder);
  }

  async floor(): Promise<Server> {
    return await this.#workerd("floor");
  }

  /** Resolves once the process runs; it may still be loading. */
  async redis(folder?: string): Promise<Server> {
    const place = folder ?? (await this.#newFolder("redis"));
    return await withFreshPorts(async () => {
      const port = await claimPort(HOST, 0);
      const settings = { bind: HOST, port: `${port}`, dir: place, ...REDIS_SETTINGS };
      const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
      const child = this.#groups.start("redis-server", args, { stdio: "ignore" });
      await listening(child, port);
      return this.#serverOf(child, {
        port,
        httpPort: undefined,
        entryPort: port,
        addressAt: (entry) => [HOST, `${entry}`],
        folder: place,
      });
    });
  }

  of(kind: "ours" | "redis", folder?: string): Promise<Server> {
    return kind === "ours" ? this.ours(folder) : this.redis(folder);
  }

  /** A new folder with the same data. Nobody may be writing it. */
  async copyOf(folder: string): Promise<string> {
    const copy = await this.#newFolder("copy");
    await cp(folder, copy, { recursive: true });
    return copy;
  }

  /** HTTP in front of a redis-server: https://webd.is */
  async webdis(redis: Server): Promise<{ readonly httpPort: number }> {
    const place = await this.#newFolder("webdis");
    return await withFreshPorts(async () => {
      const httpPort = await claimPort(HOST, 0);
      const settings = {
        redis_host: HOST,
        redis_port: redis.port,
        http_host: HOST,
        http_port: httpPort,
        threads: 2,
        daemonize: false,
        database: 0,
        verbosity: 0,
        logfile: path.join(place, "webdis.log"),
      };
      const file = path.join(place, "webdis.json");
      await writeFile(file, JSON.stringify(settings));
      const child = this.#groups.start("webdis", [file], { stdio: "ignore" });
      await listening(child, httpPort);
      return { httpPort };
    });
  }

  /** `npm start` on new data, until it says `ready`; then it is ended. */
  async readyOnce(): Promise<void> {
    const state = path.join(await this.#newFolder("serve"), "state");
    const args = ["--http-port", "0", "--redis-port", "0", "--state", state];
    const { child } = await this.#untilReady(SERVE, args);
    await this.#groups.kill(child);
  }

  /** `npm run bridge` to a server of ours: its port. */
  async bridge({ httpPort }: Server, ...args: readonly string[]): Promise<number> {
    const url = `http://${HOST}:${httpPort}`;
    const { said } = await this.#untilReady(BRIDGE, [url, "--port", "0", ...args]);
    return Number(/:(\d+) ->/.exec(said)?.[1]);
  }

  /** Starts a script of ours, until it says `ready`. */
  async #untilReady(
    script: string,
    args: readonly string[],
  ): Promise<{ child: ChildProcess; said: string }> {
    const child = this.#groups.start(process.execPath, [script, ...args], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    await new Promise<void>((ready, failed) => {
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (/^ready .*\n/m.test(said)) ready();
      });
      child.once("exit", () => failed(new Error(`${script} ended before it was ready`)));
    });
    return { child, said };
  }

  /** Runs a program that ends by itself; rejects when it fails or takes too long. */
  async run(
    program: string,
    args: readonly string[],
    { timeoutMs }: { timeoutMs: number },
  ): Promise<{ readonly stdout: string; readonly stderr: string }> {
    const child = this.#groups.start(program, args, {
      isBrief: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const timer = setTimeout(() => void this.#groups.kill(child), timeoutMs);
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => (said[name] += text));
    }
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    clearTimeout(timer);
    if (code === 0) return said;
    const why = `${said.stdout}${said.stderr}`.trim().slice(-300);
    throw new Error(`${program} ended with ${code ?? signal}: ${why}`);
  }

  /** What ended without being asked to, in words. */
  get deaths(): readonly string[] {
    return this.#groups.deaths;
  }

  /** Ends all that run. */
  stopAll(): Promise<void> {
    return this.#groups.stopAll();
  }

  /** Ends all that run, and removes what they wrote. */
  close(): Promise<void> {
    return this.#groups.close();
  }

  async #workerd(worker: "ours" | "floor", folder?: string): Promise<Server> {
    const place = folder ?? (await this.#newFolder(worker));
    const data = path.join(place, "data");
    await mkdir(data, { recursive: true });
    await cp(path.join(this.#groups.folder, worker), place, { recursive: true });
    return await withFreshPorts(async () => {
      const [port, httpPort] = [await claimPort(HOST, 0), await claimPort(HOST, 0)];
      const listeners: Listener[] = [
        { name: "http", address: `${HOST}:${httpPort}` },
        { name: NODE, address: `${HOST}:${port}`, tcp: { node: NODE } },
      ];
      const variables = {
        REPLICAS: "",
        REDIS_PASSWORD: "",
        STANDALONE: "1",
        LOOPBACK: "1",
        PORTS: JSON.stringify({ [NODE]: port }),
      };
      const launch: Launch = (program, args, how) => this.#groups.start(program, args, how);
      const server = { folder: place, data, listeners, variables, launch };
      const { child } = await startWorkerd(server);
      return this.#serverOf(child, {
        port,
        httpPort,
        entryPort: httpPort,
        addressAt: (entry) => [`ws://${HOST}:${entry}/resp?node=${NODE}`],
        folder: place,
      });
    });
  }

  #serverOf(child: ChildProcess, facts: Omit<Server, "group" | "kill">): Server {
    return { ...facts, group: child.pid ?? 0, kill: () => this.#groups.kill(child) };
  }

  async #newFolder(kind: string): Promise<string> {
    const folder = path.join(this.#groups.folder, `${kind}-${++this.#folders}`);
    await mkdir(folder);
    return folder;
  }
}

async function withFreshPorts<T>(start: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await start();
    } catch (error) {
      if (tries === PORT_TRIES_MAX) throw error;
    }
  }
}

/** Resolves once the server accepts connections; rejects when it ends instead. */
async function listening(child: ChildProcess, port: number): Promise<void> {
  await until("a server", async () => {
    if (child.exitCode !== null) throw new Error(`it ended with code ${child.exitCode}`);
    try {
      (await Client.connect(port)).close();
      return true;
    } catch {
      return false;
    }
  });
}
