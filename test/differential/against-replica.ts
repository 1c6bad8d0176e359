// A program run by a master whose replica follows it: at equal offsets they hold the same. All in process,
// with the simulation's clock and network; where the program lets our side start again, one of them does.

import { fromBinary } from "../../shared/base/bytes.ts";
import { valueDigest } from "../../shared/engine/digest.ts";
import type { NodeCore } from "../../shared/replication/node-core.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { MASTER, pass, quietWorld, replicaOf, SILENT } from "../support/sim/quiet.ts";
import type { SimNode } from "../support/sim/sim-node.ts";
import type { Wire } from "../support/sim/wire.ts";
import type { World } from "../support/sim/world.ts";
import { CLIENTS, DATABASES, type Program, type Step } from "./program.ts";
import type { Difference } from "./sameness.ts";

const KEYS_MAX = 10_000;
/** Steps between two looks at both. */
const LOOK_STEPS = 100;
/** Until the link of a replica is up again, whatever happened to it. */
const SETTLE_MS = 20_000;

/** Resolves with the first difference. */
export async function playAgainstReplica(program: Program): Promise<Difference | undefined> {
  const roles = { master: MASTER, weur: replicaOf("master") };
  const world = quietWorld(roles, { ...program.settings, ...program.ownSettings });
  const [master, replica] = world.nodes as [SimNode, SimNode];
  for (const node of [master, replica]) node.core!.engine.isActiveExpireOn = false;
  let wires = connectAll(world, master);
  for (const [i, step] of program.steps.entries()) {
    if (step.kind === "command") {
      // A setting is each node's own, and so is what it makes of values.
      if (!/^config$/i.test(step.args[0] ?? "")) say(wires[step.client]!, [step.args]);
    } else if (step.kind === "pass") {
      say(wires[CLIENTS]!, [["SELECT", String(step.db)], ...step.commands]);
      pass(world, 20);
    } else {
      pass(world, 20);
      restart(step, step.isCrash ? master : replica);
      if (step.isCrash) wires = connectAll(world, master);
    }
    if (i % LOOK_STEPS !== LOOK_STEPS - 1) continue;
    const difference = compare(world, master, replica);
    if (difference !== undefined) return difference;
  }
  return compare(world, master, replica);
}

/** One wire for each client, and one for whoever lets time pass. */
function connectAll(world: World, master: SimNode): Wire[] {
  return Array.from({ length: CLIENTS + 1 }, () => {
    const wire = world.newWire("bytes");
    wire.attach(0, SILENT);
    master.life!.accept(wire, { kind: "bytes", isTrusted: false, address: "", localAddress: "" });
    return wire;
  });
}

function say(wire: Wire, commands: readonly (readonly string[])[]): void {
  wire.send(0, fromBinary(commands.map((args) => encodeCommand(args)).join("")), undefined);
}

function restart(step: Extract<Step, { kind: "reload" }>, node: SimNode): void {
  if (step.isCrash) node.crash();
  else node.order("DEBUG", "RELOAD");
  if (step.isCrash) node.start();
  node.core!.engine.isActiveExpireOn = false;
}

function compare(world: World, master: SimNode, replica: SimNode): Difference | undefined {
  const untilMs = world.agenda.nowMs + SETTLE_MS;
  do pass(world, 50);
  while (!isLevel(master.core!, replica.core!) && world.agenda.nowMs < untilMs);
  const [own, other] = [master.core!, replica.core!];
  if (!isLevel(own, other)) {
    const state = other.link.isUp ? "up" : "down";
    return { what: `offsets, link ${state}`, ours: `${own.log.end}`, theirs: `${other.log.end}` };
  }
  for (let db = 0; db < DATABASES; db++) {
    const [here, there] = [keysOf(own, db), keysOf(other, db)];
    for (const name of new Set([...here.keys(), ...there.keys()])) {
      const [ours, theirs] = [here.get(name) ?? "none", there.get(name) ?? "none"];
      if (ours !== theirs) {
        return { what: `${JSON.stringify(name)} in database ${db} of the replica`, ours, theirs };
      }
    }
  }
  return undefined;
}

function isLevel(master: NodeCore, replica: NodeCore): boolean {
  return replica.link.isUp && master.log.end === replica.log.end && !master.log.hasPending;
}

/** When each key expires, and the digest of its value. */
function keysOf({ engine }: NodeCore, db: number): Map<string, string> {
  const { keyspace } = engine;
  const space = keyspace.space(db);
  const shown = new Map<string, string>();
  for (const { name } of keyspace.walk(space, 0, KEYS_MAX).keys) {
    const entry = keyspace.find(space, name)!;
    keyspace.loaded(entry);
    shown.set(name, `${entry.expiresAtMs} ${valueDigest(entry)}`);
  }
  return shown;
}
