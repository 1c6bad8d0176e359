// Links cut at random moments while clients write into several databases: nothing is lost, nothing is
// doubled, and what could go on goes on without a full sync.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Random, seededRandom } from "../../shared/base/random.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { type Args, RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { digestOf, infoOf, isLinkUp, offsetOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const CUTS = scaled({ short: 12, full: 200 });
const CLIENTS = 3;
const DATABASES = 4;
const KEYS = 200;
/** Writes between two cuts, at most. */
const WRITES_MAX = 400;

/**
 * `weur` follows over TCP through a proxy, as a node anywhere would; `apac` over a WebSocket, as nodes of
 * one deployment do; `sam` follows `weur`, so that a replica of a replica is among them.
 */
const REPLICAS = ["weur", "apac", "sam"];

const PING_BYTES = "*1\r\n$4\r\nping\r\n".length;

describe("replicas whose links are cut at random moments", () => {
  let served: Served;
  let proxy: Proxy;
  const clients = new Map<string, RespClient>();
  const on = (node: string): RespClient => clients.get(node)!;
  beforeAll(async () => {
    served = await serve({ standalone: true, replicas: REPLICAS });
    proxy = await startProxy({ port: served.ports.master });
    for (const [node, port] of Object.entries(served.ports)) {
      clients.set(node, await RespClient.tcp(port));
    }
    await on("weur").send("REPLICAOF", "127.0.0.1", `${proxy.port}`);
    await on("apac").send("REPLICAOF", "master");
    await on("sam").send("REPLICAOF", "weur");
    for (const node of REPLICAS) await until(`the link of ${node}`, () => isLinkUp(on(node)));
  });
  afterAll(async () => {
    await proxy.close();
    await served.stop();
  });

  /** Each way to end a link, from either side of it. */
  const CUTTERS: readonly (() => Promise<unknown> | void)[] = [
    () => proxy.cut(),
    () => on("master").send("CLIENT", "KILL", "TYPE", "replica"),
    () => on("weur").send("CLIENT", "KILL", "TYPE", "master"),
    () => on("weur").send("CLIENT", "KILL", "TYPE", "replica"),
    () => on("apac").send("CLIENT", "KILL", "TYPE", "master"),
    () => on("sam").send("CLIENT", "KILL", "TYPE", "master"),
  ];

  it(
    `equal the master after ${CUTS} cuts, without a full sync`,
    async () => {
      const before = await fullSyncs(clients);
      const random = seededRandom(11);
      const writers = await Promise.all(
        Array.from({ length: CLIENTS }, () => Writer.open(served.ports.master, random)),
      );
      const written = (): number => writers.reduce((sum, { count }) => sum + count, 0);
      const ends = writers.map((writer) => writer.writeUntilStopped());
      for (let cut = 0; cut < CUTS; cut++) {
        const at = written() + Math.floor(random.next() * WRITES_MAX);
        await until("some writes", () => written() >= at, { pollMs: 1 });
        await CUTTERS[Math.floor(random.next() * CUTTERS.length)]!();
      }
      for (const writer of writers) writer.stop();
      await Promise.all(ends);

      // Until the last key that expires has, digests taken one after the other differ.
      await until("all expired", async () => {
        return [...(await infoOf(on("master"), "keyspace")).values()].every((line) =>
          line.includes("expires=0"),
        );
      });
      const offset = await offsetOf(on("master"));
      const digest = await digestOf(on("master"));
      for (const node of REPLICAS) {
        // A master with replicas over TCP goes on by a PING now and then: by nothing else.
        await until(`the offset of ${node}`, async () => (await offsetOf(on(node))) >= offset);
        const beyond = (await offsetOf(on(node))) - offset;
        expect({ node, beyond: beyond % PING_BYTES }).toEqual({ node, beyond: 0 });
        expect({ node, digest: await digestOf(on(node)) }).toEqual({ node, digest });
      }
      expect(await fullSyncs(clients)).toEqual(before);
      expect(served.log().filter(({ event }) => event === "invariant")).toEqual([]);
    },
    60_000 + CUTS * 2_000,
  );
});

/** `sync_full` by node. */
async function fullSyncs(clients: ReadonlyMap<string, RespClient>): Promise<[string, string][]> {
  const pairs = [...clients].map(async ([node, client]): Promise<[string, string]> => {
    return [node, (await infoOf(client, "stats")).get("sync_full")!];
  });
  return await Promise.all(pairs);
}

/** A client that writes whatever comes to its mind, a few commands at a time. */
class Writer {
  readonly #client: RespClient;
  readonly #random: Random;
  #isStopped = false;
  count = 0;

  private constructor(client: RespClient, random: Random) {
    this.#client = client;
    this.#random = random;
  }

  static async open(port: number, random: Random): Promise<Writer> {
    return new Writer(await RespClient.tcp(port), random);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async writeUntilStopped(): Promise<void> {
    while (!this.#isStopped) {
      const commands = Array.from({ length: 1 + this.#upTo(20) }, () => this.#command());
      // An error here and there is part of it: INCR of what is no number.
      await this.#client.pipeline(commands);
      this.count += commands.length;
    }
    await this.#client.send("DISCARD");
    this.#client.close();
  }

  #command(): Args {
    const key = `key:${this.#upTo(KEYS)}`;
    const other = `key:${this.#upTo(KEYS)}`;
    const value = `${this.#upTo(1_000_000)}`;
    const choices: readonly Args[] = [
      ["SET", key, value],
      ["SET", key, value.repeat(1 + this.#upTo(200))],
      ["SET", key, value, "PX", `${1 + this.#upTo(2000)}`],
      ["INCR", key],
      ["APPEND", key, value],
      ["DEL", key],
      ["RENAME", key, other],
      ["COPY", key, other, "REPLACE"],
      ["MSET", key, value, other, value],
      ["EXPIRE", key, "1"],
      ["SELECT", `${this.#upTo(DATABASES)}`],
      ["MULTI"],
      ["EXEC"],
      ["EXEC"],
    ];
    return choices[this.#upTo(choices.length)]!;
  }

  #upTo(end: number): number {
    return Math.floor(this.#random.next() * end);
  }
}
