/** The Worker. */
import { app } from "./edge/app.ts";
import { connectByPort } from "./edge/tcp.ts";
import type { Env } from "./env.ts";

export { Database } from "./edge/database.ts";
export { Tcp } from "./edge/tcp.ts";
export { Node } from "./node/node.ts";

export default {
  fetch: app.fetch,
  connect: (socket: Socket, env: Env): Promise<void> => connectByPort(socket, env),
} satisfies ExportedHandler<Env>;
