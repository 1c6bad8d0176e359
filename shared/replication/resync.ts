/** Can a replica continue from where it is, or must it load everything? One table decides. */
import type { History, Position } from "./position.ts";

/** What a replica asks for: to go on behind `offset` of history `id` (`?`: no history, full sync). */
export type Ask = Position;

export interface Source {
  readonly history: History;
  /** The part of the log still held. */
  readonly backlog: { readonly start: number; readonly end: number };
}

interface Refusal {
  readonly why: string;
  readonly applies: (ask: Ask, source: Source) => boolean;
}

// Saying "continue" wrongly leaves a gap that no one will ever notice; saying "full" wrongly costs one
// snapshot. So every doubt falls to full. The first row that applies names the reason.
const REFUSALS = [
  { why: "asked-for-full", applies: (ask) => ask.id === "?" },
  {
    why: "unknown-history",
    applies: (ask, { history }) => !same(ask.id, history.id) && !same(ask.id, history.previousId),
  },
  {
    why: "diverged",
    applies: (ask, { history }) => !same(ask.id, history.id) && ask.offset > history.previousUntil,
  },
  { why: "behind-backlog", applies: (ask, { backlog }) => ask.offset < backlog.start },
  { why: "ahead-of-master", applies: (ask, { backlog }) => ask.offset > backlog.end },
] as const satisfies readonly Refusal[];

export type RefusalReason = (typeof REFUSALS)[number]["why"];

export type Resync =
  | { readonly kind: "continue" }
  | { readonly kind: "full"; readonly why: RefusalReason };

/** The master's answer to a PSYNC. */
export function decideResync(ask: Ask, source: Source): Resync {
  for (const { why, applies } of REFUSALS) {
    if (!Number.isSafeInteger(ask.offset) || applies(ask, source)) return { kind: "full", why };
  }
  return { kind: "continue" };
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
