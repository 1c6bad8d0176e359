// Replicas and tools that do not announce `capa eof`: they are told how long the snapshot is.

import { describe, expect, it } from "vitest";
import { toBinary } from "../../shared/base/bytes.ts";
import { type KeyRecord, RdbLoader } from "../../shared/rdb/loader.ts";
import { MESSAGES, startNode, TCP } from "../support/node.ts";

const KEYS = 60;
const VALUE = "x".repeat(50_000);

function start() {
  const node = startNode(undefined, {
    "snapshot-chunk-bytes": "262144",
    // The checkpoint that a snapshot stands on is written at once.
    "checkpoint-slice-rows": "100000",
  });
  const client = node.open();
  for (let i = 0; i < KEYS; i++) node.say(client, `SET key:${i} ${VALUE}`);
  const replica = node.core.open(TCP);
  /** What it is sent until nothing more comes; it takes everything. */
  const rest = (): string => {
    let text = "";
    for (let some = "-"; some !== "";) {
      node.core.sent(replica, replica.unsentBytes);
      node.turn(0);
      some = node.heard(replica);
      text += some;
    }
    return text;
  };
  return { ...node, client, replica, rest };
}

/** The snapshot behind `$<length>`, and what follows it. */
function split(text: string): { keys: KeyRecord[]; behind: string } {
  const head = /^\n*\$(\d+)\r\n/.exec(text)!;
  const end = head[0].length + Number(head[1]);
  const loader = new RdbLoader();
  loader.push(text.slice(head[0].length, end));
  const keys: KeyRecord[] = [];
  for (let record = loader.next(); record !== undefined; record = loader.next()) {
    if (record.kind === "key") keys.push(record);
  }
  expect(loader.isEnded).toBe(true);
  expect(loader.takeRest()).toBe("");
  return { keys, behind: text.slice(end) };
}

describe("a replica that does not know of end marks", () => {
  it("is told the length of the snapshot, which is counted a part at a time", () => {
    const { say, replica, rest, heard, core } = start();
    say(replica, "PSYNC ? -1");
    const offset = core.log.committedEnd;
    const line = `+FULLRESYNC ${core.history.id} ${offset}\r\n`;
    expect(heard(replica)).toBe(line);
    const { keys, behind } = split(rest());
    expect(keys.length).toBe(KEYS);
    expect(behind).toBe(toBinary(core.log.read(offset, 1000)));
  });

  it("gets the stream behind it without asking, and stays", () => {
    const { say, replica, client, rest, heard, turn, core } = start();
    say(replica, "SYNC");
    expect(split(rest()).keys.length).toBe(KEYS);
    say(client, "SET after 1");
    expect(heard(replica)).toContain("after");
    turn(10 * 60_000);
    expect(core.followers.of(replica)?.state).toBe("online");
    expect(core.snapshots.pin).toBe(undefined);
  });

  it("hears an empty line a second while it is being counted", () => {
    const { say, replica, core, world, heard } = start();
    say(replica, "PSYNC ? -1");
    heard(replica);
    const tick = (ms: number): string => {
      core.at((world.nowMs += ms)).tick();
      return heard(replica);
    };
    expect(tick(1000)).toBe("\n");
    expect(tick(10)).toBe("");
    expect(tick(990)).toBe("\n");
  });

  it("loses its connection with the snapshot that is being counted", () => {
    const counted = start();
    counted.say(counted.replica, "PSYNC ? -1");
    counted.core.snapshots.drop();
    counted.turn(0);
    expect(counted.core.followers.of(counted.replica)).toBe(undefined);
  });

  it("is let go, as any other, when it does not read for too long", () => {
    const { say, turn, core } = start();
    // Only by probes would it be known what it takes.
    const replica = core.open(MESSAGES);
    say(replica, "PSYNC ? -1");
    replica.unsentBytes = 1 << 30;
    turn(1000);
    expect(core.followers.of(replica)?.state).toBe("send_bulk");
    turn(100_000);
    expect(core.followers.of(replica)).toBe(undefined);
    expect(core.snapshots.pin).toBe(undefined);
  });

  it("is told so too when it wants no keys", () => {
    const { say, replica, rest } = start();
    say(replica, "REPLCONF rdb-only 1 rdb-filter-only functions");
    say(replica, "PSYNC ? -1");
    const text = rest();
    expect(split(text.slice(text.indexOf("$"))).keys).toEqual([]);
  });
});
