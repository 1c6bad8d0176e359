// Reads near the caller, on a served instance: REST with Upstash's SDK, and RESP over a WebSocket.

import { Redis } from "@upstash/redis";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { until } from "../support/until.ts";

let served: Served;
beforeAll(async () => {
  served = await serve({ replicas: ["weur", "apac"] });
  placeCallers();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await served.stop();
});

/** A caller in a region, which it offers as token: none is asked for, and the SDK takes no headers. */
function sdkIn(region: string): Redis {
  return new Redis({ url: served.http, token: region });
}

/** What Cloudflare would know of where a caller is, on its way out. */
function placeCallers(): void {
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const headers = new Headers(init?.headers);
    const region = /^Bearer (\S+)$/.exec(headers.get("authorization") ?? "")?.[1];
    if (region !== undefined) headers.set("x-antipode-region", region);
    return await fetch(url, { ...init, headers });
  });
}

async function read(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${served.http}${path}`, { headers });
  const { result } = (await response.json()) as { result?: unknown };
  const header = (name: string): string | null => response.headers.get(name);
  return {
    result,
    status: response.status,
    node: header("x-antipode-node"),
    lag: header("x-antipode-lag"),
    forwarded: header("x-antipode-forwarded"),
  };
}

async function untilNear(region: string): Promise<void> {
  await until(`${region} reads near`, async () => {
    return (await read("/get/any", { "x-antipode-region": region })).node === region;
  });
}

describe("Upstash's SDK in Europe", () => {
  it("reads what it wrote, every time, and mostly next door", async () => {
    await untilNear("weur");
    const before = await runs("weur", "get");
    const redis = sdkIn("weur");
    for (let i = 0; i < 200; i++) {
      await redis.set("mine", i);
      expect(await redis.get("mine")).toBe(i);
    }
    expect((await runs("weur", "get")) - before).toBeGreaterThan(150);
  });

  it("does so over the crash of everything", async () => {
    const redis = sdkIn("apac");
    for (let i = 0; i < 3; i++) {
      await redis.set("survivor", i);
      await served.kill9();
      await served.restart();
      expect(await redis.get("survivor")).toBe(i);
    }
  });
});

describe("many sessions in many regions", () => {
  it("never miss a write of their own, nor of any other with max-lag=0 or strong", async () => {
    await untilNear("weur");
    await untilNear("apac");
    const nodes = new Set<string | null>();
    let newest = 0;
    const session = async (region: string, key: string): Promise<void> => {
      const redis = sdkIn(region);
      for (let i = 1; i <= 60; i++) {
        await redis.set(key, i);
        expect(await redis.get(key)).toBe(i);
        const known = newest;
        const contract = i % 3 === 0 ? "strong" : "max-lag=0";
        const headers = { "x-antipode-region": region, "x-antipode-read": contract };
        const { result, node } = await read("/get/newest", headers);
        expect(Number(result)).toBeGreaterThanOrEqual(known);
        nodes.add(node);
        newest = Math.max(newest, await redis.incr("newest"));
      }
    };
    await Promise.all([
      session("weur", "a"),
      session("weur", "b"),
      session("apac", "c"),
      session("oc", "d"),
    ]);
    expect(nodes).toEqual(new Set(["apac", "master", "weur"]));
  });
});

describe("a RESP session that names no node", () => {
  it("writes at the master, reads next door, and sees its own writes in order", async () => {
    const client = await RespClient.webSocket(`${served.http}/resp`, {
      "x-antipode-region": "weur",
    });
    const commands: string[][] = [];
    for (let i = 1; i <= 300; i++) commands.push(["SET", "s", String(i)], ["GET", "s"]);
    const replies = await client.pipeline(commands);
    const values = replies.filter((_reply, i) => i % 2 === 1);
    expect(values).toEqual(Array.from({ length: 300 }, (_, i) => String(i + 1)));
    client.close();
  });
});

describe("a replica that follows a master over TCP", () => {
  it("cannot prove how fresh it is, and never says that it is", async () => {
    const replica = await RespClient.tcp(served.ports["apac"]!);
    await replica.send("REPLICAOF", "127.0.0.1", String(served.ports.master));
    await until("it has everything", async () => {
      return ((await replica.send("INFO", "replication")) as string).includes("link_status:up");
    });
    const near = { "x-antipode-region": "apac" };
    await until("it reads near", async () => (await read("/get/newest", near)).node === "apac");
    const any = await read("/get/newest", near);
    expect(any).toMatchObject({ node: "apac", lag: "unknown" });
    const fresh = await read("/get/newest", { ...near, "x-antipode-read": "max-lag=1000000" });
    expect(fresh).toMatchObject({ node: "master", forwarded: "stale", lag: "0" });
    await replica.send("REPLICAOF", "master");
    replica.close();
  });
});

/** How often a node has run a command. */
async function runs(node: string, command: string): Promise<number> {
  const client = await RespClient.tcp(served.ports[node]!);
  const text = (await client.send("INFO", "commandstats")) as string;
  client.close();
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0);
}
