// REST, against a bare Worker that calls a bare object with the same body, and against webdis, which is HTTP in
// front of the redis-server that makes the same promise.

import { isOnPath } from "../on-path.ts";
import { type Carry, rates } from "./cells.ts";
import { httpLoad } from "./http-load.ts";
import type { Bench } from "./measurement.ts";
import type { Contestant, Row } from "./rows.ts";

type Case = {
  readonly name: string;
  readonly path: string;
  readonly command: readonly string[];
  /** Commands in a request; 1: no pipeline, of which webdis has none. */
  readonly pipeline: number;
  readonly clients: number;
};

/** As redis-benchmark names its key, and its value of three bytes. */
const KEY = "key:__rand_int__";
const GET = ["GET", KEY];
const SET = ["SET", KEY, "xxx"];

const CASES: readonly Case[] = [
  { name: "SET", path: "/", command: SET, pipeline: 1, clients: 1 },
  { name: "GET", path: "/", command: GET, pipeline: 1, clients: 1 },
  { name: "SET", path: "/", command: SET, pipeline: 1, clients: 16 },
  { name: "GET", path: "/", command: GET, pipeline: 1, clients: 16 },
  { name: "SET", path: "/pipeline", command: SET, pipeline: 100, clients: 16 },
  { name: "GET", path: "/pipeline", command: GET, pipeline: 100, clients: 16 },
];
const SHARE_MIN = 0.7;

/** Requests a second; a pipeline counts as one request. */
export async function overRest(bench: Bench): Promise<Row[]> {
  const ports = await start(bench);
  const rows: Row[] = [];
  for (const each of CASES) {
    const { name, path, command, pipeline, clients } = each;
    const what = `${name} -c ${clients} -P ${pipeline} requests`;
    const many = Array.from({ length: pipeline }, () => command);
    const ours = JSON.stringify(pipeline === 1 ? command : many);
    const carries: Partial<Record<Contestant, Carry>> = {};
    for (const [contestant, port] of Object.entries(ports) as [Contestant, number][]) {
      if (contestant === "redis" && pipeline > 1) continue;
      const text = contestant === "redis" ? command.join("/") : ours;
      const body = (): string => text;
      carries[contestant] = (requests) => httpLoad(port, { path, body, clients, requests });
    }
    rows.push({
      what,
      unit: "/s",
      samples: await rates(
        bench,
        { title: what, least: clients },
        carries as Record<Contestant, Carry>,
      ),
      target: { of: "ours/floor", is: "at least", limit: SHARE_MIN },
    });
  }
  return rows;
}

async function start({ servers, warn }: Bench): Promise<Partial<Record<Contestant, number>>> {
  const ports = {
    ours: (await servers.ours()).httpPort!,
    floor: (await servers.floor()).httpPort!,
  };
  if (isOnPath("webdis")) {
    const { httpPort } = await servers.webdis(await servers.redis());
    return { ...ports, redis: httpPort };
  }
  warn("webdis is not on the PATH (apt-get install webdis): REST was not compared with it");
  return ports;
}
