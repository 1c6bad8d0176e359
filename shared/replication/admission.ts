/** Who may come in: without a password only loopback is served, and secrets are compared in constant time. */
import type { Engine } from "../engine/engine.ts";

export type Admission =
  | "admitted"
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

/** Whether someone who offers this password of the default user (undefined: none) is let in. */
export function admit(engine: Engine, password: string | undefined): Admission {
  if (isProtected(engine)) return "denied";
  if (engine.acl.isOpen) return "admitted";
  return engine.acl.isRightPassword("default", password ?? "") ? "admitted" : "wrong-password";
}
