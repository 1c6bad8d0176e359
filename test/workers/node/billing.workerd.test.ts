// What a node says it costs: every row that SQLite writes, and everything that comes in.

import { beforeEach, describe, expect, test, vi } from "vitest";

import { ask, call, connect, freshMaster, info, isIdle, sleep } from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

/** The counters, by name, and by how much the work raised them. Asking is itself a call and a message. */
async function costOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await counters();
  await work();
  const after = await counters();
  return Object.fromEntries(Object.entries(after).map(([name, n]) => [name, n - before[name]!]));
}

async function counters(): Promise<Record<string, number>> {
  const text = (await ask("master", "INFO", "billing")) as string;
  const lines = [...text.matchAll(/^(\w+):(\d+)\r$/gm)];
  return Object.fromEntries(lines.map(([, name = "", value]) => [name, Number(value)]));
}

const ASKING = 1;

describe("rows written are as many as SQLite changed", () => {
  const WORKS: Record<string, readonly (readonly string[])[]> = {
    "by small values, and by their checkpoint": [["MSET", "a", "1", "b", "2"], ["SAVE"]],
    "by keys that are written again and deleted": [
      ["SET", "a", "1"],
      ["SAVE"],
      ["SET", "a", "2"],
      ["SAVE"],
      ["DEL", "a"],
      ["SAVE"],
    ],
    "by values of several rows": [
      ["SETRANGE", "long", "3000000", "x"],
      ["SADD", "set", ...Array.from({ length: 500 }, (_, i) => `member-${i}`)],
      ["SAVE"],
      ["SREM", "set", "member-7"],
      ["SAVE"],
      ["FLUSHALL"],
      ["SAVE"],
    ],
    "by settings": [["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]],
  };
  test.each(Object.entries(WORKS))("%s", async (_, commands) => {
    const cost = await costOf(async () => {
      const client = await connect();
      for (const command of commands) await client.send(...command);
      client.close();
    });
    expect(cost["billed_rows_written"]).toBeGreaterThan(0);
    expect(cost["billed_rows_written"]).toBe(cost["sqlite_changes"]);
  });

  test("by sessions that do not fit an attachment", async () => {
    const client = await connect();
    const channels = Array.from({ length: 1000 }, (_, i) => `channel-${i}`);
    await client.send("SUBSCRIBE", ...channels);
    for (let i = 1; i < channels.length; i++) await client.next();
    await sleep();
    await client.send("UNSUBSCRIBE", ...channels.slice(1));
    await until("the session is saved", isIdle);
    const written = Number(await info("master", "billed_rows_written"));
    expect(written).toBeGreaterThan(0);
    expect(written).toBe(Number(await info("master", "sqlite_changes")));
  });
});

describe("requests", () => {
  test("are one for a call over REST, however many commands it carries", async () => {
    const commands = JSON.stringify(Array.from({ length: 50 }, () => ["GET", "k"]));
    const cost = await costOf(() => call("/pipeline", { method: "POST", body: commands }));
    expect(cost["billed_calls"]).toBe(1 + ASKING);
    expect(cost["billed_rows_written"]).toBe(0);
  });

  test("are one for a WebSocket, and one more for each twenty messages that come in", async () => {
    const cost = await costOf(async () => {
      const client = await connect();
      for (let i = 0; i < 40; i++) await client.send("GET", "k");
    });
    expect(cost["billed_calls"]).toBe(1 + ASKING);
    expect(cost["billed_websocket_messages"]).toBe(40 + ASKING);
    expect(cost["billed_requests"]).toBeGreaterThanOrEqual(1 + 2 + ASKING);
    expect(cost["billed_requests"]).toBeLessThanOrEqual(1 + 3 + ASKING);
  });
});
