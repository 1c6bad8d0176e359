// Fields that expire: the transcripts, what goes out to replicas, what replicas show, and what is kept.

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../../shared/base/random.ts";
import { datasetDigest } from "../../../shared/engine/digest.ts";
import { sweep } from "../../../shared/engine/expiry.ts";
import { Loading } from "../../../shared/replication/loading.ts";
import { SnapshotReader, Snapshots } from "../../../shared/replication/snapshot.ts";
import { type EffectCase, row, showUnits } from "../effect-cases.ts";
import { type EngineHarness, engineHarness, enginePlace } from "../../support/engine.ts";
import { Draw, type Maker } from "../../support/random-commands.ts";
import { parseTranscript, play } from "../../support/transcript.ts";
import { titled } from "../../spec/stories.ts";
import { eventsOf } from "./support/events.ts";

const TRANSCRIPT = new URL("../../spec/newer/hash-expiry.txt", import.meta.url);

describe("the transcript", () => {
  it.each(titled(parseTranscript(readFileSync(TRANSCRIPT, "utf8"))))(
    "%s",
    async (_title, story) => {
      expect(await play(story, enginePlace())).toBe(story.text);
    },
  );
});

const EFFECTS: readonly EffectCase[] = [
  row(
    "HEXPIRE and its kin go out as HPEXPIREAT, for the fields that got the time",
    "HSET h a 1 b 2",
    "HEXPIRE h 100 FIELDS 1 a; hpexpire h 200000 NX FIELDS 3 a b x; HEXPIREAT h 33177117420 GT FIELDS 2 x a",
    "HPEXPIREAT h +100000 FIELDS 1 a | HPEXPIREAT h +200000 NX FIELDS 1 b | " +
      "HPEXPIREAT h 33177117420000 GT FIELDS 1 a",
  ),
  row(
    "HPEXPIREAT keeps its spelling",
    "HSET h a 1",
    "hpexpireat h 33177117420000 fields 2 a x",
    "hpexpireat h 33177117420000 fields 1 a",
  ),
  row(
    "A time in the past goes out as an HDEL for each field",
    "HSET h a 1 b 2 c 3",
    "HEXPIRE h 0 FIELDS 3 a x b; HPEXPIREAT h 1 FIELDS 1 c",
    "HDEL h a; HDEL h b | HDEL h c",
  ),
  row(
    "What changes no time goes out as nothing",
    "HSET h a 1",
    "HEXPIRE h 100 XX FIELDS 1 a; HEXPIRE h 100 FIELDS 1 x; HPERSIST h FIELDS 1 a; HTTL h FIELDS 1 a; " +
      "HEXPIRE nothing 100 FIELDS 1 a; HEXPIRE nothing 0 FIELDS 1 a; HEXPIRE h x FIELDS 1 a",
    "",
  ),
  row(
    "HPERSIST goes out as it came",
    "HSET h a 1; HEXPIRE h 100 FIELDS 1 a",
    "HPERSIST h FIELDS 2 a x; HPERSIST h FIELDS 1 a",
    "HPERSIST h FIELDS 2 a x",
  ),
  row(
    "HSETEX goes out with the moment in ms",
    "",
    "HSETEX h EX 100 FIELDS 1 a 1; hsetex h fxx px 200000 fields 1 a 2; " +
      "HSETEX h PXAT 33177117420123 FIELDS 1 a 1; HSETEX h EXAT 33177117420 FNX FIELDS 1 b 1",
    "HSETEX h PXAT +100000 FIELDS 1 a 1 | hsetex h fxx PXAT +200000 fields 1 a 2 | " +
      "HSETEX h PXAT 33177117420123 FIELDS 1 a 1 | HSETEX h PXAT 33177117420000 FNX FIELDS 1 b 1",
  ),
  row(
    "HSETEX without a time goes out as it came, where it sets",
    "",
    "HSETEX h KEEPTTL FIELDS 1 a 1; HSETEX h FNX FIELDS 1 a 2; HSETEX h FIELDS 1 a 2",
    "HSETEX h KEEPTTL FIELDS 1 a 1 | HSETEX h FIELDS 1 a 2",
  ),
  row(
    "HSETEX in the past goes out as an HDEL for each field",
    "HSET h a 1",
    "HSETEX h EXAT 1 FIELDS 2 a 1 b 2",
    "HDEL h a; HDEL h b",
  ),
  row(
    "HGETEX goes out as what it does",
    "HSET h a 1 b 2",
    "HGETEX h FIELDS 1 a; HGETEX h EX 100 FIELDS 2 a x; HGETEX h PERSIST FIELDS 2 a b; " +
      "HGETEX h PERSIST FIELDS 1 a; HGETEX h PXAT 33177117420123 FIELDS 1 b; HGETEX h PXAT 1 FIELDS 2 a b",
    "HPEXPIREAT h +100000 FIELDS 2 a x | HPERSIST h FIELDS 2 a b | " +
      "HPEXPIREAT h 33177117420123 FIELDS 1 b | HDEL h a; HDEL h b",
  ),
  row(
    "HGETDEL goes out as HDEL",
    "HSET h a 1 b 2",
    "HGETDEL h FIELDS 2 a x; HGETDEL h FIELDS 1 x",
    "HDEL h a x",
  ),
  row(
    "HINCRBYFLOAT keeps the time of a field that has one",
    "HSET h a 1; HEXPIRE h 100 FIELDS 1 a",
    "HINCRBYFLOAT h a 0.5; HINCRBYFLOAT h b 0.5",
    "HSETEX h KEEPTTL FIELDS 1 a 1.5 | HSET h b 0.5",
  ),
  row("HSCAN NOVALUES goes out as nothing", "HSET h a 1", "HSCAN h 0 NOVALUES", ""),
];

describe("what the engine propagates", () => {
  it.each(EFFECTS.map((row) => [row.rule, row] as const))(
    "%s",
    (_rule, { given, when, stream }) => {
      const { engine, units, connect } = engineHarness();
      const client = connect();
      for (const args of given) client.send(args);
      units.length = 0;
      for (const args of when) client.send(args);
      expect(showUnits(units, engine.nowMs)).toEqual(stream);
    },
  );

  it.each([
    ["HGET h a", "HDEL h a"],
    ["HMGET h a x b c", "HDEL h a; HDEL h b"],
    ["HEXISTS h a", "HDEL h a"],
    ["HSTRLEN h a", "HDEL h a"],
    ["HRANDFIELD h", "HDEL h a; HDEL h b"],
    ["HRANDFIELD h 0", "HDEL h a; HDEL h b"],
    ["HSETNX h a 1", "HDEL h a; HSETNX h a 1"],
    ["HINCRBY h a 1", "HDEL h a; HINCRBY h a 1"],
    ["HINCRBYFLOAT h a 1", "HDEL h a; HSET h a 1"],
    ["HEXPIRE h 100 FIELDS 2 a c", "HDEL h a; HPEXPIREAT h +100000 FIELDS 1 c"],
    ["HGETDEL h FIELDS 2 a c", "HDEL h a; HDEL h a c"],
    ["HGETEX h PERSIST FIELDS 2 a c", "HDEL h a"],
    ["HSETEX h KEEPTTL FIELDS 1 a 1", "HDEL h a; HSETEX h KEEPTTL FIELDS 1 a 1"],
    ["HSETEX h FXX FIELDS 1 a 1", "HDEL h a"],
    ["HSET h a 1", "HSET h a 1"],
    ["HDEL h a", "HDEL h a"],
    ["HGETALL h", ""],
    ["HSCAN h 0", ""],
    ["HLEN h", ""],
    ["HTTL h FIELDS 1 a", ""],
    ["HPERSIST h FIELDS 1 a", ""],
  ])("%s meets fields that have expired as %j", (line, stream) => {
    const { engine, units, run, turn } = engineHarness();
    run("HSET h a 1 b 2 c 3");
    run("HPEXPIRE h 20 FIELDS 2 a b");
    turn(40);
    units.length = 0;
    run(line);
    expect(showUnits(units, engine.nowMs).join(" | ")).toBe(stream);
  });
});

describe("events", () => {
  it.each([
    ["HEXPIRE h 10 FIELDS 2 a b", ["h hexpire h"]],
    ["HEXPIRE h 10 XX FIELDS 1 b", []],
    ["HEXPIRE h 0 FIELDS 1 a", ["h hdel h"]],
    ["HEXPIRE h 0 FIELDS 2 a b", ["h hdel h", "g del h"]],
    ["HPERSIST h FIELDS 1 a", ["h hpersist h"]],
    ["HPERSIST h FIELDS 1 b", []],
    ["HGETDEL h FIELDS 1 a", ["h hdel h"]],
    ["HGETDEL h FIELDS 2 a b", ["h hdel h", "g del h"]],
    ["HGETEX h FIELDS 1 a", []],
    ["HGETEX h EX 10 FIELDS 1 a", ["h hexpire h"]],
    ["HGETEX h PERSIST FIELDS 1 a", ["h hpersist h"]],
    ["HGETEX h PXAT 1 FIELDS 2 a b", ["h hdel h", "g del h"]],
    ["HSETEX h FIELDS 1 a 1", ["h hset h"]],
    ["HSETEX h EX 10 FIELDS 1 a 1", ["h hset h", "h hexpire h"]],
    ["HSETEX h PXAT 1 FIELDS 1 a 1", ["h hset h", "h hdel h"]],
    ["HSETEX h FNX FIELDS 1 a 1", []],
  ])("of %s are %j", (line, events) => {
    const harness = engineHarness();
    harness.run("HSET h a 1 b 2");
    harness.run("HEXPIRE h 100 FIELDS 1 a");
    const told = eventsOf(harness);
    harness.run(line);
    expect(told).toEqual(events);
  });

  it.each([
    ["HGET h a", ["h hexpired h"]],
    ["HMGET h a b", ["h hexpired h", "g del h"]],
    ["HGETALL h", []],
    ["HSETNX h a 1", ["h hexpired h", "h hset h"]],
  ])("of %s are %j where fields have expired", (line, events) => {
    const harness = engineHarness();
    harness.run("HSET h a 1 b 2");
    harness.run("HPEXPIRE h 20 FIELDS 2 a b");
    harness.turn(40);
    const told = eventsOf(harness);
    harness.run(line);
    expect(told).toEqual(events);
  });
});

describe("a replica", () => {
  function replica(): EngineHarness {
    const harness = engineHarness();
    harness.run("HSET h a 1 b 2 c 3");
    harness.run("HPEXPIRE h 20 FIELDS 2 a b");
    harness.role.isReplica = true;
    harness.turn(40);
    harness.units.length = 0;
    return harness;
  }

  it("hides what has expired, and waits for the master's HDEL", () => {
    const { run, units, engine, replay } = replica();
    expect(run("HGET h a")).toBe(null);
    expect(run("HMGET h a c")).toEqual([null, "3"]);
    expect(run("HKEYS h")).toEqual(["c"]);
    expect(run("HRANDFIELD h -3")).toEqual(["c", "c", "c"]);
    expect(run("HRANDFIELD h 2")).toEqual(["c"]);
    expect(run("HTTL h FIELDS 1 a")).toEqual([-2]);
    expect(run("HLEN h")).toBe(3);
    expect(sweep(engine, { keysMax: 100 })).toBe(0);
    replay("HDEL", "h", "a");
    expect(run("HLEN h")).toBe(2);
    expect(units).toEqual([]);
  });

  it("shows none where all have expired", () => {
    const { run, replay } = replica();
    replay("HDEL", "h", "c");
    expect(run("HRANDFIELD h")).toBe(null);
    expect(run("HRANDFIELD h -3")).toEqual([]);
    expect(run("EXISTS h")).toBe(1);
  });

  it("replays on fields as the master had them, expired here or not", () => {
    const { run, replay, engine } = replica();
    expect(replay("HINCRBY", "h", "a", "5")).toBe(6);
    expect(replay("HPEXPIREAT", "h", "1", "FIELDS", "1", "c")).toEqual([1]);
    expect(run("HGET h c")).toBe(null);
    replay("HPEXPIREAT", "h", String(engine.nowMs + 100), "FIELDS", "2", "b", "c");
    expect(run("HMGET h a b c")).toEqual([null, "2", "3"]);
  });
});

describe("the sweep", () => {
  it("deletes fields that have expired, with an HDEL for each, and the key with the last", () => {
    const { run, turn, engine, units } = engineHarness();
    run("HSET h a 1 b 2 c 3");
    run("HPEXPIRE h 20 FIELDS 2 a b");
    run("HPEXPIRE h 100 FIELDS 1 c");
    units.length = 0;
    sweep(engine, { keysMax: 100 });
    expect(units).toEqual([]);
    turn(40);
    sweep(engine, { keysMax: 100 });
    expect(showUnits(units, engine.nowMs)).toEqual(["HDEL h a; HDEL h b"]);
    expect(run("HLEN h")).toBe(1);
    turn(100);
    sweep(engine, { keysMax: 100 });
    expect(run("DBSIZE")).toBe(0);
    expect(engine.keyspace.hasExpiring).toBe(false);
  });

  it("finds hashes in the base, small and in parts", () => {
    const { run, turn, engine, connect, checkpoint } = engineHarness();
    run("HSETEX small PX 20 FIELDS 1 a 1");
    run("HSETEX later PX 100000 FIELDS 1 a 1");
    const fields = Array.from({ length: 3000 }, (_, i) => [`field-${i}`, "value"]).flat();
    connect().send(["HSET", "large", ...fields]);
    run("HPEXPIRE large 20 FIELDS 3 field-1 field-2 nothing");
    checkpoint({ isForgetting: true });
    expect(engine.keyspace.space(0).resident.size).toBe(0);
    expect(engine.keyspace.hasExpiring).toBe(true);
    turn(40);
    for (let i = 0; i < 20; i++) sweep(engine, { keysMax: 10 });
    expect(run("EXISTS small")).toBe(0);
    expect(run("HLEN later")).toBe(1);
    expect(run("HLEN large")).toBe(2998);
  });

  it("comes to an end where very many fields expire at once", () => {
    const { run, turn, engine, connect } = engineHarness();
    const fields = Array.from({ length: 2000 }, (_, i) => [`field-${i}`, "value"]).flat();
    connect().send(["HSETEX", "h", "PX", "20", "FIELDS", "2000", ...fields]);
    turn(40);
    sweep(engine, { keysMax: 50 });
    const left = run("HLEN h") as number;
    expect(left).toBeLessThan(2000);
    expect(left).toBeGreaterThan(1000);
    for (let i = 0; i < 200; i++) sweep(engine, { keysMax: 50 });
    expect(run("EXISTS h")).toBe(0);
  });
});

describe("the time of a field", () => {
  it.each([3, 3000])("outlives a restart, in a hash of %i fields", (count) => {
    const { run, connect, store, checkpoint } = engineHarness();
    const fields = Array.from({ length: count }, (_, i) => [`field-${i}`, `value-${i}`]).flat();
    connect().send(["HSET", "h", ...fields]);
    run("HPEXPIREAT h 33177117420123 FIELDS 1 field-1");
    run("HPEXPIREAT h 33177117420999 FIELDS 1 field-2");
    const told = run("OBJECT ENCODING h");
    checkpoint();
    const after = engineHarness({ ports: { store } });
    expect(after.run("HPEXPIRETIME h FIELDS 3 field-0 field-1 field-2")).toEqual([
      -1, 33_177_117_420_123, 33_177_117_420_999,
    ]);
    expect(after.run("HMGET h field-0 field-1")).toEqual(["value-0", "value-1"]);
    expect(after.run("OBJECT ENCODING h")).toBe(told);
    expect(after.engine.keyspace.hasExpiring).toBe(true);
  });

  it.each([3, 3000])("goes through DUMP and RESTORE, in a hash of %i fields", (count) => {
    const { run, connect } = engineHarness();
    const client = connect();
    const fields = Array.from({ length: count }, (_, i) => [`field-${i}`, `value-${i}`]).flat();
    client.send(["HSET", "h", ...fields]);
    expect((run("DUMP h") as string).charCodeAt(0)).toBe(4);
    const plain = run("DEBUG DIGEST-VALUE h");
    run("HPEXPIREAT h 33177117420123 FIELDS 1 field-1");
    run("HPEXPIREAT h 33177117420999 FIELDS 1 field-2");
    const dump = run("DUMP h") as string;
    expect(dump.charCodeAt(0)).toBe(24);
    client.send(["RESTORE", "copy", "0", dump]);
    expect(run("HPEXPIRETIME copy FIELDS 3 field-0 field-1 field-2")).toEqual([
      -1, 33_177_117_420_123, 33_177_117_420_999,
    ]);
    run("HPERSIST h FIELDS 2 field-1 field-2");
    expect((run("DUMP h") as string).charCodeAt(0)).toBe(4);
    expect(run("DEBUG DIGEST-VALUE h")).toEqual(plain);
  });

  it.each([3, 3000])("goes with a full sync, in a hash of %i fields", (count) => {
    const { run, connect, engine } = engineHarness();
    const fields = Array.from({ length: count }, (_, i) => [`field-${i}`, `value-${i}`]).flat();
    connect().send(["HSET", "h", ...fields]);
    run("HPEXPIREAT h 33177117420123 FIELDS 1 field-1");
    run("HPEXPIREAT h 33177117420999 FIELDS 1 field-2");
    const history = { id: "a".repeat(40), previousId: "0".repeat(40), previousUntil: -1, epoch: 0 };
    const snapshots = new Snapshots(engine);
    const pin = snapshots.open(() => ({ history, offset: 0, streamDb: 0 }))!;
    const reader = new SnapshotReader(snapshots, pin.id);
    const replica = engineHarness();
    const loading = new Loading(replica.store, replica.engine);
    while (!reader.isAtEnd) loading.push(reader.next(5000)!);
    while (loading.isBusy) loading.work();
    loading.finish({ history, offset: 0 });
    const { keyspace } = replica.engine;
    expect(keyspace.hasExpiring).toBe(true);
    keyspace.loaded(keyspace.find(keyspace.space(0), "h")!);
    expect(replica.run("HPEXPIRETIME h FIELDS 3 field-0 field-1 field-2")).toEqual([
      -1, 33_177_117_420_123, 33_177_117_420_999,
    ]);
    expect(datasetDigest(replica.engine)).toBe(datasetDigest(engine));
  });

  it("costs a checkpoint one part, not all", () => {
    const { run, connect, store, checkpoint } = engineHarness();
    const fields = Array.from({ length: 20_000 }, (_, i) => [`field-${i}`, `value-${i}`]).flat();
    connect().send(["HSET", "h", ...fields]);
    checkpoint();
    const before = store.rowsWritten;
    run("HEXPIRE h 100 FIELDS 1 field-7");
    checkpoint();
    // The part, perhaps divided, the key's row, and what the base is the state of.
    expect(store.rowsWritten - before).toBeLessThanOrEqual(4);
  });
});

const FIELDS = ["a", "b", "c", "d", "e", "long".repeat(20)];
const MAKERS: readonly Maker[] = [
  (d) => ["HSET", "h", field(d), "1", field(d), "2"],
  (d) => ["HSETNX", "h", field(d), "3"],
  (d) => ["HDEL", "h", field(d)],
  (d) => ["HINCRBY", "h", field(d), "1"],
  (d) => ["HINCRBYFLOAT", "h", field(d), "0.5"],
  (d) => ["HGET", "h", field(d)],
  (d) => ["HMGET", "h", field(d), field(d)],
  (d) => [d.of(["HGETALL", "HLEN", "HRANDFIELD", "HKEYS"]), "h"],
  (d) => [d.of(["HPEXPIRE", "HEXPIRE"]), "h", d.of(["0", "1", "10", "50"]), ...fields(d)],
  (d) => ["HPEXPIRE", "h", d.of(["5", "20"]), d.of(["NX", "XX", "GT", "LT"]), ...fields(d)],
  (d) => ["HPERSIST", "h", ...fields(d)],
  (d) => [d.of(["HTTL", "HPEXPIRETIME"]), "h", ...fields(d)],
  (d) => ["HGETDEL", "h", ...fields(d)],
  (d) => ["HGETEX", "h", ...d.of([["PX", "10"], ["PERSIST"], ["PXAT", "1"], []]), ...fields(d)],
  (d) => ["HSETEX", "h", ...setOptions(d), "FIELDS", "2", field(d), "4", field(d), "5"],
  (d) => (d.chance(0.2) ? ["PEXPIRE", "h", "100"] : ["COPY", "h", "i", "REPLACE"]),
  (d) => (d.chance(0.2) ? ["RENAME", "i", "h"] : ["HRANDFIELD", "h", "-2"]),
];

function field(d: Draw): string {
  return d.chance(0.02) ? FIELDS.at(-1)! : d.of(FIELDS.slice(0, 5));
}

function fields(d: Draw): string[] {
  return ["FIELDS", "2", field(d), field(d)];
}

function setOptions(d: Draw): string[] {
  const condition = d.chance(0.3) ? [d.of(["FNX", "FXX"])] : [];
  return [...condition, ...d.of([["PX", "10"], ["PX", "0"], ["KEEPTTL"], ["EX", "1"], []])];
}

describe("random commands, with a clock that goes on", () => {
  it.each([1, 2, 3, 4])("leave a replica with the master's data (seed %i)", (seed) => {
    const random = seededRandom(seed);
    const draw = new Draw(random);
    const master = engineHarness();
    const replica = engineHarness();
    replica.role.isReplica = true;
    const client = master.connect();
    const differences: number[] = [];
    for (let i = 0; i < 3000; i++) {
      client.send(draw.of(MAKERS)(draw));
      if (random.next() < 0.2) {
        const ms = Math.floor(random.next() * 15);
        master.turn(ms);
        replica.turn(ms);
      }
      if (random.next() < 0.02) sweep(master.engine, { keysMax: 10 });
      if (random.next() < 0.02) master.checkpoint({ isForgetting: random.next() < 0.5 });
      if (random.next() < 0.02) replica.checkpoint({ isForgetting: true });
      for (const { args } of master.units.splice(0).flat()) replica.replay(...args);
      if (i % 20 === 0 && view(replica) !== view(master)) differences.push(i);
    }
    expect(differences).toEqual([]);
  });
});

/** What is there, and what clients see of it. */
function view({ run, engine }: EngineHarness): string {
  const digest = datasetDigest(engine);
  const fields = (run("HKEYS h") as string[]).toSorted();
  const times = [run("HTTL h FIELDS 5 a b c d e"), run("HLEN h"), run("PTTL h")];
  return JSON.stringify([digest, fields, times]);
}
