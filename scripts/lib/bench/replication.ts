// What replicas cost their master, and how far they are behind it.

import { setTimeout as sleep } from "node:timers/promises";
import { Client, keyOf } from "./client.ts";
import { each, type Kind, level, withReplicas } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row, Target } from "./rows.ts";
import type { Server } from "./servers.ts";
import { percentile } from "./statistics.ts";

const LOADS = [
  { pipeline: 1, full: 10_000, quick: 1000 },
  { pipeline: 16, full: 100_000, quick: 5000 },
] as const;
const CLIENTS = 50;
const COUNTS = [0, 1, 2, 4] as const;
const ROUNDS_MAX = 3;
/** Issue 7: two replicas cost at most half. */
const HALF: Target = { of: "ours", is: "at least", limit: 0.5 };

/** Between two writes whose lag is measured, so that each finds everyone idle. */
const LAG_PAUSE_MS = 2;
const LAG_TIMEOUT_MS = 30_000;

type Figures = { readonly rate: number; readonly applied: number };
type Topology = { readonly master: Server; readonly followers: readonly Server[] };

/** SET/s with so many replicas, and how many a second they apply. All processes share the machine. */
export async function replicas(bench: Bench): Promise<Row[]> {
  const topologies = await each(async (kind) => {
    const made: Topology[] = [];
    for (const count of COUNTS) {
      bench.tell(`${kind} with ${count} replicas`);
      made.push(await withReplicas(bench, kind, count));
    }
    return made;
  });
  const rows: Row[] = [];
  for (const { pipeline, full, quick } of LOADS) {
    const load = { pipeline, requests: bench.size({ full, quick }) };
    const turn = (kind: Kind) => async (round: number) => {
      bench.tell(`SET -P ${pipeline}, ${kind}, round ${round + 1}`);
      const figures: Figures[] = [];
      for (const topology of topologies[kind]) figures.push(await setRates(bench, topology, load));
      return figures;
    };
    const runs = { ours: turn("ours"), redis: turn("redis") };
    const rounds = Math.min(bench.rounds, ROUNDS_MAX);
    rows.push(...rowsOf(pipeline, await interleave(runs, { rounds })));
  }
  return rows;
}

async function setRates(
  bench: Bench,
  { master, followers }: Topology,
  { pipeline, requests }: { pipeline: number; requests: number },
): Promise<Figures> {
  const startedMs = performance.now();
  const load = { tests: ["set"] as const, clients: CLIENTS, pipeline, requests };
  const rate = (await redisBenchmark(bench, master.port, load)).set;
  for (const follower of followers) await level(follower, master); // not into the next run
  return { rate, applied: (requests / (performance.now() - startedMs)) * 1000 };
}

function rowsOf(pipeline: number, figures: Record<Kind, readonly Figures[][]>): Row[] {
  const sample = (pick: (counts: readonly Figures[]) => number): Row["samples"] => ({
    ours: figures.ours.map(pick),
    redis: figures.redis.map(pick),
  });
  const title = `SET -c ${CLIENTS} -P ${pipeline}`;
  const rates = COUNTS.map((count, i): Row => ({
    what: `${title}, ${count} replicas`,
    unit: "/s",
    samples: sample((counts) => counts[i]!.rate),
    point: { series: title, x: count },
  }));
  const shares = COUNTS.flatMap((count, i): Row[] => {
    if (count === 0) return [];
    const what = `${title}, ${count} replicas / none`;
    const samples = sample((counts) => counts[i]!.rate / counts[0]!.rate);
    return [{ what, unit: "×", samples, target: count === 2 ? HALF : undefined }];
  });
  const applied: Row = {
    what: `${title}, until one replica has it`,
    unit: "/s",
    samples: sample((counts) => counts[1]!.applied),
  };
  return [...rates, ...shares, applied];
}

/** How long after it was sent to the master a write is seen on a replica that is asked all the time. */
export async function lag(bench: Bench): Promise<Row[]> {
  const pairs = await each((kind) => withReplicas(bench, kind, 1));
  const writes = bench.size({ full: 400, quick: 100 });
  const turn = (kind: Kind) => async (round: number) => {
    bench.tell(`${kind}, round ${round + 1}`);
    const { master, followers } = pairs[kind];
    const lags = await lagsOf(master, followers[0]!, writes);
    const sorted = lags.toSorted((a, b) => a - b);
    return { p50: percentile(sorted, 50), p99: percentile(sorted, 99) };
  };
  const rounds = Math.min(bench.rounds, ROUNDS_MAX);
  const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
  return [
    { what: "p50", unit: "ms", samples: pick(figures, "p50") },
    { what: "p99", unit: "ms", samples: pick(figures, "p99") },
  ];
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
      if (performance.now() - sentMs > LAG_TIMEOUT_MS) throw new Error("a write is not replicated");
    }
    lags.push(performance.now() - sentMs);
    await written;
    await sleep(LAG_PAUSE_MS);
  }
  onMaster.close();
  onReplica.close();
  return lags;
}
