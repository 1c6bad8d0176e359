/** Counting what is different (https://redis.io/docs/latest/commands/?group=hyperloglog). */
import { assert } from "../../base/assert.ts";
import { OK, type Reply, ReplyError, Status } from "../../resp/reply.ts";
import {
  cachedCount,
  countOf,
  countOfRegisters,
  describeRuns,
  EMPTY_SKETCH,
  isSketch,
  isSparse,
  mergeInto,
  REGISTER_COUNT,
  Sketch,
  withCount,
  withStaleCount,
} from "../../types/hyperloglog.ts";
import { refuse } from "../arguments.ts";
import { type Command, command, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../space.ts";

const HYPERLOGLOG = { categories: ["hyperloglog"] };

export const HYPERLOGLOG_COMMANDS: readonly Command[] = [
  command("pfadd", -2, ["write", "denyoom", "fast"], keys("RW insert"), pfAdd, HYPERLOGLOG),
  command("pfcount", -2, ["readonly"], keys("RW access", 1, { last: -1 }), pfCount, HYPERLOGLOG),
  command("pfdebug", 3, ["write", "denyoom", "admin"], keys("RW access", 2), pfDebug, HYPERLOGLOG),
  command(
    "pfmerge",
    -2,
    ["write", "denyoom"],
    [...keys("RW access insert"), ...keys("RO access", 2, { last: -1 })],
    pfMerge,
    HYPERLOGLOG,
  ),
  command("pfselftest", 1, ["admin"], NO_KEYS, pfSelfTest, HYPERLOGLOG),
];

const NO_SKETCH = "WRONGTYPE Key is not a valid HyperLogLog string value.";
const DAMAGED = "INVALIDOBJ Corrupted HLL object detected";

function damaged(): never {
  throw new ReplyError(DAMAGED);
}

function sketchIn(cx: Context, entry: Entry): string {
  const text = cx.stringOf(entry);
  if (!isSketch(text)) throw new ReplyError(NO_SKETCH);
  return text;
}

/** Sets a key to a sketch; the count of a changed one is stale. */
function keep(
  cx: Context,
  name: string,
  { entry, text }: { entry: Entry | undefined; text: string },
) {
  if (entry === undefined) cx.set(name, text).isRaw = true;
  else {
    cx.replace(entry, text);
    entry.isRaw = true;
  }
}

function pfAdd(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const entry = cx.write(name);
  const sketch = new Sketch(
    entry === undefined ? EMPTY_SKETCH : sketchIn(cx, entry),
    cx.engine.limits.hllSparseBytes,
  );
  if (entry !== undefined) entry.isRaw = true;
  let isChanged = entry === undefined;
  for (let i = 2; i < args.length; i++) {
    const isNew = sketch.add(args[i]!);
    if (isNew === undefined) damaged();
    isChanged ||= isNew;
  }

  if (!isChanged) return 0;
  keep(cx, name, { entry, text: withStaleCount(sketch.text()) });
  cx.notify("$", "pfadd", name);
  return 1;
}

/**
 * The count of one key is kept in it: a change that goes out as this command. A replica leaves that to its
 * master.
 */
function pfCount(cx: Context, args: readonly string[]): Reply {
  if (args.length > 2) return countOfRegisters(mergeAll(cx, args).registers) ?? damaged();
  const entry = cx.read(args[1]!);
  if (entry === undefined) return 0;
  const text = sketchIn(cx, entry);
  // As in Redis it is then no longer kept in one piece with its object, whatever comes of it.
  entry.isRaw = true;
  const cached = cachedCount(text);
  const count = cached ?? countOf(text);
  if (count === undefined) damaged();
  if (!cx.isReplay && cx.engine.ports.role.isReplica) return count;
  if (cached === undefined) keep(cx, args[1]!, { entry, text: withCount(text, count as number) });
  return count;
}

function mergeAll(cx: Context, args: readonly string[]) {
  const registers = new Uint8Array(REGISTER_COUNT);
  let hasDense = false;
  for (let i = 1; i < args.length; i++) {
    const entry = cx.read(args[i]!);
    if (entry === undefined) continue;
    const text = sketchIn(cx, entry);
    if (!isSparse(text)) hasDense = true;
    if (!mergeInto(registers, text)) damaged();
  }
  return { registers, hasDense };
}

function pfMerge(cx: Context, args: readonly string[]): Reply {
  const name = args[1]!;
  const { registers, hasDense } = mergeAll(cx, args);
  const entry = cx.write(name);
  const text = entry === undefined ? EMPTY_SKETCH : sketchIn(cx, entry);
  const sketch = new Sketch(text, cx.engine.limits.hllSparseBytes);
  if (hasDense && !sketch.becomeDense()) damaged();
  for (let i = 0; i < REGISTER_COUNT; i++) if (registers[i]! > 0) sketch.raise(i, registers[i]!);

  keep(cx, name, { entry, text: withStaleCount(sketch.text()) });
  cx.notify("$", "pfadd", name);
  return OK;
}

// -- for those who look inside -----------------------------------------------------------------------

function pfDebug(cx: Context, args: readonly string[]): Reply {
  const [, what, name] = args as [string, string, string];
  const entry = cx.write(name);
  if (entry === undefined) refuse("The specified key does not exist");
  const text = sketchIn(cx, entry);
  entry.isRaw = true;
  const subcommand = what.toLowerCase();
  if (subcommand === "encoding") return new Status(isSparse(text) ? "sparse" : "dense");
  if (subcommand === "decode") {
    return isSparse(text) ? describeRuns(text) : refuse("HLL encoding is not sparse");
  }
  if (subcommand === "todense") return becomeDense(cx, entry) ? 1 : 0;
  if (subcommand !== "getreg") refuse(`Unknown PFDEBUG subcommand '${what}'`);
  const registers = new Uint8Array(REGISTER_COUNT);
  if (!mergeInto(registers, text)) damaged();
  becomeDense(cx, entry);
  return Array.from(registers);
}

function becomeDense(cx: Context, entry: Entry): boolean {
  const text = sketchIn(cx, entry);
  if (!isSparse(text)) return false;
  const sketch = new Sketch(text, 0);
  if (!sketch.becomeDense()) damaged();
  keep(cx, entry.name, { entry, text: sketch.text() });
  return true;
}

/** How many elements, and how far the count may be off: eight times the standard error (1.04 / 128). */
const SELF_TEST_ELEMENTS = 20_000;
const SELF_TEST_ERROR = 0.065;

function pfSelfTest(): Reply {
  const sketch = new Sketch(EMPTY_SKETCH, 3000);
  const registers = new Uint8Array(REGISTER_COUNT);
  for (let i = 0; i < SELF_TEST_ELEMENTS; i++) sketch.add(`element:${i}`);
  assert(mergeInto(registers, sketch.text()), "the registers are whole");
  const count = countOfRegisters(registers) ?? 0;
  const error = Math.abs(count - SELF_TEST_ELEMENTS) / SELF_TEST_ELEMENTS;
  if (error > SELF_TEST_ERROR) refuse(`TESTFAILED Too high error: ${count}`);
  return OK;
}
