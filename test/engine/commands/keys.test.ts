import { describe, expect, it } from "vitest";

import { engineHarness } from "../../support/engine.ts";

describe("SCAN", () => {
  it("returns each key exactly once that is there all the while, wherever it is kept", () => {
    const { run, checkpoint } = engineHarness();
    for (let i = 0; i < 300; i++) run(`SET key:${i} v`);
    checkpoint({ isForgetting: true });
    for (let i = 300; i < 500; i++) run(`SET key:${i} v`);
    const seen = new Map<string, number>();
    let cursor = "0";
    let calls = 0;
    do {
      const [next, keys] = run(`SCAN ${cursor} COUNT 7`) as [string, string[]];
      for (const key of keys) seen.set(key, (seen.get(key) ?? 0) + 1);
      run(`SET new:${calls} v`);
      run(`DEL new:${calls - 3}`);
      if (calls === 20) checkpoint();
      cursor = next;
      calls++;
    } while (cursor !== "0");
    expect(calls).toBeGreaterThan(50);
    for (let i = 0; i < 500; i++) expect(seen.get(`key:${i}`)).toBe(1);
  });
});

describe("RANDOMKEY", () => {
  it("finds every key sooner or later, and no expired one", () => {
    const { run, turn } = engineHarness();
    for (let i = 0; i < 20; i++) run(`SET key:${i} v${i % 2 === 0 ? " PX 10" : ""}`);
    turn(11);
    const seen = new Set<unknown>();
    for (let i = 0; i < 2000; i++) seen.add(run("RANDOMKEY"));
    expect(seen).toEqual(new Set(Array.from({ length: 10 }, (_, i) => `key:${i * 2 + 1}`)));
  });
});

describe("looking at a key", () => {
  it("does not use it: only TOUCH and reads of the value start its idle time anew", () => {
    const { run, turn } = engineHarness();
    run("SET k v");
    turn(5_500);
    for (const line of ["EXISTS k", "TYPE k", "TTL k", "PTTL k", "OBJECT ENCODING k"]) run(line);
    expect(run("OBJECT IDLETIME k")).toBe(5);
    run("TOUCH k");
    expect(run("OBJECT IDLETIME k")).toBe(0);
    turn(3_000);
    run("GET k");
    expect(run("OBJECT IDLETIME k")).toBe(0);
  });

  // Counted on redis-server 7.0.15: 10 hits and 7 misses.
  it("counts as a hit or a miss, unlike a look before a write", () => {
    const { engine, run } = engineHarness();
    const lines = [
      "SET a 1",
      "EXISTS a b",
      "TYPE a",
      "TYPE b",
      "TTL a",
      "TTL b",
      "OBJECT ENCODING a",
      "OBJECT ENCODING b",
      "TOUCH a b",
      "DUMP a",
      "DUMP b",
      "COPY a b",
      "GETEX a",
      "GETDEL zz",
      "GETSET a 2",
      "SET a 1 GET",
      "RENAME a c",
      "PERSIST c",
    ];
    for (const line of lines) run(line);
    const { keyspaceHits, keyspaceMisses } = engine.stats;
    expect([keyspaceHits, keyspaceMisses]).toEqual([10, 7]);
  });
});

describe("MONITOR", () => {
  it("shows EXEC behind the commands it ran", () => {
    const { engine, pushed, connect, run } = engineHarness();
    engine.monitors.add(connect().session);
    run("MULTI");
    run("SET a 1");
    run("EXEC");
    const shown = pushed.map(({ reply }) => / "(\w+)"/.exec((reply as { text: string }).text)![1]);
    expect(shown).toEqual(["MULTI", "SET", "EXEC"]);
  });
});
