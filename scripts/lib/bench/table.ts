// The result as a person reads it.

import type { Chart } from "./measurement.ts";
import { CONTESTANTS, figureOf, isMet, type Row } from "./rows.ts";
import { type Summary, summaryOf } from "./statistics.ts";

export type Section = {
  readonly name: string;
  readonly what: string;
  readonly chart: Chart;
  readonly rows: readonly Row[];
};

export const HEAD = ["", "", ...CONTESTANTS, "ours/floor", "ours/redis", "target"] as const;
const DECIMALS_MAX = 3;
/** The columns of text; numbers stand at the right. */
const LEFT: readonly number[] = [0, 1, 7];

/** One line a row, under the name of its measurement; ratios are medians with the range of the rounds. */
export function tableOf(sections: readonly Section[]): string {
  const lines = sections.map(({ name, what, rows }) => {
    return { name: `${name}: ${what}`, cells: rows.map(cellsOf) };
  });
  const all = [HEAD, ...lines.flatMap(({ cells }) => cells)];
  const widths = HEAD.map((_, i) => Math.max(...all.map((cells) => cells[i]!.length)));
  const lineOf = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => {
      return LEFT.includes(i) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
    });
    return `  ${padded.join("  ")}`.trimEnd();
  };
  const blocks = lines.map(({ name, cells }) => [name, ...cells.map(lineOf)].join("\n"));
  return `${[lineOf(HEAD), ...blocks].join("\n")}\n`;
}

/** A row as text, by the columns of `HEAD`. */
export function cellsOf(row: Row): string[] {
  const values = CONTESTANTS.map((contestant) => {
    const summary = summaryOf(row.samples[contestant] ?? []);
    return summary === undefined ? "" : numberOf(summary.median);
  });
  const ratios = [figureOf(row, "ours/floor"), figureOf(row, "ours/redis")].map((summary) => {
    return row.unit === "×" ? "" : ratioOf(summary); // a ratio of ratios would say nothing
  });
  return [row.what, row.unit, ...values, ...ratios, targetOf(row)];
}

/** Three digits that count, as more of them would be noise. */
export function numberOf(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const magnitude = rounded === 0 ? 2 : Math.floor(Math.log10(Math.abs(rounded)));
  const digits = Math.min(DECIMALS_MAX, Math.max(0, 2 - magnitude));
  return rounded.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function ratioOf(summary: Summary | undefined): string {
  if (summary === undefined) return "";
  const { median, min, max } = summary;
  return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
}

function targetOf(row: Row): string {
  if (row.target === undefined) return "";
  const { of, is, limit } = row.target;
  const wanted = `${of} ${is === "at least" ? "≥" : "≤"} ${limit}`;
  const isReached = isMet(row);
  if (isReached === undefined) return wanted;
  return `${wanted}: ${isReached ? "met" : "MISSED"}`;
}
