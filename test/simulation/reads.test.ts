// How fresh reads are, on a bad network: a share of the seeds that `npm run simulate -- --reads` plays.

import { describe, expect, test } from "vitest";

import { MASTER, pass, quietWorld, replicaOf, send } from "../support/sim/quiet.ts";
import { simulateReads } from "./reads.ts";

const SEEDS = Number(process.env["READ_SEEDS"] ?? 60);
const EACH = 20;

describe("no session misses what it wrote or saw, and nothing is older than was asked for", () => {
  const counts = new Map<string, number>();
  for (let first = 1; first <= SEEDS; first += EACH) {
    test(`seeds ${first} to ${first + EACH - 1}`, { timeout: 60_000 }, () => {
      let silent = 0;
      for (let seed = first; seed < first + EACH; seed++) {
        const seen = simulateReads(seed);
        if (seen.size === 0) silent++;
        for (const [how, count] of seen) counts.set(how, (counts.get(how) ?? 0) + count);
      }
      // Where the master goes down at once, and nobody comes back in time, nothing is answered.
      expect(silent).toBeLessThan(EACH / 4);
    });
  }

  test("and replicas answer with each contract: at once, after a wait, and not at all", () => {
    const seen = [
      ..."any now,any waited,any behind,any no-data".split(","),
      ..."token now,token waited,token behind,token no-data".split(","),
      ..."token other-history,token not-a-replica".split(","),
      ..."max-lag now,max-lag waited,max-lag stale,max-lag behind,strong strong".split(","),
    ];
    expect(seen.filter((how) => (counts.get(how) ?? 0) === 0)).toEqual([]);
  });
});

describe("a replica without readers", () => {
  const SETTINGS = { "replica-idle-timeout": "3" };

  test("lets go of its master once the time is up", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") }, SETTINGS);
    pass(world, 2500);
    expect(coreOf(world, "b").link.isUp).toBe(true);
    pass(world, 2000);
    expect(coreOf(world, "b").link.state).toMatchObject({ at: "down", why: "idle" });
    expect(coreOf(world, "a").followers.count).toBe(0);
  });

  test("asks nothing of the clock then, so that it may be put to sleep", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") }, SETTINGS);
    pass(world, 10_000);
    const before = world.agenda.count;
    pass(world, 3_600_000);
    expect(world.agenda.count - before).toBeLessThan(20);
  });

  test("comes back by a partial resync with the next who reads", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a") }, SETTINGS);
    pass(world, 6000);
    send(world, "a", "SET k v");
    pass(world, 1000);
    send(world, "b", "PING");
    pass(world, 1000);
    expect(coreOf(world, "a").syncs).toMatchObject({ full: 1 });
    expect(coreOf(world, "b").log.end).toBe(coreOf(world, "a").log.end);
  });

  test("stays while a client is connected, and while a replica follows it", () => {
    const world = quietWorld({ a: MASTER, b: replicaOf("a"), c: replicaOf("b") }, SETTINGS);
    send(world, "c", "PING");
    pass(world, 20_000);
    expect(coreOf(world, "c").link.isUp).toBe(true);
    expect(coreOf(world, "b").link.isUp).toBe(true);
  });
});

function coreOf(world: ReturnType<typeof quietWorld>, name: string) {
  return world.nodes.find((node) => node.name === name)!.core!;
}
