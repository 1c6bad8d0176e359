/** Which path goes where, on one screen. */
import { Context, Hono } from "hono";
import { CHANNELS_PROTOCOL } from "../../shared/resp/channels.ts";
import { logFailure } from "../log.ts";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { type EdgeContext, refuse } from "./auth.ts";
import { NodeUnavailable } from "./call.ts";
import { callerPlace } from "./caller.ts";
import { crossOrigin } from "./cors.ts";
import { monitor, subscribe } from "./events.ts";
import { guard } from "./guard.ts";
import { nearResp } from "./near-resp.ts";
import { metrics } from "./metrics.ts";
import { BadRequest } from "./rest-input.ts";
import { command, multiExec, pathCommand, pipeline } from "./rest.ts";
import { nearNode } from "./route.ts";
import { health, topology } from "./topology.ts";
import { welcome } from "./welcome.ts";

export const app = {
  /** What is for every request comes first, outside of the router: there it would cost more. */
  fetch: (request: Request, env: Env): Response | Promise<Response> => {
    const answer = (): Response | Promise<Response> => quickly(request, env);
    const refused = guard(request, env);
    if (refused !== undefined) return refused;
    return env.CORS_ORIGINS === undefined ? answer() : crossOrigin(request, env, answer);
  },
};

/**
 * The three paths that nearly all requests take need no router, which would cost more than what they do
 * at the edge.
 */
const QUICK: ReadonlyMap<string, (c: EdgeContext) => Promise<Response>> = new Map([
  ["/", command],
  ["/multi-exec", multiExec],
  ["/pipeline", pipeline],
]);

function quickly(request: Request, env: Env): Response | Promise<Response> {
  const { method, url } = request;
  // Behind `https://`.
  const path = url.slice(url.indexOf("/", 8));
  const handler = method === "POST" ? QUICK.get(path) : undefined;
  if (handler === undefined) return router.fetch(request, env);
  const c = new Context<{ Bindings: Env }>(request, { env, path });
  return handler(c).catch((error: unknown) => failure(error as Error, c));
}

const router = new Hono<{ Bindings: Env }>();

function failure(error: Error, c: EdgeContext): Response {
  if (error instanceof BadRequest) return c.json({ error: error.message }, error.status);
  if (error instanceof NodeUnavailable) return c.json({ error: error.message }, error.status);
  logFailure("request-failed", { why: error.message });
  // A node's failures name no key and no secret.
  const isOfNode = "remote" in error || "durableObjectReset" in error;
  return c.json(
    { error: `ERR ${isOfNode ? `a node failed: ${error.message}` : "internal error"}` },
    500,
  );
}

router.onError(failure);

// Each path with the methods it takes; any other is a 405.
route("/", { GET: welcome, POST: command, PUT: command });
route("/pipeline", { POST: pipeline, PUT: pipeline });
route("/multi-exec", { POST: multiExec, PUT: multiExec });
route("/subscribe/*", { GET: subscribe, POST: subscribe });
route("/psubscribe/*", { GET: subscribe, POST: subscribe });
route("/monitor", { GET: monitor, POST: monitor });
route("/resp", { GET: resp });
route("/health", { GET: health });
route("/metrics", { GET: metrics });
route("/v1/topology", { GET: topology });
route("/v1/nodes/:node/snapshot", { GET: snapshot });
route("/*", { GET: pathCommand, POST: pathCommand, PUT: pathCommand });

type Handler = (c: EdgeContext) => Response | Promise<Response>;

function route(path: string, handlers: Readonly<Record<string, Handler>>): void {
  for (const [method, handler] of Object.entries(handlers)) router.on(method, path, handler);
  // hono answers HEAD by GET.
  const allowed = Object.keys(handlers).flatMap((name) => (name === "GET" ? [name, "HEAD"] : name));
  router.all(path, (c) => {
    return c.json({ error: `ERR ${c.req.method} is not used here` }, 405, {
      allow: allowed.join(", "),
    });
  });
}

/** RESP over a WebSocket. */
async function resp(c: EdgeContext): Promise<Response> {
  const name = c.req.query("node") ?? MASTER;
  const isUpgrade = c.req.header("upgrade")?.toLowerCase() === "websocket";
  const near =
    c.req.query("node") === undefined ? nearNode(c.env, { place: () => callerPlace(c) }) : MASTER;
  if (isUpgrade && near !== MASTER) return await nearResp(c, near);
  if (nodeNames(c.env).includes(name) && !isUpgrade) {
    const error = "ERR RESP is spoken over a WebSocket here";
    return c.json({ error, subprotocols: [CHANNELS_PROTOCOL] }, 426);
  }
  return await toNode(c.env, name, "/resp", c.req.raw);
}

/** A whole .rdb file; or, of a pinned snapshot, the frames that another deployment's replica loads. */
async function snapshot(c: EdgeContext): Promise<Response> {
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
