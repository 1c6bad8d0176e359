// Messages on their way out: never before what they tell of is durable, whole, and not without end.

import { describe, expect, it } from "vitest";

import type { Connection } from "../../shared/replication/connection.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { fromBinary } from "../../shared/base/bytes.ts";
import { MESSAGES, startNode } from "../support/node.ts";

type Node = ReturnType<typeof startNode>;

const push = (kind: string, ...items: readonly string[]): string =>
  `>${items.length + 1}\r\n` + [kind, ...items].map((x) => `$${x.length}\r\n${x}\r\n`).join("");

/** Opens a connection in RESP3 that has said this. */
function listener(node: Node, ...lines: string[]): Connection {
  const connection = node.open();
  node.say(connection, "HELLO 3", ...lines);
  node.sent.clear();
  return connection;
}

/** Sends a command line without waiting for the commit. */
function tell(node: Node, from: Connection, line: string): void {
  node.core.receive(from, fromBinary(encodeCommand(line.split(" "))));
}

function commit(node: Node): void {
  node.world.isCommitDue = false;
  node.core.commit();
}

describe("a message", () => {
  it.each([
    ["a message", "SUBSCRIBE news", "PUBLISH news x", push("message", "news", "x")],
    [
      "an event",
      "PSUBSCRIBE __keyevent@*",
      "SET k v",
      push("pmessage", "__keyevent@*", "__keyevent@0__:set", "k"),
    ],
    [
      "an invalidation",
      "CLIENT TRACKING ON BCAST",
      "SET k v",
      ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n",
    ],
  ])("leaves when what it tells of is committed: %s", (_, subscribe, command, expected) => {
    const node = startNode();
    node.say(node.open(), "CONFIG SET notify-keyspace-events EA");
    const hearer = listener(node, subscribe);
    tell(node, node.open(), command);
    expect(node.sent.get(hearer)).toBeUndefined();
    commit(node);
    expect(node.sent.get(hearer)).toBe(expected);
  });

  it("leaves though nothing is written: a replica's client publishes", () => {
    const node = startNode();
    const hearer = listener(node, "SUBSCRIBE news");
    node.say(node.open(), "REPLICAOF weur");
    const logEnd = node.core.log.end;
    node.sent.clear();
    expect(node.say(node.open(), "PUBLISH news x")).toBe(":1\r\n");
    expect(node.sent.get(hearer)).toBe(push("message", "news", "x"));
    expect(node.core.log.end).toBe(logEnd);
  });

  it("goes to thousands in the form each of them reads", () => {
    const node = startNode();
    const [three, two] = [listener(node, "SUBSCRIBE a"), node.open()];
    node.say(two, "SUBSCRIBE a");
    node.sent.clear();
    node.say(node.open(), "PUBLISH a x", "PUBLISH a y");
    expect(node.sent.get(three)).toBe(push("message", "a", "x") + push("message", "a", "y"));
    expect(node.sent.get(two)).toBe(node.sent.get(three)!.replaceAll(">3", "*3"));
  });

  it("to the client itself comes before the reply, and what it invalidated behind it", () => {
    const node = startNode();
    const client = listener(node, "SUBSCRIBE a", "CLIENT TRACKING ON", "GET k", "GET j");
    const invalid = (key: string): string => `>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\n${key}\r\n`;
    expect(node.say(client, "PUBLISH a x", "SET k 1", "SET j 1", "GET k")).toBe(
      `${push("message", "a", "x")}:1\r\n+OK\r\n${invalid("k")}+OK\r\n${invalid("j")}$1\r\n1\r\n`,
    );
    expect(node.say(client, "MULTI", "SET k 2", "PING", "EXEC")).toBe(
      `+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n+PONG\r\n${invalid("k")}`,
    );
  });

  it("comes though CLIENT REPLY is OFF, and so does the answer to SUBSCRIBE", () => {
    const node = startNode();
    const client = listener(node, "SUBSCRIBE a", "CLIENT REPLY OFF");
    expect(node.say(client, "PUBLISH a x", "GET k", "UNSUBSCRIBE a")).toBe(
      push("message", "a", "x") + ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n",
    );
  });

  it("in a transaction is as in Redis: an answer for each channel, in place of one", () => {
    const node = startNode();
    const client = node.open();
    const answer = (name: string, count: number): string =>
      `*3\r\n$9\r\nsubscribe\r\n$1\r\n${name}\r\n:${count}\r\n`;
    expect(node.say(client, "MULTI", "SUBSCRIBE x y", "GET k", "EXEC")).toBe(
      `+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n${answer("x", 1)}${answer("y", 2)}$-1\r\n`,
    );
  });

  it("is held back by CLIENT PAUSE WRITE, as a write is", () => {
    const node = startNode();
    const hearer = listener(node, "SUBSCRIBE a");
    node.say(node.open(), "CLIENT PAUSE 100 WRITE");
    node.sent.clear();
    expect(node.say(node.open(), "PUBLISH a x")).toBe("");
    node.turn(101);
    expect(node.sent.get(hearer)).toBe(push("message", "a", "x"));
  });

  it("reaches who slept through hibernation", () => {
    const node = startNode();
    const saved = JSON.parse(
      JSON.stringify(node.core.save(listener(node, "SUBSCRIBE a"))),
    ) as Record<string, unknown>;
    const again = startNode(node.store.crash());
    const hearer = again.core.restore(saved, MESSAGES);
    again.say(again.open(), "PUBLISH a x");
    expect(again.sent.get(hearer)).toBe(push("message", "a", "x"));
  });

  it("replayed after a crash is told to nobody", () => {
    const node = startNode();
    node.say(node.open(), "PUBLISH a x", "SET k v");
    const again = startNode(node.store.crash());
    expect(again.sent.size).toBe(0);
    expect(again.say(again.open(), "GET k")).toBe("$1\r\nv\r\n");
  });
});

describe("who does not read its messages", () => {
  it("is let go at the hard limit", () => {
    const node = startNode();
    const publisher = node.open();
    node.send(publisher, ["CONFIG", "SET", "client-output-buffer-limit", "pubsub 1000 0 0"]);
    const hearer = listener(node, "SUBSCRIBE a");
    hearer.unsentBytes = 900;
    expect(node.say(publisher, "PUBLISH a x")).toBe(":1\r\n");
    expect(node.ended.has(hearer)).toBe(false);
    hearer.unsentBytes = 999;
    node.say(publisher, "PUBLISH a x");
    expect(node.ended.has(hearer)).toBe(true);
    expect(node.say(publisher, "PUBLISH a x")).toBe(":0\r\n");
  });

  it("is let go when it stays beyond the soft limit too long, and not before", () => {
    const node = startNode();
    const publisher = node.open();
    node.send(publisher, ["CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 1000 10"]);
    const hearer = listener(node, "SUBSCRIBE a");
    const publish = (): boolean => {
      node.say(publisher, "PUBLISH a x");
      hearer.unsentBytes = 5000;
      return node.ended.has(hearer);
    };
    hearer.unsentBytes = 5000;
    expect(publish()).toBe(false);
    node.turn(9000);
    expect(publish()).toBe(false);
    // It has caught up: the time begins anew.
    hearer.unsentBytes = 0;
    expect(node.say(publisher, "PUBLISH a x")).toBe(":1\r\n");
    hearer.unsentBytes = 5000;
    node.turn(9000);
    expect(publish()).toBe(false);
    node.turn(10_001);
    expect(publish()).toBe(true);
  });

  it("is bounded by 64 MB where the setting sets no limit", () => {
    const node = startNode();
    const publisher = node.open();
    node.send(publisher, ["CONFIG", "SET", "client-output-buffer-limit", "pubsub 0 0 0"]);
    const hearer = listener(node, "SUBSCRIBE a");
    hearer.unsentBytes = (64 << 20) - 100;
    node.say(publisher, "PUBLISH a x");
    expect(node.ended.has(hearer)).toBe(false);
    hearer.unsentBytes = 64 << 20;
    node.say(publisher, "PUBLISH a x");
    expect(node.ended.has(hearer)).toBe(true);
  });
});
