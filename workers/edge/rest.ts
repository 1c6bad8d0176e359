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
import { plainPipeline } from "./plain-pipeline.ts";
import {
  type Asked,
  BadRequest,
  parseJson,
  pathArguments,
  readBody,
  readText,
  toAsked,
  toCommand,
  toCommands,
} from "./rest-input.ts";
import { routeCall, type Routed, routeHeaders } from "./route.ts";

type Read = (request: Request) => Promise<Asked>;

/** `POST /` with `["SET","key","value"]`. */
export function command(c: EdgeContext): Promise<Response> {
  return answer(c, "one", async (request) => {
    return toAsked([toCommand(parseJson(await readText(request), "command"))], "one");
  });
}

/** `POST /pipeline` with a list of commands: run in order, each with its own outcome. */
export function pipeline(c: EdgeContext): Promise<Response> {
  return answer(c, "many", async (request) => {
    const text = await readText(request);
    return (
      plainPipeline(text) ?? toAsked(toCommands(parseJson(text, "pipeline"), "pipeline"), "many")
    );
  });
}

/** `POST /multi-exec`: the same as one transaction. */
export function multiExec(c: EdgeContext): Promise<Response> {
  return answer(c, "transaction", async (request) => {
    const json = parseJson(await readText(request), "multi-exec");
    return toAsked(toCommands(json, "multi-exec"), "transaction");
  });
}

/** `GET /get/key`, `POST /set/key` with the value as body, options as query parameters. */
export function pathCommand(c: EdgeContext): Promise<Response> {
  return answer(c, "one", async (request) => {
    return toAsked([pathArguments(request.url, await bodyOf(request))], "one");
  });
}

async function answer(c: EdgeContext, shape: Shape, read: Read): Promise<Response> {
  const pinned = queryOf(c, "node");
  const node = pinned ?? MASTER;
  if (!nodeNames(c.env).includes(node)) return c.json({ error: "ERR no such node" }, 404);
  try {
    const format = formatOf(c);
    const { requests, isRepeatable, isRead } = await read(c.req.raw);
    const options: CallOptions = {
      caller: { token: tokenOf(c) },
      format,
      shape,
      repeat: isRepeatable ? undefined : await repeatOf(c, { requests, shape }),
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
  const { admission, body, isError } = routed.answer;
  if (admission === "denied" || admission === "wrong-password") return refusal(c, admission);
  const isBytes = format === "resp2" && typeof body !== "string";
  const type = isBytes ? "application/octet-stream" : "application/json";
  const headers = routeHeaders(c.env, routed, type);
  return new Response(body, { status: isError ? 400 : 200, headers });
}

/** The body of a method that has one; where a command is in the path, others' bodies mean nothing. */
async function bodyOf(request: Request): Promise<Uint8Array> {
  const { method } = request;
  return method === "POST" || method === "PUT" ? await readBody(request) : new Uint8Array();
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
