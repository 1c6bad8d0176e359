// npm run bench: measures ours, the floor and stock Redis in turns, and prints ratios (docs/measuring.md).

import { writeFileSync } from "node:fs";
import { flag, integer, list, readCommandLine, text } from "./lib/options.ts";
import type { Bench, Measurement } from "./lib/bench/measurement.ts";
import { MEASUREMENTS } from "./lib/bench/measurements.ts";
import { progressOn } from "./lib/bench/progress.ts";
import { reportOf } from "./lib/bench/report.ts";
import { Servers } from "./lib/bench/servers.ts";
import { isOnPath } from "./lib/on-path.ts";
import { type Section, tableOf } from "./lib/bench/table.ts";

const NAMES = MEASUREMENTS.map(({ name }) => name);
const ROUNDS = { full: 5, quick: 2 };
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
    json: text("FILE", "where to write the samples too"),
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

  const { json, quick: isQuick } = options;
  const rounds = options.rounds ?? (isQuick ? ROUNDS.quick : ROUNDS.full);
  const sections = await measure(measurements, { rounds, isQuick });
  process.stdout.write(`${tableOf(sections)}\n${noteOn({ rounds, isQuick })}\n`);
  if (json !== undefined) writeFileSync(json, reportOf(sections, { rounds, isQuick }));
}

async function measure(
  measurements: readonly Measurement[],
  { rounds, isQuick }: { rounds: number; isQuick: boolean },
): Promise<Section[]> {
  const progress = progressOn(process.stderr);
  const servers = await Servers.open();
  const bench: Bench = {
    servers,
    rounds,
    size: ({ full, quick }) => (isQuick ? quick : full),
    tell: (what) => progress.tell(what),
  };
  const sections: Section[] = [];
  try {
    for (const { name, what, run } of measurements) {
      progress.begin(name);
      sections.push({ name: `${name}: ${what}`, rows: await run(bench) });
      await servers.stopAll();
    }
  } catch (error) {
    const what = [error instanceof Error ? error.message : String(error), ...servers.deaths];
    throw new Error(what.join("; "), { cause: error });
  } finally {
    progress.end();
    await servers.close();
  }
  return sections;
}

function noteOn({ rounds, isQuick }: { rounds: number; isQuick: boolean }): string {
  const note = `Medians; ratios with their range over the rounds (${rounds}, fewer where it is slow).`;
  return isQuick ? `${note} A quick run: its figures are rough.` : note;
}

function chosen(only: readonly string[]): readonly Measurement[] {
  const unknown = only.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new Error(`--only wants some of ${NAMES.join(", ")}, not "${unknown}"`);
  }
  return MEASUREMENTS.filter(({ name }) => only.length === 0 || only.includes(name));
}
