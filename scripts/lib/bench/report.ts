// The result as a program reads it.

import { figureOf, isMet } from "./rows.ts";
import type { Section } from "./table.ts";

/** Which run it was. */
export type Run = {
  readonly rounds: number;
  readonly isQuick: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  /** What the reader must know: that something was not measured. */
  readonly warnings: readonly string[];
  /** What it ran on, and which versions of what. */
  readonly machine: Readonly<Record<string, string>>;
};

/** JSON: every sample, and the ratios made of them. */
export function reportOf(sections: readonly Section[], run: Run): string {
  const measurements = sections.map(({ name, what, chart, rows }) => ({
    name,
    what,
    chart,
    rows: rows.map((row) => ({
      ...row,
      ratios: { floor: figureOf(row, "ours/floor"), redis: figureOf(row, "ours/redis") },
      isMet: isMet(row),
    })),
  }));
  return `${JSON.stringify({ ...run, measurements }, undefined, 2)}\n`;
}
