/** Functions (https://redis.io/docs/latest/develop/interact/programmability/functions-intro). */
import { parseInteger } from "../../base/numbers.ts";
import { dumpFunctions, restoredFunctions } from "../../rdb/functions.ts";
import { MapReply, OK, type Reply, ReplyError, SetReply, Status } from "../../resp/reply.ts";
import { type Command, command, type Flag, type Handler, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { Library } from "../script/functions.ts";
import { flagsWith, runScript } from "../script/run.ts";
import { helpHandler, helpRow, wrongUse } from "./help.ts";
import { numberedKeys, splitKeys } from "./script.ts";

const SCRIPTING = { categories: ["scripting"] };
const EVERYWHERE = {
  ...SCRIPTING,
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
};
const FLAGS = ["noscript", "stale", "skip_monitor", "no_mandatory_keys", "movablekeys"] as const;

const HELP = `
LOAD [REPLACE] <FUNCTION CODE>
    Create a new library with the given library name and code.
DELETE <LIBRARY NAME>
    Delete the given library.
LIST [LIBRARYNAME PATTERN] [WITHCODE]
    Return general information on all the libraries:
    * Library name
    * The engine used to run the Library
    * Library description
    * Functions list
    * Library code (if WITHCODE is given)
    It also possible to get only function that matches a pattern using LIBRARYNAME argument.
STATS
    Return information about the current function running:
    * Function name
    * Command used to run the function
    * Duration in MS that the function is running
    If no function is running, return nil
    In addition, returns a list of available engines.
KILL
    Kill the current running function.
FLUSH [ASYNC|SYNC]
    Delete all the libraries.
    When called without the optional mode argument, the behavior is determined by the
    lazyfree-lazy-user-flush configuration directive. Valid modes are:
    * ASYNC: Asynchronously flush the libraries.
    * SYNC: Synchronously flush the libraries.
DUMP
    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command
RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]
    Restore the libraries represented by the given payload, it is possible to give a restore policy to
    control how to handle existing libraries (default APPEND):
    * FLUSH: delete all existing libraries.
    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.
    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old
      libraries with the new libraries (notice that even on this option there is a chance of failure
      in case of functions name collision with another library).`;

export const FUNCTION_COMMANDS = [
  calling("fcall", { isReadOnly: false }),
  calling("fcall_ro", { isReadOnly: true }),
  command("function", -2, [], NO_KEYS, helpHandler("function", HELP), {
    subcommands: [
      command("function|delete", 3, ["write", "noscript"], NO_KEYS, remove, EVERYWHERE),
      command("function|dump", 2, ["noscript"], NO_KEYS, dump, SCRIPTING),
      command("function|flush", -2, ["write", "noscript"], NO_KEYS, flush, EVERYWHERE),
      helpRow("function", HELP, SCRIPTING),
      command("function|kill", 2, ["noscript", "allow_busy"], NO_KEYS, kill, {
        ...SCRIPTING,
        tips: ["request_policy:all_shards", "response_policy:one_succeeded"],
      }),
      command("function|list", -2, ["noscript"], NO_KEYS, list, {
        ...SCRIPTING,
        tips: ["nondeterministic_output_order"],
      }),
      command("function|load", -3, ["write", "denyoom", "noscript"], NO_KEYS, load, EVERYWHERE),
      command(
        "function|restore",
        -3,
        ["write", "denyoom", "noscript"],
        NO_KEYS,
        restore,
        EVERYWHERE,
      ),
      command("function|stats", 2, ["noscript", "allow_busy"], NO_KEYS, stats, {
        ...SCRIPTING,
        tips: ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
      }),
    ],
  }),
];

function calling(name: string, { isReadOnly }: { isReadOnly: boolean }): Command {
  const flags: readonly Flag[] = isReadOnly ? [...FLAGS, "readonly"] : FLAGS;
  const own = new Set(flags);
  const keySpecs = numberedKeys(isReadOnly ? "RO access" : "RW access update");
  return command(name, -3, flags, keySpecs, call(isReadOnly), {
    ...SCRIPTING,
    flagsFor: ({ engine }, args) => flagsWith(own, engine.functions.flagsOf(args[1]!)),
  });
}

function call(isReadOnly: boolean): Handler {
  return (cx, args) => {
    const { functions } = cx.engine;
    const found = functions.find(args[1]!);
    if (found === undefined) throw new ReplyError("ERR Function not found");
    if (parseInteger(args[2]!) === undefined) {
      throw new ReplyError("ERR Bad number of keys provided");
    }
    const { keys, rest } = splitKeys(args);
    const { interpreter } = functions;
    return runScript(cx, found, { keys, args: rest, isReadOnly, asArguments: true, interpreter });
  };
}

function load(cx: Context, args: readonly string[]): Reply {
  let isReplacing = false;
  for (const option of args.slice(2, -1)) {
    if (option.toLowerCase() !== "replace")
      throw new ReplyError(`ERR Unknown option given: ${option}`);
    isReplacing = true;
  }
  const name = cx.engine.functions.load(args.at(-1)!, { isReplacing, isKnown: cx.isReplay });
  cx.dirty++;
  return name;
}

function remove(cx: Context, args: readonly string[]): Reply {
  if (!cx.engine.functions.delete(args[2]!)) throw new ReplyError("ERR Library not found");
  cx.dirty++;
  return OK;
}

function flush(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("function", args[1]!);
  const mode = args[2]?.toLowerCase();
  if (mode !== undefined && mode !== "sync" && mode !== "async") {
    throw new ReplyError("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  cx.engine.functions.flush();
  cx.dirty++;
  return OK;
}

function dump(cx: Context): Reply {
  return dumpFunctions(cx.engine.functions.all.map(({ code }) => code));
}

function restore(cx: Context, args: readonly string[]): Reply {
  if (args.length > 4) throw wrongUse("function", args[1]!);
  const policy = args[3]?.toLowerCase() ?? "append";
  if (policy !== "append" && policy !== "replace" && policy !== "flush") {
    throw new ReplyError(
      "ERR Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.",
    );
  }
  cx.engine.functions.restore(restoredFunctions(args[2]!), { policy, isKnown: cx.isReplay });
  cx.dirty++;
  return OK;
}

function list(cx: Context, args: readonly string[]): Reply {
  let pattern: string | undefined;
  let isWithCode = false;
  for (let at = 2; at < args.length; at++) {
    const option = args[at]!.toLowerCase();
    if (option === "withcode" && !isWithCode) isWithCode = true;
    else if (option === "libraryname" && pattern === undefined) {
      pattern = args[++at];
      if (pattern === undefined) throw new ReplyError("ERR library name argument was not given");
    } else throw new ReplyError(`ERR Unknown argument ${args[at]!}`);
  }
  return cx.engine.functions.matching(pattern).map((library) => shown(library, isWithCode));
}

function shown({ name, code, functions }: Library, isWithCode: boolean): Reply {
  const rows = functions.map(
    (one) =>
      new MapReply([
        "name",
        one.name,
        "description",
        one.description ?? null,
        "flags",
        new SetReply(Array.from(one.flags, (flag) => new Status(flag))),
      ]),
  );
  const flat: Reply[] = ["library_name", name, "engine", "LUA", "functions", rows];
  if (isWithCode) flat.push("library_code", code);
  return new MapReply(flat);
}

/** Nobody is heard while a function runs. */
function stats({ engine }: Context): Reply {
  const { all, functionCount } = engine.functions;
  const counts = ["libraries_count", all.length, "functions_count", functionCount];
  const engines = new MapReply(["LUA", new MapReply(counts)]);
  return new MapReply(["running_script", null, "engines", engines]);
}

function kill(): Reply {
  throw new ReplyError("NOTBUSY No scripts in execution right now.");
}
