/**
 * A connection between two ends: order is kept in each direction, time passes, and it may be cut at any
 * moment. `bytes` (TCP) arrive in any split, `messages` (a WebSocket) as they were sent.
 */
import type { Agenda } from "./agenda.ts";
import type { Position } from "../../../shared/replication/position.ts";
import type { Chance } from "./chance.ts";

/** Who is told what a wire does. Nothing is told to an end that has closed. */
export interface WireEnd {
  onBytes(bytes: Uint8Array, note: unknown): void;
  onClosed(): void;
  /** The network has taken so many of the bytes this end sent. */
  onTaken(byteCount: number): void;
  /** The peer's side asks for a sign of life; true: there is one, and a master says how far it is. */
  onProbed(): Position | boolean;
  onAlive(position: Position | undefined): void;
}

export interface WireOptions {
  readonly kind: "messages" | "bytes";
  readonly latencyMs: number;
  readonly jitterMs: number;
}

type Side = 0 | 1;

interface Packet {
  readonly bytes: Uint8Array;
  /** What the test wants to know when it arrives. */
  readonly note: unknown;
  readonly isEnd: boolean;
}

interface Direction {
  readonly packets: Packet[];
  lastAtMs: number;
  stalledUntilMs: number;
  queuedBytes: number;
  takenBytes: number;
}

export class Wire {
  readonly #agenda: Agenda;
  readonly #chance: Chance;
  readonly options: WireOptions;
  /** Whoever is at each side; undefined: nobody is, or nobody any more. */
  readonly #ends: [WireEnd | undefined, WireEnd | undefined] = [undefined, undefined];
  /** By the side that sends. */
  readonly #directions: readonly [Direction, Direction] = [newDirection(), newDirection()];
  isCut = false;

  constructor(agenda: Agenda, chance: Chance, options: WireOptions) {
    this.#agenda = agenda;
    this.#chance = chance;
    this.options = options;
  }

  /** The side's end is there and listens. */
  attach(side: Side, end: WireEnd): void {
    this.#ends[side] = end;
  }

  get isOpen(): boolean {
    return !this.isCut && this.#ends[0] !== undefined && this.#ends[1] !== undefined;
  }

  /** Bytes sent from this side that have not arrived. */
  queuedBytes(side: Side): number {
    return this.#directions[side].queuedBytes;
  }

  send(side: Side, bytes: Uint8Array, note: unknown): void {
    if (this.isCut || this.#ends[side] === undefined) return;
    this.#push(side, { bytes, note, isEnd: false });
  }

  /** Ends the connection behind what was sent. This side hears nothing more. */
  close(side: Side): void {
    if (this.#ends[side] === undefined) return;
    this.#ends[side] = undefined;
    if (!this.isCut) this.#push(side, { bytes: NOTHING, note: undefined, isEnd: true });
  }

  /** This side is gone without a word: its process died. The other learns of it, late or never. */
  abandon(side: Side): void {
    this.#ends[side] = undefined;
    this.#lose();
    this.#tell(side === 0 ? 1 : 0);
  }

  /** Bytes on their way are lost; each end learns of it at once, late or never. */
  cut(): void {
    if (this.isCut) return;
    this.#lose();
    this.#tell(0);
    this.#tell(1);
  }

  /** The peer of `side` does not read for a while. */
  stall(side: Side, untilMs: number): void {
    this.#directions[side].stalledUntilMs = untilMs;
  }

  /** A sign of life is asked of the peer; it comes if the wire carries it both ways. */
  probe(side: Side): void {
    const { latencyMs, jitterMs } = this.options;
    const delayMs = (): number => latencyMs + this.#chance.below(jitterMs + 1);
    this.#agenda.after(delayMs(), () => {
      const sign = this.isCut ? false : this.#ends[side === 0 ? 1 : 0]?.onProbed();
      if (sign === undefined || sign === false) return;
      this.#agenda.after(delayMs(), () => {
        if (!this.isCut) this.#ends[side]?.onAlive(sign === true ? undefined : sign);
      });
    });
  }

  #push(side: Side, packet: Packet): void {
    const direction = this.#directions[side];
    const { latencyMs, jitterMs } = this.options;
    const atMs = this.#agenda.nowMs + latencyMs + this.#chance.below(jitterMs + 1);
    direction.lastAtMs = Math.max(direction.lastAtMs, atMs);
    direction.packets.push(packet);
    direction.queuedBytes += packet.bytes.length;
    this.#agenda.at(direction.lastAtMs, () => this.#deliver(side));
  }

  /** Gives the first packet to the other side; each packet has one such event planned, at least. */
  #deliver(side: Side): void {
    const direction = this.#directions[side];
    if (this.isCut || direction.packets.length === 0) return;
    if (direction.stalledUntilMs > this.#agenda.nowMs) {
      this.#agenda.at(direction.stalledUntilMs, () => this.#deliver(side));
      return;
    }
    const packet =
      this.options.kind === "bytes" ? this.#anySplit(side) : direction.packets.shift()!;
    direction.queuedBytes -= packet.bytes.length;
    const end = this.#ends[side === 0 ? 1 : 0];
    if (packet.isEnd) {
      this.#ends[side === 0 ? 1 : 0] = undefined;
      end?.onClosed();
      return;
    }
    this.#take(side, packet.bytes.length);
    end?.onBytes(packet.bytes, packet.note);
  }

  /** A part of the first packet, or several packets in one piece. */
  #anySplit(side: Side): Packet {
    const { packets } = this.#directions[side];
    const first = packets.shift()!;
    const { length } = first.bytes;
    if (length > 1 && this.#chance.happens(0.15)) {
      const at = this.#chance.between(1, length - 1);
      packets.unshift({ ...first, bytes: first.bytes.subarray(at) });
      this.#agenda.after(this.#chance.below(3), () => this.#deliver(side));
      return { ...first, bytes: first.bytes.subarray(0, at) };
    }
    const next = packets[0];
    if (next !== undefined && !next.isEnd && !first.isEnd && this.#chance.happens(0.3)) {
      packets.shift();
      return { ...next, bytes: Buffer.concat([first.bytes, next.bytes]) };
    }
    return first;
  }

  #take(side: Side, byteCount: number): void {
    const direction = this.#directions[side];
    if (direction.takenBytes === 0) {
      this.#agenda.after(this.#chance.below(20), () => {
        const taken = direction.takenBytes;
        direction.takenBytes = 0;
        if (!this.isCut) this.#ends[side]?.onTaken(taken);
      });
    }
    direction.takenBytes += byteCount;
  }

  #lose(): void {
    this.isCut = true;
    for (const direction of this.#directions) {
      direction.packets.length = 0;
      direction.queuedBytes = 0;
    }
  }

  #tell(side: Side): void {
    if (this.#chance.happens(0.2)) return;
    const delayMs = this.#chance.happens(0.5) ? 0 : this.#chance.below(1500);
    this.#agenda.after(delayMs, () => {
      const end = this.#ends[side];
      this.#ends[side] = undefined;
      end?.onClosed();
    });
  }
}

const NOTHING = new Uint8Array(0);

function newDirection(): Direction {
  return { packets: [], lastAtMs: 0, stalledUntilMs: 0, queuedBytes: 0, takenBytes: 0 };
}
