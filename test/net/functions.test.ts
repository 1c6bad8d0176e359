// Libraries of functions go where the data goes: over a crash, to replicas of ours, to redis-server and
// back.

import { readFileSync } from "node:fs";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Status } from "../../shared/resp/reply.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { digestOf } from "../support/server-facts.ts";
import { startStock, untilLevel } from "../support/stock.ts";

const LIBRARY = `#!lua name=counting
local function add(keys, args) return redis.call('INCRBY', keys[1], args[1]) end
redis.register_function('add', add)
redis.register_function{
  function_name='shown', callback=function(keys) return redis.call('GET', keys[1]) end,
  flags={'no-writes'}, description='bytes \xff\x00 too'
}`;
const OTHER = "#!lua name=other\nredis.register_function('one', function() return 1 end)";

describe("libraries on nodes of ours", () => {
  let served: Served;
  let master: RespClient;
  let replica: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: ["weur"] });
    master = await RespClient.tcp(served.ports.master);
    replica = await RespClient.tcp(served.ports["weur"]!);
  });
  afterAll(() => served.stop());

  it("reach a replica with the stream, where they may only read", async () => {
    await untilLevel(master, replica);
    expect(await master.send("FUNCTION", "LOAD", LIBRARY)).toBe("counting");
    expect(await master.send("FCALL", "add", "1", "n", "5")).toBe(5);
    await untilLevel(master, replica);
    expect(await replica.send("FCALL_RO", "shown", "1", "n")).toBe("5");
    expect(await replica.send("FCALL", "add", "1", "n", "5")).toMatchObject({
      text: expect.stringContaining("READONLY"),
    });
    expect(await digestOf(replica)).toBe(await digestOf(master));
  });

  it("reach a replica with a full sync, over a crash before it", async () => {
    await replica.send("REPLICAOF", "NO", "ONE");
    await replica.send("FUNCTION", "FLUSH");
    await replica.send("FUNCTION", "LOAD", OTHER);
    await served.kill9();
    await served.restart();
    master = await RespClient.tcp(served.ports.master);
    replica = await RespClient.tcp(served.ports["weur"]!);
    expect(await replica.send("FCALL", "one", "0")).toBe(1);
    expect(await master.send("FCALL_RO", "shown", "1", "n")).toBe("5");
    await replica.send("REPLICAOF", "master");
    await untilLevel(master, replica);
    expect(await replica.send("FCALL_RO", "shown", "1", "n")).toBe("5");
    expect(await replica.send("FCALL_RO", "one", "0")).toMatchObject({
      text: "ERR Function not found",
    });
  });
});

describe.skipIf(!hasRedis)("libraries between a node and redis-server", () => {
  let served: Served;
  let redis: Redis;
  let onNode: RespClient;
  let onRedis: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
    redis = await startStock();
    onNode = await RespClient.tcp(served.ports.master);
    onRedis = await RespClient.tcp(redis.port);
  });
  afterAll(async () => {
    await served.stop();
    await redis.stop();
  });

  it("are dumped by one and restored by the other", async () => {
    await onRedis.send("FUNCTION", "LOAD", LIBRARY);
    const fromRedis = (await onRedis.send("FUNCTION", "DUMP")) as string;
    expect(await onNode.send("FUNCTION", "RESTORE", fromRedis)).toEqual(new Status("OK"));
    expect(await onNode.send("FCALL", "add", "1", "n", "2")).toBe(2);
    await onRedis.send("FUNCTION", "FLUSH");
    const fromNode = (await onNode.send("FUNCTION", "DUMP")) as string;
    expect(await onRedis.send("FUNCTION", "RESTORE", fromNode)).toEqual(new Status("OK"));
    expect(await onRedis.send("FCALL", "add", "1", "n", "2")).toBe(2);
  });

  it("are restored as the policy says, all of them or none", async () => {
    await onNode.send("FUNCTION", "FLUSH");
    await onNode.send("FUNCTION", "LOAD", OTHER);
    const other = (await onNode.send("FUNCTION", "DUMP")) as string;
    await onNode.send("FUNCTION", "FLUSH");
    await onNode.send("FUNCTION", "LOAD", LIBRARY);
    expect(await onNode.send("FUNCTION", "RESTORE", other)).toEqual(new Status("OK"));
    expect(await onNode.send("FCALL", "one", "0")).toBe(1);
    for (const client of [onNode, onRedis]) {
      await client.send("FUNCTION", "FLUSH");
      await client.send("FUNCTION", "LOAD", OTHER.replace("return 1", "return 2"));
      expect(await client.send("FUNCTION", "RESTORE", other)).toMatchObject({
        text: "ERR Library other already exists",
      });
      expect(await client.send("FCALL", "one", "0")).toBe(2);
      expect(await client.send("FUNCTION", "RESTORE", other, "REPLACE")).toEqual(new Status("OK"));
      expect(await client.send("FCALL", "one", "0")).toBe(1);
      await client.send("FUNCTION", "LOAD", LIBRARY);
      expect(await client.send("FUNCTION", "RESTORE", other, "FLUSH")).toEqual(new Status("OK"));
      expect(await client.send("FUNCTION", "DELETE", "counting")).toMatchObject({
        text: "ERR Library not found",
      });
      // Another library may not have a function of the same name.
      await client.send("FUNCTION", "FLUSH");
      await client.send("FUNCTION", "LOAD", OTHER.replace("name=other", "name=third"));
      expect(await client.send("FUNCTION", "RESTORE", other, "REPLACE")).toMatchObject({
        text: "ERR Function one already exists",
      });
      expect(await client.send("FUNCTION", "LOAD", OTHER)).toMatchObject({
        text: "ERR Function one already exists",
      });
    }
  });

  it("go to a redis-server that follows, with the snapshot and with the stream", async () => {
    for (const args of [["FLUSH"], ["LOAD", LIBRARY]]) await onNode.send("FUNCTION", ...args);
    await onNode.send("SET", "n", "7");
    await onRedis.send("REPLICAOF", "127.0.0.1", `${served.ports.master}`);
    await untilLevel(onNode, onRedis);
    expect(await onRedis.send("FCALL_RO", "shown", "1", "n")).toBe("7");
    await onNode.send("FUNCTION", "LOAD", OTHER);
    await onNode.send("FCALL", "add", "1", "n", "1");
    await untilLevel(onNode, onRedis);
    expect(await onRedis.send("FCALL_RO", "shown", "1", "n")).toBe("8");
    expect(await onRedis.send("FCALL_RO", "one", "0")).toMatchObject({
      text: "READONLY You can't write against a read only replica.",
    });
    expect(await digestOf(onRedis)).toBe(await digestOf(onNode));
    await onRedis.send("REPLICAOF", "NO", "ONE");
  });

  it("come from a redis-server that is followed, and stay", async () => {
    for (const args of [["FLUSH"], ["LOAD", LIBRARY]]) await onRedis.send("FUNCTION", ...args);
    await onRedis.send("SET", "n", "9");
    await onNode.send("REPLICAOF", "127.0.0.1", `${redis.port}`);
    await untilLevel(onRedis, onNode);
    expect(await onNode.send("FCALL_RO", "shown", "1", "n")).toBe("9");
    await onRedis.send("FUNCTION", "LOAD", OTHER);
    await untilLevel(onRedis, onNode);
    expect(await digestOf(onNode)).toBe(await digestOf(onRedis));
    await onNode.send("REPLICAOF", "NO", "ONE");
    await served.kill9();
    await served.restart();
    onNode = await RespClient.tcp(served.ports.master);
    expect(await onNode.send("FCALL", "add", "1", "n", "1")).toBe(10);
    expect(await onNode.send("FCALL", "one", "0")).toBe(1);
  });

  it("are in the snapshot that a node gives away", async () => {
    const response = await fetch(`${served.http}/v1/nodes/master/snapshot`);
    expect(response.status).toBe(200);
    const file = Buffer.from(await response.arrayBuffer()).toString("latin1");
    expect(file).toContain("#!lua name=other");
    await onRedis.send("SAVE");
    const theirs = readFileSync(path.join(redis.folder, "dump.rdb"), "latin1");
    expect(theirs).toContain("name=other");
  });
});
