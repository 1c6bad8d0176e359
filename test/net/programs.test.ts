// Random programs over all types: a share of what `npm run differential` plays.

import { describe, expect, it } from "vitest";

import { GROUPS } from "../differential/groups.ts";
import { play } from "../differential/play.ts";
import { hasRedis } from "../support/redis.ts";

const COMMANDS = 20_000;
/** Every group has its turn, whatever the seeds draw. */
const COMMANDS_EACH = 2000;

describe.skipIf(!hasRedis)("random programs do the same on redis-server and here", () => {
  it("with everything in them", { timeout: 120_000 }, async () => {
    expect((await play({ seed: 1, count: COMMANDS, against: "redis" })).failure).toBeUndefined();
  });

  it.each(GROUPS.map(({ name }) => name))("with %s", async (name) => {
    const plan = { seed: 1, count: COMMANDS_EACH, against: "redis", groups: [name] } as const;
    expect((await play(plan)).failure).toBeUndefined();
  });
});

describe("random programs leave the same on a replica", () => {
  it("with everything in them", { timeout: 120_000 }, async () => {
    const plan = { seed: 1, count: COMMANDS / 2, against: "replica" } as const;
    expect((await play(plan)).failure).toBeUndefined();
  });
});
