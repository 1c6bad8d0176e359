/**
 * One seed of the read checker: a master and replicas in other regions, sessions that read next door with
 * every contract, on a network that cuts, delays and refuses, with nodes that crash, replicas that rest, and
 * operators who promote them. What is read is what the master's history holds at the position that is said;
 * no session misses what it has written or seen but by a promotion; nothing is older than was asked for.
 */
import { Book } from "../support/sim/book.ts";
import { Chance } from "../support/sim/chance.ts";
import type { Plan } from "../support/sim/plan.ts";
import { SimReader } from "../support/sim/reader.ts";
import type { SimNode } from "../support/sim/sim-node.ts";
import { World } from "../support/sim/world.ts";

const EVENTS_MAX = 400_000;
const NAMES = ["a", "b", "c"];

/** Plays a seed to its end; returns how answers came about, by contract. Throws what went wrong. */
export function simulateReads(seed: number): ReadonlyMap<string, number> {
  const world = new World(seed, planOf(seed), { isVerbose: false });
  const book = new Book(world.histories);
  try {
    play(world, book);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(`seed ${seed} of reads: ${what}\n\n${world.lastEvents}`, { cause: error });
  }
  return book.counts;
}

function play(world: World, book: Book): void {
  const { plan, nodes, agenda, chance } = world;
  for (const node of nodes) node.start();
  const readers: SimReader[] = [];
  for (let i = 0; i < plan.readers; i++) {
    const near = nodes[i % nodes.length]!;
    const isSession = chance.happens(0.8);
    readers.push(
      new SimReader(world, book, { near, first: nodes[0]!, thinkMs: plan.thinkMs, isSession }),
    );
  }
  planTrouble(world, plan);
  runUntil(world, agenda.nowMs + plan.durationMs);
  for (const reader of readers) reader.isStopped = true;
}

function planTrouble(world: World, { every }: Plan): void {
  const { chance, agenda, nodes } = world;
  const repeat = (meanMs: number, work: () => void): void => {
    if (meanMs === Infinity) return;
    agenda.after(chance.below(2 * meanMs), () => {
      work();
      repeat(meanMs, work);
    });
  };
  repeat(every.cutMs, () => world.anyWire()?.cut());
  repeat(every.stallMs, () => {
    world.anyWire()?.stall(chance.of([0, 1] as const), agenda.nowMs + chance.below(2000));
  });
  repeat(every.crashMs, () => restart(world, chance.of(nodes)));
  repeat(every.killMs, () => chance.of(nodes).order("CLIENT", "KILL", "TYPE", "REPLICA"));
  let round = 0;
  repeat(every.roleMs, () => promote(world, { round: ++round, isLast: (mine) => mine === round }));
}

/**
 * An operator makes a node the master and tells the others, one by one and not at once: until then the old
 * master goes on as before, and so do those that follow it. Who is down is told when it is up again.
 */
function promote(
  { nodes, agenda, chance }: World,
  { round, isLast }: { round: number; isLast: (round: number) => boolean },
): void {
  const chosen = chance.of(nodes);
  if (chosen.core === undefined) return;
  chosen.order("REPLICAOF", "NO", "ONE");
  const tell = (node: SimNode): void => {
    if (!isLast(round)) return;
    if (node.life === undefined) agenda.after(100, () => tell(node));
    else node.order("REPLICAOF", chosen.name, String(chosen.setup.ports[chosen.name]));
  };
  for (const node of nodes) {
    if (node !== chosen) agenda.after(chance.below(chance.of([10, 2500])), () => tell(node));
  }
}

function restart(world: World, node: SimNode): void {
  if (node.life === undefined) return;
  node.crash();
  world.agenda.after(world.chance.below(1000), () => node.start());
}

function runUntil(world: World, untilMs: number): void {
  while (world.agenda.step(untilMs)) {
    if (world.agenda.count > EVENTS_MAX) throw new Error("there is no end of events");
  }
}

function planOf(seed: number): Plan {
  const chance = new Chance(seed ^ 0x4ead5);
  const often = (...choices: readonly number[]): number => chance.of(choices);
  const windowBytes = 16_384;
  return {
    names: NAMES,
    roles: [
      { kind: "master" },
      { kind: "replica", master: { kind: "node", name: "a" } },
      { kind: "replica", master: { kind: "node", name: chance.of(["a", "a", "b"]) } },
    ],
    settings: {
      "protected-mode": "no",
      "read-wait-ms": chance.of(["50", "300", "1000"]),
      "repl-ping-replica-period": "1",
      "repl-reconnect-max-ms": chance.of(["100", "1000"]),
      "repl-timeout": "2",
      "repl-window-bytes": String(windowBytes),
      "replica-idle-timeout": chance.of(["0", "1"]),
      "snapshot-chunk-bytes": "1kb",
    },
    windowBytes,
    backlogBytes: 1_048_576,
    skewMs: often(0, 300, 3000),
    syncAtOnce: often(0, 0.5, 1),
    network: {
      latencyMs: often(0, 5, 30, 100),
      jitterMs: often(0, 5, 40),
      // With 0.9 a replica that is cut off stays so for a while.
      dialFailures: often(0, 0.2, 0.9),
      transferCuts: 0,
    },
    durationMs: often(3000, 8000),
    writers: 0,
    readers: chance.between(2, 7),
    thinkMs: often(20, 100, 300, 2500),
    every: {
      cutMs: often(Infinity, 300, 1500),
      crashMs: often(Infinity, 800, 3000),
      stallMs: often(Infinity, 500),
      roleMs: often(Infinity, 800, 2500),
      shrinkMs: Infinity,
      killMs: often(Infinity, 700),
      sleepMs: Infinity,
      downloadMs: Infinity,
    },
  };
}
