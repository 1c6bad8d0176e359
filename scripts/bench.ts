// npm run bench: measures ours, the floor and stock Redis in turns, and prints ratios (docs/measuring.md).

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { flag, integer, list, readCommandLine, text } from "./lib/options.ts";
import type { Bench, Measurement } from "./lib/bench/measurement.ts";
import { MEASUREMENTS } from "./lib/bench/measurements.ts";
import { progressOn } from "./lib/bench/progress.ts";
import { machineNow } from "./lib/bench/machine.ts";
import { pageOf } from "./lib/bench/page/page.ts";
import { reportOf, type Run } from "./lib/bench/report.ts";
import { Servers } from "./lib/bench/servers.ts";
import { isOnPath } from "./lib/on-path.ts";
import { type Section, tableOf } from "./lib/bench/table.ts";

const NAMES = MEASUREMENTS.map(({ name }) => name);
const ROUNDS = { full: 3, quick: 2 };
/** About 0.2 s of a load say as much as more do: rounds are what cancels the machine's moods. */
const RUN_SECONDS = { full: 0.2, quick: 0.02 };
/** What a run of everything leaves for the next reader. */
const FILES = { json: "bench/report.json", page: "bench/report.html" };
/** How much longer than planned is as planned; before the first minute is over nobody can tell. */
const LATE_MAX = 1.2;
const LATE_FROM_SECONDS = 60;
const PROGRAMS = ["redis-server", "redis-benchmark"];

const { options } = readCommandLine({
  name: "npm run bench --",
  summary: "Measures this database against its platform and against stock Redis.",
  options: {
    only: list("NAMES", `some of ${NAMES.join(", ")}`),
    rounds: integer("N", `how often each is measured (${ROUNDS.full}, quick ${ROUNDS.quick})`, {
      min: 1,
      max: 100,
    }),
    quick: flag("everything small: about a minute, and less to be trusted"),
    json: text("FILE", `where to write the samples (all of a full run: ${FILES.json})`),
    page: text("FILE", `where to write charts of them, as HTML (all of a full run: ${FILES.page})`),
  },
});

try {
  await main();
} catch (error) {
  process.stderr.write(
    `npm run bench: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const measurements = chosen(options.only);
  const missing = PROGRAMS.filter((program) => !isOnPath(program));
  if (missing.length > 0) throw new Error(`needs ${missing.join(" and ")} on the PATH`);

  const { quick: isQuick } = options;
  const rounds = options.rounds ?? (isQuick ? ROUNDS.quick : ROUNDS.full);
  const startedAt = new Date();
  const { sections, warnings } = await measure(measurements, { rounds, isQuick });
  const seconds = Math.round((Date.now() - startedAt.getTime()) / 1000);
  const machine = machineNow();
  const run = { rounds, isQuick, startedAt: startedAt.toISOString(), seconds, warnings, machine };
  process.stdout.write(`${tableOf(sections)}\n${noteOn(run)}\n`);
  write(sections, run);
}

async function measure(
  measurements: readonly Measurement[],
  { rounds, isQuick }: { rounds: number; isQuick: boolean },
): Promise<{ sections: Section[]; warnings: string[] }> {
  const progress = progressOn(process.stderr, measurements);
  const servers = await Servers.open();
  const warnings: string[] = [];
  const bench: Bench = {
    servers,
    rounds,
    filled: new Map(),
    runSeconds: isQuick ? RUN_SECONDS.quick : RUN_SECONDS.full,
    size: ({ full, quick }) => (isQuick ? quick : full),
    tell: (what) => progress.tell(what),
    warn: (what) => warnings.push(what),
  };
  const sections: Section[] = [];
  const startedMs = performance.now();
  let planned = 0;
  try {
    for (const { name, what, chart, run, seconds } of measurements) {
      progress.begin(name);
      const late = (performance.now() - startedMs) / 1000 / Math.max(LATE_FROM_SECONDS, planned);
      const fewer = fewerRounds(rounds, options.rounds === undefined ? late : 1);
      if (fewer < rounds) warnings.push(`the machine is slow: ${name} has ${fewer} rounds`);
      sections.push({ name, what, chart, rows: await run({ ...bench, rounds: fewer }) });
      planned += seconds;
      await servers.stopAll();
    }
  } catch (error) {
    const what = [error instanceof Error ? error.message : String(error), ...servers.deaths];
    throw new Error(what.join("; "), { cause: error });
  } finally {
    progress.end();
    await servers.close();
  }
  return { sections, warnings };
}

/** On a machine that takes longer than planned, so that all of it stays under ten minutes. */
function fewerRounds(rounds: number, late: number): number {
  return late <= LATE_MAX ? rounds : Math.max(1, Math.floor(rounds / late));
}

/** A part of it, or a quick look, must not take the place of all. */
function write(sections: readonly Section[], run: Run): void {
  const isWhole = !run.isQuick && sections.length === MEASUREMENTS.length;
  const { json = isWhole ? fromRoot(FILES.json) : undefined } = options;
  const { page = isWhole ? fromRoot(FILES.page) : undefined } = options;
  if (json !== undefined) writeFileSync(json, reportOf(sections, run));
  if (page !== undefined) writeFileSync(page, pageOf(sections, run));
}

function fromRoot(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url));
}

function noteOn({ rounds, isQuick, seconds, warnings }: Run): string {
  const lines = [
    `Medians; ratios with their range over the rounds (${rounds}, fewer where it is slow); ${seconds} s.`,
    ...(isQuick ? ["A quick run: its figures are rough."] : []),
    ...warnings.map((warning) => `NOTE: ${warning}`),
  ];
  return lines.join("\n");
}

function chosen(only: readonly string[]): readonly Measurement[] {
  const unknown = only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--only wants some of ${NAMES.join(", ")}, not "${unknown}"`);
  }
  return MEASUREMENTS.filter(({ name }) => only.length === 0 || only.includes(name));
}
