// Clients that wait for keys while their node sleeps.

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { until } from "../support/until.ts";
import type { Client } from "../support/client.ts";
import { ask, connect, freshMaster, sleep, stubOf } from "../support/nodes.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

/** A client that waits. */
async function waiting(...args: readonly string[]): Promise<Client> {
  const client = await connect();
  const id = (await client.send("CLIENT", "ID")) as number;
  client.write(encodeCommand(args));
  await until("it waits", async () => {
    return / flags=b /.test((await ask("master", "CLIENT", "LIST", "ID", `${id}`)) as string);
  });
  return client;
}

describe("a client that waits for a key", () => {
  test("is served after its node slept, and goes on with what it sent", async () => {
    const client = await waiting("BLPOP", "\xff\0", "l", "0");
    client.write(encodeCommand(["LLEN", "l"]));
    await sleep();
    await ask("master", "RPUSH", "l", "1", "2");
    expect(await client.next()).toEqual(["l", "1"]);
    expect(await client.next()).toBe(1);
  });

  test("keeps its place while its node sleeps, and between two sleeps", async () => {
    const first = await waiting("BLPOP", "l", "0");
    const second = await waiting("BLMOVE", "l", "m", "LEFT", "LEFT", "0");
    await sleep();
    const third = await waiting("BLMPOP", "0", "2", "k", "l", "LEFT", "COUNT", "5");
    await sleep();
    await ask("master", "RPUSH", "l", "1", "2", "3", "4");
    expect(await first.next()).toEqual(["l", "1"]);
    expect(await second.next()).toBe("2");
    expect(await third.next()).toEqual(["l", ["3", "4"]]);
  });

  test("gives up in time after its node came back", async () => {
    const client = await waiting("BLPOP", "l", "4");
    await until("its session is saved", () =>
      runInDurableObject(stubOf(), (_instance, state) => {
        const saved = state.getWebSockets().map((ws): unknown => ws.deserializeAttachment());
        return JSON.stringify(saved).includes("BLPOP");
      }),
    );
    await evictDurableObject(stubOf());
    expect(await ask("master", "PING")).toBe("+PONG");
    expect(await client.next()).toBe(null);
    await ask("master", "RPUSH", "l", "1");
    expect(await ask("master", "LLEN", "l")).toBe(1);
  });

  test("takes nothing when it left while its node slept", async () => {
    const client = await waiting("BLPOP", "l", "0");
    await sleep();
    client.close();
    await until("it is gone", async () => {
      return ((await ask("master", "INFO", "clients")) as string).includes("blocked_clients:0");
    });
    await ask("master", "RPUSH", "l", "1");
    expect(await ask("master", "LLEN", "l")).toBe(1);
  });
});
