// Our node follows a stock redis-server: moving in. Behind it a replica over a WebSocket and one over TCP.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf, isLinkUp } from "../support/server-facts.ts";
import { differences, startStock, syncsOf, untilLevel } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";
import { until } from "../support/until.ts";

const PASSWORD = "secret-of-stock";
const USER = "replicator";
const ROUNDS = 5;
const WRITES = 1000;

type Settings = Readonly<Record<string, string>>;

const COMPACT: Settings = {
  "hash-max-listpack-entries": "128",
  "hash-max-listpack-value": "64",
  "list-max-listpack-size": "-2",
  "set-max-intset-entries": "512",
  "zset-max-listpack-entries": "128",
  "zset-max-listpack-value": "64",
  "hll-sparse-max-bytes": "3000",
  "stream-node-max-entries": "100",
  rdbcompression: "yes",
  rdbchecksum: "yes",
  "maxmemory-policy": "noeviction",
  "list-compress-depth": "0",
};
const PLAIN: Settings = {
  "hash-max-listpack-entries": "0",
  "list-max-listpack-size": "2",
  "set-max-intset-entries": "0",
  "zset-max-listpack-entries": "0",
  "hll-sparse-max-bytes": "0",
  "stream-node-max-entries": "2",
  rdbcompression: "no",
};

/** What makes redis-server write each of its encodings, with and without the marks of LRU and LFU. */
const FORMS: readonly (readonly [form: string, settings: Settings])[] = [
  ["on disk, everything compact", { "repl-diskless-sync": "no" }],
  ["on disk, nothing compact", { "repl-diskless-sync": "no", ...PLAIN }],
  ["diskless, everything compact, LRU", { "maxmemory-policy": "allkeys-lru" }],
  ["diskless, nothing compact, LFU", { ...PLAIN, "maxmemory-policy": "allkeys-lfu" }],
  ["diskless, lists compressed", { "list-max-listpack-size": "1", "list-compress-depth": "1" }],
];

describe.skipIf(!hasRedis)("a node that follows redis-server", { timeout: 60_000 }, () => {
  const random = seededRandom(3);
  let served: Served;
  let redis: Redis;
  let proxy: Proxy;
  let onRedis: RespClient;
  let onNode: RespClient;
  let onWeur: RespClient;
  let onApac: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: ["weur", "apac"] });
    redis = await startStock({ requirepass: PASSWORD });
    proxy = await startProxy({ port: redis.port });
    onRedis = await RespClient.tcp(redis.port);
    onNode = await RespClient.tcp(served.ports.master);
    onWeur = await RespClient.tcp(served.ports["weur"]!);
    onApac = await RespClient.tcp(served.ports["apac"]!);
    await onRedis.send("AUTH", PASSWORD);
    await onRedis.send(
      "ACL",
      "SETUSER",
      USER,
      "on",
      `>${PASSWORD}`,
      "+psync",
      "+replconf",
      "+ping",
    );
    await onApac.send("REPLICAOF", "127.0.0.1", `${served.ports["weur"]}`);
    for (const client of [onNode, onWeur, onApac]) {
      await client.send("CONFIG", "SET", "repl-reconnect-max-ms", "200");
      // Streams have all their counters over TCP too.
      await client.send("CONFIG", "SET", "rdb-redis-version-min", "7");
    }
  });
  afterAll(async () => {
    await served.stop();
    await proxy.close();
    await redis.stop();
  });
  beforeEach(async () => {
    await onRedis.send("SELECT", "0");
    await onNode.send("SELECT", "0");
  });

  async function follow(): Promise<void> {
    await onNode.send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
  }

  async function set(settings: Settings): Promise<void> {
    await onRedis.send("CONFIG", "SET", ...Object.entries(settings).flat());
  }

  async function write(count = WRITES): Promise<void> {
    await onRedis.pipeline(randomWrites(random, count));
    await onRedis.send("DISCARD");
  }

  /** The node, and those behind it. */
  async function expectSame(): Promise<void> {
    await untilLevel(onRedis, onNode);
    expect(await differences(onRedis, onNode)).toEqual([]);
    for (const client of [onWeur, onApac]) {
      await untilLevel(onRedis, client);
      expect(await differences(onRedis, client)).toEqual([]);
    }
  }

  it("needs the password, and says so", async () => {
    await onNode.send("SET", "old", "data");
    await follow();
    const reason = async (): Promise<string | undefined> =>
      (await infoOf(onNode, "replication")).get("master_link_down_reason");
    await until("a reason", async () => /NOAUTH/.test((await reason()) ?? ""));
    await onNode.send("CONFIG", "SET", "masteruser", USER, "masterauth", "wrong");
    await until("a reason", async () => (await reason()) === "auth-refused");
    expect(await onNode.send("GET", "old")).toBe("data");
    await onNode.send("CONFIG", "SET", "masterauth", PASSWORD);
    await expectSame();
    expect(await onNode.send("GET", "old")).toBe(null);
    await onNode.send("CONFIG", "SET", "masteruser", "");
  });

  it.each(FORMS)("loads a full sync %s", async (_form, settings) => {
    await onNode.send("REPLICAOF", "NO", "ONE");
    // It had the same history and would go on with it.
    await onNode.send("SET", "own", "data");
    await onRedis.send("FLUSHALL");
    await set({ ...COMPACT, "repl-diskless-sync": "yes", ...settings });
    await write(3000);
    const long = ["RPUSH", "long", ...Array.from({ length: 300 }, (_, i) => `${i}`.repeat(i))];
    await onRedis.pipeline([["SELECT", "9"], long]);
    const [full] = await syncsOf(onRedis);
    await follow();
    await expectSame();
    expect((await syncsOf(onRedis))[0]).toBe(`${Number(full) + 1}`);
  });

  it("applies writes of all types in all databases, and so do those behind it", async () => {
    await set(COMPACT);
    const [full] = await syncsOf(onRedis);
    for (let round = 0; round < ROUNDS; round++) {
      await write();
      await expectSame();
    }
    expect((await syncsOf(onRedis))[0]).toBe(full);
  });

  it("acknowledges: WAIT of redis-server counts it", async () => {
    await onRedis.send("SET", "counted", "1");
    expect(await onRedis.send("WAIT", "1", "10000")).toBe(1);
  });

  it("goes on with a partial resync when the link is cut", async () => {
    const [full, partial, refused] = await syncsOf(onRedis);
    for (let cut = 1; cut <= 3; cut++) {
      proxy.cut();
      await write();
      await expectSame();
      expect(await syncsOf(onRedis)).toEqual([full, `${Number(partial) + cut}`, refused]);
    }
  });

  it("goes on with a partial resync when our process dies and comes back", async () => {
    const [full, partial, refused] = await syncsOf(onRedis);
    await served.kill9();
    await served.restart();
    onNode = await RespClient.tcp(served.ports.master);
    onWeur = await RespClient.tcp(served.ports["weur"]!);
    onApac = await RespClient.tcp(served.ports["apac"]!);
    await write();
    await expectSame();
    expect(await syncsOf(onRedis)).toEqual([full, `${Number(partial) + 1}`, refused]);
  });

  it("takes a full sync, and so do those behind it, where the backlog does not reach", async () => {
    await onRedis.send("CONFIG", "SET", "repl-backlog-size", "16kb");
    const [full, partial, refused] = await syncsOf(onRedis);
    proxy.cutAfter(0);
    proxy.cut();
    await until("the link down", async () => !(await isLinkUp(onNode)));
    await onRedis.run(Array.from({ length: 500 }, (_, i) => ["SET", `k${i}`, "x".repeat(1000)]));
    proxy.cutAfter(undefined);
    await expectSame();
    const counts = [`${Number(full) + 1}`, partial, `${Number(refused) + 1}`];
    expect(await syncsOf(onRedis)).toEqual(counts);
    await onRedis.send("CONFIG", "SET", "repl-backlog-size", "1mb");
  });

  it("is the master with nothing lost, and takes redis-server back with a partial resync", async () => {
    await write();
    await untilLevel(onRedis, onNode);
    await onRedis.send("CLIENT", "PAUSE", "100000", "WRITE");
    await untilLevel(onRedis, onNode);
    await onNode.send("REPLICAOF", "NO", "ONE");
    expect(await differences(onRedis, onNode)).toEqual([]);
    await onRedis.send("CLIENT", "UNPAUSE");

    const [full, partial] = await syncsOf(onNode);
    await onNode.send("SET", "moved", "in");
    await onRedis.send("REPLICAOF", "127.0.0.1", `${served.ports.master}`);
    await untilLevel(onNode, onRedis);
    expect(await differences(onNode, onRedis)).toEqual([]);
    const [fullNow, partialNow] = await syncsOf(onNode);
    expect(fullNow).toBe(full);
    expect(Number(partialNow)).toBeGreaterThan(Number(partial));
    for (const client of [onWeur, onApac]) {
      await untilLevel(onNode, client);
      expect(await differences(onNode, client)).toEqual([]);
    }
  });
});
