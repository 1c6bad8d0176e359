// Files and payloads go both ways between redis-server and us.

import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Crc64 } from "../../shared/base/crc64.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { decodeValue, encodeValue } from "../../shared/rdb/codec.ts";
import { dumpPayload, restorePayload } from "../../shared/rdb/dump.ts";
import { typeNameOf } from "../../shared/rdb/format.ts";
import type { KeyRecord } from "../../shared/rdb/loader.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey } from "../../shared/rdb/writer.ts";
import { startChild } from "../support/child.ts";
import { type Redis, hasRedis, startRedis } from "../support/redis.ts";
import { BEYOND_REDIS_7_0, BODIES } from "./support/bodies.ts";
import { Client } from "./support/client.ts";
import { DATASET, SMALL_ENCODINGS, STRINGS } from "./support/dataset.ts";
import { cut, keysOf, load } from "./support/records.ts";

/** DUMP's version and checksum. */
const FOOTER_BYTES = 10;

describe.skipIf(!hasRedis)("beside redis-server", { timeout: 30_000 }, () => {
  let redis: Redis;
  let client: Client;

  beforeAll(async () => {
    redis = await startRedis({ ...SMALL_ENCODINGS, "maxmemory-policy": "allkeys-lru" });
    client = new Client(redis.port);
    await client.all(DATASET);
  }, 30_000);

  afterAll(async () => {
    client.close();
    await redis.stop();
  });

  async function saved(): Promise<string> {
    await client.ask("SAVE");
    return readFileSync(path.join(redis.folder, "dump.rdb"), "latin1");
  }

  test("a saved file has every key with the bytes that DUMP shows", async () => {
    const { records } = load([await saved()]);
    const keys = keysOf(records);
    expect(records.at(-1)).toEqual({ kind: "end", checksum: "verified" });
    expect(keys.length).toBe(sizes(records).reduce((sum, size) => sum + size, 0));
    for (const key of keys) {
      await client.ask("SELECT", String(key.db));
      const payload = String(await client.ask("DUMP", key.name));
      expect(String.fromCharCode(key.type) + key.body).toBe(payload.slice(0, -FOOTER_BYTES));
      const expiry = await client.ask("PEXPIRETIME", key.name);
      expect(key.expiresAtMs).toBe(Math.max(0, Number(expiry)));
      expect(key.idleSeconds).toBeTypeOf("number");
    }
  });

  test("a saved file has the frequencies that OBJECT FREQ shows", async () => {
    await client.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lfu");
    await client.all([["SELECT", "0"], ...Array.from({ length: 50 }, () => ["GET", "s:text"])]);
    const frequency = await client.ask("OBJECT", "FREQ", "s:text");
    const key = keysOf(load([await saved()]).records).find(({ name }) => name === "s:text");
    await client.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    expect(key?.frequency).toBe(frequency);
    expect(key?.idleSeconds).toBeUndefined();
  });

  test("a saved file reads the same in any split", async () => {
    const file = await saved();
    const whole = load([file]).records;
    const random = seededRandom(1);
    for (const sizeMax of [2, 30, 5_000]) {
      expect(load(cut(file, sizeMax, random.next)).records).toEqual(whole);
    }
  });

  test("a file of ours is accepted by redis-check-rdb and loads as the same data", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "antipode-rdb-"));
    const keys = keysOf(load([await saved()]).records);
    writeFileSync(path.join(folder, "ours.rdb"), rewritten(keys), "latin1");
    const check = startChild(["redis-check-rdb", path.join(folder, "ours.rdb")]);
    expect({ exit: await check.ended, output: check.output() }).toMatchObject({ exit: 0 });

    const other = await startRedis({ ...SMALL_ENCODINGS, dbfilename: "ours.rdb" }, { folder });
    const otherClient = new Client(other.port);
    expect(await otherClient.ask("DEBUG", "DIGEST")).toBe(await client.ask("DEBUG", "DIGEST"));
    otherClient.close();
    await other.stop();
    rmSync(folder, { recursive: true });
  });

  test("what DUMP gives restores here, and what we dump restores there", async () => {
    await client.ask("SELECT", "0");
    for (const [name, value] of Object.entries(STRINGS)) {
      expect(restorePayload(String(await client.ask("DUMP", name)), DEFAULT_LIMITS)).toBe(value);
      await client.ask("RESTORE", "restored", "0", dumpPayload(value, "redis5"), "REPLACE");
      expect(await client.ask("GET", "restored")).toBe(value);
    }
  });

  test("the values made by hand are loaded there, as the types we say they are", async () => {
    for (const { type, body } of BODIES.filter(({ type }) => !BEYOND_REDIS_7_0.includes(type))) {
      const text = `${String.fromCharCode(type)}${body}\x09\x00`;
      const payload = text + new Crc64().update(text).digest();
      expect(await client.ask("RESTORE", "made", "0", payload, "REPLACE")).toBe("OK");
      expect(await client.ask("TYPE", "made")).toBe(typeNameOf(type));
    }
  });

  test("short strings are encoded as Redis does, byte for byte", async () => {
    for (const value of ["", "a", "0", "-0", "01", "-1", "127", "128", "-129", "-32769", "1e3"]) {
      await client.ask("SET", "short", value);
      const payload = String(await client.ask("DUMP", "short"));
      expect(encodeValue(value).body).toBe(payload.slice(1, -FOOTER_BYTES));
    }
  });
});

/** The counts that stand before each database's keys. */
function sizes(records: ReturnType<typeof load>["records"]): number[] {
  return records.flatMap((record) => (record.kind === "resize" ? [record.keys] : []));
}

/** A file of ours: strings decoded and encoded again, other values carried as they are. */
function rewritten(keys: readonly KeyRecord[]): string {
  const parts = [rdbHeader({ "redis-ver": "7.4.0", "repl-offset": "12345" })];
  for (const db of new Set(keys.map((key) => key.db))) {
    const own = keys.filter((key) => key.db === db);
    const expires = own.filter((key) => key.expiresAtMs !== 0).length;
    parts.push(rdbDatabase(db, { keys: own.length, expires }));
    for (const key of own) {
      const value = key.type === 0 ? encodeValue(decodeValue(0, key.body, DEFAULT_LIMITS)) : key;
      parts.push(rdbKey({ ...key, type: value.type, body: value.body }));
    }
  }
  const text = parts.join("");
  return text + rdbEnd(new Crc64().update(text));
}
