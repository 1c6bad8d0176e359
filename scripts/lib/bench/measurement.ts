// What a measurement is given, and what it gives.

import type { Row } from "./rows.ts";
import type { Servers } from "./servers.ts";

export type Bench = {
  /** All that a measurement starts is stopped behind it. */
  readonly servers: Servers;
  readonly rounds: number;
  /** `full`, or `quick` in a quick run. */
  size(sizes: { readonly full: number; readonly quick: number }): number;
  /** What happens now, in a few words. */
  tell(what: string): void;
};

export type Measurement = {
  /** As `--only` wants it. */
  readonly name: string;
  /** One line, for --help's readers and above its rows. */
  readonly what: string;
  run(bench: Bench): Promise<Row[]>;
};
