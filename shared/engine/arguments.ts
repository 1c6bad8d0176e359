/**
 * Reads what clients write into arguments: integers, ranges, databases, times. What is wrong with one is
 * thrown as the reply, in Redis's words; so handlers call these before they change anything.
 */
import { clampTime, parseInteger } from "../base/numbers.ts";
import { ERRORS, fail } from "../resp/errors.ts";
import { ReplyError } from "../resp/reply.ts";
import type { Context } from "./context.ts";
import { DATABASE_COUNT } from "./keyspace.ts";

export const INT64_MAX = 2n ** 63n - 1n;
export const INT64_MIN = -(2n ** 63n);

const INT32_MAX = 2 ** 31 - 1;

/** Throws this text as the command's reply, with `ERR` before it. */
export function refuse(text: string): never {
  throw new ReplyError(`ERR ${text}`);
}

/** An int64: a number where it is safe, a bigint beyond. `what` replaces Redis's usual words. */
export function integer(text: string, what?: string): number | bigint {
  const value = parseInteger(text);
  if (value === undefined) return what === undefined ? fail("notInteger") : refuse(what);
  return value;
}

/** An int64 that is only compared with lengths or counts: a bigint is rounded, far outside of them. */
export function count(text: string): number {
  return Number(integer(text));
}

/** An integer of C's `int`. */
export function int32(text: string, what?: string): number {
  const value = integer(text, what);
  if (value >= -INT32_MAX - 1 && value <= INT32_MAX) return Number(value);
  return refuse(
    what ?? `value is out of range, value must between ${-INT32_MAX - 1} and ${INT32_MAX}`,
  );
}

/** A database number, as SELECT, MOVE and COPY take it. */
export function database(text: string): number {
  return databaseInRange(int32(text));
}

export function databaseInRange(db: number): number {
  return db >= 0 && db < DATABASE_COUNT ? db : fail("badDbRange");
}

/** How a command writes a time: in seconds or milliseconds, from now on or since 1970. */
export interface TimeForm {
  readonly unit: "s" | "ms";
  readonly isAbsolute: boolean;
}

/**
 * Unix ms from an argument; exact, as a stream must carry the very number. Undefined where it does not
 * fit in an int64.
 */
export function timeMs(cx: Context, text: string, form: TimeForm): bigint | undefined {
  let ms = BigInt(integer(text));
  if (form.unit === "s") {
    ms *= 1000n;
    if (ms > INT64_MAX || ms < INT64_MIN) return undefined;
  }
  if (!form.isAbsolute) ms += BigInt(cx.nowMs);
  return ms > INT64_MAX ? undefined : ms;
}

/** Unix ms from an argument that must be positive, before and after `now` is added (SET, GETEX). */
export function positiveTimeMs(cx: Context, text: string, form: TimeForm, name: string): bigint {
  if (integer(text) > 0) {
    const ms = timeMs(cx, text, form);
    if (ms !== undefined) return ms;
  }
  throw new ReplyError(ERRORS.badExpire(name));
}

/** As an entry keeps a time. */
export function entryTime(ms: bigint): number {
  return clampTime(Number(ms));
}

/** Whether a key given this time is deleted at once instead: on a master only, a replica waits for it. */
export function isPast(cx: Context, ms: bigint): boolean {
  return ms <= cx.nowMs && !cx.isReplay && cx.engine.mayExpire;
}
