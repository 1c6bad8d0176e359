// A client that behaves badly costs nobody else anything.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { RespClient } from "../support/resp-client.ts";
import { serve, type Served } from "../support/serve.ts";

const MB = 1024 ** 2;

describe("a client that asks for more than it reads", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterAll(() => served.stop());

  it("waits for itself, and in its own memory", async () => {
    const [greedy, other] = await Promise.all([
      RespClient.tcp(served.ports.master),
      RespClient.tcp(served.ports.master),
    ]);
    const long = "z".repeat(MB);
    await greedy.send("SET", "long", long);
    await greedy.pipeline(Array.from({ length: 20 }, () => ["GET", "long"]));
    const residentBytes = served.residentBytes();

    // All of these fit into one read of the node.
    const replies = greedy.pipeline(Array.from({ length: 400 }, () => ["GET", "long"]));
    expect(await other.send("SET", "x", "1")).toMatchObject({ text: "OK" });
    expect(served.residentBytes() - residentBytes).toBeLessThan(100 * MB);
    expect((await replies).every((reply) => reply === long)).toBe(true);
    expect(await other.send("GET", "x")).toBe("1");
    expect(served.log().filter(({ event }) => event === "invariant")).toEqual([]);
    greedy.close();
    other.close();
  });

  it("gets all its replies in order, between those to writes as well", async () => {
    const client = await RespClient.tcp(served.ports.master);
    await client.send("SET", "half", "h".repeat(MB / 2));
    const commands = Array.from({ length: 90 }, (_, i) => {
      return i % 3 === 0 ? ["INCR", "count"] : ["GETRANGE", "half", "0", `${i * 5000}`];
    });
    const replies = await client.pipeline(commands);
    const shown = replies.map((reply) => (typeof reply === "string" ? reply.length : reply));
    expect(shown).toEqual(commands.map((_, i) => (i % 3 === 0 ? i / 3 + 1 : i * 5000 + 1)));
    client.close();
  });
});
