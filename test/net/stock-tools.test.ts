// What comes with Redis works on a node of ours: redis-cli's modes, and its RDB file.

import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { type Child, startChild } from "../support/child.ts";
import { hasRedis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { differences, startStock } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";
import { until } from "../support/until.ts";

const run = promisify(execFile);
const KEYS = 300;

describe.skipIf(!hasRedis)("redis-cli on a node", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-tools-"));
  const children: Child[] = [];
  let served: Served;
  let client: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
    client = await RespClient.tcp(served.ports.master);
    // Streams get into files with all their counters.
    await client.send("CONFIG", "SET", "rdb-redis-version-min", "7");
    await client.pipeline(randomWrites(seededRandom(8), 2000));
    await client.send("DISCARD");
    await client.send("SELECT", "0");
    await client.run(Array.from({ length: KEYS }, (_, i) => ["SET", `key:${i}`, "x".repeat(i)]));
    await client.send("RPUSH", "largest", ...Array.from({ length: 500 }, (_, i) => `${i}`));
  });
  afterAll(async () => {
    for (const child of children) await child.stop();
    await served.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const port = (): string => `${served.ports.master}`;
  async function cli(...args: string[]): Promise<string> {
    const { stdout } = await run("redis-cli", ["-p", port(), ...args], { timeout: 20_000 });
    return stdout;
  }
  /** One that goes on until it is stopped. */
  function watch(...args: string[]): Child {
    const child = startChild(["redis-cli", "-p", port(), ...args]);
    children.push(child);
    return child;
  }

  it("--rdb writes a file that redis-server loads", async () => {
    const file = path.join(folder, "dump.rdb");
    await cli("--rdb", file);
    const redis = await startStock({}, { folder });
    const onRedis = await RespClient.tcp(redis.port);
    expect(await differences(client, onRedis)).toEqual([]);
    onRedis.close();
    await redis.stop();
    await client.send("SELECT", "0");
  });

  it("--functions-rdb writes a file with the functions and no keys", async () => {
    const file = path.join(folder, "functions.rdb");
    await cli("--functions-rdb", file);
    const folderOfIts = mkdtempSync(path.join(folder, "functions-"));
    copyFileSync(file, path.join(folderOfIts, "dump.rdb"));
    const redis = await startStock({}, { folder: folderOfIts });
    const onRedis = await RespClient.tcp(redis.port);
    expect(await onRedis.send("DBSIZE")).toBe(0);
    expect(await onRedis.send("FUNCTION", "LIST", "WITHCODE")).toEqual(
      await client.send("FUNCTION", "LIST", "WITHCODE"),
    );
    onRedis.close();
    await redis.stop();
  });

  it("--rdb leaves no follower behind", async () => {
    await cli("--rdb", path.join(folder, "again.rdb"));
    expect(existsSync(path.join(folder, "again.rdb"))).toBe(true);
    await until("no follower", async () => {
      return (await infoOf(client, "replication")).get("connected_slaves") === "0";
    });
  });

  it("--replica shows the stream", async () => {
    const child = watch("--replica");
    await until("the stream", async () => {
      await client.send("SET", "streamed", "1");
      return /"SET","streamed","1"/i.test(child.output());
    });
    expect(child.output()).toContain("SYNC with master");
    await child.stop();
  });

  it("--pipe loads commands and counts them", async () => {
    const file = path.join(folder, "commands");
    const text = Array.from({ length: 1000 }, (_, i) => encodeCommand(["SET", `p:${i}`, "v"]));
    writeFileSync(file, text.join(""));
    const { stdout } = await run("sh", ["-c", `redis-cli -p ${port()} --pipe < "$0"`, file]);
    expect(stdout).toContain("errors: 0, replies: 1000");
    expect(await client.send("GET", "p:999")).toBe("v");
  });

  it("--bigkeys finds the largest of each type", async () => {
    const text = await cli("--bigkeys");
    expect(text).toMatch(/Biggest +list found '"largest"' has 500 items/);
    expect(text).toMatch(/Biggest string found '".*"' has \d+ bytes/);
  });

  it("--memkeys finds the largest by memory", async () => {
    expect(await cli("--memkeys")).toMatch(/Biggest string found '".*"' has \d+ bytes/);
  });

  it("--scan lists every key once", async () => {
    const names = (await cli("--scan", "--pattern", "key:*")).trim().split("\n");
    expect(names.toSorted()).toEqual(Array.from({ length: KEYS }, (_, i) => `key:${i}`).toSorted());
  });

  it("--stat shows a line a second", async () => {
    const child = watch("--stat", "-i", "0.05");
    const lines = /^(\d+ +\S+ +\d+ +\d+ +\d+.*\n){2}/m;
    expect(await until("two lines", () => lines.test(child.output()))).toBe(true);
    await child.stop();
  });

  it("--latency measures", async () => {
    expect(await cli("--latency", "-i", "0.2", "--raw")).toMatch(/^\d+ \d+ \d+\.\d+ \d+/);
    const { stdout } = await run("timeout", ["2", "redis-cli", "-p", port(), "--latency-dist"], {
      timeout: 10_000,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toContain("%");
  });

  it("MONITOR shows what clients send", async () => {
    const child = watch("MONITOR");
    await until("OK", () => child.output().startsWith("OK"));
    await client.send("SET", "monitored", "a b\r\n");
    const line = /^\d+\.\d{6} \[0 127\.0\.0\.1:\d+\] "SET" "monitored" "a b\\r\\n"$/m;
    expect(await until("the line", () => line.test(child.output()))).toBe(true);
    await child.stop();
  });
});
