// Data sets by chance go both ways between redis-server and us, key by key and as whole files, in every
// encoding that settings can force.

import { readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { Crc64 } from "../../shared/base/crc64.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { datasetDigest, valueDigest } from "../../shared/engine/digest.ts";
import { encodeValue } from "../../shared/rdb/codec.ts";
import { dumpPayload, restorePayload } from "../../shared/rdb/dump.ts";
import { type KeyRecord } from "../../shared/rdb/loader.ts";
import { encodeLength, encodeString } from "../../shared/rdb/primitives.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey } from "../../shared/rdb/writer.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import type { Value } from "../../shared/types/value.ts";
import { GROUPS } from "../differential/groups.ts";
import { drawProgram } from "../differential/program.ts";
import { type EngineHarness, engineHarness } from "../support/engine.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { Client, ServerError } from "./support/client.ts";
import { SMALL_ENCODINGS } from "./support/dataset.ts";
import { intset, ziplist, zipmap } from "./support/packed.ts";
import { keysOf, load } from "./support/records.ts";

/** Strings stay short. */
const DEBUG = { "enable-debug-command": "yes", "proto-max-bulk-len": "1mb" };
/** What redis-server 7.0.15 writes. */
const TYPES_OF_7_0 = [0, 2, 4, 5, 11, 16, 17, 18, 19];
const COMMANDS = 1500;
const DATABASES = 3;
/** These would wait, or change what the connection is. */
const LEFT_OUT =
  /^(b.*pop.*|blmove|multi|exec|swapdb|select|flush.*|config|discard|x?read.*|move)$/i;

function digestOf(value: Value): string {
  return valueDigest({ value, expiresAtMs: 0 });
}

describe.skipIf(!hasRedis)("data sets by chance", { timeout: 60_000 }, () => {
  const seen = new Set<number>();

  describe.each([
    ["of compact values", DEBUG, 1],
    ["of expanded values", { ...SMALL_ENCODINGS, ...DEBUG, "set-max-intset-entries": 0 }, 2],
    ["of values of both kinds", { ...SMALL_ENCODINGS, ...DEBUG, rdbcompression: "no" }, 3],
  ] as const)("%s", (_, settings, seed) => {
    let redis: Redis;
    let client: Client;
    beforeAll(async () => {
      redis = await startRedis(settings);
      client = new Client(redis.port);
      await fill(client, seed);
    }, 60_000);
    afterAll(async () => {
      client.close();
      await redis.stop();
    });

    test("restore here as they are dumped there, and there as they are dumped here", async () => {
      for (let db = 0; db < DATABASES; db++) {
        await client.ask("SELECT", String(db));
        for (const name of (await client.ask("KEYS", "*")) as string[]) {
          const payload = (await client.ask("DUMP", name)) as string;
          seen.add(payload.charCodeAt(0));
          const value = restorePayload(payload, DEFAULT_LIMITS);
          const back = dumpPayload(value, "redis5");
          await client.ask("RESTORE", "{back}", "0", back, "REPLACE");
          await client.ask("PERSIST", name);
          const digests = await client.ask("DEBUG", "DIGEST-VALUE", name, "{back}");
          expect({ name, digests }).toEqual({ name, digests: [digestOf(value), digestOf(value)] });
          await client.ask("DEL", "{back}");
        }
      }
    });

    test("load here from the file saved there, and there from the file written here", async () => {
      await client.ask("SAVE");
      const saved = readFileSync(path.join(redis.folder, "dump.rdb"), "latin1");
      const harness = restored(keysOf(load([saved]).records));
      const digest = await client.ask("DEBUG", "DIGEST");
      expect(datasetDigest(harness.engine)).toBe(digest);
      expect(await digestOfFile(written(harness))).toBe(digest);
    });
  });

  test("were in every encoding that this Redis writes", () => {
    expect([...seen].toSorted((a, b) => a - b)).toEqual(TYPES_OF_7_0);
  });
});

/** What writes values; scripts only call the others. */
const WRITING = GROUPS.filter(({ name }) => name !== "script");

/** Commands by chance of all groups, without those that would hold the connection. */
async function fill(client: Client, seed: number): Promise<void> {
  for (let db = 0; db < DATABASES; db++) {
    await client.ask("SELECT", String(db));
    for (const group of WRITING) {
      for (const step of drawProgram(seed + db, [group], COMMANDS / WRITING.length).steps) {
        if (step.kind !== "command" || LEFT_OUT.test(step.args[0]!)) continue;
        await client.ask(...step.args).catch((error: unknown) => {
          if (!(error instanceof ServerError)) throw error;
        });
      }
      // The next group begins with what is left, under names of its own.
      for (const name of (await client.ask("KEYS", "?")) as string[]) {
        await client.ask("RENAME", name, `${group.name}:${name}`);
      }
    }
  }
}

function restored(keys: readonly KeyRecord[]): EngineHarness {
  const harness = engineHarness({ nowMs: 1 });
  const { send } = harness.connect();
  for (const { db, name, type, body, expiresAtMs } of keys) {
    send(["SELECT", String(db)]);
    const text = `${String.fromCharCode(type)}${body}\x0a\x00`;
    const payload = text + new Crc64().update(text).digest();
    expect(send(["RESTORE", name, String(expiresAtMs), payload, "ABSTTL"])).toEqual({ text: "OK" });
  }
  return harness;
}

/** What an engine holds, as a file. */
function written({ engine: { keyspace } }: EngineHarness): string {
  let text = rdbHeader({});
  for (let db = 0; db < DATABASES; db++) {
    const space = keyspace.space(db);
    text += rdbDatabase(db, { keys: space.keyCount, expires: 0 });
    for (const { name } of keyspace.walk(space, 0, 100_000).keys) {
      const entry = keyspace.find(space, name)!;
      const { expiresAtMs } = entry;
      text += rdbKey({ name, ...encodeValue(keyspace.loaded(entry), "redis5"), expiresAtMs });
    }
  }
  return text + rdbEnd(new Crc64().update(text));
}

/** DEBUG DIGEST of a redis-server that was started with this file. */
async function digestOfFile(text: string): Promise<unknown> {
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-rdb-"));
  writeFileSync(path.join(folder, "ours.rdb"), text, "latin1");
  const redis = await startRedis({ ...DEBUG, dbfilename: "ours.rdb" }, { folder });
  const client = new Client(redis.port);
  try {
    return await client.ask("DEBUG", "DIGEST");
  } finally {
    client.close();
    await redis.stop();
    rmSync(folder, { recursive: true });
  }
}

describe.skipIf(!hasRedis)("values of old Redis, made by hand", { timeout: 60_000 }, () => {
  let redis: Redis;
  let client: Client;
  beforeAll(async () => {
    // Redis looks at every byte before it takes them.
    redis = await startRedis({ ...DEBUG, "sanitize-dump-payload": "yes" });
    client = new Client(redis.port);
  });
  afterAll(async () => {
    client.close();
    await redis.stop();
  });

  const random = seededRandom(5);
  const chance = (limit: number): number => Math.floor(random.next() * limit);
  const TEXTS = [
    "a",
    "",
    "12",
    "-1",
    "70000",
    "4000000000",
    "-9223372036854775808",
    "1.5",
    "\xff\0",
  ];
  const text = (): string =>
    [...TEXTS, "x".repeat(chance(300)), "y".repeat(20_000), String(chance(2 ** 31))][chance(12)]!;
  const texts = (count: number): string[] => Array.from({ length: count }, text);
  const names = (count: number): string[] => [...new Set(texts(count))];
  const integers = (bits: number): string[] => [
    ...new Set(
      Array.from({ length: 30 }, () => String(BigInt.asIntN(bits, BigInt(chance(2 ** 50)) << 14n))),
    ),
  ];
  const scores = ["0", "-1", "1.5", "3e+20", "inf", "-inf", "12", "0.10000000000000001"];
  const pairs = (values: () => string): string[] => names(20).flatMap((name) => [name, values()]);
  const counted = (items: readonly string[], per = 1): string =>
    encodeLength(items.length / per) + items.map(encodeString).join("");
  const score = (): string => scores[chance(scores.length)]!;
  const textScore = (value: string): string =>
    value === "inf"
      ? "\xfe"
      : value === "-inf"
        ? "\xff"
        : String.fromCharCode(value.length) + value;

  const MADE: readonly [type: number, what: string, make: () => string][] = [
    [1, "a list", () => counted(["first", ...texts(20)])],
    [2, "a set", () => counted(["first", ...names(20).filter((name) => name !== "first")])],
    [
      3,
      "a sorted set of texts",
      () => {
        const members = names(20);
        const body = members.map((name) => encodeString(name) + textScore(score())).join("");
        return encodeLength(members.length) + body;
      },
    ],
    [4, "a hash", () => counted(pairs(text), 2)],
    [9, "a zipmap", () => encodeString(zipmap(pairs(text), chance(5)))],
    [10, "a ziplist", () => encodeString(ziplist(["first", ...texts(20)]))],
    [10, "a wide ziplist", () => encodeString(ziplist(["first", ...texts(20)], { isWide: true }))],
    [11, "an intset of 16 bits", () => encodeString(intset(integers(16)))],
    [11, "an intset of 32 bits", () => encodeString(intset(integers(32)))],
    [11, "an intset of 64 bits", () => encodeString(intset(integers(64)))],
    [12, "a sorted set in a ziplist", () => encodeString(ziplist(sortedPairs(pairs(score))))],
    [13, "a hash in a ziplist", () => encodeString(ziplist(pairs(text)))],
    [
      14,
      "a list of ziplists",
      () =>
        encodeLength(2) + encodeString(ziplist(["a", ...texts(9)])) + encodeString(ziplist(["b"])),
    ],
  ];

  /** A ziplist has the lowest score first, and equal ones by their members. */
  function sortedPairs(flat: readonly string[]): string[] {
    const rows: [string, string][] = [];
    for (let i = 0; i < flat.length; i += 2) rows.push([flat[i]!, flat[i + 1]!]);
    const value = (digits: string): number => Number(digits.replace("inf", "Infinity"));
    rows.sort(([a, x], [b, y]) => value(x) - value(y) || (a < b ? -1 : 1));
    return rows.flat();
  }

  test.each(MADE)("type %d, %s: Redis and we take it for the same value", async (type, _, make) => {
    for (let i = 0; i < 20; i++) {
      const head = `${String.fromCharCode(type)}${make()}\x06\x00`;
      const payload = head + new Crc64().update(head).digest();
      expect(await client.ask("RESTORE", "made", "0", payload, "REPLACE")).toBe("OK");
      const digest = digestOf(restorePayload(payload, DEFAULT_LIMITS));
      expect(await client.ask("DEBUG", "DIGEST-VALUE", "made")).toEqual([digest]);
    }
  });

  test("a file of Redis 2.6 holds the same for both", async () => {
    const records = MADE.filter(([type]) => type < 14).map(([type, what, make]) => {
      return rdbKey({ name: what, type, body: make(), expiresAtMs: type === 9 ? 4e12 : 0 });
    });
    const file = `REDIS0006\xfe\x01${records.join("")}`;
    const sealed = file + rdbEnd(new Crc64().update(file));
    const harness = restored(keysOf(load([sealed]).records));
    expect(await digestOfFile(sealed)).toBe(datasetDigest(harness.engine));
  });
});
