// A stock redis-server follows our node: over TCP, and through the bridge.

import { once } from "node:events";
import { connect } from "node:net";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { type Child, startChild } from "../support/child.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { ROOT, serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { differences, startStock, syncsOf, untilLevel } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";
import { until } from "../support/until.ts";

const PASSWORD = "secret-of-stock";
const BIG = "x".repeat(100_000);
const BIGS = 80;
const ROUNDS = 5;
const WRITES = 1000;

/** How the stock replica comes to us. */
const WAYS = ["TCP", "the bridge", "the bridge without multiplexing"] as const;

describe.skipIf(!hasRedis).each(WAYS)(
  "redis-server follows over %s",
  { timeout: 60_000 },
  (way) => {
    const random = seededRandom(5);
    let served: Served;
    let bridge: Child | undefined;
    let proxy: Proxy;
    let redis: Redis;
    let below: Redis;
    let onNode: RespClient;
    let onRedis: RespClient;
    let onBelow: RespClient;
    beforeAll(async () => {
      served = await serve({ replicas: [], password: PASSWORD });
      const port = way === "TCP" ? served.ports.master : await startBridge();
      proxy = await startProxy({ port });
      redis = await startStock({ masterauth: PASSWORD, requirepass: PASSWORD });
      below = await startStock({ masterauth: PASSWORD });
      onRedis = await RespClient.tcp(redis.port);
      await onRedis.send("AUTH", PASSWORD);
      onBelow = await RespClient.tcp(below.port);
      await openNode();
      // Streams get there with all their counters.
      await onNode.send("CONFIG", "SET", "rdb-redis-version-min", "7");
      await write(2000);
      // Several windows' worth: a bridge tells how far its client is, or nothing more would come.
      await onNode.run(Array.from({ length: BIGS }, (_, i) => ["SET", `big:${i}`, BIG]));
      await onRedis.send("SET", "old", "data");
      await onRedis.send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
      await onBelow.send("REPLICAOF", "127.0.0.1", `${redis.port}`);
    });
    afterAll(async () => {
      await below.stop();
      await redis.stop();
      await proxy.close();
      await bridge?.stop();
      await served.stop();
    });
    beforeEach(async () => {
      await untilLevel(onNode, onRedis);
      await untilLevel(onNode, onBelow);
    });

    async function startBridge(): Promise<number> {
      const script = path.join(ROOT, "scripts/bridge.ts");
      const more = way === "the bridge" ? [] : ["--no-multiplex"];
      const child = startChild([process.execPath, script, served.http, "--port", "0", ...more]);
      bridge = child;
      const ready = await until(
        "the bridge",
        () => /^ready .*:(\d+) ->/m.exec(child.output()) ?? false,
      );
      return Number(ready[1]);
    }

    async function openNode(): Promise<void> {
      onNode = await RespClient.tcp(served.ports.master);
      await onNode.send("AUTH", PASSWORD);
    }

    async function write(count = WRITES): Promise<void> {
      await onNode.pipeline(randomWrites(random, count));
      await onNode.send("DISCARD");
    }

    async function expectSame(): Promise<void> {
      await untilLevel(onNode, onRedis);
      expect(await differences(onNode, onRedis)).toEqual([]);
      await untilLevel(onNode, onBelow);
      expect(await differences(onNode, onBelow)).toEqual([]);
    }

    it("loads a full sync in the place of what it had", async () => {
      expect(await onRedis.send("GET", "old")).toBe(null);
      await expectSame();
      expect((await syncsOf(onNode))[0]).toBe("1");
      // Digests are slow.
      for (let db = 0; db < 16; db++) {
        await onNode.send("SELECT", `${db}`);
        await onNode.send("DEL", ...Array.from({ length: BIGS }, (_, i) => `big:${i}`));
      }
    });

    it("applies writes of all types in all databases, and so does its own replica", async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await write();
        await expectSame();
      }
      expect((await syncsOf(onNode))[0]).toBe("1");
    });

    it("acknowledges: INFO tells how far it is, and WAIT counts it", async () => {
      await onNode.send("SET", "counted", "1");
      expect(await onNode.send("WAIT", "1", "10000")).toBe(1);
      const info = await infoOf(onNode, "replication");
      expect(info.get("slave0")).toMatch(/^ip=.*,port=\d+,state=online,offset=\d+,lag=[01]$/);
    });

    it("goes on with a partial resync when the link is cut", async () => {
      const [full, partial] = await syncsOf(onNode);
      for (let cut = 1; cut <= 3; cut++) {
        proxy.cut();
        await write();
        await expectSame();
        expect(await syncsOf(onNode)).toEqual([full, `${Number(partial) + cut}`, "1"]);
      }
    });

    it("goes on with a partial resync when our process dies and comes back", async () => {
      await write();
      await served.kill9();
      await served.restart();
      await openNode();
      await write();
      await expectSame();
      expect(await syncsOf(onNode)).toEqual(["0", "1", "0"]);
    });

    it("goes on with a partial resync when it was away itself, for as long as our log reaches", async () => {
      const [full, partial] = await syncsOf(onNode);
      proxy.cutAfter(0);
      proxy.cut();
      await onNode.run(Array.from({ length: 2000 }, (_, i) => ["SET", `k${i}`, "x".repeat(1000)]));
      proxy.cutAfter(undefined);
      await expectSame();
      expect((await syncsOf(onNode)).slice(0, 2)).toEqual([full, `${Number(partial) + 1}`]);
    });

    it("keeps following while a replica that sends garbage is dropped", async () => {
      const [full, partial] = await syncsOf(onNode);
      for (const garbage of [
        "*1\r\n$-5\r\n",
        "*1\r\n\x80\x00\xff\r\n",
        "*2\r\n$8\r\nREPLCONF\r\n:\r\n",
      ]) {
        const socket = connect({ port: served.ports.master, host: "127.0.0.1" });
        for (const line of [`AUTH ${PASSWORD}`, "REPLCONF capa eof", "PSYNC ? -1"]) {
          socket.write(`${line}\r\n`);
          await once(socket, "data");
        }
        const closed = once(socket.resume(), "close");
        await until("a second replica", async () => {
          return (await infoOf(onNode, "replication")).get("connected_slaves") === "2";
        });
        socket.write(garbage, "latin1");
        await closed;
      }
      await write();
      await expectSame();
      expect((await syncsOf(onNode))[1]).toEqual(partial);
      expect(Number((await syncsOf(onNode))[0])).toBe(Number(full) + 3);
    });

    it("becomes a master with all it had, and takes us back as its replica with a partial resync", async () => {
      await write();
      await expectSame();
      await onRedis.send("REPLICAOF", "NO", "ONE");
      await onRedis.pipeline([
        ["SELECT", "0"],
        ["SET", "moved", "out"],
      ]);
      await onNode.send("REPLICAOF", "127.0.0.1", `${redis.port}`);
      await untilLevel(onRedis, onNode);
      await onNode.send("SELECT", "0");
      expect(await onNode.send("GET", "moved")).toBe("out");
      expect(await differences(onRedis, onNode)).toEqual([]);
      expect((await syncsOf(onRedis)).slice(0, 2)).toEqual(["1", "2"]);
    });
  },
);
