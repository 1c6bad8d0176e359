// Settings beside those of redis-server.

import { describe, expect, it } from "vitest";

import { Config } from "../../shared/engine/config.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { SETTINGS } from "../../shared/engine/settings.ts";
import { hasRedis, startRedis } from "../support/redis.ts";
import { socketClient } from "../support/socket-place.ts";

/** What depends on where a server runs. */
const OF_THE_PLACE = ["bind", "dir", "port"];

describe.skipIf(!hasRedis)("a setting that redis-server has too", () => {
  it("has the same default, in the same form, or says what differs", async () => {
    const redis = await startRedis();
    const client = await socketClient(redis.port);
    const flat = (await client.send(["CONFIG", "GET", "*"])) as string[];
    client.close();
    await redis.stop();

    const theirs = new Map<string, string>();
    for (let i = 0; i < flat.length; i += 2) theirs.set(flat[i]!, flat[i + 1]!);
    const explained = SETTINGS.filter(({ about }) => about !== "").map(({ name }) => name);
    const config = new Config(new MemoryStore());
    const differing = config.match(["*"]).filter(([name, value]) => {
      if (OF_THE_PLACE.includes(name) || explained.includes(name)) return false;
      return theirs.has(name) && theirs.get(name) !== value;
    });
    expect(differing).toEqual([]);
    expect(theirs.size).toBeGreaterThan(100);
  });
});
