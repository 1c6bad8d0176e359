// What a node promises beyond single commands: over restarts, role changes and waits.

import { describe, expect, it } from "vitest";
import { fromBinary } from "../../shared/base/bytes.ts";
import type { Connection } from "../../shared/replication/connection.ts";
import { encodeFrame } from "../../shared/replication/frame.ts";
import { openSnapshotFile } from "../../shared/replication/snapshot-serving.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { encodeString } from "../../shared/rdb/primitives.ts";
import { rdbDatabase, rdbHeader, rdbKey } from "../../shared/rdb/writer.ts";
import { MESSAGES, startNode as start, TCP } from "../support/node.ts";

const rdbKeyOf = (name: string, byteCount: number): string =>
  rdbKey({ name, type: 0, expiresAtMs: 0, body: encodeString("x".repeat(byteCount)) });

const follow = (node: ReturnType<typeof start>): Connection => {
  const replica = node.open();
  node.say(replica, "REPLCONF capa eof capa psync2");
  node.say(replica, "PSYNC ? -1");
  node.say(replica, `REPLCONF ACK ${node.core.log.committedEnd}`);
  return replica;
};

describe("a node", () => {
  it("applies a transaction once, also when it asks for a checkpoint in its midst", () => {
    const node = start();
    const reply = node.say(node.open(), "MULTI", "INCR a", "BGSAVE", "INCR a", "EXEC");
    expect(reply).toContain(":2\r\n");
    const again = start(node.store.crash());
    expect(again.say(again.open(), "GET a")).toBe("$1\r\n2\r\n");
  });

  it("resumes who waited behind the command that ended the wait, and logs only effects", () => {
    const node = start();
    const replica = follow(node);
    const client = node.open();
    expect(node.say(client, "SET k 1", "WAIT 1 0", "SELECT 3", "SET j 2")).toBe("+OK\r\n");
    node.say(replica, `REPLCONF ACK ${node.core.log.committedEnd}`);
    expect(node.say(client, "GET j")).toBe("$1\r\n2\r\n");
    expect(node.log()).not.toContain("$3\r\nACK");
    expect(node.log().endsWith(encodeCommand(["SET", "j", "2"]))).toBe(true);
  });

  it("lets others have their turn in the midst of a very long message, and runs all of it in order", () => {
    const node = start();
    const [client, other] = [node.open(), node.open()];
    const commands = Array.from({ length: 10_000 }, () => ["INCR", "n"]);
    node.send(client, ...commands);
    const between = Number(node.say(other, "GET n").split("\r\n")[1]);
    expect(between).toBeGreaterThan(1000);
    expect(between).toBeLessThan(9000);
    node.sent.delete(client);
    node.turn(5);
    const rest = Array.from({ length: 10_000 - between }, (_, i) => `:${between + i + 1}\r\n`);
    expect(node.heard(client)).toBe(rest.join(""));
  });

  it("runs no one else's commands within a transaction that makes it a replica", () => {
    const node = start();
    const waiter = node.open();
    node.say(waiter, "SELECT 5", "SET w 1", "WAIT 1 0", "GET x");
    const other = node.open();
    node.say(other, "MULTI", "SET x 0", "REPLICAOF weur", "SET x 1", "EXEC");
    const value = (db: number) =>
      node.core.engine.keyspace.find(node.core.engine.keyspace.space(db), "x")?.value;
    expect([value(0), value(5)]).toEqual(["1", undefined]);
  });

  it("keeps no more in memory than it may, also when it is only read from", () => {
    const node = start();
    const client = node.open();
    const names = Array.from({ length: 60 }, (_, i) => `k${i}`);
    for (const name of names) node.say(client, `SETRANGE ${name} 99999 x`);
    node.say(client, "SAVE");
    const again = start(node.store.crash(), { "cache-bytes": "1mb" });
    const reader = again.open();
    again.say(reader, ...names.map((name) => `STRLEN ${name}`));
    expect(again.core.engine.keyspace.residentBytes).toBeLessThan(3 << 20);
    for (const name of names) again.say(reader, `STRLEN ${name}`);
    expect(again.core.engine.keyspace.residentBytes).toBeLessThan(3 << 20);
  });

  it("lets go of who speaks HTTP, and runs nothing of what follows", () => {
    const node = start();
    const browser = node.open();
    const body = "POST / HTTP/1.1\r\nHost: 127.0.0.1:6379\r\n\r\nSET pwned 1\r\n";
    node.core.receive(browser, fromBinary(body));
    expect(node.ended.has(browser)).toBe(true);
    expect(node.say(node.open(), "DBSIZE")).toBe(":0\r\n");
  });

  it("lets go of a replica that asks for more than the stream", () => {
    const node = start();
    const replica = follow(node);
    node.say(replica, "GET k");
    expect(node.ended.has(replica)).toBe(true);
    expect(node.core.followers.count).toBe(0);
  });

  it("keeps what clients wrote to a replica when it becomes master, over a restart too", () => {
    const node = start();
    const client = node.open();
    node.say(client, "SET k 1", "SAVE", "REPLICAOF weur", "CONFIG SET replica-read-only no");
    node.say(client, "SET k abc", "SAVE", "SET k 5", "REPLICAOF NO ONE");
    expect(node.say(client, "INCR k")).toBe(":6\r\n");
    expect(node.core.history.previousUntil).toBe(-1);
    const again = start(node.store.crash());
    expect(again.say(again.open(), "GET k")).toBe("$1\r\n6\r\n");
  });

  it("sends no snapshot of its master's data any more once it is master of its own", () => {
    const node = start();
    const client = node.open();
    node.say(client, "SET k 1");
    const reader = node.core.open(MESSAGES);
    node.say(reader, "REPLCONF capa eof capa psync2 capa antipode-frames");
    node.say(reader, "PSYNC ? -1");
    const { pin } = node.core.snapshots;
    expect(pin).toBeDefined();
    // A transfer is under way that needs no connection of its own.
    node.core.snapshots.open(() => node.core.pinnedAt());
    node.say(client, "REPLICAOF weur", "CONFIG SET replica-read-only no", "SET own 2");
    node.say(client, "REPLICAOF NO ONE");
    expect(node.core.snapshots.pin).toBe(undefined);
    node.turn(1000);
    const replica = node.open();
    node.say(replica, "REPLCONF capa eof");
    node.say(replica, "PSYNC ? -1");
    node.turn(1000);
    expect(node.heard(replica)).toContain("own");
  });

  it.each(["file", "PSYNC", "SYNC"])(
    "gives by %s all that was answered before, though a checkpoint of an older state is under way",
    (way) => {
      const node = start(undefined, { "checkpoint-slice-rows": "2", "checkpoint-keys": "20" });
      const client = node.open();
      node.say(client, ...Array.from({ length: 20 }, (_, i) => `SET k${i} v`));
      expect(node.core.engine.keyspace.checkpointing).toBeDefined();
      node.say(client, ...Array.from({ length: 5 }, (_, i) => `SET late${i} v`));
      let text = "";
      if (way === "file") {
        const offset = node.core.log.committedEnd;
        let reader = openSnapshotFile(node.core, offset);
        for (let i = 0; i < 100 && reader === undefined; i++) {
          node.turn(5);
          reader = openSnapshotFile(node.core, offset);
        }
        while (!reader!.isAtEnd) text += reader!.next(1 << 20)!;
      } else {
        const replica = node.open();
        if (way === "PSYNC") node.say(replica, "REPLCONF capa eof");
        text += node.say(replica, way === "SYNC" ? "SYNC" : "PSYNC ? -1");
        node.turn(1000);
        text += node.heard(replica);
        // What follows the snapshot is the stream, where commands are arrays.
        text = text.slice(0, text.indexOf("*"));
      }
      for (let i = 0; i < 5; i++) expect(text).toContain(`late${i}`);
    },
  );

  it.each(["the link broke", "the node died"])(
    "keeps its data, and nothing of a snapshot, when %s in the midst of one from a stock master",
    (end) => {
      let node = start();
      node.say(node.open(), "SET old 1", "REPLICAOF 10.0.0.9 6379");
      node.turn(1);
      const link = node.core.dialled(node.world.attempt, TCP, () => undefined)!;
      const keys = Array.from({ length: 800 }, (_, i) => rdbKeyOf(`key:${i}`, 15_000)).join("");
      const body = rdbHeader({}) + rdbDatabase(0, { keys: 900, expires: 0 }) + keys;
      const answers = `+PONG\r\n${"+OK\r\n".repeat(2)}+FULLRESYNC ${"a".repeat(40)} 0\r\n`;
      node.core.receive(link, fromBinary(`${answers}$EOF:${"e".repeat(40)}\r\n${body}`));
      for (let i = 0; i < 100; i++) node.turn(1);
      expect(node.core.link.loading?.keyCount).toBe(800);
      expect(node.store.chunkMax).toBeGreaterThan(5);
      node.store.commit();
      if (end === "the node died") node = start(node.store.crash());
      else node.core.closed(link);
      node.turn(1000);
      expect(node.store.chunkMax).toBe(0);
      expect(node.say(node.open(), "DBSIZE", "GET old")).toBe(":1\r\n$1\r\n1\r\n");
    },
  );

  it("lets go of who follows it, and of its pin, when it takes back what its master's stream did not fit", () => {
    const node = start();
    const client = node.open();
    node.say(client, "REPLICAOF weur", "CONFIG SET replica-read-only no");
    const { core, world } = node;
    const link = core.dialled(world.attempt, MESSAGES, () => undefined)!;
    const lines = ["+PONG", "+OK", "+OK", "+OK", `+CONTINUE ${core.history.id} 0`];
    for (const line of lines) core.receive(link, fromBinary(`${line}\r\n`));
    node.say(client, "SET s abc", "SAVE");
    const replica = follow(node);
    core.snapshots.open(() => core.pinnedAt());
    const { id } = core.history;
    const { offset } = core.position;
    const bytes = fromBinary(encodeCommand(["SELECT", "0"]) + encodeCommand(["INCR", "s"]));
    core.receive(link, encodeFrame({ epoch: 0, offset, bytes }));
    expect(core.link.failure).toContain("cannot apply");
    expect(core.history.id).not.toBe(id);
    expect(core.snapshots.pin).toBe(undefined);
    expect(node.ended.has(replica)).toBe(true);
  });

  it("probes a master that says nothing, before it would give it up", () => {
    const node = start();
    node.say(node.open(), "REPLICAOF weur");
    const { core, world } = node;
    const link = core.dialled(world.attempt, MESSAGES, () => undefined)!;
    const lines = ["+PONG", "+OK", "+OK", "+OK", `+CONTINUE ${core.history.id} 0`];
    for (const line of lines) core.receive(link, fromBinary(`${line}\r\n`));
    expect(core.link.isUp).toBe(true);
    node.turn(15_000);
    expect(world.probes).toBe(1);
  });
});
