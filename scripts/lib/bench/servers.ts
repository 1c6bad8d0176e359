// The three contestants, each on free ports, in a folder and a process group of its own.

import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import path from "node:path";
import { bundle } from "../bundle.ts";
import { claimPort } from "../ports.ts";
import { type Listener, startWorkerd } from "../workerd.ts";
import { Client, HOST, until } from "./client.ts";
import { Groups } from "./groups.ts";

export type Server = {
  /** RESP over TCP. */
  readonly port: number;
  /** HTTP; Redis has none. */
  readonly httpPort: number | undefined;
  /** What a replica of the same kind is told: the arguments of REPLICAOF. */
  readonly address: readonly string[];
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
      const child = spawn("redis-server", args, { detached: true, stdio: "ignore" });
      this.#groups.add(child, "redis-server");
      await listening(child, port);
      const address = [HOST, `${port}`];
      const kill = (): Promise<void> => this.#groups.kill(child);
      return { port, httpPort: undefined, address, folder: place, kill };
    });
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
      const server = { folder: place, data, listeners, variables, isApart: true };
      const { child } = await startWorkerd(server, (child) => this.#groups.add(child, worker));
      const address = [`ws://${HOST}:${httpPort}/resp?node=${NODE}`];
      const kill = (): Promise<void> => this.#groups.kill(child);
      return { port, httpPort, address, folder: place, kill };
    });
  }

  async #newFolder(kind: string): Promise<string> {
    const folder = path.join(this.#groups.folder, `${kind}-${++this.#folders}`);
    await mkdir(folder);
    return folder;
  }
}

async function withFreshPorts(start: () => Promise<Server>): Promise<Server> {
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
  await until("redis-server", async () => {
    if (child.exitCode !== null) throw new Error(`redis-server ended with code ${child.exitCode}`);
    try {
      (await Client.connect(port)).close();
      return true;
    } catch {
      return false;
    }
  });
}
