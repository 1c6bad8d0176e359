// The same load over WebSockets, one and many, a batch in each message. Against the floor only: Redis has none.

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { type Carry, rates } from "./cells.ts";
import { fill, keyOf } from "./client.ts";
import type { Bench } from "./measurement.ts";
import type { Row } from "./rows.ts";
import { titleOf } from "./tcp.ts";
import { webSocketLoad } from "./websocket-load.ts";

type Cell = {
  readonly clients: number;
  readonly pipeline: number;
  readonly bytes?: number;
  readonly keys?: number;
};

const CELLS: readonly Cell[] = [
  ...[1, 50].flatMap((clients) => [1, 16, 100].map((pipeline) => ({ clients, pipeline }))),
  { clients: 50, pipeline: 16, bytes: 1024 },
  { clients: 50, pipeline: 16, bytes: 16_384 },
  { clients: 50, pipeline: 16, keys: 100_000 },
];
const TESTS = ["set", "get"] as const;
const ROUNDS_MAX = 3;
const KEY = "key:__rand_int__";
/** Of three bytes, as redis-benchmark's. */
const VALUE = "xxx";
const QUICK_KEYS = 1000;

export async function overWebSocket(bench: Bench): Promise<Row[]> {
  const { servers, size } = bench;
  const [ours, floor] = [await servers.ours(), await servers.floor()];
  const rows: Row[] = [];
  for (const each of size({ full: CELLS, quick: CELLS.slice(-4) })) {
    const keys = each.keys && size({ full: each.keys, quick: QUICK_KEYS });
    if (keys !== undefined) await fill(ours.port, { from: 0, to: keys, value: () => VALUE });
    for (const test of TESTS) {
      const { clients, pipeline, bytes } = each;
      const what = titleOf({ test, clients, pipeline, bytes, keys });
      const command = commandsOf(test, { bytes: bytes ?? VALUE.length, keys });
      const carryTo =
        (httpPort: number): Carry =>
        (requests) =>
          webSocketLoad(httpPort, { command, clients, pipeline, requests, distinct: keys ?? 1 });
      const carries = { ours: carryTo(ours.httpPort!), floor: carryTo(floor.httpPort!) };
      const cell = { title: what, least: clients * pipeline, roundsMax: ROUNDS_MAX };
      rows.push({ what, unit: "/s", samples: await rates(bench, cell, carries) });
    }
  }
  return rows;
}

/** The command, encoded; with `keys` one that is another at each call. */
function commandsOf(
  test: (typeof TESTS)[number],
  { bytes, keys }: { bytes: number; keys: number | undefined },
): () => string {
  const value = "x".repeat(bytes);
  const of = (key: string): string =>
    encodeCommand(test === "set" ? ["SET", key, value] : ["GET", key]);
  if (keys === undefined) {
    const command = of(KEY);
    return () => command;
  }
  return () => of(keyOf(Math.floor(Math.random() * keys)));
}
