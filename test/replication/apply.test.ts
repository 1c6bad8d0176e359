import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Applier, ApplyError } from "../../shared/replication/apply.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { engineHarness } from "../support/engine.ts";

const stream = (...commands: string[]) =>
  commands.map((line) => encodeCommand(line.split(" "))).join("");

const STREAM = stream(
  "SELECT 2",
  "SET a 1",
  "MULTI",
  "INCR a",
  "APPEND a 0",
  "EXEC",
  "ping",
  "SELECT 0",
  "SET b x",
  "REPLCONF GETACK *",
);

function open(harness = engineHarness()) {
  const { engine } = harness;
  const value = (db: number, name: string) =>
    engine.keyspace.find(engine.keyspace.space(db), name)?.value;
  return { engine, applier: new Applier(engine, -1), value };
}

describe("a stream that is applied", () => {
  it("gives the same data, bytes and database in any split", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: STREAM.length }), { maxLength: 12 }), (cuts) => {
        const { applier, value } = open();
        const ends = [...cuts.toSorted((a, b) => a - b), STREAM.length];
        let at = 0;
        let applied = "";
        for (const end of ends) {
          applied += applier.push(STREAM.slice(at, end));
          at = end;
        }
        expect(applied).toBe(STREAM);
        expect([value(2, "a"), value(0, "b"), applier.db]).toEqual(["20", "x", 0]);
        expect([applier.isAckWanted, applier.heldBytes]).toEqual([true, 0]);
      }),
    );
  });

  it("looks up together what is not in memory, and gives the same in any split", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: STREAM.length }), { maxLength: 6 }), (cuts) => {
        const harness = engineHarness();
        for (const line of ["SELECT 2", "SET a 7", "SET other x"]) harness.run(line);
        harness.checkpoint({ isForgetting: true });
        const { applier, value } = open(harness);
        const ends = [...cuts.toSorted((a, b) => a - b), STREAM.length];
        let at = 0;
        let applied = "";
        for (const end of ends) {
          applied += applier.push(STREAM.slice(at, end));
          at = end;
        }
        expect(applied).toBe(STREAM);
        expect([value(2, "a"), value(0, "b"), applier.heldBytes]).toEqual(["20", "x", 0]);
      }),
    );
  });

  it("asks the store once for the keys of many commands", () => {
    const harness = engineHarness();
    const names = Array.from({ length: 50 }, (_, i) => `k${i}`);
    for (const name of names) harness.run(`SET ${name} 1`);
    harness.checkpoint({ isForgetting: true });
    const { applier, value } = open(harness);
    const { queryCount } = harness.store;
    applier.push(stream("SELECT 0", ...names.map((name) => `INCR ${name}`), "SET new 1"));
    expect(harness.store.queryCount).toBe(queryCount + 1);
    expect([value(0, "k0"), value(0, "k49"), value(0, "new")]).toEqual(["2", "2", "1"]);
  });

  it("holds a transaction back until it is whole", () => {
    const { applier, value } = open();
    const end = STREAM.indexOf("*1\r\n$4\r\nEXEC");
    const before = applier.push(STREAM.slice(0, end));
    expect(before).toBe(stream("SELECT 2", "SET a 1"));
    expect(value(2, "a")).toBe("1");
    expect(applier.heldBytes).toBe(end - before.length);
  });

  it.each([
    ["an unknown command", stream("NOSUCH x")],
    ["a command that fails", stream("SET k text", "INCR k")],
    ["a string longer than a snapshot carries", stream("SETRANGE k 268435456 x")],
    ["a bit of such a string", stream("SETBIT k 4294967295 1")],
    ["bytes that are no stream", "*1\r\n!x\r\n"],
  ])("ends with a reason at %s", (_, bytes) => {
    expect(() => open().applier.push(bytes)).toThrow(ApplyError);
  });
});
