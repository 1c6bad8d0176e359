/** A world in which only what a test asks for goes wrong, and the test speaks to the nodes itself. */
import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import type { Role } from "../../../shared/replication/role.ts";
import type { Plan } from "./plan.ts";
import type { WireEnd } from "./wire.ts";
import { World } from "./world.ts";

const QUIET: Omit<Plan, "names" | "roles" | "settings"> = {
  windowBytes: 16_384,
  backlogBytes: 1_048_576,
  skewMs: 0,
  syncAtOnce: 0.5,
  network: { latencyMs: 2, jitterMs: 0, dialFailures: 0, transferCuts: 0 },
  durationMs: 0,
  writers: 0,
  readers: 0,
  thinkMs: 0,
  every: {
    cutMs: Infinity,
    crashMs: Infinity,
    stallMs: Infinity,
    roleMs: 1,
    shrinkMs: Infinity,
    killMs: Infinity,
    sleepMs: Infinity,
    downloadMs: Infinity,
  },
};

/** Nodes named in order, with these roles. All of them are up. */
export function quietWorld(
  roles: Readonly<Record<string, Role>>,
  settings: Readonly<Record<string, string>> = {},
): World {
  const plan = {
    ...QUIET,
    names: Object.keys(roles),
    roles: Object.values(roles),
    settings: {
      "protected-mode": "no",
      "repl-ping-replica-period": "1",
      "repl-timeout": "3",
      "repl-window-bytes": String(QUIET.windowBytes),
      ...settings,
    },
  };
  const world = new World(1, plan, { isVerbose: false });
  world.isCalm = true;
  for (const node of world.nodes) node.start();
  return world;
}

/** An end that answers nothing but probes. */
export const SILENT: WireEnd = {
  onBytes: () => undefined,
  onClosed: () => undefined,
  onTaken: () => undefined,
  onProbed: () => true,
  onAlive: () => undefined,
};

export const MASTER: Role = { kind: "master" };

/** A replica of a node, by its name or, where a port is given, over TCP. */
export function replicaOf(name: string, port?: number): Role {
  if (port === undefined) return { kind: "replica", master: { kind: "node", name } };
  return { kind: "replica", master: { kind: "tcp", host: "10.0.0.9", port } };
}

/** Lets the world go on for a while. */
export function pass(world: World, ms = 2000): void {
  const untilMs = world.agenda.nowMs + ms;
  while (world.agenda.step(untilMs));
}

interface Asker {
  /** What was answered so far. */
  text: string;
  /** Sends command lines in one piece. */
  send(...lines: readonly string[]): void;
}

/** A client that sends command lines; what was answered is there once time has passed. */
export function send(world: World, name: string, ...first: readonly string[]): Asker {
  const node = world.nodes.find((known) => known.name === name)!;
  const wire = world.newWire("bytes");
  const answer: Asker = {
    text: "",
    send: (...lines) => {
      const text = lines.map((line) => encodeCommand(line.split(" "))).join("");
      wire.send(0, fromBinary(text), undefined);
    },
  };
  wire.attach(0, { ...SILENT, onBytes: (bytes) => void (answer.text += toBinary(bytes)) });
  node.life!.accept(wire, { kind: "bytes", isTrusted: false, address: "", localAddress: "" });
  answer.send(...first);
  return answer;
}
