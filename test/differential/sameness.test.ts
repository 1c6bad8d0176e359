import { describe, expect, test } from "vitest";

import { MapReply, type Reply, ReplyError, SetReply, Status } from "../../shared/resp/reply.ts";
import { areSame } from "./sameness.ts";

function same(line: string, ours: Reply, theirs: Reply, queued: readonly string[] = []): boolean {
  const answer = { args: line.split(" "), ours, theirs };
  return areSame(answer, { protocol: 3, queued: queued.map((text) => text.split(" ")) });
}

describe("two answers are the same", () => {
  test("when they are equal, type and all", () => {
    expect(same("GET k", "1", "1")).toBe(true);
    expect(same("GET k", "1", 1)).toBe(false);
    expect(same("GET k", new Status("a"), "a")).toBe(false);
    expect(same("GET k", null, "")).toBe(false);
  });

  test("in any order where the command has none", () => {
    expect(same("KEYS *", ["a", "b"], ["b", "a"])).toBe(true);
    expect(same("KEYS *", ["a", "b"], ["b", "b"])).toBe(false);
    expect(same("MGET a b", ["a", "b"], ["b", "a"])).toBe(false);
    expect(same("keys *", new SetReply(["a", ["c", "d"]]), new SetReply([["d", "c"], "a"]))).toBe(
      true,
    );
    expect(
      same("keys *", new MapReply(["a", "1", "b", "2"]), new MapReply(["b", "2", "a", "1"])),
    ).toBe(true);
    expect(
      same("keys *", new MapReply(["a", "1", "b", "2"]), new MapReply(["a", "2", "b", "1"])),
    ).toBe(false);
  });

  test("when times of the same moment are a little apart", () => {
    expect(same("PTTL k", 1_000_000, 1_000_100)).toBe(true);
    expect(same("PTTL k", -1, 5)).toBe(false);
    expect(same("TTL k", 1000, 1100)).toBe(false);
    expect(same("INCR k", 1_000_000, 1_000_001)).toBe(false);
  });

  test("for each command of a transaction by its own rule", () => {
    const queued = ["KEYS *", "PTTL k", "GET k"];
    expect(same("EXEC", [["a", "b"], 5, "v"], [["b", "a"], 6, "v"], queued)).toBe(true);
    expect(same("EXEC", [["a", "b"], 5, "v"], [["b", "a"], 6, "w"], queued)).toBe(false);
    expect(same("EXEC", [], ["v"], queued)).toBe(false);
  });

  test("when Redis 7.0 does not know the command", () => {
    expect(same("HGETEX h", ["a"], new ReplyError("ERR unknown command 'HGETEX', with"))).toBe(
      true,
    );
    expect(same("HGETEX h", ["a"], new ReplyError("ERR syntax error"))).toBe(false);
  });
});
