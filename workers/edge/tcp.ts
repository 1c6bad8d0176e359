/** RESP over TCP: hands a raw socket to the node its port stands for. */
import { WorkerEntrypoint } from "cloudflare:workers";
import { type Env, MASTER, nodeStub, portsOf } from "../env.ts";

const UNKNOWN_PEER = "0.0.0.0:0";

/** One entrypoint, told by its properties which node it serves (scripts/serve.ts writes them). */
export class Tcp extends WorkerEntrypoint<Env, { readonly node: string }> {
  override async connect(socket: Socket): Promise<void> {
    await forward(socket, this.env, this.ctx.props.node);
  }
}

/** Under `wrangler dev` every port comes to the default handler: the port tells the node. */
export async function connectByPort(socket: Socket, env: Env): Promise<void> {
  const { localAddress } = await socket.opened;
  const port = Number(/:(\d+)$/.exec(localAddress ?? "")?.[1]);
  const node = Object.entries(portsOf(env)).find(([, known]) => known === port)?.[0] ?? MASTER;
  await forward(socket, env, node);
}

async function forward(socket: Socket, env: Env, node: string): Promise<void> {
  const opened = await socket.opened.catch(() => undefined);
  // A node is dialled by any address; so it is told the client's, which it cannot learn otherwise.
  const inner = nodeStub(env, node).connect(opened?.remoteAddress ?? UNKNOWN_PEER);
  await Promise.allSettled([
    socket.readable.pipeTo(inner.writable),
    inner.readable.pipeTo(socket.writable),
  ]);
}
