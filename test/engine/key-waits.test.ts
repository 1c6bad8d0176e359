// What test/blocking/programs.txt cannot see of commands that wait: effects, statistics, and commands of
// other groups, made up here.

import { describe, expect, it } from "vitest";

import { command, keys } from "../../shared/engine/command.ts";
import type { Context } from "../../shared/engine/context.ts";
import { Session } from "../../shared/engine/session.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { NIL_ARRAY, NO_REPLY, type Reply, ReplyError, Status } from "../../shared/resp/reply.ts";
import { engineHarness } from "../support/engine.ts";
import { showUnits } from "./effect-cases.ts";

const LOST = "UNBLOCKED the stream key no longer exists";

/** Waits for a list of so many elements, and takes it badly when the key is lost. */
function waitLong(cx: Context, args: readonly string[]): Reply {
  const [, name, length] = args as [string, string, string];
  for (const each of cx.readyKey === undefined ? [name] : [cx.readyKey]) {
    if (cx.engine.keyspace.find(cx.space, each) === undefined) continue;
    const { size } = cx.lookUp(each)!.value as { size: number };
    if (size >= Number(length)) return new Status(`${size}`);
  }
  // That it touches its key while it waits on must not make it run for ever.
  if (cx.readyKey !== undefined) cx.signal(name);
  return cx.block({ keys: [name], type: "list", untilMs: 0, args, timedOut: "nil", lost: LOST });
}

const WAITLONG = command("waitlong", 3, ["readonly"], keys("RO"), waitLong);

function server() {
  const harness = engineHarness({ commands: [...ENGINE_COMMANDS, WAITLONG] });
  const say = (client: ReturnType<typeof harness.connect>, line: string): Reply =>
    client.send(line.split(" "));
  /** A client that waits. */
  const waiting = (...lines: string[]) => {
    const client = harness.connect();
    expect(lines.map((line) => say(client, line)).at(-1)).toBe(NO_REPLY);
    return client.session;
  };
  const answers = () => harness.pushed.splice(0).map(({ session, reply }) => [session.id, reply]);
  return { ...harness, say, waiting, answers };
}

describe("a command that waits for keys", () => {
  it("goes out as what it did, behind what served it, as a unit of its own in its own database", () => {
    const { run, waiting, units, engine } = server();
    waiting("SELECT 1", "BLPOP l 0");
    waiting("SELECT 1", "BLMOVE l m LEFT right 0");
    waiting("SELECT 1", "BLMPOP 0 1 l RIGHT COUNT 10");
    run("RPUSH l 1 2 3 4");
    units.length = 0;
    run("MOVE l 1");
    expect(showUnits(units, engine.nowMs)).toEqual([
      "MOVE l 1",
      "[1] LPOP l",
      "[1] LMOVE l m left right",
      "[1] RPOP l 2",
    ]);
  });

  it("counts once, when it has its answer, and is shown to MONITOR when it was sent", () => {
    const { run, waiting, engine, say, connect, pushed } = server();
    say(connect(), "MONITOR");
    waiting("BLPOP l 0");
    expect(engine.stats.calls.get("blpop")).toBeUndefined();
    const shown = () => pushed.filter(({ reply }) => reply instanceof Status).length;
    const before = shown();
    run("RPUSH l 1");
    expect(engine.stats.calls.get("blpop")?.calls).toBe(1);
    expect(shown() - before).toBe(1);
  });

  it("is listed as blocked, and no more once it is served or gone", () => {
    const { run, waiting, engine } = server();
    const [a, b] = [waiting("BLPOP l 0"), waiting("BLPOP l 5")];
    expect(engine.blocked).toEqual(new Set([a, b]));
    run("RPUSH l 1");
    engine.closeSession(b);
    expect(engine.blocked.size).toBe(0);
    expect(a.blocked).toBeUndefined();
    run("RPUSH m 1");
    expect(run("LLEN m")).toBe(1);
  });

  it("keeps its place and its command over hibernation, in whatever order sessions come back", () => {
    const { run, waiting, answers, engine } = server();
    const sessions = [1, 2, 3].map((n) => waiting(`SELECT ${n % 2}`, "BLPOP k l 0"));
    const saved = sessions.map((session) => JSON.stringify(session.save()));
    for (const session of sessions) engine.closeSession(session);
    for (const text of saved.toReversed()) {
      engine.restoreSession(Session.restore(JSON.parse(text) as Record<string, unknown>));
    }
    const late = waiting("SELECT 1", "BLPOP l 0");
    run("SELECT 1");
    run("RPUSH l 1 2 3");
    expect(answers()).toEqual([
      [sessions[0]!.id, ["l", "1"]],
      [sessions[2]!.id, ["l", "2"]],
      [late.id, ["l", "3"]],
    ]);
  });

  it("goes on waiting in its place when its key is not ready for it", () => {
    const { run, waiting, answers } = server();
    const [long, short] = [waiting("WAITLONG l 3"), waiting("WAITLONG l 2")];
    run("RPUSH l 1");
    expect(answers()).toEqual([]);
    run("RPUSH l 2");
    expect(answers()).toEqual([[short.id, new Status("2")]]);
    run("RPUSH l 3");
    expect(answers()).toEqual([[long.id, new Status("3")]]);
  });

  it("may end when its key is deleted, flushed or becomes another type", () => {
    const { run, waiting, answers, turn, engine } = server();
    const lines = ["DEL l", "FLUSHALL", "SET l x", "RENAME l m", "MOVE l 1", "SWAPDB 0 2"];
    for (const line of lines) {
      run("RPUSH l 1");
      const waiter = waiting("WAITLONG l 2");
      run(line);
      expect([line, answers()]).toEqual([line, [[waiter.id, new ReplyError(LOST)]]]);
      run("FLUSHALL");
    }
    run("RPUSH l 1");
    run("PEXPIRE l 10");
    const waiter = waiting("WAITLONG l 2");
    turn(20);
    run("EXISTS l");
    expect(answers()).toEqual([[waiter.id, new ReplyError(LOST)]]);
    expect(engine.blocked.size).toBe(0);
  });

  it("answers at once in a replay", () => {
    const { replay, engine } = server();
    expect(replay("BLPOP", "l", "0")).toBe(NIL_ARRAY);
    expect(replay("BLMOVE", "l", "m", "LEFT", "LEFT", "0")).toBe(null);
    expect(engine.blocked.size).toBe(0);
  });

  it("is served in its turn, however many wait", () => {
    const { run, waiting, answers } = server();
    const sessions = Array.from({ length: 2000 }, () => waiting("BLPOP k l 0"));
    run("RPUSH l a");
    run("RPUSH k b c");
    expect(answers().map(([id]) => id)).toEqual(sessions.slice(0, 3).map(({ id }) => id));
  });
});
