// A replica over TCP lives by what the stream brings; only a master puts PINGs into it, and hears of the
// need for them from those between.

import { describe, expect, it } from "vitest";
import { MASTER, pass, quietWorld, replicaOf, send } from "../support/sim/quiet.ts";
import type { World } from "../support/sim/world.ts";

const TIMEOUT_MS = 3000;
const PING_BYTES = "*1\r\n$4\r\nping\r\n".length;
const FIRST_PORT = 7001;

/** How far the nodes are, by name. */
function offsets({ nodes }: World): Record<string, number> {
  return Object.fromEntries(nodes.map(({ name, core }) => [name, core!.log.end]));
}

describe("PINGs in the stream", () => {
  it("come for a replica over TCP, however far below the master it is", () => {
    const world = quietWorld({
      a: MASTER,
      b: replicaOf("a"),
      c: replicaOf("b"),
      d: replicaOf("c", FIRST_PORT + 2),
    });
    pass(world, 5000);
    const link = world.nodes[3]!.core!.link;
    expect(link.isUp).toBe(true);
    const before = offsets(world);
    const { connection } = link;
    pass(world, 10 * TIMEOUT_MS);
    const after = offsets(world);
    expect(link.connection).toBe(connection);
    expect(after["a"]! - before["a"]!).toBeGreaterThan(PING_BYTES * 10);
    expect(new Set(Object.values(after))).toEqual(new Set([after["a"]]));
  });

  it("end when the last such replica leaves", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b", FIRST_PORT + 1) });
    pass(world, 10_000);
    expect(world.nodes[2]!.core!.link.isUp).toBe(true);
    expect(offsets(world)["a"]).toBeGreaterThan(0);
    send(world, "c", "REPLICAOF NO ONE");
    pass(world, 5000);
    const before = offsets(world)["a"];
    pass(world, 10_000);
    expect(offsets(world)["a"]).toBe(before);
  });

  it("do not come where all replicas have probes of their own", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b") });
    pass(world, 10_000);
    expect(world.nodes[2]!.core!.link.isUp).toBe(true);
    expect(offsets(world)).toEqual({ a: 0, b: 0, c: 0 });
  });

  it("come again after the link between is cut", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b", FIRST_PORT + 1) });
    pass(world, 5000);
    send(world, "b", "CLIENT KILL TYPE master");
    pass(world, 5000);
    const { connection } = world.nodes[2]!.core!.link;
    const before = offsets(world)["a"]!;
    pass(world, 10 * TIMEOUT_MS);
    expect(world.nodes[2]!.core!.link.connection).toBe(connection);
    expect(offsets(world)["a"]).toBeGreaterThan(before);
  });
});
