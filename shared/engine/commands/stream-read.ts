/**
 * XREAD and XREADGROUP: what came to streams behind an ID, or behind what a group has read; they may wait
 * for it (https://redis.io/docs/latest/commands/xreadgroup/).
 */
import { addIntegers } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import { MapReply, NIL_ARRAY, type Reply, ReplyError } from "../../resp/reply.ts";
import { type Consumer, type ConsumerGroup, READ_UNKNOWN } from "../../types/stream-group.ts";
import {
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  LAST_ID,
  type StreamId,
} from "../../types/stream-id.ts";
import type { StreamValue } from "../../types/stream.ts";
import { count, INT64_MIN, refuse } from "../arguments.ts";
import { command, type KeySpec } from "../command.ts";
import type { Context } from "../context.ts";
import {
  entryId,
  groupsChanged,
  noKeyOrGroup,
  readStream,
  shown,
  STREAM,
  type StreamKey,
} from "./stream-arguments.ts";
import { deadlineMs } from "./timeout.ts";

/** One key and one ID each, behind STREAMS. */
function streamKeys(from: number): KeySpec[] {
  const begin = { keyword: "STREAMS", from };
  return [{ flags: ["RO", "access"], begin, find: { last: -1, step: 1, limit: 2 } }];
}

export const STREAM_READ_COMMANDS = [
  command("xread", -4, ["readonly", "blocking", "movablekeys"], streamKeys(1), xread, STREAM),
  command(
    "xreadgroup",
    -7,
    ["write", "blocking", "movablekeys"],
    streamKeys(4),
    xreadGroup,
    STREAM,
  ),
];

/** Entries that a reader who waited gets at most of a stream where it gave no COUNT. */
const COUNT_AFTER_WAIT = 1000;

interface ReadOptions {
  countMax: number;
  /** BLOCK was given: wait until then, 0: for ever. */
  untilMs: number | undefined;
  group: string | undefined;
  consumer: string;
  isNoAck: boolean;
  names: readonly string[];
  ids: readonly string[];
}

// -- XREAD -------------------------------------------------------------------------------------------

function xread(cx: Context, args: readonly string[]): Reply {
  const options = readOptions(cx, args, { isGroup: false });
  const { names } = options;
  const after = options.ids.map((text, i) => {
    return isLookedAt(cx, names, i) ? plainId(cx, names[i]!, text) : FIRST_ID;
  });

  const found: Reply[] = [];
  for (const [i, name] of names.entries()) {
    if (!isLookedAt(cx, names, i)) continue;
    const stream = readStream(cx, name)?.value;
    if (stream === undefined || !((stream.lastEntryId ?? FIRST_ID) > after[i]!)) continue;
    const { countMax } = options;
    found.push(name, stream.range(idAfter(after[i]!)!, LAST_ID, { countMax }).map(shown));
  }
  if (found.length > 0) return perStream(cx, found);
  if (options.untilMs === undefined) return NIL_ARRAY;
  const ids = after.map(formatId);
  const again = ["XREAD", ...countOption(options), "BLOCK", "0", "STREAMS", ...names, ...ids];
  const { untilMs } = options;
  return cx.block({ keys: names, type: "stream", untilMs, args: again, timedOut: "nil-array" });
}

/** The ID behind which is read: `$` is the last one, `+` (7.4) the one before the last entry. */
function plainId(cx: Context, name: string, text: string): StreamId {
  const stream = readStream(cx, name)?.value;
  if (text === "$") return stream?.lastId ?? FIRST_ID;
  if (text === "+") {
    const last = stream?.lastEntryId;
    return last === undefined ? FIRST_ID : (idBefore(last) ?? FIRST_ID);
  }
  if (text === ">") {
    refuse(
      "The > ID can be specified only when calling XREADGROUP using the GROUP <group> " +
        "<consumer> option.",
    );
  }
  return entryId(text);
}

// -- XREADGROUP --------------------------------------------------------------------------------------

/** Where a consumer reads: behind an ID of its own history, or what is new to its group. */
interface GroupRead {
  readonly key: StreamKey;
  readonly group: ConsumerGroup;
  /** Undefined: what is new. */
  readonly after: StreamId | undefined;
}

/** A replica gets an XCLAIM for each entry that was delivered; or, without, how far the group is. */
function xreadGroup(cx: Context, args: readonly string[]): Reply {
  const options = readOptions(cx, args, { isGroup: true });
  const { names, ids } = options;
  const reads: GroupRead[] = [];
  for (const [i, name] of names.entries()) {
    if (isLookedAt(cx, names, i)) reads.push(groupRead(cx, name, ids[i]!, options));
  }

  cx.noEffect();
  const found: Reply[] = [];
  for (const read of reads) {
    if (read.after === undefined && !hasNew(read)) continue;
    const entries = deliver(cx, read, options);
    groupsChanged(cx, read.key);
    found.push(read.key.name, entries);
  }
  if (found.length > 0) return perStream(cx, found);
  const { untilMs, group, consumer, isNoAck } = options;
  if (untilMs === undefined) return NIL_ARRAY;
  const again = [...countOption(options), "BLOCK", "0", ...(isNoAck ? ["NOACK"] : [])];
  return cx.block({
    keys: names,
    type: "stream",
    untilMs,
    args: ["XREADGROUP", "GROUP", group!, consumer, ...again, "STREAMS", ...names, ...ids],
    timedOut: "nil-array",
    lost: "UNBLOCKED the stream key no longer exists",
  });
}

function groupRead(cx: Context, name: string, text: string, options: ReadOptions): GroupRead {
  const key = readStream(cx, name);
  const group = key?.value.groups.get(options.group!);
  if (key === undefined || group === undefined) {
    if (cx.readyKey !== undefined) {
      throw new ReplyError(
        "NOGROUP the consumer group this client was blocked on no longer exists",
      );
    }
    throw noKeyOrGroup(name, options.group!, " in XREADGROUP with GROUP option");
  }
  if (text === "$" || text === "+") {
    refuse(
      `The ${text} ID is meaningless in the context of XREADGROUP: you want to read the history ` +
        "of this consumer by specifying a proper ID, or use the > ID to get new messages. The " +
        `${text} ID would just return an empty result set.`,
    );
  }
  const after = text === ">" ? LAST_ID : entryId(text);
  return { key, group, after: after === LAST_ID ? undefined : after };
}

function hasNew({ key, group }: GroupRead): boolean {
  const last = key.value.lastEntryId;
  return last !== undefined && last > group.lastId;
}

function deliver(cx: Context, read: GroupRead, options: ReadOptions): Reply[] {
  const { key, group, after } = read;
  const { consumer: name, isNoAck, countMax } = options;
  let consumer = group.consumers.get(name);
  if (consumer === undefined) {
    consumer = group.addConsumer(name, cx.nowMs);
    cx.notify("t", "xgroup-createconsumer", key.name);
    if (isNoAck) cx.effect("XGROUP", "CREATECONSUMER", key.name, group.name, consumer.name);
  }
  consumer.seenAtMs = cx.nowMs;
  if (after !== undefined) return history(cx, key.value, { consumer, group, after, countMax });

  const before = group.lastId;
  const replies: Reply[] = [];
  for (const entry of key.value.range(idAfter(before)!, LAST_ID, { countMax })) {
    advance(key.value, group, entry.id);
    if (!isNoAck) {
      assign(cx, { group, consumer }, entry.id);
      propagateClaim(cx, key.name, { group, id: entry.id });
    }
    replies.push(shown(entry));
  }
  if (isNoAck && group.lastId !== before) propagateGroupId(cx, key.name, group);
  return replies;
}

/** The group has read an entry; how many it has, where that is known. */
function advance(stream: StreamValue, group: ConsumerGroup, id: StreamId): void {
  if (group.entriesRead !== READ_UNKNOWN && !stream.hasDeletedFrom(id)) {
    group.entriesRead = BigInt.asIntN(64, group.entriesRead + 1n);
  } else if (stream.entriesAdded !== 0n) group.entriesRead = stream.entriesUpTo(id);
  group.lastId = id;
}

/** What is pending already (the group was set back) changes hands. */
function assign(
  cx: Context,
  { group, consumer }: { group: ConsumerGroup; consumer: Consumer },
  id: StreamId,
): void {
  const delivery = { deliveredAtMs: cx.nowMs, deliveryCount: 1 };
  if (group.pendingAt(id) === undefined) group.addPending(id, consumer, delivery);
  else group.deliver(id, consumer, delivery);
}

interface HistoryRead {
  readonly consumer: Consumer;
  readonly group: ConsumerGroup;
  readonly after: StreamId;
  readonly countMax: number;
}

/** What the consumer has pending, once more; of an entry that is deleted there is only the ID. */
function history(cx: Context, stream: StreamValue, read: HistoryRead): Reply[] {
  const { consumer, group, after, countMax } = read;
  const replies: Reply[] = [];
  for (const id of consumer.pending.from(idAfter(after)!)) {
    if (replies.length >= countMax) break;
    const entry = stream.entry(id);
    if (entry === undefined) replies.push([formatId(id), NIL_ARRAY]);
    else {
      const deliveryCount = oneMore(group.pendingAt(id)!.deliveryCount);
      group.deliver(id, consumer, { deliveredAtMs: cx.nowMs, deliveryCount });
      replies.push(shown(entry));
    }
  }
  return replies;
}

/** An int64 that starts again from its lowest value behind the highest. */
export function oneMore(value: number | bigint): number | bigint {
  return addIntegers(value, 1) ?? INT64_MIN;
}

/** What a replica gets of an entry that changed hands; its ID as the client wrote it, if it did. */
export function propagateClaim(
  cx: Context,
  name: string,
  { group, id, text = formatId(id) }: { group: ConsumerGroup; id: StreamId; text?: string },
): void {
  if (cx.isReplay) return;
  const { consumer, deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
  const to = ["XCLAIM", name, group.name, consumer.name, "0", text];
  const delivery = ["TIME", String(deliveredAtMs), "RETRYCOUNT", String(deliveryCount)];
  cx.effect(...to, ...delivery, "FORCE", "JUSTID", "LASTID", formatId(group.lastId));
}

/** How far a group has read, where no XCLAIM says so. */
export function propagateGroupId(cx: Context, name: string, group: ConsumerGroup): void {
  const { lastId, entriesRead } = group;
  const id = formatId(lastId);
  cx.effect("XGROUP", "SETID", name, group.name, id, "ENTRIESREAD", String(entriesRead));
}

// -- both --------------------------------------------------------------------------------------------

function readOptions(
  cx: Context,
  args: readonly string[],
  { isGroup }: { isGroup: boolean },
): ReadOptions {
  const options: ReadOptions = {
    countMax: Number.POSITIVE_INFINITY,
    untilMs: undefined,
    group: undefined,
    consumer: "",
    isNoAck: false,
    names: [],
    ids: [],
  };
  for (let at = 1; options.names.length === 0;) {
    const left = args.length - 1 - at;
    const option = args[at]?.toUpperCase();
    if (option === "BLOCK" && left > 0) {
      options.untilMs = deadlineMs(cx, args[at + 1]!, "ms");
      at += 2;
    } else if (option === "COUNT" && left > 0) {
      const given = count(args[at + 1]!);
      options.countMax = given > 0 ? given : Number.POSITIVE_INFINITY;
      at += 2;
    } else if (option === "GROUP" && left > 1) {
      if (!isGroup) refuse(groupOnly("GROUP"));
      options.group = args[at + 1]!;
      options.consumer = args[at + 2]!;
      at += 3;
    } else if (option === "NOACK") {
      if (!isGroup) refuse(groupOnly("NOACK"));
      options.isNoAck = true;
      at++;
    } else if (option === "STREAMS" && left > 0) {
      if (left % 2 === 1) {
        refuse(
          "Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.",
        );
      }
      options.names = args.slice(at + 1, at + 1 + left / 2);
      options.ids = args.slice(at + 1 + left / 2);
    } else fail("syntax");
  }
  if (isGroup && options.group === undefined) refuse("Missing GROUP option for XREADGROUP");
  return options;
}

function groupOnly(option: string): string {
  return `The ${option} option is only supported by XREADGROUP. You called XREAD instead.`;
}

/** Whether a stream counts: a command that runs again looks at what woke it, named twice or not. */
function isLookedAt(cx: Context, names: readonly string[], i: number): boolean {
  if (cx.readyKey === undefined) return true;
  return names[i] === cx.readyKey && names.indexOf(cx.readyKey) === i;
}

function countOption({ countMax }: ReadOptions): string[] {
  const most = Math.min(countMax, Number.MAX_SAFE_INTEGER);
  return ["COUNT", String(countMax === Number.POSITIVE_INFINITY ? COUNT_AFTER_WAIT : most)];
}

/** Names and what was found there in turn: a map in RESP3, pairs in RESP2. */
function perStream(cx: Context, found: readonly Reply[]): Reply {
  if (cx.protocol === 3) return new MapReply(found);
  const pairs: Reply[] = [];
  for (let i = 0; i < found.length; i += 2) pairs.push([found[i]!, found[i + 1]!]);
  return pairs;
}
