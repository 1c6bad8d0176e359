/**
 * From a request to a reply: the row of the table, the gates in Redis's order, the transaction queue, the
 * handler, and what of it is propagated.
 */
import { ERRORS } from "../resp/errors.ts";
import { NO_REPLY, QUEUED, type Reply, ReplyError } from "../resp/reply.ts";
import { forbid } from "./acl/gate.ts";
import type { Command } from "./command.ts";
import type { Context } from "./context.ts";
import type { Engine } from "./engine.ts";
import { awaitValues } from "./loading-values.ts";
import { feedMonitors } from "./monitor.ts";
import { postpone } from "./pause.ts";
import { redact } from "./secrets.ts";
import type { Session } from "./session.ts";
import { recordTime } from "./slowlog.ts";

/** Runs one request of a client. */
export function execute(cx: Context, args: readonly string[]): Reply {
  const { engine, session } = cx;
  engine.stats.commandsProcessed++;
  session.activeAtMs = cx.nowMs;
  const found = lookUp(cx, args);
  if (found instanceof ReplyError) return refuseUnknown(cx, found, args);
  session.lastCommand = found.name;
  // What a replica is sent is bounded by its acknowledgements; replies would not be.
  if (session.isFollower && !FOLLOWER_COMMANDS.has(found.name)) {
    engine.ports.close(session);
    return NO_REPLY;
  }
  const refusal =
    (session.isRestricted ? forbid(cx, { command: found, args }) : undefined) ??
    gate(cx, found, args);
  if (refusal !== undefined) return refuse(cx, new ReplyError(refusal), found.name);
  if (engine.pause !== undefined) {
    const held = postpone(cx, found, args);
    if (held !== undefined) return held;
  }
  if (session.transaction !== undefined && !RUN_IN_MULTI.has(found.name)) {
    return enqueue(cx, args, found);
  }
  return awaitValues(cx, found, args) ?? call(cx, found, args);
}

/** What a replica has to say once it follows. */
const FOLLOWER_COMMANDS = new Set(["ping", "psync", "replconf", "reset", "sync"]);

/** Commands that run at once although a MULTI is open. */
const RUN_IN_MULTI = new Set(["exec", "discard", "multi", "watch", "quit", "reset"]);

/** The row for a request, or Redis's words for why there is none. */
export function lookUp(cx: Context, args: readonly string[]): Command | ReplyError {
  const name = args[0]!;
  const row = cx.engine.registry.find(name);
  if (row === undefined) return unknownCommand(args);
  const command = row.subcommands.size > 0 && args.length > 1 ? subcommand(row, args) : row;
  if (command instanceof ReplyError) return command;
  const { arity } = command;
  if (arity > 0 ? args.length !== arity : args.length < -arity) {
    return new ReplyError(ERRORS.wrongArity(command.name));
  }
  return command;
}

function subcommand(row: Command, args: readonly string[]): Command | ReplyError {
  const sub = row.subcommands.get(args[1]!.toLowerCase());
  if (sub !== undefined) return sub;
  const shown = args[1]!.slice(0, 128);
  const help = row.name.toUpperCase();
  return new ReplyError(`ERR unknown subcommand '${shown}'. Try ${help} HELP.`);
}

function unknownCommand(args: readonly string[]): ReplyError {
  let shown = "";
  for (let i = 1; i < args.length && shown.length < 128; i++) {
    shown += `'${args[i]!.slice(0, 128 - shown.length)}' `;
  }
  const name = args[0]!.slice(0, 128);
  return new ReplyError(`ERR unknown command '${name}', with args beginning with: ${shown}`);
}

/** What is asked of a command at the gates. */
type Gated = Pick<Command, "flags" | "name"> & Partial<Pick<Command, "flagsFor">>;

interface Gate {
  readonly why: keyof typeof ERRORS;
  readonly applies: (cx: Context, command: Pick<Command, "flags" | "name">) => boolean;
}

/** Why a command may not run now, in Redis's order: the first that applies is the answer. */
const GATES = [
  {
    why: "noAuth",
    applies: ({ session, engine }, { flags }) =>
      !session.isAuthenticated && !engine.acl.isOpen && !flags.has("no_auth"),
  },
  {
    // Room is made before any command, and only those that may need more of it are refused.
    why: "outOfMemory",
    applies: ({ engine }, { flags }) => !engine.eviction.makeRoom() && flags.has("denyoom"),
  },
  {
    why: "noReplicas",
    applies: ({ engine }, { flags }) => flags.has("write") && lacksReplicas(engine),
  },
  {
    why: "readOnly",
    applies: ({ engine }, { flags }) =>
      engine.ports.role.isReplica && flags.has("write") && engine.config.flag("replica-read-only"),
  },
  {
    // RESP3 tells messages from replies; in RESP2 whoever listens may do little else.
    why: "listening",
    applies: ({ session }, { name }) => isDeaf(session) && !WHILE_LISTENING.has(name),
  },
  {
    why: "masterDown",
    applies: ({ engine }, { flags }) =>
      engine.ports.role.isReplica &&
      !engine.ports.role.isLinkUp &&
      !engine.config.flag("replica-serve-stale-data") &&
      !flags.has("stale"),
  },
] as const satisfies readonly Gate[];

/** A master has fewer replicas at hand than `min-replicas-to-write` wants. */
export function lacksReplicas({ config, ports }: Engine): boolean {
  const wanted = config.number("min-replicas-to-write");
  if (wanted === 0 || ports.role.isReplica) return false;
  return config.number("min-replicas-max-lag") > 0 && ports.role.goodReplicaCount < wanted;
}

const WHILE_LISTENING = new Set(
  "ping quit reset subscribe unsubscribe psubscribe punsubscribe ssubscribe sunsubscribe".split(
    " ",
  ),
);

function isDeaf({ subscriptions, protocol }: Session): boolean {
  return subscriptions !== undefined && protocol === 2;
}

/** Redis's words for why a command may not run now. */
export function gate(
  cx: Context,
  command: Gated,
  args: readonly string[] = [],
): string | undefined {
  const { engine, session } = cx;
  // The table is for the rare cases; nearly every command is let through here.
  const isMasterAtEase =
    !engine.ports.role.isReplica && !engine.wantsReplicas && !engine.eviction.isOn;
  if (session.isAuthenticated && isMasterAtEase && !isDeaf(session)) return undefined;
  const { name, flags, flagsFor } = command;
  const asked = { name, flags: flagsFor?.(cx, args) ?? flags };
  for (const { why, applies } of GATES) {
    if (!applies(cx, asked)) continue;
    return why === "listening" ? ERRORS.listening(command.name) : ERRORS[why];
  }
  return undefined;
}

/**
 * A browser can be made to send `POST / HTTP/1.1` and what it likes behind it to any port: whoever speaks
 * HTTP here is let go before the rest is read, as in Redis.
 */
function refuseUnknown(cx: Context, error: ReplyError, args: readonly string[]): Reply {
  const name = args[0]!.toLowerCase();
  if (name !== "post" && name !== "host:") return refuse(cx, error, name);
  cx.session.isClosing = true;
  return NO_REPLY;
}

/** A request that is not executed; inside MULTI it also dooms the EXEC, and a refused EXEC ends it. */
function refuse(cx: Context, reason: ReplyError, name = ""): ReplyError {
  const isExec = name.toLowerCase() === "exec";
  const error = isExec ? new ReplyError(ERRORS.execAbortBecause(reason.text)) : reason;
  if (isExec) {
    cx.session.transaction = undefined;
    cx.engine.watches.clear(cx.session);
  }
  const { transaction } = cx.session;
  if (transaction !== undefined) transaction.isAborted = true;
  cx.engine.stats.countError(error.text);
  return error;
}

function enqueue(cx: Context, args: readonly string[], command: Command): Reply {
  const transaction = cx.session.transaction!;
  if (command.flags.has("no_multi")) {
    return refuse(cx, new ReplyError("ERR Command not allowed inside a transaction"));
  }
  // What is queued takes memory as well.
  if (cx.engine.eviction.isFull) return refuse(cx, new ReplyError(ERRORS.outOfMemory));
  for (const arg of args) transaction.bytes += arg.length + 16;
  if (transaction.bytes > cx.engine.config.number("client-query-buffer-limit")) {
    cx.session.isClosing = true;
    return refuse(cx, new ReplyError("ERR transaction exceeds client-query-buffer-limit"));
  }
  transaction.queue.push(args);
  return QUEUED;
}

/** Calls a handler whose command passed every gate. EXEC and the replay of a stream call it as well. */
export function call(cx: Context, command: Command, args: readonly string[]): Reply {
  const { engine, session } = cx;
  const { db } = session;
  const dirtyBefore = cx.dirty;
  cx.isRewritten = false;
  const isTimed = command.isSlow || engine.timesAll;
  const startUs = isTimed ? engine.ports.clockUs() : 0;
  let reply: Reply;
  try {
    reply = command.handler(cx, args);
  } catch (error) {
    if (!(error instanceof ReplyError)) throw error;
    reply = error;
  }
  // It runs again when one of its keys is ready, and counts then.
  const isWaiting = reply === NO_REPLY && session.blocked?.kind === "keys";
  if (!isWaiting) {
    engine.stats.countCall(command.name, reply);
    if (session.tracking !== undefined && command.flags.has("readonly")) {
      engine.tracking.remember(session, command, args);
    }
    if (isTimed) recordTime(cx, command, { args, durationUs: engine.ports.clockUs() - startUs });
  }
  // Afterwards, as in Redis: EXEC is shown behind the commands it ran.
  if (engine.monitors.size > 0 && isShown(cx)) feedMonitors(cx, command, redact(command, args));
  if (cx.isReplay) return reply;
  if (cx.dirty > dirtyBefore && !cx.isRewritten) cx.effects.push({ db, args });
  if (!cx.isNested) settle(cx);
  return reply;
}

/** MONITOR shows what clients send: no replays, and what runs again once it is served was shown before. */
function isShown(cx: Context): boolean {
  return !cx.isReplay && cx.readyKey === undefined;
}

/** Hands the effects gathered so far over as one unit. */
export function settle(cx: Context): void {
  if (cx.effects.length === 0) return;
  cx.engine.ports.propagate(cx.effects);
  // Setting its length would give its room away, and takes V8 a slow call.
  if (cx.effects.length === 1) cx.effects.pop();
  else cx.effects = [];
  cx.session.writtenOffset = cx.engine.ports.role.offset;
}
