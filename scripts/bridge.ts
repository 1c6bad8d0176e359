// npm run bridge -- URL: a local TCP port for a deployment that is reached over WebSockets, so that
// redis-cli and every other Redis client can talk to it. Cloudflare offers no inbound TCP.

import { createServer, type Socket } from "node:net";
import { fromBinary, toBinary } from "../shared/base/bytes.ts";
import { encodeCommand } from "../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../shared/resp/reply.ts";
import { ReplyDecoder } from "../shared/resp/reply-decoder.ts";
import { integer, readCommandLine, text } from "./lib/options.ts";
import { endpointOf } from "./lib/endpoint.ts";

const { options, positionals } = readCommandLine({
  name: "npm run bridge --",
  summary: "Carries each TCP connection to a local port over a WebSocket to a deployment.",
  positionals: [{ name: "URL", help: "of the deployment, as in https://antipode.example.dev" }],
  options: {
    port: integer("PORT", "local RESP port; 0 picks a free one", { default: 6379, max: 65535 }),
    node: text("NAME", "the node to talk to: master, or a region with a replica"),
    password: text("PW", "authenticates every connection; without it clients do so themselves", {
      default: "",
      env: "REDIS_PASSWORD",
    }),
  },
});

/**
 * A client is not read from while so much waits to go either way. Replies wait here and not in the node:
 * a WebSocket has no flow control, so what is not taken from it piles up in the memory of the object.
 */
const WINDOW_BYTES = 1 << 20;
/** A WHATWG WebSocket does not say when its buffer has emptied, so it is looked at. */
const DRAIN_POLL_MS = 5;
/** For the last replies to a client that has said all it wants to say. */
const LINGER_MS = 1000;
const OPEN_TIMEOUT_MS = 10_000;
/** What a node asks, and what it hears when all before has been handed on (workers/node/sockets.ts). */
const PROBE = "?";
const ALIVE = "!";

try {
  const url = endpointOf(positionals[0]!, options.node);
  await checkNode(url);
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
  let socket: WebSocket;
  try {
    socket = await open(url);
    if (options.password !== "") await authenticate(socket);
  } catch (error) {
    client.end(`-ERR bridge: ${error instanceof Error ? error.message : String(error)}\r\n`);
    return;
  }
  if (client.destroyed) {
    socket.close();
    return;
  }

  const isFull = (): boolean =>
    socket.bufferedAmount > WINDOW_BYTES || client.writableLength > WINDOW_BYTES;
  let timer: NodeJS.Timeout | undefined;
  const resume = (): void => {
    timer = isFull() ? setTimeout(resume, DRAIN_POLL_MS) : undefined;
    if (timer === undefined) client.resume();
  };
  client.on("data", (bytes) => {
    socket.send(bytes);
    if (!isFull()) return;
    client.pause();
    resume();
  });
  client.on("end", () => {
    setTimeout(() => client.destroySoon(), LINGER_MS).unref();
  });
  client.on("close", () => {
    clearTimeout(timer);
    socket.close();
  });
  socket.addEventListener("message", ({ data }) => {
    if (data instanceof ArrayBuffer) client.write(new Uint8Array(data));
    // The node asks how far we are: a snapshot is sent no faster than the client takes it.
    else if (data === PROBE) client.write("", () => socket.send(ALIVE));
  });
  socket.addEventListener("close", () => client.destroySoon());
  client.resume();
}

// -- the other side ---------------------------------------------------------------------------------

/** Whether there is such a node: a WebSocket that does not open does not say why. */
async function checkNode(url: URL): Promise<void> {
  const http = new URL(url.href.replace(/^ws/, "http"));
  let response: Response;
  try {
    response = await fetch(http, { signal: AbortSignal.timeout(OPEN_TIMEOUT_MS) });
  } catch (error) {
    throw new Error(`cannot reach ${http.origin} (${reasonOf(error)})`, { cause: error });
  }
  const body = await response.text();
  if (response.status === 426) return;
  throw new Error(`${http.href} answers ${response.status}: ${errorIn(body)}`);
}

async function checkPassword(url: URL): Promise<void> {
  const socket = await open(url);
  if (options.password === "") await ask(socket, ["PING"]);
  else await authenticate(socket);
  socket.close();
}

function open(url: URL): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  return new Promise((done, failed) => {
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    const settle = (work: () => void) => (): void => {
      clearTimeout(timer);
      work();
    };
    socket.addEventListener(
      "open",
      settle(() => done(socket)),
    );
    socket.addEventListener(
      "close",
      settle(() => failed(new Error(`cannot reach ${url.origin}`))),
    );
  });
}

async function authenticate(socket: WebSocket): Promise<void> {
  const reply = await ask(socket, ["AUTH", options.password]);
  if (reply instanceof ReplyError) throw new Error(`the password is refused: ${reply.text}`);
}

/** One command, before the client's own. */
function ask(socket: WebSocket, args: readonly string[]): Promise<Reply> {
  const decoder = new ReplyDecoder();
  return new Promise((done, failed) => {
    const listening = new AbortController();
    const { signal } = listening;
    const take = ({ data }: MessageEvent): void => {
      decoder.push(toBinary(new Uint8Array(data as ArrayBuffer)));
      const reply = decoder.next();
      if (reply === undefined) return;
      listening.abort();
      done(reply);
    };
    socket.addEventListener("message", take, { signal });
    socket.addEventListener("close", () => failed(new Error("the connection ended")), { signal });
    socket.send(fromBinary(encodeCommand(args)));
  });
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
