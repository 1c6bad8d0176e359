// Our node follows a stock redis-server.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { differences, startStock, syncsOf, untilLevel } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";

describe.skipIf(!hasRedis)("a node that follows redis-server", { timeout: 120_000 }, () => {
  let served: Served;
  let redis: Redis;
  let onRedis: RespClient;
  let onNode: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: ["weur"] });
    redis = await startStock();
    onRedis = await RespClient.tcp(redis.port);
    onNode = await RespClient.tcp(served.ports.master);
  });
  afterAll(async () => {
    await served.stop();
    await redis.stop();
  });
  it("x", async () => {
    const random = seededRandom(3);
    await onRedis.pipeline(randomWrites(random, 3000));
    await onRedis.send("DISCARD");
    await onNode.send("REPLICAOF", "127.0.0.1", `${redis.port}`);
    await untilLevel(onRedis, onNode, {timeoutMs: 10000}).catch(async (e) => { console.log(await onNode.send("INFO", "replication")); throw e; });
    expect(await differences(onRedis, onNode)).toEqual([]);
    await onRedis.send("SELECT", "0");
    const stream = await (await import("../support/redis-stream.ts")).redisStream(redis.port);
    for (let i = 0; i < 20; i++) {
      await onRedis.pipeline(randomWrites(random, 1000));
      await onRedis.send("DISCARD");
    await untilLevel(onRedis, onNode, {timeoutMs: 10000}).catch(async (e) => { console.log(await onNode.send("INFO", "replication")); throw e; });
      const d = await differences(onRedis, onNode);
      await onRedis.send("PUBLISH", "mark", "");
      const units = await stream.until("mark");
      if (d.length) { console.log(d.join("\n")); 
        for (const line of d) { const m = /^(\d+) ("(?:[^"\\]|\\.)*"):/.exec(line); const db=Number(m![1]), name=JSON.parse(m![2]!);
          console.log(db,name, units.flat().filter((e)=>e.db===db && e.args.slice(1).includes(name)).slice(-30).map(e=>JSON.stringify(e.args)).join("\n"));
          for (const c of [onRedis,onNode]) { await c.send("SELECT", String(db)); console.log(JSON.stringify(await c.send("DUMP", name)), JSON.stringify(await c.send("GET", name))) }
        }
      }
      expect(d).toEqual([]);
    }
    console.log(await syncsOf(onRedis));
  });
});
