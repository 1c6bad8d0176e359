/** What one seed is about: how many nodes, which settings, how bad the network is. */
import type { Address } from "../../../shared/replication/address.ts";
import type { Role } from "../../../shared/replication/role.ts";
import { Chance } from "./chance.ts";

export interface Plan {
  readonly names: readonly string[];
  readonly roles: readonly Role[];
  readonly settings: Readonly<Record<string, string>>;
  readonly windowBytes: number;
  readonly backlogBytes: number;
  /** Clocks of the nodes differ by this much at most. */
  readonly skewMs: number;
  readonly syncAtOnce: number;
  readonly network: {
    readonly latencyMs: number;
    readonly jitterMs: number;
    readonly dialFailures: number;
    readonly transferCuts: number;
  };
  /** How long it lasts until all heals. */
  readonly durationMs: number;
  readonly writers: number;
  readonly readers: number;
  readonly thinkMs: number;
  /** Mean time between events of each kind; Infinity: never. */
  readonly every: {
    readonly cutMs: number;
    readonly crashMs: number;
    readonly stallMs: number;
    readonly roleMs: number;
    readonly shrinkMs: number;
    readonly killMs: number;
    readonly sleepMs: number;
    readonly downloadMs: number;
  };
}

const NAMES = ["a", "b", "c", "d"];

export function planOf(seed: number): Plan {
  const chance = new Chance(seed ^ 0x5eed);
  const names = NAMES.slice(0, chance.between(3, 4));
  const often = (...choices: readonly number[]): number => chance.of(choices);
  const windowBytes = often(16_384, 16_384, 65_536);
  const backlogBytes = often(16_384, 65_536, 1_048_576);
  return {
    names,
    roles: names.map((_, i) => firstRole(chance, i)),
    settings: settingsOf(chance, { windowBytes, backlogBytes }),
    windowBytes,
    backlogBytes,
    skewMs: often(0, 0, 300, 3000),
    syncAtOnce: often(0, 0.5, 1),
    network: {
      latencyMs: often(0, 1, 5, 30),
      jitterMs: often(0, 5, 40),
      dialFailures: often(0, 0, 0.2),
      transferCuts: often(0, 0, 0.1, 0.3),
    },
    durationMs: often(1500, 3000, 8000),
    writers: chance.between(1, 3),
    readers: chance.between(0, 2),
    thinkMs: often(20, 100, 300),
    every: {
      cutMs: often(Infinity, 300, 1500),
      crashMs: often(Infinity, Infinity, 800, 3000),
      stallMs: often(Infinity, 500),
      roleMs: often(Infinity, Infinity, 1000, 4000),
      shrinkMs: often(Infinity, 20, 200),
      killMs: often(Infinity, Infinity, 700),
      sleepMs: often(Infinity, 15),
      downloadMs: often(Infinity, Infinity, 400),
    },
  };
}

/** The first is master, the others follow it or one another. */
function firstRole(chance: Chance, index: number): Role {
  if (index === 0) return { kind: "master" };
  const master = index > 1 && chance.happens(0.5) ? chance.between(1, index - 1) : 0;
  return { kind: "replica", master: addressOf(chance, master) };
}

/** A node's address: by name most often, by host and port now and then. */
export function addressOf(chance: Chance, index: number): Address {
  if (chance.happens(0.7)) return { kind: "node", name: NAMES[index]! };
  return { kind: "tcp", host: "10.0.0.9", port: 7001 + index };
}

function settingsOf(
  chance: Chance,
  { windowBytes, backlogBytes }: { windowBytes: number; backlogBytes: number },
): Record<string, string> {
  return {
    "protected-mode": "no",
    "cache-bytes": "1mb",
    "checkpoint-keys": chance.of(["1", "4", "30"]),
    "checkpoint-log-bytes": chance.of(["1kb", "8kb", "1mb"]),
    "checkpoint-quiet-ms": chance.of(["10", "100", "1000"]),
    "checkpoint-slice-rows": chance.of(["1", "3", "20", "500"]),
    "group-bytes-max": chance.of(["1kb", "1mb"]),
    "repl-backlog-size": String(backlogBytes),
    "repl-pin-ttl": chance.of(["1", "5"]),
    "repl-ping-replica-period": "1",
    "repl-reconnect-max-ms": chance.of(["100", "1000"]),
    "repl-timeout": chance.of(["2", "5"]),
    "repl-window-bytes": String(windowBytes),
    "snapshot-chunk-bytes": chance.of(["1kb", "4kb"]),
  };
}
