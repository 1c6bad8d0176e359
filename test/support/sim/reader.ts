/**
 * A session of the read checker: it writes at the master and reads at the node next to it, as the Worker
 * does for a caller (workers/edge), and holds every answer to the contract it asked for.
 */
import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import type { Ask, Contract, Verdict } from "../../../shared/replication/freshness.ts";
import type { Position } from "../../../shared/replication/position.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import type { Chance } from "./chance.ts";
import type { SentFrom, SimNode } from "./sim-node.ts";
import type { World } from "./world.ts";

/** A call that is not answered by then is given up. */
const PATIENCE_MS = 4000;

/** What all sessions together have seen. The data is one counter, twice: `k` and `j` change together. */
export class Book {
  /** By version: when its writer was told that it is durable. */
  readonly ackedAtMs: number[] = [];
  /** Versions that may exist: each attempt to write makes one at most. */
  attempts = 0;
  /** Answers, by contract and by how they came about. */
  readonly counts = new Map<string, number>();

  /** The newest version whose writer knew of it before this moment. */
  newestBefore(atMs: number): number {
    let version = this.ackedAtMs.length - 1;
    while (version > 0 && !(this.ackedAtMs[version]! < atMs)) version--;
    return Math.max(0, version);
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}

interface Call {
  readonly node: SimNode;
  readonly args: readonly (readonly string[])[];
  /** What must be fresh here; undefined: it runs as it is. */
  readonly ask: Ask | undefined;
}

interface Answer {
  readonly replies: readonly Reply[];
  readonly from: SentFrom;
  readonly arrivedAtMs: number;
  readonly hasWaited: boolean;
  /** The master has to answer. */
  readonly forward: string | undefined;
}

export interface ReaderPlan {
  readonly near: SimNode;
  readonly master: SimNode;
  readonly thinkMs: number;
  /** Sends along what it has seen, as a session does. */
  readonly isSession: boolean;
}

export class SimReader {
  readonly #world: World;
  readonly #book: Book;
  readonly #plan: ReaderPlan;
  /** The newest version it has written or read. */
  #version = 0;
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
    this.#book.attempts++;
    const args = [["MULTI"], ["INCR", "k"], ["INCR", "j"], ["EXEC"]];
    this.#call({ node: this.#plan.master, args, ask: undefined }, ({ replies, from }) => {
      const version = (replies[3] as readonly number[])[0]!;
      this.#book.ackedAtMs[version] ??= this.#world.agenda.nowMs;
      this.#see(version, from);
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
    this.#call({ node: this.#plan.near, args, ask }, (answer) => {
      const why = answer.forward;
      if (why === undefined) {
        check(answer, answer.hasWaited ? "waited" : "now");
        return;
      }
      this.#call({ node: this.#plan.master, args, ask: undefined }, (late) => check(late, why));
    });
  }

  #check(
    { contract, seen }: Ask,
    { replies, arrivedAtMs, from }: Answer,
    { askedAtMs, how }: { askedAtMs: number; how: string },
  ): void {
    const [k, j] = (replies.at(-1) as readonly (string | null)[]).map(Number);
    const version = k!;
    this.#book.count(`${contract.kind} ${how}`);
    const wrong = (what: string): Error =>
      new Error(`${contract.kind} at ${this.#plan.near.name} (${how}) reads ${version}: ${what}`);
    if (k !== j) throw wrong(`${j} of the same transaction`);
    if (version > this.#book.attempts) throw wrong("nobody wrote so much");
    if (seen !== undefined && version < this.#version) throw wrong(`had seen ${this.#version}`);
    const lagMaxMs = contract.kind === "max-lag" ? contract.lagMaxMs : undefined;
    const atMs = contract.kind === "strong" ? askedAtMs : arrivedAtMs - (lagMaxMs ?? Infinity);
    const newest = this.#book.newestBefore(atMs);
    if (version < newest) throw wrong(`${newest} was older than it may miss`);
    this.#see(version, from);
    this.#again();
  }

  #see(version: number, { id, offset }: SentFrom): void {
    // Without sending along what it has seen, nobody promises it anything.
    this.#version = this.#plan.isSession ? Math.max(version, this.#version) : 0;
    this.#seen = { id, offset };
  }

  /** One call of a node, on a connection of its own. Nothing is told of one that fails. */
  #call({ node, args, ask }: Call, done: (answer: Answer) => void): void {
    const { agenda, chance, network } = this.#world;
    const wire = this.#world.newWire("messages");
    const decoder = new ReplyDecoder();
    const replies: Reply[] = [];
    let hasWaited = false;
    let arrivedAtMs = 0;
    wire.attach(0, {
      onBytes: (bytes, note) => {
        decoder.push(toBinary(bytes));
        for (let reply = decoder.next(); reply !== undefined; reply = decoder.next()) {
          replies.push(reply);
        }
        if (replies.length < args.length) return;
        wire.close(0);
        if (replies.at(-1) instanceof ReplyError) throw new Error("a call is refused");
        done({ replies, from: note as SentFrom, arrivedAtMs, hasWaited, forward: undefined });
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
        const ended = (verdict: Verdict): void => {
          if (verdict.at !== "forward") return;
          connection.session.isClosing = true;
          const { id, offset } = core.position;
          const from = { id, offset, writtenOffset: 0 };
          const forward = verdict.why;
          agenda.after(network.latencyMs, () => {
            done({ replies, from, arrivedAtMs, hasWaited, forward });
          });
        };
        const verdict = ask === undefined ? NOW : core.reads.begin(connection.session, ask, ended);
        if (verdict.at === "forward") {
          ended(verdict);
          return;
        }
        hasWaited = verdict.at === "wait";
        core.receive(connection, fromBinary(args.map((line) => encodeCommand(line)).join("")));
      });
    });
  }
}

const NOW = { at: "now" } as const;
const CALLER = { kind: "messages", isTrusted: true, address: "rest:0", localAddress: "" } as const;

function contractOf(chance: Chance): Contract {
  const kind = chance.of(["token", "token", "any", "strong", "max-lag", "max-lag"] as const);
  if (kind !== "max-lag") return { kind };
  return { kind, lagMaxMs: chance.of([0, 20, 100, 300, 1000, 5000]) };
}
