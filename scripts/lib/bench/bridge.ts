// redis-benchmark through `npm run bridge`, its clients on one WebSocket and on one each. The bridge and
// redis-benchmark share the machine with the node.

import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row, Target } from "./rows.ts";
import { titleOf } from "./tcp.ts";

const TESTS = ["set", "get"] as const;
const LOAD = { clients: 50, pipeline: 1 } as const;
/** Issue 7: what sharing a WebSocket must bring. */
const SHARED_MIN: Target = { of: "ours", is: "at least", limit: 3 };

export async function overBridge(bench: Bench): Promise<Row[]> {
  const { servers } = bench;
  const ours = await servers.ours();
  const ports = {
    shared: await servers.bridge(ours),
    own: await servers.bridge(ours, "--no-multiplex"),
  };
  const rows: Row[] = [];
  for (const test of TESTS) {
    const title = titleOf({ test, ...LOAD });
    const turn = (way: keyof typeof ports) => async (round: number) => {
      bench.tell(`${title} through the bridge, round ${round + 1} of ${bench.rounds}`);
      const requests = REQUESTS[way];
      const load = { ...LOAD, tests: [test], requests: bench.size(requests) };
      return { rate: (await redisBenchmark(bench, ports[way], load))[test] };
    };
    const turns = { shared: turn("shared"), own: turn("own") };
    await interleave(turns, { rounds: 1 }); // unmeasured, to warm up
    const { shared, own } = pick(await interleave(turns, bench), "rate");
    const times = shared.map((rate, i) => rate / own[i]!);
    rows.push(
      { what: `${title}, one WebSocket`, unit: "/s", samples: { ours: shared } },
      { what: `${title}, a WebSocket each`, unit: "/s", samples: { ours: own } },
      { what: `${title}, one / each`, unit: "×", samples: { ours: times }, target: SHARED_MIN },
    );
  }
  return rows;
}

/** About as long, whoever carries them. */
const REQUESTS = {
  shared: { full: 20_000, quick: 5000 },
  own: { full: 6000, quick: 1500 },
} as const;
