// The result as a page to look at: one file, no network, and no script either.

import type { Chart } from "../measurement.ts";
import type { Run } from "../report.ts";
import { figureOf, isMet, type Row } from "../rows.ts";
import { cellsOf, HEAD, numberOf, type Section } from "../table.ts";
import { barCharts } from "./bars.ts";
import { lineCharts } from "./lines.ts";
import { el, text } from "./markup.ts";
import { ratioChart } from "./ratios.ts";
import { STYLE } from "./style.ts";

/** Each draws what it can of some rows. */
const CHARTS: Readonly<Record<Chart, (rows: readonly Row[]) => string | undefined>> = {
  ratios: ratioChart,
  lines: lineCharts,
  bars: barCharts,
};

const LEGEND = [
  ["ours", "Antipode under workerd"],
  ["redis", "redis-server, appendfsync always (over HTTP: webdis before it)"],
  ["floor", "the platform alone: an object that answers +OK"],
] as const;

export function pageOf(sections: readonly Section[], run: Run): string {
  const rows = sections.flatMap((section) => section.rows.map((row) => ({ section, row })));
  const asked = rows.filter(({ row }) => isMet(row) !== undefined);
  const body = [
    ...headOf(run),
    el("div", { class: "tiles" }, ...asked.map(({ section, row }) => tileOf(section, row))),
    ...sections.map(sectionOf),
  ];
  const head = [
    `<meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width, initial-scale=1">`,
    el("title", {}, "Antipode, measured"),
    el("style", {}, STYLE),
  ];
  const html = el("head", {}, ...head) + el("body", {}, el("main", {}, ...body));
  return `<!doctype html>\n${el("html", { lang: "en" }, html)}\n`;
}

function headOf({ startedAt, rounds, seconds, isQuick, machine, warnings }: Run): string[] {
  const facts = Object.entries(machine).map(([name, value]) => `${name} ${value}`);
  const when = `${startedAt.slice(0, 16).replace("T", " ")} UTC`;
  const how = `${when}, ${Math.round(seconds / 60)} minutes, up to ${rounds} rounds each`;
  const promise =
    "Every write is on the disk before it is answered, here and in Redis. All ran on the same machine, in turns; " +
    "trust the ratios.";
  const notes = [...warnings];
  if (isQuick) notes.unshift("A quick run: its figures are rough.");
  const legend = LEGEND.map(([name, what]) => {
    return el("span", {}, el("i", { style: `background: var(--${name})` }), text(what));
  });
  return [
    el("h1", {}, "Antipode, measured"),
    el("p", {}, text(promise)),
    el("p", { class: "quiet" }, text(`${how} · ${facts.join(" · ")}`)),
    ...notes.map((note) => el("p", { class: "warning" }, text(note))),
    el("div", { class: "legend" }, ...legend),
  ];
}

/** A target: how far it is, and whether that is enough. */
function tileOf({ name }: Section, row: Row): string {
  const { of, is, limit } = row.target!;
  const value = figureOf(row, of)!.median;
  const share = is === "at least" ? value / limit : limit / value;
  const width = `width: ${Math.round(Math.min(1, share) * 100)}%`;
  const unit = of === "ours" && row.unit !== "×" ? ` ${row.unit}` : "×";
  const wanted = `${of}, ${is} ${limit}`;
  return el(
    "div",
    { class: `tile ${isMet(row) === true ? "met" : "missed"}` },
    el("b", {}, text(`${numberOf(value)}${unit}`)),
    el("div", { class: "bar" }, el("i", { style: width })),
    el("small", {}, text(`${name}: ${row.what}`)),
    el("small", {}, text(wanted)),
  );
}

function sectionOf({ name, what, chart, rows }: Section): string {
  const drawn = CHARTS[chart](rows) ?? "";
  const hint =
    chart === "ratios" ? ". Each dot: how many times as fast as the one of its colour" : "";
  const heading = el("h2", { id: name }, text(name));
  return el(
    "section",
    {},
    heading,
    el("p", { class: "quiet" }, text(what + hint)),
    drawn,
    tableOf(rows),
  );
}

function tableOf(rows: readonly Row[]): string {
  const line = (tag: string, cells: readonly string[]): string =>
    el("tr", {}, ...cells.map((cell) => el(tag, {}, text(cell))));
  const table = el("table", {}, line("th", HEAD), ...rows.map((row) => line("td", cellsOf(row))));
  return el(
    "details",
    {},
    el("summary", {}, `${rows.length} figures`),
    el("div", { class: "scroll" }, table),
  );
}
