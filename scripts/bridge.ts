// npm run bridge -- URL: a local TCP port for a deployment that is reached over WebSockets, so that
// redis-cli and every other Redis client can talk to it. Cloudflare offers no inbound TCP.

import { createServer, type Socket } from "node:net";
import { CHANNELS_PROTOCOL } from "../shared/resp/channels.ts";
import { ask, authenticate, dial, OPEN_TIMEOUT_MS } from "./lib/bridge/dial.ts";
import { carryPlain } from "./lib/bridge/plain.ts";
import { Trunk } from "./lib/bridge/trunk.ts";
import { flag, integer, readCommandLine, text } from "./lib/options.ts";
import { endpointOf } from "./lib/endpoint.ts";

const { options, positionals } = readCommandLine({
  name: "npm run bridge --",
  summary: "Carries TCP connections to a local port over a WebSocket to a deployment.",
  positionals: [{ name: "URL", help: "of the deployment, as in https://antipode.example.dev" }],
  options: {
    port: integer("PORT", "local RESP port; 0 picks a free one", { default: 6379, max: 65535 }),
    node: text("NAME", "the node to talk to: master, or a region with a replica"),
    password: text("PW", "authenticates every connection; without it clients do so themselves", {
      default: "",
      env: "REDIS_PASSWORD",
    }),
    noMultiplex: flag("gives each client a WebSocket of its own"),
  },
});

/** For the last replies to a client that has said all it wants to say. */
const LINGER_MS = 1000;

/** What clients share; those that come while it opens, too. */
let trunk: Promise<Trunk> | undefined;
/** Each client has its own: the deployment is older than the bridge, or the user wants it so. */
let isPlain = true;

try {
  const url = endpointOf(positionals[0]!, options.node);
  isPlain = !(await offersChannels(url)) || options.noMultiplex;
  await checkPassword(url);
  await listen(url);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

/** Accepts clients, on loopback only: they need no password when the bridge has it. */
async function listen(url: URL): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    void carry(client, url);
  });
  await new Promise<void>((done, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const why = isTaken ? "is in use (--port picks another)" : `cannot be used (${error.code})`;
      failed(new Error(`port ${options.port} ${why}`));
    });
    server.listen(options.port, "127.0.0.1", done);
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
  const { port } = server.address() as { port: number };
  process.stdout.write(`ready  redis://127.0.0.1:${port} -> ${url.href}\n`);
}

/** Carries one client's bytes both ways until either side ends. */
async function carry(client: Socket, url: URL): Promise<void> {
  client.setNoDelay();
  client.on("error", () => client.destroy());
  client.on("end", () => {
    setTimeout(() => client.destroySoon(), LINGER_MS).unref();
  });
  try {
    const shared = await trunkTo(url);
    if (shared !== undefined) {
      shared.carry(client, options.password);
      return;
    }
    const socket = await dial(url);
    if (options.password !== "") await authenticate(socket, options.password);
    carryPlain(client, socket);
  } catch (error) {
    client.end(`-ERR bridge: ${error instanceof Error ? error.message : String(error)}\r\n`);
    client.resume();
  }
}

async function trunkTo(url: URL): Promise<Trunk | undefined> {
  if (isPlain) return undefined;
  try {
    trunk ??= dialTrunk(url);
    return await trunk;
  } catch (error) {
    // It may be another version by now. The next client comes in either way.
    isPlain = !(await offersChannels(url));
    throw error;
  }
}

function dialTrunk(url: URL): Promise<Trunk> {
  const dialled = Trunk.dial(url, () => {
    if (trunk === dialled) trunk = undefined;
  });
  return dialled;
}

// -- the other side ---------------------------------------------------------------------------------

/**
 * Whether clients may share a WebSocket to it. Throws where there is no such node: a WebSocket that does not
 * open does not say why, be it that its subprotocol is not known.
 */
async function offersChannels(url: URL): Promise<boolean> {
  const http = new URL(url.href.replace(/^ws/, "http"));
  let response: Response;
  try {
    response = await fetch(http, { signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) });
  } catch (error) {
    throw new Error(`cannot reach ${http.origin} (${reasonOf(error)})`, { cause: error });
  }
  const body = await response.text();
  if (response.status === 426) return body.includes(JSON.stringify(CHANNELS_PROTOCOL));
  throw new Error(`${http.href} answers ${response.status}: ${errorIn(body)}`);
}

async function checkPassword(url: URL): Promise<void> {
  const socket = await dial(url);
  if (options.password === "") await ask(socket, ["PING"]);
  else await authenticate(socket, options.password);
  socket.close();
}

// -- what went wrong --------------------------------------------------------------------------------

function fail(why: string): never {
  process.stderr.write(`npm run bridge: ${why}\n`);
  process.exit(1);
}

/** Of a failed fetch, whose own message is only that it failed. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}

function errorIn(body: string): string {
  try {
    const { error } = JSON.parse(body) as { error?: unknown };
    if (typeof error === "string") return error.slice(0, 300);
  } catch {
    // Not ours.
  }
  return "this is not a deployment of Antipode";
}
