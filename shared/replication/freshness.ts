/**
 * How fresh a read must be (DESIGN §6), and whether a node can answer it now: one decision table. What a
 * replica knows of its freshness is proven by its link (link.ts, `Proof`), never assumed.
 */
import { parseInteger } from "../base/numbers.ts";
import type { History, Position } from "./position.ts";

export type Contract =
  /** As the master has it. */
  | { readonly kind: "strong" }
  /** Not older than what the caller has seen. */
  | { readonly kind: "token" }
  /** Not older than so many milliseconds, nor than what the caller has seen. */
  | { readonly kind: "max-lag"; readonly lagMaxMs: number }
  /** Whatever is near, and never waits for something new; still not older than what the caller has seen. */
  | { readonly kind: "any" };

/** What a read asks of the node that answers it. It is JSON. */
export interface Ask {
  readonly contract: Contract;
  /** What the caller has seen; undefined: nothing. */
  readonly seen: Position | undefined;
}

/** What a node knows of itself. */
export interface Standing {
  readonly isMaster: boolean;
  /** A replica: what it holds came from the master it follows. */
  readonly isFilled: boolean;
  /** A replica that clients wrote to: what it holds is nobody's history. */
  readonly isDiverged: boolean;
  readonly history: History;
  /** What reads see: behind the last effect applied. */
  readonly offset: number;
  /** The master had nothing more at this moment (Unix ms of our own clock); -Infinity: never in this life. */
  readonly provenAtMs: number;
  /** The master can be asked how far it is: it is one of ours. */
  readonly isProvable: boolean;
  /** The link is up, or has not failed yet since it was asked to come up. */
  readonly isInTouch: boolean;
  /** The link was up in this life of the node: it has not just woken with what it had before. */
  readonly isCaughtUp: boolean;
}

export type Verdict =
  | { readonly at: "now" }
  /** Ask again when something has come from the master: data, or the answer to how far it is. */
  | { readonly at: "wait"; readonly for: "data" | "proof" }
  /** The master must answer. */
  | { readonly at: "forward"; readonly why: string };

const NOW: Verdict = { at: "now" };

/** What cannot be answered by a replica, however long it waits. */
const REFUSALS = [
  { why: "no-data", applies: (_ask, { isFilled }) => !isFilled },
  { why: "diverged", applies: (_ask, { isDiverged }) => isDiverged },
  { why: "strong", applies: ({ contract }) => contract.kind === "strong" },
  { why: "other-history", applies: ({ seen }, node) => seen !== undefined && !knows(node, seen) },
] as const satisfies readonly Row[];

/** What a replica may be able to answer once it has caught up. */
const LACKS = [
  { why: "behind", applies: ({ seen }, { offset }) => seen !== undefined && seen.offset > offset },
  {
    why: "stale",
    applies: ({ contract }, { provenAtMs }, askedAtMs) =>
      contract.kind === "max-lag" && !(askedAtMs - provenAtMs <= contract.lagMaxMs),
  },
  // It has slept, perhaps for days. Nobody has asked for more than what it has, but it is worth a moment.
  { why: "asleep", applies: ({ seen }, { isCaughtUp }) => seen === undefined && !isCaughtUp },
] as const satisfies readonly Row[];

interface Row {
  readonly why: string;
  readonly applies: (ask: Ask, node: Standing, askedAtMs: number) => boolean;
}

/**
 * Whether a node may answer a read now, should wait, or must leave it to the master. How old an answer may
 * be counts from when it was asked: what is proven while it waits is fresh for it.
 */
export function decide(ask: Ask, node: Standing, askedAtMs: number): Verdict {
  // Nobody has more. A token of a history that is no more cannot be honoured by anyone.
  if (node.isMaster) return NOW;
  const refusal = REFUSALS.find(({ applies }) => applies(ask, node));
  if (refusal !== undefined) return { at: "forward", why: refusal.why };
  const lack = LACKS.find(({ applies }) => applies(ask, node, askedAtMs));
  if (lack === undefined) return NOW;
  const canCatchUp = node.isInTouch && (lack.why !== "stale" || node.isProvable);
  const mayWait = lack.why !== "behind" || ask.contract.kind !== "any";
  if (!canCatchUp || !mayWait) return whenLate(ask, node, askedAtMs);
  return { at: "wait", for: lack.why === "behind" ? "data" : "proof" };
}

/** The same when there is no time left to wait. */
export function whenLate(ask: Ask, node: Standing, askedAtMs: number): Verdict {
  if (node.isMaster) return NOW;
  const refusal = REFUSALS.find(({ applies }) => applies(ask, node));
  if (refusal !== undefined) return { at: "forward", why: refusal.why };
  const lack = LACKS.find(({ applies }) => applies(ask, node, askedAtMs));
  // Without the master, `any` is what is here.
  return lack === undefined || lack.why === "asleep" ? NOW : { at: "forward", why: lack.why };
}

/** Whether a position is one of the node's history, or of the one it grew out of, as far as that is the same. */
function knows({ history }: Standing, { id, offset }: Position): boolean {
  const name = id.toLowerCase();
  if (name === history.id.toLowerCase()) return true;
  return name === history.previousId.toLowerCase() && offset <= history.previousUntil;
}

// -- as texts ----------------------------------------------------------------------------------------

/** `strong`, `token`, `any` or `max-lag=500`; undefined: it is none. */
export function parseContract(text: string): Contract | undefined {
  const [kind, value, ...more] = text.trim().toLowerCase().split("=");
  if (value === undefined) {
    return kind === "strong" || kind === "token" || kind === "any" ? { kind } : undefined;
  }
  const lagMaxMs = parseInteger(value);
  const isLag = typeof lagMaxMs === "number" && Number.isSafeInteger(lagMaxMs) && lagMaxMs >= 0;
  return kind === "max-lag" && more.length === 0 && isLag ? { kind, lagMaxMs } : undefined;
}

/** As `parseContract` takes it. */
export function contractText(contract: Contract): string {
  return contract.kind === "max-lag" ? `max-lag=${contract.lagMaxMs}` : contract.kind;
}

/** `history:offset`. */
export function positionText({ id, offset }: Position): string {
  return `${id}:${offset}`;
}

/**
 * What a caller says it has seen: a position as `positionText` wrote it, undefined for nothing. Any other
 * text is one of a history that nobody knows, and so for the master.
 */
export function parseSeen(text: string): Position | undefined {
  const trimmed = text.trim();
  if (trimmed === "") return undefined;
  const [id, offset, ...more] = trimmed.split(":");
  const number = parseInteger(offset ?? "");
  const isPosition =
    /^[0-9a-f]{40}$/i.test(id!) && typeof number === "number" && number >= 0 && more.length === 0;
  return isPosition ? { id: id!, offset: number } : { id: "", offset: 0 };
}
