// Many clients over one WebSocket: to each other and to the node they are what they are on sockets of
// their own.

import { evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { ask, call, freshMaster, isIdle, sleep, spilledRows, stubOf } from "../support/nodes.ts";
import { sendRaw, Trunk } from "../support/trunk.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

const MB = 1024 ** 2;

async function clientCount(): Promise<number> {
  return Number(
    /^connected_clients:(\d+)/m.exec((await ask("master", "INFO", "clients")) as string)![1],
  );
}

describe("channels of one WebSocket", () => {
  test("are sessions of their own", async () => {
    const trunk = await Trunk.open();
    const [waiting, queueing, listening, other] = Array.from({ length: 4 }, () => trunk.connect());
    expect(await queueing!.send("SELECT", "3")).toBe("+OK");
    expect(await queueing!.send("MULTI")).toBe("+OK");
    expect(await queueing!.send("SET", "a", "in 3")).toBe("+QUEUED");
    await listening!.send("SUBSCRIBE", "news");
    waiting!.write(encodeCommand(["BLPOP", "list", "0"]));
    expect(await other!.send("SET", "a", "in 0")).toBe("+OK");
    expect(await other!.send("PUBLISH", "news", "x")).toBe(1);
    expect(await listening!.next()).toEqual(["message", "news", "x"]);
    expect(await other!.send("RPUSH", "list", "1")).toBe(1);
    expect(await waiting!.next()).toEqual(["list", "1"]);
    expect(await queueing!.send("EXEC")).toEqual(["+OK"]);
    expect(await other!.send("GET", "a")).toBe("in 0");
    expect(await queueing!.send("GET", "a")).toBe("in 3");
  });

  test("answer what came in one message, each in its order", async () => {
    const trunk = await Trunk.open();
    const clients = Array.from({ length: 20 }, () => trunk.connect());
    trunk.say((writer) => {
      for (let round = 0; round < 3; round++) {
        for (const i of clients.keys()) writer.data(i + 1, encodeCommand(["INCR", `n${i}`]));
      }
    });
    for (const client of clients) {
      expect([await client.next(), await client.next(), await client.next()]).toEqual([1, 2, 3]);
    }
  });

  test("are clients that CLIENT LIST shows and CLIENT KILL ends, one by one", async () => {
    const trunk = await Trunk.open();
    const [first, second] = [trunk.connect(), trunk.connect()];
    await first.send("CLIENT", "SETNAME", "ann");
    await second.send("CLIENT", "SETNAME", "bob");
    const list = (await ask("master", "CLIENT", "LIST")) as string;
    expect([...list.matchAll(/ name=(\w+) /g)].map(([, name]) => name)).toEqual(["ann", "bob"]);
    const id = await first.send("CLIENT", "ID");
    expect(await second.send("CLIENT", "KILL", "ID", String(id))).toBe(1);
    expect(await first.next()).toBe("closed");
    expect(await second.send("PING")).toBe("+PONG");
  });

  test("end with QUIT, when their client goes, and with the WebSocket", async () => {
    const trunk = await Trunk.open();
    const [first, second, third] = [trunk.connect(), trunk.connect(), trunk.connect()];
    const before = await clientCount();
    expect(await first.send("QUIT")).toBe("+OK");
    expect(await first.next()).toBe("closed");
    second.close();
    await until("two are gone", async () => (await clientCount()) === before - 2);
    expect(await third.send("PING")).toBe("+PONG");
    trunk.socket.close(1000);
    await until("all are gone", async () => (await clientCount()) === before - 3);
  });

  test("are told one by one that there are too many", async () => {
    const trunk = await Trunk.open();
    const first = trunk.connect();
    await first.send("CONFIG", "SET", "maxclients", "2");
    const [second, third] = [trunk.connect(), trunk.connect()];
    expect(await third.next()).toBe("-ERR max number of clients reached");
    expect(await third.next()).toBe("closed");
    expect(await second.send("PING")).toBe("+PONG");
    await first.send("CONFIG", "SET", "maxclients", "10000");
  });

  test("each have to say the password", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "secret");
    const trunk = await Trunk.open();
    const [first, second] = [trunk.connect(), trunk.connect()];
    expect(await first.send("AUTH", "secret")).toBe("+OK");
    expect(await first.send("PING")).toBe("+PONG");
    expect(await second.send("PING")).toMatch(/^-NOAUTH/);
  });

  test("cost one message, however many of them say something", async () => {
    const trunk = await Trunk.open();
    const clients = Array.from({ length: 50 }, () => trunk.connect());
    for (const client of clients) await client.send("PING");
    const messages = async (): Promise<number> => {
      const info = (await ask("master", "INFO", "billing")) as string;
      return Number(/^billed_websocket_messages:(\d+)/m.exec(info)![1]);
    };
    const before = await messages();
    trunk.say((writer) => {
      for (const i of clients.keys()) writer.data(i + 1, encodeCommand(["SET", `k${i}`, "v"]));
    });
    for (const client of clients) expect(await client.next()).toBe("+OK");
    // Ours, and the question itself.
    expect((await messages()) - before).toBe(2);
  });
});

describe("a client that does not read", () => {
  /** Channel 1 asks for more than its window, and says nothing of what it takes. */
  async function deafTrunk(replies: number): Promise<Trunk> {
    const trunk = await Trunk.open();
    const deaf = trunk.connect();
    await deaf.send("SET", "long", "x".repeat(MB / 4));
    deaf.write(encodeCommand(["GET", "long"]).repeat(replies));
    return trunk;
  }

  test("is sent a window, and stops nobody else", async () => {
    const trunk = await deafTrunk(40);
    const other = trunk.connect();
    for (let i = 0; i < 20; i++) expect(await other.send("PING")).toBe("+PONG");
    expect(trunk.givenBytes(1)).toBeLessThanOrEqual(MB);
    expect(trunk.givenBytes(1)).toBeGreaterThan(MB / 2);
  });

  test("is sent the rest as it takes it", async () => {
    const trunk = await deafTrunk(40);
    let toldBytes = 0;
    await until("all of it", () => {
      const takenBytes = trunk.givenBytes(1) - toldBytes;
      if (takenBytes > 0) trunk.say((writer) => writer.taken(1, takenBytes));
      toldBytes += takenBytes;
      return toldBytes > (40 * MB) / 4;
    });
    expect(toldBytes).toBeGreaterThan((40 * MB) / 4);
  });

  test("keeps its place while its node sleeps", async () => {
    const trunk = await Trunk.open();
    const deaf = trunk.connect();
    // A window is full, and nothing waits behind it but requests.
    const value = "x".repeat(MB / 4 - "$262144\r\n\r\n".length);
    await deaf.send("SET", "long", value);
    const before = trunk.givenBytes(1);
    trunk.say((writer) => writer.taken(1, before));
    deaf.write(encodeCommand(["GET", "long"]).repeat(4) + encodeCommand(["INCR", "n"]));
    await until("a window", () => trunk.givenBytes(1) - before === MB);
    await sleep();
    expect(await ask("master", "EXISTS", "n")).toBe(0);
    trunk.say((writer) => writer.taken(1, MB));
    for (let i = 0; i < 4; i++) expect(await deaf.next()).toBe(value);
    expect(await deaf.next()).toBe(1);
  });
});

describe("channels whose node slept", () => {
  test("are the sessions they were", async () => {
    const trunk = await Trunk.open();
    const [waiting, queueing, listening, half] = Array.from({ length: 4 }, () => trunk.connect());
    await queueing!.send("MULTI");
    await queueing!.send("SET", "a", "\xff\0");
    await listening!.send("SUBSCRIBE", "news");
    const ids = [await half!.send("CLIENT", "ID")];
    half!.write(encodeCommand(["SET", "b", "1"]).slice(0, 9));
    waiting!.write(encodeCommand(["BLPOP", "list", "0"]));
    await sleep();
    expect(await ask("master", "PUBLISH", "news", "x")).toBe(1);
    expect(await listening!.next()).toEqual(["message", "news", "x"]);
    expect(await ask("master", "RPUSH", "list", "1")).toBe(1);
    expect(await waiting!.next()).toEqual(["list", "1"]);
    expect(await queueing!.send("EXEC")).toEqual(["+OK"]);
    half!.write(encodeCommand(["SET", "b", "1"]).slice(9));
    expect(await half!.next()).toBe("+OK");
    expect(await half!.send("CLIENT", "ID")).toBe(ids[0]);
    const late = trunk.connect();
    expect(await late.send("GET", "a")).toBe("\xff\0");
  });

  test("fit an attachment where there are as many as a pool has", async () => {
    const trunk = await Trunk.open();
    const clients = Array.from({ length: 30 }, () => trunk.connect());
    for (const client of clients) await client.send("SET", "a", "1");
    await sleep();
    expect(await spilledRows()).toBe(0);
    for (const client of clients) expect(await client.send("GET", "a")).toBe("1");
  });

  test("are spilled where there are very many, and leave nothing behind", async () => {
    const trunk = await Trunk.open();
    const clients = Array.from({ length: 300 }, () => trunk.connect());
    for (const client of clients) await client.send("SET", "a", "1");
    await sleep();
    expect(await spilledRows()).toBeGreaterThan(0);
    expect(await clients[299]!.send("GET", "a")).toBe("1");
    trunk.socket.close(1000);
    await until("what was spilled is removed", async () => (await spilledRows()) === 0);
  });

  test("that are gone when it wakes are gone", async () => {
    const trunk = await Trunk.open();
    await trunk.connect().send("CLIENT", "SETNAME", "gone");
    await until("the node may sleep", isIdle);
    await evictDurableObject(stubOf(), { webSockets: "close" });
    await trunk.closed;
    expect(await ask("master", "CLIENT", "LIST")).not.toContain("name=gone");
  });
});

describe("what is no message of channels", () => {
  const cases: readonly (readonly [what: string, bytes: string, why: string])[] = [
    ["a frame that is cut off", "\x01\0\0", "a frame is cut off"],
    ["a frame longer than its message", "\x02\0\0\0\x01\xff\xff\xff\xffx", "a frame is cut off"],
    ["no known kind", "\x09\0\0\0\x01\0\0\0\0", "no such kind of frame"],
    ["a channel nobody opened", "\x02\0\0\0\x07\0\0\0\0", "no such channel"],
    ["a channel opened twice", "\x01\0\0\0\x01\0\0\0\0", "a channel is opened twice"],
    ["more taken than was sent", "\x04\0\0\0\x01\xff\xff\xff\xff", "more is taken than was sent"],
    ["RESP", "*1\r\n$4\r\nPING\r\n", "no such kind of frame"],
  ];

  test.each(cases)("ends the WebSocket: %s", async (_, bytes, why) => {
    const trunk = await Trunk.open();
    const client = trunk.connect();
    expect(await client.send("PING")).toBe("+PONG");
    const before = await clientCount();
    sendRaw(trunk, bytes);
    expect(await trunk.closed).toBe(`1002 ${why}`);
    expect(await client.next()).toBe("closed");
    expect(await clientCount()).toBe(before - 1);
  });

  test("is not what arrives late for a channel that has ended", async () => {
    const trunk = await Trunk.open();
    const [first, second] = [trunk.connect(), trunk.connect()];
    expect(await first.send("QUIT")).toBe("+OK");
    first.write(encodeCommand(["SET", "late", "1"]));
    first.close();
    first.close();
    trunk.say((writer) => writer.taken(1, 5));
    expect(await second.send("EXISTS", "late")).toBe(0);
  });
});

describe("/resp", () => {
  test("speaks plain RESP to who offers other protocols", async () => {
    const headers = { upgrade: "websocket", "sec-websocket-protocol": "chat, antipode.channels.2" };
    const answer = await call("/resp?node=master", { headers });
    expect(answer.headers.get("sec-websocket-protocol")).toBe(null);
    answer.webSocket!.accept();
    answer.webSocket!.close();
  });
});
