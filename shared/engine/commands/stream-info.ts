/** XINFO: what there is to be known of a stream, its groups and their consumers. */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import {
  byName,
  type Consumer,
  type ConsumerGroup,
  READ_UNKNOWN,
} from "../../types/stream-group.ts";
import { FIRST_ID, formatId, LAST_ID, type StreamId } from "../../types/stream-id.ts";
import type { StreamIds } from "../../types/stream-ids.ts";
import type { StreamValue } from "../../types/stream.ts";
import { count } from "../arguments.ts";
import { command, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { mapOf } from "./map-of.ts";
import { helpHandler, helpRow, wrongUse } from "./help.ts";
import { noGroup, shown, STREAM } from "./stream-arguments.ts";

const CHANGING = { ...STREAM, tips: ["nondeterministic_output"] };

const HELP = `
CONSUMERS <key> <groupname>
    Show consumers of <groupname>.
GROUPS <key>
    Show the stream consumer groups.
STREAM <key> [FULL [COUNT <count>]
    Show information about the stream.
`;

export const STREAM_INFO_COMMANDS = [
  command("xinfo", -2, [], NO_KEYS, helpHandler("xinfo", HELP), {
    subcommands: [
      command("xinfo|consumers", 4, ["readonly"], keys("RO access", 2), consumersInfo, CHANGING),
      command("xinfo|groups", 3, ["readonly"], keys("RO access", 2), groupsInfo, STREAM),
      helpRow("xinfo", HELP, STREAM),
      command("xinfo|stream", -3, ["readonly"], keys("RO access", 2), streamInfo, STREAM),
    ],
  }),
];

function streamOf(cx: Context, name: string): StreamValue {
  return cx.readAs<StreamValue>(name, "stream") ?? fail("noSuchKey");
}

function consumersInfo(cx: Context, args: readonly string[]): Reply {
  const [, , name, groupName] = args as [string, string, string, string];
  const group = streamOf(cx, name).groups.get(groupName);
  if (group === undefined) {
    throw noGroup("No such consumer group ", groupName, " for key name ", name);
  }
  return byName(group.consumers.values()).map((consumer) => {
    const idle = Math.max(cx.nowMs - consumer.seenAtMs, 0);
    return record({ name: consumer.name, pending: consumer.pending.size, idle });
  });
}

function groupsInfo(cx: Context, args: readonly string[]): Reply {
  const stream = streamOf(cx, args[2]!);
  return byName(stream.groups.values()).map((group) => {
    return record({
      name: group.name,
      consumers: group.consumers.size,
      pending: group.pendingIds.size,
      "last-delivered-id": formatId(group.lastId),
      "entries-read": entriesRead(group),
      lag: lag(stream, group),
    });
  });
}

function entriesRead(group: ConsumerGroup): Reply {
  return group.entriesRead === READ_UNKNOWN ? null : group.entriesRead;
}

/** How many entries the group has not read yet; nil where deletions make that unknown. */
function lag(stream: StreamValue, group: ConsumerGroup): Reply {
  if (stream.entriesAdded === 0n) return 0;
  const isKnown = group.entriesRead !== READ_UNKNOWN && !stream.hasDeletedFrom(group.lastId);
  const read = isKnown ? group.entriesRead : stream.entriesUpTo(group.lastId);
  return !isKnown && read === READ_UNKNOWN ? null : BigInt.asIntN(64, stream.entriesAdded - read);
}

// -- XINFO STREAM ------------------------------------------------------------------------------------

/** Entries that FULL shows of everything where no COUNT is given. */
const COUNT_DEFAULT = 10;

function streamInfo(cx: Context, args: readonly string[]): Reply {
  const stream = streamOf(cx, args[2]!);
  const countMax = fullOption(args);
  const facts = {
    length: stream.size,
    "radix-tree-keys": stream.blockCount,
    "radix-tree-nodes": radixNodes(stream.masterIds()),
    "last-generated-id": formatId(stream.lastId),
    "max-deleted-entry-id": formatId(stream.maxDeletedId),
    "entries-added": BigInt.asIntN(64, stream.entriesAdded),
    "recorded-first-entry-id": formatId(stream.firstId),
  };
  if (countMax === undefined) {
    return record({
      ...facts,
      groups: stream.groups.size,
      "first-entry": edge(stream, { isReverse: false }),
      "last-entry": edge(stream, { isReverse: true }),
    });
  }
  const groups = byName(stream.groups.values());
  return record({
    ...facts,
    entries: stream.range(FIRST_ID, LAST_ID, { countMax }).map(shown),
    groups: groups.map((group) => fullGroup(stream, group, countMax)),
  });
}

/** How much FULL shows; undefined without it. */
function fullOption(args: readonly string[]): number | undefined {
  if (args.length === 3) return undefined;
  const isFull = args[3]!.toUpperCase() === "FULL";
  const hasCount = args.length === 6 && args[4]!.toUpperCase() === "COUNT";
  if (!isFull || (args.length !== 4 && !hasCount)) throw wrongUse("xinfo", args[1]!);
  const given = hasCount ? count(args[5]!) : COUNT_DEFAULT;
  if (given < 0) return COUNT_DEFAULT;
  return given === 0 ? Number.POSITIVE_INFINITY : given;
}

function edge(stream: StreamValue, { isReverse }: { isReverse: boolean }): Reply {
  const [entry] = stream.range(FIRST_ID, LAST_ID, { countMax: 1, isReverse });
  return entry === undefined ? null : shown(entry);
}

function fullGroup(stream: StreamValue, group: ConsumerGroup, countMax: number): Reply {
  const pending = firstOf(group.pendingIds, countMax).map((id): Reply => {
    const { consumer, deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
    return [formatId(id), consumer.name, deliveredAtMs, deliveryCount];
  });
  const consumers = byName(group.consumers.values());
  return record({
    name: group.name,
    "last-delivered-id": formatId(group.lastId),
    "entries-read": entriesRead(group),
    lag: lag(stream, group),
    "pel-count": group.pendingIds.size,
    pending,
    consumers: consumers.map((consumer) => fullConsumer(group, consumer, countMax)),
  });
}

function fullConsumer(group: ConsumerGroup, consumer: Consumer, countMax: number): Reply {
  const pending = firstOf(consumer.pending, countMax).map((id): Reply => {
    const { deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
    return [formatId(id), deliveredAtMs, deliveryCount];
  });
  return record({
    name: consumer.name,
    "seen-time": consumer.seenAtMs,
    "pel-count": consumer.pending.size,
    pending,
  });
}

function firstOf(ids: StreamIds, countMax: number): StreamId[] {
  const found: StreamId[] = [];
  for (const id of ids.from(FIRST_ID)) {
    if (found.length >= countMax) break;
    found.push(id);
  }
  return found;
}

/**
 * How many nodes Redis's radix tree has with these keys, which are all of a length and in order: for each
 * place where keys part a node with its children, and in front of it one for what they have in common.
 */
function radixNodes(ids: readonly StreamId[]): number {
  return ids.length === 0 ? 1 : nodesBelow(ids, { from: 0, to: ids.length, depth: 0 });
}

function nodesBelow(
  ids: readonly StreamId[],
  { from, to, depth }: { from: number; to: number; depth: number },
): number {
  const first = ids[from]!;
  if (to - from === 1) return depth < first.length ? 2 : 1;
  const last = ids[to - 1]!;
  let parting = depth;
  while (first.charCodeAt(parting) === last.charCodeAt(parting)) parting++;
  let nodes = parting > depth ? 2 : 1;
  for (let at = from; at < to;) {
    const byte = ids[at]!.charCodeAt(parting);
    let end = at + 1;
    while (end < to && ids[end]!.charCodeAt(parting) === byte) end++;
    nodes += nodesBelow(ids, { from: at, to: end, depth: parting + 1 });
    at = end;
  }
  return nodes;
}

function record(facts: Readonly<Record<string, Reply>>): Reply {
  return mapOf(Object.entries(facts));
}
