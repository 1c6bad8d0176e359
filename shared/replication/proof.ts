/**
 * What a replica can prove about how fresh it is. It asks its master how far it is; the answer tells what was
 * there at some moment after the question left. Once the replica has all of that, it had by then everything
 * that was acknowledged before it asked: by its own clock, whatever the master's says and the network does.
 *
 * Answers name no question (the platform gives them in a sleeping master's place, sockets.ts), so that one
 * at a time is on its way: the answer to an older one taken for that to a newer one would prove too much.
 */
import type { Position } from "./position.ts";

export class Proof {
  /** The master had nothing more at this moment (Unix ms). */
  #provenAtMs = Number.NEGATIVE_INFINITY;
  /** When the question left that is on its way. */
  #askedAtMs: number | undefined;
  /** How far the master was, and when it was asked; not reached yet. */
  #goal: { readonly position: Position; readonly askedAtMs: number } | undefined;

  /** A question is on its way. */
  get isAsked(): boolean {
    return this.#askedAtMs !== undefined;
  }

  /** An answer was given that is not reached yet: a later one would only move the goal. */
  get isUnderWay(): boolean {
    return this.isAsked || this.#goal !== undefined;
  }

  asked(nowMs: number): void {
    this.#askedAtMs = nowMs;
  }

  /** The master's answer; without a position it proves nothing. */
  answered(position: Position | undefined): void {
    const askedAtMs = this.#askedAtMs;
    this.#askedAtMs = undefined;
    if (askedAtMs === undefined || position === undefined || this.#goal !== undefined) return;
    this.#goal = { position, askedAtMs };
  }

  /** When the master had nothing that is not here; `own` is where we are now. */
  provenAtMs(own: Position): number {
    const goal = this.#goal;
    if (goal === undefined) return this.#provenAtMs;
    const isSame = goal.position.id.toLowerCase() === own.id.toLowerCase();
    if (isSame && own.offset < goal.position.offset) return this.#provenAtMs;
    this.#goal = undefined;
    // A master that got another name has hung up on us too; what its answer means, nobody can tell.
    if (isSame) this.#provenAtMs = Math.max(this.#provenAtMs, goal.askedAtMs);
    return this.#provenAtMs;
  }

  /** The connection is gone: nothing more will be answered. What is proven stays so. */
  broken(): void {
    this.#askedAtMs = undefined;
    this.#goal = undefined;
  }

  /** Another master: what the last one had says nothing of what this one has. */
  forget(): void {
    this.broken();
    this.#provenAtMs = Number.NEGATIVE_INFINITY;
  }
}
