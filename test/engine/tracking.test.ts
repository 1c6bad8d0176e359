// Client-side caching, beyond the transcripts of test/spec: redirection, limits, sessions that sleep.

import { describe, expect, it } from "vitest";

import type { Session } from "../../shared/engine/session.ts";
import { Session as SessionClass } from "../../shared/engine/session.ts";
import { type Push, ReplyError } from "../../shared/resp/reply.ts";
import { type EngineClient, engineHarness } from "../support/engine.ts";

const words = (line: string): string[] => line.split(" ");
const CHANNEL = "__redis__:invalidate";

type Harness = ReturnType<typeof engineHarness>;

/** What this session was told. */
function heard({ pushed }: Harness, session: Session): unknown[] {
  const own = pushed.filter((push) => push.session === session);
  for (const push of own) pushed.splice(pushed.indexOf(push), 1);
  return own.map(({ reply }) => (reply as Push).items);
}

function tracker(harness: Harness, options = "", protocol: 2 | 3 = 3): EngineClient {
  const client = harness.connect();
  client.session.protocol = protocol;
  client.send(words(`CLIENT TRACKING ON ${options}`.trim()));
  return client;
}

function infoOf({ send }: EngineClient): unknown {
  return (send(words("CLIENT TRACKINGINFO")) as { flat: readonly { items: unknown }[] }).flat[1]!
    .items;
}

describe("redirection", () => {
  it("tells another connection in RESP3", () => {
    const harness = engineHarness();
    const target = harness.connect();
    target.session.protocol = 3;
    const { session, send } = tracker(harness, `REDIRECT ${target.session.id}`, 2);
    expect(send(words("CLIENT GETREDIR"))).toBe(target.session.id);
    send(words("GET k"));
    send(words("SET k 1"));
    harness.run("FLUSHALL");
    expect(heard(harness, target.session)).toEqual([
      ["invalidate", ["k"]],
      ["invalidate", null],
    ]);
    expect(heard(harness, session)).toEqual([]);
  });

  it("tells one in RESP2 on a channel, as soon as it listens to anything", () => {
    const harness = engineHarness();
    const target = harness.connect();
    const { send } = tracker(harness, `REDIRECT ${target.session.id}`, 2);
    send(words("GET k"));
    harness.run("SET k 1");
    expect(heard(harness, target.session)).toEqual([]);
    target.send(["SUBSCRIBE", CHANNEL]);
    send(words("GET k"));
    harness.run("SET k 1");
    harness.run("FLUSHALL");
    expect(heard(harness, target.session)).toEqual([
      ["message", CHANNEL, ["k"]],
      ["message", CHANNEL, null],
    ]);
  });

  it("to one that is gone is told, and shown", () => {
    const harness = engineHarness();
    const target = harness.connect();
    const client = tracker(harness, `REDIRECT ${target.session.id}`);
    client.send(words("GET k"));
    harness.engine.closeSession(target.session);
    harness.run("SET k 1");
    harness.run("SET k 2");
    expect(heard(harness, client.session)).toEqual([["tracking-redir-broken", target.session.id]]);
    expect(infoOf(client)).toEqual(["on", "broken_redirect"]);
    const { text } = harness.run(`CLIENT LIST ID ${client.session.id}`) as { text: string };
    expect(text).toContain(" flags=tR ");
    expect(text).toContain(` redir=${target.session.id} `);
    client.send(words("CLIENT TRACKING ON"));
    expect(infoOf(client)).toEqual(["on"]);
  });

  it("to itself works, and to two is refused", () => {
    const harness = engineHarness();
    const { session } = harness.connect();
    const client = tracker(harness);
    const { id } = client.session;
    expect(client.send(words(`CLIENT TRACKING ON REDIRECT ${id} REDIRECT ${session.id}`))).toEqual(
      new ReplyError("ERR A client can only redirect to a single other client"),
    );
    client.send(words(`CLIENT TRACKING ON REDIRECT ${id}`));
    client.send(words("GET k"));
    client.send(words("SET k 1"));
    expect(heard(harness, client.session)).toEqual([["invalidate", ["k"]]]);
  });
});

describe("the table of keys", () => {
  it("holds at most tracking-table-max-keys; those that leave it are invalid", () => {
    const harness = engineHarness();
    harness.run("CONFIG SET tracking-table-max-keys 3");
    const { session, send } = tracker(harness);
    send(words("MGET a b c"));
    expect(heard(harness, session)).toEqual([]);
    send(words("MGET b d e"));
    expect(heard(harness, session)).toEqual([
      ["invalidate", ["a"]],
      ["invalidate", ["b"]],
    ]);
    expect(harness.engine.tracking.table.keyCount).toBe(3);
    harness.run("CONFIG SET tracking-table-max-keys 0");
    send(words("MGET f g h"));
    expect(harness.engine.tracking.table.keyCount).toBe(6);
  });

  it("holds at most 16 MB, whatever names cost", () => {
    const harness = engineHarness();
    const { session, send } = tracker(harness);
    const name = "x".repeat(400_000);
    for (let i = 0; i < 60; i++) send(["GET", `${i}${name}`]);
    expect(harness.engine.tracking.table.byteCount).toBeLessThanOrEqual(16 << 20);
    expect(heard(harness, session).length).toBe(60 - harness.engine.tracking.table.keyCount);
  });

  it("counts keys, clients of keys and prefixes for INFO", () => {
    const harness = engineHarness();
    const { tracking } = harness.engine;
    const [a, b, c] = [tracker(harness), tracker(harness), tracker(harness)];
    tracker(harness, "BCAST PREFIX x PREFIX y");
    for (const { send } of [a, b, c]) send(words("MGET k l"));
    a.send(words("GET m"));
    a.send(words("GET m"));
    expect([tracking.table.keyCount, tracking.table.itemCount]).toEqual([3, 7]);
    expect([tracking.sessionCount, tracking.prefixes.count]).toEqual([4, 2]);
    harness.run("SET k 1");
    expect([tracking.table.keyCount, tracking.table.itemCount]).toEqual([2, 4]);
    expect([a, b, c].map(({ session }) => heard(harness, session).length)).toEqual([1, 1, 1]);
    harness.run("FLUSHDB");
    expect(tracking.table).toMatchObject({ keyCount: 0, itemCount: 0, byteCount: 0 });
  });

  it("forgets everything once nobody tracks", () => {
    const harness = engineHarness();
    const { session, send } = tracker(harness);
    send(words("GET k"));
    harness.engine.closeSession(session);
    expect(harness.engine.tracking.isOn).toBe(false);
    expect(harness.engine.tracking.table.keyCount).toBe(0);
    harness.run("SET k 1");
    expect(harness.pushed).toEqual([]);
  });

  it("lets who has gone be told no more, though others track", () => {
    const harness = engineHarness();
    const [gone, other] = [tracker(harness), tracker(harness)];
    gone.send(words("GET k"));
    other.send(words("GET k"));
    harness.engine.closeSession(gone.session);
    harness.run("SET k 1");
    expect(harness.pushed.map(({ session }) => session)).toEqual([other.session]);
  });
});

describe("prefixes", () => {
  it("are at most 1000 a client", () => {
    const { session, send } = engineHarness().connect();
    session.protocol = 3;
    const many = Array.from({ length: 1001 }, (_, i) => ["PREFIX", `${i}:`]).flat();
    expect(send([...words("CLIENT TRACKING ON BCAST"), ...many])).toEqual(
      new ReplyError("ERR A client can have at most 1000 prefixes"),
    );
    expect(session.tracking).toBeUndefined();
  });

  it("overlap nowhere, not even the later ones among each other", () => {
    const { session, send } = engineHarness().connect();
    expect(send(words("CLIENT TRACKING ON BCAST PREFIX a PREFIX bb PREFIX b"))).toEqual(
      new ReplyError(
        "ERR Prefix 'bb' overlaps with another provided prefix 'b'. " +
          "Prefixes for a single client must not overlap.",
      ),
    );
    expect(session.tracking).toBeUndefined();
  });

  it("of several clients may overlap, and each is told its keys in order, once a round", () => {
    const harness = engineHarness();
    const [all, some] = [tracker(harness, "BCAST"), tracker(harness, "BCAST PREFIX b PREFIX a")];
    harness.run("MSET b2 1 b1 1 c 1 a 1 b2 1");
    expect(heard(harness, all.session)).toEqual([["invalidate", ["a", "b1", "b2", "c"]]]);
    expect(heard(harness, some.session)).toEqual([
      ["invalidate", ["a"]],
      ["invalidate", ["b1", "b2"]],
    ]);
  });

  it("that nobody has any more are dropped with what changed", () => {
    const harness = engineHarness();
    const { session, send } = tracker(harness, "BCAST PREFIX a");
    const { engine } = harness;
    engine.run(harness.connect().session, words("SET a1 1"));
    expect(engine.tracking.isDue).toBe(true);
    send(words("CLIENT TRACKING OFF"));
    expect(engine.tracking.isDue).toBe(false);
    expect(heard(harness, session)).toEqual([]);
    expect(engine.tracking.prefixes.count).toBe(0);
  });
});

describe("a session that slept through hibernation", () => {
  function wake(before: EngineClient, harness = engineHarness()) {
    const saved = JSON.parse(JSON.stringify(before.session.save())) as Record<string, unknown>;
    const session = SessionClass.restore(saved);
    harness.engine.restoreSession(session);
    return { harness, session };
  }

  it("is told that everything is out of date with the first change, and only then", () => {
    const before = tracker(engineHarness(), "NOLOOP");
    before.send(words("GET k"));
    const { harness, session } = wake(before);
    harness.run("GET k");
    expect(heard(harness, session)).toEqual([]);
    harness.run("SET other 1");
    expect(heard(harness, session)).toEqual([["invalidate", null]]);
    harness.run("SET another 1");
    expect(heard(harness, session)).toEqual([]);
    harness.engine.run(session, words("GET k"));
    harness.run("SET k 1");
    expect(heard(harness, session)).toEqual([["invalidate", ["k"]]]);
  });

  it("goes on with its prefixes, of which nothing was forgotten", () => {
    const { harness, session } = wake(tracker(engineHarness(), "BCAST PREFIX a"));
    harness.run("MSET a 1 b 1");
    expect(heard(harness, session)).toEqual([["invalidate", ["a"]]]);
  });
});

describe("who does not read what it is told", () => {
  it.each(["BCAST", "", "REDIRECT"])("may be let go while others are told: %s", (options) => {
    const harness = engineHarness({
      ports: { push: (session) => harness.engine.closeSession(session) },
    });
    const target = harness.connect();
    target.session.protocol = 3;
    const words = options === "REDIRECT" ? `REDIRECT ${target.session.id}` : options;
    const clients = [tracker(harness, words), tracker(harness, words), tracker(harness, words)];
    if (options !== "BCAST") target.send(["CLIENT", "TRACKING", "ON"]);
    for (const { send } of clients) send(["GET", "k"]);
    harness.run("SET k 1");
    harness.run("FLUSHALL");
    harness.run("SET k 2");
    expect(harness.engine.tracking.sessionCount).toBe(0);
  });
});

describe("what a client is told of", () => {
  it("comes from the replay on a replica as well", () => {
    const harness = engineHarness();
    const [own, all] = [tracker(harness), tracker(harness, "BCAST")];
    own.send(words("GET k"));
    harness.replay("SET", "k", "v");
    harness.engine.tracking.broadcast();
    expect(heard(harness, own.session)).toEqual([["invalidate", ["k"]]]);
    expect(heard(harness, all.session)).toEqual([["invalidate", ["k"]]]);
    harness.replay("FLUSHALL");
    expect(heard(harness, own.session)).toEqual([["invalidate", null]]);
  });

  it("of keys that expire, nobody has changed: NOLOOP with prefixes does not keep that back", () => {
    const harness = engineHarness();
    const client = tracker(harness, "BCAST NOLOOP");
    harness.run("SET k v PX 10");
    heard(harness, client.session);
    harness.turn(11);
    client.send(words("GET k"));
    expect(heard(harness, client.session)).toEqual([["invalidate", ["k"]]]);
  });

  it("is not what was tracked before it asked for prefixes", () => {
    const harness = engineHarness();
    const client = tracker(harness);
    client.send(words("GET k"));
    client.send(words("CLIENT TRACKING OFF"));
    client.send(words("CLIENT TRACKING ON BCAST PREFIX x"));
    harness.run("SET k 1");
    expect(heard(harness, client.session)).toEqual([]);
  });

  it("follows a transaction, though the session ended tracking in it", () => {
    const harness = engineHarness();
    const client = tracker(harness);
    client.send(words("GET k"));
    for (const line of ["MULTI", "SET k 1", "CLIENT TRACKING OFF", "EXEC"])
      client.send(words(line));
    expect(heard(harness, client.session)).toEqual([["invalidate", ["k"]]]);
  });

  it("is shown in CLIENT LIST", () => {
    const harness = engineHarness();
    const { session } = tracker(harness, "BCAST");
    const { text } = harness.run(`CLIENT LIST ID ${session.id}`) as { text: string };
    expect(text).toContain(" flags=tB ");
    expect(text).toContain(" redir=0 ");
  });
});
