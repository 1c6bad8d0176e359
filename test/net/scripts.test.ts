// Clients from the registry that send scripts, as they are, against a node.

import { Redis } from "ioredis";
import { RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import Redlock from "redlock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { serve, type Served } from "../support/serve.ts";

describe("clients that send scripts to a node", () => {
  let served: Served;
  const clients: Redis[] = [];
  const connect = (): Redis => {
    const client = new Redis({ host: "127.0.0.1", port: served.ports.master });
    clients.push(client);
    return client;
  };
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });
  afterAll(() => served.stop());

  it("define commands of their own (ioredis)", async () => {
    const client = connect();
    client.defineCommand("addAll", {
      numberOfKeys: 1,
      lua: "for _, n in ipairs(ARGV) do redis.call('INCRBY', KEYS[1], n) end return redis.call('GET', KEYS[1])",
    });
    const own = client as Redis & { addAll(key: string, ...values: number[]): Promise<string> };
    expect(await own.addAll("sum", 1, 2, 3)).toBe("6");
    await client.script("FLUSH");
    expect(await own.addAll("sum", 4)).toBe("10");
    const failing = "return redis.error_reply('OWN no')";
    const replies = await client.pipeline().incr("n").eval(failing, 0).incr("n").exec();
    expect(replies).toEqual([
      [null, 1],
      [expect.objectContaining({ message: "OWN no" })],
      [null, 2],
    ]);
  });

  it("get an error for one that does not end, and nobody else notices but by waiting", async () => {
    const [client, other] = [connect(), connect()];
    await client.config("SET", "busy-reply-threshold", "100");
    await client.set("kept", "before");
    const endless =
      "redis.call('SET', 'kept', 'half') string.find(string.rep('a', 2000), '.-.-.-.-b')";
    const failed = client.eval(endless, 0).catch((error: unknown) => error);
    const values = await Promise.all(Array.from({ length: 100 }, () => other.incr("counted")));
    expect(await failed).toMatchObject({
      message: expect.stringMatching(/^ERR The script ran for too long and was stopped/),
    });
    expect(values).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    expect(await other.get("kept")).toBe("before");
    expect(await client.eval("return redis.call('GET', 'kept')", 0)).toBe("before");
    await expect(client.script("KILL")).rejects.toThrow(/^NOTBUSY/);
    await client.config("SET", "busy-reply-threshold", "5000");
  });

  it("hold a lock, one at a time (redlock)", async () => {
    const lockers = Array.from({ length: 4 }, () => {
      return new Redlock([connect()], { retryCount: 400, retryDelay: 10, retryJitter: 10 });
    });
    let holders = 0;
    let turns = 0;
    await Promise.all(
      lockers.map(async (locker) => {
        for (let i = 0; i < 10; i++) {
          const lock = await locker.lock("lock:resource", 5000);
          expect(++holders).toBe(1);
          const client = clients[0]!;
          const value = Number((await client.get("guarded")) ?? 0);
          await client.set("guarded", value + 1);
          turns++;
          holders--;
          await lock.unlock();
        }
      }),
    );
    expect(turns).toBe(40);
    expect(await clients[0]!.get("guarded")).toBe("40");
  });

  it("lose a lock to its time, extend it in time, and unlock only their own (redlock)", async () => {
    const client = connect();
    const locker = new Redlock([client], { retryCount: 0 });
    const lock = await locker.lock(["lock:a", "lock:b"], 1000);
    await expect(locker.lock("lock:b", 1000)).rejects.toThrow(/unable to lock|Exceeded/i);
    const extended = await lock.extend(60_000);
    expect(await client.pttl("lock:a")).toBeGreaterThan(50_000);
    await client.set("lock:a", "somebody else");
    await expect(extended.unlock()).rejects.toThrow(/lock/i);
    expect(await client.get("lock:a")).toBe("somebody else");
    expect(await client.exists("lock:b")).toBe(0);
  });

  it("let through as much as they say (rate-limiter-flexible)", async () => {
    const storeClient = connect();
    const limiter = new RateLimiterRedis({
      storeClient,
      keyPrefix: "limit",
      points: 10,
      duration: 3600,
    });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => limiter.consume("user")),
    );
    const passed = outcomes.filter(({ status }) => status === "fulfilled");
    expect(passed).toHaveLength(10);
    const reasons = outcomes.flatMap((outcome): unknown[] =>
      outcome.status === "rejected" ? [outcome.reason] : [],
    );
    expect(reasons.every((reason) => reason instanceof RateLimiterRes)).toBe(true);
    expect((await limiter.get("user"))?.consumedPoints).toBe(50);
    await limiter.penalty("other", 9);
    await limiter.consume("other");
    await expect(limiter.consume("other")).rejects.toBeInstanceOf(RateLimiterRes);
    await limiter.block("third", 60);
    await expect(limiter.consume("third")).rejects.toBeInstanceOf(RateLimiterRes);
    expect(await limiter.delete("third")).toBe(true);
    expect((await limiter.consume("third")).remainingPoints).toBe(9);
  });
});
