/** Requests that a user may not make: refused in Redis's words, and noted in the ACL log. */
import { clientLine } from "../client-list.ts";
import type { Command } from "../command.ts";
import type { Context } from "../context.ts";
import type { Denial } from "./check.ts";
import type { Denied } from "./log.ts";

interface Asked {
  readonly command: Command;
  readonly args: readonly string[];
}

/** Why a request may not be made; undefined where it may. */
export function forbid(cx: Context, { command, args }: Asked): string | undefined {
  const { session, engine } = cx;
  // These are refused for another reason, which Redis finds first.
  if (!session.isAuthenticated && !engine.acl.isOpen) return undefined;
  if (session.transaction !== undefined && command.flags.has("no_multi")) return undefined;
  const denial = denied(cx, { command, args });
  switch (denial?.what) {
    case undefined:
      return undefined;
    case "command":
      return `NOPERM this user has no permissions to run the '${command.name}' command`;
    default:
      return `NOPERM this user has no permissions to access one of the ${denial!.what}s used as arguments`;
  }
}

/** The same for a command of a transaction that was allowed when it was queued. */
export function forbidQueued(cx: Context, asked: Asked): string | undefined {
  const denial = denied(cx, asked);
  if (denial === undefined) return undefined;
  return (
    "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC " +
    `call. This command is no longer allowed for the following reason: ${SINCE_QUEUED[denial.what]}`
  );
}

const SINCE_QUEUED: Readonly<Record<Denial["what"], string>> = {
  command: "no permission to execute the command or subcommand",
  key: "no permission to touch the specified keys",
  channel: "no permission to access one of the channels used as arguments",
};

/** The same for a command that a script runs. */
export function forbidScripted(cx: Context, asked: Asked): string | undefined {
  const denial = denied(cx, asked, "lua");
  if (denial === undefined) return undefined;
  return `ERR The user executing the script can't ${BY_SCRIPT[denial.what]}`;
}

const BY_SCRIPT: Readonly<Record<Denial["what"], string>> = {
  command: "run this command or subcommand",
  key: "access at least one of the keys mentioned in the command arguments",
  channel: "publish to the channel mentioned in the command",
};

function denied(
  cx: Context,
  { command, args }: Asked,
  context = contextOf(cx),
): Denial | undefined {
  const denial = cx.engine.acl.denial(cx.session, command, args);
  if (denial === undefined) return undefined;
  const object = denial.what === "command" ? command.name : args[denial.at]!;
  note(cx, { reason: denial.what, context, object, user: cx.session.user });
  return denial;
}

/** Enters into the ACL log that a session could not log in; `by` is the command, as it was sent. */
export function noteFailedLogin(cx: Context, { user, by }: { user: string; by: string }): void {
  note(cx, { reason: "auth", context: contextOf(cx), object: by, user });
}

function contextOf({ session, isNested }: Context): Denied["context"] {
  return session.transaction !== undefined || isNested ? "multi" : "toplevel";
}

function note(cx: Context, what: Omit<Denied, "atMs" | "client">): void {
  const { engine, session, nowMs } = cx;
  const entry = { ...what, atMs: nowMs, client: clientLine(session, nowMs) };
  engine.acl.log.add(entry, engine.config.number("acllog-max-len"));
}
