/** SLOWLOG and LATENCY: what took long. https://redis.io/commands/slowlog-get, …/latency-latest */
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, ReplyError, Verbatim } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { LatencyEvent } from "../latency.ts";
import { helpRow, wrongUse } from "./help.ts";

const VARIES = "nondeterministic_output";
const ON_ALL = "request_policy:all_nodes";
const LOG: readonly Flag[] = ["admin", "loading", "stale"];
const EVENTS: readonly Flag[] = ["admin", "noscript", "loading", "stale"];
const SPECIAL = { tips: [VARIES, ON_ALL, "response_policy:special"] };
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

const LATENCY_HELP = `
DOCTOR
    Return a human readable latency analysis report.
HISTORY <event>
    Return time-latency samples for the <event> class.
LATEST
    Return the latest latency samples for all events.
RESET [<event> ...]
    Reset latency data of one or more <event> classes.
    (default: reset all data for all event classes)`;

export const SLOWLOG_COMMANDS: readonly Command[] = [
  command("latency", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      command("latency|doctor", 2, EVENTS, NO_KEYS, doctor, SPECIAL),
      helpRow("latency", LATENCY_HELP),
      command("latency|history", 3, EVENTS, NO_KEYS, history, SPECIAL),
      command("latency|latest", 2, EVENTS, NO_KEYS, latest, SPECIAL),
      command("latency|reset", -2, EVENTS, NO_KEYS, resetLatency, ALL_SUCCEED),
    ],
  }),
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

function latest({ engine }: Context): Reply {
  return engine.latency.events().map(({ name, samples, worstMs }) => {
    const last = samples.at(-1)!;
    return [name, last.atSeconds, last.durationMs, worstMs];
  });
}

function history({ engine }: Context, args: readonly string[]): Reply {
  const event = engine.latency.events().find(({ name }) => name === args[2]);
  return (event?.samples ?? []).map(({ atSeconds, durationMs }) => [atSeconds, durationMs]);
}

function resetLatency({ engine }: Context, args: readonly string[]): Reply {
  return engine.latency.reset(args.slice(2));
}

const IS_OFF =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You " +
  'may use "CONFIG SET latency-monitor-threshold <milliseconds>." in order to enable it. If we ' +
  "weren't in a deep space mission I'd suggest to take a look at " +
  "https://redis.io/topics/latency-monitor.\n";

const IS_QUIET =
  "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the " +
  "slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think " +
  "things over.\n";

function doctor({ engine }: Context): Reply {
  const events = engine.latency.events();
  if (events.length > 0) return new Verbatim("txt", events.map(report).join(""));
  const isOn = engine.config.number("latency-monitor-threshold") > 0;
  return new Verbatim("txt", isOn ? IS_QUIET : IS_OFF);
}

function report({ name, samples, worstMs }: LatencyEvent): string {
  const totalMs = samples.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const average = (totalMs / samples.length).toFixed(0);
  return `${name}: ${samples.length} latency spikes (average ${average}ms). Worst ${worstMs}ms.\n`;
}
