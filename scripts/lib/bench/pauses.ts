// The longest pauses of a node: what a GET takes while keys are written by the million, or synced.

import { setTimeout as sleep } from "node:timers/promises";
import { startFilled } from "./filled.ts";
import { each, follow, type Kind, start } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { type Pauses, pausesDuring } from "./probe.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";

/** A million writes are a million chances already. */
const ROUNDS_MAX = 1;
const IDLE_MS = { full: 1000, quick: 300 };
/** Issue 7: of a GET's p99.9, in milliseconds. */
const PAUSE_MAX_MS = 20;

type Situation = {
  readonly title: string;
  readonly isAsked: boolean;
  /** Makes ready what then goes on meanwhile, at a master that has so many keys. */
  readonly prepare: (bench: Bench, at: Place) => Promise<() => Promise<void>>;
};

type Place = { readonly kind: Kind; readonly master: Server; readonly keys: number };

const SITUATIONS: readonly Situation[] = [
  { title: "nothing", isAsked: false, prepare: idle },
  { title: "keys are written", isAsked: true, prepare: writeAll },
  { title: "a replica syncs in full", isAsked: true, prepare: syncOne },
];

/** Percentiles of a GET by what goes on meanwhile. */
export async function pauses(bench: Bench): Promise<Row[]> {
  const keys = bench.size({ full: 1_000_000, quick: 10_000 });
  const masters = await each((kind) => startFilled(bench, kind, keys));
  const rounds = Math.min(bench.rounds, ROUNDS_MAX);
  const rows: Row[] = [];
  for (const { title, isAsked, prepare } of SITUATIONS) {
    const turn =
      (kind: Kind) =>
      async (round: number): Promise<Pauses> => {
        bench.tell(`while ${title}, ${kind}, round ${round + 1} of ${rounds}`);
        const master = masters[kind];
        const work = await prepare(bench, { kind, master, keys });
        return await pausesDuring({ port: master.port, keys }, work);
      };
    const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
    const target = { of: "ours", is: "at most", limit: PAUSE_MAX_MS } as const;
    rows.push(
      { what: `p50 while ${title}`, unit: "ms", samples: pick(figures, "p50") },
      {
        what: `p99.9 while ${title}`,
        unit: "ms",
        samples: pick(figures, "p999"),
        target: isAsked ? target : undefined,
      },
      { what: `longest while ${title}`, unit: "ms", samples: pick(figures, "max") },
    );
  }
  return rows;
}

async function idle(bench: Bench): Promise<() => Promise<void>> {
  return () => sleep(bench.size(IDLE_MS));
}

/** As many writes as there are keys, at random. */
async function writeAll(bench: Bench, { master, keys }: Place): Promise<() => Promise<void>> {
  const load = { tests: ["set"] as const, clients: 10, pipeline: 16, requests: keys, keys };
  return async () => void (await redisBenchmark(bench, master.port, load));
}

async function syncOne(bench: Bench, { kind, master }: Place): Promise<() => Promise<void>> {
  const replica = await start(bench, kind);
  return async () => {
    await follow(replica, master);
    await replica.kill();
  };
}
