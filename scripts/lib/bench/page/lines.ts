// How a rate changes as something grows: one small chart a series, both axes by order of magnitude.

import { CONTESTANTS, type Contestant, type Row } from "../rows.ts";
import { summaryOf } from "../statistics.ts";
import { el, px, short, text } from "./markup.ts";

const WIDTH = 480;
const HEIGHT = 260;
const LEFT = 48;
const RIGHT = 14;
const TOP = 14;
const BOTTOM = 28;

type Drawn = { readonly x: number; readonly y: number; readonly shown: string };

/** Rows with a point, by series; undefined where there are none. */
export function lineCharts(rows: readonly Row[]): string | undefined {
  const series = Map.groupBy(
    rows.filter((row) => row.point !== undefined),
    (row) => row.point!.series,
  );
  if (series.size === 0) return undefined;
  const charts = [...series].map(([name, of]) => {
    return el("div", {}, el("h3", {}, text(`${name}, commands a second`)), chart(of));
  });
  return el("div", { class: "many" }, ...charts);
}

function chart(rows: readonly Row[]): string {
  const medians = rows.flatMap(({ samples }) =>
    CONTESTANTS.flatMap((name) => summaryOf(samples[name] ?? [])?.median ?? []),
  );
  const decades = {
    min: Math.floor(Math.log10(Math.min(...medians))),
    max: Math.ceil(Math.log10(Math.max(...medians))),
  };
  const y = (value: number): number => {
    const share = (Math.log10(value) - decades.min) / Math.max(1, decades.max - decades.min);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  // Steps are even: what grows does so by the same factor, or from none.
  const x = (i: number): number =>
    LEFT + 10 + (i / Math.max(1, rows.length - 1)) * (WIDTH - LEFT - RIGHT - 20);
  const frame = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" };
  const columns = rows.map((row, i) => {
    const at = { class: "axis", x: px(x(i)), y: HEIGHT - 8, "text-anchor": "middle" };
    return el("text", at, short(row.point!.x));
  });
  const curves = CONTESTANTS.toReversed().map((name) => {
    return curve(
      name,
      rows.flatMap((row, i) => pointOf(row, name, { x: x(i), y })),
    );
  });
  return el("svg", frame, grid(decades, y), ...columns, ...curves);
}

function pointOf(
  { what, samples }: Row,
  name: Contestant,
  at: { x: number; y: (value: number) => number },
): Drawn[] {
  const summary = summaryOf(samples[name] ?? []);
  if (summary === undefined) return [];
  const shown = `${what}, ${name}: ${Math.round(summary.median).toLocaleString("en-US")}/s`;
  return [{ x: at.x, y: at.y(summary.median), shown }];
}

function curve(name: Contestant, points: readonly Drawn[]): string {
  if (points.length === 0) return "";
  const line = points.map((point) => `${px(point.x)},${px(point.y)}`).join(" ");
  const dots = points.map(({ x, y, shown }) => {
    return el("circle", { class: name, cx: px(x), cy: px(y), r: 4 }, el("title", {}, text(shown)));
  });
  return el("polyline", { class: `${name} curve`, points: line }) + dots.join("");
}

function grid(decades: { min: number; max: number }, y: (value: number) => number): string {
  const lines: string[] = [];
  for (let decade = decades.min; decade <= decades.max; decade++) {
    const at = px(y(10 ** decade));
    const ends = { x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at };
    const label = { class: "axis", x: LEFT - 8, y: Number(at) + 4, "text-anchor": "end" };
    lines.push(el("line", { class: "grid", ...ends }), el("text", label, short(10 ** decade)));
  }
  return lines.join("");
}
