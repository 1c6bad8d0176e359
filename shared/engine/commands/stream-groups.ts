/** Consumer groups: XGROUP, and what is pending in them (XACK, XPENDING). */
import { fail } from "../../resp/errors.ts";
import { NIL_ARRAY, OK, type Reply, ReplyError } from "../../resp/reply.ts";
import {
  byName,
  type Consumer,
  type ConsumerGroup,
  READ_UNKNOWN,
} from "../../types/stream-group.ts";
import { formatId, type StreamId } from "../../types/stream-id.ts";
import { StreamValue } from "../../types/stream.ts";
import { count, integer, refuse } from "../arguments.ts";
import { command, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { helpHandler, helpRow, wrongUse } from "./help.ts";
import {
  entryId,
  groupsChanged,
  noGroup,
  noKeyOrGroup,
  idOrEnd,
  rangeEnd,
  rangeStart,
  readStream,
  STREAM,
  type StreamKey,
} from "./stream-arguments.ts";
import { STREAM_CLAIM_COMMANDS } from "./stream-claim.ts";
import { STREAM_INFO_COMMANDS } from "./stream-info.ts";

const CHANGING = { ...STREAM, tips: ["nondeterministic_output"] };

const HELP = `
CREATE <key> <groupname> <id|$> [option]
    Create a new consumer group. Options are:
    * MKSTREAM
      Create the empty stream if it does not exist.
    * ENTRIESREAD entries_read
      Set the group's entries_read counter (internal use).
CREATECONSUMER <key> <groupname> <consumer>
    Create a new consumer in the specified group.
DELCONSUMER <key> <groupname> <consumer>
    Remove the specified consumer.
DESTROY <key> <groupname>
    Remove the specified group.
SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]
    Set the current group ID and entries_read counter.
`;

export const STREAM_GROUP_COMMANDS = [
  command("xack", -4, ["write", "fast"], keys("RW update"), xack, STREAM),
  command("xgroup", -2, [], NO_KEYS, helpHandler("xgroup", HELP), {
    subcommands: [
      command("xgroup|create", -5, ["write", "denyoom"], keys("RW insert", 2), createGroup, STREAM),
      command(
        "xgroup|createconsumer",
        5,
        ["write", "denyoom"],
        keys("RW insert", 2),
        createConsumer,
        STREAM,
      ),
      command("xgroup|delconsumer", 5, ["write"], keys("RW delete", 2), deleteConsumer, STREAM),
      command("xgroup|destroy", 4, ["write"], keys("RW delete", 2), destroyGroup, STREAM),
      helpRow("xgroup", HELP, STREAM),
      command("xgroup|setid", -5, ["write"], keys("RW update", 2), setGroupId, STREAM),
    ],
  }),
  command("xpending", -3, ["readonly"], keys("RO access"), xpending, CHANGING),
  ...STREAM_CLAIM_COMMANDS,
  ...STREAM_INFO_COMMANDS,
];

// -- XGROUP ------------------------------------------------------------------------------------------

const KEY_MISSING =
  "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the " +
  "MKSTREAM option to create an empty stream automatically.";

function createGroup(cx: Context, args: readonly string[]): Reply {
  const [, , name, groupName, idText] = args as [string, string, string, string, string];
  const { entriesRead, isMaking } = groupOptions(args, { isCreate: true });
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined && !isMaking) refuse(KEY_MISSING);
  if (args.length > 8) throw wrongUse("xgroup", args[1]!);
  const stream = entry?.value ?? new StreamValue();
  const id = idText === "$" ? stream.lastId : entryId(idText);
  if (stream.groups.has(groupName)) {
    throw new ReplyError("BUSYGROUP Consumer Group name already exists");
  }

  stream.addGroup(groupName, id, entriesRead);
  if (entry === undefined) cx.keep(name, stream, undefined);
  else groupsChanged(cx, entry);
  cx.notify("t", "xgroup-create", name);
  return OK;
}

function setGroupId(cx: Context, args: readonly string[]): Reply {
  const [, , name, , idText] = args as [string, string, string, string, string];
  const { entriesRead } = groupOptions(args, { isCreate: false });
  const { key, group } = groupOf(cx, args);
  if (args.length !== 5 && args.length !== 7) throw wrongUse("xgroup", args[1]!);
  const id = idText === "$" ? key.value.lastId : idOrEnd(idText);

  group.lastId = id;
  group.entriesRead = entriesRead;
  groupsChanged(cx, key);
  cx.notify("t", "xgroup-setid", name);
  return OK;
}

function destroyGroup(cx: Context, args: readonly string[]): Reply {
  const [, , name, groupName] = args as [string, string, string, string];
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined) refuse(KEY_MISSING);
  const group = entry.value.groups.get(groupName);
  if (group === undefined) return 0;

  entry.value.removeGroup(group);
  groupsChanged(cx, entry);
  cx.notify("t", "xgroup-destroy", name);
  // Those who wait for the group are to hear of it.
  cx.engine.keyWaits.touch(cx.session.db, name);
  return 1;
}

function createConsumer(cx: Context, args: readonly string[]): Reply {
  const { key, group } = groupOf(cx, args);
  if (group.consumers.has(args[4]!)) return 0;

  group.addConsumer(args[4]!, cx.nowMs);
  groupsChanged(cx, key);
  cx.notify("t", "xgroup-createconsumer", key.name);
  return 1;
}

/** Answers how much was pending, which nobody is to process any more. */
function deleteConsumer(cx: Context, args: readonly string[]): Reply {
  const { key, group } = groupOf(cx, args);
  const consumer = group.consumers.get(args[4]!);
  if (consumer === undefined) return 0;

  const pendingCount = group.removeConsumer(consumer);
  groupsChanged(cx, key);
  cx.notify("t", "xgroup-delconsumer", key.name);
  return pendingCount;
}

/** The key and the group that a subcommand names, both of which must be there. */
function groupOf(cx: Context, args: readonly string[]): { key: StreamKey; group: ConsumerGroup } {
  const [, , name, groupName] = args as [string, string, string, string];
  const key = cx.writeAs<StreamValue>(name, "stream");
  if (key === undefined) refuse(KEY_MISSING);
  const group = key.value.groups.get(groupName);
  if (group === undefined) {
    throw noGroup("No such consumer group ", groupName, " for key name ", name);
  }
  return { key, group };
}

function groupOptions(args: readonly string[], { isCreate }: { isCreate: boolean }) {
  let isMaking = false;
  let entriesRead = READ_UNKNOWN;
  for (let at = 5; at < args.length;) {
    const option = args[at]!.toUpperCase();
    if (isCreate && option === "MKSTREAM") {
      isMaking = true;
      at++;
    } else if (option === "ENTRIESREAD" && at + 1 < args.length) {
      entriesRead = BigInt(integer(args[at + 1]!));
      if (entriesRead < READ_UNKNOWN) refuse("value for ENTRIESREAD must be positive or -1");
      at += 2;
    } else throw wrongUse("xgroup", args[1]!);
  }
  return { entriesRead, isMaking };
}

// -- what is pending ---------------------------------------------------------------------------------

function xack(cx: Context, args: readonly string[]): Reply {
  const key = readStream(cx, args[1]!);
  const group = key?.value.groups.get(args[2]!);
  if (key === undefined || group === undefined) return 0;
  const ids = args.slice(3).map(entryId);

  let acknowledged = 0;
  for (const id of ids) if (group.removePending(id)) acknowledged++;
  if (acknowledged > 0) groupsChanged(cx, key);
  return acknowledged;
}

function xpending(cx: Context, args: readonly string[]): Reply {
  const range = args.length === 3 ? undefined : pendingRange(args);
  const group = readStream(cx, args[1]!)?.value.groups.get(args[2]!);
  if (group === undefined) {
    throw noKeyOrGroup(args[1]!, args[2]!);
  }
  return range === undefined ? summary(group) : pendingIn(cx, group, range);
}

/** How much is pending, from which ID to which, and how much of it by whom. */
function summary({ pendingIds, consumers }: ConsumerGroup): Reply {
  if (pendingIds.size === 0) return [0, null, null, NIL_ARRAY];
  const busy = byName(consumers.values()).filter(({ pending }) => pending.size > 0);
  return [
    pendingIds.size,
    formatId(pendingIds.first!),
    formatId(pendingIds.last!),
    busy.map(({ name, pending }) => [name, String(pending.size)]),
  ];
}

interface PendingRange {
  readonly from: StreamId;
  readonly to: StreamId;
  readonly countMax: number;
  readonly idleMinMs: number;
  readonly consumer: string | undefined;
}

function pendingRange(args: readonly string[]): PendingRange {
  if (args.length < 6 || args.length > 9) fail("syntax");
  const hasIdle = args[3]!.toUpperCase() === "IDLE";
  const idleMinMs = hasIdle ? count(args[4]!) : 0;
  if (hasIdle && args.length < 8) fail("syntax");
  const at = hasIdle ? 5 : 3;
  const countMax = Math.max(count(args[at + 2]!), 0);
  const from = rangeStart(args[at]!);
  const to = rangeEnd(args[at + 1]!);
  return { from, to, countMax, idleMinMs, consumer: args[at + 3] };
}

function pendingIn(cx: Context, group: ConsumerGroup, range: PendingRange): Reply {
  const { from, to, countMax, idleMinMs } = range;
  let consumer: Consumer | undefined;
  if (range.consumer !== undefined) {
    consumer = group.consumers.get(range.consumer);
    if (consumer === undefined) return [];
  }
  const found: Reply[] = [];
  if (countMax === 0) return found;
  for (const id of (consumer?.pending ?? group.pendingIds).from(from)) {
    if (id > to || found.length >= countMax) break;
    const { consumer: owner, deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
    const idleMs = cx.nowMs - deliveredAtMs;
    if (idleMinMs !== 0 && idleMs < idleMinMs) continue;
    found.push([formatId(id), owner.name, Math.max(idleMs, 0), deliveryCount]);
  }
  return found;
}
