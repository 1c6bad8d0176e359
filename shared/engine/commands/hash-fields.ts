/**
 * The hash in a key as a command sees it: without the fields that have expired. A master deletes those it
 * meets, as Redis does; a replica hides them and waits for the master's HDEL.
 */
import { expiryOf, type FieldValue, type HashValue, textOf } from "../../types/hash.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";

export type HashEntry = Entry & { value: HashValue };

/** Which arguments name fields: from one on, each `step`th, up to (not with) another. */
export interface FieldArgs {
  readonly from: number;
  readonly to?: number;
  readonly step?: number;
}

/** The hash in `args[1]` for reading some of its fields. */
export function readFields(
  cx: Context,
  args: readonly string[],
  fields: FieldArgs,
): HashValue | undefined {
  const hash = cx.readAs<HashValue>(args[1]!, "hash");
  if (hash === undefined || !mayDelete(cx, hash)) return hash;
  return deleteNamed(cx, args, fields) ? undefined : hash;
}

/** The entry of the hash in `args[1]` for changing some of its fields. */
export function writeFields(
  cx: Context,
  args: readonly string[],
  fields: FieldArgs,
): HashEntry | undefined {
  const entry = cx.writeAs<HashValue>(args[1]!, "hash");
  if (entry === undefined || !mayDelete(cx, entry.value)) return entry;
  return deleteNamed(cx, args, fields) ? undefined : entry;
}

/** The hash in a key with all its fields, none of which has expired on a master. */
export function readLive(cx: Context, name: string): HashValue | undefined {
  const hash = cx.readAs<HashValue>(name, "hash");
  if (hash === undefined || !mayDelete(cx, hash)) return hash;
  const expired = hash.deleteExpired(cx.nowMs, Number.POSITIVE_INFINITY);
  if (expired.length > 0) cx.fieldsExpired(cx.lookUp(name) as HashEntry, expired);
  return hash.size === 0 ? undefined : hash;
}

/** A field's value; undefined where there is none, or none any more. */
export function visible(cx: Context, hash: HashValue, field: string): string | undefined {
  const value = hash.get(field);
  return value === undefined || isHidden(cx, value) ? undefined : textOf(value);
}

/** Whether a value has expired. */
export function isHidden(cx: Context, value: FieldValue): boolean {
  return typeof value !== "string" && cx.isExpired(value);
}

/** Whether some field of the hash may have expired. */
export function mayHide(cx: Context, hash: HashValue): boolean {
  return cx.isExpired({ expiresAtMs: hash.elementsExpireAtMs });
}

/** Whether there may be something to delete here: on a master only. */
function mayDelete(cx: Context, hash: HashValue): boolean {
  return mayHide(cx, hash) && cx.engine.mayExpire;
}

/** Deletes those of the named fields that have expired; true when the key went with them. */
function deleteNamed(
  cx: Context,
  args: readonly string[],
  { from, to = args.length, step = 1 }: FieldArgs,
): boolean {
  const entry = cx.lookUp(args[1]!) as HashEntry;
  const hash = entry.value;
  const expired: string[] = [];
  for (let at = from; at < to; at += step) {
    const field = args[at]!;
    const value = hash.get(field);
    if (value === undefined || !isHidden(cx, value)) continue;
    hash.delete(field);
    expired.push(field);
  }
  if (expired.length > 0) cx.fieldsExpired(entry, expired);
  return hash.size === 0;
}

/** The time a field has, 0 for none. */
export function fieldExpiry(hash: HashValue, field: string): number {
  const value = hash.get(field);
  return value === undefined ? 0 : expiryOf(value);
}
