// Ways in over HTTP, at a served deployment: REST, operations, snapshots, WebSockets.

import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromBinary } from "../../shared/base/bytes.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { hasRedis, startRedis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";
import { asText, digestOf, isLinkUp } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

let served: Served;
beforeAll(async () => {
  served = await serve({ replicas: ["weur"] });
});
afterAll(() => served.stop());

type Answer = { readonly status: number; readonly body: unknown };

async function call(where: string, request?: { method?: string; body?: unknown }): Promise<Answer> {
  const { method = "POST", body } = request ?? { method: "GET" };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(
    served.http + where,
    body === undefined ? { method } : { method, body: text },
  );
  return { status: response.status, body: await response.json() };
}

describe("REST", () => {
  it.each([
    [["SET", "a", "1"], 200, { result: "OK" }],
    [["GET", "a"], 200, { result: "1" }],
    [["GET", "none"], 200, { result: null }],
    [["INCRBY", "a", 41], 200, { result: 42 }],
    [["MGET", "a", "none"], 200, { result: ["42", null] }],
    [["SET", "a"], 400, { error: "ERR wrong number of arguments for 'set' command" }],
    [["SET", "a", "grün ✓"], 200, { result: "OK" }],
    [["GET", "a"], 200, { result: "grün ✓" }],
    ["no json", 400, { error: "ERR failed to parse command" }],
    [[], 400, { error: "ERR empty command" }],
    [{ command: "GET" }, 400, { error: "ERR failed to parse command" }],
  ])("answers POST / with %j by %i %j", async (body, status, answer) => {
    expect(await call("/", { body })).toEqual({ status, body: answer });
  });

  it("takes a command in the path, a value in the body and options in the query", async () => {
    expect(await call("/set/p/1")).toEqual({ status: 200, body: { result: "OK" } });
    expect(await call("/get/p")).toEqual({ status: 200, body: { result: "1" } });
    expect(await call("/set/p?EX=100", { body: "a/b c" })).toMatchObject({ status: 200 });
    expect(await call("/get/p")).toEqual({ status: 200, body: { result: "a/b c" } });
    const { body } = await call("/ttl/p");
    expect((body as { result: number }).result).toBeGreaterThan(90);
    expect(await call("/set/a%2Fb/x%20y")).toMatchObject({ status: 200 });
    expect(await call("/get/a%2Fb")).toEqual({ status: 200, body: { result: "x y" } });
  });

  it("runs a pipeline in order, each command with its own outcome", async () => {
    const body = [["SET", "q", "1"], ["INCR", "q"], ["LPUSHX"], ["GET", "q"]];
    const answer = await call("/pipeline", { body });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject([
      { result: "OK" },
      { result: 2 },
      { error: expect.any(String) },
      { result: "2" },
    ]);
  });

  it("runs a transaction whole or not at all", async () => {
    const good = await call("/multi-exec", {
      body: [
        ["SET", "t", "1"],
        ["INCR", "t"],
      ],
    });
    expect(good).toEqual({ status: 200, body: [{ result: "OK" }, { result: 2 }] });
    const bad = await call("/multi-exec", { body: [["SET", "t", "9"], ["NOSUCH"]] });
    expect(bad.status).toBe(400);
    expect(await call("/get/t")).toEqual({ status: 200, body: { result: "2" } });
  });

  it("is answered by the node that is asked for", async () => {
    await call("/set/n/1");
    await until("the write", async () => {
      return JSON.stringify((await call("/get/n?node=weur")).body) === '{"result":"1"}';
    });
    const refused = await call("/set/n/2?node=weur");
    expect(refused.status).toBe(400);
    expect(JSON.stringify(refused.body)).toContain("READONLY");
    expect((await call("/get/n?node=nowhere")).status).toBe(404);
  });
});

describe("operations", () => {
  it("says whether a node is well", async () => {
    const master = { status: "ok", node: "master", role: "master" };
    expect(await call("/health")).toEqual({ status: 200, body: master });
    expect((await call("/health?node=weur")).body).toMatchObject({
      role: "replica",
      link: "connected",
    });
    expect((await call("/health?node=nowhere")).status).toBe(404);
  });

  it("shows all nodes and how far they are", async () => {
    const { body } = await call("/v1/topology");
    const { nodes } = body as { nodes: Record<string, unknown>[] };
    expect(nodes.map(({ name, role }) => [name, role])).toEqual([
      ["master", "master"],
      ["weur", "replica"],
    ]);
    expect(nodes[0]!["history"]).toBe(nodes[1]!["history"]);
  });

  it("counts in Prometheus's format", async () => {
    const text = await (await fetch(`${served.http}/metrics`)).text();
    expect(text).toMatch(/^antipode_master_repl_offset\{node="master"\} \d+$/m);
    expect(text).toMatch(/^antipode_total_commands_processed\{node="weur"\} \d+$/m);
  });

  it.skipIf(!hasRedis)("gives a snapshot that redis-server loads, of any node", async () => {
    const client = await RespClient.tcp(served.ports.master);
    await client.run(
      (function* () {
        for (let i = 0; i < 3000; i++)
          yield ["SET", `snap:${i}`, `\u0000\u00ff${i}`.repeat(i % 50)];
        yield ["SELECT", "5"];
        yield ["SET", "later", "x", "PXAT", "4102444800000"];
        yield ["SET", "long", "y".repeat(3_000_000)];
        yield ["SELECT", "0"];
      })(),
    );
    const replica = await RespClient.tcp(served.ports["weur"]!);
    await until("the link", () => isLinkUp(replica));
    const digest = await digestOf(client);
    await until("the data", async () => (await digestOf(replica)) === digest);
    for (const node of ["master", "weur"]) {
      const response = await fetch(`${served.http}/v1/nodes/${node}/snapshot`);
      expect(response.headers.get("content-disposition")).toContain(".rdb");
      const folder = mkdtempSync(path.join(tmpdir(), "antipode-rdb-"));
      writeFileSync(path.join(folder, "dump.rdb"), new Uint8Array(await response.arrayBuffer()));
      const redis = await startRedis({ "enable-debug-command": "yes" }, { folder });
      const loaded = await RespClient.tcp(redis.port);
      expect({ node, digest: await digestOf(loaded) }).toEqual({ node, digest });
      loaded.close();
      await redis.stop();
      rmSync(folder, { recursive: true });
    }
    client.close();
    replica.close();
  });
});

describe("RESP over a WebSocket", () => {
  it.each([1, 2, 3, 7, 1000])("understands messages of %i bytes", async (size) => {
    const client = await RespClient.webSocket(`${served.http}/resp`);
    const commands = [["SET", "w", "\u0000\r\n$5"], ["GET", "w"], ["PING"]];
    const bytes = fromBinary(commands.map((args) => encodeCommand(args)).join(""));
    const replies = commands.map(() => client.next());
    for (let at = 0; at < bytes.length; at += size) client.write(bytes.slice(at, at + size));
    const [set, get, ping] = await Promise.all(replies);
    expect([asText(set!), get, asText(ping!)]).toEqual(["OK", "\u0000\r\n$5", "PONG"]);
    client.close();
  });

  it("keeps a session: database, name, protocol, transaction", async () => {
    const client = await RespClient.webSocket(`${served.http}/resp?node=master`);
    await client.send("HELLO", "3", "SETNAME", "me");
    await client.send("SELECT", "3");
    expect(asText(await client.send("MULTI"))).toBe("OK");
    expect(asText(await client.send("SET", "m", "1"))).toBe("QUEUED");
    expect(asText(await client.send("INCR", "m"))).toBe("QUEUED");
    const [set, incremented] = (await client.send("EXEC")) as [never, number];
    expect([asText(set), incremented]).toEqual(["OK", 2]);
    expect(await client.send("CLIENT", "GETNAME")).toBe("me");
    client.close();
    const other = await RespClient.tcp(served.ports.master);
    expect(await other.send("EXISTS", "m")).toBe(0);
    await other.send("SELECT", "3");
    expect(await other.send("GET", "m")).toBe("2");
    other.close();
  });

  it("aborts a transaction over another client's write, whatever that one came by", async () => {
    const client = await RespClient.webSocket(`${served.http}/resp`);
    await client.pipeline([["SET", "watched", "1"], ["WATCH", "watched"], ["MULTI"]]);
    await client.send("SET", "watched", "mine");
    await call("/set/watched/theirs");
    expect(await client.send("EXEC")).toMatchObject({});
    expect(await client.send("GET", "watched")).toBe("theirs");
    client.close();
  });

  it("answers many pipelined commands in order", async () => {
    const client = await RespClient.webSocket(`${served.http}/resp`);
    const commands = Array.from({ length: 20_000 }, (_, i) => ["ECHO", `${i}`]);
    const replies: unknown[] = [];
    await client.run(commands, { onReply: (reply) => replies.push(reply) });
    expect(replies).toEqual(commands.map(([, text]) => text));
    client.close();
  });

  it("is refused where there is no such node, and to whom does not upgrade", async () => {
    expect((await fetch(`${served.http}/resp?node=nowhere`)).status).toBe(404);
    expect((await fetch(`${served.http}/resp`)).status).toBe(426);
  });
});
