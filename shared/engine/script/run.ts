/** From a script and its arguments to a reply and one unit of effects: what it may do, and how it ends. */
import { assert } from "../../base/assert.ts";
import { ERRORS } from "../../resp/errors.ts";
import { type Reply, ReplyError } from "../../resp/reply.ts";
import type { Flag } from "../command.ts";
import type { Context } from "../context.ts";
import { call, lacksReplicas, lookUp } from "../execute.ts";
import type { Input, Interpreter, Run } from "./interpreter.ts";
import { Session } from "../session.ts";
import type { ScriptFlag } from "./header.ts";

/** What is run: a script, or a function of a library. */
export interface Runnable {
  /** As messages call it. */
  readonly sha: string;
  readonly reference: number;
  readonly flags: ReadonlySet<ScriptFlag> | undefined;
}

export interface Given extends Input {
  /** Called by a command that must not write. */
  readonly isReadOnly: boolean;
  readonly interpreter: Interpreter;
}

export function runScript(cx: Context, script: Runnable, given: Given): Reply {
  const { session, engine } = cx;
  const { interpreter } = given;
  if (interpreter.isRunning) throw new ReplyError(ERRORS.busyScript);
  checkFlags(cx, script, given);
  const { flags } = script;
  const { db } = session;
  const isNestedBefore = cx.isNested;
  const effectsBefore = cx.effects.length;
  const run: Run = {
    cx,
    name: script.sha,
    isReadOnly: given.isReadOnly || flags?.has("no-writes") === true,
    deniesMemory: engine.eviction.isFull && flags?.has("allow-oom") !== true,
    protocol: 2,
    failure: undefined,
  };
  cx.isNested = true;
  cx.script = run;
  try {
    return interpreter.call(script.reference, run, given);
  } finally {
    cx.script = undefined;
    cx.isNested = isNestedBefore;
    session.db = db;
    // What is propagated is what its commands did.
    cx.noEffect();
    if (interpreter.wasStopped) undo(cx, effectsBefore);
  }
}

/** The flags of a command that runs a script which says what it may do. */
export function flagsWith(
  flags: ReadonlySet<Flag>,
  own: ReadonlySet<ScriptFlag> | undefined,
): ReadonlySet<Flag> | undefined {
  if (own === undefined) return undefined;
  const asked = new Set(flags);
  for (const flag of ["denyoom", "stale", "write"] as const) asked.delete(flag);
  if (!own.has("no-writes")) {
    asked.add("write");
    if (!own.has("allow-oom")) asked.add("denyoom");
  }
  if (own.has("allow-stale")) asked.add("stale");
  return asked;
}

/** What a script says of itself is held against the node's state before it runs, in Redis's order. */
function checkFlags(cx: Context, { flags }: Runnable, { isReadOnly }: Given): void {
  const { engine } = cx;
  const { role } = engine.ports;
  const isStale =
    role.isReplica && !role.isLinkUp && !engine.config.flag("replica-serve-stale-data");
  if (flags === undefined) {
    if (isStale) throw new ReplyError(ERRORS.masterDown);
    return;
  }
  if (isStale && !flags.has("allow-stale")) {
    throw new ReplyError(
      "MASTERDOWN Link with MASTER is down, replica-serve-stale-data is set to 'no' and " +
        "'allow-stale' flag is not set on the script.",
    );
  }
  if (!flags.has("no-writes")) {
    if (role.isReplica && engine.config.flag("replica-read-only") && !cx.isReplay) {
      throw new ReplyError("READONLY Can not run script with write flag on readonly replica.");
    }
    if (isReadOnly) {
      throw new ReplyError("ERR Can not execute a script with write flag using *_ro command.");
    }
    if (lacksReplicas(engine)) throw new ReplyError(ERRORS.noReplicas);
  }
  if (engine.eviction.isFull && !flags.has("allow-oom") && !flags.has("no-writes")) {
    throw new ReplyError(
      "OOM allow-oom flag is not set on the script, can not run it when used memory > 'maxmemory'",
    );
  }
}

/**
 * Takes back what a script wrote that was stopped in the midst of it: memory becomes what the store and its
 * log say, and what the transaction around the script did before it, which is not in the log yet, is done
 * again. On a replica that clients may write to, what they wrote is not in the log, and it stays.
 */
function undo(cx: Context, effectsBefore: number): void {
  const { engine, effects } = cx;
  if (effects.length === effectsBefore || engine.ports.role.isReplica || cx.isReplay) return;
  effects.length = effectsBefore;
  engine.ports.reload();
  const replayed = engine.context(new Session(0, cx.nowMs));
  replayed.isReplay = true;
  for (const { db, args } of effects) {
    replayed.session.db = db;
    const command = lookUp(replayed, args);
    assert(!(command instanceof ReplyError), "effects are commands");
    // What was published has been heard.
    if (command.flags.has("write")) call(replayed, command, args);
  }
}
