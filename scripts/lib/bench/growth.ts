// Cost grows as work grows: commands a second with more keys, more connections, longer values.

import type { Bench } from "./measurement.ts";
import type { Row } from "./rows.ts";
import { type Cell, measure, start } from "./tcp.ts";

const TESTS = ["set", "get"] as const;
const KEYS = [1000, 10_000, 100_000, 1_000_000] as const;
const CONNECTIONS = [1, 10, 100, 1000] as const;
/** With clients fewer as values grow, so that what is under way fits any buffer. */
const VALUES = [
  { bytes: 10, clients: 50 },
  { bytes: 100, clients: 50 },
  { bytes: 1000, clients: 50 },
  { bytes: 10_000, clients: 50 },
  { bytes: 100_000, clients: 10 },
  { bytes: 1_000_000, clients: 4 },
] as const;
const ROUNDS_MAX = 3;

/** All keys are there. The floor has none. */
export async function overKeys(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const full of KEYS) {
    const keys = bench.size({ full, quick: full / 100 });
    const ports = await start(bench, keys);
    const cells = TESTS.map((test): Cell => {
      const point = { series: `${test.toUpperCase()} -c 50 -P 16`, x: keys };
      return { test, clients: 50, pipeline: 16, keys, by: ["ours", "redis"], point };
    });
    rows.push(...(await measure(bench, ports, cells, ROUNDS_MAX)));
    await bench.servers.stopAll();
  }
  return rows;
}

export async function overConnections(bench: Bench): Promise<Row[]> {
  const cells = CONNECTIONS.flatMap((full) =>
    TESTS.map((test): Cell => {
      const clients = bench.size({ full, quick: Math.min(full, 50) });
      return {
        test,
        clients,
        pipeline: 1,
        point: { series: `${test.toUpperCase()} -P 1`, x: clients },
      };
    }),
  );
  return await measure(bench, await start(bench), cells, ROUNDS_MAX);
}

export async function overValues(bench: Bench): Promise<Row[]> {
  const cells = VALUES.flatMap(({ bytes, clients }) =>
    TESTS.map((test): Cell => {
      const point = { series: `${test.toUpperCase()} -P 1`, x: bytes };
      return { test, clients, pipeline: 1, bytes, point };
    }),
  );
  return await measure(bench, await start(bench), cells, ROUNDS_MAX);
}
