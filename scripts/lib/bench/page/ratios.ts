// Ratios on a scale that doubles from line to line: right of the middle, ours is the faster one.

import { figureOf, isLess, type Row } from "../rows.ts";
import type { Summary } from "../statistics.ts";
import { el, px, text } from "./markup.ts";

const WIDTH = 1000;
const LABEL = 300;
const RIGHT = 70;
const ROW = 24;
const TOP = 26;
const DOT = 5;
const DOUBLINGS = { min: -5, max: 2 };

const BASES = ["floor", "redis"] as const;

/** Rows that have a ratio to show; undefined where there are none. */
export function ratioChart(rows: readonly Row[]): string | undefined {
  const shown = rows.filter((row) => BASES.some((base) => ratioOf(row, base) !== undefined));
  if (shown.length === 0) return undefined;
  const height = TOP + shown.length * ROW + 6;
  const frame = { viewBox: `0 0 ${WIDTH} ${height}`, role: "img" };
  return el("svg", frame, grid(height), ...shown.map((row, i) => line(row, TOP + i * ROW)));
}

/** How many times as fast ours is: of what should be small, the other way round. */
export function ratioOf(row: Row, base: (typeof BASES)[number]): Summary | undefined {
  if (row.unit === "×") return undefined;
  const ratio = figureOf(row, `ours/${base}`);
  if (ratio === undefined || !isLess(row.unit)) return ratio;
  return { median: 1 / ratio.median, min: 1 / ratio.max, max: 1 / ratio.min };
}

function x(ratio: number): number {
  const { min, max } = DOUBLINGS;
  const at = Math.min(max, Math.max(min, Math.log2(ratio)));
  return LABEL + ((at - min) / (max - min)) * (WIDTH - LABEL - RIGHT);
}

function grid(height: number): string {
  const { min, max } = DOUBLINGS;
  const wash = { class: "wash", x: px(x(1)), y: TOP - 4, height: height - TOP };
  const faster = el("rect", { ...wash, width: px(x(2 ** max) - x(1)) });
  const lines = Array.from({ length: max - min + 1 }, (_, i) => {
    const doublings = min + i;
    const at = px(x(2 ** doublings));
    const name = doublings < 0 ? `1/${2 ** -doublings}` : `${2 ** doublings}×`;
    const ends = { x1: at, x2: at, y1: TOP - 4, y2: height - 4 };
    const label = { class: "axis", x: at, y: 14, "text-anchor": "middle" };
    return (
      el("line", { class: doublings === 0 ? "one" : "grid", ...ends }) + el("text", label, name)
    );
  });
  return faster + lines.join("");
}

function line(row: Row, top: number): string {
  const y = top + ROW / 2;
  const label = el("text", { x: 0, y: y + 4 }, text(row.what));
  const marks = BASES.map((base) => {
    const ratio = ratioOf(row, base);
    if (ratio === undefined) return "";
    const ends = { x1: px(x(ratio.min)), x2: px(x(ratio.max)), y1: y, y2: y };
    const whisker = el("line", { class: `${base} whisker`, ...ends });
    const range = `${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)}`;
    const said = el(
      "title",
      {},
      text(`${row.what}: ${ratio.median.toFixed(2)} × ${base} (${range})`),
    );
    return whisker + el("circle", { class: base, cx: px(x(ratio.median)), cy: y, r: DOT }, said);
  });
  const shown = ratioOf(row, "redis") ?? ratioOf(row, "floor");
  const value = el(
    "text",
    { x: WIDTH, y: y + 4, "text-anchor": "end" },
    `${shown?.median.toFixed(2)}×`,
  );
  return label + marks.join("") + value;
}
