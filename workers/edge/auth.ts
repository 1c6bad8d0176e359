/** The token a request offers; the node compares it. */
import type { Context } from "hono";
import { utf8ToBinary } from "../../shared/base/bytes.ts";
import { type Admission, DENIED } from "../../shared/replication/admission.ts";
import { type Env, MASTER, nodeStub } from "../env.ts";
import { callNode } from "./call.ts";

export type EdgeContext = Context<{ Bindings: Env }>;

/** Of `Authorization: Bearer …`, or `?_token=…`, as a binary string; the header wins. */
export function tokenOf(c: EdgeContext): string | undefined {
  const bearer = /^bearer\s+(.*)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const token = bearer ?? queryOf(c, "_token");
  return token === undefined ? undefined : utf8ToBinary(token);
}

/** A parameter of the query. Most requests have none, and are not searched for it. */
export function queryOf(c: EdgeContext, name: string): string | undefined {
  return c.req.url.includes("?") ? c.req.query(name) : undefined;
}

/** Whom a path is for: who has the password, or who has the token for reading as well. */
export type Audience = "writers" | "readers";

/** The answer to someone who is not let in; undefined for one who is. */
export async function refuse(
  c: EdgeContext,
  node = MASTER,
  audience: Audience = "writers",
): Promise<Response | undefined> {
  const admission = await callNode(() => nodeStub(c.env, node).admits(tokenOf(c)), {
    isRepeatable: true,
  });
  if (admission === "admitted") return undefined;
  return admission === "read-only" && audience === "readers" ? undefined : refusal(c, admission);
}

export function refusal(c: EdgeContext, admission: Exclude<Admission, "admitted">): Response {
  if (admission === "denied") return c.json({ error: DENIED }, 403);
  if (admission === "read-only") {
    return c.json({ error: "NOPERM this token is for reading; this asks for the password" }, 403);
  }
  return c.json({ error: "WRONGPASS invalid or missing auth token" }, 401);
}
