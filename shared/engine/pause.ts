/** CLIENT PAUSE: holds back commands, or those that write, until a time or CLIENT UNPAUSE. */
import { NO_REPLY, type Reply } from "../resp/reply.ts";
import { type Command, MAY_REPLICATE } from "./command.ts";
import type { Context } from "./context.ts";
import type { Engine, Pause } from "./engine.ts";

/**
 * Pauses from now on. Two pauses at once: the later end and the stricter kind hold, as in Redis.
 */
export function pause(engine: Engine, { untilMs, what }: Pause): void {
  const now = current(engine);
  engine.pause = {
    untilMs: Math.max(untilMs, now?.untilMs ?? 0),
    what: now?.what === "all" ? "all" : what,
  };
}

/** Ends the pause; sessions it held are due at once. */
export function unpause(engine: Engine): void {
  engine.pause = undefined;
  engine.deadlineMs = Math.min(engine.deadlineMs, engine.nowMs);
  for (const session of engine.sessions.values()) {
    const { blocked } = session;
    if (blocked?.kind === "paused") session.blocked = { ...blocked, untilMs: engine.nowMs };
  }
}

/**
 * Blocks the session when its command may not run now: `blocked.args` is the request to run again
 * at `blocked.untilMs`. Undefined when it may run.
 */
export function postpone(
  cx: Context,
  command: Command,
  args: readonly string[],
): Reply | undefined {
  const { engine, session } = cx;
  const now = current(engine);
  if (now === undefined || session.isFollower || session.isMasterLink) return undefined;
  if (now.what === "write" && !mayWrite(cx, command, args)) return undefined;
  session.blocked = { kind: "paused", untilMs: now.untilMs, args };
  return NO_REPLY;
}

function current(engine: Engine): Pause | undefined {
  if (engine.pause !== undefined && engine.pause.untilMs <= engine.nowMs) engine.pause = undefined;
  return engine.pause;
}

/** Whether a request may change something, or be sent to replicas all the same. */
export function mayWrite(cx: Context, command: Command, args: readonly string[]): boolean {
  const { name, flags } = command;
  if (name === "exec") {
    return (cx.session.transaction?.queue ?? []).some((queued) => {
      const row = cx.engine.registry.find(queued[0]!);
      return row !== undefined && mayWrite(cx, row, queued);
    });
  }
  const asked = command.flagsFor?.(cx, args);
  if (asked !== undefined) return asked.has("write");
  return flags.has("write") || MAY_REPLICATE.has(name);
}
