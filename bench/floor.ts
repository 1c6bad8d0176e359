/**
 * The floor of `npm run bench`: what the transport alone costs. A bare Durable Object behind the same
 * Worker entrypoints as ours answers +OK for each RESP command it sees; it has no engine, no store and
 * no groups, so nothing on this platform that speaks RESP can be faster by much.
 *
 * The classes have the names that scripts/lib/workerd.ts configures.
 */
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

interface Env {
  readonly NODE: DurableObjectNamespace<Node>;
}

/** Of all reads tried, BYOB with a large buffer was the fastest with pipelined clients. */
const READ_BYTES = 64 * 1024;

const ASTERISK = 42;
const OK = "+OK\r\n";
/** As many answers as one read can ask for; views of it are sent and nobody changes it. */
const ANSWERS = new TextEncoder().encode(OK.repeat(READ_BYTES));

// oxlint-disable-next-line import/no-default-export -- that is where workerd looks for it
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const isSocket = request.headers.get("Upgrade") === "websocket";
    if (isSocket) return await nodeOf(env).fetch(request);
    // REST without REST: the body to the object and back, as one call.
    return new Response(await nodeOf(env).echo(await request.text()));
  },
} satisfies ExportedHandler<Env>;

/** Joins the socket to the object as ours does: the two pipes are part of the transport. */
export class Tcp extends WorkerEntrypoint<Env> {
  override async connect(socket: Socket): Promise<void> {
    const inner = nodeOf(this.env).connect("floor:1");
    await Promise.allSettled([
      socket.readable.pipeTo(inner.writable),
      inner.readable.pipeTo(socket.writable),
    ]);
  }
}

export class Node extends DurableObject<Env> {
  override async connect(socket: Socket): Promise<void> {
    const reader = socket.readable.getReader({ mode: "byob" });
    const writer = socket.writable.getWriter();
    // Not awaited: waiting for the client to take each answer would be slower than ours is.
    writer.closed.catch(() => undefined);
    let buffer = new ArrayBuffer(READ_BYTES);
    try {
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(buffer));
        if (done) break;
        writer.write(answersTo(value)).catch(() => undefined);
        buffer = value.buffer;
      }
      await writer.close();
    } catch {
      // The client left without saying so.
    }
  }

  echo(text: string): string {
    return text;
  }

  override fetch(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: ArrayBuffer | string): void {
    if (typeof message !== "string") socket.send(answersTo(new Uint8Array(message)));
  }

  override webSocketClose(): void {
    // Nothing is held for a socket.
  }
}

function nodeOf(env: Env): DurableObjectStub<Node> {
  return env.NODE.getByName("floor");
}

/** The benchmarks' keys and values hold no asterisk, so each one begins a command. */
function answersTo(bytes: Uint8Array): Uint8Array {
  let count = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === ASTERISK) count++;
  return ANSWERS.subarray(0, count * OK.length);
}
