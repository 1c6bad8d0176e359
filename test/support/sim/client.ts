/** A client of the simulation: asks, waits for the answers, and holds the nodes to what they say. */
import { fromBinary, toBinary } from "../../../shared/base/bytes.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import { ReplyDecoder } from "../../../shared/resp/reply-decoder.ts";
import { type Request, reads, writes } from "./requests.ts";
import type { SentFrom, SimNode } from "./sim-node.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

/** A client gives up a connection that is silent for so long. */
const PATIENCE_MS = 4000;

interface Asked extends Request {
  /** Where the node was when it was asked. */
  readonly id: string;
  readonly from: number;
}

export class SimClient {
  readonly #world: World;
  readonly #isWriter: boolean;
  readonly #thinkMs: number;
  #wire: Wire | undefined;
  #node: SimNode | undefined;
  #decoder = new ReplyDecoder();
  #asked: Asked[] = [];
  #round = 0;
  #isStopped = false;

  constructor(world: World, { isWriter, thinkMs }: { isWriter: boolean; thinkMs: number }) {
    this.#world = world;
    this.#isWriter = isWriter;
    this.#thinkMs = thinkMs;
    this.#again();
  }

  stop(): void {
    this.#isStopped = true;
    this.#hangUp();
  }

  /** Goes on after a while: with the next requests, on a new connection if need be. */
  #again(): void {
    const round = ++this.#round;
    const { agenda, chance } = this.#world;
    agenda.after(chance.below(this.#thinkMs + 1), () => {
      if (round === this.#round) this.#ask();
    });
  }

  #ask(): void {
    if (this.#isStopped) return;
    if (this.#wire === undefined && !this.#connect()) {
      this.#again();
      return;
    }
    const { chance, agenda, token } = this.#world;
    const core = this.#node!.core;
    const id = core?.history.id ?? "";
    const from = core?.log.committedEnd ?? 0;
    const requests = this.#isWriter ? writes(chance, token) : reads(chance, token);
    if (requests.length === 0) {
      this.#again();
      return;
    }
    this.#asked = requests.map((request) => ({ ...request, id, from }));
    const bytes = fromBinary(requests.map(({ args }) => encodeCommand(args)).join(""));
    this.#wire!.send(0, bytes, undefined);
    const round = this.#round;
    agenda.after(PATIENCE_MS, () => {
      if (round !== this.#round || this.#isStopped) return;
      this.#hangUp();
      this.#again();
    });
  }

  #connect(): boolean {
    const world = this.#world;
    const up = world.nodes.filter(({ life }) => life !== undefined);
    const masters = up.filter(({ core }) => core!.role.kind === "master");
    const choices = this.#isWriter && masters.length > 0 ? masters : up;
    if (choices.length === 0) return false;
    const node = world.chance.of(choices);
    const kind = world.chance.of(["messages", "bytes"] as const);
    const wire = world.newWire(kind);
    this.#node = node;
    this.#wire = wire;
    this.#decoder = new ReplyDecoder();
    wire.attach(0, {
      onBytes: (bytes, note) => this.#receive(wire, bytes, note as SentFrom),
      onClosed: () => {
        if (this.#wire !== wire) return;
        this.#wire = undefined;
        this.#asked = [];
        if (!this.#isStopped) this.#again();
      },
      onTaken: () => undefined,
      onProbed: () => true,
      onAlive: () => undefined,
    });
    node.life!.accept(wire, {
      kind,
      isTrusted: false,
      address: "10.0.0.1:5",
      localAddress: "10.0.0.2:6",
    });
    return true;
  }

  #hangUp(): void {
    this.#wire?.close(0);
    this.#wire = undefined;
    this.#asked = [];
  }

  #receive(wire: Wire, bytes: Uint8Array, from: SentFrom): void {
    if (this.#wire !== wire) return;
    this.#decoder.push(toBinary(bytes));
    for (;;) {
      const reply = this.#decoder.next();
      if (reply === undefined) break;
      const asked = this.#asked.shift();
      if (asked === undefined) throw new Error("an answer to nothing");
      this.#world.replies++;
      this.#check(asked, reply, from);
    }
    if (this.#asked.length > 0) return;
    // A writer leaves a node that has become a replica; others change now and then.
    const isMaster = this.#node!.core?.role.kind === "master";
    if ((this.#isWriter && !isMaster) || this.#world.chance.happens(0.1)) this.#hangUp();
    this.#again();
  }

  #check({ proof, args, id, from }: Asked, reply: Reply, sent: SentFrom): void {
    if (reply instanceof ReplyError) return;
    const { histories } = this.#world;
    switch (proof.kind) {
      case "logged":
        this.#world.writes++;
        // The history may have got a new name since, or another may have taken its place, in which
        // offsets mean something else.
        if (histories.hasText(id, from, proof.text)) break;
        if (histories.hasText(sent.id, sent.id === id ? from : 0, proof.text)) break;
        throw new Error(`${args[0]} ${args[1]} ${proof.text} was answered and is not durable`);
      case "acknowledged": {
        if (typeof reply !== "number") throw new Error(`WAIT says ${JSON.stringify(reply)}`);
        const position = { id: sent.id, offset: sent.writtenOffset };
        const others = this.#world.nodes.filter((node) => node !== this.#node);
        const count = others.filter((node) => node.hasHad(position)).length;
        this.#world.waits += reply;
        if (count >= reply) break;
        throw new Error(`WAIT says ${reply}, and ${count} have ${position.offset} durably`);
      }
      case "pair": {
        const [first, second] = reply as readonly Reply[];
        if (first === second) break;
        throw new Error(`half a transaction: ${JSON.stringify(reply)}`);
      }
      case "none":
    }
  }
}
