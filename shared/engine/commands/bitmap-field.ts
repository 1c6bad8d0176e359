/** BITFIELD: integers of any width at any bit of a string (https://redis.io/docs/latest/commands/bitfield/). */
import { type BufferLike, newBuffer, toBinary } from "../../base/bytes.ts";
import { parseInteger } from "../../base/numbers.ts";
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import { INT64_MAX, integer, refuse } from "../arguments.ts";
import type { Context } from "../context.ts";

/** i1…i64 and u1…u63. */
interface FieldType {
  readonly isSigned: boolean;
  readonly width: number;
}

type Overflow = "wrap" | "sat" | "fail";

interface Operation {
  readonly kind: "get" | "set" | "incrby";
  readonly type: FieldType;
  readonly at: number;
  readonly value: bigint;
  readonly overflow: Overflow;
}

export function bitField(cx: Context, args: readonly string[]): Reply {
  const operations = parse(cx, args);
  const end = writtenTo(operations);
  return end === 0 ? readFields(cx, args[1]!, operations) : runAll(cx, args[1]!, operations);
}

export function bitFieldRo(cx: Context, args: readonly string[]): Reply {
  const operations = parse(cx, args);
  if (writtenTo(operations) > 0) refuse("BITFIELD_RO only supports the GET subcommand");
  return readFields(cx, args[1]!, operations);
}

/** The bit behind the last one that is written; 0: none is. */
function writtenTo(operations: readonly Operation[]): number {
  let end = 0;
  for (const { kind, at, type } of operations) {
    if (kind !== "get") end = Math.max(end, at + type.width);
  }
  return end;
}

function readFields(cx: Context, name: string, operations: readonly Operation[]): Reply {
  const text = cx.readText(name) ?? "";
  const byteAt = (index: number): number => (index < text.length ? text.charCodeAt(index) : 0);
  return operations.map(({ type, at }) => shown(getField(byteAt, at, type)));
}

/**
 * Once the string has room for all that may be written it is changed, whatever comes of the operations: so
 * it goes out then, where Redis forgets to say so when all of them fail.
 */
function runAll(cx: Context, name: string, operations: readonly Operation[]): Reply {
  const entry = cx.writeString(name);
  const old = entry === undefined ? "" : cx.textOf(entry);
  const length = Math.max(old.length, Math.ceil(writtenTo(operations) / 8));
  const hasGrown = length > old.length;
  const window = windowOf(operations, length);
  const before = old.slice(window.from, window.to);
  const bytes = newBuffer(window.to - window.from);
  bytes.latin1Write(before, 0, before.length);
  bytes.fill(0, before.length);

  let hasWritten = false;
  let hasChanged = false;
  const replies = operations.map((operation) => {
    const { reply, isWritten, isChanged } = run(bytes, {
      ...operation,
      at: operation.at - window.from * 8,
    });
    hasWritten ||= isWritten;
    hasChanged ||= isChanged;
    return reply;
  });
  if (hasChanged || hasGrown) {
    cx.overwrite(name, entry, { at: window.from, bytes: toBinary(bytes) });
    if (hasChanged || hasWritten) cx.notify("$", "setbit", name);
  }
  if (entry !== undefined) entry.isRaw = true;
  return replies;
}

/** The bytes of a string of this length that the operations look at. */
function windowOf(operations: readonly Operation[], length: number): { from: number; to: number } {
  let from = length;
  let to = 0;
  for (const { at, type } of operations) {
    from = Math.min(from, Math.floor(at / 8));
    to = Math.max(to, Math.ceil((at + type.width) / 8));
  }
  return { from, to: Math.min(to, length) };
}

interface Outcome {
  readonly reply: Reply;
  readonly isWritten: boolean;
  readonly isChanged: boolean;
}

function run(bytes: BufferLike, { kind, type, at, value, overflow }: Operation): Outcome {
  const old = getField((index) => bytes[index] ?? 0, at, type);
  if (kind === "get") return { reply: shown(old), isWritten: false, isChanged: false };
  // An unsigned field takes a negative number for the large one it is in 64 bits.
  const wanted =
    kind === "incrby" ? old + value : type.isSigned ? value : BigInt.asUintN(64, value);
  const fitted = fit(kind === "set" ? upright(wanted, type) : wanted, type, overflow);
  if (fitted === undefined) return { reply: null, isWritten: false, isChanged: false };
  putField(bytes, fitted, { at, width: type.width });
  const reply = shown(kind === "set" ? old : fitted);
  return { reply, isWritten: true, isChanged: fitted !== old };
}

/**
 * Redis takes a signed number so low that its distance to the largest one passes an int64 for one that is
 * too large. A replica must do as its master does, so we do as well.
 */
function upright(value: bigint, { isSigned, width }: FieldType): bigint {
  const max = (1n << BigInt(width - 1)) - 1n;
  const isTaken = isSigned && width < 64 && max - value > INT64_MAX;
  return isTaken ? value + (1n << 64n) : value;
}

/** A value brought into the range of its type; undefined where it may not be. */
function fit(value: bigint, type: FieldType, overflow: Overflow): bigint | undefined {
  const { isSigned, width } = type;
  const span = 1n << BigInt(width);
  const max = isSigned ? span / 2n - 1n : span - 1n;
  const min = isSigned ? -span / 2n : 0n;
  if (value >= min && value <= max) return value;
  if (overflow === "fail") return undefined;
  if (overflow === "sat") return value > max ? max : min;
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

function getField(
  byteAt: (index: number) => number,
  at: number,
  { isSigned, width }: FieldType,
): bigint {
  const first = Math.floor(at / 8);
  const last = Math.floor((at + width - 1) / 8);
  let value = 0n;
  for (let i = first; i <= last; i++) value = (value << 8n) | BigInt(byteAt(i));
  value >>= BigInt((last + 1) * 8 - at - width);
  return isSigned ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}

function putField(
  bytes: BufferLike,
  value: bigint,
  { at, width }: { readonly at: number; readonly width: number },
): void {
  const first = Math.floor(at / 8);
  const last = Math.floor((at + width - 1) / 8);
  const shift = BigInt((last + 1) * 8 - at - width);
  let mask = BigInt.asUintN(width, -1n) << shift;
  let bits = BigInt.asUintN(width, value) << shift;
  for (let i = last; i >= first; i--) {
    bytes[i] = (bytes[i]! & ~Number(mask & 0xffn)) | Number(bits & 0xffn);
    mask >>= 8n;
    bits >>= 8n;
  }
}

function shown(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

// -- arguments ---------------------------------------------------------------------------------------

/** How many arguments follow the name of each operation. */
const ARGUMENT_COUNTS: Readonly<Record<string, number>> = { get: 2, set: 3, incrby: 3 };

function parse(cx: Context, args: readonly string[]): Operation[] {
  const operations: Operation[] = [];
  let overflow: Overflow = "wrap";
  for (let i = 2; i < args.length;) {
    const word = args[i]!.toLowerCase();
    const left = args.length - i - 1;
    if (word === "overflow" && left >= 1) {
      overflow = overflowOf(args[i + 1]!);
      i += 2;
      continue;
    }
    const argumentCount = Object.hasOwn(ARGUMENT_COUNTS, word) ? ARGUMENT_COUNTS[word]! : Infinity;
    if (left < argumentCount) fail("syntax");
    const kind = word as Operation["kind"];
    const type = typeOfField(args[i + 1]!);
    const at = bitOffset(cx, args[i + 2]!, type.width);
    const value = kind === "get" ? 0n : BigInt(integer(args[i + 3]!));
    operations.push({ kind, type, at, value, overflow });
    i += 1 + argumentCount;
  }
  return operations;
}

function overflowOf(text: string): Overflow {
  const word = text.toLowerCase();
  if (word === "wrap" || word === "sat" || word === "fail") return word;
  return refuse("Invalid OVERFLOW type specified");
}

function typeOfField(text: string): FieldType {
  const isSigned = text.startsWith("i");
  const width = parseInteger(text.slice(1));
  const isGood = isSigned || text.startsWith("u");
  if (isGood && width !== undefined && width >= 1 && width <= (isSigned ? 64 : 63)) {
    return { isSigned, width: Number(width) };
  }
  return refuse(
    "Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
  );
}

/**
 * The place of a bit, as far as strings go; with a `width`, `#3` is the fourth field of it.
 */
export function bitOffset(cx: Context, text: string, width = 0): number {
  const isCounted = width > 0 && text.startsWith("#");
  const value = parseInteger(isCounted ? text.slice(1) : text);
  const at = value === undefined ? -1 : Number(value) * (isCounted ? width : 1);
  if (at < 0 || Math.floor(at / 8) >= cx.stringMax) {
    refuse("bit offset is not an integer or out of range");
  }
  return at;
}
