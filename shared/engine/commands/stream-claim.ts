/** What is pending with one consumer goes over to another: XCLAIM and XAUTOCLAIM. */
import type { Reply } from "../../resp/reply.ts";
import { fail } from "../../resp/errors.ts";
import type { ConsumerGroup, Pending } from "../../types/stream-group.ts";
import { FIRST_ID, formatId, idAfter, parseId, type StreamId } from "../../types/stream-id.ts";
import { integer, refuse } from "../arguments.ts";
import { command, keys } from "../command.ts";
import type { Context } from "../context.ts";
import {
  asStream,
  entryId,
  groupsChanged,
  noKeyOrGroup,
  rangeStart,
  readStream,
  shown,
  STREAM,
  type StreamKey,
} from "./stream-arguments.ts";
import { oneMore, propagateClaim, propagateGroupId } from "./stream-read.ts";

const CHANGING = { ...STREAM, tips: ["nondeterministic_output"] };

export const STREAM_CLAIM_COMMANDS = [
  command("xautoclaim", -6, ["write", "fast"], keys("RW delete"), xautoclaim, CHANGING),
  command("xclaim", -6, ["write", "fast"], keys("RW update"), xclaim, CHANGING),
];

/** What happens to the entries that are claimed. */
interface Claim {
  readonly key: StreamKey;
  readonly group: ConsumerGroup;
  readonly consumer: string;
  /** What was delivered later stays where it is. */
  readonly idleMinMs: number;
  readonly deliveredAtMs: number;
  readonly deliveryCount: number | bigint | undefined;
  readonly isJustId: boolean;
}

/** An entry that is claimed, and its ID as it is propagated. */
interface Claimed {
  readonly id: StreamId;
  readonly text: string;
  readonly pending: Pending;
}

// -- XCLAIM ------------------------------------------------------------------------------------------

function xclaim(cx: Context, args: readonly string[]): Reply {
  const { key, group } = groupOf(readStream(cx, args[1]!), args);
  const idleMinMs = idleMin(args[4]!, "XCLAIM");
  const ids: StreamId[] = [];
  let at = 5;
  for (; at < args.length; at++) {
    const id = parseId(args[at]!);
    if (id === undefined) break;
    ids.push(id);
  }
  const options = claimOptions(cx, args, at);

  cx.noEffect();
  let isAhead = options.lastId > group.lastId;
  if (isAhead) group.lastId = options.lastId;
  const claim = { key, group, consumer: args[3]!, idleMinMs, ...options };
  const replies: Reply[] = [];
  let isChanged = isAhead;
  for (const [i, id] of ids.entries()) {
    const text = args[5 + i]!;
    let pending = group.pendingAt(id);
    if (!key.value.has(id)) {
      if (pending === undefined) continue;
      propagateClaim(cx, key.name, { group, id, text });
      group.removePending(id);
    } else {
      const isNew = pending === undefined && options.isForced;
      if (isNew) pending = newPending(cx, claim, id);
      if (pending === undefined || (!isNew && !isIdle(cx, pending, idleMinMs))) continue;
      replies.push(take(cx, claim, { id, text, pending }));
    }
    // Each XCLAIM that goes out says how far the group is.
    isAhead = false;
    isChanged = true;
  }
  if (isAhead) propagateGroupId(cx, key.name, group);
  if (isChanged) groupsChanged(cx, key);
  return replies;
}

interface ClaimOptions {
  readonly deliveredAtMs: number;
  readonly deliveryCount: number | bigint | undefined;
  readonly isForced: boolean;
  readonly isJustId: boolean;
  readonly lastId: StreamId;
}

function claimOptions(cx: Context, args: readonly string[], from: number): ClaimOptions {
  let deliveredAtMs = cx.nowMs;
  let deliveryCount: number | bigint | undefined;
  let isForced = false;
  let isJustId = false;
  let lastId = FIRST_ID;
  for (let at = from; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const value = args[at + 1];
    if (option === "FORCE") isForced = true;
    else if (option === "JUSTID") isJustId = true;
    else if (value === undefined) refuseOption(args[at]!);
    else {
      at++;
      if (option === "IDLE") deliveredAtMs = cx.nowMs - claimInteger(value, option);
      else if (option === "TIME") deliveredAtMs = claimInteger(value, option);
      else if (option === "RETRYCOUNT") {
        const given = integer(value, "Invalid RETRYCOUNT option argument for XCLAIM");
        deliveryCount = given < 0 ? undefined : given;
      } else if (option === "LASTID") lastId = entryId(value);
      else refuseOption(args[at - 1]!);
    }
  }
  // What a master says is taken as it is: its clock may be ahead of ours.
  const isOdd = deliveredAtMs < 0 || (deliveredAtMs > cx.nowMs && !cx.isReplay);
  if (isOdd) deliveredAtMs = cx.nowMs;
  return { deliveredAtMs, deliveryCount, isForced, isJustId, lastId };
}

function claimInteger(text: string, option: string): number {
  return Number(integer(text, `Invalid ${option} option argument for XCLAIM`));
}

function refuseOption(option: string): never {
  return refuse(`Unrecognized XCLAIM option '${option}'`);
}

// -- XAUTOCLAIM --------------------------------------------------------------------------------------

/** Pending entries looked at for each that may be claimed. */
const ATTEMPTS_FACTOR = 10;
const COUNT_DEFAULT = 100;
/** Redis's own bound. */
const COUNT_MAX = (2n ** 63n - 1n) / 16n;

function xautoclaim(cx: Context, args: readonly string[]): Reply {
  // Redis looks before it reads the arguments: a miss is told of even where they are wrong.
  const entry = cx.read(args[1]!);
  const idleMinMs = idleMin(args[4]!, "XAUTOCLAIM");
  const from = rangeStart(args[5]!);
  let left = COUNT_DEFAULT;
  let isJustId = false;
  for (let at = 6; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    if (option === "COUNT" && at + 1 < args.length) left = claimCount(args[++at]!);
    else if (option === "JUSTID") isJustId = true;
    else fail("syntax");
  }
  const { key, group } = groupOf(asStream(cx, entry), args);

  cx.noEffect();
  const times = { deliveredAtMs: cx.nowMs, deliveryCount: undefined };
  const claim = { key, group, consumer: args[3]!, idleMinMs, isJustId, ...times };
  const replies: Reply[] = [];
  const deleted: string[] = [];
  let attempts = left * ATTEMPTS_FACTOR;
  let next = group.pendingIds.atOrAbove(from);
  for (; next !== undefined && attempts > 0 && left > 0; attempts--) {
    const id = next;
    const pending = group.pendingAt(id)!;
    if (!key.value.has(id)) {
      propagateClaim(cx, key.name, { group, id });
      group.removePending(id);
      deleted.push(formatId(id));
      left--;
    } else if (isIdle(cx, pending, idleMinMs)) {
      replies.push(take(cx, claim, { id, text: formatId(id), pending }));
      left--;
    }
    const after = idAfter(id);
    next = after === undefined ? undefined : group.pendingIds.atOrAbove(after);
  }
  if (replies.length + deleted.length > 0) groupsChanged(cx, key);
  return [formatId(next ?? FIRST_ID), replies, deleted];
}

function claimCount(text: string): number {
  const given = integer(text, "COUNT must be > 0");
  if (given < 1 || given > COUNT_MAX) refuse("COUNT must be > 0");
  return Number(given);
}

// -- both --------------------------------------------------------------------------------------------

function groupOf(
  key: StreamKey | undefined,
  args: readonly string[],
): { key: StreamKey; group: ConsumerGroup } {
  const group = key?.value.groups.get(args[2]!);
  if (key !== undefined && group !== undefined) return { key, group };
  throw noKeyOrGroup(args[1]!, args[2]!);
}

function idleMin(text: string, name: string): number {
  return Math.max(Number(integer(text, `Invalid min-idle-time argument for ${name}`)), 0);
}

function isIdle(cx: Context, pending: Pending, idleMinMs: number): boolean {
  return idleMinMs === 0 || cx.nowMs - pending.deliveredAtMs >= idleMinMs;
}

/** FORCE: an entry that nobody has pending. */
function newPending(cx: Context, claim: Claim, id: StreamId): Pending {
  const delivery = { deliveredAtMs: cx.nowMs, deliveryCount: 1 };
  claim.group.addPending(id, claimant(cx, claim), delivery);
  return claim.group.pendingAt(id)!;
}

/** The consumer that claims, made with the first entry it gets. */
function claimant(cx: Context, { key, group, consumer: name }: Claim) {
  let consumer = group.consumers.get(name);
  if (consumer === undefined) {
    consumer = group.addConsumer(name, cx.nowMs);
    cx.notify("t", "xgroup-createconsumer", key.name);
  }
  consumer.seenAtMs = cx.nowMs;
  return consumer;
}

/** Gives a pending entry to the consumer that claims it, and tells it to the client and the replicas. */
function take(cx: Context, claim: Claim, { id, text, pending }: Claimed): Reply {
  const { key, group, deliveredAtMs, isJustId } = claim;
  const more = isJustId ? pending.deliveryCount : oneMore(pending.deliveryCount);
  const deliveryCount = claim.deliveryCount ?? more;
  group.deliver(id, claimant(cx, claim), { deliveredAtMs, deliveryCount });
  propagateClaim(cx, key.name, { group, id, text });
  return isJustId ? formatId(id) : shown(key.value.entry(id)!);
}
