// Figures beside each other: one bar for each who has one. Rows of a series share a scale; others have their own.

import { CONTESTANTS, isLess, type Row } from "../rows.ts";
import { summaryOf } from "../statistics.ts";
import { numberOf } from "../table.ts";
import { el, px, text } from "./markup.ts";

const WIDTH = 1000;
const LABEL = 330;
const RIGHT = 120;
const BAR = 13;
const GAP = 9;

/** Undefined where there is nothing to draw. */
export function barCharts(rows: readonly Row[]): string | undefined {
  const drawn = rows.filter((row) => row.unit !== "×");
  if (drawn.length === 0) return undefined;
  const groups = Map.groupBy(drawn, (row) => row.point?.series ?? "");
  const charts = [...groups].map(([series, of]) => {
    const title = series === "" ? "" : el("h3", {}, text(`${series} per million commands`));
    const scale = series === "" ? undefined : Math.max(...of.map(greatest));
    return title + chart(of, { series, scale });
  });
  return charts.join("");
}

function chart(
  rows: readonly Row[],
  { series, scale }: { series: string; scale: number | undefined },
): string {
  let top = 4;
  const lines = rows.map((row) => {
    const bars = barsOf(row, { top, scale: scale ?? greatest(row) });
    const hint =
      series === "" ? `, ${row.unit}, ${isLess(row.unit) ? "less" : "more"} is better` : "";
    const label = series === "" ? row.what : row.what.replace(`: ${series}`, "");
    const middle = top + (bars.length * BAR) / 2 + 4;
    top += bars.length * BAR + GAP;
    const said = el("title", {}, text(label + hint));
    return el("text", { x: 0, y: px(middle) }, said, text(label)) + bars.join("");
  });
  return el("svg", { viewBox: `0 0 ${WIDTH} ${top}`, role: "img" }, ...lines);
}

function barsOf({ unit, samples }: Row, at: { top: number; scale: number }): string[] {
  const bars: string[] = [];
  for (const name of CONTESTANTS) {
    const summary = summaryOf(samples[name] ?? []);
    if (summary === undefined) continue;
    const y = at.top + bars.length * BAR;
    const width = Math.max(2, (summary.median / (at.scale || 1)) * (WIDTH - LABEL - RIGHT));
    const frame = { x: LABEL, y: y + 1, width: px(width), height: BAR - 2, rx: 2 };
    const range = `${name}: ${numberOf(summary.min)}–${numberOf(summary.max)} ${unit}`;
    const bar = el("rect", { class: `${name} bar`, ...frame }, el("title", {}, text(range)));
    const value =
      unit === "$" ? `$${numberOf(summary.median)}` : `${numberOf(summary.median)} ${unit}`;
    bars.push(
      bar + el("text", { x: px(LABEL + width + 8), y: y + BAR - 2, class: "axis" }, text(value)),
    );
  }
  return bars;
}

function greatest({ samples }: Row): number {
  return Math.max(...CONTESTANTS.map((name) => summaryOf(samples[name] ?? [])?.median ?? 0));
}
