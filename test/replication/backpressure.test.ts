// Who writes faster than checkpoints do waits for them, and keeps nobody's memory filling meanwhile.

import { describe, expect, it } from "vitest";
import { fromBinary } from "../../shared/base/bytes.ts";
import { encodeFrame } from "../../shared/replication/frame.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { MESSAGES, startNode } from "../support/node.ts";

const DIRTY_BYTES_MAX = 5_000_000;

const WRITES = [
  "SET k 2",
  "DEL k",
  "UNLINK k",
  "EXPIRE k 100",
  "PERSIST k",
  "RENAME k j",
  "INCR k",
  "PUBLISH channel text",
  "EVAL return(1) 0",
  "FCALL f 0",
];
const READS = ["GET k", "TYPE k", "EXISTS k", "TTL k", "PING", "EVAL_RO return(1) 0"];

describe("a node that cannot keep up", () => {
  it.each(WRITES)("holds what may write until it can: %s", (line) => {
    const { core, open, say, turn, heard } = startNode();
    const client = open();
    say(client, "SET k 1");
    core.engine.holdsWrites = true;
    expect(say(client, line)).toBe("");
    core.tick();
    expect(heard(client)).toBe("");
    core.engine.holdsWrites = false;
    turn(10);
    expect(heard(client)).not.toBe("");
  });

  it.each(WRITES)("holds a transaction that may write: %s", (line) => {
    const { core, open, say } = startNode();
    const client = open();
    say(client, "SET k 1", "MULTI", line);
    core.engine.holdsWrites = true;
    expect(say(client, "EXEC")).toBe("");
  });

  it.each(READS)("answers who only reads: %s", (line) => {
    const { core, open, say } = startNode();
    const client = open();
    say(client, "SET k 1");
    core.engine.holdsWrites = true;
    expect(say(client, line)).not.toBe("");
    expect(say(client, "MULTI", line, "EXEC")).toContain("*1\r\n");
  });

  it("lets writers wait before it has twice what makes a checkpoint due", () => {
    const { holds, dirtyCount, checkpoints } = written("x".repeat(20), {
      "checkpoint-keys": "1000",
      "checkpoint-slice-rows": "20",
    });
    expect(holds).toBeGreaterThan(0);
    expect(dirtyCount).toBeLessThan(2000);
    expect(checkpoints).toBeGreaterThan(3);
  });
});

describe("a node that keeps up", () => {
  it.each([100, 500])(
    "is done with long values when the next are due (slices of %i rows)",
    (rows) => {
      const { holds, dirtyBytes, checkpoints } = written("x".repeat(8000), {
        "checkpoint-keys": "100000",
        "checkpoint-slice-rows": `${rows}`,
      });
      expect(holds).toBe(0);
      expect(dirtyBytes).toBeLessThan(1.02 * DIRTY_BYTES_MAX);
      expect(checkpoints).toBeGreaterThan(3);
    },
  );
});

/** Some megabytes written as fast as they are taken, and the most that was to be written to the base. */
function written(text: string, settings: Readonly<Record<string, string>>) {
  const { core, open, send, turn } = startNode(undefined, {
    ...settings,
    "cache-bytes": `${4 * DIRTY_BYTES_MAX}`,
    "checkpoint-dirty-percent": "25",
    "checkpoint-log-bytes": "1000000000",
  });
  const client = open();
  const { keyspace } = core.engine;
  let [dirtyCount, dirtyBytes, holds, serial] = [0, 0, 0, 0];
  const count = Math.ceil(50_000 / (text.length + 500));
  for (let event = 0; event < 500; event++) {
    const commands = Array.from({ length: count }, () => ["SET", `k${serial++}`, text]);
    send(client, ...commands);
    dirtyCount = Math.max(dirtyCount, keyspace.dirtyCount);
    dirtyBytes = Math.max(dirtyBytes, keyspace.dirtyBytes);
    if (core.engine.holdsWrites) holds++;
    while (client.session.blocked !== undefined) turn(2);
  }
  return { dirtyCount, dirtyBytes, holds, checkpoints: core.engine.stats.checkpoints };
}

describe("a replica whose applier waits", () => {
  it("tells its master of nothing that it has not applied, and of all once it has", () => {
    const { core, world, heard, turn } = startNode();
    core.at(world.nowMs).follow({ kind: "node", name: "weur" });
    const link = core.at(world.nowMs).dialled(world.attempt, MESSAGES, () => undefined)!;
    const { id } = core.history;
    for (const line of ["+PONG", "+OK", "+OK", "+OK", `+CONTINUE ${id} 0`]) {
      core.receive(link, fromBinary(`${line}\r\n`));
    }
    core.engine.holdsWrites = true;
    let { offset } = core.position;
    const select = encodeCommand(["SELECT", "0"]);
    heard(link);
    for (let i = 0; i < 20; i++) {
      const command = encodeCommand(["SET", `k${i}`, "x".repeat(1000)]);
      const bytes = fromBinary(i === 0 ? select + command : command);
      core.at(world.nowMs).receive(link, encodeFrame({ epoch: 0, offset, bytes }));
      offset += bytes.length;
    }
    core.tick();
    expect(heard(link)).not.toContain("RECEIVED");
    expect(core.isTakingIn).toBe(true);
    expect(core.position.offset).toBeLessThanOrEqual(select.length);
    core.engine.holdsWrites = false;
    turn(10);
    expect(core.isTakingIn).toBe(false);
    expect(core.position.offset).toBe(offset);
    expect(heard(link)).toContain(encodeCommand(["REPLCONF", "ACK", `${offset}`]));
  });
});
