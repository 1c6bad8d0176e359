// A large full sync over the bridge: a stock replica that does not read for a while costs nobody memory
// beyond a window. FULL=1: a gigabyte.

import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { type Child, startChild } from "../support/child.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { hasRedis, type Redis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { processesOn, ROOT, serve, type Served } from "../support/serve.ts";
import { digestOf, isLinkUp } from "../support/server-facts.ts";
import { startStock } from "../support/stock.ts";
import { until } from "../support/until.ts";

const MB = 1024 ** 2;
const DATA_BYTES = scaled({ short: 128 * MB, full: 1024 * MB });
const VALUE_BYTES = MB / 4;
const TIMEOUT_MS = 600_000;
/** What a replica is sent beyond what it has taken (repl-window-bytes), and a slice. */
const WINDOW_BYTES = 5 * MB;
/** A process's memory also holds what is not collected yet: less than a share of what went through. */
const GROWTH_BYTES_MAX = 80 * MB;
const STANDSTILL_MS = 1000;
const POLL_MS = 20;

type Memory = { readonly bridge: number; readonly workerd: number };

/** Of the program that has this on its command line. */
function pidOf(argument: string, program: string): string {
  const found = processesOn(argument).find((process) => process.program === program);
  if (found === undefined) throw new Error(`no ${program} runs on ${argument}`);
  return found.pid;
}

function residentBytesOf(pid: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

describe.skipIf(!hasRedis)("a large full sync over the bridge", { timeout: TIMEOUT_MS }, () => {
  let served: Served;
  let bridge: Child;
  let proxy: Proxy;
  let digest: string;
  let pids: { bridge: string; workerd: string } | undefined;
  const replicas: Redis[] = [];
  beforeAll(async () => {
    served = await serve({ replicas: [] });
    const client = await RespClient.tcp(served.ports.master);
    const random = seededRandom(3);
    for (let i = 0; i < DATA_BYTES / VALUE_BYTES; i++) {
      await client.send("SET", `key:${i}`, `${random.next()}`.padEnd(VALUE_BYTES, `${i} `));
    }
    digest = await digestOf(client);
    client.close();
    const script = path.join(ROOT, "scripts/bridge.ts");
    bridge = startChild([process.execPath, script, "--port", "0", served.http]);
    const listening = /^ready {2}redis:\/\/127\.0\.0\.1:(\d+)/m;
    const ready = await until("the bridge", () => listening.exec(bridge.output()) ?? false);
    proxy = await startProxy({ port: Number(ready[1]) });
  }, TIMEOUT_MS);
  afterAll(async () => {
    for (const replica of replicas) await replica.stop();
    await proxy.close();
    await bridge.stop();
    await served.stop();
  }, TIMEOUT_MS);

  /** Resident memory of the bridge and of workerd, in bytes. */
  function memory(): Memory {
    pids ??= { bridge: pidOf(served.http, "node"), workerd: pidOf(served.state, "workerd") };
    return { bridge: residentBytesOf(pids.bridge), workerd: residentBytesOf(pids.workerd) };
  }

  /** Follows the bridge, stopping for a while in the middle if `isSlow`; tells what memory that took. */
  async function follow({ isSlow }: { isSlow: boolean }) {
    const replica = await startStock({ "repl-diskless-load": "on-empty-db" });
    replicas.push(replica);
    const client = await RespClient.tcp(replica.port);
    const before = memory();
    const most = { ...before };
    const look = (): void => {
      const now = memory();
      most.bridge = Math.max(most.bridge, now.bridge);
      most.workerd = Math.max(most.workerd, now.workerd);
    };
    const from = proxy.bytes;
    const fromMs = performance.now();
    await client.send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
    if (isSlow) {
      await until("a part of it", () => proxy.bytes - from > DATA_BYTES / 8, { pollMs: 1 });
      proxy.pause(true);
      const untilMs = performance.now() + STANDSTILL_MS;
      await until(
        "what a standstill costs",
        () => {
          look();
          return performance.now() > untilMs;
        },
        { pollMs: POLL_MS },
      );
      proxy.pause(false);
    }
    await until(
      "the link up",
      async () => {
        look();
        return await isLinkUp(client);
      },
      { timeoutMs: TIMEOUT_MS, pollMs: POLL_MS },
    );
    const growth = { bridge: most.bridge - before.bridge, workerd: most.workerd - before.workerd };
    const facts = Object.entries(growth).map(([name, n]) => `${name} +${Math.round(n / MB)} MB`);
    facts.push(`${((performance.now() - fromMs) / 1000).toFixed(1)} s`);
    const what = isSlow ? "slow" : "fast";
    process.stdout.write(`bridge, ${DATA_BYTES / MB} MB, ${what}: ${facts.join(", ")}\n`);
    expect(await digestOf(client)).toBe(digest);
    client.close();
    await replica.stop();
    return growth;
  }

  it("grows nobody's memory while the replica does not read", async () => {
    const growth = await follow({ isSlow: true });
    expect(growth.bridge).toBeLessThan(WINDOW_BYTES + GROWTH_BYTES_MAX);
    expect(growth.workerd).toBeLessThan(WINDOW_BYTES + GROWTH_BYTES_MAX);
  });

  it("nor at full speed", async () => {
    const growth = await follow({ isSlow: false });
    expect(growth.bridge).toBeLessThan(WINDOW_BYTES + GROWTH_BYTES_MAX);
    expect(growth.workerd).toBeLessThan(WINDOW_BYTES + GROWTH_BYTES_MAX);
  });
});
