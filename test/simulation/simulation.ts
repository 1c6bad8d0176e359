/**
 * One seed of the simulation: a master and its replicas over the pure core, with clients, on a network that
 * loses connections and on nodes that crash; then all heals, and everyone must have the same.
 */
import { closeSnapshotFile, openSnapshotFile } from "../../shared/replication/snapshot-serving.ts";
import type { Chance } from "../support/sim/chance.ts";
import { SimClient } from "../support/sim/client.ts";
import { compareData, dataOf, replayed } from "../support/sim/data.ts";
import { type Plan, planOf } from "../support/sim/plan.ts";
import type { SimNode } from "../support/sim/sim-node.ts";
import { World } from "../support/sim/world.ts";

/** What a run has seen; sums tell whether a set of seeds tests anything. */
export interface Outcome {
  readonly events: number;
  readonly replies: number;
  readonly writes: number;
  readonly waits: number;
  readonly syncs: ReadonlyMap<string, number>;
}

/** No run of a seed needs so many. */
const EVENTS_MAX = 400_000;
/** All nodes are alike again so long after the last failure, at the latest. */
const HEALING_MS_MAX = 120_000;
const SETTLING_MS = 8000;
const IDLE_MS = 10_000;
/** The sweep runs ten times a second, sent bytes are acknowledged once: more than that is a loop. */
const IDLE_EVENTS_PER_NODE_MAX = 800;

/** Plays a seed to its end. Throws what went wrong, with the last events. */
export function simulate(seed: number, { isVerbose = false } = {}): Outcome {
  const world = new World(seed, planOf(seed), { isVerbose });
  try {
    play(world);
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const state = world.nodes.map(stateOf).join("\n");
    throw new Error(`seed ${seed}: ${what}\n\n${world.lastEvents}\n\n${state}`, { cause: error });
  }
  const { agenda, replies, writes, waits, syncs } = world;
  return { events: agenda.count, replies, writes, waits, syncs };
}

function play(world: World): void {
  const { plan, nodes, agenda } = world;
  for (const node of nodes) node.start();
  const clients: SimClient[] = [];
  for (let i = 0; i < plan.writers + plan.readers; i++) {
    clients.push(new SimClient(world, { isWriter: i < plan.writers, thinkMs: plan.thinkMs }));
  }
  planTrouble(world, plan);
  runUntil(world, agenda.nowMs + plan.durationMs);
  for (const client of clients) client.stop();
  heal(world);
  checkEnd(world);
}

// -- trouble -----------------------------------------------------------------------------------------

function planTrouble(world: World, { every }: Plan): void {
  const { chance, agenda } = world;
  const repeat = (meanMs: number, work: () => void): void => {
    if (meanMs === Infinity) return;
    agenda.after(chance.below(2 * meanMs), () => {
      if (world.isCalm) return;
      work();
      repeat(meanMs, work);
    });
  };
  repeat(every.cutMs, () => world.anyWire()?.cut());
  repeat(every.stallMs, () => {
    world.anyWire()?.stall(chance.of([0, 1] as const), agenda.nowMs + chance.below(3000));
  });
  repeat(every.crashMs, () => crash(world, chance.of(world.nodes)));
  repeat(every.sleepMs, () => chance.of(world.nodes).hibernate());
  repeat(every.downloadMs, () => download(world, chance.of(world.nodes)));
  repeat(every.killMs, () => {
    chance.of(world.nodes).order("CLIENT", "KILL", "TYPE", chance.of(["MASTER", "REPLICA"]));
  });
  repeat(every.roleMs, () => changeRole(world));
  repeat(every.shrinkMs, () => {
    chance.of(world.nodes).life?.event((core) => core.engine.keyspace.shrink(chance.below(3000)));
  });
}

function crash(world: World, node: SimNode): void {
  if (node.life === undefined) return;
  node.crash();
  world.agenda.after(world.chance.below(1500), () => {
    if (node.life === undefined) node.start();
  });
}

/** Someone reads the data set as a file, at leisure: the base is pinned meanwhile. */
function download({ chance, agenda }: World, { life }: SimNode): void {
  const reader = life?.event((core) => openSnapshotFile(core));
  if (life === undefined || reader === undefined) return;
  const step = (): void => {
    life.event((core) => {
      const bytes = reader.next(1024);
      if (bytes === undefined || reader.isAtEnd) closeSnapshotFile(core, reader);
      else agenda.after(chance.below(60), step);
    });
  };
  step();
}

/** Someone is promoted, or told to follow another: no matter whether it makes sense. */
function changeRole(world: World): void {
  const { chance, nodes } = world;
  const node = chance.of(nodes);
  if (chance.happens(0.35)) node.order("REPLICAOF", "NO", "ONE");
  else follow(chance, node, chance.of(nodes));
}

function follow(chance: Chance, node: SimNode, master: SimNode): void {
  if (node === master) return;
  const port = String(master.setup.ports[master.name]);
  node.order("REPLICAOF", chance.happens(0.7) ? master.name : "10.0.0.9", port);
}

// -- healing -----------------------------------------------------------------------------------------

/** Everyone is up, follows one master, directly or by another, and has what it has. */
function heal(world: World): void {
  const { nodes, chance, agenda } = world;
  world.isCalm = true;
  world.trace("heal");
  for (const node of nodes) if (node.life === undefined) node.start();
  const masters = nodes.filter(({ core }) => core!.role.kind === "master");
  const master = masters.length > 0 ? chance.of(masters) : chance.of(nodes);
  if (masters.length === 0) master.order("REPLICAOF", "NO", "ONE");
  // Where there is one master and everyone's path leads to it, nothing has to be said.
  if (world.plan.every.roleMs < Infinity) {
    const placed = [master];
    for (const node of nodes) {
      if (node === master) continue;
      follow(chance, node, chance.of(placed));
      placed.push(node);
    }
  }
  bringTogether(world);
  // Connections that were broken without a word are given up after `repl-timeout`.
  runUntil(world, agenda.nowMs + SETTLING_MS);
  bringTogether(world);
  world.isIdle = true;
  const before = agenda.count;
  runUntil(world, agenda.nowMs + IDLE_MS);
  const count = agenda.count - before;
  const countMax = IDLE_EVENTS_PER_NODE_MAX * nodes.length;
  if (count > countMax) throw new Error(`${count} events while nothing happens`);
  // A PING may be on its way.
  bringTogether(world);
  world.isIdle = false;
}

function bringTogether(world: World): void {
  const { agenda } = world;
  const untilMs = agenda.nowMs + HEALING_MS_MAX;
  while (!isHealed(world)) {
    if (agenda.nowMs >= untilMs) throw new Error("the nodes do not come together");
    runUntil(world, agenda.nowMs + 50);
  }
}

function isHealed({ nodes }: World): boolean {
  const cores = nodes.map(({ core }) => core!);
  const [first] = cores;
  return cores.every((core) => {
    const isInSync = core.role.kind === "master" || core.link.isUp;
    const isLevel = core.log.end === first!.log.end && core.history.id === first!.history.id;
    return isInSync && isLevel && !core.log.hasPending;
  });
}

function runUntil(world: World, untilMs: number): void {
  while (world.agenda.step(untilMs)) {
    if (world.agenda.count > EVENTS_MAX) throw new Error("there is no end of events");
  }
}

// -- the end -----------------------------------------------------------------------------------------

function checkEnd(world: World): void {
  const { nodes, histories } = world;
  const id = nodes[0]!.core!.history.id;
  const wanted = replayed(histories.wholeLog(id), nodes[0]!);
  for (const node of nodes) {
    const { core } = node;
    compareData(`the log replayed and ${node.name}`, wanted, dataOf(core!));
    checkConnections(node);
    node.crash();
    node.start();
    compareData(`${node.name} before and after a restart`, wanted, dataOf(node.core!));
  }
}

/** Nobody remembers a connection that is gone. */
function checkConnections({ name, life }: SimNode): void {
  for (const connection of life!.core.clients.all) {
    if (life!.lines.has(connection)) continue;
    throw new Error(`${name} remembers connection ${connection.session.id}, which is gone`);
  }
}

function stateOf({ name, core }: SimNode): string {
  if (core === undefined) return `${name}: down`;
  const { role, history, log, link, followers } = core;
  const following = role.kind === "master" ? "master" : `replica of ${JSON.stringify(role.master)}`;
  const shown = `${history.id.slice(0, 8)}:${log.start}-${log.end}`;
  const below = followers.all
    .map(({ connection, state, sentOffset, ackOffset }) => {
      return ` [${connection.session.address} ${state} ${sentOffset} ${ackOffset}]`;
    })
    .join("");
  return `${name}: ${following} ${shown} link ${JSON.stringify(link.state)}${below}`;
}
