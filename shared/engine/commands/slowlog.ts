/** SLOWLOG: commands that took long. https://redis.io/commands/slowlog-get */
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, ReplyError } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { helpRow, wrongUse } from "./help.ts";

const VARIES = "nondeterministic_output";
const ON_ALL = "request_policy:all_nodes";
const LOG: readonly Flag[] = ["admin", "loading", "stale"];
const ALL_SUCCEED = { tips: [ON_ALL, "response_policy:all_succeeded"] };

const SLOWLOG_HELP = `
GET [<count>]
    Return top <count> entries from the slowlog (default: 10, -1 mean all).
    Entries are made of:
    id, timestamp, time in microseconds, arguments array, client IP and port,
    client name
LEN
    Return the length of the slowlog.
RESET
    Reset the slowlog.`;

export const SLOWLOG_COMMANDS: readonly Command[] = [
  command("slowlog", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      command("slowlog|get", -2, LOG, NO_KEYS, get, { tips: [ON_ALL, VARIES] }),
      helpRow("slowlog", SLOWLOG_HELP),
      command("slowlog|len", 2, LOG, NO_KEYS, (cx) => cx.engine.slowlog.length, {
        tips: [ON_ALL, "response_policy:agg_sum", VARIES],
      }),
      command("slowlog|reset", 2, LOG, NO_KEYS, resetLog, ALL_SUCCEED),
    ],
  }),
];

function get(cx: Context, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongUse("slowlog", args[1]!);
  const count = args.length === 2 ? 10 : parseInteger(args[2]!);
  if (typeof count !== "number" || count < -1) {
    throw new ReplyError("ERR count should be greater than or equal to -1");
  }
  const { slowlog } = cx.engine;
  return slowlog
    .latest(count === -1 ? slowlog.length : count)
    .map(({ id, atSeconds, durationUs, args, address, name }) => {
      return [id, atSeconds, durationUs, args, address, name];
    });
}

function resetLog({ engine }: Context): Reply {
  engine.slowlog.reset();
  return OK;
}
