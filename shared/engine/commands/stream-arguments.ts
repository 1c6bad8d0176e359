/** What the commands of streams have in common: how they find one, and read IDs and trimming options. */
import { fail } from "../../resp/errors.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import type { StreamEntry } from "../../types/stream-block.ts";
import {
  FIRST_ID,
  formatId,
  idAfter,
  idBefore,
  LAST_ID,
  parseId,
  type StreamId,
  type Uint64,
  UINT64_MAX,
} from "../../types/stream-id.ts";
import type { StreamValue, Trim } from "../../types/stream.ts";
import { typeOf } from "../../types/value.ts";
import { count, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";

export const STREAM = { categories: ["stream"] };

export type StreamKey = Entry & { value: StreamValue };

/** The key as `cx.read` finds it, with its entry, as some commands that change groups want it. */
export function readStream(cx: Context, name: string): StreamKey | undefined {
  return asStream(cx, cx.read(name));
}

/** What `cx.read` has found, if it is a stream; WRONGTYPE otherwise. */
export function asStream(cx: Context, entry: Entry | undefined): StreamKey | undefined {
  if (entry === undefined) return undefined;
  if (typeOf(entry.value!) !== "stream") fail("wrongType");
  cx.engine.keyspace.changeable(entry);
  return entry as StreamKey;
}

/** Something about groups changed: that breaks no WATCH and wakes nobody, as in Redis. */
export function groupsChanged(cx: Context, key: StreamKey): void {
  cx.dirty++;
  cx.engine.keyspace.markDirty(cx.space, key);
}

/** A NOGROUP error: the parts of its text, names with `'` around them every second one. */
export function noGroup(...parts: readonly string[]): ReplyError {
  // Names in errors are C strings to Redis: they end at their first NUL.
  const texts = parts.map((part, i) => (i % 2 === 1 ? `'${part.split("\0")[0]}'` : part));
  return new ReplyError(`NOGROUP ${texts.join("")}`);
}

/** The error of a key or group that is not there. */
export function noKeyOrGroup(key: string, group: string, more = ""): ReplyError {
  return noGroup("No such key ", key, " or consumer group ", group, more);
}

/** An entry as it is replied. */
export function shown({ id, pairs }: StreamEntry): Reply {
  return [formatId(id), pairs];
}

// -- IDs ---------------------------------------------------------------------------------------------

/** An ID in full or its milliseconds, with a sequence of 0 then. */
export function entryId(text: string): StreamId {
  return parseId(text) ?? refuseId();
}

export function refuseId(): never {
  return refuse("Invalid stream ID specified as stream command argument");
}

/** An ID, `-` or `+`. */
export function idOrEnd(text: string, missing: Uint64 = 0): StreamId {
  if (text === "-") return FIRST_ID;
  return text === "+" ? LAST_ID : (parseId(text, missing) ?? refuseId());
}

/** The start of a range; behind `(` it is not included itself. */
export function rangeStart(text: string): StreamId {
  if (!isExclusive(text)) return idOrEnd(text);
  return idAfter(entryId(text.slice(1))) ?? refuse("invalid start ID for the interval");
}

/** The end of a range; without a sequence it is the highest one. */
export function rangeEnd(text: string): StreamId {
  if (!isExclusive(text)) return idOrEnd(text, UINT64_MAX);
  const end = parseId(text.slice(1), UINT64_MAX) ?? refuseId();
  return idBefore(end) ?? refuse("invalid end ID for the interval");
}

function isExclusive(text: string): boolean {
  return text.length > 1 && text.startsWith("(");
}

// -- trimming ----------------------------------------------------------------------------------------

/** The options of XTRIM and XADD so far as they are read. */
export interface TrimOptions {
  trim: (Trim & { readonly at: number }) | undefined;
  limit: number | undefined;
}

/**
 * Reads a trimming option at `at`: MAXLEN, MINID or LIMIT. Returns where the next argument stands, or
 * undefined when it is none of them.
 */
export function trimOption(
  args: readonly string[],
  at: number,
  into: TrimOptions,
): number | undefined {
  const left = args.length - 1 - at;
  const option = args[at]!.toUpperCase();
  if (left === 0 || !["LIMIT", "MAXLEN", "MINID"].includes(option)) return undefined;
  if (option === "LIMIT") {
    into.limit = count(args[at + 1]!);
    if (into.limit < 0) refuse("The LIMIT argument must be >= 0.");
    return at + 2;
  }
  if (into.trim !== undefined) {
    refuse("syntax error, MAXLEN and MINID options at the same time are not compatible");
  }
  const mark = left >= 2 ? args[at + 1]! : "";
  const isApproximate = mark === "~";
  const valueAt = isApproximate || mark === "=" ? at + 2 : at + 1;
  const by = option === "MAXLEN" ? maxLength(args[valueAt]!) : { idMin: entryId(args[valueAt]!) };
  into.trim = { by, isApproximate, limit: 0, at: valueAt };
  return valueAt + 1;
}

function maxLength(text: string): { lengthMax: number } {
  const lengthMax = count(text);
  if (lengthMax < 0) refuse("The MAXLEN argument must be >= 0.");
  return { lengthMax };
}

/** Whole blocks that `~` trims at most where no LIMIT is given. */
const BLOCKS_MAX = 100;
const [DEFAULT_LIMIT, LIMIT_MAX] = [10_000, 1_000_000];

/**
 * What is to be trimmed once all options are read. A master has rewritten its trimming to what it was in
 * the end, so a replay has no limit.
 */
export function readTrim(cx: Context, options: TrimOptions): TrimOptions["trim"] {
  const { trim, limit } = options;
  if (limit !== undefined && limit > 0 && trim === undefined) {
    refuse("syntax error, LIMIT cannot be used without specifying a trimming strategy");
  }
  if (trim === undefined || cx.isReplay) return trim;
  if (!trim.isApproximate) {
    if (limit !== undefined) {
      refuse("syntax error, LIMIT cannot be used without the special ~ option");
    }
    return trim;
  }
  const usual = BLOCKS_MAX * cx.engine.limits.streamNodeEntries || DEFAULT_LIMIT;
  return { ...trim, limit: limit ?? Math.min(usual, LIMIT_MAX) };
}

/** A trimming as a replica gets it: exact, down to what there is now. */
export function exactTrim(
  args: readonly string[],
  stream: StreamValue,
  { by, at }: Trim & { readonly at: number },
): string[] {
  const exact = [...args];
  exact[at - 1] = "=";
  exact[at] = "lengthMax" in by ? String(stream.size) : formatId(stream.lowestId);
  return exact;
}
