// Redis Sentinel watches two nodes of ours, one following the other. When the master dies it promotes the
// replica, and when the old master comes back it follows the new one.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Child, startChild } from "../support/child.ts";
import { freePort, hasRedis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { differences, untilLevel } from "../support/stock.ts";
import { until } from "../support/until.ts";

const NAME = "ours";
const PASSWORD = "secret-of-sentinel";
const WAIT = { timeoutMs: 40_000 };

describe.skipIf(!hasRedis)("Sentinel on two nodes", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-sentinel-"));
  let [first, second]: Served[] = [];
  let sentinel: Child;
  let onSentinel: RespClient;
  let onFirst: RespClient;
  let onSecond: RespClient;
  beforeAll(async () => {
    const options = { standalone: true, replicas: [], password: PASSWORD };
    [first, second] = await Promise.all([serve(options), serve(options)]);
    onFirst = await open(first);
    onSecond = await open(second);
    await onFirst.send("SET", "before", "1");
    await onSecond.send("REPLICAOF", "127.0.0.1", `${first.ports.master}`);
    await untilLevel(onFirst, onSecond);

    const port = await freePort();
    const lines = [
      `port ${port}`,
      `dir "${folder}"`,
      "bind 127.0.0.1",
      `sentinel monitor ${NAME} 127.0.0.1 ${first.ports.master} 1`,
      `sentinel auth-pass ${NAME} ${PASSWORD}`,
      `sentinel down-after-milliseconds ${NAME} 1000`,
      `sentinel failover-timeout ${NAME} 5000`,
    ];
    const file = path.join(folder, "sentinel.conf");
    writeFileSync(file, lines.join("\n"));
    sentinel = startChild(["redis-server", file, "--sentinel"]);
    onSentinel = await until("sentinel", () => RespClient.tcp(port));
  });
  afterAll(async () => {
    await sentinel.stop();
    await first!.stop();
    await second!.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(served: Served): Promise<RespClient> {
    const client = await RespClient.tcp(served.ports.master);
    await client.send("AUTH", PASSWORD);
    return client;
  }

  /** The facts that Sentinel tells of a master, a replica, or another sentinel. */
  async function facts(...question: string[]): Promise<Map<string, string>> {
    const reply = (await onSentinel.send("SENTINEL", ...question)) as (string | string[])[];
    const flat = (Array.isArray(reply[0]) ? reply[0] : reply) as string[];
    return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!]] : [])));
  }

  it("knows master and replica, and that they are well", async () => {
    const master = await until(
      "a replica that is known",
      async () => {
        const known = await facts("MASTER", NAME);
        return known.get("num-slaves") === "1" && known.get("flags") === "master" ? known : false;
      },
      WAIT,
    );
    expect(master.get("runid")).toBe((await infoOf(onFirst, "server")).get("run_id"));
    const replica = await until(
      "a replica that is linked",
      async () => {
        const known = await facts("REPLICAS", NAME);
        return known.get("master-link-status") === "ok" ? known : false;
      },
      WAIT,
    );
    expect(replica.get("port")).toBe(`${second!.ports.master}`);
    expect([replica.get("flags"), replica.get("role-reported")]).toEqual(["slave", "slave"]);
  });

  it("says hello by way of both", async () => {
    for (const served of [first!, second!]) {
      const listener = await open(served);
      await listener.send("SUBSCRIBE", "__sentinel__:hello");
      const message = (await listener.next()) as string[];
      expect(message.slice(0, 2)).toEqual(["message", "__sentinel__:hello"]);
      expect(message[2]).toContain(`,${NAME},127.0.0.1,${first!.ports.master},`);
      listener.close();
    }
  });

  it("promotes the replica when the master dies, with all it had", async () => {
    await onFirst.send("SET", "last", "2");
    expect(await onFirst.send("WAIT", "1", "10000")).toBe(1);
    await first!.kill9();
    await until(
      "the failover",
      async () => {
        const address = await onSentinel.send("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME);
        return (address as string[])[1] === `${second!.ports.master}`;
      },
      WAIT,
    );
    // As a cautious client, anew: those of before are killed in a failover.
    onSecond = await open(second!);
    await until(
      "the role",
      async () => (await infoOf(onSecond, "replication")).get("role") === "master",
    );
    expect(await onSecond.send("MGET", "before", "last")).toEqual(["1", "2"]);
    await onSecond.send("SET", "after", "3");
  });

  it("has the old master follow the new one when it is back", async () => {
    await first!.restart();
    await until(
      "the order",
      async () => {
        // Sentinel kills a node's clients when it gives such an order.
        const client = await open(first!);
        const role = (await infoOf(client, "replication")).get("role");
        client.close();
        return role === "slave";
      },
      WAIT,
    );
    onFirst = await open(first!);
    await untilLevel(onSecond, onFirst);
    expect(await onFirst.send("GET", "after")).toBe("3");
    expect(await differences(onSecond, onFirst)).toEqual([]);
  });
});
