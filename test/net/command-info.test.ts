// `UPDATE_FIXTURES=1` writes the fixture anew, from the redis-server of this machine.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { describe, expect, it } from "vitest";

import type { Reply } from "../../shared/resp/reply.ts";
import { byName, infoOf } from "../support/command-info.ts";
import { hasRedis, startRedis } from "../support/redis.ts";
import { socketClient } from "../support/socket-place.ts";

const FIXTURE = new URL("../fixtures/command-info.json", import.meta.url);

describe.skipIf(!hasRedis)("test/fixtures/command-info.json", () => {
  it("is what redis-server says of its commands", async () => {
    const redis = await startRedis();
    const client = await socketClient(redis.port);
    const reply = (await client.send(["COMMAND"])) as readonly Reply[];
    client.close();
    await redis.stop();
    const infos = reply.map(infoOf).toSorted(byName);
    const text = `[\n${infos.map((info) => JSON.stringify(info)).join(",\n")}\n]\n`;
    if (process.env["UPDATE_FIXTURES"] === "1") writeFileSync(FIXTURE, text);
    expect(text).toBe(readFileSync(FIXTURE, "utf8"));
  });
});
