/**
 * RESP over a WebSocket for a caller that names no node: reads at the replica next to it, all else at the
 * master (shared/replication/near-session.ts). Both nodes can hibernate with the session, as the sockets to
 * them are dialled here.
 */
import { fromBinary, toBinary } from "../../shared/base/bytes.ts";
import { Registry } from "../../shared/engine/registry.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { NearSession } from "../../shared/replication/near-session.ts";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { NEAR_MARK, NEAR_NOW, NEAR_WHERE, webSocketOutlet } from "../node/sockets.ts";
import type { EdgeContext } from "./auth.ts";
import { callNode, NodeUnavailable } from "./call.ts";

const COMMANDS = new Registry(ENGINE_COMMANDS);

export async function nearResp(c: EdgeContext, near: string): Promise<Response> {
  const [toMaster, toNear] = await Promise.all([
    masterOf(c.env).then((name) => dial(c, name)),
    dial(c, near).catch(() => undefined),
  ]);
  const { 0: client, 1: server } = new WebSocketPair();
  connect({ client: server, master: toMaster, near: toNear });
  return new Response(null, { status: 101, webSocket: client });
}

function connect(sockets: {
  readonly client: WebSocket;
  readonly master: WebSocket;
  readonly near: WebSocket | undefined;
}): void {
  const { client, master, near } = sockets;
  const [toClient, toMaster] = [webSocketOutlet(client), webSocketOutlet(master)];
  const toNear = near === undefined ? undefined : webSocketOutlet(near);
  const end = (): void => {
    for (const outlet of [toClient, toMaster, toNear]) outlet?.close();
  };
  const session = new NearSession(
    {
      toClient: (bytes) => toClient.write(fromBinary(bytes)),
      toMaster: (bytes) => toMaster.write(fromBinary(bytes)),
      toNear: (bytes) => toNear?.write(fromBinary(bytes)),
      askMaster: () => quietly(() => master.send(NEAR_WHERE)),
      askNear: (position) => quietly(() => near?.send(NEAR_MARK + position)),
      close: end,
    },
    COMMANDS,
  );
  if (near === undefined) session.nearLost();
  else {
    listen(near, {
      onBytes: (bytes) => session.fromNear(bytes),
      onText: (text) => {
        if (text.startsWith(NEAR_MARK)) session.nearIs(text === NEAR_NOW);
      },
      onEnd: () => session.nearLost(),
    });
  }
  listen(master, {
    onBytes: (bytes) => session.fromMaster(bytes),
    onText: (text) => {
      if (text.startsWith(NEAR_MARK)) session.masterIsAt(text.slice(NEAR_MARK.length));
      else quietly(() => client.send(text));
    },
    onEnd: end,
  });
  listen(client, {
    onBytes: (bytes) => session.receive(bytes),
    // Who follows the master by this address is probed by it, and probes it.
    onText: (text) => {
      if (!text.startsWith(NEAR_MARK)) quietly(() => master.send(text));
    },
    onEnd: end,
  });
}

/** A socket that is closing takes nothing more: its end is told by another event. */
function quietly(send: () => void): void {
  try {
    send();
  } catch {
    // As said.
  }
}

interface Listener {
  onBytes(bytes: string): void;
  onText(text: string): void;
  onEnd(): void;
}

function listen(socket: WebSocket, { onBytes, onText, onEnd }: Listener): void {
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") onText(data);
    else onBytes(toBinary(new Uint8Array(data as ArrayBuffer)));
  });
  socket.addEventListener("close", onEnd);
  socket.addEventListener("error", onEnd);
  socket.accept();
}

/** Follows what nodes say of who is master, from the one that was it first. */
async function masterOf(env: Env): Promise<string> {
  let name = MASTER;
  for (const _ of nodeNames(env)) {
    const { master } = await callNode(() => nodeStub(env, name).describe(), { isRepeatable: true });
    if (master === undefined || !nodeNames(env).includes(master.host)) return name;
    name = master.host;
  }
  throw new NodeUnavailable("ERR no node is master");
}

async function dial(c: EdgeContext, node: string): Promise<WebSocket> {
  const ip = c.req.header("cf-connecting-ip");
  const headers = { upgrade: "websocket", "x-antipode-from": ip === undefined ? "" : `${ip}:0` };
  const { webSocket } = await callNode(
    () => nodeStub(c.env, node).fetch("https://node/resp", { headers }),
    { isRepeatable: true },
  );
  if (webSocket === null) throw new NodeUnavailable("ERR the node does not listen");
  return webSocket;
}
