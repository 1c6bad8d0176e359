// The demonstration this project exists for, as it stands in the README: two servers that know nothing
// of each other, a master and its replica after one command, and two servers again.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ReplyError } from "../../shared/resp/reply.ts";
import { type Args, RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { asText, digestOf, infoOf, isLinkUp } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const MANY_KEYS = scaled({ short: 20_000, full: 1_000_000 });
const MANY_MS = 60_000 + MANY_KEYS / 2;

describe("npm start --standalone", () => {
  let served: Served;
  let port: number;
  let on6379: RespClient;
  let on6380: RespClient;
  beforeAll(async () => {
    served = await serve({ standalone: true, replicas: ["weur"] });
    port = served.ports.master;
    on6379 = await RespClient.tcp(port);
    on6380 = await RespClient.tcp(served.ports["weur"]!);
  });
  afterAll(() => served.stop());

  /** Two servers that are nobody's replica, and empty. */
  async function apart(): Promise<void> {
    for (const client of [on6379, on6380]) {
      await client.send("SLAVEOF", "NO", "ONE");
      await client.send("FLUSHALL");
    }
  }

  it("plays the demonstration with a replica that is there before the data", async () => {
    await apart();
    expect(asText(await on6380.send("slaveof", "127.0.0.1", `${port}`))).toBe("OK");
    expect(asText(await on6379.send("set", "name", "redis-master"))).toBe("OK");
    await play();
  });

  it("plays the demonstration with a replica that comes after the data", async () => {
    await apart();
    expect(asText(await on6379.send("set", "name", "redis-master"))).toBe("OK");
    expect(await on6380.send("get", "name")).toBe(null);
    expect(asText(await on6380.send("slaveof", "127.0.0.1", `${port}`))).toBe("OK");
    await play();
  });

  async function play(): Promise<void> {
    await seen(on6380, "name", "redis-master");
    await on6379.send("set", "age", "33");
    await on6379.send("set", "addr", "xian");
    await seen(on6380, "age", "33");
    await seen(on6380, "addr", "xian");
    const refused = (await on6380.send("set", "name", "x")) as ReplyError;
    expect(refused.text).toBe("READONLY You can't write against a read only replica.");
    await showsReplication();

    await changePassword();
    await on6379.send("set", "age", "34");
    await seen(on6380, "age", "34");

    expect(asText(await on6380.send("slaveof", "no", "one"))).toBe("OK");
    expect(await on6380.send("mget", "name", "age", "addr")).toEqual([
      "redis-master",
      "34",
      "xian",
    ]);
    await on6379.send("set", "name2", "aaa666");
    expect(await on6379.send("get", "name2")).toBe("aaa666");
    expect(await on6380.send("get", "name2")).toBe(null);
    expect(asText(await on6380.send("set", "name2", "own"))).toBe("OK");

    await on6379.send("config", "set", "requirepass", "");
    await on6380.send("config", "set", "masterauth", "");
  }

  async function showsReplication(): Promise<void> {
    const master = await infoOf(on6379, "replication");
    expect(master.get("role")).toBe("master");
    expect(master.get("connected_slaves")).toBe("1");
    const line = /^ip=127\.0\.0\.1,port=(\d+),state=online,offset=\d+,lag=[01]$/;
    expect(Number(line.exec(master.get("slave0")!)?.[1])).toBe(served.ports["weur"]);

    const replica = await infoOf(on6380, "replication");
    expect(replica.get("role")).toBe("slave");
    expect(replica.get("master_host")).toBe("127.0.0.1");
    expect(replica.get("master_port")).toBe(`${port}`);
    expect(replica.get("master_link_status")).toBe("up");
    expect(replica.get("master_replid")).toBe(master.get("master_replid"));
    await until("equal offsets", async () => {
      const [theirs, ours] = await Promise.all([infoOf(on6380), infoOf(on6379)]);
      return theirs.get("slave_repl_offset") === ours.get("master_repl_offset");
    });
  }

  async function changePassword(): Promise<void> {
    expect(await on6379.send("config", "get", "requirepass")).toEqual(["requirepass", ""]);
    await on6379.send("config", "set", "requirepass", "123456");
    const stranger = await RespClient.tcp(port);
    expect(((await stranger.send("get", "name")) as ReplyError).text).toMatch(/^NOAUTH /);
    expect(((await stranger.send("auth", "wrong")) as ReplyError).text).toMatch(/^WRONGPASS /);
    expect(asText(await stranger.send("auth", "123456"))).toBe("OK");
    expect(await stranger.send("config", "get", "requirepass")).toEqual(["requirepass", "123456"]);

    // The link that was there before goes on, as with Redis; a new one needs the password.
    await stranger.send("client", "kill", "type", "replica");
    await until("the link down", async () => !(await isLinkUp(on6380)));
    expect(await on6380.send("get", "name")).toBe("redis-master");
    await on6380.send("config", "set", "masterauth", "123456");
    await until("the link up", () => isLinkUp(on6380));
    stranger.close();
  }

  it(
    `brings ${MANY_KEYS} keys to a replica that comes after them`,
    async () => {
      await apart();
      await on6379.run(numbered(MANY_KEYS));
      expect(await on6379.send("DBSIZE")).toBe(MANY_KEYS);
      await on6380.send("SLAVEOF", "127.0.0.1", `${port}`);
      await until("the link up", () => isLinkUp(on6380), { timeoutMs: MANY_MS });
      await on6379.send("SET", "last", "1");
      await seen(on6380, "last", "1");
      expect(await on6380.send("DBSIZE")).toBe(MANY_KEYS + 1);
      expect(await digestOf(on6380)).toBe(await digestOf(on6379));
    },
    MANY_MS * 3,
  );
});

function* numbered(count: number): Generator<Args> {
  for (let i = 0; i < count; i++) yield ["SET", `key:${i}`, `value:${i}`];
}

async function seen(client: RespClient, key: string, value: string): Promise<void> {
  await until(`${key} = ${value}`, async () => (await client.send("get", key)) === value);
}
