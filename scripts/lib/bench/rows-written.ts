// What a deployment pays for: rows written ($1 a million), log and checkpoints together.

import { checkpointed } from "./checkpointed.ts";
import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import type { Row } from "./rows.ts";

const CASES = [
  { what: "SET, 1 client", test: "set", clients: 1, pipeline: 1, requests: 10_000 },
  { what: "SET, 50 clients", test: "set", clients: 50, pipeline: 1, requests: 25_000 },
  { what: "SET, 50 clients × 16", test: "set", clients: 50, pipeline: 16, requests: 200_000 },
  {
    what: "SET, 50 clients × 16, 100,000 keys",
    test: "set",
    clients: 50,
    pipeline: 16,
    requests: 200_000,
    keys: 100_000,
  },
  { what: "GET, 50 clients", test: "get", clients: 50, pipeline: 1, requests: 25_000 },
] as const;

export async function rowsWritten(bench: Bench): Promise<Row[]> {
  const { port } = await bench.servers.ours();
  const rows: Row[] = [];
  for (const { what, test, requests: full, ...load } of CASES) {
    bench.tell(what);
    const requests = bench.size({ full, quick: full / 20 });
    const before = await checkpointed(port);
    await redisBenchmark(port, { ...load, tests: [test], requests });
    const written = (await checkpointed(port)) - before;
    rows.push({ what, unit: "rows", samples: { ours: [(written / requests) * 1000] } });
  }
  return rows;
}
