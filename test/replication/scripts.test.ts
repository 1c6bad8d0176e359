// Scripts on a node: what stays of one that was stopped, and libraries over restarts.

import { describe, expect, it } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { startNode } from "../support/node.ts";

type Node = ReturnType<typeof startNode>;

const WRITES = "redis.call('SET', 'k', 'half') redis.call('LPUSH', 'l', 'x')";
/** Writes, and does not end. */
const ENDLESS = `${WRITES} while true do end`;
/** The same, within one call of a function of Lua's own. */
const ENDLESS_WITHIN = `${WRITES} string.find(string.rep('a', 2000), '.-.-.-.-b')`;
const STOPPED = /-ERR The script ran for too long/;

function start(store?: Parameters<typeof startNode>[0]): Node {
  return startNode(store, { "busy-reply-threshold": "10" });
}

function digest(node: Node): string {
  return node.say(node.open(), "DEBUG DIGEST");
}

describe("a script that was stopped", () => {
  it.each([ENDLESS, ENDLESS_WITHIN])("leaves nothing in memory, log and store: %s", (code) => {
    const node = start();
    const client = node.open();
    node.say(client, "SET k 1", "RPUSH l a b");
    const [before, log] = [digest(node), node.log()];
    expect(node.send(client, ["EVAL", code, "0"])).toMatch(STOPPED);
    expect(digest(node)).toBe(before);
    expect(node.log()).toBe(log);
    expect(node.say(client, "GET k", "LRANGE l 0 -1")).toBe(
      "$1\r\n1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    );
    expect(digest(start(node.store.crash()))).toBe(before);
  });

  it("takes back only its own writes of a group that is not committed yet", () => {
    const node = start();
    const [a, b] = [node.open(), node.open()];
    const receive = (client: Connection, ...args: string[]): void =>
      node.core.receive(client, fromBinary(encodeCommand(args)));
    receive(a, "SET", "k", "1");
    receive(b, "EVAL", ENDLESS, "0");
    receive(a, "INCR", "k");
    node.core.commit();
    node.store.commit();
    expect(node.heard(a)).toContain(":2\r\n");
    expect(node.heard(b)).toMatch(STOPPED);
    const again = start(node.store.crash());
    expect(again.say(again.open(), "GET k", "EXISTS l")).toBe("$1\r\n2\r\n:0\r\n");
  });

  it("leaves the rest of its transaction, which stays one unit", () => {
    const node = start();
    const client = node.open();
    node.say(client, "SET k 0", "SET gone 1 PX 1", "SAVE");
    node.turn(10);
    const from = node.log().length;
    const reply = node.send(
      client,
      ["MULTI"],
      ["INCR", "k"],
      ["SELECT", "1"],
      ["SADD", "s", "a", "b"],
      ["GET", "gone"],
      ["EVAL", "redis.call('SADD', 's', 'c') redis.call('SELECT', 2) while true do end", "0"],
      ["SADD", "s", "d"],
      ["SELECT", "0"],
      ["INCR", "k"],
      ["EXEC"],
    );
    expect(reply).toMatch(STOPPED);
    expect(reply).toMatch(/:2\r\n$/);
    expect(node.say(client, "GET k", "SELECT 1", "SCARD s", "SISMEMBER s c")).toBe(
      "$1\r\n2\r\n+OK\r\n:3\r\n:0\r\n",
    );
    const unit = node.log().slice(from);
    expect(unit.match(/MULTI/g)).toHaveLength(1);
    expect(unit.endsWith(encodeCommand(["EXEC"]))).toBe(true);
    const before = digest(node);
    const again = start(node.store.crash());
    expect(digest(again)).toBe(before);
    expect(again.say(again.open(), "GET k")).toBe("$1\r\n2\r\n");
  });

  it("does not publish again what its transaction had published", () => {
    const node = start();
    const [listener, client] = [node.open(), node.open()];
    node.say(listener, "SUBSCRIBE c");
    node.send(client, ["MULTI"], ["PUBLISH", "c", "m"], ["EVAL", ENDLESS, "0"], ["EXEC"]);
    expect(node.heard(listener).match(/message/g)).toHaveLength(1);
  });

  it("wakes nobody with what it took back", () => {
    const node = start();
    const [waiter, client] = [node.open(), node.open()];
    node.say(waiter, "BLPOP l 0");
    node.send(client, ["EVAL", ENDLESS, "0"]);
    expect(node.heard(waiter)).toBe("");
    node.say(client, "LPUSH l y");
    expect(node.heard(waiter)).toBe("*2\r\n$1\r\nl\r\n$1\r\ny\r\n");
  });

  it("keeps its functions, those loaded and not yet written too", () => {
    const node = start();
    const client = node.open();
    const code = `#!lua name=lib
      redis.register_function('f', function() ${ENDLESS} end)
      redis.register_function('g', function() return 1 end)`;
    node.send(client, ["FUNCTION", "LOAD", code]);
    expect(node.say(client, "FCALL f 0")).toMatch(STOPPED);
    expect(node.say(client, "FCALL g 0", "EXISTS k")).toBe(":1\r\n:0\r\n");
  });
});

describe("a script", () => {
  it("sees one time, however long it takes", () => {
    const node = start();
    const code = `local first = redis.call('TIME')
      for i = 1, 1000 do end
      local second = redis.call('TIME')
      return {first[1] == second[1], first[2] == second[2]}`;
    expect(node.send(node.open(), ["EVAL", code, "0"])).toBe("*2\r\n:1\r\n:1\r\n");
  });

  it("goes out as one unit of what it did, and nothing of how", () => {
    const node = start();
    const code = "redis.call('SET', 'a', 1) redis.call('GET', 'a') redis.call('INCR', 'a')";
    node.say(node.open(), "SET b 1");
    node.send(node.open(), ["EVAL", code, "0"], ["EVAL", "return redis.call('SPOP', 's')", "0"]);
    expect(node.log()).toContain(
      [["MULTI"], ["SET", "a", "1"], ["INCR", "a"], ["EXEC"]].map((e) => encodeCommand(e)).join(""),
    );
    expect(node.log()).not.toMatch(/EVAL|GET|SPOP/);
  });
});

const LIBRARY = "#!lua name=lib\nredis.register_function('f', function(keys) return keys[1] end)";

describe("libraries", () => {
  it("are there after a crash, from the log and from the base", () => {
    const node = start();
    const client = node.open();
    node.send(client, ["FUNCTION", "LOAD", LIBRARY]);
    const fromLog = start(node.store.crash());
    expect(fromLog.say(fromLog.open(), "FCALL f 1 k")).toBe("$1\r\nk\r\n");
    fromLog.say(fromLog.open(), "SAVE");
    const fromBase = start(fromLog.store.crash());
    expect(fromBase.say(fromBase.open(), "FCALL f 1 k")).toBe("$1\r\nk\r\n");
    fromBase.say(fromBase.open(), "FUNCTION FLUSH", "SAVE");
    const none = start(fromBase.store.crash());
    expect(none.say(none.open(), "FUNCTION LIST")).toBe("*0\r\n");
  });

  it("stay when the data is flushed", () => {
    const node = start();
    node.send(node.open(), ["FUNCTION", "LOAD", LIBRARY], ["FLUSHALL"]);
    expect(node.say(node.open(), "FCALL f 1 k")).toBe("$1\r\nk\r\n");
  });

  it("go out as the commands that load them, binary or not", () => {
    const node = start();
    const code = `${LIBRARY} -- \x00\xff`;
    node.send(node.open(), ["FUNCTION", "LOAD", "REPLACE", code]);
    expect(node.log()).toContain(encodeCommand(["FUNCTION", "LOAD", "REPLACE", code]));
    node.say(node.open(), "SAVE");
    const before = node.say(node.open(), "FUNCTION DUMP");
    const again = start(node.store.crash());
    expect(again.say(again.open(), "FUNCTION DUMP")).toBe(before);
  });

  /** A library that keeps so many bytes. */
  const heavy = (name: string, bytes: number): string =>
    `#!lua name=${name}\nlocal s = ('x'):rep(${bytes}) redis.register_function('${name}', function() return #s end)`;

  it("that have room only one by one do not keep a node from its start", () => {
    const node = start();
    const client = node.open();
    node.send(
      client,
      ["FUNCTION", "LOAD", heavy("a", 9e6)],
      ["FUNCTION", "LOAD", heavy("b", 21e6)],
    );
    const before = node.say(client, "FUNCTION LIST");
    const fromLog = start(node.store.crash());
    expect(fromLog.say(fromLog.open(), "FUNCTION LIST")).toBe(before);
    fromLog.say(fromLog.open(), "SAVE");
    const fromBase = start(fromLog.store.crash());
    expect(fromBase.say(fromBase.open(), "FUNCTION LIST", "FCALL a 0", "FCALL b 0")).toBe(
      `${before}:9000000\r\n:21000000\r\n`,
    );
    expect(fromBase.say(fromBase.open(), "FCALL b 0", "FCALL a 0")).toBe(
      ":21000000\r\n:9000000\r\n",
    );
  });

  it("are not run at a start, however long they take", () => {
    const node = start();
    const client = node.open();
    const slow = (name: string): string =>
      `#!lua name=${name}\nfor i = 1, 1e5 do end redis.register_function('${name}', function() return 1 end)`;
    for (let n = 0; n < 20; n++) node.send(client, ["FUNCTION", "LOAD", slow(`f${n}`)]);
    node.say(client, "SAVE");
    const again = start(node.store.crash());
    expect(again.core.engine.functions.memoryBytes).toBe(0);
    expect(again.say(again.open(), "FCALL f7 0")).toBe(":1\r\n");
  });
});
