// Runs workerd on a configuration made of a few facts, and says when it listens.

import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import workerd from "workerd";
import { MAIN_MODULE } from "./bundle.ts";

/** Path of the executable. */
const WORKERD = workerd.default;

export const COMPATIBILITY_DATE = "2026-11-17";

export type Listener = {
  readonly name: string;
  readonly address: string;
  /** HTTP, or raw TCP that goes to the entrypoint `Tcp` with these properties. */
  readonly tcp?: Readonly<Record<string, string>>;
};

export type Server = {
  /** Folder for the configuration; the Worker is there, as `bundle` makes it. */
  readonly folder: string;
  /** Folder of the objects' databases. */
  readonly data: string;
  readonly listeners: readonly Listener[];
  /** Variables of the Worker. Their values go by the environment: the password must not touch a disk. */
  readonly variables: Readonly<Record<string, string>>;
  /** Starts it instead of `spawn`; then it shows no output, and whoever starts it ends it. */
  readonly launch?: Launch;
};

export type Launch = (program: string, args: readonly string[], how: SpawnOptions) => ChildProcess;

export type Running = {
  readonly child: ChildProcess;
  /** Settles with the exit code. */
  readonly ended: Promise<number>;
};

/** Starts workerd and resolves once every listener listens; rejects with what workerd said instead. */
export async function startWorkerd(server: Server): Promise<Running> {
  const file = path.join(server.folder, "config.capnp");
  const wasm = (await readdir(server.folder)).filter((name) => name.endsWith(".wasm"));
  await writeFile(file, configOf(server, wasm));
  const { launch } = server;
  const isQuiet = launch !== undefined;
  const child = (launch ?? spawn)(WORKERD, ["serve", "--control-fd=3", file, "config"], {
    stdio: ["ignore", isQuiet ? "ignore" : "inherit", "pipe", "pipe"],
    env: { ...process.env, ...environmentOf(server) },
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (!isQuiet) process.stderr.write(text);
    errors = (errors + text).slice(-4000);
  });
  const ended = new Promise<number>((done) => child.once("exit", (code) => done(code ?? 1)));
  await new Promise<void>((listening, failed) => {
    let heard = "";
    child.stdio[3]?.on("data", (data: Buffer) => {
      heard += data.toString("utf8");
      if (heard.split('"event":"listen"').length > server.listeners.length) listening();
    });
    child.once("error", failed);
    void ended.then((code) =>
      failed(new Error(errors.trim() || `workerd ended with code ${code}`)),
    );
  });
  return { child, ended };
}

function configOf({ data, listeners, variables }: Server, wasm: readonly string[]): string {
  const modules = [
    `( name = "${MAIN_MODULE}", esModule = embed "${MAIN_MODULE}" )`,
    ...wasm.map((name) => `( name = "${name}", wasm = embed "${name}" )`),
  ];
  const text = (value: string): string => JSON.stringify(value);
  const sockets = listeners.map(({ name, address, tcp }) => {
    const at = `name = ${text(name)}, address = ${text(address)}`;
    if (tcp === undefined) return `( ${at}, http = (), service = "main" )`;
    const props = `props = ( json = ${text(JSON.stringify(tcp))} )`;
    return `( ${at}, tcp = (), service = ( name = "main", entrypoint = "Tcp", ${props} ) )`;
  });
  const bindings = Object.keys(variables).map((name) => {
    return `( name = ${text(name)}, fromEnvironment = ${text(environmentName(name))} )`;
  });
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ( name = "main", worker = .main ),
    ( name = "net", network = ( allow = ["public", "private", "local"],
                                tlsOptions = ( trustBrowserCas = true ) ) ),
    ( name = "disk", disk = ( path = ${text(path.resolve(data))}, writable = true ) ),
  ],
  sockets = [
    ${sockets.join(",\n    ")}
  ]
);
const main :Workerd.Worker = (
  modules = [
    ${modules.join(",\n    ")}
  ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [
    ( name = "NODE", durableObjectNamespace = "Node" ),
    ${bindings.join(",\n    ")}
  ],
  durableObjectNamespaces = [
    ( className = "Node", uniqueKey = "antipode-Node", enableSql = true, preventEviction = true )
  ],
  durableObjectStorage = ( localDisk = "disk" ),
  globalOutbound = "net"
);
`;
}

const environmentName = (variable: string): string => `ANTIPODE_WORKER_${variable}`;

function environmentOf({ variables }: Server): Record<string, string> {
  const entries = Object.entries(variables).map(([name, value]) => [environmentName(name), value]);
  return Object.fromEntries(entries) as Record<string, string>;
}
