// A RESP session that names no node: reads next door, all else at the master.

import { beforeEach, describe, expect, test, vi } from "vitest";

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { Client } from "../support/client.ts";
import { ask, call, freshMaster, isIdle, openUp, sleep, stubOf } from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });

beforeEach(async () => {
  await freshMaster();
  await openUp("weur");
  await until("weur has everything", async () => {
    const [master, replica] = await Promise.all([stubOf().describe(), stubOf("weur").describe()]);
    return replica.history === master.history && replica.offset === master.offset;
  });
});

async function session(): Promise<Client> {
  const headers = { upgrade: "websocket", "x-antipode-region": "weur" };
  return Client.of(await call("/resp", { headers }));
}

/** How often a node has run a command. */
async function runs(node: string, command: string): Promise<number> {
  const text = (await ask(node, "INFO", "commandstats")) as string;
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0);
}

describe("a session in Europe", () => {
  test("reads at the replica there, and what it writes goes to the master", async () => {
    const client = await session();
    expect(await client.send("GET", "a")).toBe(null);
    expect(await client.send("SET", "a", "1")).toBe("+OK");
    expect([await runs("weur", "get"), await runs("master", "get")]).toEqual([1, 0]);
    expect([await runs("weur", "set"), await runs("master", "set")]).toEqual([1, 1]);
  });

  test("sees each of its own writes, one by one and in a pipeline", async () => {
    const client = await session();
    for (let i = 0; i < 30; i++) {
      expect(await client.send("SET", "a", String(i))).toBe("+OK");
      expect(await client.send("GET", "a")).toBe(String(i));
    }
    let text = "";
    for (let i = 0; i < 30; i++) {
      text += encodeCommand(["INCR", "n"]) + encodeCommand(["GET", "n"]);
    }
    client.write(text);
    for (let i = 1; i <= 30; i++) {
      expect([await client.next(), await client.next()]).toEqual([i, String(i)]);
    }
    expect(await runs("weur", "get")).toBeGreaterThan(30);
  });

  test("has its transactions, its watches and its waits at the master", async () => {
    const client = await session();
    await client.send("WATCH", "a");
    await ask("master", "SET", "a", "theirs");
    await client.send("MULTI");
    expect(await client.send("SET", "a", "mine")).toBe("+QUEUED");
    expect(await client.send("EXEC")).toBe(null);
    expect(await client.send("GET", "a")).toBe("theirs");
    client.write(encodeCommand(["BLPOP", "list", "0"]));
    await ask("master", "RPUSH", "list", "x");
    expect(await client.next()).toEqual(["list", "x"]);
    expect(await client.send("EXISTS", "list")).toBe(0);
  });

  test("listens at the master", async () => {
    const client = await session();
    expect(await client.send("SUBSCRIBE", "news")).toEqual(["subscribe", "news", 1]);
    await ask("master", "PUBLISH", "news", "hello");
    expect(await client.next()).toEqual(["message", "news", "hello"]);
  });

  test("is in the same database and of the same protocol at both", async () => {
    const client = await session();
    await client.send("HELLO", "3");
    await client.send("SELECT", "5");
    await client.send("SET", "a", "in 5");
    expect(await client.send("GET", "a")).toBe("in 5");
    expect(await ask("master", "EXISTS", "a")).toBe(0);
  });

  test("is let in by its password, and by nothing else", async () => {
    for (const node of ["weur", "master"]) await ask(node, "CONFIG", "SET", "requirepass", "pw");
    const client = await session();
    expect(await client.send("GET", "a")).toMatch(/^-NOAUTH/);
    expect(await client.send("SET", "a", "1")).toMatch(/^-NOAUTH/);
    expect(await client.send("AUTH", "wrong")).toMatch(/^-WRONGPASS/);
    expect(await client.send("AUTH", "pw")).toBe("+OK");
    expect(await client.send("SET", "a", "1")).toBe("+OK");
    expect(await client.send("GET", "a")).toBe("1");
  });

  test("goes on at the master when its replica goes away", async () => {
    const client = await session();
    await client.send("SET", "a", "1");
    expect(await client.send("GET", "a")).toBe("1");
    await ask("weur", "CLIENT", "KILL", "TYPE", "normal");
    expect(await client.send("GET", "a")).toBe("1");
    expect(await client.send("INCR", "a")).toBe(2);
    expect(await client.send("GET", "a")).toBe("2");
  });

  test("ends when the client leaves, and when it says QUIT", async () => {
    const [left, quit] = [await session(), await session()];
    for (const client of [left, quit]) await client.send("GET", "a");
    left.close();
    expect(await quit.send("QUIT")).toBe("+OK");
    await quit.closed;
    await until("nobody is connected", async () => {
      const lists = await Promise.all(
        ["master", "weur"].map((node) => ask(node, "CLIENT", "LIST")),
      );
      return !lists.some((list) => (list as string).includes("cmd=get"));
    });
  });

  test("lets the master sleep", async () => {
    const client = await session();
    await client.send("SET", "a", "1");
    await until("the master is idle", () => isIdle());
    await sleep();
    expect(await client.send("GET", "a")).toBe("1");
    expect(await client.send("INCR", "a")).toBe(2);
    expect(await client.send("GET", "a")).toBe("2");
  });
});

describe("text frames of a session", () => {
  test("reach the master, and its answers the client: a follower's probes are such", async () => {
    const client = await session();
    expect(await client.send("GET", "a")).toBe(null);
    client.socket.send("?");
    await until("it is answered", () => client.texts.length > 0);
    expect(client.texts[0]).toMatch(/^![0-9a-f]{40}:\d+$/);
    client.socket.send("@?");
    expect(await client.send("SET", "a", "1")).toBe("+OK");
    expect(await client.send("GET", "a")).toBe("1");
    expect(client.texts).toHaveLength(1);
  });
});

describe("a node asked for by name over RESP", () => {
  test("is that node and no other: a replica refuses writes", async () => {
    const headers = { upgrade: "websocket", "x-antipode-region": "weur" };
    const client = Client.of(await call("/resp?node=weur", { headers }));
    expect(await client.send("SET", "a", "1")).toMatch(/^-READONLY/);
  });
});

describe("questions about positions, from outside,", () => {
  test("are answered by the platform while nothing happens, and rightly from the first write on", async () => {
    const headers = { upgrade: "websocket" };
    const client = Client.of(await call("/resp?node=master", { headers }));
    const position = async (): Promise<string> => {
      const { offset, history } = await stubOf().describe();
      return `!${history}:${offset}`;
    };
    for (let i = 0; i < 3; i++) {
      await until("the master is idle", () => isIdle());
      for (const _ of ["asleep", "awake"]) {
        const count = client.texts.length;
        client.socket.send("?");
        await until("it is answered", () => client.texts.length > count);
        expect(client.texts.at(-1)).toBe(await position());
        await ask("master", "SET", "a", String(i));
      }
    }
  });

  test("are answered to who is let in only", async () => {
    const headers = { upgrade: "websocket" };
    const client = Client.of(await call("/resp?node=master", { headers }));
    client.socket.send("@?");
    await until("it is answered", () => client.texts.length > 0);
    expect(client.texts[0]).toMatch(/^@[0-9a-f]{40}:\d+$/);
    await ask("master", "CONFIG", "SET", "requirepass", "pw");
    const stranger = Client.of(await call("/resp?node=master", { headers }));
    stranger.socket.send("@?");
    await until("it is answered", () => stranger.texts.length > 0);
    expect(stranger.texts[0]).toBe("@");
    stranger.socket.send("?");
    await until("it is answered", () => stranger.texts.length > 1);
    expect(stranger.texts[1]).toBe("!");
    // Nor does the platform tell him in the node's place.
    await until("the node is idle", () => isIdle());
    stranger.socket.send("?");
    await until("it is answered", () => stranger.texts.length > 2);
    expect(stranger.texts[2]).toBe("!");
  });
});
