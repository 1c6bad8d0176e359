/** Who may come in: without a password only loopback is served, and secrets are compared in constant time. */
import type { Engine } from "../engine/engine.ts";
import { isSameSecret } from "../engine/secrets.ts";

export type Admission =
  | "admitted"
  /** By `rest-readonly-token`: may read and nothing else. */
  | "read-only"
  /** No password is set, and the node is reachable by strangers. */
  | "denied"
  /** A password is set, and this is not it. */
  | "wrong-password";

/** What is said where nobody is let in. */
export const DENIED =
  "DENIED Antipode is running in protected mode because no password is set. Set one with " +
  "`npx wrangler secret put REDIS_PASSWORD` (deployed) or `--password` (npm start), and deploy or start again.";

/** Whether the node serves nobody: no password, and not on loopback. */
export function isProtected({ acl, config }: Engine): boolean {
  return acl.isOpen && config.flag("protected-mode");
}

/**
 * Whether someone is let in who offers this (undefined: nothing): the default user's password, or the token
 * for reading. Both are compared whatever comes of the first, so that a refusal takes one time.
 */
export function admit(engine: Engine, offered: string | undefined): Admission {
  if (isProtected(engine)) return "denied";
  if (engine.acl.isOpen) return "admitted";
  const isPassword = engine.acl.isRightPassword("default", offered ?? "");
  const readToken = engine.config.text("rest-readonly-token");
  const isReadToken = isSameSecret(readToken, offered ?? "") && readToken !== "";
  if (isPassword) return "admitted";
  return isReadToken ? "read-only" : "wrong-password";
}
