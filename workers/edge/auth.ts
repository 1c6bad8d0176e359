/** The password a request offers; the node compares it. */
import type { Context } from "hono";
import { type Admission, DENIED } from "../../shared/replication/admission.ts";
import { type Env, MASTER, nodeStub } from "../env.ts";

type EdgeContext = Context<{ Bindings: Env }>;

/** Of `Authorization: Bearer …`, or `?_token=…`; the header wins. */
export function passwordOf(c: EdgeContext): string | undefined {
  const bearer = /^bearer\s+(.*)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  return bearer ?? c.req.query("_token");
}

/** The answer to someone who is not let in; undefined for one who is. */
export async function refuse(c: EdgeContext): Promise<Response | undefined> {
  const admission = await nodeStub(c.env, MASTER).admits(passwordOf(c));
  return admission === "admitted" ? undefined : refusal(c, admission);
}

export function refusal(c: EdgeContext, admission: Exclude<Admission, "admitted">): Response {
  if (admission === "denied") return c.json({ error: DENIED }, 403);
  return c.json({ error: "WRONGPASS invalid or missing auth token" }, 401);
}
