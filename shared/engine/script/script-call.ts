/** A command that a script runs: its own gates, then the handler, within the script's one unit of effects. */
import { type Reply, ReplyError } from "../../resp/reply.ts";
import { ERRORS } from "../../resp/errors.ts";
import { forbidScripted } from "../acl/gate.ts";
import { type Command, MAY_REPLICATE } from "../command.ts";
import { call, lacksReplicas, lookUp } from "../execute.ts";
import type { Run } from "./interpreter.ts";

export function scriptCall(run: Run, args: readonly string[]): Reply {
  const { cx } = run;
  const command = lookUp(cx, args);
  if (command instanceof ReplyError) return new ReplyError(lookUpError(command));
  if (waits(command, args)) {
    return new ReplyError(`ERR ${args[0]} command is not allowed with BLOCK option from scripts`);
  }
  const refusal = refusalOf(run, command, args);
  if (refusal !== undefined) return new ReplyError(refusal);
  try {
    return call(cx, command, args);
  } catch (error) {
    run.failure = error instanceof Error ? error : new Error("a command failed");
    throw error;
  }
}

/** XREAD and XREADGROUP with BLOCK. */
function waits({ name }: Command, args: readonly string[]): boolean {
  if (name !== "xread" && name !== "xreadgroup") return false;
  for (const arg of args.slice(1)) {
    const word = arg.toLowerCase();
    if (word === "streams") return false;
    if (word === "block") return true;
  }
  return false;
}

/** Redis has words of its own for scripts. */
function lookUpError({ text }: ReplyError): string {
  return text.startsWith("ERR wrong number of arguments")
    ? "ERR Wrong number of args calling Redis command from script"
    : "ERR Unknown Redis command called from script";
}

function refusalOf(run: Run, command: Command, args: readonly string[]): string | undefined {
  const { cx, isReadOnly, deniesMemory } = run;
  const { flags } = command;
  const { engine } = cx;
  const { role } = engine.ports;
  if (flags.has("noscript")) return "ERR This Redis command is not allowed from script";
  const isStale =
    role.isReplica && !role.isLinkUp && !engine.config.flag("replica-serve-stale-data");
  if (isStale && !flags.has("stale")) return "ERR Can not execute the command on a stale replica";
  const why = cx.session.isRestricted ? forbidScripted(cx, { command, args }) : undefined;
  if (why !== undefined) return why;
  if (isReadOnly && (flags.has("write") || MAY_REPLICATE.has(command.name))) {
    return "ERR Write commands are not allowed from read-only scripts.";
  }
  if (flags.has("write")) {
    if (role.isReplica && engine.config.flag("replica-read-only")) return ERRORS.readOnly;
    if (engine.wantsReplicas && lacksReplicas(engine)) return ERRORS.noReplicas;
    if (deniesMemory && flags.has("denyoom")) {
      return "OOM command not allowed when used memory > 'maxmemory'.";
    }
  }
  return undefined;
}

/** redis.acl_check_cmd: whether the user may run this; undefined: there is no such command. */
export function checkCommand({ cx }: Run, args: readonly string[]): boolean | undefined {
  // By its name alone: how many arguments it has is not asked.
  const row = cx.engine.registry.find(args[0]!);
  const command = row?.subcommands.get((args[1] ?? "").toLowerCase()) ?? row;
  if (command === undefined) return undefined;
  return cx.engine.acl.denial(cx.session, command, args) === undefined;
}
