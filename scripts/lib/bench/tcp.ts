// redis-benchmark over TCP: the matrix of commands, clients, pipelines, values and keys, as far as it says
// something. All of its product would take hours; here every value of every dimension meets the others that
// it depends on, around `-c 50` and three bytes.

import { type Carry, rates } from "./cells.ts";
import { startFilled } from "./filled.ts";
import type { Kind } from "./links.ts";
import type { Bench } from "./measurement.ts";
import { redisBenchmark } from "./redis-benchmark.ts";
import type { Contestant, Point, Row, Target } from "./rows.ts";

export type Cell = {
  /** As redis-benchmark names it. */
  readonly test: string;
  readonly clients: number;
  readonly pipeline: number;
  /** Of a value; three where undefined. */
  readonly bytes?: number | undefined;
  /** Random keys; one key where undefined. */
  readonly keys?: number | undefined;
  /** Who carries it; everyone where undefined. */
  readonly by?: readonly Contestant[] | undefined;
  /** What is asked of it. */
  readonly target?: Target | undefined;
  readonly point?: Point | undefined;
};

type Carries = Readonly<Record<Contestant, Carry>>;
export type Ports = Readonly<Record<Contestant, number>>;

const EVERYONE = ["ours", "floor", "redis"] as const;
/** Of rounds, where there are many cells. */
const ROUNDS_FEW = 3;

const CLIENTS = [1, 50] as const;
const PIPELINES = [1, 16, 100] as const;
const TESTS = ["set", "get"] as const;

/** Issue 7: ours/redis at `-c 50`, by command and pipeline; and at `-c 1` for both. */
const SHARES: Readonly<Record<string, number>> = {
  "set 50 16": 0.8,
  "set 50 100": 1,
  "get 50 16": 0.4,
  "get 50 100": 0.5,
  "set 1 1": 0.8,
  "get 1 1": 0.8,
};

/** Issue 7 asks it of every row; shown where none of these is. */
const FLOOR_SHARE = 0.85;

const ONE_KEY = CLIENTS.flatMap((clients) =>
  PIPELINES.flatMap((pipeline) =>
    TESTS.map((test): Cell => ({
      test,
      clients,
      pipeline,
      target: targetOf(test, clients, pipeline),
    })),
  ),
);

const VALUES = [1024, 16_384].flatMap((bytes) => [
  ...PIPELINES.flatMap((pipeline) =>
    TESTS.map((test): Cell => ({ test, clients: 50, pipeline, bytes })),
  ),
  ...TESTS.map((test): Cell => ({ test, clients: 1, pipeline: 1, bytes })),
]);

const RANDOM_KEYS = [100_000, 1_000_000] as const;

/** redis-benchmark's default commands but SET and GET, which the others have. */
const OTHERS = [
  "ping_inline ping_mbulk incr lpush rpush lpop rpop sadd hset spop zadd zpopmin",
  "lrange_100 lrange_300 lrange_500 lrange_600 mset",
].flatMap((line) => line.split(" "));
/** The floor answers `+OK` to what begins with an asterisk: this says nothing of it, or it says nothing. */
const NOT_BY_FLOOR = /^(ping_inline|lrange)/;

const COMMANDS = OTHERS.map((test): Cell => {
  const by = NOT_BY_FLOOR.test(test) ? (["ours", "redis"] as const) : undefined;
  return { test, clients: 50, pipeline: 16, keys: 100_000, by };
});

/** redis-benchmark's default: every client sets and gets the same key. */
export async function overTcp(bench: Bench): Promise<Row[]> {
  return await measure(bench, await start(bench), some(bench, ONE_KEY));
}

export async function tcpValues(bench: Bench): Promise<Row[]> {
  return await measure(bench, await start(bench), some(bench, VALUES), ROUNDS_FEW);
}

export async function tcpCommands(bench: Bench): Promise<Row[]> {
  return await measure(bench, await start(bench), some(bench, COMMANDS), ROUNDS_FEW);
}

/** All keys are there before they are read. */
export async function tcpRandom(bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const full of RANDOM_KEYS) {
    const keys = bench.size({ full, quick: full / 1000 });
    const ports = await start(bench, keys);
    const cells = PIPELINES.flatMap((pipeline) =>
      TESTS.map((test): Cell => ({ test, clients: 50, pipeline, keys })),
    );
    rows.push(...(await measure(bench, ports, some(bench, cells), ROUNDS_FEW)));
    await bench.servers.stopAll();
  }
  return rows;
}

/**
 * All three, warm: the first runs are slow until V8 has compiled what is hot. With `keys` so many of them are
 * there, but on the floor, which has none.
 */
export async function start(bench: Bench, keys = 0): Promise<Ports> {
  const startOne = async (kind: Kind): Promise<number> => {
    const server = keys === 0 ? bench.servers.of(kind) : startFilled(bench, kind, keys);
    return (await server).port;
  };
  const ports = {
    ours: await startOne("ours"),
    floor: (await bench.servers.floor()).port,
    redis: await startOne("redis"),
  };
  bench.tell("warming up");
  const requests = bench.size({ full: 50_000, quick: 5000 });
  for (const port of Object.values(ports)) {
    const load = { tests: TESTS, clients: 50, pipeline: 16, keys: keys || undefined, requests };
    await redisBenchmark(bench, port, load);
  }
  return ports;
}

/** A quick run has the first of many. */
function some({ size }: Bench, cells: readonly Cell[]): readonly Cell[] {
  return size({ full: cells, quick: cells.slice(0, 4) });
}

export async function measure(
  bench: Bench,
  ports: Ports,
  cells: readonly Cell[],
  roundsMax?: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [i, cell] of cells.entries()) {
    const { test, clients, pipeline, keys, bytes, by = EVERYONE, target, point } = cell;
    const what = titleOf(cell);
    const carryTo =
      (port: number): Carry =>
      async (requests) => {
        const load = { tests: [test], clients, pipeline, keys, bytes, requests };
        return (await redisBenchmark(bench, port, load))[test]!;
      };
    const carries = Object.fromEntries(by.map((name) => [name, carryTo(ports[name])])) as Carries;
    const title = `${what} (${i + 1} of ${cells.length})`;
    const least = clients * pipeline;
    const samples = await rates(bench, { title, least, ...(roundsMax && { roundsMax }) }, carries);
    rows.push({ what, unit: "/s", samples, target, point });
  }
  return rows;
}

/** In redis-benchmark's words. */
export function titleOf({ test, clients, pipeline, bytes, keys }: Omit<Cell, "by">): string {
  const more = [bytes === undefined ? "" : ` -d ${bytes}`, keys === undefined ? "" : ` -r ${keys}`];
  return `${test.toUpperCase()} -c ${clients} -P ${pipeline}${more.join("")}`;
}

function targetOf(test: string, clients: number, pipeline: number): Target {
  const limit = SHARES[`${test} ${clients} ${pipeline}`];
  if (limit === undefined) return { of: "ours/floor", is: "at least", limit: FLOOR_SHARE };
  return { of: "ours/redis", is: "at least", limit };
}
