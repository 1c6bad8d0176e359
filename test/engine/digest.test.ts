import { describe, expect, it } from "vitest";

import { datasetDigest, valueDigest } from "../../shared/engine/digest.ts";
import { engineHarness } from "../support/engine.ts";

describe("DEBUG DIGEST", () => {
  it("is forty zeros for nothing", () => {
    expect(datasetDigest(engineHarness().engine)).toBe("0".repeat(40));
  });

  it("is redis-server's for strings, expiries and databases", () => {
    const { engine, run } = engineHarness();
    run("SET a 1");
    run("SET b hello EX 100");
    run("SET n -5");
    expect(datasetDigest(engine)).toBe("31685c8caf349f7fd683cf0bdf2227ffc6cdc56d");
    run("SELECT 3");
    run("SET a 1");
    expect(datasetDigest(engine)).toBe("c00e9b7ea9187cc26c9e0437a41a080995009399");
  });

  it("does not depend on where a key is kept", () => {
    const { engine, run, checkpoint } = engineHarness();
    for (let i = 0; i < 50; i++) run(`SET key:${i} ${i}`);
    const before = datasetDigest(engine);
    checkpoint({ isForgetting: true });
    expect(engine.keyspace.space(0).resident.size).toBe(0);
    expect(datasetDigest(engine)).toBe(before);
  });

  it("of a value does not depend on the key's name", () => {
    const { engine, run } = engineHarness();
    run("SET a 1");
    run("SET b 1");
    run("SET c 1 EX 100");
    const space = engine.keyspace.space(0);
    const digestOf = (name: string) => valueDigest(engine.keyspace.find(space, name));
    expect(digestOf("a")).toBe("b4fc66738120fba0b5aa500ab5c2bf89cea1c5da");
    expect(digestOf("b")).toBe("b4fc66738120fba0b5aa500ab5c2bf89cea1c5da");
    expect(digestOf("c")).toBe("5279988c5d1911f474bcbbf2f0a87012d40f8459");
    expect(digestOf("nothing")).toBe("0".repeat(40));
  });
});
