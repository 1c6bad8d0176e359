// What the commands about connections do to sessions; what they answer is in test/spec.

import { describe, expect, it } from "vitest";

import { mapOf } from "../../shared/engine/commands/map-of.ts";
import { lookUp } from "../../shared/engine/execute.ts";
import { postpone } from "../../shared/engine/pause.ts";
import type { Session } from "../../shared/engine/session.ts";
import { ENGINE_COMMANDS, ENGINE_INFO } from "../../shared/engine/tables.ts";
import {
  type MapReply,
  NO_REPLY,
  OK,
  ReplyError,
  Status,
  Verbatim,
} from "../../shared/resp/reply.ts";
import { engineHarness, type HarnessOptions } from "../support/engine.ts";

function server(ports: HarnessOptions["ports"] = {}) {
  return engineHarness({ commands: ENGINE_COMMANDS, info: ENGINE_INFO, ports });
}

const words = (line: string): string[] => line.split(" ");

describe("CLIENT LIST", () => {
  it("shows a connection in Redis's format", () => {
    const { connect, turn } = server();
    const { session, send } = connect();
    session.address = "10.0.0.1:1234";
    session.localAddress = "10.0.0.2:6379";
    send(words("CLIENT SETNAME worker"));
    send(words("CLIENT SETINFO LIB-NAME lib"));
    send(words("client setinfo lib-ver 1.2.3"));
    send(words("SELECT 2"));
    turn(3500);
    expect(send(words("CLIENT INFO"))).toEqual(
      new Verbatim(
        "txt",
        `id=${session.id} addr=10.0.0.1:1234 laddr=10.0.0.2:6379 fd=-1 name=worker age=3 idle=0 ` +
          "flags=N db=2 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=0 qbuf-free=0 argv-mem=0 " +
          "multi-mem=0 rbs=0 rbp=0 obl=0 oll=0 omem=0 tot-mem=0 events=r cmd=client|info " +
          "user=default redir=-1 resp=2 lib-name=lib lib-ver=1.2.3\n",
      ),
    );
  });

  it.each<[letters: string, change: Partial<Session>]>([
    ["N", {}],
    ["O", { isMonitor: true }],
    ["S", { isFollower: true }],
    ["M", { isMasterLink: true }],
    ["x", { transaction: { queue: [], bytes: 0, isAborted: false } }],
    ["b", { blocked: { kind: "wait", untilMs: 0 } }],
    ["d", { isWatchBroken: true }],
    ["c", { isClosing: true }],
    ["e", { isNoEvict: true }],
    ["T", { isNoTouch: true }],
    ["xd", { transaction: { queue: [], bytes: 0, isAborted: false }, isWatchBroken: true }],
  ])("says %s of a connection that is %j", (letters, change) => {
    const { connect, run } = server();
    const { session } = connect();
    Object.assign(session, change);
    const { text } = run(`CLIENT LIST ID ${session.id}`) as Verbatim;
    expect(text).toContain(` flags=${letters} `);
  });

  it("tells types apart, and shows ids in the order asked", () => {
    const { connect, run } = server();
    const [a, b, c] = [connect().session, connect().session, connect().session];
    b.isFollower = true;
    c.isMasterLink = true;
    const ids = (line: string): number[] =>
      [...(run(line) as Verbatim).text.matchAll(/^id=(\d+) /gm)].map(([, id]) => Number(id));
    expect(ids("CLIENT LIST TYPE replica")).toEqual([b.id]);
    expect(ids("CLIENT LIST TYPE SLAVE")).toEqual([b.id]);
    expect(ids("CLIENT LIST TYPE master")).toEqual([c.id]);
    expect(ids("CLIENT LIST TYPE normal")).not.toContain(b.id);
    expect(ids(`CLIENT LIST ID ${c.id} 999 ${a.id}`)).toEqual([c.id, a.id]);
  });
});

describe("CLIENT KILL", () => {
  it("ends others at once, and its own connection after the answer", () => {
    const closed: Session[] = [];
    const { connect } = server({ close: (session) => closed.push(session) });
    const [a, b] = [connect(), connect()];
    b.session.address = "10.0.0.1:1";
    expect(a.send(words("CLIENT KILL 10.0.0.1:1"))).toBe(OK);
    expect(closed).toEqual([b.session]);
    expect(a.send(words(`CLIENT KILL ID ${a.session.id}`))).toBe(0);
    expect(a.session.isClosing).toBe(false);
    expect(a.send(words(`CLIENT KILL ID ${a.session.id} SKIPME no`))).toBe(1);
    expect(a.session.isClosing).toBe(true);
    expect(closed).toHaveLength(1);
  });

  it("ends those that match all filters", () => {
    const closed: Session[] = [];
    const { connect, run } = server({ close: (session) => closed.push(session) });
    const [a, b, c] = [connect().session, connect().session, connect().session];
    for (const session of [a, b, c]) session.localAddress = "10.0.0.2:6379";
    a.isFollower = true;
    b.isFollower = true;
    b.address = "10.0.0.1:1";
    expect(run("CLIENT KILL LADDR 10.0.0.2:6379 TYPE replica ADDR 10.0.0.1:1")).toBe(1);
    expect(run("CLIENT KILL LADDR 10.0.0.2:6379 TYPE replica")).toBe(2);
    expect(closed).toEqual([b, a, b]);
  });
});

describe("CLIENT REPLY", () => {
  it("answers ON only, and OFF stays off until then", () => {
    const { session, send } = server().connect();
    expect(send(words("CLIENT REPLY SKIP"))).toBe(NO_REPLY);
    expect(session.replyMode).toBe("skip-next");
    expect(send(words("CLIENT REPLY OFF"))).toBe(NO_REPLY);
    expect(send(words("CLIENT REPLY SKIP"))).toBe(NO_REPLY);
    expect(session.replyMode).toBe("off");
    expect(send(words("CLIENT REPLY ON"))).toBe(OK);
    expect(session.replyMode).toBe("on");
  });
});

describe("CLIENT SETINFO", () => {
  it("takes names and versions that are one word", () => {
    const { run } = server();
    expect(run("CLIENT SETINFO NOSUCH x")).toEqual(
      new ReplyError("ERR Unrecognized option 'NOSUCH'"),
    );
    const { send } = server().connect();
    expect(send(["CLIENT", "SETINFO", "LIB-NAME", "two words"])).toEqual(
      new ReplyError("ERR lib-name cannot contain spaces, newlines or special characters."),
    );
    expect(send(["CLIENT", "SETINFO", "lib-ver", ""])).toBe(OK);
  });
});

describe("CLIENT NO-TOUCH", () => {
  it("keeps reads from counting as use", () => {
    const { run, turn } = server();
    run("SET k v");
    expect(run("CLIENT NO-TOUCH on")).toBe(OK);
    turn(5000);
    run("GET k");
    expect(run("OBJECT IDLETIME k")).toBe(5);
    run("CLIENT NO-TOUCH off");
    run("GET k");
    expect(run("OBJECT IDLETIME k")).toBe(0);
  });
});

describe("CLIENT UNBLOCK", () => {
  it("answers a waiting session, with an error if asked for", () => {
    const { connect, run, pushed } = server();
    const { session } = connect();
    const wait = () => (session.blocked = { kind: "wait", untilMs: 0, count: 3 });
    wait();
    expect(run(`CLIENT UNBLOCK ${session.id}`)).toBe(1);
    expect(session.blocked).toBeUndefined();
    wait();
    expect(run(`CLIENT UNBLOCK ${session.id} ERROR`)).toBe(1);
    const error = new ReplyError("UNBLOCKED client unblocked via CLIENT UNBLOCK");
    expect(pushed.at(-1)).toEqual({ session, reply: error });
    expect(run(`CLIENT UNBLOCK ${session.id}`)).toBe(0);
  });

  it("leaves DEBUG SLEEP alone", () => {
    const { connect, run } = server();
    const { session, send } = connect();
    expect(send(words("DEBUG SLEEP 0.5"))).toBe(NO_REPLY);
    expect(run(`CLIENT UNBLOCK ${session.id}`)).toBe(0);
  });
});

describe("DEBUG SLEEP", () => {
  it("blocks its session for that long, and answers at once in a transaction", () => {
    const { connect, engine } = server();
    const { session, send } = connect();
    send(words("DEBUG SLEEP 0.5"));
    expect(session.blocked).toEqual({ kind: "sleep", untilMs: engine.nowMs + 500 });
    const other = connect();
    other.send(["MULTI"]);
    other.send(words("DEBUG SLEEP 1"));
    expect(other.send(["EXEC"])).toEqual([OK]);
    expect(other.session.blocked).toBeUndefined();
  });
});

describe("DEBUG", () => {
  it.each([
    ["yes", "10.0.0.1:1", true],
    ["no", "127.0.0.1:1", false],
    ["local", "127.0.0.1:1", true],
    ["local", "10.0.0.1:1", false],
  ])("with enable-debug-command %s, from %s: %j", (who, address, isAllowed) => {
    const { session, send } = server({ settings: { "enable-debug-command": who } }).connect();
    session.address = address;
    const reply = send(words("DEBUG SLEEP 0"));
    expect(reply === OK).toBe(isAllowed);
  });

  it("OBJECT shows a value in the form that parsers know", () => {
    const { run } = server();
    run("SET k 12");
    expect((run("DEBUG OBJECT k") as Status).text).toMatch(
      /^Value at:0x0 refcount:1 encoding:int serializedlength:\d+ lru:\d+ lru_seconds_idle:0$/,
    );
  });
});

describe("CLIENT PAUSE", () => {
  /** Whether a pause holds this command back on a new connection. */
  function isHeld({ engine, connect }: ReturnType<typeof server>, line: string): boolean {
    const { session } = connect();
    const cx = engine.context(session);
    const command = lookUp(cx, words(line));
    if (command instanceof ReplyError) throw new Error(command.text);
    return postpone(cx, command, words(line)) === NO_REPLY && session.blocked?.kind === "paused";
  }

  it("holds back everything, or what writes, until its time", () => {
    const node = server();
    expect(isHeld(node, "SET k v")).toBe(false);
    node.run("CLIENT PAUSE 100 WRITE");
    expect(isHeld(node, "SET k v")).toBe(true);
    expect(isHeld(node, "GET k")).toBe(false);
    node.run("CLIENT PAUSE 50 ALL");
    expect(isHeld(node, "GET k")).toBe(true);
    node.turn(99);
    expect(isHeld(node, "GET k")).toBe(true);
    node.turn(1);
    expect(isHeld(node, "SET k v")).toBe(false);
  });

  it("lets replicas and the link to the master through", () => {
    const { engine, connect, run } = server();
    run("CLIENT PAUSE 100");
    for (const change of [{ isFollower: true }, { isMasterLink: true }]) {
      const { session } = connect();
      Object.assign(session, change);
      const cx = engine.context(session);
      expect(postpone(cx, engine.registry.find("ping")!, ["PING"])).toBeUndefined();
    }
  });

  it("holds an EXEC back when something in its queue writes", () => {
    const { engine, connect, run } = server();
    const [reader, writer] = [connect(), connect()];
    for (const { send } of [reader, writer]) send(["MULTI"]);
    reader.send(words("GET k"));
    writer.send(words("SET k v"));
    run("CLIENT PAUSE 100 WRITE");
    const exec = engine.registry.find("exec")!;
    expect(postpone(engine.context(reader.session), exec, ["EXEC"])).toBeUndefined();
    expect(postpone(engine.context(writer.session), exec, ["EXEC"])).toBe(NO_REPLY);
  });

  it("UNPAUSE makes the sessions it held due", () => {
    const node = server();
    // A pause of everything would hold the UNPAUSE back as well, as in Redis.
    node.run("CLIENT PAUSE 100 WRITE");
    expect(isHeld(node, "DEL k")).toBe(true);
    node.run("CLIENT UNPAUSE");
    expect(isHeld(node, "DEL k")).toBe(false);
    const held = [...node.engine.sessions.values()].find(({ blocked }) => blocked !== undefined);
    expect(held?.blocked).toEqual({
      kind: "paused",
      untilMs: node.engine.nowMs,
      args: ["DEL", "k"],
    });
  });
});

describe("MONITOR", () => {
  it("shows what others send, but no secrets, until RESET", () => {
    const { connect, pushed, engine } = server();
    const [watcher, other] = [connect(), connect()];
    other.session.address = "10.0.0.1:1";
    expect(watcher.send(["MONITOR"])).toBe(OK);
    other.send(["SET", "k", "a\n"]);
    other.send(words("AUTH default secret"));
    const shown = pushed.map(({ session, reply }) => [session, (reply as Status).text]);
    const at = (engine.nowMs / 1000).toFixed(6);
    expect(shown).toEqual([
      [watcher.session, `${at} [0 10.0.0.1:1] "SET" "k" "a\\n"`],
      [watcher.session, `${at} [0 10.0.0.1:1] "AUTH" "(redacted)" "(redacted)"`],
    ]);
    watcher.send(["RESET"]);
    other.send(["PING"]);
    expect(pushed).toHaveLength(2);
    expect(watcher.session.isMonitor).toBe(false);
  });

  it("is refused inside a transaction", () => {
    const { send, session } = server().connect();
    send(["MULTI"]);
    send(["MONITOR"]);
    expect(send(["EXEC"])).toEqual([
      new ReplyError("ERR MONITOR isn't allowed for DENY BLOCKING client"),
    ]);
    expect(session.isMonitor).toBe(false);
  });
});

describe("HELLO", () => {
  it("introduces the node, and changes the protocol of that answer already", () => {
    const { role, connect } = server();
    const { session, send } = connect();
    expect(send(words("HELLO 3 SETNAME me"))).toEqual(
      mapOf([
        ["server", "redis"],
        ["version", "7.4.0"],
        ["proto", 3],
        ["id", session.id],
        ["mode", "standalone"],
        ["role", "master"],
        ["modules", []],
      ]),
    );
    expect(session).toMatchObject({ protocol: 3, name: "me" });
    role.isReplica = true;
    expect((send(["HELLO"]) as MapReply).flat).toContain("replica");
    expect(session.protocol).toBe(3);
  });

  it("logs in, names and switches all at once, or not at all", () => {
    const { session, send } = server({ settings: { requirepass: "secret" } }).connect();
    send(words("HELLO 3 SETNAME me AUTH default wrong"));
    expect(session).toMatchObject({ protocol: 2, name: "", isAuthenticated: false });
    send(words("HELLO 3 SETNAME me AUTH default secret"));
    expect(session).toMatchObject({ protocol: 3, name: "me", isAuthenticated: true });
  });
});

describe("RESET", () => {
  it("makes a session what it was when it was opened", () => {
    const { engine, connect } = server();
    const { session, send } = connect();
    const fresh = { ...session.save(), id: 0 };
    const lines = "HELLO 3 SETNAME me;SELECT 3;WATCH k;CLIENT NO-TOUCH on;CLIENT NO-EVICT on";
    for (const line of `${lines};MONITOR;MULTI;SET k v`.split(";")) send(words(line));
    expect(send(["RESET"])).toEqual(new Status("RESET"));
    const activity = { lastCommand: "", watchedAtMs: 0 };
    expect({ ...session.save(), ...activity, id: 0 }).toEqual({ ...fresh, ...activity });
    expect(engine.monitors.size).toBe(0);
  });

  it("is refused on the connection of a replica", () => {
    const { session, send } = server().connect();
    session.isFollower = true;
    expect(send(["RESET"])).toEqual(new ReplyError("ERR can only reset normal client connections"));
  });
});

describe("MEMORY", () => {
  it("USAGE is what the engine counts, and PURGE drops what is not changed", () => {
    const { run, engine } = server();
    run("SET k v");
    expect(run("MEMORY USAGE k SAMPLES 0")).toBe(engine.keyspace.residentBytes);
    run("MEMORY PURGE");
    expect(engine.keyspace.residentBytes).toBeGreaterThan(0);
    run("SAVE");
    run("MEMORY PURGE");
    expect(engine.keyspace.residentBytes).toBe(0);
    expect(run("GET k")).toBe("v");
  });
});

describe("SHUTDOWN", () => {
  it("is refused with a reason", () => {
    const reply = server().run("SHUTDOWN NOSAVE");
    expect((reply as ReplyError).text).toMatch(/^ERR SHUTDOWN is refused: /);
  });
});
