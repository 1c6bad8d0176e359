// Who hears of what, beyond the transcripts of test/spec: sessions that sleep, replicas, limits.

import { describe, expect, it } from "vitest";

import { sweep } from "../../shared/engine/expiry.ts";
import { Session } from "../../shared/engine/session.ts";
import { Push, ReplyError } from "../../shared/resp/reply.ts";
import { engineHarness } from "../support/engine.ts";

/** What was pushed, each as its words. */
function heard({ pushed }: Pick<ReturnType<typeof engineHarness>, "pushed">): unknown[] {
  return pushed.splice(0).map(({ reply }) => (reply as Push).items);
}

function asJson(session: Session): Record<string, unknown> {
  return JSON.parse(JSON.stringify(session.save())) as Record<string, unknown>;
}

describe("a session that listens", () => {
  it("listens on after hibernation, in the order it subscribed", () => {
    const before = engineHarness();
    const { session, send } = before.connect();
    send(["SUBSCRIBE", "b", "a", "\xff"]);
    send(["PSUBSCRIBE", "x*"]);
    send(["SSUBSCRIBE", "s"]);
    const saved = asJson(session);

    const after = engineHarness();
    const restored = Session.restore(saved);
    after.engine.restoreSession(restored);
    expect(restored.subscriptions).toEqual(session.subscriptions);
    after.run("PUBLISH a 1");
    after.run("PUBLISH xyz 2");
    after.run("SPUBLISH s 3");
    expect(heard(after)).toEqual([
      ["message", "a", "1"],
      ["pmessage", "x*", "xyz", "2"],
      ["smessage", "s", "3"],
    ]);
    expect(after.engine.run(restored, ["UNSUBSCRIBE"])).toMatchObject({
      items: [
        { items: ["unsubscribe", "b", 3] },
        { items: ["unsubscribe", "a", 2] },
        { items: ["unsubscribe", "\xff", 1] },
      ],
    });
  });

  it("that listens to nothing is saved without subscriptions", () => {
    const { session, send } = engineHarness().connect();
    send(["SUBSCRIBE", "a"]);
    send(["UNSUBSCRIBE", "a"]);
    expect(session.subscriptions).toBeUndefined();
    const restored = Session.restore(asJson(session));
    expect(restored.subscriptions).toBeUndefined();
  });

  it("leaves nothing behind when it ends", () => {
    const { engine, connect, run } = engineHarness();
    const { session, send } = connect();
    send(["SUBSCRIBE", "a", "b"]);
    send(["PSUBSCRIBE", "a*"]);
    send(["SSUBSCRIBE", "s"]);
    engine.closeSession(session);
    const { channels, patterns, shardChannels, isUsed } = engine.pubsub;
    expect([channels.size, patterns.size, shardChannels.size, isUsed]).toEqual([0, 0, 0, false]);
    expect(run("PUBLISH a x")).toBe(0);
  });

  it("may be ended while a message goes round, and the others hear it", () => {
    const gone: Session[] = [];
    const harness = engineHarness({
      ports: {
        push: (session) => {
          gone.push(session);
          harness.engine.closeSession(session);
        },
      },
    });
    for (let i = 0; i < 3; i++) harness.connect().send(["SUBSCRIBE", "a"]);
    expect(harness.run("PUBLISH a x")).toBe(3);
    expect(new Set(gone).size).toBe(3);
  });

  it("holds at most client-query-buffer-limit bytes of names", () => {
    const { run, connect } = engineHarness();
    run("CONFIG SET client-query-buffer-limit 1mb");
    const { session, send } = connect();
    const name = "x".repeat(300_000);
    expect(send(["SUBSCRIBE", `1${name}`, `2${name}`, `3${name}`])).not.toBeInstanceOf(ReplyError);
    expect(send(["SUBSCRIBE", `4${name}`])).toEqual(
      new ReplyError("ERR subscriptions exceed client-query-buffer-limit"),
    );
    expect(session.subscriptions?.channels.size).toBe(3);
    send(["UNSUBSCRIBE"]);
    expect(send(["PSUBSCRIBE", `4${name}`])).toBeInstanceOf(Push);
  });

  it("keeps no message alive by a name", () => {
    const { engine, connect } = engineHarness();
    const message = `${"x".repeat(100)}news-from-everywhere`;
    const name = message.slice(100);
    connect().send(["SUBSCRIBE", name]);
    // Equal, and not the slice: `detach` made its own.
    expect([...engine.pubsub.channels.keys()]).toEqual([name]);
  });
});

describe("on a replica", () => {
  it("what the master's stream says is published, and its changes are told of", () => {
    const harness = engineHarness();
    harness.role.isReplica = true;
    harness.run("CONFIG SET notify-keyspace-events EA");
    const listener = harness.connect();
    listener.send(["SUBSCRIBE", "news"]);
    listener.send(["SSUBSCRIBE", "shard"]);
    listener.send(["PSUBSCRIBE", "__key*"]);
    harness.replay("PUBLISH", "news", "hello");
    harness.replay("SPUBLISH", "shard", "hello");
    harness.replay("SET", "k", "v", "PXAT", "33177117420123");
    harness.replay("DEL", "k");
    expect(heard(harness)).toEqual([
      ["message", "news", "hello"],
      ["smessage", "shard", "hello"],
      ["pmessage", "__key*", "__keyevent@0__:set", "k"],
      ["pmessage", "__key*", "__keyevent@0__:expire", "k"],
      ["pmessage", "__key*", "__keyevent@0__:del", "k"],
    ]);
  });

  it("a client's message stays there: the log is the master's", () => {
    const harness = engineHarness();
    harness.role.isReplica = true;
    harness.connect().send(["SUBSCRIBE", "news"]);
    expect(harness.run("PUBLISH news hello")).toBe(1);
    expect(harness.run("SPUBLISH news hello")).toBe(0);
    expect(harness.units).toEqual([]);
  });

  it("a key that has expired is told of once the master's DEL comes", () => {
    const harness = engineHarness();
    harness.role.isReplica = true;
    harness.run("CONFIG SET notify-keyspace-events EA");
    harness.connect().send(["PSUBSCRIBE", "*"]);
    harness.replay("SET", "k", "v", "PXAT", "1000");
    heard(harness);
    expect(harness.run("GET k")).toBeNull();
    expect(heard(harness)).toEqual([]);
    harness.replay("DEL", "k");
    expect(heard(harness)).toEqual([["pmessage", "*", "__keyevent@0__:del", "k"]]);
  });
});

describe("keyspace notifications", () => {
  it("cost nothing while nobody listens, or nothing is to be told", () => {
    const { engine, run, connect } = engineHarness();
    expect(engine.notifications.isOn).toBe(false);
    run("CONFIG SET notify-keyspace-events KEA");
    expect(engine.notifications.isOn).toBe(false);
    const { send } = connect();
    send(["SSUBSCRIBE", "s"]);
    expect(engine.notifications.isOn).toBe(false);
    send(["PSUBSCRIBE", "*"]);
    expect(engine.notifications.isOn).toBe(true);
    // Neither K nor E: no channel to tell it on.
    run("CONFIG SET notify-keyspace-events A");
    expect(engine.notifications.isOn).toBe(false);
  });

  it("are on from the start where the setting was stored", () => {
    const harness = engineHarness();
    harness.run("CONFIG SET notify-keyspace-events KEA");
    const again = engineHarness({ ports: { store: harness.store } });
    again.connect().send(["SUBSCRIBE", "__keyspace@0__:k"]);
    again.run("SET k v");
    expect(heard(again)).toEqual([["message", "__keyspace@0__:k", "set"]]);
  });

  it("tell of keys that the sweep finds expired", () => {
    const harness = engineHarness();
    harness.run("CONFIG SET notify-keyspace-events Ex");
    harness.connect().send(["PSUBSCRIBE", "*"]);
    harness.run("SET k v PX 10");
    harness.turn(11);
    sweep(harness.engine, { keysMax: 100 });
    expect(heard(harness)).toEqual([["pmessage", "*", "__keyevent@0__:expired", "k"]]);
  });
});
