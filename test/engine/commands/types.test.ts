import { describe, expect, it } from "vitest";

import { ERRORS } from "../../../shared/resp/errors.ts";
import { ReplyError, Status } from "../../../shared/resp/reply.ts";
import { PartLedger } from "../../../shared/types/parts.ts";
import type { ValueObject } from "../../../shared/types/value.ts";
import { type EngineHarness, engineHarness } from "../../support/engine.ts";

/** A key of another type than string, as far as these commands can tell. */
function withList(): EngineHarness {
  const harness = engineHarness();
  const list = {
    type: "list",
    size: 1,
    byteCount: 10,
    parts: new PartLedger([]),
  } as unknown as ValueObject;
  harness.engine.keyspace.put(harness.engine.keyspace.space(0), "l", list);
  harness.run("SET s 1");
  harness.units.length = 0;
  return harness;
}

const REFUSING = [
  "APPEND l x",
  "DECR l",
  "DECRBY l 1",
  "GET l",
  "GETDEL l",
  "GETEX l EX 0",
  "GETRANGE l 0 1",
  "GETSET l x",
  "INCR l",
  "INCRBY l 1",
  "INCRBYFLOAT l x",
  "SET l x GET",
  "SET l x NX GET",
  "SETRANGE l 0 x",
  "STRLEN l",
  "SUBSTR l 0 1",
];

describe("a key of another type", () => {
  for (const line of REFUSING) {
    it(`is refused by ${line}, and left as it was`, () => {
      const { run, units } = withList();
      expect(run(line)).toEqual(new ReplyError(ERRORS.wrongType));
      expect(run("TYPE l")).toEqual(new Status("list"));
      expect(units).toEqual([]);
    });
  }

  it("is nil for MGET, and LCS has words of its own", () => {
    const { run } = withList();
    expect(run("MGET s l")).toEqual(["1", null]);
    const words = "ERR The specified keys must contain string values";
    expect(run("LCS s l FOO")).toEqual(new ReplyError(words));
  });

  it("is replaced by SET, and is moved and deleted like any other", () => {
    const { run } = withList();
    run("RENAME l m");
    expect(run("TYPE m")).toEqual(new Status("list"));
    run("MOVE m 1");
    expect(run("SCAN 0 TYPE list")).toEqual(["0", []]);
    run("SELECT 1");
    expect(run("SCAN 0 TYPE list")).toEqual(["0", ["m"]]);
    expect(run("SET m v XX")).toEqual(new Status("OK"));
    expect(run("TYPE m")).toEqual(new Status("string"));
  });
});
