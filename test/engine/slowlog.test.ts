import { describe, expect, it } from "vitest";

import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { engineHarness } from "../support/engine.ts";

/** An engine on which every timed command takes as long as the test says. */
function timedEngine() {
  const clock = { us: 0, stepUs: 0, readings: 0 };
  const clockUs = (): number => {
    clock.readings++;
    return (clock.us += clock.stepUs);
  };
  const harness = engineHarness({ commands: ENGINE_COMMANDS, ports: { clockUs } });
  const args = (): unknown => harness.engine.slowlog.latest(100).map((entry) => entry.args);
  return { ...harness, clock, args };
}

describe("the slow log", () => {
  it("has what took as long as the threshold or longer, newest first", () => {
    const { run, clock, engine } = timedEngine();
    clock.stepUs = 9999;
    run("KEYS a");
    clock.stepUs = 10_000;
    run("KEYS b");
    clock.stepUs = 20_000;
    run("KEYS c");
    const [c, b] = engine.slowlog.latest(10);
    const atSeconds = Math.floor(engine.nowMs / 1000);
    expect(c).toMatchObject({ id: 1, args: ["KEYS", "c"], durationUs: 20_000, atSeconds });
    expect(b).toMatchObject({ id: 0, args: ["KEYS", "b"], durationUs: 10_000 });
    expect(engine.slowlog.length).toBe(2);
  });

  it("times no fast command and no SET, unless the threshold is lowered", () => {
    const { run, clock, args } = timedEngine();
    clock.stepUs = 1_000_000;
    run("SET k v");
    run("GET k");
    expect(clock.readings).toBe(0);
    run("CONFIG SET slowlog-log-slower-than 0");
    run("GET k");
    expect(args()).toEqual([
      ["GET", "k"],
      ["CONFIG", "SET", "slowlog-log-slower-than", "0"],
    ]);
  });

  it("is off below 0", () => {
    const { run, clock, engine } = timedEngine();
    clock.stepUs = 1_000_000;
    run("CONFIG SET slowlog-log-slower-than -1");
    run("KEYS a");
    expect(engine.slowlog.length).toBe(0);
  });

  it("keeps the newest, as many as slowlog-max-len says, and starts over after RESET", () => {
    const { run, clock, args } = timedEngine();
    run("CONFIG SET slowlog-max-len 2");
    clock.stepUs = 10_000;
    for (const pattern of ["a", "b", "c"]) run(`KEYS ${pattern}`);
    expect(args()).toEqual([
      ["KEYS", "c"],
      ["KEYS", "b"],
    ]);
    clock.stepUs = 0;
    run("SLOWLOG RESET");
    expect(run("SLOWLOG LEN")).toBe(0);
    clock.stepUs = 10_000;
    run("KEYS d");
    expect(run("SLOWLOG GET 1")).toMatchObject([
      [3, expect.any(Number), 10_000, ["KEYS", "d"], "", ""],
    ]);
  });

  it("shortens long commands, and says by how much", () => {
    const { run, clock, engine } = timedEngine();
    clock.stepUs = 10_000;
    run(`KEYS ${"x".repeat(130)}`);
    run(`DEL ${Array.from({ length: 40 }, (_, i) => i).join(" ")}`);
    const [del, keys] = engine.slowlog.latest(2);
    expect(keys!.args[1]).toBe(`${"x".repeat(128)}... (2 more bytes)`);
    expect(del!.args).toHaveLength(32);
    expect(del!.args.at(-1)).toBe("... (10 more arguments)");
  });

  it("shows no password", () => {
    const { run, args } = timedEngine();
    run("CONFIG SET slowlog-log-slower-than 0");
    run("AUTH default secret");
    run("HELLO 2 SETNAME x AUTH default secret");
    run("CONFIG SET timeout 0 requirepass secret MASTERAUTH secret");
    expect(JSON.stringify(args())).not.toContain("secret");
    expect(args()).toContainEqual(["AUTH", "(redacted)", "(redacted)"]);
  });
});

describe("latency events", () => {
  it("are off by default", () => {
    const { run, clock } = timedEngine();
    clock.stepUs = 1_000_000;
    run("KEYS a");
    expect(run("LATENCY LATEST")).toEqual([]);
  });

  it("are kept by kind: the latest, the worst, one sample a second", () => {
    const { run, clock, turn, engine } = timedEngine();
    run("CONFIG SET latency-monitor-threshold 10");
    const second = Math.floor(engine.nowMs / 1000);
    for (const ms of [20, 50, 30]) {
      clock.stepUs = ms * 1000;
      run("KEYS a");
    }
    turn(1000);
    clock.stepUs = 11_000;
    run("KEYS a");
    run("GET a");
    clock.stepUs = 0;
    expect(run("LATENCY HISTORY command")).toEqual([
      [second, 50],
      [second + 1, 11],
    ]);
    expect(run("LATENCY LATEST")).toEqual([
      ["command", second + 1, 11, 50],
      ["fast-command", second + 1, 11, 11],
    ]);
    expect(run("LATENCY RESET command nosuch")).toBe(1);
    expect(run("LATENCY HISTORY command")).toEqual([]);
    expect(run("LATENCY RESET")).toBe(1);
  });
});
