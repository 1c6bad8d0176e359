/** CONFIG: settings read and changed. https://redis.io/commands/config-set */
import { fail } from "../../resp/errors.ts";
import { MapReply, OK, type Reply } from "../../resp/reply.ts";
import { type Command, command, type Flag, type Handler, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { helpRow } from "./help.ts";

const ADMIN: readonly Flag[] = ["admin", "noscript", "loading", "stale"];

const HELP = `
GET <pattern>
    Return parameters matching the glob-like <pattern> and their values.
SET <directive> <value>
    Set the configuration <directive> to <value>.
RESETSTAT
    Reset statistics reported by the INFO command.
REWRITE
    Rewrite the configuration file.`;

function row(name: string, arity: number, handler: Handler, tips: readonly string[] = []): Command {
  return command(`config|${name}`, arity, ADMIN, NO_KEYS, handler, { tips });
}

export const CONFIG_COMMANDS: readonly Command[] = [
  command("config", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      row("get", -3, get),
      helpRow("config", HELP),
      row("resetstat", 2, resetStat),
      // CONFIG SET has written the change already (config.ts).
      row("rewrite", 2, () => OK),
      row("set", -4, set, ["request_policy:all_nodes", "response_policy:all_succeeded"]),
    ],
  }),
];

function get(cx: Context, args: readonly string[]): Reply {
  return new MapReply(cx.engine.config.match(args.slice(2)).flat());
}

function set(cx: Context, args: readonly string[]): Reply {
  if (args.length % 2 === 1) fail("syntax");
  const pairs: [string, string][] = [];
  for (let i = 2; i < args.length; i += 2) pairs.push([args[i]!, args[i + 1]!]);
  cx.engine.config.set(pairs);
  return OK;
}

function resetStat({ engine }: Context): Reply {
  engine.stats.reset();
  engine.latency.histograms.clear();
  return OK;
}
