/** How a key is kept, and its bytes: OBJECT, DUMP, RESTORE. */
import { parseInteger } from "../../base/numbers.ts";
import { dumpPayload, restorePayload } from "../../rdb/dump.ts";
import { formFor } from "../../rdb/value-codec.ts";
import { fail } from "../../resp/errors.ts";
import { OK, type Reply, ReplyError, Status } from "../../resp/reply.ts";
import { count, entryTime, integer, isPast, refuse, timeMs } from "../arguments.ts";
import { command, type Handler, keys, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { type Entry, FREQUENCY_START } from "../space.ts";
import { peek } from "./keys.ts";

const KEYSPACE = { categories: ["keyspace"] };
const CHANGING = { ...KEYSPACE, tips: ["nondeterministic_output"] };
const DANGEROUS = { categories: ["keyspace", "dangerous"] };

export const OBJECT_COMMANDS = [
  command("dump", 2, ["readonly"], keys("RO access"), dump, CHANGING),
  command("object", -2, [], NO_KEYS, help, {
    subcommands: [
      command("object|encoding", 3, ["readonly"], keys("RO", 2), of(encoding), CHANGING),
      command("object|freq", 3, ["readonly"], keys("RO", 2), of(frequency), CHANGING),
      command("object|help", 2, ["loading", "stale"], NO_KEYS, help, KEYSPACE),
      command("object|idletime", 3, ["readonly"], keys("RO", 2), of(idleSeconds), CHANGING),
      command("object|refcount", 3, ["readonly"], keys("RO", 2), of(references), CHANGING),
    ],
  }),
  command("restore", -4, ["write", "denyoom"], keys("OW update"), restore, DANGEROUS),
  command(
    "restore-asking",
    -4,
    ["write", "denyoom", "asking"],
    keys("OW update"),
    restore,
    DANGEROUS,
  ),
];

// -- OBJECT ------------------------------------------------------------------------------------------

/** Looking at a key so is no use of it: its idle time goes on. */
function of(fact: (entry: Entry, cx: Context) => Reply): Handler {
  return (cx, args) => {
    const entry = peek(cx, args[2]!, { isQuiet: true });
    return entry === undefined ? null : fact(entry, cx);
  };
}

/** Longer strings are no longer kept in one piece with their object. */
const EMBEDDED_BYTES_MAX = 44;

/** What Redis would keep the value as; clients and its own tests look at it. */
export function encoding(entry: Entry): string {
  const { value, isRaw } = entry;
  if (typeof value !== "string") return value!.encoding;
  if (isRaw) return "raw";
  if (value.length <= 20 && parseInteger(value) !== undefined) return "int";
  return value.length <= EMBEDDED_BYTES_MAX ? "embstr" : "raw";
}

/** What came from the store and was not used since counts as used when the node started. */
function idleSeconds({ accessedAtMs }: Entry, { nowMs, engine }: Context): Reply {
  if (engine.eviction.countsUses) {
    refuse(
      "An LFU maxmemory policy is selected, idle time not tracked. Please note that when " +
        "switching between policies at runtime LRU and LFU data will take some time to adjust.",
    );
  }
  const usedAtMs = accessedAtMs === 0 ? engine.startedAtMs : accessedAtMs;
  return Math.max(Math.floor((nowMs - usedAtMs) / 1000), 0);
}

/** Redis keeps the first 10,000 integers once, and says so with the largest count there is. */
function references(entry: Entry): Reply {
  const number = encoding(entry) === "int" ? Number(entry.value) : -1;
  return number >= 0 && number < 10_000 ? 2 ** 31 - 1 : 1;
}

function frequency(entry: Entry, { nowMs, engine }: Context): Reply {
  if (engine.eviction.countsUses) return engine.eviction.frequencyOf(entry, nowMs);
  return refuse(
    "An LFU maxmemory policy is not selected, access frequency not tracked. " +
      "Please note that when switching between policies at runtime LRU and LFU data will take " +
      "some time to adjust.",
  );
}

const HELP = [
  "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "ENCODING <key>",
  "    Return the kind of internal representation used in order to store the value",
  "    associated with a <key>.",
  "FREQ <key>",
  "    Return the access frequency index of the <key>. The returned integer is",
  "    proportional to the logarithm of the recent access frequency of the key.",
  "IDLETIME <key>",
  "    Return the idle time of the <key>, that is the approximated number of",
  "    seconds elapsed since the last access to the key.",
  "REFCOUNT <key>",
  "    Return the number of references of the value associated with the specified",
  "    <key>.",
  "HELP",
  "    Prints this help.",
].map((line) => new Status(line));

function help(): Reply {
  return HELP;
}

// -- DUMP and RESTORE --------------------------------------------------------------------------------

function dump(cx: Context, args: readonly string[]): Reply {
  const entry = cx.read(args[1]!);
  if (entry === undefined) return null;
  const form = formFor(cx.engine.config.number("rdb-redis-version-min"));
  return dumpPayload(cx.loaded(entry), form);
}

/** A replica gets the command as it came, but for a time to live, which becomes a moment. */
function restore(cx: Context, args: readonly string[]): Reply {
  const [, name, time, payload] = args as [string, string, string, string];
  const { isReplacing, isAbsolute, idleMs, frequency } = restoreOptions(args);
  if (!isReplacing && cx.read(name) !== undefined) {
    throw new ReplyError("BUSYKEY Target key name already exists.");
  }
  const ttl = integer(time);
  if (ttl < 0) refuse("Invalid TTL value, must be >= 0");
  const value = restorePayload(payload, cx.engine.limits, cx.stringMax);
  const ms = ttl === 0 ? 0n : (timeMs(cx, time, { unit: "ms", isAbsolute }) ?? undefined);
  if (ms === undefined) refuse("Invalid TTL value, must be >= 0");

  if (ms !== 0n && isPast(cx, ms)) {
    if (cx.remove(name)) {
      cx.notify("g", "del", name);
      cx.effect("DEL", name);
    }
    return OK;
  }
  const isReplaced = isReplacing && cx.lookUp(name) !== undefined;
  const entry = cx.set(name, value, ms === 0n ? 0 : entryTime(ms));
  // As in Redis each counts under a policy that asks for it.
  if (!cx.engine.eviction.countsUses) entry.accessedAtMs = cx.nowMs - idleMs;
  else entry.frequency = frequency ?? FREQUENCY_START;
  if (isReplaced) cx.notify("n", "new", name);
  cx.notify("g", "restore", name);
  if (ms !== 0n && !isAbsolute) {
    cx.effectOf([args[0]!, name, String(ms), ...args.slice(3), "ABSTTL"]);
  }
  return OK;
}

function restoreOptions(args: readonly string[]) {
  let isReplacing = false;
  let isAbsolute = false;
  let idleSeconds: number | undefined;
  let frequency: number | undefined;
  for (let at = 4; at < args.length; at++) {
    const option = args[at]!.toUpperCase();
    const hasValue = at + 1 < args.length;
    if (option === "REPLACE") isReplacing = true;
    else if (option === "ABSTTL") isAbsolute = true;
    else if (option === "IDLETIME" && hasValue && frequency === undefined) {
      idleSeconds = count(args[++at]!);
      if (idleSeconds < 0) refuse("Invalid IDLETIME value, must be >= 0");
    } else if (option === "FREQ" && hasValue && idleSeconds === undefined) {
      frequency = count(args[++at]!);
      if (frequency < 0 || frequency > 255) refuse("Invalid FREQ value, must be >= 0 and <= 255");
    } else fail("syntax");
  }
  return { isReplacing, isAbsolute, idleMs: (idleSeconds ?? 0) * 1000, frequency };
}
