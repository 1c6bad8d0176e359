/** Scripts (https://redis.io/docs/latest/commands/?group=scripting). */
import { OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { integer } from "../arguments.ts";
import {
  type Command,
  command,
  type Flag,
  type Handler,
  type KeySpec,
  NO_KEYS,
} from "../command.ts";
import type { Context } from "../context.ts";
import { parseHeader, type ScriptFlag } from "../script/header.ts";
import { flagsWith, runScript } from "../script/run.ts";
import type { Script } from "../script/scripts.ts";
import { helpRow, helpHandler } from "./help.ts";

const SCRIPTING = { categories: ["scripting"] };
const FLAGS = ["noscript", "stale", "skip_monitor", "no_mandatory_keys", "movablekeys"] as const;
const NO_SCRIPT = "NOSCRIPT No matching script. Please use EVAL.";
/** Of a SHA-1 as text. What is none is looked for before the keys are counted. */
const SHA_LENGTH = 40;
const RO_FLAGS = [...FLAGS, "readonly"] as const;

/** Keys behind their number, the second argument. */
export function numberedKeys(flags: string): KeySpec[] {
  return [{ flags: flags.split(" "), begin: { at: 2 }, find: { numkeysAt: 0, first: 1, step: 1 } }];
}

const HELP = `
DEBUG (YES|SYNC|NO)
    Set the debug mode for subsequent scripts executed.
EXISTS <sha1> [<sha1> ...]
    Return information about the existence of the scripts in the script cache.
FLUSH [ASYNC|SYNC]
    Flush the Lua scripts cache. Very dangerous on replicas.
    When called without the optional mode argument, the behavior is determined by the
    lazyfree-lazy-user-flush configuration directive. Valid modes are:
    * ASYNC: Asynchronously flush the scripts cache.
    * SYNC: Synchronously flush the scripts cache.
KILL
    Kill the currently executing Lua script.
LOAD <script>
    Load a script into the scripts cache without executing it.`;

const RW_KEYS = numberedKeys("RW access update");
const RO_KEYS = numberedKeys("RO access");
const EVERYWHERE = ["request_policy:all_nodes", "response_policy:all_succeeded"];

export const SCRIPT_COMMANDS = [
  evaluating("eval", { bySha: false, isReadOnly: false }),
  evaluating("eval_ro", { bySha: false, isReadOnly: true }),
  evaluating("evalsha", { bySha: true, isReadOnly: false }),
  evaluating("evalsha_ro", { bySha: true, isReadOnly: true }),
  command("script", -2, [], NO_KEYS, helpHandler("script", HELP), {
    subcommands: [
      command("script|debug", 3, ["noscript"], NO_KEYS, debug, SCRIPTING),
      command("script|exists", -3, ["noscript"], NO_KEYS, exists, {
        ...SCRIPTING,
        tips: ["request_policy:all_shards", "response_policy:agg_logical_and"],
      }),
      command("script|flush", -2, ["noscript"], NO_KEYS, flush, { ...SCRIPTING, tips: EVERYWHERE }),
      helpRow("script", HELP, SCRIPTING),
      command("script|kill", 2, ["noscript", "allow_busy"], NO_KEYS, kill, {
        ...SCRIPTING,
        tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
      }),
      command("script|load", 3, ["noscript", "stale"], NO_KEYS, load, {
        ...SCRIPTING,
        tips: EVERYWHERE,
      }),
      command("script|show", 3, ["noscript"], NO_KEYS, show, {
        ...SCRIPTING,
        docs: { summary: "Returns the source of a script", since: "8.4.0", group: "scripting" },
      }),
    ],
  }),
];

interface Kind {
  readonly bySha: boolean;
  readonly isReadOnly: boolean;
}

function evaluating(name: string, kind: Kind): Command {
  const flags = kind.isReadOnly ? RO_FLAGS : FLAGS;
  const own = new Set<Flag>(flags);
  return command(name, -3, flags, kind.isReadOnly ? RO_KEYS : RW_KEYS, evaluate(kind), {
    ...SCRIPTING,
    flagsFor: ({ engine }, args) =>
      flagsWith(own, kind.bySha ? engine.scripts.flagsOf(args[1]!) : flagsIn(args[1]!)),
  });
}

/** What is wrong with it is said when it runs. */
function flagsIn(body: string): ReadonlySet<ScriptFlag> | undefined {
  try {
    return parseHeader(body).flags;
  } catch (error) {
    if (error instanceof ReplyError) return undefined;
    throw error;
  }
}

function evaluate({ bySha, isReadOnly }: Kind): Handler {
  return (cx, args) => {
    if (bySha && args[1]!.length !== SHA_LENGTH) throw new ReplyError(NO_SCRIPT);
    const { keys, rest } = splitKeys(args);
    const script = bySha ? known(cx, args[1]!) : cx.engine.scripts.add(args[1]!, EVALUATED);
    const { interpreter } = cx.engine.scripts;
    return runScript(cx, script, { keys, args: rest, isReadOnly, asArguments: false, interpreter });
  };
}

const EVALUATED = { isLoaded: false };

/** The arguments behind the number of keys, parted there. */
export function splitKeys(args: readonly string[]): { keys: string[]; rest: string[] } {
  const count = integer(args[2]!);
  if (count > args.length - 3) {
    throw new ReplyError("ERR Number of keys can't be greater than number of args");
  }
  if (count < 0) throw new ReplyError("ERR Number of keys can't be negative");
  const end = 3 + Number(count);
  return { keys: args.slice(3, end), rest: args.slice(end) };
}

function known(cx: Context, sha: string): Script {
  const script = cx.engine.scripts.find(sha);
  if (script === undefined) throw new ReplyError(NO_SCRIPT);
  return script;
}

// -- SCRIPT ------------------------------------------------------------------------------------------

function load(cx: Context, args: readonly string[]): Reply {
  return cx.engine.scripts.add(args[2]!, { isLoaded: true }).sha;
}

function exists(cx: Context, args: readonly string[]): Reply {
  return args.slice(2).map((sha) => (cx.engine.scripts.find(sha) === undefined ? 0 : 1));
}

function show(cx: Context, args: readonly string[]): Reply {
  return known(cx, args[2]!).body;
}

function flush(cx: Context, args: readonly string[]): Reply {
  const mode = args[2]?.toLowerCase();
  if (args.length > 3 || (mode !== undefined && mode !== "sync" && mode !== "async")) {
    throw new ReplyError("ERR SCRIPT FLUSH only support SYNC|ASYNC option");
  }
  cx.engine.scripts.flush();
  return OK;
}

/** Nobody is heard while a script runs; one that runs too long ends by itself. */
function kill(): Reply {
  throw new ReplyError("NOTBUSY No scripts in execution right now.");
}

function debug(_: Context, args: readonly string[]): Reply {
  const mode = args[2]!.toLowerCase();
  if (mode === "no") return OK;
  if (mode !== "yes" && mode !== "sync") {
    throw new ReplyError("ERR Use SCRIPT DEBUG YES/SYNC/NO");
  }
  throw new ReplyError("ERR the Lua debugger is not available");
}
