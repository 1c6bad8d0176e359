// The deployment under test: its nodes, ways in, and sleep.

import { evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import { env as workerEnv } from "cloudflare:workers";

import { app } from "../../../workers/edge/app.ts";
import { type Env, MASTER, nodeStub } from "../../../workers/env.ts";
import type { Node } from "../../../workers/node/node.ts";
import { until } from "./until.ts";
import { Client, type Shown } from "./client.ts";

/** As `npm start` has it: no password is needed, because only loopback is served. */
export const ENV = { ...(workerEnv as unknown as Env), LOOPBACK: "1" } as const satisfies Env;

export function stubOf(node = MASTER): DurableObjectStub<Node> {
  return nodeStub(ENV, node);
}

/** Everything gone; then a master that lets everybody in, and no replica yet. */
export async function freshMaster(): Promise<void> {
  // An object that was aborted keeps its storage over a reset unless it is there again.
  await stubOf()
    .describe()
    .catch(() => undefined);
  await reset();
  await openUp(MASTER);
}

/** The objects run with wrangler.toml's variables, which let nobody in until someone says so. */
export async function openUp(node: string): Promise<void> {
  await ask(node, "CONFIG", "SET", "protected-mode", "no");
}

/** One command on a connection of its own that is trusted, as those between nodes are. */
export async function ask(node: string, ...args: readonly string[]): Promise<Shown> {
  const client = await trusted(node);
  const reply = await client.send(...args);
  client.close();
  return reply;
}

export async function trusted(node = MASTER): Promise<Client> {
  const headers = { upgrade: "websocket" };
  return Client.of(await stubOf(node).fetch("https://node/link", { headers }));
}

/** A client as it comes from outside. */
export async function connect(node = MASTER): Promise<Client> {
  const response = await call(`/resp?node=${node}`, { headers: { upgrade: "websocket" } });
  return Client.of(response);
}

/** A request to the Worker, as from a program on the same machine. */
export async function call(
  path: string,
  init: RequestInit & { env?: Partial<Env>; host?: string } = {},
): Promise<Response> {
  const { env = {}, host = "localhost", ...rest } = init;
  const request = new Request(`http://${host}${path}`, rest);
  if (!request.headers.has("host")) request.headers.set("host", host);
  return await app.fetch(request, { ...ENV, ...env });
}

export function isIdle(node = MASTER): Promise<boolean> {
  return runInDurableObject(stubOf(node), (instance: Node) => instance.isIdle);
}

/** Once nothing keeps it awake, the node loses its memory and keeps its sockets. */
export async function sleep(node = MASTER): Promise<void> {
  await until(`${node} is idle`, () => isIdle(node));
  await evictDurableObject(stubOf(node));
}

/** The node loses its memory and its sockets, those it dialled as well. */
export async function restart(node = MASTER): Promise<void> {
  await runInDurableObject(stubOf(node), (_instance, state) =>
    state.abort("restarted by a test"),
  ).catch(() => undefined);
}

/** A field of INFO. */
export async function info(node: string, field: string): Promise<string | undefined> {
  const text = (await ask(node, "INFO", "everything")) as string;
  return new RegExp(`^${field}:(.*)\r$`, "m").exec(text)?.[1];
}

/** Rows of the table that keeps what does not fit an attachment. */
export function spilledRows(node = MASTER): Promise<number> {
  return runInDurableObject(stubOf(node), (_instance, { storage }) => {
    return storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM spilled").one().n;
  });
}
