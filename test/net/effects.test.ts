// What the effect cases of all groups say is what a redis-server sends its replicas.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { showUnits } from "../engine/effect-cases.ts";
import { ALL_EFFECT_CASES } from "../engine/effects/all.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { redisStream, type RedisStream } from "../support/redis-stream.ts";
import { socketClient } from "../support/socket-place.ts";

const RULES = ALL_EFFECT_CASES.map((row) => [row.rule, row] as const);

describe.skipIf(!hasRedis)("what redis-server propagates", () => {
  let redis: Redis;
  let stream: RedisStream;
  beforeAll(async () => {
    redis = await startRedis({ "enable-debug-command": "yes" });
    stream = await redisStream(redis.port);
  });
  afterAll(async () => {
    stream.close();
    await redis.stop();
  });

  it.each(RULES)("%s", async (_rule, { given, when, stream: expected, isAnyOrder }) => {
    const client = await socketClient(redis.port);
    // A cycle of active expiry between two commands would change what the second one meets.
    await client.send(["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
    await client.send(["FLUSHALL"]);
    for (const args of given) await client.send(args);
    await client.send(["SELECT", "0"]);
    await client.send(["PUBLISH", "given", ""]);
    await stream.until("given");

    const nowMs = Date.now();
    for (const args of when) await client.send(args);
    await client.send(["PUBLISH", "done", ""]);
    const shown = showUnits(await stream.until("done"), nowMs);
    client.close();
    expect(isAnyOrder ? shown.toSorted() : shown).toEqual(expected);
  });
});
