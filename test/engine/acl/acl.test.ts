import { describe, expect, it } from "vitest";

import { MemoryStore } from "../../../shared/engine/memory-store.ts";
import { Session } from "../../../shared/engine/session.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { type EngineHarness, engineHarness } from "../../support/engine.ts";

const WRONGPASS = new ReplyError("WRONGPASS invalid username-password pair or user is disabled.");

function say(client: { send(args: readonly string[]): Reply }, ...lines: string[]): Reply[] {
  return lines.map((line) => client.send(line.split(" ")));
}

/** A node over a store that outlives it, started with a password or without. */
function start(store = new MemoryStore(), password?: string): EngineHarness {
  const settings = password === undefined ? {} : { requirepass: password };
  return engineHarness({ ports: { store, settings } });
}

describe("users of a node", () => {
  it("survive a restart as they were", () => {
    const store = new MemoryStore();
    const rules =
      "on >pw ~a* %R~r* &ch +@all -@dangerous +config|get +debug|object (~b +get) ( %W~\xff +@set -sadd )";
    const before = start(store);
    before.run(`ACL SETUSER alice ${rules}`);
    before.run("ACL SETUSER bob nopass skip-sanitize-payload allkeys allchannels allcommands");
    before.run("ACL SETUSER default -flushall >default");
    const after = start(store);
    expect(after.run("AUTH default wrong")).toEqual(WRONGPASS);
    expect(after.run("AUTH default default")).toMatchObject({ text: "OK" });
    expect(after.run("ACL LIST")).toEqual(before.run("ACL LIST"));
    for (const name of ["alice", "bob", "default"]) {
      expect(after.run(`ACL GETUSER ${name}`)).toEqual(before.run(`ACL GETUSER ${name}`));
    }
  });

  it("are gone after a restart where they were deleted", () => {
    const store = new MemoryStore();
    const { run } = start(store);
    run("ACL SETUSER alice on");
    run("ACL DELUSER alice");
    expect(start(store).run("ACL USERS")).toEqual(["default"]);
  });

  it("are not written where nobody set one", () => {
    const store = new MemoryStore();
    const { run } = start(store, "pw");
    run("AUTH pw");
    run("ACL LIST");
    run("CONFIG SET requirepass other");
    expect(store.meta("acl")).toBeUndefined();
  });

  it("hold no password in the clear", () => {
    const store = new MemoryStore();
    start(store).run("ACL SETUSER alice on >very-secret");
    expect(store.meta("acl")).not.toContain("very-secret");
  });

  it("are refused where the store could not hold them, and stay as they were", () => {
    const { engine, run } = start();
    run("ACL SETUSER alice on");
    const reply = run(`ACL SETUSER alice off ~${"x".repeat(1_000_000)}`);
    expect(reply).toEqual(new ReplyError("ERR the users of a node take at most 900000 bytes"));
    expect(engine.acl.user("alice")).toMatchObject({ isEnabled: true });
  });

  it("that another version stored with commands this one does not know are read without them", () => {
    const store = new MemoryStore();
    start(store).run("ACL SETUSER alice on nopass +get +config|get");
    const text = store.meta("acl")!.replace('"+get"', '"+nosuch","+@nosuch","+get"');
    store.setMeta("acl", text);
    expect(start(store).run("ACL LIST")).toContain(
      "user alice on nopass resetchannels -@all +config|get +get",
    );
  });
});

describe("the password a node is started with", () => {
  it("is the default user's", () => {
    const { connect } = start(new MemoryStore(), "one");
    expect(say(connect(), "PING", "AUTH default two", "AUTH one", "PING")).toMatchObject([
      { text: "NOAUTH Authentication required." },
      WRONGPASS,
      { text: "OK" },
      { text: "PONG" },
    ]);
  });

  it("gives way to what ACL SETUSER says, until it is changed itself", () => {
    const store = new MemoryStore();
    const first = start(store, "one");
    say(first.connect(), "AUTH one", "ACL SETUSER default resetpass >two -flushall");
    const second = start(store, "one").connect();
    expect(say(second, "AUTH one", "AUTH two")).toMatchObject([WRONGPASS, { text: "OK" }]);
    const third = start(store, "three").connect();
    expect(say(third, "AUTH two", "AUTH three", "FLUSHALL")).toMatchObject([
      WRONGPASS,
      { text: "OK" },
      { text: "NOPERM this user has no permissions to run the 'flushall' command" },
    ]);
  });

  it("set by CONFIG SET is the default user's only one, after a restart too", () => {
    const store = new MemoryStore();
    const { run } = start(store);
    run("ACL SETUSER default >one");
    run("CONFIG SET requirepass two");
    const client = start(store).connect();
    expect(say(client, "AUTH one", "AUTH two")).toMatchObject([WRONGPASS, { text: "OK" }]);
  });
});

describe("sessions of a user", () => {
  it("end when it is deleted: others at once, the own one after its answer", () => {
    const { engine, connect } = start();
    const [own, other, bystander] = [connect(), connect(), connect()];
    say(own, "ACL SETUSER alice on nopass +@all", "AUTH alice x");
    say(other, "AUTH alice x");
    expect(say(own, "ACL DELUSER alice nobody")).toEqual([1]);
    expect(own.session).toMatchObject({ isClosing: true, user: "default", isAuthenticated: false });
    expect([...engine.sessions.values()]).not.toContain(other.session);
    expect([...engine.sessions.values()]).toContain(bystander.session);
  });

  it("are checked by new rules at once", () => {
    const { connect, run } = start();
    const alice = connect();
    run("ACL SETUSER alice on nopass +@all ~* &*");
    say(alice, "AUTH alice x");
    expect(alice.session.isRestricted).toBe(false);
    run("ACL SETUSER alice -get");
    expect(alice.session.isRestricted).toBe(true);
    expect(say(alice, "GET k")).toMatchObject([{ text: expect.stringMatching(/^NOPERM/) }]);
    run("ACL SETUSER alice +@all");
    expect(alice.session.isRestricted).toBe(false);
  });

  it("are not asked for anything where one of its selectors allows everything", () => {
    const { connect, run } = start();
    run("ACL SETUSER alice on nopass (+@all ~* &*)");
    const alice = connect();
    say(alice, "AUTH alice x");
    expect(alice.session.isRestricted).toBe(false);
  });

  it("that slept through its deletion are logged out", () => {
    const store = new MemoryStore();
    const { run, connect } = start(store);
    run("ACL SETUSER alice on nopass +@all");
    const alice = connect();
    say(alice, "AUTH alice x");
    const saved = alice.session.save();
    run("ACL DELUSER alice");
    const restarted = start(store);
    const session = Session.restore(JSON.parse(JSON.stringify(saved)) as Record<string, unknown>);
    restarted.engine.restoreSession(session);
    expect(session).toMatchObject({ user: "default", isAuthenticated: false });
  });

  it("of nodes obey no user's rules", () => {
    const { engine, run, connect } = start();
    const link = connect();
    link.session.isNode = true;
    run("ACL SETUSER default +@all resetkeys off");
    engine.acl.admit(link.session);
    expect(say(link, "SET k v")).toMatchObject([{ text: "OK" }]);
    expect(say(connect(), "SET k v")).toMatchObject([{ text: expect.stringMatching(/^NOAUTH/) }]);
  });

  it("listening to channels their user lost end", () => {
    const { engine, run, connect } = start();
    run("ACL SETUSER alice on nopass +@all &a* &b*");
    const [gone, shard, pattern, stays] = [connect(), connect(), connect(), connect()];
    say(gone, "AUTH alice x", "SUBSCRIBE a1 b1");
    say(shard, "AUTH alice x", "SSUBSCRIBE b1");
    say(pattern, "AUTH alice x", "PSUBSCRIBE b*");
    say(stays, "AUTH alice x", "SUBSCRIBE a1");
    run("ACL SETUSER alice &c*");
    expect([...engine.sessions.values()]).toContain(gone.session);
    run("ACL SETUSER alice resetchannels &a*");
    const left = [...engine.sessions.values()];
    expect([gone, shard, pattern].filter(({ session }) => left.includes(session))).toEqual([]);
    expect(left).toContain(stays.session);
  });
});

describe("what is asked first", () => {
  it("is the user's permission, then whether the node may write", () => {
    const { role, run, connect } = start();
    run("ACL SETUSER alice on nopass +@all");
    const alice = connect();
    say(alice, "AUTH alice x");
    role.isReplica = true;
    expect(say(alice, "SET k v")).toMatchObject([{ text: expect.stringMatching(/^NOPERM/) }]);
  });

  it("is the password, then the user's permission", () => {
    const { run, connect } = start();
    const stranger = connect();
    run("ACL SETUSER default -get off");
    stranger.session.isAuthenticated = false;
    expect(say(stranger, "GET k")).toMatchObject([{ text: "NOAUTH Authentication required." }]);
  });
});

describe("SORT's BY and GET", () => {
  const DENIED = { text: expect.stringMatching(/denied due to insufficient ACL permissions/) };

  it("need a selector that may read every key", () => {
    const { run, connect } = start();
    run("ACL SETUSER alice on nopass +@all ~l (~* +get)");
    run("ACL SETUSER bob on nopass +@all (%R~* %W~l +sort)");
    run("RPUSH l 1 2");
    const [alice, bob] = [connect(), connect()];
    say(alice, "AUTH alice x");
    say(bob, "AUTH bob x");
    expect(say(alice, "SORT l BY w_*", "SORT l GET w_*", "SORT l BY nosort")).toMatchObject([
      DENIED,
      DENIED,
      ["1", "2"],
    ]);
    expect(say(bob, "SORT l BY w_*")).toEqual([["1", "2"]]);
  });
});

describe("passwords", () => {
  it("are not shown by SLOWLOG", () => {
    const { engine, run } = start();
    run("CONFIG SET slowlog-log-slower-than 0");
    run("ACL SETUSER alice on >secret");
    run("AUTH alice secret");
    run("HELLO 2 AUTH alice secret");
    const shown = engine.slowlog.latest(10).map(({ args }) => args);
    expect(JSON.stringify(shown)).not.toContain("secret");
    expect(shown).toContainEqual(["ACL", "SETUSER", ...Array(3).fill("(redacted)")]);
  });

  it("that GENPASS makes have as many hex digits as were asked for", () => {
    const { run } = start();
    const lengths = ["", " 1", " 4", " 5", " 4096"].map((bits) => {
      const password = run(`ACL GENPASS${bits}`) as string;
      expect(password).toMatch(/^[\da-f]+$/);
      return password.length;
    });
    expect(lengths).toEqual([64, 1, 1, 2, 1024]);
  });
});
