// npm run differential -- [--seed 1] [--count 1000000] [--against redis|replica] [--groups hash,set]
//
// Programs by chance, one after the other, from the seed on. The first that goes wrong is made short and
// shown as a transcript; `--seed N --count 1` plays it again.

import { parseArgs } from "node:util";

import { play } from "./play.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1000000" },
    against: { type: "string", default: "redis" },
    groups: { type: "string", default: "" },
  },
});
const seed = Number(values.seed);
const count = Number(values.count);
const { against } = values;
const isKnown = against === "redis" || against === "replica";
if (!Number.isInteger(seed) || !(count >= 1) || !isKnown) {
  process.stderr.write(
    "usage: npm run differential -- [--seed N] [--count COMMANDS] [--against redis|replica] [--groups A,B]\n",
  );
  process.exit(1);
}

const startMs = performance.now();
const groups = values.groups === "" ? [] : values.groups.split(",");
const outcome = await play({
  seed,
  count,
  against,
  groups,
  onProgress: (played) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${played} commands`);
  },
});
const seconds = (performance.now() - startMs) / 1000;
if (outcome.failure === undefined) {
  const rate = Math.round(outcome.commands / seconds);
  process.stdout.write(
    `${outcome.commands} commands from seed ${seed} against ${against} in ${seconds.toFixed(1)} s ` +
      `(${rate}/s): no difference\n`,
  );
} else {
  process.stderr.write(`\n${outcome.failure}\n`);
  process.exit(1);
}
