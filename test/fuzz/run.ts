// npm run fuzz -- [--seconds 60] [--seed N]
//
// Without a seed it begins at one that differs each time; with one alone it plays that case again.

import { parseArgs } from "node:util";

import { fuzzCommandLines } from "./command-lines.ts";
import { fuzzDecoder } from "./decoder.ts";

const { values } = parseArgs({
  options: { seconds: { type: "string" }, seed: { type: "string" } },
});
const first = values.seed === undefined ? Date.now() % 2 ** 31 : Number(values.seed);
const isOne = values.seed !== undefined && values.seconds === undefined;
const seconds = isOne ? 0 : Number(values.seconds ?? 60);
if (!Number.isInteger(first) || !(seconds >= 0)) {
  process.stderr.write("usage: npm run fuzz -- [--seconds 60] [--seed N]\n");
  process.exit(1);
}

const untilMs = performance.now() + seconds * 1000;
let seed = first;
do {
  try {
    fuzzDecoder(seed);
    fuzzCommandLines(seed++);
  } catch (error) {
    process.stderr.write(`npm run fuzz -- --seed ${seed - 1} fails:\n`);
    throw error;
  }
} while (performance.now() < untilMs);
process.stdout.write(`${seed - first} cases from seed ${first}: all as they should be\n`);
