/** Bits of strings (https://redis.io/docs/latest/commands/?group=bitmap). BITFIELD is in bitmap-field.ts. */
import { fail } from "../../resp/errors.ts";
import type { Reply } from "../../resp/reply.ts";
import {
  bitAt,
  byteWithBit,
  type BitOperation,
  type BitRange,
  combineBits,
  countBits,
  findBit,
} from "../../types/bitmap.ts";
import type { Text } from "../../types/long-string.ts";
import { count, integer, refuse } from "../arguments.ts";
import { type Command, command, keys } from "../command.ts";
import { checkKey, type Context } from "../context.ts";
import { bitField, bitFieldRo, bitOffset } from "./bitmap-field.ts";

const BITMAP = { categories: ["bitmap"] };

export const BITMAP_COMMANDS: readonly Command[] = [
  command("bitcount", -2, ["readonly"], keys("RO access"), bitCount, BITMAP),
  command(
    "bitfield",
    -2,
    ["write", "denyoom"],
    keys("RW access update variable_flags"),
    bitField,
    BITMAP,
  ),
  command("bitfield_ro", -2, ["readonly", "fast"], keys("RO access"), bitFieldRo, BITMAP),
  command(
    "bitop",
    -4,
    ["write", "denyoom"],
    [...keys("OW update", 2), ...keys("RO access", 3, { last: -1 })],
    bitOp,
    BITMAP,
  ),
  command("bitpos", -3, ["readonly"], keys("RO access"), bitPos, BITMAP),
  command("getbit", 3, ["readonly", "fast"], keys("RO access"), getBit, BITMAP),
  command("setbit", 4, ["write", "denyoom"], keys("RW access update"), setBit, BITMAP),
];

function getBit(cx: Context, args: readonly string[]): Reply {
  const at = bitOffset(cx, args[2]!);
  return bitAt(cx.readText(args[1]!) ?? "", at);
}

/** A bit that is as it was is no change, unless the string grew for it. */
function setBit(cx: Context, args: readonly string[]): Reply {
  const [, name, offset, on] = args as [string, string, string, string];
  const at = bitOffset(cx, offset);
  const bit = integer(on, "bit is not an integer or out of range");
  if (bit !== 0 && bit !== 1) refuse("bit is not an integer or out of range");
  const entry = cx.writeString(name);
  const old = entry === undefined ? "" : cx.textOf(entry);
  const before = bitAt(old, at);

  if (bit !== before || Math.floor(at / 8) >= old.length) {
    cx.overwrite(name, entry, byteWithBit(old, at, bit));
    cx.notify("$", "setbit", name);
  }
  if (entry !== undefined) entry.isRaw = true;
  return before;
}

// -- whole strings -----------------------------------------------------------------------------------

function bitCount(cx: Context, args: readonly string[]): Reply {
  const text = cx.readText(args[1]!);
  if (text === undefined) return 0;
  if (args.length === 2) return countBits(text, { from: 0, to: text.length * 8 });
  if (args.length > 5 || args.length === 3) fail("syntax");
  const start = count(args[2]!);
  const end = count(args[3]!);
  // Redis looks at the unit only now.
  if (start < 0 && end < 0 && start > end) return 0;
  return countBits(text, bitRange(text, start, { end, unit: unitOf(args[4]) }));
}

/**
 * Without an end the string goes on with zeros for ever; so does a key that is not there, whatever the
 * range.
 */
function bitPos(cx: Context, args: readonly string[]): Reply {
  const bit = integer(args[2]!);
  if (bit !== 0 && bit !== 1) refuse("The bit argument must be 1 or 0.");
  const text = cx.readText(args[1]!);
  if (text === undefined) return bit === 1 ? -1 : 0;
  const { length } = args;
  if (length > 6) fail("syntax");
  const start = length > 3 ? count(args[3]!) : 0;
  const unit = unitOf(args[5]);
  const end = length > 4 ? count(args[4]!) : undefined;

  const range = bitRange(text, start, { end: end ?? text.length, unit });
  const found = findBit(text, bit, range);
  const isOpen = bit === 0 && end === undefined && range.from < range.to;
  return found === -1 && isOpen ? range.to : found;
}

type Unit = "bit" | "byte";

function unitOf(text = "byte"): Unit {
  const unit = text.toLowerCase();
  return unit === "bit" || unit === "byte" ? unit : fail("syntax");
}

/** From `start` to `end`, both included; negative ones count from the end. */
function bitRange(
  text: Text,
  start: number,
  { end, unit }: { readonly end: number; readonly unit: Unit },
): BitRange {
  const size = unit === "bit" ? 1 : 8;
  const total = (text.length * 8) / size;
  const from = Math.max(start < 0 ? total + start : start, 0);
  const last = Math.min(Math.max(end < 0 ? total + end : end, 0), total - 1);
  return from > last ? { from: 0, to: 0 } : { from: from * size, to: (last + 1) * size };
}

// -- BITOP -------------------------------------------------------------------------------------------

const OPERATIONS: readonly string[] = ["and", "or", "xor", "not"] satisfies BitOperation[];

function bitOp(cx: Context, args: readonly string[]): Reply {
  const [, name, target] = args as [string, string, string];
  const operation = name.toLowerCase();
  if (!OPERATIONS.includes(operation)) fail("syntax");
  if (operation === "not" && args.length !== 4) {
    refuse("BITOP NOT must be called with a single source key.");
  }
  const texts: string[] = [];
  for (let i = 3; i < args.length; i++) texts.push(cx.readString(args[i]!) ?? "");
  checkKey(target);

  const entry = cx.write(target);
  const value = combineBits(operation as BitOperation, texts);
  if (value !== "") {
    cx.set(target, value).isRaw = true;
    cx.notify("$", "set", target);
  } else if (entry !== undefined) {
    cx.remove(target);
    cx.notify("g", "del", target);
  }
  return value.length;
}
