// A stock replica behind a WebSocket, which does not tell what was taken: it is asked by probes.

import { describe, expect, it } from "vitest";
import { toBinary } from "../../shared/base/bytes.ts";
import { MESSAGES, startNode } from "../support/node.ts";

const WINDOW_BYTES = 1 << 20;
const CHUNK_BYTES = 1 << 18;
const VALUE = "x".repeat(100_000);

function start() {
  const node = startNode(undefined, {
    "repl-window-bytes": String(WINDOW_BYTES),
    "snapshot-chunk-bytes": String(CHUNK_BYTES),
    // The checkpoint that a snapshot stands on is written at once.
    "checkpoint-slice-rows": "100000",
  });
  const client = node.open();
  for (let i = 0; i < 50; i++) node.say(client, `SET key:${i} ${VALUE}`);
  const replica = node.core.open(MESSAGES);
  node.say(replica, "REPLCONF capa eof capa psync2");
  return { ...node, client, replica };
}

describe("a stock replica behind a bridge", () => {
  it("is sent a snapshot a window at a time, as it says that it has taken the last", () => {
    const { replica, say, core, turn, world, heard } = start();
    let text = say(replica, "PSYNC ? -1");
    for (let windows = 1; !/[0-9a-f]{40}$/.test(text.slice(-40)); windows++) {
      // A part of the window at a time: others come in between.
      turn(0);
      text += heard(replica);
      expect(replica.unsentBytes).toBeLessThan(WINDOW_BYTES + 2 * CHUNK_BYTES);
      expect(world.probes).toBeGreaterThanOrEqual(windows);
      core.alive(replica);
      text += heard(replica);
    }
    expect(text.length).toBeGreaterThan(50 * VALUE.length);
  });

  it("is sent nothing more while it does not say so", () => {
    const { replica, say, core, turn, heard } = start();
    say(replica, "PSYNC ? -1");
    for (let parts = 0; parts < WINDOW_BYTES / CHUNK_BYTES; parts++) turn(0);
    heard(replica);
    turn(5000);
    core.commit();
    expect(heard(replica).length).toBe(0);
  });

  it("is sent the stream in the same way", () => {
    const { replica, client, say, core, heard } = start();
    let text = say(replica, `PSYNC ${core.history.id} 1`);
    expect(text.length).toBeLessThan(WINDOW_BYTES + CHUNK_BYTES);
    for (let i = 0; i < 20; i++) {
      core.alive(replica);
      text += heard(replica);
    }
    expect(text.endsWith(toBinary(core.log.read(core.log.committedEnd - 1000, 1000)))).toBe(true);
    say(client, "SET behind 1");
    expect(heard(replica)).toContain("behind");
  });
});
