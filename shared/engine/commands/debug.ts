/** DEBUG, as far as tests and the curious need it. https://redis.io/commands/debug */
import { parseFloat64, parseInteger } from "../../base/numbers.ts";
import { encodeValue } from "../../rdb/codec.ts";
import { fail } from "../../resp/errors.ts";
import {
  BigNumber,
  Bool,
  Double,
  MapReply,
  NO_REPLY,
  OK,
  Push,
  type Reply,
  ReplyError,
  SetReply,
  Status,
  Verbatim,
} from "../../resp/reply.ts";
import { type Command, command, type Handler, NO_KEYS } from "../command.ts";
import type { Context } from "../context.ts";
import { datasetDigest, valueDigest } from "../digest.ts";
import { helpHandler, wrongUse } from "./help.ts";
import { encoding } from "./object.ts";

export const DEBUG_COMMANDS: readonly Command[] = [
  command("debug", -2, ["admin", "noscript", "loading", "stale"], NO_KEYS, debug),
];

const HELP = `
DIGEST
    Output a hex signature representing the current DB content.
DIGEST-VALUE <key> [<key> ...]
    Output a hex signature of the values of all the specified keys.
ERROR <string>
    Return a Redis protocol error with <string> as message. Useful for clients
    unit tests to simulate Redis errors.
OBJECT <key>
    Show low level info about \`key\` and associated value.
PROTOCOL <type>
    Reply with a test value of the specified type. <type> can be: string,
    integer, double, bignum, null, array, set, map, push, verbatim, true, false.
RELOAD [NOSAVE]
    Write what is in memory to the base, forget it, and load again; with NOSAVE
    load from the base and the log as a crash would leave them.
SET-ACTIVE-EXPIRE <0|1>
    Setting it to 0 disables expiring keys in background when they are not
    accessed (otherwise the Redis behavior). Setting it to 1 reenables back the
    default.
SLEEP <seconds>
    Answer after <seconds>, and run nothing else of this client until then; the
    node cannot be stopped. Decimals allowed.`;

/** By name: how many arguments follow it (undefined: any number), and what it does. */
const SUBCOMMANDS = new Map<string, readonly [count: number | undefined, handler: Handler]>([
  ["digest", [0, (cx) => new Status(datasetDigest(cx.engine))]],
  ["digest-value", [undefined, digestValues]],
  ["error", [1, raise]],
  ["help", [0, helpHandler("debug", HELP)]],
  ["object", [1, object]],
  ["protocol", [1, protocol]],
  ["reload", [undefined, reload]],
  ["set-active-expire", [1, setActiveExpire]],
  ["sleep", [1, sleep]],
]);

const NOT_ALLOWED =
  'ERR DEBUG command not allowed. If the enable-debug-command option is set to "local", you can ' +
  "run it from a local connection, otherwise you need to set this option in the configuration " +
  "file, and then restart the server.";

function debug(cx: Context, args: readonly string[]): Reply {
  if (!isAllowed(cx)) throw new ReplyError(NOT_ALLOWED);
  const found = SUBCOMMANDS.get(args[1]!.toLowerCase());
  if (found === undefined) throw wrongUse("debug", args[1]!);
  const [count, handler] = found;
  if (count !== undefined && args.length !== count + 2) throw wrongUse("debug", args[1]!);
  return handler(cx, args);
}

function isAllowed({ engine, session }: Context): boolean {
  const who = engine.config.text("enable-debug-command");
  return who === "yes" || (who === "local" && /^(127\.|\[?::1)/.test(session.address));
}

function digestValues(cx: Context, args: readonly string[]): Reply {
  return args.slice(2).map((name) => {
    // As in Redis, what has expired and is not deleted yet is still there to look at.
    const entry = cx.engine.keyspace.find(cx.space, name);
    if (entry !== undefined) cx.loaded(entry);
    return new Status(valueDigest(entry));
  });
}

function raise(_: Context, args: readonly string[]): Reply {
  return new ReplyError(args[2]!.replaceAll(/[\r\n]/g, " "));
}

function object(cx: Context, args: readonly string[]): Reply {
  const entry = cx.lookUp(args[2]!);
  if (entry === undefined) fail("noSuchKey");
  const idleMs = Math.max(0, cx.nowMs - entry.accessedAtMs);
  return new Status(
    // There are no addresses and no reference counts here; parsers skip over both.
    `Value at:0x0 refcount:1 encoding:${encoding(entry)} ` +
      `serializedlength:${encodeValue(cx.loaded(entry)).body.length} ` +
      `lru:${Math.floor(entry.accessedAtMs / 1000) & 0xff_ffff} ` +
      `lru_seconds_idle:${Math.floor(idleMs / 1000)}`,
  );
}

function reload(cx: Context, args: readonly string[]): Reply {
  const options = args.slice(2).map((option) => option.toLowerCase());
  if (!options.every((option) => ["merge", "noflush", "nosave"].includes(option))) {
    throw new ReplyError("ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.");
  }
  if (options.includes("merge") || options.includes("noflush")) {
    throw new ReplyError("ERR DEBUG RELOAD always loads everything: MERGE and NOFLUSH are refused");
  }
  if (cx.isNested) throw new ReplyError("ERR DEBUG RELOAD is not allowed in transactions");
  if (!options.includes("nosave")) cx.engine.ports.checkpoint();
  cx.engine.ports.reload();
  cx.engine.tracking.flushed(cx.session);
  return OK;
}

function setActiveExpire(cx: Context, args: readonly string[]): Reply {
  cx.engine.isActiveExpireOn = (parseInteger(args[2]!) ?? 0) !== 0;
  return OK;
}

/** The node answers once the time is up: a blocked session of kind `sleep` is completed with OK. */
function sleep(cx: Context, args: readonly string[]): Reply {
  const seconds = parseFloat64(args[2]!) ?? 0;
  const durationMs = Math.ceil(Math.min(seconds * 1000, Number.MAX_SAFE_INTEGER / 2));
  if (cx.isNested || !(durationMs > 0)) return OK;
  cx.session.blocked = { kind: "sleep", untilMs: cx.nowMs + durationMs };
  return NO_REPLY;
}

const SAMPLES = new Map<string, Reply>([
  ["array", [0, 1, 2]],
  ["bignum", new BigNumber("1234567999999999999999999999999999999")],
  // oxlint-disable-next-line oxc/approx-constant -- Redis answers with just these digits
  ["double", new Double(3.141)],
  ["false", new Bool(false)],
  ["integer", 12345],
  ["map", new MapReply([0, new Bool(false), 1, new Bool(true), 2, new Bool(false)])],
  ["null", null],
  ["push", new Push(["server-cpu-usage", 42])],
  ["set", new SetReply([0, 1, 2])],
  ["string", "Hello World"],
  ["true", new Bool(true)],
  ["verbatim", new Verbatim("txt", "This is a verbatim\nstring")],
]);

function protocol(_: Context, args: readonly string[]): Reply {
  const sample = SAMPLES.get(args[2]!.toLowerCase());
  if (sample !== undefined) return sample;
  throw new ReplyError(
    "ERR Wrong protocol type name. Please use one of the following: " +
      "string|integer|double|bignum|null|array|set|map|push|verbatim|true|false",
  );
}
