/** Messages to who listens now (https://redis.io/docs/latest/commands/?group=pubsub). */
import { globMatch } from "../../base/glob.ts";
import { fail } from "../../resp/errors.ts";
import { Push, Replies, type Reply, ReplyError } from "../../resp/reply.ts";
import {
  type Command,
  command,
  type Flag,
  type Handler,
  keys,
  type KeySpec,
  NO_KEYS,
} from "../command.ts";
import type { Context } from "../context.ts";
import { subscriptionBytes, type SubscriptionKind } from "../pubsub.ts";
import { helpRow, wrongUse } from "./help.ts";

const LISTENING: readonly Flag[] = ["pubsub", "noscript", "loading", "stale"];
const SENDING: readonly Flag[] = ["pubsub", "loading", "stale", "fast"];
const LOOKING: readonly Flag[] = ["pubsub", "loading", "stale"];

/** Shard channels are no keys, but stand where keys would: clients route by them. */
const SHARD_CHANNEL = keys("not_key");
const SHARD_CHANNELS = keys("not_key", 1, { last: -1 });

/** The first letter of `subscribe` and `unsubscribe` in the answers. */
const PREFIXES: Readonly<Record<SubscriptionKind, string>> = {
  channels: "",
  patterns: "p",
  shardChannels: "s",
};

const HELP = `
CHANNELS [<pattern>]
    Return the currently active channels matching a <pattern> (default: '*').
NUMPAT
    Return number of subscriptions to patterns.
NUMSUB [<channel> ...]
    Return the number of subscribers for the specified channels, excluding
    pattern subscriptions(default: no channels).
SHARDCHANNELS [<pattern>]
    Return the currently active shard level channels matching a <pattern> (default: '*').
SHARDNUMSUB [<shardchannel> ...]
    Return the number of subscribers for the specified shard level channel(s)`;

export const PUBSUB_COMMANDS: readonly Command[] = [
  row("psubscribe", -2, subscribing("patterns")),
  command("publish", 3, SENDING, NO_KEYS, publish),
  command("pubsub", -2, [], NO_KEYS, () => fail("syntax"), {
    subcommands: [
      command("pubsub|channels", -2, LOOKING, NO_KEYS, listing("channels")),
      helpRow("pubsub", HELP),
      command("pubsub|numpat", 2, LOOKING, NO_KEYS, (cx) => cx.engine.pubsub.patterns.size),
      command("pubsub|numsub", -2, LOOKING, NO_KEYS, counting("channels")),
      command("pubsub|shardchannels", -2, LOOKING, NO_KEYS, listing("shardChannels")),
      command("pubsub|shardnumsub", -2, LOOKING, NO_KEYS, counting("shardChannels")),
    ],
  }),
  row("punsubscribe", -1, unsubscribing("patterns")),
  command("spublish", 3, SENDING, SHARD_CHANNEL, shardPublish),
  row("ssubscribe", -2, subscribing("shardChannels"), SHARD_CHANNELS),
  row("subscribe", -2, subscribing("channels")),
  row("sunsubscribe", -1, unsubscribing("shardChannels"), SHARD_CHANNELS),
  row("unsubscribe", -1, unsubscribing("channels")),
];

function row(
  name: string,
  arity: number,
  handler: Handler,
  keySpecs: readonly KeySpec[] = NO_KEYS,
): Command {
  return command(name, arity, LISTENING, keySpecs, handler);
}

// -- listening ---------------------------------------------------------------------------------------

/** One answer for each channel; in RESP3 all of them are messages, not replies. */
function subscribing(kind: SubscriptionKind): Handler {
  const word = `${PREFIXES[kind]}subscribe`;
  return (cx, args) => {
    // SUBSCRIBE and PSUBSCRIBE in a transaction are older than this rule, and stay allowed.
    if (cx.isNested && kind === "shardChannels") {
      throw new ReplyError("ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client");
    }
    const { engine, session } = cx;
    const names = args.slice(1);
    const byteCount = (session.subscriptions?.byteCount ?? 0) + subscriptionBytes(names);
    if (byteCount > engine.config.number("client-query-buffer-limit")) {
      throw new ReplyError("ERR subscriptions exceed client-query-buffer-limit");
    }

    return told(names, (name) => {
      engine.pubsub.subscribe(session, kind, name);
      return new Push([word, name, countOf(cx, kind)]);
    });
  };
}

/** Without names: from all; and where there are none of those, one answer all the same. */
function unsubscribing(kind: SubscriptionKind): Handler {
  const word = `${PREFIXES[kind]}unsubscribe`;
  return (cx, args) => {
    const { engine, session } = cx;
    const names = args.length > 1 ? args.slice(1) : [...(session.subscriptions?.[kind] ?? [])];
    if (names.length === 0) return new Push([word, null, countOf(cx, kind)]);
    return told(names, (name) => {
      engine.pubsub.unsubscribe(session, kind, name);
      return new Push([word, name, countOf(cx, kind)]);
    });
  };
}

function told(names: readonly string[], tell: (name: string) => Push): Reply {
  const items = names.map(tell);
  return items.length === 1 ? items[0]! : new Replies(items);
}

function countOf({ session }: Context, kind: SubscriptionKind): number {
  return session.subscriptions?.countBeside(kind) ?? 0;
}

// -- sending -----------------------------------------------------------------------------------------

function publish(cx: Context, args: readonly string[]): Reply {
  const count = cx.engine.pubsub.publish(args[1]!, args[2]!);
  passOn(cx, args);
  return count;
}

function shardPublish(cx: Context, args: readonly string[]): Reply {
  const count = cx.engine.pubsub.publishShard(args[1]!, args[2]!);
  passOn(cx, args);
  return count;
}

/** Who listens to a replica hears what was said to its master, but not the other way round. */
function passOn(cx: Context, args: readonly string[]): void {
  if (!cx.engine.ports.role.isReplica) cx.effect(...args);
}

// -- looking -----------------------------------------------------------------------------------------

function listing(kind: SubscriptionKind): Handler {
  return (cx, args) => {
    if (args.length > 3) throw wrongUse("pubsub", args[1]!);
    const names = [...cx.engine.pubsub[kind].keys()];
    const pattern = args[2];
    return pattern === undefined ? names : names.filter((name) => globMatch(pattern, name));
  };
}

function counting(kind: SubscriptionKind): Handler {
  return (cx, args) => {
    const listeners = cx.engine.pubsub[kind];
    return args.slice(2).flatMap((name) => [name, listeners.get(name)?.size ?? 0]);
  };
}
