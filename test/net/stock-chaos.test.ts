// A stock redis-server and a node of ours, one following the other, while a client writes what chance
// gives it, links are cut and processes die: in the end both hold the same at the same offset, and what
// could go on without a full sync did.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { freePort, hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { differences, startStock, syncsOf, untilLevel } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";
import { until } from "../support/until.ts";

const ROUNDS = scaled({ short: 6, full: 100 });
const WRITES_MAX = 600;
const TIMEOUT_MS = 60_000 + ROUNDS * 10_000;

/** What happens in a round, and what it may cost at most. */
const EVENTS = ["cut", "cut", "kill replica", "ours dies", "redis restarts"] as const;

describe.skipIf(!hasRedis).each(["in", "out"] as const)("moving %s", (way) => {
  const random = seededRandom(way === "in" ? 21 : 22);
  /** The writer's own, so that the rounds are the same ones whoever is faster. */
  const writes = seededRandom(23);
  const upTo = (end: number): number => Math.floor(random.next() * end);
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-chaos-"));
  let port = 0;
  let served: Served;
  let redis: Redis;
  let proxy: Proxy;
  let onNode: RespClient;
  let onRedis: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
    port = await freePort();
    await startRedisAgain();
    onNode = await RespClient.tcp(served.ports.master);
    await onNode.send("CONFIG", "SET", "repl-reconnect-max-ms", "200");
    // Streams get to redis-server with all their counters.
    await onNode.send("CONFIG", "SET", "rdb-redis-version-min", "7");
    proxy = await startProxy({ port: way === "in" ? port : served.ports.master });
    await replica().send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
    await untilLevel(master(), replica());
  });
  afterAll(async () => {
    await proxy.close();
    await redis.stop();
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const master = (): RespClient => (way === "in" ? onRedis : onNode);
  const replica = (): RespClient => (way === "in" ? onNode : onRedis);

  /** With its data and, after SHUTDOWN, its place in the history. */
  async function startRedisAgain(): Promise<void> {
    const replicaof = way === "out" && proxy !== undefined ? `127.0.0.1 ${proxy.port}` : undefined;
    const config = { save: "3600 1", ...(replicaof === undefined ? {} : { replicaof }) };
    redis = await startStock(config, { port, folder });
    onRedis = await RespClient.tcp(port);
  }

  /** Writes until it is told to stop, or the master goes away. */
  function writeOn(): { stop(): Promise<void> } {
    let isStopped = false;
    const work = (async () => {
      const writer = await RespClient.tcp(way === "in" ? port : served.ports.master);
      try {
        while (!isStopped) await writer.pipeline(randomWrites(writes, 50));
        await writer.send("DISCARD");
      } catch {
        // Its server is gone.
      }
      writer.close();
    })();
    return {
      stop: async () => {
        isStopped = true;
        await work;
      },
    };
  }

  async function happen(event: (typeof EVENTS)[number]): Promise<void> {
    if (event === "cut") proxy.cut();
    else if (event === "kill replica") await master().send("CLIENT", "KILL", "TYPE", "replica");
    else if (event === "ours dies") {
      await served.kill9();
      await served.restart();
      onNode = await RespClient.tcp(served.ports.master);
    } else {
      // SHUTDOWN waits for the replicas it has: one that is away just then needs a full sync, Redis's own too.
      if (way === "in") await untilFollowed(onRedis);
      // It keeps its place in the history in its file, and comes back with it.
      const client = await RespClient.tcp(port);
      void client.send("SHUTDOWN").catch(() => undefined);
      await client.closed;
      await redis.ended;
      await startRedisAgain();
    }
  }

  it(
    `ends alike after ${ROUNDS} rounds`,
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const before = await syncsOf(master());
        const writing = writeOn();
        await master().pipeline(randomWrites(random, upTo(WRITES_MAX)));
        await master().send("DISCARD");
        const event = EVENTS[upTo(EVENTS.length)]!;
        // Redis 7.0 crashes where a SHUTDOWN holds back a client that has waited for a key once.
        if (event === "redis restarts") await writing.stop();
        await happen(event);
        await writing.stop();
        await untilLevel(master(), replica());
        const found = await differences(master(), replica());
        const after = await syncsOf(master());
        const isAnew = Number(after[1]) < Number(before[1]) || Number(after[0]) < Number(before[0]);
        const full = Number(after[0]) - (isAnew ? 0 : Number(before[0]));
        expect({ round, event, found }).toEqual({ round, event, found: [] });
        const refusals = refusalsIn(full > 0 ? redis.output() : "");
        expect({ round, event, full, refusals }).toEqual({ round, event, full: 0, refusals: [] });
      }
    },
    TIMEOUT_MS,
  );
});

/** Waits until the master has its replica at the other end of a link. */
async function untilFollowed(master: RespClient): Promise<void> {
  const isOnline = async (): Promise<boolean> =>
    /state=online/.test((await infoOf(master, "replication")).get("slave0") ?? "");
  await until("the replica to be online", isOnline);
}

/** What redis-server says of resyncs it refuses. */
function refusalsIn(output: string): string[] {
  return output.split("\n").filter((line) => /resync.* not |Unable to partial/i.test(line));
}
