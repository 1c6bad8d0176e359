// The result as a program reads it.

import { figureOf, isMet } from "./rows.ts";
import type { Section } from "./table.ts";

/** JSON: every sample, and the ratios made of them. */
export function reportOf(
  sections: readonly Section[],
  run: { readonly rounds: number; readonly isQuick: boolean },
): string {
  const measurements = sections.map(({ name, rows }) => ({
    name: name.split(":", 1)[0],
    rows: rows.map((row) => ({
      ...row,
      ratios: { floor: figureOf(row, "ours/floor"), redis: figureOf(row, "ours/redis") },
      isMet: isMet(row),
    })),
  }));
  return `${JSON.stringify({ ...run, measurements }, undefined, 2)}\n`;
}
