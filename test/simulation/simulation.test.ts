import { describe, expect, test } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import { closeSnapshotFile, openSnapshotFile } from "../../shared/replication/snapshot-serving.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { dataOf } from "../support/sim/data.ts";
import { MASTER, pass, quietWorld, replicaOf, send, SILENT } from "../support/sim/quiet.ts";
import type { World } from "../support/sim/world.ts";
import { simulate } from "./simulation.ts";

const SEEDS = 150;

/** A fixed share of what `npm run simulate -- --seeds 10000` plays. */
test(`the first ${SEEDS} seeds end with nodes that are alike`, () => {
  const syncs = new Map<string, number>();
  let waits = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const outcome = simulate(seed);
    waits += outcome.waits;
    for (const [why, count] of outcome.syncs) syncs.set(why, (syncs.get(why) ?? 0) + count);
  }
  // They would prove little if nothing had happened.
  expect(waits).toBeGreaterThan(0);
  const whys = ["ahead-of-master", "behind-backlog", "continue", "diverged", "unknown-history"];
  expect([...syncs.keys()].sort()).toEqual(whys);
}, 60_000);

function node(world: World, name: string) {
  return world.nodes.find((known) => known.name === name)!;
}

function data(world: World, name: string): string[] {
  return [...dataOf(node(world, name).core!)].map(([key, value]) => `${key} ${value}`).sort();
}

describe("what the simulation found", () => {
  test("after a full sync no two databases share a space", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") });
    pass(world);
    send(world, "a", "SELECT 1", "SET k 1", "SELECT 0", "FLUSHDB", "FLUSHDB", "FLUSHDB", "SET l 0");
    pass(world);
    node(world, "b").crash();
    node(world, "b").start();
    expect(data(world, "b")).toEqual(data(world, "a"));
    expect(data(world, "b")).toHaveLength(2);
  });

  test("a command longer than the window arrives", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b") });
    pass(world);
    send(world, "a", `SET k ${"x".repeat(100_000)}`);
    pass(world);
    expect(data(world, "c")).toEqual(data(world, "a"));
    expect(data(world, "c")).toHaveLength(1);
  });

  test("a replica that came back before its loss was noticed counts once for WAIT", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") }, { "repl-timeout": "60" });
    const client = send(world, "a", "SET k v");
    pass(world);
    // The connection is broken for the replica; the master hears nothing of it.
    const { core, life } = node(world, "b");
    life!.lines.get(core!.link.connection!)!.wire.isCut = true;
    send(world, "b", "CLIENT KILL TYPE MASTER");
    pass(world);
    expect(node(world, "a").core!.followers.count).toBe(2);
    client.send("WAIT 2 300");
    pass(world);
    expect(client.text).toBe("+OK\r\n:1\r\n");
  });

  test("followers get what a SAVE in the same message has committed", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") });
    pass(world);
    send(world, "a", "SET k v", "SAVE");
    pass(world);
    expect(data(world, "b")).toEqual(['0:k string "v" 0']);
  });

  test("a follower that is dropped is forgotten", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b") });
    pass(world);
    send(world, "b", "REPLICAOF NO ONE");
    pass(world);
    const { life } = node(world, "b");
    const known = [...life!.core.clients.all].filter(({ session }) => session.isFollower);
    expect(known).toHaveLength(1);
  });

  test("a promotion that a crash forgets leaves no offset behind that was never durable", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") });
    pass(world);
    for (let i = 0; i < 40; i++) {
      send(world, "a", `SET k ${i}`);
      pass(world, 1 + (i % 7));
      if (i === 30) node(world, "b").order("REPLICAOF", "NO", "ONE");
    }
    pass(world);
    const { core, store } = node(world, "b");
    expect(core!.history.previousUntil).toBeLessThanOrEqual(store.logEnd);
  });

  test("a master promoted and restarted before its first write selects a database anew", () => {
    // `c` comes over TCP, so that a PING stands behind the checkpoint of the promotion.
    const world = quietWorld(
      { a: MASTER, b: replicaOf("a"), c: replicaOf("b", 7002) },
      { "checkpoint-quiet-ms": "60000" },
    );
    send(world, "a", "SELECT 3", "SET k v");
    pass(world);
    send(world, "b", "REPLICAOF NO ONE", "SAVE");
    pass(world, 1500);
    const { core } = node(world, "b");
    expect(core!.log.selectedDb).toBe(-1);
    node(world, "b").crash();
    node(world, "b").start();
    pass(world);
    send(world, "b", "SET k2 v");
    pass(world, 5000);
    expect(data(world, "c")).toEqual(data(world, "b"));
    expect(data(world, "c")).toContain('0:k2 string "v" 0');
  });

  test("a replica over TCP stays linked to a master where nothing happens", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a", 7001) });
    pass(world);
    node(world, "a").crash();
    node(world, "a").start();
    pass(world, 20_000);
    expect(node(world, "a").core!.syncs).toEqual({ full: 0, partialOk: 1, partialErr: 0 });
  });

  test("what clients change on a writable replica stays out of the log", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") });
    pass(world);
    send(world, "b", "CONFIG SET replica-read-only no", "SET own 1");
    pass(world);
    send(world, "a", "SET k v");
    pass(world);
    expect(node(world, "b").core!.syncs.full).toBe(0);
    expect(node(world, "a").core!.log.end).toBe(node(world, "b").core!.log.end);
    expect(data(world, "b")).toEqual(['0:k string "v" 0', '0:own string "1" 0']);
  });

  test("a full sync begins on a master that is never quiet", () => {
    const world = quietWorld({ a: MASTER, b: MASTER }, { "checkpoint-quiet-ms": "60000" });
    const { life } = node(world, "a");
    // Rows in the overlay, as a snapshot leaves them that was read during writes.
    const reader = life!.event((core) => openSnapshotFile(core))!;
    send(world, "a", "SET k v", "SAVE", "SET k w");
    pass(world, 50);
    life!.event((core) => closeSnapshotFile(core, reader));
    send(world, "b", "REPLICAOF a 7001");
    for (let i = 0; i < 100; i++) {
      send(world, "a", `SET k ${i}`);
      pass(world, 10);
    }
    expect(node(world, "b").core!.link.isUp).toBe(true);
  });

  test("rows of a database that was flushed stay until a checkpoint says so", () => {
    const world = quietWorld({ a: MASTER }, { "checkpoint-quiet-ms": "60000" });
    send(world, "a", "SET k v", "SAVE");
    pass(world);
    send(world, "a", "RENAME k l", "FLUSHALL", "SET k w");
    node(world, "a").life!.event((core) => {
      core.persistence.untidy();
      core.schedule();
    });
    pass(world);
    node(world, "a").crash();
    node(world, "a").start();
    expect(data(world, "a")).toEqual(['0:k string "w" 0']);
  });

  test("a snapshot that stops coming is given up although the master answers probes", () => {
    const world = quietWorld({ a: MASTER, b: MASTER });
    send(world, "a", `SET k ${"x".repeat(9000)}`);
    pass(world);
    const { core, life } = node(world, "b");
    // The body never comes: whoever serves it hangs.
    const fetches: number[] = [];
    life!.fetchSnapshot = (_address, { attempt }) => void fetches.push(attempt);
    send(world, "b", "REPLICAOF a 7001");
    pass(world, 10_000);
    expect(core!.link.state.at).not.toBe("streaming");
    expect(fetches.length).toBeGreaterThan(1);
  });

  test("who joins a snapshot made before a promotion learns the history's new name", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: MASTER });
    send(world, "a", "SET k v");
    pass(world);
    node(world, "b").life!.event((core) => openSnapshotFile(core));
    send(world, "b", "REPLICAOF NO ONE");
    pass(world);
    send(world, "b", "SET k w");
    send(world, "c", "REPLICAOF 10.0.0.9 7002");
    pass(world);
    expect(node(world, "c").core!.history.id).toBe(node(world, "b").core!.history.id);
    expect(data(world, "c")).toEqual(data(world, "b"));
  });

  test("who asks twice for one snapshot is one user of it", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") });
    send(world, "a", "SET k v");
    pass(world);
    const { core } = node(world, "a");
    const line = (id: string) => [
      "REPLCONF capa antipode-frames",
      `PSYNC ${id} 0`,
      `PSYNC ${id} 0`,
    ];
    const wire = world.newWire("messages");
    const { life } = node(world, "a");
    life!.accept(wire, { kind: "messages", isTrusted: true, address: "x", localAddress: "" });
    wire.attach(0, SILENT);
    for (const text of line("0".repeat(40))) {
      wire.send(0, fromBinary(encodeCommand(text.split(" "))), undefined);
    }
    pass(world, 50);
    expect(core!.snapshots.pin!.users).toBe(1);
  });
});
