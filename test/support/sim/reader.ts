/**
 * A session of the read checker: it writes at the master and reads at the node next to it, as the Worker
 * does for a caller (workers/edge), and holds every answer to the contract it asked for.
 */
import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import type { Ask, Contract, Verdict } from "../../../shared/replication/freshness.ts";
import type { Position } from "../../../shared/replication/position.ts";
import type { Role } from "../../../shared/replication/role.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import type { Book, Told } from "./book.ts";
import type { Chance } from "./chance.ts";
import type { SentFrom, SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

/** A call that is not answered by then is given up. */
const PATIENCE_MS = 4000;

interface Call {
  readonly node: SimNode;
  readonly args: readonly (readonly string[])[];
  /** What must be fresh here; undefined: it runs as it is. */
  readonly ask: Ask | undefined;
  readonly to: "near" | "master";
}

interface Answer extends Standing {
  readonly replies: readonly Reply[];
  readonly arrivedAtMs: number;
  readonly hasWaited: boolean;
  /** The master has to answer. */
  readonly forward: string | undefined;
}

export interface ReaderPlan {
  readonly near: SimNode;
  /** The node that was master first, which knows who is it now. */
  readonly first: SimNode;
  readonly thinkMs: number;
  /** Sends along what it has seen, as a session does. */
  readonly isSession: boolean;
}

/** As the Worker follows what nodes say of who is master. */
const HOPS_MAX = 4;

export class SimReader {
  readonly #world: World;
  readonly #book: Book;
  readonly #plan: ReaderPlan;
  #seen: Position | undefined;
  #round = 0;
  isStopped = false;

  constructor(world: World, book: Book, plan: ReaderPlan) {
    this.#world = world;
    this.#book = book;
    this.#plan = plan;
    this.#again();
  }

  #again(): void {
    const round = ++this.#round;
    const { agenda, chance } = this.#world;
    agenda.after(chance.below(this.#plan.thinkMs + 1), () => {
      if (round !== this.#round || this.isStopped) return;
      // A call that is lost leaves nothing behind: it is given up.
      agenda.after(PATIENCE_MS, () => {
        if (round === this.#round) this.#again();
      });
      if (chance.happens(0.3)) this.#write();
      else this.#read();
    });
  }

  #write(): void {
    const round = this.#round;
    const args = [["MULTI"], ["INCR", "k"], ["INCR", "j"], ["EXEC"]];
    this.#callMaster(args, ({ position }) => {
      this.#book.wrote({ position, ackedAtMs: this.#world.agenda.nowMs });
      if (round !== this.#round) return;
      this.#see(position);
      this.#again();
    });
  }

  #read(): void {
    const contract = contractOf(this.#world.chance);
    const ask = { contract, seen: this.#plan.isSession ? this.#seen : undefined };
    const round = this.#round;
    const askedAtMs = this.#world.agenda.nowMs;
    const check = (answer: Answer, how: string): void => {
      if (round === this.#round) this.#check(ask, answer, { askedAtMs, how });
    };
    const args = [["MGET", "k", "j"]];
    this.#call({ node: this.#plan.near, args, ask, to: "near" }, (answer) => {
      const why = answer.forward;
      if (why === undefined) check(answer, answer.hasWaited ? "waited" : "now");
      else this.#callMaster(args, (late) => check(late, why));
    });
  }

  #check(
    { contract, seen }: Ask,
    answer: Answer,
    { askedAtMs, how }: { askedAtMs: number; how: string },
  ): void {
    const [k, j] = (answer.replies.at(-1) as readonly (string | null)[]).map(Number);
    this.#book.count(`${contract.kind} ${how}`);
    const told = { contract, seen, k: k!, j: j!, askedAtMs, ...answer };
    try {
      this.#book.check(told);
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      const { name: near } = this.#plan.near;
      const shown = JSON.stringify({ ...told, replies: undefined, near, master: told.master.name });
      throw new Error(`${contract.kind} (${how}) reads ${k}: ${what}: ${shown}`, { cause: error });
    }
    this.#see(answer.position);
    this.#again();
  }

  #see({ id, offset }: Position): void {
    this.#seen = { id, offset };
  }

  /** Goes on to whom a node follows, from the one that was master first. */
  #callMaster(args: Call["args"], done: (answer: Answer) => void): void {
    const ask = (node: SimNode, left: number): void => {
      this.#call({ node, args, ask: undefined, to: "master" }, (answer) => {
        const next =
          answer.forward === undefined ? undefined : this.#world.nodeNamed(answer.forward);
        if (next === undefined) done(answer);
        else if (left > 0) ask(next, left - 1);
      });
    };
    ask(this.#plan.first, HOPS_MAX);
  }

  /** One call of a node, on a connection of its own. Nothing is told of one that fails. */
  #call({ node, args, ask, to }: Call, done: (answer: Answer) => void): void {
    const { agenda, chance, network } = this.#world;
    const wire = this.#world.newWire("messages");
    const decoder = new ReplyDecoder();
    const replies: Reply[] = [];
    let hasWaited = false;
    let arrivedAtMs = 0;
    /** Where it was when all had run; of one that waited, where it was when it answered. */
    let ranAt: Standing | undefined;
    wire.attach(0, {
      onBytes: (bytes, note) => {
        decoder.push(toBinary(bytes));
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          replies.push(reply);
        }
        if (replies.length < args.length) return;
        wire.close(0);
        if (replies.at(-1) instanceof ReplyError) throw new Error("a call is refused");
        const { isMaster, ...position } = note as SentFrom;
        const late = { position, isMaster, master: node, atMs: agenda.nowMs };
        done({ replies, arrivedAtMs, hasWaited, forward: undefined, ...(ranAt ?? late) });
      },
      onClosed: () => undefined,
      onTaken: () => undefined,
      onProbed: () => true,
      onAlive: () => undefined,
    });
    agenda.after(network.latencyMs + chance.below(network.jitterMs + 1), () => {
      arrivedAtMs = agenda.nowMs;
      const { life } = node;
      const connection = life?.accept(wire, CALLER);
      if (connection === undefined) return;
      life!.event((core) => {
        const forwarded = (forward: string): void => {
          connection.session.isClosing = true;
          const at = standingOf(this.#world, node);
          agenda.after(network.latencyMs, () => {
            done({ replies, arrivedAtMs, hasWaited, forward, ...at });
          });
        };
        const ended = (verdict: Verdict): void => {
          if (verdict.at === "forward") forwarded(verdict.why);
        };
        const elsewhere = elsewhereOf(core.role, to);
        if (elsewhere !== undefined) {
          forwarded(elsewhere);
          return;
        }
        const verdict = ask === undefined ? NOW : core.reads.begin(connection.session, ask, ended);
        if (verdict.at === "forward") {
          ended(verdict);
          return;
        }
        hasWaited = verdict.at === "wait";
        core.receive(connection, fromBinary(args.map((line) => encodeCommand(line)).join("")));
        if (connection.session.blocked === undefined) ranAt = standingOf(this.#world, node);
      });
    });
  }
}

type Standing = Pick<Told, "position" | "isMaster" | "master" | "atMs">;

function standingOf(world: World, node: SimNode): Standing {
  const { position, role } = node.core!;
  const master = role.kind === "replica" ? world.nodeAt(role.master) : undefined;
  const { nowMs: atMs } = world.agenda;
  return { position, isMaster: role.kind === "master", master: master ?? node, atMs };
}

/** Who is to answer what a node is not meant to, as workers/node says it: a name, or a reason. */
function elsewhereOf(role: Role, to: Call["to"]): string | undefined {
  if (to === "near") return role.kind === "master" ? "not-a-replica" : undefined;
  return role.kind === "replica" && role.master.kind === "node" ? role.master.name : undefined;
}

const NOW = { at: "now" } as const;
const CALLER = { kind: "messages", isTrusted: true, address: "rest:0", localAddress: "" } as const;

function contractOf(chance: Chance): Contract {
  const kind = chance.of(["token", "token", "any", "strong", "max-lag", "max-lag"] as const);
  if (kind !== "max-lag") return { kind };
  return { kind, lagMaxMs: chance.of([0, 20, 100, 300, 1000, 5000]) };
}
