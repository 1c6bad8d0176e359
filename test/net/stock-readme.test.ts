// README, "Moving from Redis and back": its commands, as they stand there, move a data set in and out.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { ROOT, serve, type Served } from "../support/serve.ts";
import { infoOf } from "../support/server-facts.ts";
import { differences, startStock, untilLevel } from "../support/stock.ts";
import { randomWrites } from "../support/stock-writes.ts";

const run = promisify(execFile);
const PASSWORD = "secret-of-readme";

describe.skipIf(!hasRedis)("README, moving from Redis and back", { timeout: 60_000 }, () => {
  let served: Served;
  let redis: Redis;
  let onNode: RespClient;
  let onRedis: RespClient;
  const blocks = readFileSync(path.join(ROOT, "README.md"), "utf8")
    .split("## Moving from Redis")[1]!
    .split("\n## ")[0]!
    .matchAll(/```sh\n([^]*?)```/g);
  const [moveIn, moveOut] = [...blocks].map(([, text]) => text!.trim().split("\n"));
  beforeAll(async () => {
    served = await serve({ replicas: [], password: PASSWORD });
    redis = await startStock({ requirepass: PASSWORD });
    [onNode, onRedis] = [
      await RespClient.tcp(served.ports.master),
      await RespClient.tcp(redis.port),
    ];
    for (const client of [onNode, onRedis]) await client.send("AUTH", PASSWORD);
    await onRedis.pipeline(randomWrites(seededRandom(6), 1000));
    await onRedis.send("DISCARD");
  });
  afterAll(async () => {
    await served.stop();
    await redis.stop();
  });

  /** A line of the README, with our hosts, ports and password. */
  async function type(line: string): Promise<string> {
    const typed = line
      .replace("-h redis.internal -p 6000", `-p ${redis.port}`)
      .replace("redis.internal 6000", `127.0.0.1 ${redis.port}`)
      .replaceAll(/\b6379\b/g, `${served.ports.master}`)
      .replace("SECRET", PASSWORD);
    const env = { ...process.env, REDISCLI_AUTH: PASSWORD };
    return (await run("sh", ["-c", typed], { env })).stdout;
  }

  it("moves everything in", async () => {
    const [password, follow, look, promote] = moveIn!;
    expect(await type(password!)).toBe("OK\n");
    expect(await type(follow!)).toBe("OK\n");
    await untilLevel(onRedis, onNode);
    expect(await type(look!)).toContain("master_link_status:up");
    expect(await type(promote!)).toBe("OK\n");
    expect((await infoOf(onNode, "replication")).get("role")).toBe("master");
    expect(await differences(onRedis, onNode)).toEqual([]);
  });

  it("moves everything out, with what came since", async () => {
    await onNode.send("SET", "since", "1");
    const [password, follow, promote] = moveOut!;
    expect(await type(password!)).toBe("OK\n");
    expect(await type(follow!)).toBe("OK\n");
    await untilLevel(onNode, onRedis);
    expect(await type(promote!)).toBe("OK\n");
    expect((await infoOf(onRedis, "replication")).get("role")).toBe("master");
    expect(await differences(onNode, onRedis)).toEqual([]);
    expect((await infoOf(onNode, "stats")).get("sync_full")).toBe("0");
  });
});
