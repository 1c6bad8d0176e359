// npm run simulate -- [--seed 1] [--seeds 1] [--verbose]
//
// Plays seeds one after the other; the first that fails ends it, with what is needed to look into it.

import { parseArgs } from "node:util";

import { simulate } from "./simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
});
const first = Number(values.seed);
const count = Number(values.seeds);
if (!Number.isInteger(first) || !Number.isInteger(count) || count < 1) {
  process.stderr.write("usage: npm run simulate -- [--seed N] [--seeds COUNT] [--verbose]\n");
  process.exit(1);
}

const startMs = performance.now();
const sums = { events: 0, replies: 0, writes: 0, waits: 0 };
const syncs = new Map<string, number>();
for (let seed = first; seed < first + count; seed++) {
  try {
    const outcome = simulate(seed, { isVerbose: values.verbose });
    for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += outcome[name];
    for (const [why, times] of outcome.syncs) syncs.set(why, (syncs.get(why) ?? 0) + times);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.stderr.write(`\nnpm run simulate -- --seed ${seed} fails\n`);
    process.exit(1);
  }
}
const seconds = (performance.now() - startMs) / 1000;
const shown = [...Object.entries(sums), ...syncs].map(([name, sum]) => `${name} ${sum}`).join(", ");
process.stdout.write(`${count} seeds from ${first} in ${seconds.toFixed(1)} s: ${shown}\n`);
