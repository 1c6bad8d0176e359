import { describe, expect, it } from "vitest";

import type { MapReply, Reply } from "../../../shared/resp/reply.ts";
import { type EngineHarness, engineHarness } from "../../support/engine.ts";

type Shown = Record<string, Reply>;

function entries(harness: EngineHarness, line = "ACL LOG"): Shown[] {
  return (harness.run(line) as readonly MapReply[]).map(({ flat }) => {
    return Object.fromEntries(
      flat.flatMap((name, i) => (i % 2 === 0 ? [[name as string, flat[i + 1]!]] : [])),
    );
  });
}

/** A client logged in as a user with these rules. */
function withUser(rules: string) {
  const harness = engineHarness();
  harness.run(`ACL SETUSER alice on nopass ${rules}`);
  const client = harness.connect();
  const say = (line: string): Reply => client.send(line.split(" "));
  say("AUTH alice x");
  return { ...harness, harness, client, say };
}

describe("the ACL log", () => {
  it("has what was denied, newest first, and why", () => {
    const { harness, say, client } = withUser("+@all -del ~a &ch");
    client.session.name = "me";
    say("DEL a");
    say("CONFIG GET x");
    say("MGET a b c");
    say("PUBLISH other x");
    say("AUTH bob pw");
    say("HELLO 2 AUTH alice2 pw");
    const shown = entries(harness).map(({ reason, object, username, context }) => {
      return [reason, object, username, context];
    });
    expect(shown).toEqual([
      ["auth", "HELLO", "alice2", "toplevel"],
      ["auth", "AUTH", "bob", "toplevel"],
      ["channel", "other", "alice", "toplevel"],
      ["key", "b", "alice", "toplevel"],
      ["command", "del", "alice", "toplevel"],
    ]);
    expect(entries(harness)[4]!["client-info"]).toContain("name=me");
  });

  it("knows what was queued, and what ran in a transaction", () => {
    const { harness, say, run } = withUser("+@all ~a");
    say("MULTI");
    say("GET b");
    say("DISCARD");
    say("MULTI");
    say("GET a");
    run("ACL SETUSER alice -get");
    say("EXEC");
    expect(
      entries(harness).map(({ reason, object, context }) => [reason, object, context]),
    ).toEqual([
      ["command", "get", "multi"],
      ["key", "b", "multi"],
    ]);
  });

  it("counts what happens again within a minute, and moves it to the front", () => {
    const { harness, say, turn } = withUser("+@all");
    say("GET a");
    say("GET b");
    turn(60_000);
    say("GET a");
    expect(entries(harness).map(({ object, count }) => [object, count])).toEqual([
      ["a", 2],
      ["b", 1],
    ]);
    turn(60_001);
    say("GET a");
    expect(entries(harness).map(({ object, count }) => [object, count])).toEqual([
      ["a", 1],
      ["a", 2],
      ["b", 1],
    ]);
    expect(entries(harness)[1]!["age-seconds"]).toMatchObject({ value: 60.001 });
  });

  it("looks for the same among the ten newest only", () => {
    const { harness, say } = withUser("+@all");
    for (let i = 0; i <= 10; i++) say(`GET k${i}`);
    say("GET k0");
    say("GET k10");
    const counts = entries(harness, "ACL LOG 100").map(({ object, count }) => [object, count]);
    expect(counts.slice(0, 3)).toEqual([
      ["k10", 2],
      ["k0", 1],
      ["k9", 1],
    ]);
    expect(counts.at(-1)).toEqual(["k0", 1]);
  });

  it("keeps as many as acllog-max-len says, and shows ten unless asked for more", () => {
    const { harness, say, run } = withUser("+@all");
    for (let i = 0; i < 130; i++) say(`GET k${i}`);
    expect(entries(harness)).toHaveLength(10);
    expect(entries(harness, "ACL LOG 3").map(({ object }) => object)).toEqual([
      "k129",
      "k128",
      "k127",
    ]);
    expect(entries(harness, "ACL LOG 9223372036854775807")).toHaveLength(128);
    expect(entries(harness, "ACL LOG -1")).toHaveLength(0);
    run("CONFIG SET acllog-max-len 2");
    say("GET k");
    expect(entries(harness)).toHaveLength(2);
    run("CONFIG SET acllog-max-len 0");
    say("GET l");
    expect(entries(harness)).toHaveLength(0);
  });

  it("keeps only the beginning of long names, as strangers write here", () => {
    const { harness, say } = withUser("+@all");
    say(`AUTH ${"u".repeat(100_000)} pw`);
    say(`GET ${"k".repeat(100_000)}`);
    expect(entries(harness)[0]!["object"]).toBe("k".repeat(1024));
    expect(entries(harness)[1]!["username"]).toBe("u".repeat(1024));
  });

  it("has nothing of DRYRUN", () => {
    const { harness, run } = withUser("+@all");
    run("ACL DRYRUN alice GET k");
    expect(entries(harness)).toEqual([]);
  });
});
