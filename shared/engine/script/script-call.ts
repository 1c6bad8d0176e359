/** A command that a script runs: its own gates, then the handler, within the script's one unit of effects. */
import { type Reply, ReplyError } from "../../resp/reply.ts";
import { ERRORS } from "../../resp/errors.ts";
import type { Command } from "../command.ts";
import { call, lookUp } from "../execute.ts";
import type { Run } from "./interpreter.ts";

export function scriptCall(run: Run, args: readonly string[]): Reply {
  const { cx } = run;
  const command = lookUp(cx, args);
  if (command instanceof ReplyError) return new ReplyError(lookUpError(command, args));
  const refusal = refusalOf(run, command);
  if (refusal !== undefined) return new ReplyError(refusal);
  return call(cx, command, args);
}

/** Redis has words of its own for scripts. */
function lookUpError({ text }: ReplyError, _args: readonly string[]): string {
  return text.startsWith("ERR wrong number of arguments")
    ? "ERR Wrong number of args calling Redis command from script"
    : "ERR Unknown Redis command called from script";
}

function refusalOf({ cx, isReadOnly, deniesMemory }: Run, { flags }: Command): string | undefined {
  const { engine } = cx;
  const { role } = engine.ports;
  if (flags.has("noscript")) return "ERR This Redis command is not allowed from script";
  const isStale = role.isReplica && !role.isLinkUp && !engine.config.flag("replica-serve-stale-data");
  if (isStale && !flags.has("stale")) return "ERR Can not execute the command on a stale replica";
  if (flags.has("write")) {
    if (isReadOnly) return "ERR Write commands are not allowed from read-only scripts.";
    if (role.isReplica && engine.config.flag("replica-read-only")) return ERRORS.readOnly;
    if (deniesMemory && flags.has("denyoom")) {
      return "OOM command not allowed when used memory > 'maxmemory'.";
    }
  }
  return undefined;
}

/** redis.acl_check_cmd: whether the user may run this; undefined: there is no such command. */
export function checkCommand({ cx }: Run, args: readonly string[]): boolean | undefined {
  return lookUp(cx, args) instanceof ReplyError ? undefined : true;
}
