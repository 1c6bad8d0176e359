// Messages to clients whose node slept meanwhile, and from callers over REST.

import { beforeEach, describe, expect, test, vi } from "vitest";

import { connect, freshMaster, isIdle, sleep, spilledRows } from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

describe("a client that listens", () => {
  test("hears what is said after its node slept, and lets it sleep", async () => {
    const [client, other] = [await connect(), await connect()];
    await client.send("SUBSCRIBE", "news");
    await client.send("PSUBSCRIBE", "n*");
    await client.send("SSUBSCRIBE", "shard");
    await until("the node may sleep", isIdle);
    await sleep();
    expect(await other.send("PUBLISH", "news", "\xff\0")).toBe(2);
    expect(await client.next()).toEqual(["message", "news", "\xff\0"]);
    expect(await client.next()).toEqual(["pmessage", "n*", "news", "\xff\0"]);
    expect(await other.send("SPUBLISH", "shard", "x")).toBe(1);
    expect(await client.next()).toEqual(["smessage", "shard", "x"]);
    expect(await client.send("GET", "k")).toContain("-ERR Can't execute 'get'");
    expect(await client.send("PING")).toEqual(["pong", ""]);
  });

  test("to more channels than an attachment holds goes on listening", async () => {
    const [client, other] = [await connect(), await connect()];
    const channels = Array.from({ length: 1000 }, (_, i) => `channel-${i}`);
    await client.send("SUBSCRIBE", ...channels);
    for (let i = 1; i < channels.length; i++) await client.next();
    await sleep();
    expect(await spilledRows()).toBeGreaterThan(0);
    expect(await other.send("PUBLISH", "channel-999", "x")).toBe(1);
    expect(await client.next()).toEqual(["message", "channel-999", "x"]);
  });

  test("hears of events after its node slept", async () => {
    const [client, other] = [await connect(), await connect()];
    await other.send("CONFIG", "SET", "notify-keyspace-events", "KA");
    await client.send("SUBSCRIBE", "__keyspace@0__:k");
    await sleep();
    await other.send("SET", "k", "v");
    expect(await client.next()).toEqual(["message", "__keyspace@0__:k", "set"]);
  });
});

describe("a client with a cache", () => {
  test("is told after sleep that everything may have changed, once something does", async () => {
    const [client, other] = [await connect(), await connect()];
    await client.send("HELLO", "3");
    await client.send("CLIENT", "TRACKING", "ON");
    await client.send("GET", "k");
    await sleep();
    await other.send("SET", "j", "1");
    expect(await client.next()).toEqual(["invalidate", null]);
    await client.send("GET", "k");
    await other.send("SET", "k", "1");
    expect(await client.next()).toEqual(["invalidate", ["k"]]);
  });
});
