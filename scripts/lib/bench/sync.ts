// How a replica comes to what its master has: all of it, or what it missed.

import { ask, Client, fill } from "./client.ts";
import { startFilled } from "./filled.ts";
import { each, follow, haveSameSize, type Kind, KINDS, level, start } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { peaksDuring } from "./memory.ts";
import { Proxy } from "./proxy.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";
import type { Server } from "./servers.ts";

const ROUNDS_MAX = 3;
const MEGABYTE = 1e6;
/** Issue 7: as many times what redis-server takes. */
const SYNC_RATIO_MAX = 1.5;
/** Enough to continue from, which with Redis's own default would be a full sync. */
const BACKLOG_BYTES = String(256 << 20);

type Pair = { readonly master: Server; readonly replica: Server; readonly proxy: Proxy };

/** A new replica for each round. */
export async function fullSync(bench: Bench): Promise<Row[]> {
  const rounds = Math.min(bench.rounds, ROUNDS_MAX);
  const rows: Row[] = [];
  for (const full of [100_000, 1_000_000]) {
    const keys = bench.size({ full, quick: full / 50 });
    const masters = await each((kind) => startFilled(bench, kind, keys));
    const turn = (kind: Kind) => async (round: number) => {
      bench.tell(`${keys.toLocaleString("en-US")} keys, ${kind}, round ${round + 1}`);
      const [master, replica] = [masters[kind], await start(bench, kind)];
      const startedMs = performance.now();
      const peaks = await peaksDuring([master.group, replica.group], () => follow(replica, master));
      const seconds = (performance.now() - startedMs) / 1000;
      await haveSameSize(replica, master);
      await replica.kill();
      return { seconds, onMaster: peaks[0]! / MEGABYTE, onReplica: peaks[1]! / MEGABYTE };
    };
    const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
    const what = `${keys.toLocaleString("en-US")} keys`;
    const target = { of: "ours/redis", is: "at most", limit: SYNC_RATIO_MAX } as const;
    rows.push(
      { what, unit: "s", samples: pick(figures, "seconds"), target },
      { what: `${what}, peak memory, replica`, unit: "MB", samples: pick(figures, "onReplica") },
      { what: `${what}, peak memory, master`, unit: "MB", samples: pick(figures, "onMaster") },
    );
  }
  return rows;
}

/**
 * The network between master and replica is cut, the master writes on, and both are joined again. The clock
 * runs from the moment that the replica is back, so that how often it tries is not in it.
 */
export async function catchUp(bench: Bench): Promise<Row[]> {
  const missed = bench.size({ full: 200_000, quick: 5000 });
  const proxies: Proxy[] = [];
  const joined = async (kind: Kind): Promise<Pair> => {
    const [master, replica] = [await start(bench, kind), await start(bench, kind)];
    await ask(master.port, "CONFIG", "SET", "repl-backlog-size", BACKLOG_BYTES);
    const proxy = await Proxy.open(master.entryPort);
    proxies.push(proxy);
    await follow(replica, master, proxy.port);
    return { master, replica, proxy };
  };
  const turn = (pairs: Record<Kind, Pair>, kind: Kind) => async (round: number) => {
    bench.tell(`a cut of ${missed.toLocaleString("en-US")} writes, ${kind}, round ${round + 1}`);
    const { master, replica, proxy } = pairs[kind];
    const syncs = await fullSyncsOf(master.port);
    proxy.cut();
    await fill(master.port, { from: 0, to: missed });
    await proxy.mend();
    const startedMs = performance.now();
    await level(replica, master);
    const rate = (missed / (performance.now() - startedMs)) * 1000;
    if ((await fullSyncsOf(master.port)) !== syncs) throw new Error(`${kind} synced in full`);
    await haveSameSize(replica, master);
    return { rate };
  };
  try {
    const pairs = await each(joined);
    const rounds = Math.min(bench.rounds, ROUNDS_MAX);
    const turns = { ours: turn(pairs, "ours"), redis: turn(pairs, "redis") };
    const figures = await interleave(turns, { rounds });
    const what = `${missed.toLocaleString("en-US")} writes missed in a cut`;
    return [{ what, unit: "/s", samples: pick(figures, "rate") }, await afterRestart(bench)];
  } finally {
    for (const proxy of proxies) proxy.close();
  }
}

async function fullSyncsOf(port: number): Promise<string | undefined> {
  const client = await Client.connect(port);
  const syncs = (await client.info("stats")).get("sync_full");
  client.close();
  return syncs;
}

/**
 * A replica is killed, the master writes on, the replica starts again: ours continues from its log. A stock
 * Redis of these versions does not keep its position with an append-only file, so it syncs in full.
 */
async function afterRestart(bench: Bench): Promise<Row> {
  const keys = bench.size({ full: 100_000, quick: 5000 });
  const missed = keys / 2;
  const masters = await each((kind) => start(bench, kind));
  const replicas = await each((kind) => start(bench, kind));
  for (const kind of KINDS) {
    await fill(masters[kind].port, { from: 0, to: keys });
    await follow(replicas[kind], masters[kind]);
  }
  const turn = (kind: Kind) => async (round: number) => {
    bench.tell(`a restart, ${kind}, round ${round + 1}`);
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
  const rounds = Math.min(bench.rounds, ROUNDS_MAX);
  const figures = await interleave({ ours: turn("ours"), redis: turn("redis") }, { rounds });
  const what = `a restart, ${missed.toLocaleString("en-US")} of ${keys.toLocaleString("en-US")} keys`;
  return { what, unit: "s", samples: pick(figures, "seconds") };
}
