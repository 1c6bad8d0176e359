// A master and its replicas, each in a process of its own as they are in regions of their own, against
// redis-server with replicas that are redis-servers.

import { setTimeout as sleep } from "node:timers/promises";
import { Client, fill, keyOf, until } from "./client.ts";
import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";
import { percentile } from "./statistics.ts";

/** Who replicates, and how another of its kind is started. */
const KINDS = ["ours", "redis"] as const;
type Kind = (typeof KINDS)[number];

const LOADS = [
  { pipeline: 1, full: 25_000, quick: 1500 },
  { pipeline: 16, full: 200_000, quick: 15_000 },
] as const;
const CLIENTS = 50;
const REPLICAS = 2;

/** Between two writes whose lag is measured, so that each finds everyone idle. */
const LAG_PAUSE_MS = 2;
const SYNC_ROUNDS_MAX = 3;
const SYNC_TIMEOUT_MS = 120_000;

/** SET/s with no replica and with two, and how much of it they cost. */
export async function replicas(bench: Bench): Promise<Row[]> {
  const alone = await each(async (kind) => await start(bench, kind));
  const followed = await each((kind) => withReplicas(bench, kind, REPLICAS));
  const rows: Row[] = [];
  for (const { pipeline, full, quick } of LOADS) {
    const requests = bench.size({ full, quick });
    const title = `SET -c ${CLIENTS} -P ${pipeline}`;
    const load = { tests: ["set"] as const, clients: CLIENTS, pipeline, requests };
    const turn = (kind: Kind) => async () => {
      bench.tell(`${title}, ${kind}`);
      const without = (await redisBenchmark(alone[kind].port, load)).set;
      const { master, followers } = followed[kind];
      const withTwo = (await redisBenchmark(master.port, load)).set;
      for (const follower of followers) await level(follower, master); // not into the next run
      return { without, withTwo, share: withTwo / without };
    };
    const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, bench);
    rows.push(
      { what: `${title}, no replica`, unit: "/s", samples: pick(figures, "without") },
      { what: `${title}, ${REPLICAS} replicas`, unit: "/s", samples: pick(figures, "withTwo") },
      { what: `${title}, ${REPLICAS} / none`, unit: "×", samples: pick(figures, "share") },
    );
  }
  return rows;
}

/** How long after it was sent to the master a write is seen on a replica that is asked all the time. */
export async function lag(bench: Bench): Promise<Row[]> {
  const pairs = await each((kind) => withReplicas(bench, kind, 1));
  const writes = bench.size({ full: 500, quick: 100 });
  const turn = (kind: Kind) => async () => {
    bench.tell(`lag, ${kind}`);
    const { master, followers } = pairs[kind];
    const lags = await lagsOf(master, followers[0]!, writes);
    const sorted = lags.toSorted((a, b) => a - b);
    return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) };
  };
  const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, bench);
  return [
    { what: "p50", unit: "ms", samples: pick(figures, "p50") },
    { what: "p99", unit: "ms", samples: pick(figures, "p99") },
  ];
}

/** A new replica for each round. */
export async function fullSync(bench: Bench): Promise<Row[]> {
  const rounds = Math.min(bench.rounds, SYNC_ROUNDS_MAX);
  const masters = await each((kind) => start(bench, kind));
  const rows: Row[] = [];
  let filled = 0;
  for (const full of [100_000, 1_000_000]) {
    const keys = bench.size({ full, quick: full / 10 });
    for (const kind of KINDS) {
      bench.tell(`filling ${keys} keys, ${kind}`);
      await fill(masters[kind].port, { from: filled, to: keys });
    }
    filled = keys;
    const turn = (kind: Kind) => async () => {
      bench.tell(`full sync of ${keys} keys, ${kind}`);
      const replica = await start(bench, kind);
      const startedMs = performance.now();
      await follow(replica, masters[kind]);
      const seconds = (performance.now() - startedMs) / 1000;
      await haveSameSize(replica, masters[kind]);
      await replica.kill();
      return { seconds };
    };
    const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
    const what = `${keys.toLocaleString("en-US")} keys`;
    rows.push({ what, unit: "s", samples: pick(figures, "seconds") });
  }
  return rows;
}

/**
 * A replica is killed, the master writes on, the replica starts again: ours continues from its log. A stock
 * Redis of these versions does not keep its position with an append-only file, so it syncs in full.
 */
export async function catchUp(bench: Bench): Promise<Row[]> {
  const rounds = Math.min(bench.rounds, SYNC_ROUNDS_MAX);
  const keys = bench.size({ full: 100_000, quick: 10_000 });
  const missed = keys / 2;
  const masters = await each((kind) => start(bench, kind));
  const replicas = await each((kind) => start(bench, kind));
  for (const kind of KINDS) {
    await fill(masters[kind].port, { from: 0, to: keys });
    await follow(replicas[kind], masters[kind]);
  }
  const turn = (kind: Kind) => async () => {
    bench.tell(`catch-up, ${kind}`);
    const master = masters[kind];
    await replicas[kind].kill();
    await fill(master.port, { from: 0, to: missed });
    const startedMs = performance.now();
    replicas[kind] = await start(bench, kind, replicas[kind].folder);
    // What ours remembers, redis-server is told here; its configuration file would say the same.
    await follow(replicas[kind], master);
    const seconds = (performance.now() - startedMs) / 1000;
    await haveSameSize(replicas[kind], master);
    return { seconds };
  };
  const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
  const what = `${missed.toLocaleString("en-US")} writes missed of ${keys.toLocaleString("en-US")} keys`;
  return [{ what, unit: "s", samples: pick(figures, "seconds") }];
}

// -- the parts --------------------------------------------------------------------------------------

async function each<T>(make: (kind: Kind) => Promise<T>): Promise<Record<Kind, T>> {
  return { ours: await make("ours"), redis: await make("redis") };
}

function start({ servers }: Bench, kind: Kind, folder?: string): Promise<Server> {
  return kind === "ours" ? servers.ours(folder) : servers.redis(folder);
}

async function withReplicas(
  bench: Bench,
  kind: Kind,
  count: number,
): Promise<{ master: Server; followers: Server[] }> {
  const master = await start(bench, kind);
  const followers: Server[] = [];
  for (let i = 0; i < count; i++) {
    const follower = await start(bench, kind);
    await follow(follower, master);
    followers.push(follower);
  }
  return { master, followers };
}

/** Makes it a replica, if it is none yet, and waits until it has all that the master has now. */
async function follow(replica: Server, master: Server): Promise<void> {
  const client = await Client.connect(replica.port);
  await until("the end of loading", async () => !(await isLoading(client)));
  const info = await client.info("replication");
  if (info.get("role") === "master") await client.send("REPLICAOF", ...master.address);
  client.close();
  await level(replica, master);
}

async function isLoading(client: Client): Promise<boolean> {
  return (await client.info("persistence")).get("loading") === "1";
}

/** Waits until the link is up and the replica has come to where the master is now. */
async function level(replica: Server, master: Server): Promise<void> {
  const [onReplica, onMaster] = [
    await Client.connect(replica.port),
    await Client.connect(master.port),
  ];
  const wanted = Number((await onMaster.info("replication")).get("master_repl_offset"));
  const isLevel = async (): Promise<boolean> => {
    const info = await onReplica.info("replication");
    const isUp = info.get("master_link_status") === "up";
    return isUp && Number(info.get("slave_repl_offset")) >= wanted;
  };
  await until("the replica", isLevel, { timeoutMs: SYNC_TIMEOUT_MS });
  onReplica.close();
  onMaster.close();
}

/** A sync that forgets keys must not count as a fast one. */
async function haveSameSize(replica: Server, master: Server): Promise<void> {
  const sizes: unknown[] = [];
  for (const { port } of [replica, master]) {
    const client = await Client.connect(port);
    sizes.push(await client.send("DBSIZE"));
    client.close();
  }
  if (sizes[0] === sizes[1]) return;
  throw new Error(`the replica has ${String(sizes[0])} keys, its master ${String(sizes[1])}`);
}

async function lagsOf(master: Server, replica: Server, writes: number): Promise<number[]> {
  const onMaster = await Client.connect(master.port);
  const onReplica = await Client.connect(replica.port);
  const lags: number[] = [];
  const key = keyOf(0);
  for (let i = 0; i < writes; i++) {
    const value = `${performance.now()}:${i}`;
    const sentMs = performance.now();
    const written = onMaster.send("SET", key, value);
    while ((await onReplica.send("GET", key)) !== value) {
      if (performance.now() - sentMs > SYNC_TIMEOUT_MS)
        throw new Error("a write is not replicated");
    }
    lags.push(performance.now() - sentMs);
    await written;
    await sleep(LAG_PAUSE_MS);
  }
  onMaster.close();
  onReplica.close();
  return lags;
}
