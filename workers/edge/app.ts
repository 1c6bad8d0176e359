/** Which path goes where, on one screen. */
import { type Context, Hono } from "hono";
import { logFailure } from "../log.ts";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { refuse } from "./auth.ts";
import { guard } from "./guard.ts";
import { metrics } from "./metrics.ts";
import { command, multiExec, pathCommand, pipeline } from "./rest.ts";
import { health, topology } from "./topology.ts";

export const app = new Hono<{ Bindings: Env }>();

app.use(guard);
app.onError((error, c) => {
  logFailure("request-failed", { why: error.message });
  // A node's failures name no key and no secret.
  const isOfNode = "remote" in error || "durableObjectReset" in error;
  return c.json(
    { error: `ERR ${isOfNode ? `a node failed: ${error.message}` : "internal error"}` },
    500,
  );
});

app.get("/health", health);
app.get("/v1/topology", topology);
app.get("/metrics", metrics);
app.get("/resp", (c) => toNode(c.env, c.req.query("node") ?? MASTER, "/resp", c.req.raw));
app.get("/v1/nodes/:node/snapshot", snapshot);
app.post("/", command);
app.post("/pipeline", pipeline);
app.post("/multi-exec", multiExec);
app.get("/", (c) => c.text(WELCOME));
app.on(["GET", "HEAD", "POST", "PUT"], "/*", pathCommand);
app.all("/*", (c) => c.json({ error: `ERR ${c.req.method} is not used here` }, 405));

const WELCOME = `This is Antipode, a Redis-compatible, replicated key-value store.

  RESP over WebSocket   GET  /resp?node=NAME
  REST                  POST /            ["SET","key","value"]
                        GET  /get/key
                        POST /pipeline    [["SET","a","1"],["GET","a"]]
                        POST /multi-exec  the same, as one transaction
  Operations            GET  /health  /v1/topology  /metrics  /v1/nodes/NAME/snapshot
`;

/** A whole .rdb file; or, of a pinned snapshot, the frames that another deployment's replica loads. */
async function snapshot(c: Context<{ Bindings: Env }>): Promise<Response> {
  const name = c.req.param("node") ?? MASTER;
  if (nodeNames(c.env).includes(name)) {
    const refused = await refuse(c, name);
    if (refused !== undefined) return refused;
  }
  const path = c.req.query("pin") === undefined ? "/snapshot.rdb" : "/snapshot";
  return await toNode(c.env, name, path, c.req.raw);
}

/** Hands a request to a node as it is; over /resp the node itself asks for the password. */
function toNode(env: Env, name: string, path: string, request: Request): Promise<Response> {
  if (!nodeNames(env).includes(name)) {
    const names = nodeNames(env).join(", ");
    const error = `ERR no node is called '${name.slice(0, 64)}'; there are: ${names}`;
    return Promise.resolve(Response.json({ error }, { status: 404 }));
  }
  const { search } = new URL(request.url);
  const inner = new Request(`https://node${path}${search}`, request);
  // What CLIENT LIST shows; nobody says so of himself.
  const ip = request.headers.get("cf-connecting-ip");
  inner.headers.set("x-antipode-from", ip === null ? "" : `${ip}:0`);
  return nodeStub(env, name).fetch(inner);
}
