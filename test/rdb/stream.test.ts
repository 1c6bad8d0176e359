// Streams as RDB has them: every age, every damage, and both ways with redis-server.

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { decodeValue, encodeValue } from "../../shared/rdb/codec.ts";
import { dumpPayload, restorePayload } from "../../shared/rdb/dump.ts";
import { encodeListpack } from "../../shared/rdb/listpack.ts";
import { encodeString, littleEndian64 } from "../../shared/rdb/primitives.ts";
import { RdbError } from "../../shared/rdb/reader.ts";
import { type Reply, Status } from "../../shared/resp/reply.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { READ_UNKNOWN } from "../../shared/types/stream-group.ts";
import { FIRST_ID, formatId, LAST_ID, streamId } from "../../shared/types/stream-id.ts";
import { StreamValue } from "../../shared/types/stream.ts";
import { engineHarness, throughCodec } from "../support/engine.ts";
import { Draw } from "../support/random-commands.ts";
import { MAKERS } from "../support/random/stream.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { type SocketClient, socketClient } from "../support/socket-place.ts";
import { render } from "../support/transcript.ts";

const ALL = { countMax: Infinity };

/** Two blocks, a deleted entry, other fields, a group with two consumers. */
function sample(): StreamValue {
  const stream = new StreamValue();
  const limits = { ...DEFAULT_LIMITS, streamNodeEntries: 3 };
  const add = (ms: number, ...args: string[]): void => {
    stream.add(streamId(ms, 0), { args, from: 0 }, limits);
  };
  add(1000, "f", "v");
  add(1001, "f", "\x00\xff");
  add(1002, "g", "12", "h", "x".repeat(70));
  add(1003, "f", "-5");
  stream.delete([streamId(1001, 0)]);
  const group = stream.addGroup("g", streamId(1002, 0), 3n);
  const [a, b] = [group.addConsumer("a", 1600000000000), group.addConsumer("12", 5)];
  group.addPending(streamId(1000, 0), a, { deliveredAtMs: 1600000000001, deliveryCount: 1 });
  group.addPending(streamId(1002, 0), b, { deliveredAtMs: 7, deliveryCount: 2n ** 63n - 1n });
  stream.addGroup("empty", FIRST_ID, READ_UNKNOWN);
  return stream;
}

interface Shown {
  readonly ids: readonly string[];
  readonly entriesAdded: bigint;
  readonly entries: unknown;
  readonly groups: readonly (readonly unknown[])[];
}

function shown(stream: StreamValue): Shown {
  const { lastId, firstId, maxDeletedId, entriesAdded } = stream;
  return {
    ids: [lastId, firstId, maxDeletedId].map(formatId),
    entriesAdded,
    entries: stream.range(FIRST_ID, LAST_ID, ALL),
    groups: [...stream.groups.values()].map((group) => [
      group.name,
      formatId(group.lastId),
      group.entriesRead,
      [...group.pendingIds.from(FIRST_ID)].map((id) => {
        const { consumer, deliveredAtMs, deliveryCount } = group.pendingAt(id)!;
        return [formatId(id), consumer.name, deliveredAtMs, deliveryCount];
      }),
      [...group.consumers.values()].map(({ name, seenAtMs }) => [name, seenAtMs]),
    ]),
  };
}

/** The stream that these bytes are, or an empty one where they are damaged. */
function readable(type: number, body: string): StreamValue {
  try {
    return decodeValue(type, body, DEFAULT_LIMITS) as StreamValue;
  } catch (error) {
    if (error instanceof RdbError) return new StreamValue();
    throw error;
  }
}

describe("a stream", () => {
  test("is the same after RDB", () => {
    for (const stream of [new StreamValue(), sample()]) {
      const { type, body } = encodeValue(stream);
      expect(type).toBe(19);
      expect(shown(decodeValue(type, body, DEFAULT_LIMITS) as StreamValue)).toEqual(shown(stream));
    }
  });

  test("has all but its counters after RDB for Redis 5", () => {
    const { type, body } = encodeValue(sample(), "redis5");
    expect(type).toBe(15);
    const read = shown(decodeValue(type, body, DEFAULT_LIMITS) as StreamValue);
    const written = shown(sample());
    expect(read.entries).toEqual(written.entries);
    expect(read.ids).toEqual(["1003-0", "1000-0", "0-0"]);
    expect(read.entriesAdded).toBe(3n);
    const withoutRead = ([name, lastId, , ...rest]: readonly unknown[]): unknown => {
      return [name, lastId, ...rest];
    };
    expect(read.groups.map(withoutRead)).toEqual(written.groups.map(withoutRead));
  });

  test("with a bit changed or cut is damaged, or another one, and nothing else", () => {
    const { type, body } = encodeValue(sample());
    const damaged: string[] = [];
    for (let bit = 0; bit < body.length * 8; bit++) {
      const at = bit >> 3;
      const byte = String.fromCharCode(body.charCodeAt(at) ^ (1 << (bit & 7)));
      damaged.push(body.slice(0, at) + byte + body.slice(at + 1));
    }
    for (let size = 0; size < body.length; size++) damaged.push(body.slice(0, size));
    for (const text of damaged) {
      const stream = readable(type, text);
      expect(stream.range(FIRST_ID, LAST_ID, ALL)).toHaveLength(stream.size);
      encodeValue(stream);
    }
  });

  test("of Redis 5 gets its counters from its entries", () => {
    const master = ["2", "0", "1", "f", "0"];
    const entries = ["2", "0", "0", "v", "4", "2", "0", "1", "w", "4"];
    const block =
      encodeString(streamId(1, 1)) + encodeString(encodeListpack([...master, ...entries]));
    // Two entries, last ID 1-2, and a group that stands at 1-1 with nothing pending.
    const tail = "\x02\x01\x02\x01\x01g\x01\x01\x00\x00";
    const stream = decodeValue(15, `\x01${block}${tail}`, DEFAULT_LIMITS) as StreamValue;
    expect(shown(stream)).toMatchObject({
      ids: ["1-2", "1-1", "0-0"],
      entriesAdded: 2n,
      groups: [["g", "1-1", 1n, [], []]],
    });
  });

  test("of Redis 7.2 is read but for when its consumers were last active", () => {
    const stream = sample();
    const { body } = encodeValue(stream);
    const seen = `\x01a${littleEndian64(1600000000000)}`;
    const [before, after] = halves(body, seen);
    const other = encodeString("12") + littleEndian64(5);
    const [between, rest] = halves(after, other);
    const active = "\x01".repeat(8);
    const newer = before + seen + active + between + other + active + rest;
    const read = decodeValue(21, newer, DEFAULT_LIMITS) as StreamValue;
    expect(shown(read)).toEqual(shown(stream));
  });
});

function halves(text: string, middle: string): [string, string] {
  const at = text.indexOf(middle);
  expect(at).toBeGreaterThan(0);
  return [text.slice(0, at), text.slice(at + middle.length)];
}

describe.skipIf(!hasRedis)("beside redis-server", { timeout: 30_000 }, () => {
  let redis: Redis;
  let client: SocketClient;
  beforeAll(async () => {
    redis = await startRedis({
      "sanitize-dump-payload": "yes",
      "stream-node-max-entries": 10,
      "enable-debug-command": "yes",
    });
    client = await socketClient(redis.port);
  });
  afterAll(async () => {
    client.close();
    await redis.stop();
  });

  async function ask(...args: string[]): Promise<string> {
    return render(await client.send(args));
  }

  test.each([
    ["redis5", 15],
    ["redis7", 19],
  ] as const)("a stream dumped for %s is restored there as it is here", async (form, type) => {
    const dumped = dumpPayload(sample(), form);
    expect(dumped.charCodeAt(0)).toBe(type);
    expect(await client.send(["RESTORE", "s", "0", dumped, "REPLACE"])).toEqual(new Status("OK"));
    const ours = throughCodec(engineHarness().connect());
    ours.send(["RESTORE", "s", "0", dumped]);
    for (const args of [
      ["XINFO", "STREAM", "s", "FULL"],
      ["XINFO", "GROUPS", "s"],
      ["XRANGE", "s", "-", "+"],
    ]) {
      expect(render(ours.send(args))).toBe(await ask(...args));
    }
    const payload = (await client.send(["DUMP", "s"])) as string;
    expect(shown(restorePayload(payload, DEFAULT_LIMITS) as StreamValue)).toMatchObject({
      entries: sample().range(FIRST_ID, LAST_ID, ALL),
    });
  });

  test.each([1, 2, 3])("streams by chance go both ways, seed %i", async (seed) => {
    const draw = new Draw(seededRandom(seed));
    await client.send(["FLUSHALL"]);
    for (let i = 0; i < 1500; i++) await client.send(draw.of(MAKERS)(draw));
    const harness = engineHarness();
    const ours = throughCodec(harness.connect());
    for (const key of ["a", "b", "c", "d", ""]) {
      const payload = await client.send(["DUMP", key]);
      if (typeof payload !== "string") continue;
      ours.send(["RESTORE", key, "0", payload, "REPLACE"]);
      const info = ["XINFO", "STREAM", key, "FULL", "COUNT", "0"];
      const full = await ask(...info);
      expect(render(ours.send(info))).toBe(full);
      const counterless = withoutCounters(ours.send(info));
      harness.checkpoint({ isForgetting: true });
      ours.send(["CONFIG", "SET", "rdb-redis-version-min", "7"]);
      const back = ours.send(["DUMP", key]) as string;
      expect(await ask("RESTORE", key, "0", back, "REPLACE")).toBe("OK");
      expect(await ask(...info)).toBe(full);

      ours.send(["CONFIG", "SET", "rdb-redis-version-min", "5"]);
      const older = ours.send(["DUMP", key]) as string;
      expect(older.charCodeAt(0)).toBe(15);
      expect(await ask("RESTORE", key, "0", older, "REPLACE")).toBe("OK");
      ours.send(["RESTORE", key, "0", older, "REPLACE"]);
      expect(await ask(...info)).toBe(render(ours.send(info)));
      expect(withoutCounters(await client.send(info))).toEqual(counterless);
    }
  });

  test("a listpack of ours has the sizes it wants, at the ends of their widths", async () => {
    for (const size of [
      63, 64, 125, 126, 4095, 4096, 16_377, 16_378, 16_379, 2_097_146, 2_097_147,
    ]) {
      const stream = new StreamValue();
      stream.add(streamId(1, 1), { args: ["f", "x".repeat(size)], from: 0 }, DEFAULT_LIMITS);
      stream.add(streamId(1, 2), { args: ["f", "v"], from: 0 }, DEFAULT_LIMITS);
      const dumped = dumpPayload(stream, "redis5");
      expect(await ask("RESTORE", "long", "0", dumped, "REPLACE")).toBe("OK");
      expect(await ask("XREVRANGE", "long", "+", "-", "COUNT", "1")).toContain("1-2");
    }
  });
});

/** What XINFO STREAM tells that type 15 has not. */
const COUNTERS: ReadonlySet<unknown> = new Set([
  "max-deleted-entry-id",
  "entries-added",
  "recorded-first-entry-id",
  "entries-read",
  "lag",
]);

function withoutCounters(reply: Reply): unknown {
  if (!Array.isArray(reply)) return reply;
  const items = reply as readonly Reply[];
  return items.flatMap((item, i) => {
    const isCounter = COUNTERS.has(item) || COUNTERS.has(items[i - 1]);
    return isCounter ? [] : [withoutCounters(item)];
  });
}
