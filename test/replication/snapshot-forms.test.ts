// One pin, read by our own nodes and by others: who gets what of streams, and of what came from a newer master.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { keyHash } from "../../shared/base/key-hash.ts";
import { canDecode, decodeValue, inForm } from "../../shared/rdb/codec.ts";
import { dumpPayload } from "../../shared/rdb/dump.ts";
import type { Form } from "../../shared/rdb/value-codec.ts";
import { rdbEnd } from "../../shared/rdb/writer.ts";
import { Loading } from "../../shared/replication/loading.ts";
import {
  SNAPSHOT_START,
  type Slice,
  SnapshotReader,
  Snapshots,
  type SnapshotCursor,
} from "../../shared/replication/snapshot.ts";
import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { BODIES } from "../rdb/support/bodies.ts";
import { keysOf, load } from "../rdb/support/records.ts";
import { type EngineHarness, engineHarness, throughCodec } from "../support/engine.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { MASTER, pass, quietWorld, send } from "../support/sim/quiet.ts";
import { socketClient } from "../support/socket-place.ts";
import { render } from "../support/transcript.ts";

const HISTORY = { id: "a".repeat(40), previousId: "0".repeat(40), previousUntil: -1, epoch: 0 };
const CHUNK_BYTES = 5000;
const STREAMS = ["small", "empty", "long", "pending"];
const QUESTIONS = STREAMS.flatMap((key) => [
  ["XINFO", "STREAM", key, "FULL", "COUNT", "0"],
  ["XINFO", "GROUPS", key],
  ["XRANGE", key, "-", "+"],
]);

/** Streams that are stored whole and in parts, with counters that do not follow from their entries. */
function filled(): EngineHarness {
  const harness = engineHarness();
  const { run } = harness;
  for (const key of STREAMS) {
    const count = key === "long" || key === "pending" ? 2000 : 20;
    for (let i = 1; i <= count; i++) run(`XADD ${key} ${i}-0 field value-${i}`);
    for (const group of ["a", "b", "c"]) run(`XGROUP CREATE ${key} ${group} 7-0 ENTRIESREAD 9`);
    run(`XDEL ${key} 3-0 ${count - 1}-0`);
  }
  run("XTRIM empty MAXLEN 0");
  for (const key of ["small", "pending"]) {
    run(`XREADGROUP GROUP b x COUNT 900 STREAMS ${key} >`);
    run(`XREADGROUP GROUP b y COUNT 5 STREAMS ${key} >`);
    run(`XREADGROUP GROUP b z COUNT 700 STREAMS ${key} >`);
    run(`XREADGROUP GROUP c x COUNT 3 STREAMS ${key} >`);
  }
  run("SET text value");
  run("HSET hash f v g w");
  run("HPEXPIREAT hash 33177117420123 FIELDS 1 f");
  return harness;
}

function pinned(harness: EngineHarness): { snapshots: Snapshots; id: string } {
  const snapshots = new Snapshots(harness.engine);
  const { id } = snapshots.open(() => ({ history: HISTORY, offset: 0, streamDb: 0 }))!;
  return { snapshots, id };
}

function read(pin: ReturnType<typeof pinned>, form: Form): string {
  return slices(pin, form).join("") + rdbEnd(undefined);
}

function slices({ snapshots, id }: ReturnType<typeof pinned>, form: Form): string[] {
  const texts: string[] = [];
  let cursor: SnapshotCursor | undefined = SNAPSHOT_START;
  while (cursor !== undefined) {
    const slice: Slice = snapshots.read(id, cursor, { bytesMax: CHUNK_BYTES, form })!;
    texts.push(slice.bytes);
    cursor = slice.next;
  }
  return texts;
}

function file(harness: EngineHarness): string {
  const { snapshots, id } = pinned(harness);
  const reader = new SnapshotReader(snapshots, id);
  let text = "";
  while (!reader.isAtEnd) text += reader.next(CHUNK_BYTES)!;
  snapshots.drop();
  return text;
}

function loaded(text: string): EngineHarness {
  const harness = engineHarness();
  const loading = new Loading(harness.store, harness.engine);
  loading.push(text);
  while (loading.isBusy) loading.work();
  loading.finish({ history: HISTORY, offset: 0 });
  return harness;
}

function answers(harness: EngineHarness): string[] {
  const client = throughCodec(harness.connect());
  return QUESTIONS.map((args) => render(client.send(args)));
}

function streamTypes(text: string): number[] {
  const keys = keysOf(load([text]).records).filter(({ name }) => STREAMS.includes(name));
  return [...new Set(keys.map(({ type }) => type))];
}

describe("a snapshot", () => {
  test("for our own nodes has all of a stream", () => {
    const harness = filled();
    const text = read(pinned(harness), "ours");
    expect(streamTypes(text)).toEqual([19]);
    expect(answers(loaded(text))).toEqual(answers(harness));
  });

  test("for others has streams of type 15, or 19 where the oldest of them is Redis 7", () => {
    const harness = filled();
    expect(streamTypes(file(harness))).toEqual([15]);
    harness.run("CONFIG SET rdb-redis-version-min 7");
    const text = file(harness);
    expect(streamTypes(text)).toEqual([19]);
    expect(answers(loaded(text))).toEqual(answers(harness));
  });

  test("of another server may have keys that expire at the end of time", () => {
    const endOfTime = (2n ** 63n - 1n).toString();
    const name = "k";
    const expiry = `\xfc${"\xff".repeat(7)}\x7f`;
    const harness = loaded(`REDIS0009${expiry}\0\x01${name}\x01v${rdbEnd(undefined)}`);
    const last = 2 ** 63 - 1024;
    const rowOf = (): unknown => {
      const { engine, store } = harness;
      return store.load(engine.keyspace.space(0).id, [{ hash: keyHash(name), name }])[0];
    };
    expect(rowOf()).toMatchObject({ expiresAtMs: last });
    expect(harness.run(`PEXPIRETIME ${name}`)).toBe(BigInt(last));
    const again = loaded(file(harness));
    expect(again.run(`PEXPIRETIME ${name}`)).toBe(BigInt(last));
    const dumped = harness.run(`DUMP ${name}`) as string;
    const client = harness.connect();
    client.send(["RESTORE", name, endOfTime, dumped, "REPLACE", "ABSTTL"]);
    harness.checkpoint();
    expect(rowOf()).toMatchObject({ expiresAtMs: last });
  });

  test("brings long strings, in pages or not, some of one at a time", () => {
    const harness = engineHarness();
    const client = harness.connect();
    const long = "0123456789".repeat(1_000_000);
    client.send(["SET", "plain", long]);
    client.send(["SET", "paged", long]);
    client.send(["SETRANGE", "paged", "5000000", "x"]);
    harness.checkpoint();
    const text = read(pinned(harness), "ours");
    const taken = engineHarness();
    const loading = new Loading(taken.store, taken.engine);
    loading.push(text);
    let steps = 0;
    for (; loading.isBusy; steps++) loading.work();
    expect(steps).toBeGreaterThan(3);
    loading.finish({ history: HISTORY, offset: 0 });
    const digests = ["plain", "paged"].map((key) => {
      expect(taken.run(`STRLEN ${key}`)).toBe(long.length);
      return [harness, taken].map(({ run }) => run(`DEBUG DIGEST-VALUE ${key}`));
    });
    for (const [ours, theirs] of digests) expect(theirs).toEqual(ours);
    expect(taken.run("GETRANGE paged 4999999 5000001")).toBe("9x1");
  });

  test("has the form that was set when its reading began", () => {
    const harness = filled();
    const { snapshots, id } = pinned(harness);
    const reader = new SnapshotReader(snapshots, id);
    let text = reader.next(1)!;
    harness.run("CONFIG SET rdb-redis-version-min 7");
    while (!reader.isAtEnd) text += reader.next(CHUNK_BYTES)!;
    expect(streamTypes(text)).toEqual([15]);
  });

  test("is read in every form from one pin, from cursors of any", () => {
    const pin = pinned(filled());
    const whole = { ours: read(pin, "ours"), redis5: read(pin, "redis5") };
    const texts = { ours: "", redis5: "" };
    let cursor: SnapshotCursor | undefined = SNAPSHOT_START;
    // The cursors are those of the one; the other goes on from each of them, to the next.
    while (cursor !== undefined) {
      const from: SnapshotCursor = cursor;
      const options = { bytesMax: 1, form: "redis5" } as const;
      const [one, other] = [
        pin.snapshots.read(pin.id, from, { ...options, form: "ours" })!,
        pin.snapshots.read(pin.id, from, options)!,
      ];
      expect(other.next).toEqual(one.next);
      texts.ours += one.bytes;
      texts.redis5 += other.bytes;
      cursor = one.next;
    }
    expect(texts.ours + rdbEnd(undefined)).toBe(whole.ours);
    expect(texts.redis5 + rdbEnd(undefined)).toBe(whole.redis5);
  });

  test.each([
    ["redis5", 15],
    ["redis7", 19],
  ] as const)(
    "for %s has what a newer master left in a form that is read there",
    (form, newest) => {
      for (const { type, body } of BODIES.filter((row) => canDecode(row.type))) {
        const left = inForm({ type, body }, form);
        // Fields that expire have no older form.
        expect(left.type <= newest || left.type >= 24).toBe(true);
        expect(left.body === body).toBe(left.type === type);
        const [was, is] = [
          decodeValue(type, body, DEFAULT_LIMITS),
          decodeValue(left.type, left.body, DEFAULT_LIMITS),
        ];
        expect(dumpPayload(is, "redis5")).toBe(dumpPayload(was, "redis5"));
      }
    },
  );
});

describe("a long string", () => {
  test.each(["ours", "redis5", "redis7"] as const)(
    "goes in its pieces, to readers of the form %s",
    (form) => {
      const harness = engineHarness();
      const client = throughCodec(harness.connect());
      const values = [5_300_000, 10, 2_000_000, 1_000_000].map((n, i) => `${i}`.padEnd(n, `${n} `));
      for (const [i, value] of values.entries()) client.send(["SET", `key:${i}`, value]);
      const pin = pinned(harness);
      const texts = slices(pin, form);
      expect(Math.max(...texts.map((text) => text.length))).toBeLessThan(1_010_000);
      expect(texts.length).toBeGreaterThan(8);
      const replica = throughCodec(loaded(texts.join("") + rdbEnd(undefined)).connect());
      expect(values.map((_, i) => replica.send(["GET", `key:${i}`]))).toEqual(values);
    },
  );
});

describe("a full sync", () => {
  const LINES = [
    ...Array.from({ length: 300 }, (_, i) => `XADD s ${i + 1}-0 field value`),
    "XGROUP CREATE s g 7-0 ENTRIESREAD 9",
    "XDEL s 3-0 299-0",
    "XREADGROUP GROUP g c COUNT 200 STREAMS s >",
  ];

  test("between our nodes keeps the counters of streams; over TCP it does from version 7 on", () => {
    for (const version of ["5", "7"]) {
      const world = quietWorld(
        { a: MASTER, b: MASTER, c: MASTER },
        { "rdb-redis-version-min": version },
      );
      send(world, "a", ...LINES);
      pass(world);
      send(world, "b", "REPLICAOF a 7001");
      send(world, "c", "REPLICAOF 10.0.0.9 7001");
      pass(world);
      const [a, b, c] = ["a", "b", "c"].map((name) => {
        const client = send(world, name, "XINFO STREAM s FULL");
        pass(world);
        return client.text;
      });
      expect(a).toContain("entries-read");
      expect(b).toBe(a);
      expect(c === a).toBe(version === "7");
    }
  });
});

describe.skipIf(!hasRedis)("redis-server", { timeout: 30_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-rdb-"));
  let redis: Redis | undefined;
  afterEach(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("loads a file with our streams, and makes of them what we do", async () => {
    const harness = filled();
    // Redis 7.0 does not read a hash whose fields expire.
    harness.run("DEL hash");
    const text = file(harness);
    writeFileSync(path.join(folder, "ours.rdb"), text, "latin1");
    redis = await startRedis({ dbfilename: "ours.rdb" }, { folder });
    const client = await socketClient(redis.port);
    const theirs: string[] = [];
    for (const args of QUESTIONS) theirs.push(render(await client.send(args)));
    client.close();
    expect(answers(loaded(text))).toEqual(theirs);
    const entries = answers(harness).filter((_, i) => i % 3 === 2);
    expect(theirs.filter((_, i) => i % 3 === 2)).toEqual(entries);
  });
});
