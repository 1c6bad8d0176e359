// A row of the result: samples of one figure, by who was measured, and what is asked of it.

import { ratiosOf, type Summary, summaryOf } from "./statistics.ts";

/** Ours, the platform without an engine, and stock Redis with the same promise. */
export const CONTESTANTS = ["ours", "floor", "redis"] as const;
export type Contestant = (typeof CONTESTANTS)[number];

/** One sample a round, in the order of the rounds. */
export type Samples = Readonly<Partial<Record<Contestant, readonly number[]>>>;

/** A figure asked for by an issue, of our own value or of a ratio. */
export type Target = {
  readonly of: "ours" | "ours/floor" | "ours/redis";
  readonly is: "at least" | "at most";
  readonly limit: number;
};

/** Where a row stands in a chart of lines or bars. */
export type Point = {
  /** Rows of one series are one line, or one group of bars. */
  readonly series: string;
  readonly x: number;
};

/** "×" where the samples are ratios themselves. */
export type Unit = "/s" | "ms" | "s" | "rows" | "requests" | "$" | "MB" | "bytes" | "×";

export type Row = {
  readonly what: string;
  readonly unit: Unit;
  readonly samples: Samples;
  readonly target?: Target | undefined;
  readonly point?: Point | undefined;
};

/** Whether less of it is better. */
export function isLess(unit: Unit): boolean {
  return unit !== "/s" && unit !== "×";
}

/** A value of ours, or a median of the rounds' ratios; undefined where a side was not measured. */
export function figureOf({ samples }: Row, of: Target["of"]): Summary | undefined {
  const { ours = [], floor = [], redis = [] } = samples;
  if (of === "ours") return summaryOf(ours);
  return summaryOf(ratiosOf(ours, of === "ours/floor" ? floor : redis));
}

/** Undefined without a target, or without the figure it is about. */
export function isMet(row: Row): boolean | undefined {
  if (row.target === undefined) return undefined;
  const { of, is, limit } = row.target;
  const figure = figureOf(row, of);
  if (figure === undefined) return undefined;
  return is === "at least" ? figure.median >= limit : figure.median <= limit;
}
