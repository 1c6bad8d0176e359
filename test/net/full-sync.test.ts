// Full syncs under trouble, between two deployments: a transfer that breaks, a side that restarts, a
// replica that stops reading.

import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Proxy, startProxy } from "../support/proxy.ts";
import { type Args, RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { asText, digestOf, infoOf, isLinkUp, offsetOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const KEYS = scaled({ short: 5_000, full: 50_000 });
const VALUE = "x".repeat(200);
const UNREAD_BYTES = scaled({ short: 32, full: 256 }) * 1024 ** 2;
/** Whatever a master needs anyway while it takes so many writes: garbage not yet collected, SQLite. */
const RESIDENT_GROWTH_MAX = 160 * 1024 ** 2;

/** How a node of another deployment is told where its master is. */
const WAYS = [
  ["host port", (port: number): string[] => ["127.0.0.1", `${port}`]],
  ["ws://", (port: number): string[] => [`ws://127.0.0.1:${port}/resp?node=master`]],
] as const;

describe("a replica in another deployment", { timeout: 240_000 }, () => {
  let master: Served;
  let replica: Served;
  let onMaster: RespClient;
  let onReplica: RespClient;
  /** In front of the master's RESP port, and of its HTTP port. */
  let proxies: readonly [Proxy, Proxy];
  beforeAll(async () => {
    [master, replica] = await Promise.all([serve({ replicas: [] }), serve({ replicas: [] })]);
    proxies = [
      await startProxy({ port: master.ports.master }),
      await startProxy({ port: Number(new URL(master.http).port) }),
    ];
    onMaster = await RespClient.tcp(master.ports.master);
    onReplica = await RespClient.tcp(replica.ports.master);
    await onMaster.run(numbered(KEYS, VALUE));
  });
  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await master.stop();
    await replica.stop();
  });

  async function alone(): Promise<void> {
    for (const proxy of proxies) proxy.cutAfter(undefined);
    await onReplica.send("REPLICAOF", "NO", "ONE");
    await onReplica.send("FLUSHALL");
    await onReplica.send("SET", "old", "data");
  }

  async function sameAsMaster(): Promise<void> {
    await until("the link up", () => isLinkUp(onReplica), { timeoutMs: 60_000 });
    await until(
      "the offset",
      async () => (await offsetOf(onReplica)) === (await offsetOf(onMaster)),
    );
    expect(await digestOf(onReplica)).toBe(await digestOf(onMaster));
  }

  it.each(WAYS)("by %s serves its old data while a full sync breaks off", async (way, address) => {
    await alone();
    const proxy = proxies[way === "ws://" ? 1 : 0];
    proxy.cutAfter(Math.floor((KEYS * VALUE.length) / 2));
    await onReplica.send("REPLICAOF", ...address(proxy.port));
    // Whenever it breaks off, what is there is the old data, whole; or, in the end, the new.
    const whole = ["data, 1", `null, ${(await onMaster.send("DBSIZE")) as number}`];
    const seen = new Set<string>();
    let broken = 0;
    let wasLoading = false;
    await until(
      "three broken transfers, or the link up",
      async () => {
        const info = await infoOf(onReplica, "replication");
        const isLoading = info.get("master_sync_in_progress") === "1";
        if (wasLoading && !isLoading) broken++;
        wasLoading = isLoading;
        if (info.get("master_link_status") === "up") return true;
        const [old, size] = await onReplica.pipeline([["GET", "old"], ["DBSIZE"]]);
        const isUp = await isLinkUp(onReplica);
        if (!isUp) seen.add(`${old as string | null}, ${size as number}`);
        return broken >= 3;
      },
      { timeoutMs: 60_000 },
    );
    expect([...seen].filter((state) => !whole.includes(state))).toEqual([]);
    proxy.cutAfter(undefined);
    await sameAsMaster();
    expect(await onReplica.send("GET", "old")).toBe(null);
  });

  it("by ws:// goes on with a broken transfer where it broke off", async () => {
    await alone();
    const [, proxy] = proxies;
    const before = proxy.bytes;
    proxy.cutAfter(Math.floor((KEYS * VALUE.length) / 3));
    await onReplica.send("REPLICAOF", `ws://127.0.0.1:${proxy.port}/resp?node=master`);
    await until("the link up", () => isLinkUp(onReplica), { timeoutMs: 60_000 });
    await sameAsMaster();
    const size = (await (await fetch(`${master.http}/v1/nodes/master/snapshot`)).arrayBuffer())
      .byteLength;
    expect(proxy.bytes - before).toBeLessThan(size * 1.5);
  });

  it.each(WAYS)(
    "by %s goes on without a full sync when either side restarts",
    async (way, address) => {
      await alone();
      const port = way === "ws://" ? Number(new URL(master.http).port) : master.ports.master;
      await onReplica.send("REPLICAOF", ...address(port));
      await sameAsMaster();

      await onMaster.send("SET", "before", way);
      await until("the write", async () => (await onReplica.send("GET", "before")) === way);
      await replica.kill9();
      await onMaster.send("SET", "meanwhile", way);
      await replica.restart();
      onReplica = await RespClient.tcp(replica.ports.master);
      await until("the write", async () => (await onReplica.send("GET", "meanwhile")) === way);

      await master.kill9();
      await master.restart();
      onMaster = await RespClient.tcp(master.ports.master);
      await onMaster.send("SET", "after", way);
      await until("the write", async () => (await onReplica.send("GET", "after")) === way);
      const stats = await infoOf(onMaster, "stats");
      expect([stats.get("sync_full"), stats.get("sync_partial_ok")]).toEqual(["0", "1"]);
      await sameAsMaster();
    },
  );

  it("costs the master no memory when it stops reading", async () => {
    await alone();
    const [proxy] = proxies;
    await onReplica.send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
    await sameAsMaster();
    // What memory a master takes for so many writes anyway, it takes before.
    const big = "y".repeat(100_000);
    const count = Math.ceil(UNREAD_BYTES / big.length);
    await onMaster.run(repeated(count, big));
    await sameAsMaster();
    const residentBytes = master.residentBytes();

    proxy.pause(true);
    await onMaster.run(repeated(count, big));
    const growth = master.residentBytes() - residentBytes;
    const shown = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;
    const figures = `${shown(count * big.length)} unread, resident memory grew by ${shown(growth)}`;
    process.stdout.write(`a replica that stops reading: ${figures}\n`);
    expect(growth).toBeLessThan(RESIDENT_GROWTH_MAX);

    proxy.pause(false);
    await sameAsMaster();
    expect(asText(await onReplica.send("GET", "big:0"))).toBe(big);
  }, 240_000);
});

function* numbered(count: number, value: string): Generator<Args> {
  for (let i = 0; i < count; i++) yield ["SET", `key:${i}`, value + i];
}

function* repeated(count: number, value: string): Generator<Args> {
  for (let i = 0; i < count; i++) yield ["SET", `big:${i % 10}`, value];
}
