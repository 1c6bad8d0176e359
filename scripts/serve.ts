// npm start: serves a database and its replicas on this machine, with workerd itself.

import { bundle } from "./lib/bundle.ts";
import { flag, integer, list, readCommandLine, text } from "./lib/options.ts";
import { claimPort } from "./lib/ports.ts";
import { takeStateFolder } from "./lib/state-folder.ts";
import { type Listener, startWorkerd } from "./lib/workerd.ts";

const { options } = readCommandLine({
  name: "npm start --",
  summary: "Serves a database and its replicas on this machine until it is stopped.",
  options: {
    host: text("ADDRESS", "where to listen", { default: "127.0.0.1" }),
    httpPort: integer("PORT", "HTTP; 0 picks a free one", { default: 8787, max: 65535 }),
    redisPort: integer("PORT", "RESP of the master; replicas follow in order; 0 picks free ones", {
      default: 6379,
      max: 65535,
    }),
    replicas: list("NAMES", "replicas, named by region", { default: ["weur", "apac"] }),
    state: text("FOLDER", "where the data is kept", { default: ".antipode" }),
    password: text("PW", "asked of every client", { default: "", env: "REDIS_PASSWORD" }),
    standalone: flag("every node starts as a master of its own (for SLAVEOF by hand)"),
  },
});

const MASTER = "master";
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const NODE_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const STOP_GRACE_MS = 500;

try {
  process.exitCode = await serve();
} catch (error) {
  process.stderr.write(`npm start: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

/** Serves until a signal or until workerd ends; returns the exit code. */
async function serve(): Promise<number> {
  const isLoopback = LOOPBACK.test(options.host);
  if (!isLoopback && options.password === "") {
    throw new Error(`--host ${options.host} can be reached by others: it needs a --password`);
  }
  const nodes = nodesOf(options.replicas);
  const httpPort = await claim("--http-port", options.httpPort);
  const ports: Record<string, number> = {};
  for (const [i, node] of nodes.entries()) {
    ports[node] = await claim("--redis-port", options.redisPort === 0 ? 0 : options.redisPort + i);
  }
  const folder = await takeStateFolder(options.state);
  await bundle("workers/index.ts", folder.run);

  const shownHost = options.host.includes(":") ? `[${options.host}]` : options.host;
  const listeners: Listener[] = [
    { name: "http", address: `${shownHost}:${httpPort}` },
    ...nodes.map((node) => ({
      name: node,
      address: `${shownHost}:${ports[node]}`,
      tcp: { node },
    })),
  ];
  const { child, ended } = await startWorkerd({
    folder: folder.run,
    data: folder.data,
    listeners,
    variables: {
      REPLICAS: nodes.slice(1).join(","),
      REDIS_PASSWORD: options.password,
      STANDALONE: options.standalone ? "1" : "0",
      LOOPBACK: isLoopback ? "1" : "0",
      PORTS: JSON.stringify(ports),
    },
  });
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      isStopping = true;
      child.kill("SIGTERM");
      // workerd waits for clients to leave, which may be never. What was answered is durable already.
      setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS).unref();
    });
  }
  const http = `http://${shownHost}:${httpPort}`;
  await wakeNodes(http, nodes);
  const urls = nodes.map((node) => `redis://${shownHost}:${ports[node]} (${node})`);
  process.stdout.write(`ready  ${[http, ...urls].join("  ")}\n`);

  const code = await ended;
  await folder.release();
  return isStopping ? 0 : code;
}

function nodesOf(replicas: readonly string[]): string[] {
  for (const name of replicas) {
    if (!NODE_NAME.test(name) || name === MASTER) {
      throw new Error(
        `--replicas: '${name}' is no name for a replica (lower case, digits, dashes)`,
      );
    }
  }
  if (new Set(replicas).size < replicas.length) throw new Error("--replicas names a node twice");
  return [MASTER, ...replicas];
}

async function claim(name: string, port: number): Promise<number> {
  if (port > 65535) throw new Error(`${name}: there is no port ${port} for the last replica`);
  try {
    return await claimPort(options.host, port);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    if (code === "EADDRINUSE")
      throw new Error(`port ${port} is in use (${name} picks another)`, { cause: error });
    throw new Error(`cannot listen on ${options.host}:${port} (${code})`, { cause: error });
  }
}

/** An object exists from its first request on: touch each node, so that replicas connect now. */
async function wakeNodes(http: string, nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    const response = await fetch(`${http}/health?node=${node}`);
    if (!response.ok) throw new Error(`node ${node} does not start: ${await response.text()}`);
  }
}
