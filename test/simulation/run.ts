// npm run simulate -- [--seed 1] [--seeds 1] [--reads] [--verbose]
//
// Plays seeds one after the other; the first that fails ends it, with what is needed to look into it.
// With --reads those of the read checker (reads.ts).

import { parseArgs } from "node:util";

import { simulateReads } from "./reads.ts";
import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    reads: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  process.stderr.write(
    "usage: npm run simulate -- [--seed N] [--seeds COUNT] [--reads] [--verbose]\n",
  );
  process.exit(1);
}

const startMs = performance.now();
const sums = new Map<string, number>();
for (let seed = first; seed < first + count; seed++) {
  try {
    for (const [name, count] of play(seed)) sums.set(name, (sums.get(name) ?? 0) + count);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    const kind = values.reads ? "--reads " : "";
    process.stderr.write(`\nnpm run simulate -- ${kind}--seed ${seed} fails\n`);
    process.exit(1);
  }
}
const seconds = (performance.now() - startMs) / 1000;
const shown = [...sums].map(([name, sum]) => `${name} ${sum}`).join(", ");
process.stdout.write(`${count} seeds from ${first} in ${seconds.toFixed(1)} s: ${shown}\n`);

/** What a seed has seen, by name. */
function play(seed: number): Iterable<readonly [string, number]> {
  if (values.reads) return simulateReads(seed);
  const { syncs, ...counts } = simulate(seed, { isVerbose: values.verbose });
  return [...Object.entries(counts), ...syncs];
}
