/** Which path goes where, on one screen. */
import { Hono } from "hono";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { guard } from "./guard.ts";
import { metrics } from "./metrics.ts";
import { command, multiExec, pathCommand, pipeline } from "./rest.ts";
import { health, topology } from "./topology.ts";

export const app = new Hono<{ Bindings: Env }>();

app.use(guard);
app.onError((error, c) => {
  console.error(JSON.stringify({ event: "request-failed", why: error.message }));
  return c.json({ error: "ERR internal error" }, 500);
});

app.get("/health", health);
app.get("/v1/topology", topology);
app.get("/metrics", metrics);
app.get("/resp", (c) => toNode(c.env, c.req.query("node") ?? MASTER, "/resp", c.req.raw));
app.get("/v1/nodes/:node/snapshot", (c) =>
  toNode(c.env, c.req.param("node"), "/snapshot.rdb", c.req.raw),
);
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

/** Hands a request to a node as it is; the node itself asks for the password. */
function toNode(env: Env, name: string, path: string, request: Request): Promise<Response> {
  if (!nodeNames(env).includes(name)) {
    const names = nodeNames(env).join(", ");
    const error = `ERR no node is called '${name.slice(0, 64)}'; there are: ${names}`;
    return Promise.resolve(Response.json({ error }, { status: 404 }));
  }
  const { search } = new URL(request.url);
  return nodeStub(env, name).fetch(new Request(`https://node${path}${search}`, request));
}
