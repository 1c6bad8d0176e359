// A master that sends what our node cannot take: the link ends with a reason that INFO and the log name,
// what is there keeps serving, and nothing is half applied.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { encodeCommand } from "../../shared/resp/encoder.ts";
import { type FakeMaster, rdbFile, startFakeMaster } from "../support/fake-master.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { infoOf, isLinkUp, offsetOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const SELECT = encodeCommand(["SELECT", "0"]);
/** A key `new` of RDB type 0, one of a type of Redis 8, and one that ends too soon. */
const STRING = "\x00\x03new\x05value";
const ARRAY = "\x1c\x03arr\x01\x01x";

/** What a stream may bring, and what the link is said to have ended for. */
const STREAMS: readonly (readonly [what: string, bytes: string, reason: RegExp])[] = [
  [
    "a command that is not known",
    encodeCommand(["JSON.SET", "k", "$", "1"]),
    /^cannot apply JSON\.SET: ERR unknown command/,
  ],
  [
    "a wrong number of arguments",
    encodeCommand(["SET", "k"]),
    /^cannot apply SET: ERR wrong number/,
  ],
  [
    "a command for another type",
    encodeCommand(["LPUSH", "kept", "x"]),
    /^cannot apply LPUSH: WRONGTYPE/,
  ],
  [
    "a transaction whose last command fails",
    ["MULTI", "SET half 1", "LPUSH kept x", "EXEC"]
      .map((line) => encodeCommand(line.split(" ")))
      .join(""),
    /^cannot apply LPUSH: WRONGTYPE/,
  ],
  ["what is no command", "*1\r\n:5\r\n", /^stream: ERR Protocol error: expected '\$', got ':'/],
];

/** What a full sync may bring. */
const SNAPSHOTS: readonly (readonly [what: string, file: string, reason: RegExp])[] = [
  ["a type that is not known", rdbFile(STRING + ARRAY), /^rdb: .*not 28/],
  [
    "a version that is not known",
    rdbFile("").replace(/^REDIS\d{4}/, "REDIS0099"),
    /^rdb: .*version/,
  ],
  ["what is no RDB file", "x".repeat(100), /^rdb: /],
  ["a database that we have not", rdbFile(`\xfe\x20${STRING}`), /^database 32 is out of range/],
  ["a library that does not compile", rdbFile("\xf5\x0e#!lua name=l\nx("), /^a function library/],
];

describe("a node whose master sends what it cannot take", { timeout: 60_000 }, () => {
  let served: Served;
  let master: FakeMaster;
  let client: RespClient;
  beforeAll(async () => {
    served = await serve({ replicas: ["weur"] });
    client = await RespClient.tcp(served.ports.master);
    await client.send("CONFIG", "SET", "repl-reconnect-max-ms", "200");
  });
  afterAll(async () => await served.stop());
  beforeEach(async () => {
    master = await startFakeMaster();
    await client.send("REPLICAOF", "NO", "ONE");
    await client.send("FLUSHALL");
    await client.send("SET", "old", "data");
  });
  afterEach(async () => await master.close());

  const follow = async (): Promise<void> =>
    void (await client.send("REPLICAOF", "127.0.0.1", `${master.port}`));

  async function reasonIs(reason: RegExp): Promise<void> {
    await until(`the reason ${reason.source}`, async () => {
      return reason.test(
        (await infoOf(client, "replication")).get("master_link_down_reason") ?? "",
      );
    });
    const role = (await client.send("ROLE")) as unknown[];
    expect([role[0], role[4]]).toEqual(["slave", -1]);
    const isLogged = (): boolean =>
      served.log().some(({ event, why }) => event === "link" && reason.test(String(why ?? "")));
    await until("a line of the log", isLogged);
  }

  it.each(STREAMS)("in the stream: %s", async (_what, bytes, reason) => {
    master.stream(SELECT + encodeCommand(["SET", "kept", "1"]));
    await follow();
    await until("the write", async () => (await client.send("GET", "kept")) === "1");
    const before = encodeCommand(["SET", "before", "1"]);
    const { end } = master;
    master.stream(before + bytes + encodeCommand(["SET", "behind", "1"]));
    await reasonIs(reason);
    const asked = await client.pipeline([["MGET", "kept", "half", "behind", "k"], ["DBSIZE"]]);
    expect(asked[0]).toEqual(["1", null, null, null]);
    // What came before it in the same group may be taken back, and is asked for again then.
    const offset = await offsetOf(client);
    expect([end, end + before.length]).toContain(offset);
    expect(asked[1]).toBe(offset === end ? 1 : 2);
    await until("another try", () => master.asked.partial >= 2);
    expect(master.asked.full).toBe(1);
    expect(await client.send("SET", "x", "y")).toMatchObject({ text: /^READONLY/ });
  });

  it.each(SNAPSHOTS)("in a full sync: %s", async (_what, file, reason) => {
    master.snapshot = file;
    await follow();
    await reasonIs(reason);
    expect(await client.pipeline([["GET", "old"], ["DBSIZE"]])).toEqual(["data", 1]);
    await until("another try", () => master.asked.full >= 2);

    // And the reason goes when the link comes up.
    master.snapshot = rdbFile(STRING);
    await until("the link up", () => isLinkUp(client));
    expect((await infoOf(client, "replication")).has("master_link_down_reason")).toBe(false);
    expect(await client.pipeline([["GET", "new"], ["DBSIZE"]])).toEqual(["value", 1]);
  });

  it("and tells its own replicas nothing of it", async () => {
    const weur = await RespClient.tcp(served.ports["weur"]!);
    await follow();
    await until("the link up", () => isLinkUp(client));
    master.stream(SELECT + encodeCommand(["SET", "told", "1"]));
    await until("the write", async () => (await weur.send("GET", "told")) === "1");
    master.stream(encodeCommand(["NOSUCH", "x"]) + encodeCommand(["SET", "behind", "1"]));
    await reasonIs(/^cannot apply NOSUCH/);
    expect(await offsetOf(weur)).toBe(await offsetOf(client));
    expect(await weur.send("GET", "behind")).toBe(null);
    weur.close();
  });
});
