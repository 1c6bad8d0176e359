// A node and redis-server are told the same on several connections, drawn by chance: every connection is
// sent the same by both, messages, events and invalidations included.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { hearNode, hearServer } from "../support/hearing.ts";
import { compare, CONNECTIONS, prepare } from "../support/messages.ts";
import { startNode } from "../support/node.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";

const SEEDS = [1, 2, 3, 4];
const STEPS = 500;

describe.skipIf(!hasRedis)("a node and redis-server", () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis({ "enable-debug-command": "yes", "proto-max-bulk-len": "32mb" });
  });
  afterAll(() => redis.stop());

  it.each(SEEDS)("tell the same to the same, seed %i", async (seed) => {
    const theirs = await hearServer(redis.port, CONNECTIONS);
    const node = startNode();
    node.world.nowMs = Date.now();
    const ours = hearNode(node, theirs);
    await theirs.say(0, [["DEBUG", "SET-ACTIVE-EXPIRE", "0"]]);
    for (const hearing of [theirs, ours]) await prepare(hearing);
    const difference = await compare({ ours, theirs }, seededRandom(seed), STEPS);
    theirs.close();
    expect(difference).toBeUndefined();
  });
});
