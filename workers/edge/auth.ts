/** The password a request offers; the node compares it. */
import type { Context } from "hono";
import { utf8ToBinary } from "../../shared/base/bytes.ts";
import { type Admission, DENIED } from "../../shared/replication/admission.ts";
import { type Env, MASTER, nodeStub } from "../env.ts";

type EdgeContext = Context<{ Bindings: Env }>;

/** Of `Authorization: Bearer …`, or `?_token=…`, as a binary string; the header wins. */
export function passwordOf(c: EdgeContext): string | undefined {
  const bearer = /^bearer\s+(.*)$/i.exec(c.req.header("authorization") ?? "")?.[1];
  const password = bearer ?? c.req.query("_token");
  return password === undefined ? undefined : utf8ToBinary(password);
}

/** The answer to someone who is not let in; undefined for one who is. */
export async function refuse(c: EdgeContext, node = MASTER): Promise<Response | undefined> {
  const admission = await nodeStub(c.env, node).admits(passwordOf(c));
  return admission === "admitted" ? undefined : refusal(c, admission);
}

export function refusal(c: EdgeContext, admission: Exclude<Admission, "admitted">): Response {
  if (admission === "denied") return c.json({ error: DENIED }, 403);
  return c.json({ error: "WRONGPASS invalid or missing auth token" }, 401);
}
