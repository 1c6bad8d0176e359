// One cell of a matrix: a load that each contestant carries in turn, as long as the others.

import type { Bench } from "./measurement.ts";
import { interleave, pick } from "./rounds.ts";
import type { Contestant } from "./rows.ts";

/** Carries so many requests and says how many a second. */
export type Carry = (requests: number) => Promise<number>;

type Cell = {
  readonly title: string;
  /** Requests that no run has fewer of: a batch of every client. */
  readonly least: number;
  /** No more rounds than these, where there are many cells. */
  readonly roundsMax?: number;
};

/** Beyond this a run says nothing new. */
const REQUESTS_MAX = 2_000_000;
const FIRST_REQUESTS = 1000;

/**
 * Rates by contestant, a sample a round. A short run that is not counted comes first: it warms up what V8
 * compiles, and tells how many requests fill `bench.runSeconds`, so that nobody's run is shorter than noise.
 */
export async function rates<Name extends Contestant>(
  bench: Bench,
  { title, least, roundsMax = Number.POSITIVE_INFINITY }: Cell,
  carries: Readonly<Record<Name, Carry>>,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(carries) as Name[];
  const turns = {} as Record<Name, (round: number) => Promise<{ rate: number }>>;
  const rounds = Math.min(bench.rounds, roundsMax);
  for (const name of names) {
    bench.tell(`${title}, warming up`);
    const carry = carries[name];
    const rate = await carry(Math.max(least, bench.size({ full: FIRST_REQUESTS, quick: 200 })));
    const requests = Math.min(REQUESTS_MAX, Math.max(least, Math.round(rate * bench.runSeconds)));
    turns[name] = async (round) => {
      bench.tell(`${title}, round ${round + 1} of ${rounds}`);
      return { rate: await carry(requests) };
    };
  }
  return pick(await interleave(turns, { rounds }), "rate");
}
