// What of a client's session outlives its node's sleep: all of it.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { runAt } from "../../../workers/edge/call.ts";
import { toRequests } from "../../../workers/node/requests.ts";
import { until } from "../support/until.ts";
import type { Client } from "../support/client.ts";
import {
  ask,
  connect,
  ENV,
  freshMaster,
  isIdle,
  sleep,
  spilledRows,
  stubOf,
} from "../support/nodes.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

/** A client that sent these commands, and then its node slept. */
async function afterSleep(...commands: readonly (readonly string[])[]): Promise<Client> {
  const client = await connect();
  for (const args of commands) await client.send(...args);
  await sleep();
  return client;
}

/** Whether the sessions of these names have been written down. */
function savedSockets(names: readonly string[]): Promise<boolean> {
  return runInDurableObject(stubOf(), (_instance, state) => {
    const saved = JSON.stringify(
      state.getWebSockets().map((ws): unknown => ws.deserializeAttachment()),
    );
    return names.every((name) => saved.includes(name));
  });
}

describe("a session that slept", () => {
  test("is on the connection it had, with the same id", async () => {
    const client = await connect();
    const id = await client.send("CLIENT", "ID");
    await sleep();
    expect(await client.send("CLIENT", "ID")).toBe(id);
    expect(client.isClosed).toBe(false);
  });

  test("is in its database", async () => {
    const client = await afterSleep(["SELECT", "3"], ["SET", "a", "in 3"]);
    expect(await client.send("GET", "a")).toBe("in 3");
  });

  test("has its name and speaks its protocol", async () => {
    const client = await afterSleep(["HELLO", "3"], ["CLIENT", "SETNAME", "ann"]);
    expect(await client.send("CLIENT", "GETNAME")).toBe("ann");
    client.write(encodeCommand(["GET", "nothing"]));
    expect(await client.next()).toBe(null);
    expect(await client.send("CLIENT", "INFO")).toContain(" resp=3 ");
  });

  test("runs at EXEC what it queued before and after", async () => {
    const client = await afterSleep(["MULTI"], ["SET", "a", "\xff\r\n\0"], ["INCR", "n"]);
    expect(await client.send("GET", "a")).toBe("+QUEUED");
    expect(await client.send("EXEC")).toEqual(["+OK", 1, "\xff\r\n\0"]);
  });

  test("has forgotten nothing of a MULTI that is too large for an attachment", async () => {
    const value = "\xe9\0".repeat(1_000_000);
    const client = await afterSleep(["MULTI"], ["SET", "a", value], ["STRLEN", "a"]);
    expect(await spilledRows()).toBeGreaterThan(1);
    expect(await client.send("EXEC")).toEqual(["+OK", value.length]);
    expect(await client.send("GET", "a")).toBe(value);
    await until("what was spilled is removed", async () => (await spilledRows()) === 0);
  });

  test("with very much to forget keeps its node awake until it is less", async () => {
    const [client, other] = [await connect(), await connect()];
    const value = "v".repeat(5 << 20);
    await client.send("MULTI");
    await client.send("SET", "a", value);
    await other.send("CLIENT", "SETNAME", "other");
    await until("the others are saved", () => savedSockets(["other"]));
    expect([await isIdle(), await spilledRows()]).toEqual([false, 0]);
    expect(await client.send("EXEC")).toEqual(["+OK"]);
    await sleep();
    expect(await client.send("STRLEN", "a")).toBe(value.length);
  });

  test("leaves nothing spilled when it ends", async () => {
    const client = await afterSleep(["MULTI"], ["SET", "a", "v".repeat(20_000)]);
    expect(await spilledRows()).toBe(1);
    client.close();
    await until("what was spilled is removed", async () => (await spilledRows()) === 0);
  });

  test("leaves nothing spilled when it ends with its node", async () => {
    const client = await afterSleep(["MULTI"], ["SET", "a", "v".repeat(20_000)]);
    expect(await spilledRows()).toBe(1);
    await evictDurableObject(stubOf(), { webSockets: "close" });
    await client.closed;
    expect(await ask("master", "PING")).toBe("+PONG");
    expect(await spilledRows()).toBe(0);
  });

  test("keeps its CLIENT REPLY mode", async () => {
    const client = await connect();
    client.write(encodeCommand(["SET", "a", "1"]) + encodeCommand(["CLIENT", "REPLY", "OFF"]));
    expect(await client.next()).toBe("+OK");
    await sleep();
    client.write(encodeCommand(["GET", "a"]));
    expect(await client.send("CLIENT", "REPLY", "ON")).toBe("+OK");
    expect(await client.send("GET", "a")).toBe("1");
  });

  test("has the reply to come skipped that it asked to", async () => {
    const client = await connect();
    client.write(encodeCommand(["PING"]) + encodeCommand(["CLIENT", "REPLY", "SKIP"]));
    expect(await client.next()).toBe("+PONG");
    await sleep();
    client.write(encodeCommand(["SET", "a", "1"]));
    expect(await client.send("GET", "a")).toBe("1");
  });

  test("monitors what others do", async () => {
    const client = await afterSleep(["MONITOR"]);
    await ask("master", "SET", "seen", "1");
    expect(await client.next()).toMatch(/^\+\d+\.\d{6} \[0 [^\]]*\] "SET" "seen" "1"$/);
  });

  test("goes on in the middle of a command", async () => {
    const bytes = encodeCommand(["SET", "a", "\xffhalf and half"]);
    const clients: Client[] = [];
    for (let at = 1; at < bytes.length; at++) {
      const client = await connect();
      client.write(encodeCommand(["PING"]) + bytes.slice(0, at));
      expect(await client.next()).toBe("+PONG");
      clients.push(client);
    }
    await sleep();
    for (const [i, client] of clients.entries()) {
      client.write(bytes.slice(i + 1));
      expect(await client.next()).toBe("+OK");
      expect(await client.send("GETDEL", "a")).toBe("\xffhalf and half");
    }
  });

  test("answers in order what it sent in one message after the wake", async () => {
    const client = await afterSleep(["SET", "n", "1"]);
    client.write(encodeCommand(["INCR", "n"]).repeat(3));
    expect([await client.next(), await client.next(), await client.next()]).toEqual([2, 3, 4]);
  });

  test("is forgotten when the client has gone meanwhile", async () => {
    const client = await afterSleep(["CLIENT", "SETNAME", "gone"]);
    const list = async (): Promise<string> => (await ask("master", "CLIENT", "LIST")) as string;
    expect(await list()).toContain("name=gone");
    client.close();
    await until("it is gone", async () => !(await list()).includes("name=gone"));
  });
});

describe("a WATCH that slept", () => {
  test("lets EXEC run when nothing changed", async () => {
    const client = await afterSleep(["WATCH", "k"]);
    expect(await client.send("MULTI")).toBe("+OK");
    expect(await client.send("SET", "k", "mine")).toBe("+QUEUED");
    expect(await client.send("EXEC")).toEqual(["+OK"]);
  });

  const writers = {
    "another socket": (key: string) => ask("master", "SET", key, "theirs"),
    "a call (REST)": (key: string) =>
      runAt(ENV, "master", {
        requests: toRequests([["SET", key, "theirs"]]),
        options: { caller: { token: undefined }, format: "text", shape: "one" },
        isRepeatable: false,
      }),
  };
  for (const [who, write] of Object.entries(writers)) {
    test(`dooms EXEC when ${who} wrote to its key before the sleep`, async () => {
      const client = await connect();
      await client.send("WATCH", "k");
      // The session is saved as it is now; what comes then must be saved again.
      await until("all is saved", () => isIdle());
      await write("k");
      await sleep();
      await client.send("MULTI");
      await client.send("SET", "k", "mine");
      expect(await client.send("EXEC")).toBe(null);
      expect(await client.send("GET", "k")).toBe("theirs");
    });

    test(`dooms EXEC when ${who} wrote to its key after the wake`, async () => {
      const client = await afterSleep(["WATCH", "k"]);
      await write("k");
      await client.send("MULTI");
      expect(await client.send("EXEC")).toBe(null);
    });
  }

  test("dooms EXEC when its key has expired in the sleep", async () => {
    const client = await connect();
    await client.send("SET", "k", "1", "PX", "1500");
    await client.send("WATCH", "k");
    await sleep();
    await until("it expired", async () => (await ask("master", "EXISTS", "k")) === 0);
    await client.send("MULTI");
    expect(await client.send("EXEC")).toBe(null);
  });
});

describe("authentication", () => {
  test("is asked for after the sleep as before, and lasts over it", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "secret");
    const [known, unknown] = [await connect(), await connect()];
    expect(await known.send("AUTH", "secret")).toBe("+OK");
    expect(await unknown.send("GET", "a")).toBe("-NOAUTH Authentication required.");
    await sleep();
    expect(await known.send("SET", "a", "1")).toBe("+OK");
    expect(await unknown.send("GET", "a")).toBe("-NOAUTH Authentication required.");
    await sleep();
    expect(await unknown.send("AUTH", "wrong")).toMatch(/^-WRONGPASS/);
    expect(await unknown.send("GET", "a")).toBe("-NOAUTH Authentication required.");
    expect(await unknown.send("AUTH", "secret")).toBe("+OK");
    expect(await unknown.send("GET", "a")).toBe("1");
  });
});

describe("a node made anew", () => {
  test("has lost its sessions and nothing else", async () => {
    const client = await connect();
    await client.send("SET", "a", "1");
    const before = await stubOf().describe();
    await evictDurableObject(stubOf(), { webSockets: "close" });
    expect(await client.closed).toBe(1006);
    const after = await stubOf().describe();
    expect(after).toEqual(before);
    expect(await ask("master", "GET", "a")).toBe("1");
    expect(((await ask("master", "CLIENT", "LIST")) as string).split("\n").length).toBe(2);
  });
});
