/** LATENCY: what took long, and how long each command takes. https://redis.io/commands/latency-latest */
import { fail } from "../../resp/errors.ts";
import { MapReply, type Reply, ReplyError, Verbatim } from "../../resp/reply.ts";
import { type Command, command, type Flag, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { LatencyEvent } from "../latency.ts";
import { latencyGraph } from "../latency-graph.ts";
import type { LatencyHistogram } from "../latency-histogram.ts";
import { helpRow } from "./help.ts";

const ON_ALL = "request_policy:all_nodes";
const EVENTS: readonly Flag[] = ["admin", "noscript", "loading", "stale"];
const SPECIAL = { tips: ["nondeterministic_output", ON_ALL, "response_policy:special"] };
const ALL_SUCCEED = { tips: [ON_ALL, "response_policy:all_succeeded"] };

const HELP = `
DOCTOR
    Return a human readable latency analysis report.
GRAPH <event>
    Return an ASCII latency graph for the <event> class.
HISTORY <event>
    Return time-latency samples for the <event> class.
LATEST
    Return the latest latency samples for all events.
RESET [<event> ...]
    Reset latency data of one or more <event> classes.
    (default: reset all data for all event classes)
HISTOGRAM [COMMAND ...]
    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.
    If no commands are specified then all histograms are replied.`;

export const LATENCY_COMMANDS: readonly Command[] = [
  command("latency", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      command("latency|doctor", 2, EVENTS, NO_KEYS, doctor, SPECIAL),
      command("latency|graph", 3, EVENTS, NO_KEYS, graph, SPECIAL),
      helpRow("latency", HELP),
      command("latency|histogram", -2, EVENTS, NO_KEYS, histogram, SPECIAL),
      command("latency|history", 3, EVENTS, NO_KEYS, history, SPECIAL),
      command("latency|latest", 2, EVENTS, NO_KEYS, latest, SPECIAL),
      command("latency|reset", -2, EVENTS, NO_KEYS, resetLatency, ALL_SUCCEED),
    ],
  }),
];

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

function graph(cx: Context, args: readonly string[]): Reply {
  const event = cx.engine.latency.events().find(({ name }) => name === args[2]);
  if (event === undefined) {
    throw new ReplyError(`ERR No samples available for event '${args[2]!}'`);
  }
  return new Verbatim("txt", latencyGraph(event, Math.floor(cx.nowMs / 1000)));
}

/** Only calls that were timed are counted (slowlog.ts). */
function histogram({ engine }: Context, args: readonly string[]): Reply {
  const { histograms } = engine.latency;
  if (args.length === 2) return histogramsOf(histograms);
  const asked = new Map<string, LatencyHistogram>();
  for (const name of args.slice(2)) {
    const row = engine.registry.named(name);
    for (const { name: known } of row === undefined ? [] : [row, ...row.subcommands.values()]) {
      const found = histograms.get(known);
      if (found !== undefined) asked.set(known, found);
    }
  }
  return histogramsOf(asked);
}

function histogramsOf(histograms: ReadonlyMap<string, LatencyHistogram>): Reply {
  return new MapReply(
    [...histograms].flatMap(([name, histogram]) => [
      name,
      new MapReply([
        "calls",
        histogram.calls,
        "histogram_usec",
        new MapReply(histogram.buckets().flat()),
      ]),
    ]),
  );
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
