/** The commands on the entries of streams (https://redis.io/docs/latest/commands/?group=stream). */
import { ERRORS, fail } from "../../resp/errors.ts";
import { NIL_ARRAY, OK, type Reply, ReplyError } from "../../resp/reply.ts";
import {
  FIRST_ID,
  formatId,
  idAfter,
  LAST_ID,
  msOf,
  parseId,
  parseOpenId,
  sequenceOf,
  type StreamId,
  streamId,
  type Uint64,
  UINT64_MAX,
} from "../../types/stream-id.ts";
import { StreamValue } from "../../types/stream.ts";
import { count, integer, refuse } from "../arguments.ts";
import { command, keys } from "../command.ts";
import type { Context } from "../context.ts";
import {
  entryId,
  exactTrim,
  groupsChanged,
  rangeEnd,
  rangeStart,
  readTrim,
  refuseId,
  shown,
  STREAM,
  type TrimOptions,
  trimOption,
} from "./stream-arguments.ts";
import { STREAM_READ_COMMANDS } from "./stream-read.ts";

const CHANGING = { ...STREAM, tips: ["nondeterministic_output"] };

export const STREAM_COMMANDS = [
  command("xadd", -5, ["write", "denyoom", "fast"], keys("RW update"), xadd, CHANGING),
  command("xdel", -3, ["write", "fast"], keys("RW delete"), xdel, STREAM),
  command("xlen", 2, ["readonly", "fast"], keys("RO"), xlen, STREAM),
  command("xrange", -4, ["readonly"], keys("RO access"), xrange, STREAM),
  command("xrevrange", -4, ["readonly"], keys("RO access"), xrevrange, STREAM),
  command("xsetid", -3, ["write", "denyoom", "fast"], keys("RW update"), xsetid, STREAM),
  command("xtrim", -4, ["write"], keys("RW delete"), xtrim, CHANGING),
  ...STREAM_READ_COMMANDS,
];

// -- adding ------------------------------------------------------------------------------------------

/** A replica gets the ID that was made, and a trimming that is exact. */
function xadd(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const { wanted, trim, idAt, isMaking } = addOptions(cx, args);
  const from = idAt + 1;
  if (args.length - from < 2 || (args.length - from) % 2 === 1) {
    throw new ReplyError(ERRORS.wrongArity("xadd"));
  }
  if (wanted === FIRST_ID) refuse("The ID specified in XADD must be greater than 0-0");
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined && !isMaking) return null;
  const stream = entry?.value ?? new StreamValue();
  if (stream.lastId === LAST_ID) {
    refuse("The stream has exhausted the last possible ID, unable to add more items");
  }
  const id = nextId(stream.lastId, wanted, cx.nowMs);
  if (id === undefined || id <= stream.lastId) {
    refuse("The ID specified in XADD is equal or smaller than the target stream top item");
  }

  stream.add(id, { args, from }, cx.engine.limits);
  const trimmed = trim === undefined ? 0 : stream.trim(trim);
  cx.keep(name, stream, entry);
  cx.notify("t", "xadd", name);
  if (trimmed > 0) cx.notify("t", "xtrim", name);
  const isExact = trim?.isApproximate !== true;
  if (typeof wanted !== "string" || !isExact) {
    const effect = isExact ? [...args] : exactTrim(args, stream, trim);
    if (typeof wanted !== "string") effect[idAt] = formatId(id);
    cx.effectOf(effect);
  }
  return formatId(id);
}

/** An ID in full, `{ ms }` for the next sequence number there, or undefined for the next ID of now. */
type WantedId = StreamId | { readonly ms: Uint64 } | undefined;

interface AddOptions {
  readonly wanted: WantedId;
  /** Where the ID stands among the arguments. */
  readonly idAt: number;
  readonly trim: TrimOptions["trim"];
  /** The stream is made if there is none. */
  readonly isMaking: boolean;
}

function addOptions(cx: Context, args: readonly string[]): AddOptions {
  const options: TrimOptions = { trim: undefined, limit: undefined };
  let isMaking = true;
  let at = 2;
  let wanted: WantedId;
  for (; at < args.length;) {
    const arg = args[at]!;
    if (arg === "*") break;
    const next = trimOption(args, at, options);
    if (next !== undefined) at = next;
    else if (arg.toUpperCase() === "NOMKSTREAM") {
      isMaking = false;
      at++;
    } else {
      wanted = wantedId(arg);
      break;
    }
  }
  return { wanted, idAt: at, trim: readTrim(cx, options), isMaking };
}

function wantedId(text: string): WantedId {
  const id = parseId(text);
  if (id !== undefined) return id;
  const ms = parseOpenId(text);
  return ms === undefined ? refuseId() : { ms };
}

/** The ID of an entry to come; undefined where its sequence number would be beyond the last. */
function nextId(last: StreamId, wanted: WantedId, nowMs: number): StreamId | undefined {
  if (typeof wanted === "string") return wanted;
  const ms = wanted?.ms ?? nowMs;
  if (wanted === undefined && msOf(last) >= ms) return idAfter(last);
  if (msOf(last) !== ms) return streamId(ms, 0);
  return sequenceOf(last) === UINT64_MAX ? undefined : idAfter(last);
}

// -- removing ----------------------------------------------------------------------------------------

function xdel(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined) return 0;
  const ids = args.slice(2).map(entryId);

  const deleted = entry.value.delete(ids);
  if (deleted === 0) return 0;
  cx.keep(name, entry.value, entry);
  cx.notify("t", "xdel", name);
  return deleted;
}

function xtrim(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const options: TrimOptions = { trim: undefined, limit: undefined };
  for (let at = 2; at < args.length;) at = trimOption(args, at, options) ?? fail("syntax");
  const trim = readTrim(cx, options);
  if (trim === undefined) {
    refuse("syntax error, XTRIM must be called with a trimming strategy");
  }
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined) return 0;

  const trimmed = entry.value.trim(trim);
  if (trimmed === 0) return 0;
  cx.keep(name, entry.value, entry);
  cx.notify("t", "xtrim", name);
  if (trim.isApproximate) cx.effectOf(exactTrim(args, entry.value, trim));
  return trimmed;
}

// -- reading -----------------------------------------------------------------------------------------

function xlen(cx: Context, args: readonly string[]): Reply {
  return cx.readAs<StreamValue>(args[1]!, "stream")?.size ?? 0;
}

function xrange(cx: Context, args: readonly string[]): Reply {
  return range(cx, args, { isReverse: false });
}

function xrevrange(cx: Context, args: readonly string[]): Reply {
  return range(cx, args, { isReverse: true });
}

function range(cx: Context, args: readonly string[], { isReverse }: { isReverse: boolean }): Reply {
  const [start, end] = isReverse ? [args[3]!, args[2]!] : [args[2]!, args[3]!];
  const from = rangeStart(start);
  const to = rangeEnd(end);
  let countMax = Number.POSITIVE_INFINITY;
  for (let at = 4; at < args.length; at += 2) {
    if (args[at]!.toUpperCase() !== "COUNT" || at + 1 === args.length) fail("syntax");
    countMax = Math.max(count(args[at + 1]!), 0);
  }
  const stream = cx.readAs<StreamValue>(args[1]!, "stream");
  if (stream === undefined) return [];

  return countMax === 0 ? NIL_ARRAY : stream.range(from, to, { countMax, isReverse }).map(shown);
}

// -- counters ----------------------------------------------------------------------------------------

function xsetid(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const id = entryId(args[2]!);
  const { entriesAdded, maxDeletedId } = setIdOptions(args, id);
  const entry = cx.writeAs<StreamValue>(name, "stream");
  if (entry === undefined) fail("noSuchKey");
  const stream = entry.value;
  if (stream.size > 0) {
    if (id < stream.lastEntryId!) {
      refuse("The ID specified in XSETID is smaller than the target stream top item");
    }
    if (entriesAdded !== undefined && entriesAdded < stream.size) {
      refuse("The entries_added specified in XSETID is smaller than the target stream length");
    }
  }

  stream.lastId = id;
  if (entriesAdded !== undefined) stream.entriesAdded = entriesAdded;
  if (maxDeletedId !== FIRST_ID) stream.maxDeletedId = maxDeletedId;
  groupsChanged(cx, entry);
  cx.notify("t", "xsetid", name);
  return OK;
}

function setIdOptions(args: readonly string[], id: StreamId) {
  let entriesAdded: bigint | undefined;
  let maxDeletedId = FIRST_ID;
  for (let at = 3; at < args.length; at += 2) {
    const option = args[at]!.toUpperCase();
    if (at + 1 === args.length) fail("syntax");
    if (option === "ENTRIESADDED") {
      entriesAdded = BigInt(integer(args[at + 1]!));
      if (entriesAdded < 0n) refuse("entries_added must be positive");
    } else if (option === "MAXDELETEDID") {
      maxDeletedId = entryId(args[at + 1]!);
      if (id < maxDeletedId) {
        refuse("The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
      }
    } else fail("syntax");
  }
  return { entriesAdded, maxDeletedId };
}
