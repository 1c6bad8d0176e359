import { describe, expect, it } from "vitest";

import { ERRORS } from "../../../shared/resp/errors.ts";
import { NIL_ARRAY, OK, ReplyError } from "../../../shared/resp/reply.ts";
import { engineHarness } from "../../support/engine.ts";

describe("what a master may send", () => {
  const LATER = "1790000100000";
  const PAST = "1000";

  it("keeps a key whose time has come, and hides it", () => {
    const { role, replay, run, engine, units } = engineHarness();
    role.isReplica = true;
    expect(replay("SET", "k", "5", "PXAT", PAST)).toBe(OK);
    expect(run("GET k")).toBeNull();
    expect(run("EXISTS k")).toBe(0);
    expect(run("TTL k")).toBe(-2);
    expect(run("DBSIZE")).toBe(1);
    expect(run("KEYS *")).toEqual([]);
    expect(run("SCAN 0")).toEqual(["0", []]);
    expect(run("RANDOMKEY")).toBe("k");
    expect(engine.keyspace.space(0).keyCount).toBe(1);
    expect(units).toEqual([]);
  });

  it("sees an expired key as one that is there", () => {
    const { role, replay, engine } = engineHarness();
    role.isReplica = true;
    replay("SET", "n", "5", "PXAT", PAST);
    expect(replay("INCR", "n")).toBe(6);
    expect(replay("APPEND", "n", "7")).toBe(2);
    expect(replay("RENAME", "n", "m")).toBe(OK);
    expect(replay("PEXPIREAT", "m", "1")).toBe(1);
    expect(replay("PEXPIREAT", "m", "-1")).toBe(1);
    expect(replay("PERSIST", "m")).toBe(1);
    expect(engine.keyspace.find(engine.keyspace.space(0), "m")?.value).toBe("67");
    expect(replay("DEL", "m")).toBe(1);
  });

  it("is taken in every form that redis-server writes", () => {
    const { replay, units } = engineHarness();
    const hello = "\x00\x05hello\t\x00\xb3\x80\x8e\xba1\xb2C\xbb";
    const stream = [
      ["SET", "k", "v", "PXAT", LATER],
      ["SET", "k", "1.5", "KEEPTTL"],
      ["PEXPIREAT", "k", LATER, "GT"],
      ["RESTORE", "r", LATER, hello, "ABSTTL"],
      ["RESTORE", "r", PAST, hello, "REPLACE", "ABSTTL"],
      ["MSET", "a", "1", "b", "2"],
      ["COPY", "a", "a", "DB", "1", "REPLACE"],
      ["MOVE", "b", "2"],
      ["SWAPDB", "1", "2"],
      ["SELECT", "2"],
      ["FLUSHDB"],
      ["SELECT", "0"],
      ["UNLINK", "a", "r"],
      ["FLUSHALL", "ASYNC"],
    ];
    for (const args of stream) expect(replay(...args)).not.toBeInstanceOf(ReplyError);
    expect(units).toEqual([]);
  });

  it("may be longer than a string may be here", () => {
    const { engine, replay, run } = engineHarness();
    engine.config.set([["proto-max-bulk-len", "1048576"]]);
    expect(run("SETRANGE k 1048576 x")).toEqual(new ReplyError(ERRORS.stringTooLong));
    expect(replay("SETRANGE", "k", "1048576", "x")).toBe(1_048_577);
  });

  it("breaks a WATCH", () => {
    const { role, connect, replay } = engineHarness();
    role.isReplica = true;
    const client = connect();
    client.send(["WATCH", "k"]);
    replay("SET", "k", "v");
    client.send(["MULTI"]);
    expect(client.send(["EXEC"])).toBe(NIL_ARRAY);
  });
});

describe("WATCH on a replica", () => {
  it("is broken by a key that expires, though nothing deletes it", () => {
    const { role, connect, replay, turn } = engineHarness();
    role.isReplica = true;
    replay("SET", "k", "v", "PXAT", "1790000000500");
    const client = connect();
    client.send(["WATCH", "k"]);
    turn(501);
    client.send(["MULTI"]);
    expect(client.send(["EXEC"])).toBe(NIL_ARRAY);
  });

  it("is not broken by a key that had expired before", () => {
    const { role, connect, replay, turn } = engineHarness();
    role.isReplica = true;
    replay("SET", "k", "v", "PXAT", "1000");
    const client = connect();
    client.send(["WATCH", "k"]);
    turn(501);
    client.send(["WATCH", "l"]);
    client.send(["MULTI"]);
    expect(client.send(["EXEC"])).toEqual([]);
  });
});
