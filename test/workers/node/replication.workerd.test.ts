// A master and its replicas as Durable Objects: sleep and restart on either side cost no full sync.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { app } from "../../../workers/edge/app.ts";
import type { Env } from "../../../workers/env.ts";
import {
  ask,
  connect,
  ENV,
  freshMaster,
  info,
  isIdle,
  openUp,
  restart,
  sleep,
  stubOf,
  trusted,
} from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 40_000 });
beforeEach(freshMaster);

/** A replica is dialled by its first touch; then it is in sync with the master. */
async function replica(node: string): Promise<void> {
  await openUp(node);
  await inSync(node);
}

async function inSync(node: string, master = "master"): Promise<void> {
  await until(`${node} follows ${master}`, async () => {
    const [of, us] = [await stubOf(master).describe(), await stubOf(node).describe()];
    return us.link === "connected" && us.history === of.history && us.offset === of.offset;
  });
}

/** How often anything had to be synchronized, as the master counts. */
async function syncs(): Promise<readonly (string | undefined)[]> {
  return [await info("master", "sync_full"), await info("master", "sync_partial_ok")];
}

describe("a master that slept", () => {
  test("has its replicas: no sync of any kind, and the stream goes on", async () => {
    await ask("master", "SET", "a", "1");
    await replica("weur");
    await replica("apac");
    await sleep();
    expect(await syncs()).toEqual(["0", "0"]);
    expect(await info("master", "connected_slaves")).toBe("2");
    const { offset } = await stubOf().describe();
    expect(await info("master", "slave0")).toContain(`state=online,offset=${offset},`);
    await ask("master", "SET", "a", "2");
    await inSync("weur");
    await inSync("apac");
    expect([await ask("weur", "GET", "a"), await ask("apac", "GET", "a")]).toEqual(["2", "2"]);
    expect(await syncs()).toEqual(["0", "0"]);
  });

  test("is where it was in its history", async () => {
    await ask("master", "SET", "a", "1");
    await replica("weur");
    const before = await stubOf().describe();
    await sleep();
    expect(await stubOf().describe()).toEqual(before);
  });

  test("waits at WAIT for the replicas it had", async () => {
    await replica("weur");
    await replica("apac");
    await sleep();
    const client = await connect();
    await client.send("SET", "a", "1");
    expect(await client.send("WAIT", "2", "10000")).toBe(2);
  });

  test("goes on with a WAIT that slept too", async () => {
    await replica("weur");
    const client = await connect();
    await client.send("SET", "a", "1");
    client.write("WAIT 2 0\r\n");
    await until("it waits", async () => {
      return ((await ask("master", "CLIENT", "LIST")) as string).includes(" flags=b ");
    });
    await sleep();
    await replica("apac");
    expect(await client.next()).toBe(2);
  });

  test("has probes answered by the platform, which does not wake it", async () => {
    await openUp("weur");
    await ask("weur", "CONFIG", "SET", "repl-ping-replica-period", "1");
    await inSync("weur");
    await sleep();
    await until("it probed", () =>
      runInDurableObject(stubOf(), (_instance, state) =>
        state.getWebSockets().some((socket) => state.getWebSocketAutoResponseTimestamp(socket)),
      ),
    );
    expect((await stubOf("weur").describe()).link).toBe("connected");
  });
});

describe("a master made anew", () => {
  test("is continued by a partial resync", async () => {
    await ask("master", "SET", "a", "1");
    await replica("weur");
    const { history } = await stubOf().describe();
    await evictDurableObject(stubOf(), { webSockets: "close" });
    await ask("master", "SET", "b", "2");
    await inSync("weur");
    expect(await ask("weur", "MGET", "a", "b")).toEqual(["1", "2"]);
    expect(await syncs()).toEqual(["0", "1"]);
    expect((await stubOf("weur").describe()).history).toBe(history);
  });
});

describe("a replica made anew", () => {
  test("has its data, its role and its place in the history", async () => {
    await ask("master", "SET", "a", "1");
    await replica("weur");
    await restart("weur");
    await ask("master", "SET", "b", "2");
    await inSync("weur");
    expect(await ask("weur", "MGET", "a", "b")).toEqual(["1", "2"]);
    expect(await syncs()).toEqual(["1", "1"]);
  });

  test("stays the master it was made", async () => {
    await ask("master", "SET", "a", "1");
    await replica("weur");
    expect(await ask("weur", "REPLICAOF", "NO", "ONE")).toBe("+OK");
    await ask("weur", "SET", "b", "2");
    await restart("weur");
    expect(await info("weur", "role")).toBe("master");
    expect(await ask("weur", "MGET", "a", "b")).toEqual(["1", "2"]);
  });
});

describe("an idle node has no timer:", () => {
  test("a master that was written to, once the checkpoint is done", async () => {
    await ask("master", "SET", "a", "1");
    expect(await isIdle()).toBe(false);
    await until("it is idle", () => isIdle());
  });

  test("a master with replicas", async () => {
    await replica("weur");
    await replica("apac");
    await ask("master", "SET", "a", "1");
    expect(await isIdle()).toBe(false);
    await until("it is idle", () => isIdle());
  });

  test("a master with keys that expire some day", async () => {
    const client = await connect();
    await client.send("SET", "a", "1", "EX", "1000");
    await until("it is idle", () => isIdle());
    expect(await client.send("GET", "a")).toBe("1");
  });

  test("a master whose keys expire while it rests; they are gone all the same", async () => {
    const client = await connect();
    await client.send("SET", "soon", "1", "PX", "7000");
    await client.send("SET", "kept", "1");
    await sleep();
    await until("it expired", async () => (await client.send("EXISTS", "soon")) === 0);
    expect(await client.send("GET", "soon")).toBe(null);
    await until("it is swept", async () => (await client.send("DBSIZE")) === 1);
  });

  test("a master whose snapshot nobody came for", async () => {
    await ask("master", "MSET", "a", "1", "b", "2");
    await ask("master", "CONFIG", "SET", "repl-pin-ttl", "1");
    const client = await trusted();
    await client.send("REPLCONF", "capa", "antipode-frames");
    expect(await client.send("PSYNC", "?", "-1")).toMatch(/^\+SNAPSHOT /);
    expect(await isIdle()).toBe(false);
    expect(await client.closed).toBe(1000);
    await until("it is idle", () => isIdle());
  });

  test("a master someone monitors, or waits at for ever", async () => {
    const [monitor, waiting] = [await connect(), await connect()];
    await monitor.send("MONITOR");
    waiting.write("WAIT 1 0\r\n");
    expect(await ask("master", "CLIENT", "LIST")).toContain(" flags=O ");
    await until("it is idle", () => isIdle());
  });
});

describe("a replica in another deployment", () => {
  /** The other deployment is this one, at an address of its own. */
  const OTHER = "elsewhere.test";

  beforeEach(() => {
    const env: Env = { ...ENV, REDIS_PASSWORD: "for the edge only" };
    const elsewhere = (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
      const request = new Request(input, init);
      expect(new URL(request.url).host).toBe(OTHER);
      return Promise.resolve(app.fetch(request, env));
    };
    vi.stubGlobal("fetch", vi.fn(elsewhere));
    return () => vi.unstubAllGlobals();
  });

  /** `weur` follows the master by URL, whatever it was. */
  async function followByUrl(): Promise<void> {
    await openUp("weur");
    await ask("weur", "REPLICAOF", "NO", "ONE");
    await ask("weur", "SET", "own", "1");
    expect(await ask("weur", "REPLICAOF", `ws://${OTHER}/resp?node=master`)).toBe("+OK");
  }

  test("loads the snapshot over HTTP, then follows in frames", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "secret");
    for (let i = 0; i < 50; i++) await ask("master", "SET", `k${i}`, "\xff".repeat(20_000));
    await openUp("weur");
    await ask("weur", "CONFIG", "SET", "masterauth", "secret");
    await followByUrl();
    await inSync("weur");
    expect(await ask("weur", "GET", "k49")).toBe("\xff".repeat(20_000));
    expect(await ask("weur", "GET", "own")).toBe(null);
    // It had followed by name before it had data of its own.
    expect(await info("master", "sync_full")).toBe("2");
    await ask("master", "SET", "later", "1");
    await inSync("weur");
    expect(await ask("weur", "GET", "later")).toBe("1");
    expect(
      vi
        .mocked(fetch)
        .mock.calls.map(([url]) => new Request(url).url.replace(/^[^/]*\/\/[^/]*|\?.*$/g, "")),
    ).toEqual(["/resp", "/v1/nodes/master/snapshot"]);
  });

  test("keeps what it has while the password is wrong", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "secret");
    await followByUrl();
    await until("it was refused", async () => {
      return (
        vi.mocked(fetch).mock.calls.length >= 2 && (await ask("weur", "ROLE"))!.toString() !== ""
      );
    });
    expect((await stubOf("weur").describe()).link).not.toBe("connected");
    expect(await ask("weur", "GET", "own")).toBe("1");
    await ask("weur", "CONFIG", "SET", "masterauth", "secret");
    await inSync("weur");
  });

  test("continues by a partial resync when its master is made anew", async () => {
    await followByUrl();
    await inSync("weur");
    await restart("master");
    await ask("master", "SET", "b", "2");
    await inSync("weur");
    expect(await ask("weur", "GET", "b")).toBe("2");
    expect(await syncs()).toEqual(["0", "1"]);
  });
});
