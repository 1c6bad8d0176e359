// What a measurement is given, and what it gives.

import type { Filled } from "./filled.ts";
import type { Row } from "./rows.ts";
import type { Servers } from "./servers.ts";

export type Bench = {
  /** All that a measurement starts is stopped behind it. */
  readonly servers: Servers;
  readonly rounds: number;
  /** Data that was written before, by what it is (filled.ts). */
  readonly filled: Map<string, Filled>;
  /** How long one run of a load should take. */
  readonly runSeconds: number;
  /** `full`, or `quick` in a quick run. */
  size<T>(sizes: { readonly full: T; readonly quick: T }): T;
  /** What happens now, in a few words. */
  tell(what: string): void;
  /** What the reader must know of the result: that something could not be measured. */
  warn(what: string): void;
};

/** How the page draws a measurement: ratios on a scale, lines over `Point.x`, or bars. */
export type Chart = "ratios" | "lines" | "bars";

export type Measurement = {
  /** As `--only` wants it. */
  readonly name: string;
  /** One line, for --help's readers and above its rows. */
  readonly what: string;
  readonly chart: Chart;
  /** What it takes on a quiet machine with two cores, for the progress line. */
  readonly seconds: number;
  run(bench: Bench): Promise<Row[]>;
};
