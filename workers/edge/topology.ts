/** Which nodes there are and how they are, for people, load balancers and scripts. */
import type { NodeDescription } from "../../shared/replication/describe.ts";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { type EdgeContext, refuse } from "./auth.ts";

/** `GET /health`: 200 when the node answers (the master, or `?node=`). Says nothing that is secret. */
export async function health(c: EdgeContext): Promise<Response> {
  const name = c.req.query("node") ?? MASTER;
  if (!nodeNames(c.env).includes(name)) return c.json({ error: "ERR no such node" }, 404);
  const { role, link } = await nodeStub(c.env, name).describe();
  return c.json({ status: "ok", node: name, role, ...(link === undefined ? {} : { link }) });
}

/** `GET /v1/topology`: every node of the deployment. */
export async function topology(c: EdgeContext): Promise<Response> {
  const refused = await refuse(c);
  if (refused !== undefined) return refused;
  return c.json({ nodes: await describeAll(c.env) });
}

export function describeAll(env: Env): Promise<NodeDescription[]> {
  return Promise.all(nodeNames(env).map((name) => nodeStub(env, name).describe()));
}
