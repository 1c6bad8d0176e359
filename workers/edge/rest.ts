/**
 * REST in Upstash's shape: a command as a JSON array, in the path, or many of them.
 * https://upstash.com/docs/redis/features/restapi, and docs/rest.md for what is ours.
 */
import { MASTER, nodeNames } from "../env.ts";
import type { Format, Shape } from "../node/answers.ts";
import type { CallOptions } from "../node/requests.ts";
import { type EdgeContext, queryOf, refusal, refuse, tokenOf } from "./auth.ts";
import { readingOf } from "./caller.ts";
import { repeatOf } from "./repeats.ts";
import {
  BadRequest,
  parseJson,
  pathArguments,
  readBody,
  toAsked,
  toCommand,
  toCommands,
} from "./rest-input.ts";
import { routeCall, type Routed, routeHeaders } from "./route.ts";

type Read = (body: Uint8Array) => (readonly string[])[];

/** `POST /` with `["SET","key","value"]`. */
export async function command(c: EdgeContext): Promise<Response> {
  return await answer(c, "one", (body) => [toCommand(parseJson(body, "command"))]);
}

/** `POST /pipeline` with a list of commands: run in order, each with its own outcome. */
export async function pipeline(c: EdgeContext): Promise<Response> {
  return await answer(c, "many", (body) => toCommands(parseJson(body, "pipeline"), "pipeline"));
}

/** `POST /multi-exec`: the same as one transaction. */
export async function multiExec(c: EdgeContext): Promise<Response> {
  return await answer(c, "transaction", (body) =>
    toCommands(parseJson(body, "multi-exec"), "multi-exec"),
  );
}

/** `GET /get/key`, `POST /set/key` with the value as body, options as query parameters. */
export async function pathCommand(c: EdgeContext): Promise<Response> {
  return await answer(c, "one", (body) => [pathArguments(c.req.url, body)]);
}

async function answer(c: EdgeContext, shape: Shape, read: Read): Promise<Response> {
  const pinned = queryOf(c, "node");
  const node = pinned ?? MASTER;
  if (!nodeNames(c.env).includes(node)) return c.json({ error: "ERR no such node" }, 404);
  try {
    const format = formatOf(c);
    const body = await bodyOf(c);
    const { requests, isRepeatable, isRead } = toAsked(read(body), shape);
    const options: CallOptions = {
      caller: { token: tokenOf(c) },
      format,
      shape,
      repeat: isRepeatable ? undefined : await repeatOf(c, body),
    };
    const call = { requests, options, isRead, isRepeatable, pinned, reading: readingOf(c) };
    return respond(c, await routeCall(c.env, call), format);
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    // A stranger is told that he is one, and not what was wrong with his request.
    const refused = await refuse(c, node, "readers");
    return refused ?? c.json({ error: error.message }, error.status);
  }
}

function respond(c: EdgeContext, routed: Routed, format: Format): Response {
  const { admission, body, isError, position } = routed.answer;
  if (admission === "denied" || admission === "wrong-password") return refusal(c, admission);
  const isBytes = format === "resp2" && typeof body !== "string";
  const type = isBytes ? "application/octet-stream" : "application/json";
  const headers = routeHeaders(c.env, routed, type);
  if (isError) return new Response(body, { status: 400, headers });
  // The caller sends it along with what it asks next: answers to that are not older than this one.
  headers["upstash-sync-token"] = position;
  return new Response(body, { headers });
}

/** The body of a method that has one; where a command is in the path, others' bodies mean nothing. */
async function bodyOf(c: EdgeContext): Promise<Uint8Array> {
  const { method } = c.req;
  return method === "POST" || method === "PUT" ? await readBody(c.req.raw) : new Uint8Array();
}

function formatOf(c: EdgeContext): Format {
  const isBase64 = c.req.header("upstash-encoding")?.toLowerCase() === "base64";
  const format = c.req.header("upstash-response-format")?.toLowerCase() ?? "json";
  if (format === "json") return isBase64 ? "base64" : "text";
  if (format !== "resp2")
    throw new BadRequest("ERR unsupported response format; use json or resp2");
  if (isBase64) throw new BadRequest("ERR base64 encoding cannot be used with the resp2 format");
  return "resp2";
}
