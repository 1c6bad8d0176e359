/**
 * `/subscribe/…`, `/psubscribe/…` and `/monitor` as server-sent events. The Worker listens at the node over a
 * WebSocket, so that the node can hibernate with its listeners, and writes what comes as events.
 *
 * A WebSocket has no flow control: a reader that falls too far behind is let go, as by Redis.
 */
import { binaryToUtf8, fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { type Reply, ReplyError, Status } from "../../shared/resp/reply.ts";
import { NO_REPLY_LIMITS, ReplyDecoder } from "../../shared/resp/reply-decoder.ts";
import { MASTER, nodeNames, nodeStub } from "../env.ts";
import { type EdgeContext, refuse } from "./auth.ts";
import { callNode, NodeUnavailable } from "./call.ts";
import { BadRequest, pathSegments } from "./rest-input.ts";

/** What a reader may leave unread. */
const UNREAD_BYTES_MAX = 8 << 20;
/** Proxies cut streams that are quiet for long; by this too we find out that the reader is gone. */
const KEEPALIVE_MS = 15_000;

/** `/subscribe/channel/…` and `/psubscribe/pattern/…`. The body is ignored: SDKs send `[]`. */
export async function subscribe(c: EdgeContext): Promise<Response> {
  return await listen(c, () => pathSegments(new URL(c.req.url).pathname));
}

/** Every command the node runs; for who has the password. */
export async function monitor(c: EdgeContext): Promise<Response> {
  return await listen(c, () => ["monitor"]);
}

async function listen(c: EdgeContext, read: () => string[]): Promise<Response> {
  const node = c.req.query("node") ?? MASTER;
  if (!nodeNames(c.env).includes(node)) return c.json({ error: "ERR no such node" }, 404);
  try {
    const args = read();
    const audience = args[0] === "monitor" ? "writers" : "readers";
    const refused = await refuse(c, node, audience);
    if (refused !== undefined) return refused;
    return await eventsOf(await dial(c, node), args);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    return (await refuse(c, node)) ?? c.json({ error: error.message }, error.status);
  }
}

async function dial(c: EdgeContext, node: string): Promise<WebSocket> {
  const ip = c.req.header("cf-connecting-ip");
  const headers = { upgrade: "websocket", "x-antipode-from": ip === undefined ? "" : `${ip}:0` };
  const { webSocket } = await callNode(
    () => nodeStub(c.env, node).fetch("https://node/listen", { headers }),
    { isRepeatable: true },
  );
  if (webSocket === null) throw new NodeUnavailable("ERR the node does not listen");
  webSocket.binaryType = "arraybuffer";
  return webSocket;
}

/** Sends the request; the answer is a stream once the node has agreed, and an error where it has not. */
function eventsOf(socket: WebSocket, args: readonly string[]): Promise<Response> {
  return new Promise((resolve, reject) => {
    const decoder = new ReplyDecoder(NO_REPLY_LIMITS);
    let events: Events | undefined;
    socket.addEventListener("message", ({ data }) => {
      decoder.push(toBinary(new Uint8Array(data as ArrayBuffer)));
      let text = "";
      for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
        if (reply instanceof ReplyError) {
          socket.close(1000);
          resolve(Response.json({ error: binaryToUtf8(reply.text) }, { status: 400 }));
          return;
        }
        text += eventOf(reply);
      }
      if (text === "") return;
      if (events === undefined) {
        events = new Events(socket);
        resolve(events.response);
      }
      events.write(text);
    });
    const ended = (): void => {
      reject(new NodeUnavailable("ERR the node hung up"));
      events?.end();
    };
    socket.addEventListener("close", ended);
    socket.addEventListener("error", ended);
    socket.accept();
    socket.send(fromBinary(encodeCommand(args)));
  });
}

/** A stream of events that a client reads, and what there is to tell when it does not. */
class Events {
  readonly response: Response;
  readonly #socket: WebSocket;
  readonly #timer: ReturnType<typeof setInterval>;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#leave(),
      },
      { highWaterMark: UNREAD_BYTES_MAX, size: (bytes) => bytes?.byteLength ?? 0 },
    );
    this.#timer = setInterval(() => this.write(": keepalive\n\n"), KEEPALIVE_MS);
    this.response = new Response(body, {
      headers: { "content-type": "text/event-stream", "cache-control": "no-cache" },
    });
  }

  write(text: string): void {
    if (this.#controller === undefined) return;
    this.#controller.enqueue(new TextEncoder().encode(text));
    if ((this.#controller.desiredSize ?? 0) <= 0) this.end();
  }

  /** The node has hung up, or the reader is too slow: what is queued is still read. */
  end(): void {
    this.#controller?.close();
    this.#leave();
  }

  /** The reader is gone: the node must not go on telling it. */
  #leave(): void {
    this.#controller = undefined;
    clearInterval(this.#timer);
    this.#socket.close(1000);
  }
}

/** `subscribe,channel,1`, `message,channel,text`; MONITOR's are lines. Readers tell events by line feeds. */
function eventOf(reply: Reply): string {
  const lines = binaryToUtf8(textOf(reply)).split(/\r\n|\r|\n/);
  return `${lines.map((line) => `data: ${line}`).join("\n")}\n\n`;
}

function textOf(reply: Reply): string {
  if (reply instanceof Status) return reply.text === "OK" ? '"OK"' : reply.text;
  return (reply as readonly (string | number)[]).join(",");
}
