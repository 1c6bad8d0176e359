/**
 * REST in Upstash's shape: a command as a JSON array, in the path, or many of them.
 * https://upstash.com/docs/redis/features/restapi
 */
import type { Context } from "hono";
import { type Env, MASTER, nodeNames, nodeStub } from "../env.ts";
import { toBinary, utf8ToBinary } from "../../shared/base/bytes.ts";
import { CALL_BYTES_MAX, type CallOptions, tooLarge } from "../node/requests.ts";
import { passwordOf, refusal } from "./auth.ts";

type RestContext = Context<{ Bindings: Env }>;

/** A request that is no list of commands; the text is the answer. */
class BadRequest extends Error {
  override readonly name = "BadRequest";
}

/** `POST /` with `["SET","key","value"]`. */
export async function command(c: RestContext): Promise<Response> {
  return await answer(c, "one", async () => [toCommand(await bodyJson(c))]);
}

/** `POST /pipeline` with a list of commands: run in order, each with its own outcome. */
export async function pipeline(c: RestContext): Promise<Response> {
  return await answer(c, "many", async () => toCommands(await bodyJson(c), "pipeline"));
}

/** `POST /multi-exec`: the same as one transaction. */
export async function multiExec(c: RestContext): Promise<Response> {
  return await answer(c, "transaction", async () => toCommands(await bodyJson(c), "multi-exec"));
}

/** `GET /get/key`, `POST /set/key` with the value as body, options as query parameters. */
export async function pathCommand(c: RestContext): Promise<Response> {
  return await answer(c, "one", async () => {
    const url = new URL(c.req.url);
    const args = url.pathname.slice(1).split("/").map(decode);
    if (c.req.method === "POST" || c.req.method === "PUT") {
      // The body is the value as it is, text or not.
      const body = toBinary(new Uint8Array(await c.req.arrayBuffer()));
      if (body !== "") args.push(body);
    }
    for (const [name, value] of url.searchParams) {
      if (name === "_token" || name === "node") continue;
      args.push(utf8ToBinary(name));
      if (value !== "") args.push(utf8ToBinary(value));
    }
    return [args];
  });
}

async function answer(
  c: RestContext,
  shape: CallOptions["shape"],
  read: () => Promise<string[][]>,
): Promise<Response> {
  let requests: string[][];
  try {
    requests = await read();
  } catch (error) {
    if (error instanceof BadRequest) return c.json({ error: error.message }, 400);
    throw error;
  }
  const name = c.req.query("node") ?? MASTER;
  if (!nodeNames(c.env).includes(name)) return c.json({ error: "ERR no such node" }, 404);
  const size = sizeOf(requests);
  if (size > CALL_BYTES_MAX) return c.json({ error: tooLarge(size) }, 413);
  const { admission, body, isError } = await nodeStub(c.env, name).run(requests, {
    password: passwordOf(c),
    base64: c.req.header("upstash-encoding") === "base64",
    shape,
  });
  if (admission !== "admitted") return refusal(c, admission);
  const headers = { "content-type": "application/json" };
  return c.body(body, isError ? 400 : 200, headers);
}

async function bodyJson(c: RestContext): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text(), asSpelt);
  } catch {
    throw new BadRequest("ERR failed to parse command");
  }
}

function toCommands(body: unknown, what: string): string[][] {
  if (!Array.isArray(body)) throw new BadRequest(`ERR failed to parse ${what} request`);
  if (body.length === 0) throw new BadRequest(`ERR empty ${what} request`);
  return body.map(toCommand);
}

function toCommand(value: unknown): string[] {
  if (!Array.isArray(value)) throw new BadRequest("ERR failed to parse command");
  if (value.length === 0) throw new BadRequest("ERR empty command");
  return value.map((item) => {
    if (typeof item === "string") return utf8ToBinary(item);
    if (typeof item === "boolean") return String(item);
    throw new BadRequest("ERR failed to parse command");
  });
}

/** Numbers keep their spelling: 1.0 stays 1.0, and 2^64 is not rounded. */
function asSpelt(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === "number" ? (context?.source ?? String(value)) : value;
}

/** A path's segment as bytes: `%ff` is one, whether it makes text or not. */
function decode(segment: string): string {
  if (/%(?![0-9a-f]{2})/i.test(segment)) throw new BadRequest("ERR failed to parse command");
  return utf8ToBinary(segment).replace(/%(..)/g, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Bytes of these requests in a call to a node. */
function sizeOf(requests: readonly (readonly string[])[]): number {
  let size = 0;
  for (const args of requests) for (const arg of args) size += arg.length + 16;
  return size;
}
