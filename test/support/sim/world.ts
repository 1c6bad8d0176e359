/** What all parts of a simulation share: clock, chance, network, nodes, and the record of what they did. */
import type { Address } from "../../../shared/replication/address.ts";
import { Agenda } from "./agenda.ts";
import { Chance } from "./chance.ts";
import { Histories } from "./histories.ts";
import type { Plan } from "./plan.ts";
import { SimNode } from "./sim-node.ts";
import { Wire } from "./wire.ts";

/** A moment in 2026. */
const START_MS = 1_790_000_000_000;
const FIRST_PORT = 7001;
const TRACE_MAX = 120;

export class World {
  readonly plan: Plan;
  readonly chance: Chance;
  readonly agenda = new Agenda(START_MS);
  readonly histories = new Histories();
  readonly nodes: SimNode[] = [];
  readonly #isVerbose: boolean;
  readonly #trace: string[][] = [];
  #wires: Wire[] = [];
  #tokens = 0;
  /** Healed: nothing fails any more. */
  isCalm = false;
  /** All have come together, and nobody writes. */
  isIdle = false;
  replies = 0;
  writes = 0;
  waits = 0;
  /** Answers to PSYNC: "continue", or why not. */
  readonly syncs = new Map<string, number>();

  constructor(seed: number, plan: Plan, { isVerbose }: { isVerbose: boolean }) {
    this.plan = plan;
    this.chance = new Chance(seed);
    this.#isVerbose = isVerbose;
    const ports = Object.fromEntries(plan.names.map((name, i) => [name, FIRST_PORT + i]));
    for (const [i, name] of plan.names.entries()) {
      const setup = {
        name,
        ports,
        firstRole: plan.roles[i]!,
        settings: plan.settings,
        platform: {},
      };
      const skewMs = this.chance.between(-plan.skewMs, plan.skewMs);
      this.nodes.push(new SimNode(this, setup, { seed: seed * 31 + i, skewMs }));
    }
  }

  get network(): Plan["network"] {
    const { network } = this.plan;
    return this.isCalm ? { ...network, dialFailures: 0, transferCuts: 0 } : network;
  }

  /** How likely it is that what is written is durable at once. */
  get syncAtOnce(): number {
    return this.plan.syncAtOnce;
  }

  /** The window, a snapshot's chunk and what frames put in front of the bytes. */
  get followerBytesMax(): number {
    return this.plan.windowBytes * 1.3 + 30_000;
  }

  /** A text that nobody has used before. */
  readonly token = (): string => `v${(++this.#tokens).toString(36).padStart(6, "0")}.`;

  nodeAt(address: Address): SimNode | undefined {
    if (address.kind === "websocket") return undefined;
    if (address.kind === "node") return this.nodeNamed(address.name);
    return this.nodes[address.port - FIRST_PORT];
  }

  nodeNamed(name: string): SimNode | undefined {
    return this.nodes.find((node) => node.name === name);
  }

  newWire(kind: "messages" | "bytes"): Wire {
    const { latencyMs, jitterMs } = this.plan.network;
    const wire = new Wire(this.agenda, this.chance, { kind, latencyMs, jitterMs });
    if (this.#wires.length > 50) this.#wires = this.#wires.filter((known) => known.isOpen);
    this.#wires.push(wire);
    return wire;
  }

  /** A connection by chance, if there is one. */
  anyWire(): Wire | undefined {
    const open = this.#wires.filter((wire) => wire.isOpen);
    return open.length === 0 ? undefined : this.chance.of(open);
  }

  trace(event: string, ...details: readonly string[]): void {
    const line = [String(this.agenda.nowMs - START_MS), event, ...details];
    if (this.#isVerbose) process.stdout.write(`${line.join(" ")}\n`);
    this.#trace.push(line);
    if (this.#trace.length > 2 * TRACE_MAX) this.#trace.splice(0, TRACE_MAX);
  }

  get lastEvents(): string {
    return this.#trace
      .slice(-TRACE_MAX)
      .map((line) => line.join(" "))
      .join("\n");
  }

  /** A node says what it did. */
  logged(
    node: SimNode,
    event: string,
    fields: Readonly<Record<string, string | number | boolean>>,
  ): void {
    this.trace(event, node.name, JSON.stringify(fields));
    if (this.isIdle && event === "link" && !this.#isUnpinged(node)) {
      throw new Error(`the link of ${node.name} changes`);
    }
    if (event !== "psync") return;
    const answer = fields["answer"] === "full" ? String(fields["why"]) : "continue";
    this.syncs.set(answer, (this.syncs.get(answer) ?? 0) + 1);
    if (answer !== "continue") this.#checkFullSync(node, answer, Number(fields["id"]));
  }

  /**
   * Over TCP the stream's PINGs keep a link alive, and only a master writes them, for followers of its own
   * that need them. One that follows a replica over TCP has to come back now and then.
   */
  #isUnpinged({ core }: SimNode): boolean {
    const role = core!.role;
    if (role.kind === "master" || role.master.kind !== "tcp") return false;
    return this.nodeAt(role.master)?.core?.role.kind === "replica";
  }

  /** A resync that could be partial must be. */
  #checkFullSync({ core, life, name, logResetAt }: SimNode, why: string, sessionId: number): void {
    const { start, end } = core!.log;
    const isCut = start === logResetAt || end - start >= this.plan.backlogBytes;
    if (why === "behind-backlog" && !isCut) throw new Error(`${name} keeps ${start}-${end} only`);
    if (why === "behind-backlog" || this.plan.every.roleMs < Infinity) return;
    // Nobody was ever told to follow another: whoever has been here before has this history. (What
    // was asked over a connection that its end has given up does not count.)
    const session = core!.engine.sessions.get(sessionId)!;
    const asker = this.nodes.find((node) => node.name === session.address);
    if (asker?.life?.isLinkedTo(life!, session) !== true) return;
    if (why === "unknown-history" && !asker.durable.has(core!.history.id)) return;
    throw new Error(`${asker.name} has to load everything from ${name}: ${why}`);
  }
}
