/**
 * What all sessions of the read checker have been told, and what the nodes' logs say of it. The data is one
 * counter, twice: `k` and `j` change together. So what a state of it holds is how often it was counted in the
 * history that led there.
 */
import type { Contract } from "../../../shared/replication/freshness.ts";
import type { Position } from "../../../shared/replication/position.ts";
import { encodeCommand } from "../../../shared/resp/encoder.ts";
import type { Histories } from "./histories.ts";
import type { SimNode } from "./sim-node.ts";

/** An answer to a read, and what it stands on. */
export interface Told {
  readonly contract: Contract;
  /** What the session sent along. */
  readonly seen: Position | undefined;
  readonly k: number;
  readonly j: number;
  /** The state that the node says it has read. */
  readonly position: Position;
  /** It waited: its position may be behind what it has read. */
  readonly hasWaited: boolean;
  readonly isMaster: boolean;
  /** The node that it follows (itself: a master) when it answers, and when that is (the world's clock). */
  readonly master: SimNode;
  readonly atMs: number;
  /** When the session asked, and when the node that answered was asked (the world's clock). */
  readonly askedAtMs: number;
  readonly arrivedAtMs: number;
}

interface Write {
  readonly position: Position;
  /** When its writer was told that it is durable. */
  readonly ackedAtMs: number;
}

const COUNTED = Buffer.from(encodeCommand(["INCR", "k"]), "latin1");

export class Book {
  readonly #histories: Histories;
  readonly #writes: Write[] = [];
  /** Answers, by contract and by how they came about. */
  readonly counts = new Map<string, number>();

  constructor(histories: Histories) {
    this.#histories = histories;
  }

  count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Someone was told that he has written. */
  wrote(write: Write): void {
    this.#writes.push(write);
  }

  /** Throws what is wrong with an answer. */
  check(told: Told): void {
    const { k, j, position, hasWaited, seen, isMaster } = told;
    if (k !== j) throw new Error(`${j} and ${k} are of one transaction`);
    const counted = this.#countedUntil(position);
    const isState = hasWaited ? k <= counted : k === counted;
    if (!isState) throw new Error(`${positionOf(position)} holds ${counted}`);
    const isSeen = seen === undefined || this.#histories.includes(position, seen);
    if (seen !== undefined && hasWaited && isSeen && k < this.#countedUntil(seen)) {
      throw new Error(`less than ${positionOf(seen)}, which was seen`);
    }
    // A history that is no more cannot be honoured; then the word of a master counts.
    if (!isSeen && !isMaster) throw new Error(`without ${positionOf(seen)}, which was seen`);
    this.#checkAge(told);
  }

  /**
   * Everything is in it that was acknowledged early enough: of its own history, and of its master's, as far as
   * that had it then. (What another master acknowledges meanwhile, nobody here can know.)
   */
  #checkAge(told: Told): void {
    const { contract, askedAtMs, arrivedAtMs, position, hasWaited, k } = told;
    if (contract.kind === "any" || contract.kind === "token") return;
    const isStrong = contract.kind === "strong";
    const beforeMs = isStrong ? askedAtMs : arrivedAtMs - contract.lagMaxMs;
    const own = { id: position.id, offset: Infinity };
    const [then, now] = [told.master.positionAt(beforeMs), told.master.positionAt(told.atMs)];
    for (const { position: written, ackedAtMs } of this.#writes) {
      if (!(ackedAtMs < beforeMs)) continue;
      const had = (line: Position | undefined): boolean =>
        line !== undefined && this.#histories.includes(line, written);
      if (!had(own) && !(had(then) && had(now))) continue;
      const isThere = this.#histories.includes(position, written);
      const isRead = !hasWaited || k >= this.#countedUntil(written);
      if (isThere && isRead) continue;
      throw new Error(`without ${positionOf(written)}, which was older than it may miss`);
    }
  }

  /** How often was counted in a history up to a position. */
  #countedUntil({ id, offset }: Position): number {
    const log = this.#histories.wholeLog(id);
    const bytes = Buffer.from(log.buffer, log.byteOffset, Math.min(offset, log.byteLength));
    let count = 0;
    let at = bytes.indexOf(COUNTED);
    while (at >= 0) {
      count++;
      at = bytes.indexOf(COUNTED, at + COUNTED.byteLength);
    }
    return count;
  }
}

function positionOf({ id, offset }: Position): string {
  return `${id.slice(0, 8)}:${offset}`;
}
