// What commands cost by their way in, from the node's own counters (INFO billing), checked by SQLite's.

import { encodeCommand } from "../../../shared/resp/encoder.ts";
import { checkpointed } from "./checkpointed.ts";
import { Client, fill, keyOf } from "./client.ts";
import { dollarsOf, perMillion, type Usage } from "./dollars.ts";
import { httpLoad } from "./http-load.ts";
import type { Bench } from "./measurement.ts";
import type { Row, Unit } from "./rows.ts";
import type { Server } from "./servers.ts";
import { webSocketLoad } from "./websocket-load.ts";

const TESTS = ["SET", "GET"] as const;
type Test = (typeof TESTS)[number];

/** Of random keys, so that checkpoints have something to write. */
const KEYS = 100_000;
const VALUE = "xxx";

type Load = { readonly clients: number; readonly pipeline: number; readonly commands: number };

type Way = Omit<Load, "commands"> & {
  readonly name: string;
  /** Commands of a full run. */
  readonly full: number;
  /** Carries them; returns how many the Worker was asked, which no object can see. */
  readonly carry: (server: Server, test: Test, load: Load) => Promise<number>;
};

const WAYS: readonly Way[] = [
  { name: "REST, one client", clients: 1, pipeline: 1, full: 2000, carry: rest },
  { name: "REST, 50 clients", clients: 50, pipeline: 1, full: 5000, carry: rest },
  {
    name: "REST pipelines of 20, 50 clients",
    clients: 50,
    pipeline: 20,
    full: 50_000,
    carry: rest,
  },
  { name: "WebSocket, one client", clients: 1, pipeline: 1, full: 3000, carry: webSocket },
  { name: "WebSocket, 50 clients", clients: 50, pipeline: 1, full: 20_000, carry: webSocket },
  {
    name: "WebSocket, 50 clients × 16",
    clients: 50,
    pipeline: 16,
    full: 100_000,
    carry: webSocket,
  },
];

type Counters = { readonly usage: Usage; readonly changes: number };

/** Rows, requests and dollars of a million commands, log and checkpoints together. */
export async function billing(bench: Bench): Promise<Row[]> {
  const server = await bench.servers.ours();
  await fill(server.port, { from: 0, to: KEYS, value: () => VALUE });
  const rows: Row[] = [];
  let before = await countersOf(server.port);
  for (const way of WAYS) {
    for (const test of TESTS) {
      const { name, clients, pipeline, full } = way;
      const what = `${test}, ${name}`;
      bench.tell(what);
      const commands = bench.size({ full, quick: full / 20 });
      const asked = await way.carry(server, test, { clients, pipeline, commands });
      const after = await countersOf(server.port);
      rows.push(...rowsOf(what, perMillion(riseOf(before, after, asked), commands)));
      before = after;
    }
  }
  return rows;
}

function rowsOf(what: string, usage: Usage): Row[] {
  const row = (figure: string, unit: Unit, value: number): Row => ({
    what: `${what}: ${figure}`,
    unit,
    samples: { ours: [value] },
    point: { series: figure, x: 0 },
  });
  return [
    row("rows written", "rows", usage.rowsWritten),
    row("requests of the object", "requests", usage.objectRequests),
    row("dollars", "$", dollarsOf(usage)),
  ];
}

/** Throws where we counted other rows than SQLite did: the figures would be wrong. */
function riseOf(before: Counters, after: Counters, workerRequests: number): Usage {
  const rise = (name: keyof Usage): number => after.usage[name] - before.usage[name];
  const [counted, changed] = [rise("rowsWritten"), after.changes - before.changes];
  if (counted !== changed) {
    throw new Error(`the node counted ${counted} rows written, and SQLite ${changed}`);
  }
  return {
    workerRequests,
    objectRequests: rise("objectRequests"),
    rowsRead: rise("rowsRead"),
    rowsWritten: counted,
  };
}

/** Once nothing is left to write. */
async function countersOf(port: number): Promise<Counters> {
  await checkpointed(port);
  const client = await Client.connect(port);
  const info = await client.info("billing");
  client.close();
  const field = (name: string): number => {
    const value = info.get(name);
    if (value === undefined) throw new Error(`INFO billing has no ${name}`);
    return Number(value);
  };
  return {
    changes: field("sqlite_changes"),
    usage: {
      workerRequests: 0,
      // Exact, where billed_requests is rounded up.
      objectRequests: field("billed_calls") + field("billed_websocket_messages") / 20,
      rowsRead: field("billed_rows_read"),
      rowsWritten: field("billed_rows_written"),
    },
  };
}

// -- ways in ----------------------------------------------------------------------------------------

const commandOf = (test: Test): string[] => {
  const key = keyOf(Math.floor(Math.random() * KEYS));
  return test === "SET" ? ["SET", key, VALUE] : ["GET", key];
};

async function rest(server: Server, test: Test, load: Load): Promise<number> {
  const { clients, pipeline, commands } = load;
  const requests = Math.ceil(commands / pipeline);
  const body = (): string => {
    const all = Array.from({ length: pipeline }, () => commandOf(test));
    return JSON.stringify(pipeline === 1 ? all[0] : all);
  };
  const path = pipeline === 1 ? "/" : "/pipeline";
  await httpLoad(server.httpPort!, { path, body, clients, requests, distinct: requests });
  return requests;
}

async function webSocket(server: Server, test: Test, load: Load): Promise<number> {
  const { clients, pipeline, commands: requests } = load;
  // All answers must be of one length: only keys that are there are asked for.
  const command = (): string => encodeCommand(commandOf(test));
  const carried = { command, clients, pipeline, requests, distinct: requests };
  await webSocketLoad(server.httpPort!, carried);
  return clients;
}
