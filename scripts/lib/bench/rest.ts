// REST against a bare Worker that calls a bare object with the same body.

import { httpLoad, type HttpLoad } from "./http-load.ts";
import type { Bench } from "./measurement.ts";
import { interleave, pick } from "./rounds.ts";
import type { Row } from "./rows.ts";

type Case = {
  readonly name: string;
  readonly path: string;
  readonly command: readonly string[];
  /** Commands in a request; 1: no pipeline. */
  readonly pipeline: number;
};

/** As redis-benchmark names its key, and its value of three bytes. */
const KEY = "key:__rand_int__";
const GET = ["GET", KEY];
const SET = ["SET", KEY, "xxx"];

const CASES: readonly Case[] = [
  { name: "GET", path: "/", command: GET, pipeline: 1 },
  { name: "SET", path: "/", command: SET, pipeline: 1 },
  { name: "GET", path: "/pipeline", command: GET, pipeline: 100 },
];
const CLIENTS = 16;
const SHARE_MIN = 0.7;

/** Requests of commands a second; a pipeline counts as one request. */
export async function overRest(bench: Bench): Promise<Row[]> {
  const servers = { ours: await bench.servers.ours(), floor: await bench.servers.floor() };
  const rows: Row[] = [];
  for (const each of CASES) {
    const load = loadOf(each, bench.size({ full: 20_000, quick: 4000 }));
    const title = `${each.name} -c ${CLIENTS} -P ${each.pipeline}`;
    bench.tell(title);
    const turn = (port: number) => async () => ({ rate: await httpLoad(port, load) });
    const runs = { ours: turn(servers.ours.httpPort!), floor: turn(servers.floor.httpPort!) };
    await interleave(runs, { rounds: 1 }); // unmeasured, to warm up
    const figures = await interleave(runs, bench);
    rows.push({
      what: `${title} requests`,
      unit: "/s",
      samples: pick(figures, "rate"),
      target: { of: "ours/floor", is: "at least", limit: SHARE_MIN },
    });
  }
  return rows;
}

function loadOf({ path, command, pipeline }: Case, requests: number): HttpLoad {
  const many = Array.from({ length: pipeline }, () => command);
  const body = JSON.stringify(pipeline === 1 ? command : many);
  return { path, body, clients: CLIENTS, requests: pipeline === 1 ? requests : requests / 4 };
}
