// What transcripts of redis-server 7.0.15 do not show of streams: RESP3, newer forms, the size of things.

import { describe, expect, it } from "vitest";

import { MapReply, NIL_ARRAY, type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import type { StreamValue } from "../../../shared/types/stream.ts";
import { type EngineHarness, engineHarness } from "../../support/engine.ts";

function run(harness: EngineHarness, ...lines: readonly string[]): Reply {
  let reply: Reply = null;
  for (const line of lines) reply = harness.run(line);
  return reply;
}

describe("XREAD", () => {
  it("answers with a map in RESP3, with pairs in RESP2", () => {
    const harness = engineHarness();
    run(harness, "XADD s 1-1 f v", "XGROUP CREATE s g 0");
    const entries = [["1-1", ["f", "v"]]];
    expect(harness.run("XREAD STREAMS s 0")).toEqual([["s", entries]]);
    run(harness, "HELLO 3");
    expect(harness.run("XREAD STREAMS s 0")).toEqual(new MapReply(["s", entries]));
    const read = harness.run("XREADGROUP GROUP g c STREAMS s >");
    expect(read).toEqual(new MapReply(["s", entries]));
    expect(harness.run("XREAD STREAMS s 5")).toBe(NIL_ARRAY);
  });

  it("answers + with the last entry, as since 7.4", () => {
    const harness = engineHarness();
    run(harness, "XADD s 1-1 f v", "XADD s 1-2 f w", "XADD s 1-3 f x", "XDEL s 1-3");
    expect(harness.run("XREAD STREAMS s +")).toEqual([["s", [["1-2", ["f", "w"]]]]]);
    expect(harness.run("XREAD STREAMS none +")).toBe(NIL_ARRAY);
    run(harness, "XDEL s 1-1 1-2");
    expect(harness.run("XREAD STREAMS s +")).toBe(NIL_ARRAY);
    run(harness, "XGROUP CREATE s g 0");
    const refusal = harness.run("XREADGROUP GROUP g c STREAMS s +") as ReplyError;
    expect(refusal.text).toContain("The + ID is meaningless in the context of XREADGROUP");
  });
});

describe("XADD", () => {
  it("makes IDs of the clock, and behind the last one where that leads", () => {
    const harness = engineHarness({ nowMs: 5000 });
    expect(harness.run("XADD s * f v")).toBe("5000-0");
    expect(harness.run("XADD s * f v")).toBe("5000-1");
    harness.turn(1);
    expect(harness.run("XADD s * f v")).toBe("5001-0");
    harness.turn(-1000);
    expect(harness.run("XADD s * f v")).toBe("5001-1");
  });

  it("fills a sequence up to its end and no further", () => {
    const harness = engineHarness();
    run(harness, "XADD s 5-18446744073709551615 f v");
    const smaller = new ReplyError(
      "ERR The ID specified in XADD is equal or smaller than the target stream top item",
    );
    expect(harness.run("XADD s 5-* f v")).toEqual(smaller);
  });

  it("trims a replay as its master says, without a limit of its own", () => {
    const harness = engineHarness();
    harness.run("CONFIG SET stream-node-max-entries 1");
    for (let i = 1; i <= 200; i++) harness.run(`XADD s 1-${i} f v`);
    harness.replay("XADD", "s", "MAXLEN", "=", "3", "LIMIT", "5", "1-201", "f", "v");
    expect(harness.run("XLEN s")).toBe(3);
  });
});

describe("groups", () => {
  it("change without breaking a WATCH, as in Redis", () => {
    const harness = engineHarness();
    run(harness, "XADD s 1-1 f v", "XGROUP CREATE s g 0", "WATCH s");
    const other = harness.connect();
    other.send(["XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"]);
    other.send(["XACK", "s", "g", "1-1"]);
    other.send(["XGROUP", "DESTROY", "s", "g"]);
    expect(run(harness, "MULTI", "XLEN s", "EXEC")).toEqual([1]);
    run(harness, "WATCH s");
    other.send(["XDEL", "s", "1-1"]);
    expect(run(harness, "MULTI", "XLEN s", "EXEC")).toBe(NIL_ARRAY);
  });

  it("are what a replica makes of the effects", () => {
    const master = engineHarness();
    const replica = engineHarness({ nowMs: master.engine.nowMs });
    run(master, "XADD s 1-1 f v", "XADD s 1-2 f v", "XADD s 1-3 f v", "XGROUP CREATE s g 0");
    run(master, "XREADGROUP GROUP g c COUNT 2 STREAMS s >");
    run(master, "XREADGROUP GROUP g d NOACK STREAMS s >", "XDEL s 1-2");
    run(master, "XCLAIM s g e 0 1-1 1-2 IDLE 5000 RETRYCOUNT 4", "XGROUP CREATE s h $");
    for (const { args } of master.units.flat()) replica.replay(...args);
    const full = "XINFO STREAM s FULL";
    expect(replica.run(full)).toEqual(master.run(full));
  });

  it("keep the time a master says, though our clock is behind", () => {
    const harness = engineHarness({ nowMs: 1000 });
    run(harness, "XADD s 1-1 f v", "XGROUP CREATE s g 0");
    const claim = "XCLAIM s g c 0 1-1 TIME 9999 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1";
    harness.replay(...claim.split(" "));
    harness.turn(10_000);
    expect(harness.run("XPENDING s g - + 1")).toEqual([["1-1", "c", 1001, 1]]);
  });
});

describe("counts beyond all bounds", () => {
  it("neither take memory nor time", () => {
    const harness = engineHarness();
    const max = "9223372036854775807";
    run(harness, "XADD s 1-1 f v", "XGROUP CREATE s g 0");
    const lines = [
      `XRANGE s - + COUNT ${max}`,
      `XREAD COUNT ${max} STREAMS s 0`,
      `XREADGROUP GROUP g c COUNT ${max} STREAMS s >`,
      `XPENDING s g - + ${max}`,
      `XAUTOCLAIM s g c 0 0 COUNT 576460752303423487`,
      `XTRIM s MAXLEN ~ ${max} LIMIT ${max}`,
      `XINFO STREAM s FULL COUNT ${max}`,
    ];
    for (const line of lines) expect(harness.run(line)).not.toBeInstanceOf(ReplyError);
  });
});

describe("a large stream", () => {
  it("goes to the store and comes back part by part, with what is pending", () => {
    const harness = engineHarness();
    const client = harness.connect();
    for (let i = 1; i <= 5000; i++) client.send(["XADD", "s", `${i}-0`, "f", `v${i}`]);
    run(harness, "XGROUP CREATE s g 0", "XREADGROUP GROUP g c COUNT 4000 STREAMS s >");
    const full = "XINFO STREAM s FULL COUNT 0";
    const before = harness.run(full);
    const digest = harness.run("DEBUG DIGEST");
    harness.checkpoint({ isForgetting: true });
    expect(harness.run(full)).toEqual(before);
    expect(harness.run("DEBUG DIGEST")).toEqual(digest);

    run(harness, "XACK s g 100-0", "XDEL s 200-0", "XADD s 6000-0 f v");
    const { value } = harness.engine.keyspace.find(harness.engine.keyspace.space(0), "s")!;
    const parts = (value as StreamValue).parts;
    expect(parts.count).toBeGreaterThan(70);
    // Two blocks, and a run of the group and of its consumer.
    expect([...parts.changed()]).toHaveLength(4);
    const after = harness.run(full);
    harness.checkpoint({ isForgetting: true });
    expect(harness.run(full)).toEqual(after);
  });
});
