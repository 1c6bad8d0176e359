// `UPDATE_FIXTURES=1` writes the fixture anew, from the redis-server of this machine.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

import { describe, expect, it } from "vitest";

import { plainDocs, sortedByName } from "../support/command-docs.ts";
import { hasRedis, startRedis } from "../support/redis.ts";
import { socketClient } from "../support/socket-place.ts";

const FIXTURE = new URL("../fixtures/command-docs.json", import.meta.url);

describe.skipIf(!hasRedis)("test/fixtures/command-docs.json", () => {
  it("is what redis-server says its commands are for", async () => {
    const redis = await startRedis();
    const client = await socketClient(redis.port);
    await client.send(["HELLO", "3"]);
    const docs = sortedByName(plainDocs(await client.send(["COMMAND", "DOCS"])) as object);
    client.close();
    await redis.stop();
    const rows = Object.entries(docs).map(([name, entry]) => {
      return `${JSON.stringify(name)}:${JSON.stringify(entry)}`;
    });
    const text = `{\n${rows.join(",\n")}\n}\n`;
    if (process.env["UPDATE_FIXTURES"] === "1") writeFileSync(FIXTURE, text);
    expect(text).toBe(readFileSync(FIXTURE, "utf8"));
  });
});
