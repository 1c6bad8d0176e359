// What the transcripts of hashes do not show: RESP3, chance, large hashes, events.

import { describe, expect, it } from "vitest";

import { MapReply, ReplyError } from "../../../shared/resp/reply.ts";
import type { HashValue } from "../../../shared/types/hash.ts";
import { type EngineHarness, engineHarness } from "../../support/engine.ts";
import { eventsOf } from "./support/events.ts";

/** More than a listpack holds. */
const LARGE = 2000;

function largeHash(count = LARGE): EngineHarness {
  const harness = engineHarness();
  const args = ["HSET", "h"];
  for (let i = 0; i < count; i++) args.push(`field-${i}`, `value-${i}`);
  harness.connect().send(args);
  return harness;
}

function pairsIn(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

describe("in RESP3", () => {
  it("HGETALL is a map and HRANDFIELD has pairs", () => {
    const { connect } = engineHarness();
    const client = connect();
    client.session.protocol = 3;
    client.send(["HSET", "h", "a", "1"]);
    expect(client.send(["HGETALL", "h"])).toEqual(new MapReply(["a", "1"]));
    expect(client.send(["HGETALL", "nothing"])).toEqual(new MapReply([]));
    expect(client.send(["HKEYS", "h"])).toEqual(["a"]);
    expect(client.send(["HRANDFIELD", "h"])).toBe("a");
    expect(client.send(["HRANDFIELD", "h", "2"])).toEqual(["a"]);
    const pairs = [
      ["a", "1"],
      ["a", "1"],
    ];
    expect(client.send(["HRANDFIELD", "h", "-2", "WITHVALUES"])).toEqual(pairs);
    expect(client.send(["HRANDFIELD", "nothing"])).toBe(null);
  });
});

describe("HRANDFIELD", () => {
  it.each([1, 20, 700, 1500, LARGE - 1, LARGE])("gives %i different fields of many", (count) => {
    const { run } = largeHash();
    const flat = run(`HRANDFIELD h ${count} WITHVALUES`) as string[];
    const found = new Map(pairsIn(flat));
    expect(found.size).toBe(count);
    expect(flat.length).toBe(2 * count);
    for (const [field, value] of found) expect(value).toBe(field.replace("field", "value"));
  });

  it("gives different fields of few, each as likely as the others", () => {
    const { run } = engineHarness();
    run("HSET h a 1 b 2 c 3 d 4");
    const counts = new Map<string, number>();
    for (let i = 0; i < 4000; i++) {
      const fields = run("HRANDFIELD h 2") as string[];
      expect(new Set(fields).size).toBe(2);
      for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
    }
    // Expected are 2000 each, with a deviation of 32.
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it.each([50, 3 * LARGE])("gives fields again where the count is negative: %i draws", (count) => {
    const { run } = largeHash();
    const fields = run(`HRANDFIELD h -${count}`) as string[];
    expect(fields.length).toBe(count);
    expect(fields.every((field) => run(`HEXISTS h ${field}`) === 1)).toBe(true);
  });

  it.each(["-9223372036854775807", "-9000000000", "-5000000"])("refuses to give %s", (count) => {
    const { run } = largeHash();
    expect(run(`HRANDFIELD h ${count}`)).toEqual(new ReplyError("ERR value is out of range"));
    expect(run("HRANDFIELD nothing -9223372036854775807")).toEqual([]);
  });
});

describe("HSCAN of a large hash", () => {
  it("shows every field once, about as many at a time as asked for", () => {
    const { run } = largeHash();
    const seen: string[] = [];
    let cursor = "0";
    do {
      const [next, flat] = run(`HSCAN h ${cursor} COUNT 50`) as [string, string[]];
      expect(flat.length).toBeLessThan(120);
      for (const [field, value] of pairsIn(flat)) {
        expect(value).toBe(field.replace("field", "value"));
        seen.push(field);
      }
      cursor = next;
    } while (cursor !== "0");
    expect(seen.length).toBe(LARGE);
    expect(new Set(seen).size).toBe(LARGE);
  });

  it("goes on after a restart", () => {
    const { run, checkpoint } = largeHash();
    const [cursor, first] = run("HSCAN h 0 COUNT 900 NOVALUES") as [string, string[]];
    checkpoint({ isForgetting: true });
    const [end, rest] = run(`HSCAN h ${cursor} COUNT 5000 NOVALUES`) as [string, string[]];
    expect(end).toBe("0");
    expect(new Set([...first, ...rest]).size).toBe(LARGE);
  });

  it("filters what it shows, not how far it goes", () => {
    const { run } = largeHash();
    const [cursor, found] = run("HSCAN h 0 COUNT 10 MATCH none") as [string, string[]];
    expect(found).toEqual([]);
    expect(cursor).not.toBe("0");
    expect(run("HSCAN h 18446744073709551615 COUNT 10")).toEqual(["0", []]);
    expect(run("HSCAN h 0 COUNT 9223372036854775807 MATCH field-77")).toEqual([
      "0",
      ["field-77", "value-77"],
    ]);
  });
});

describe("a hash in parts", () => {
  it("costs a checkpoint a part or two and its head when one field changes", () => {
    const { run, store, checkpoint, engine } = largeHash(100_000);
    checkpoint();
    const value = engine.keyspace.space(0).resident.get("h")!.value as HashValue;
    expect(value.parts.count).toBeGreaterThan(500);
    const before = store.rowsWritten;
    run("HSET h field-5 changed");
    checkpoint();
    // The head, the part, and what the base is the state of.
    expect(store.rowsWritten - before).toBeLessThanOrEqual(3);
    run("HDEL h field-6");
    run("HINCRBY h new 1");
    checkpoint();
    expect(store.rowsWritten - before).toBeLessThanOrEqual(10);
  });

  it("is all there after a restart", () => {
    const { store, run, checkpoint } = largeHash(20_000);
    run("HSET h field-5 changed");
    run("HDEL h field-6");
    checkpoint();
    const after = engineHarness({ ports: { store } });
    const { keyspace } = after.engine;
    keyspace.loaded(keyspace.find(keyspace.space(0), "h")!);
    expect(after.run("HLEN h")).toBe(19_999);
    expect(after.run("HMGET h field-5 field-6 field-19999")).toEqual([
      "changed",
      null,
      "value-19999",
    ]);
    expect(after.run("OBJECT ENCODING h")).toBe("hashtable");
    const all = after.run("HGETALL h") as MapReply;
    expect(all.flat.length).toBe(2 * 19_999);
  });

  it("may shrink to one part, and grow again", () => {
    const { run, checkpoint, connect } = largeHash();
    checkpoint({ isForgetting: true });
    const names = Array.from({ length: LARGE - 1 }, (_, i) => `field-${i}`);
    expect(connect().send(["HDEL", "h", ...names])).toBe(LARGE - 1);
    checkpoint({ isForgetting: true });
    expect(run("HGETALL h")).toEqual(new MapReply([`field-${LARGE - 1}`, `value-${LARGE - 1}`]));
    expect(run("OBJECT ENCODING h")).toBe("hashtable");
    for (let i = 0; i < 300; i++) run(`HSET h again-${i} ${i}`);
    checkpoint({ isForgetting: true });
    expect(run("HLEN h")).toBe(301);
    expect(run("HGET h again-299")).toBe("299");
  });
});

describe("what is kept", () => {
  it("does not change with the hash it was copied from", () => {
    const { run } = largeHash();
    run("COPY h i");
    run("HSET h field-1 changed");
    run("HDEL h field-2");
    expect(run("HMGET i field-1 field-2")).toEqual(["value-1", "value-2"]);
  });
});

describe("events", () => {
  it.each([
    ["HSET h a 1 b 2", ["h hset h"]],
    ["HSETNX h old 1", []],
    ["HSETNX h new 1", ["h hset h"]],
    ["HMSET h a 1", ["h hset h"]],
    ["HDEL h nothing", []],
    ["HDEL h a old", ["h hdel h"]],
    ["HDEL h old number", ["h hdel h", "g del h"]],
    ["HINCRBY h number 1", ["h hincrby h"]],
    ["HINCRBY h number x", []],
    ["HINCRBYFLOAT h number 1", ["h hincrbyfloat h"]],
    ["HGET h old", []],
    ["HRANDFIELD h", []],
  ])("of %s are %j", (line, events) => {
    const harness = engineHarness();
    harness.run("HSET h old 1 number 2");
    const told = eventsOf(harness);
    harness.run(line);
    expect(told).toEqual(events);
  });
});
