// What a node does when its store or its own code is wrong: it says so, restarts, and serves no damage.

import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";

import { ask, call, connect, freshMaster, restart, sleep, stubOf } from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });

let errors: MockInstance<typeof console.error>;

beforeEach(async () => {
  await freshMaster();
  errors = vi.spyOn(console, "error").mockImplementation(() => undefined);
  return () => errors.mockRestore();
});

/** What was logged of bugs, as JSON. */
function invariants(): { readonly event: string; readonly stack: string; readonly node: string }[] {
  return errors.mock.calls
    .map(([line]) => String(line))
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { event: string; stack: string; node: string })
    .filter(({ event }) => event === "invariant");
}

/** Two keys at rest, and the row of one changed behind the node's back. */
async function damage(change: string): Promise<void> {
  await ask("master", "MSET", "good", "1", "bad", "a value that is long enough");
  await sleep();
  await runInDurableObject(stubOf(), (_instance, { storage }) => {
    expect(storage.sql.exec(change).rowsWritten).toBe(1);
  });
  await sleep();
}

describe("a stored value that cannot be decoded", () => {
  const DAMAGES = {
    "whose bytes are cut": "UPDATE base SET value = substr(value, 1, 5) WHERE name = 'bad'",
    "whose type is unknown": "UPDATE base SET type = 99 WHERE name = 'bad'",
  };
  for (const [which, change] of Object.entries(DAMAGES)) {
    test(`${which} ends the connections of who asks for it, and is logged once`, async () => {
      await damage(change);
      const [asking, other] = [await connect(), await connect()];
      expect(await other.send("GET", "good")).toBe("1");
      expect(await asking.send("GET", "bad")).toBe("closed");
      expect(await other.closed).toBe(1006);
      expect(invariants().length).toBe(1);
      expect(invariants()[0]).toMatchObject({ node: "master" });
      expect(invariants()[0]!.stack).toMatch(/stored value/);
      expect(invariants()[0]!.stack).not.toContain("long enough");
    });

    test(`${which} leaves every other key served`, async () => {
      await damage(change);
      expect(await ask("master", "GET", "bad")).toBe("closed");
      expect(await ask("master", "GET", "good")).toBe("1");
      expect(await ask("master", "SET", "new", "2")).toBe("+OK");
      expect(await ask("master", "GET", "new")).toBe("2");
    });

    test(`${which} is a clear error over REST`, async () => {
      await damage(change);
      const response = await call("/get/bad");
      expect(response.status).toBe(500);
      const { error } = await response.json<{ error: string }>();
      expect(error).toMatch(/^ERR .*stored value/);
      expect((await call("/get/good")).status).toBe(200);
    });
  }
});

describe("a bug in the middle of a group", () => {
  test("leaves nothing of it, and all that was answered before", async () => {
    await damage("UPDATE base SET type = 99 WHERE name = 'bad'");
    await ask("master", "SET", "answered", "1");
    const client = await connect();
    // One message is one group: the SET joins it, the GET ends it.
    client.write("SET unanswered 1\r\nGET bad\r\n");
    expect(await client.next()).toBe("closed");
    expect(await ask("master", "MGET", "answered", "unanswered", "good")).toEqual(["1", null, "1"]);
  });
});

describe("a log that does not reach its checkpoint", () => {
  test("keeps the node from starting, and says so", async () => {
    await ask("master", "SET", "a", "1");
    await sleep();
    await runInDurableObject(stubOf(), (_instance, { storage }) => {
      storage.sql.exec("DELETE FROM log");
    });
    await restart();
    const response = await call("/get/a");
    expect(response.status).toBe(500);
    const { error } = await response.json<{ error: string }>();
    expect(error).toMatch(/^ERR .*checkpoint/);
  });
});

describe("a socket that sends", () => {
  test("text is not answered and keeps its session", async () => {
    const client = await connect();
    for (const text of ["PING\r\n", "", "!", "x".repeat(100_000)]) client.socket.send(text);
    expect(await client.send("PING")).toBe("+PONG");
    expect(client.texts).toEqual([]);
  });

  test("an empty message is as if it had not", async () => {
    const client = await connect();
    client.socket.send(new Uint8Array(0));
    expect(await client.send("PING")).toBe("+PONG");
  });

  test("what is no protocol is told so, and hung up on alone", async () => {
    const [bad, good] = [await connect(), await connect()];
    bad.write("*1\r\n+PING\r\n");
    expect(await bad.next()).toBe("-ERR Protocol error: expected '$', got '+'");
    expect(await bad.closed).toBe(1000);
    expect(await good.send("PING")).toBe("+PONG");
  });

  // Over a network the platform refuses it (1009); here the message arrives.
  test("a message of more than 32 MiB is hung up on alone", async () => {
    const [bad, good] = [await connect(), await connect()];
    await good.send("SET", "a", "1");
    bad.socket.send(new Uint8Array(32 * 1024 * 1024 + 1));
    expect(await bad.next()).toBe("-ERR Protocol error: too big inline request");
    expect(await bad.closed).toBe(1000);
    expect(await good.send("GET", "a")).toBe("1");
    await until("it is gone", async () => {
      return ((await ask("master", "CLIENT", "LIST")) as string).split("\n").length <= 3;
    });
  });
});

describe("a large value", () => {
  const MB = 1024 * 1024;

  test("of 32 MB comes in several messages and goes out in several", async () => {
    const client = await connect();
    const part = "\xfe".repeat(MB);
    client.write(`*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$${32 * MB}\r\n`);
    for (let i = 0; i < 32; i++) client.write(part);
    client.write("\r\n");
    expect(await client.next()).toBe("+OK");
    expect(await client.send("STRLEN", "big")).toBe(32 * MB);
    const value = (await client.send("GET", "big")) as string;
    expect(value.length).toBe(32 * MB);
    expect(value.startsWith(part) && value.endsWith(part)).toBe(true);
    await restart();
    expect(await ask("master", "STRLEN", "big")).toBe(32 * MB);
  });

  test("of 33 MB is refused before it comes, and nothing is lost", async () => {
    const [client, other] = [await connect(), await connect()];
    expect(await client.send("SET", "a", "1")).toBe("+OK");
    client.write(`*3\r\n$3\r\nSET\r\n$1\r\na\r\n$${33 * MB}\r\n`);
    expect(await client.next()).toBe("-ERR Protocol error: invalid bulk length");
    expect(await client.closed).toBe(1000);
    expect(await other.send("GET", "a")).toBe("1");
  });

  test("of 33 MB cannot be made by APPEND either", async () => {
    const client = await connect();
    await client.send("SET", "a", "v".repeat(17 * MB));
    expect(await client.send("APPEND", "a", "v".repeat(17 * MB))).toBe(
      "-ERR string exceeds maximum allowed size (proto-max-bulk-len)",
    );
    expect(await client.send("STRLEN", "a")).toBe(17 * MB);
  });
});
