// All that `npm run bench` measures, in this order. To measure more, add a row.

import { billing } from "./billing.ts";
import { overBridge } from "./bridge.ts";
import { overConnections, overKeys, overValues } from "./growth.ts";
import { memoryOfKeys } from "./keys-memory.ts";
import type { Chart, Measurement } from "./measurement.ts";
import { pauses } from "./pauses.ts";
import { lag, replicas } from "./replication.ts";
import { overRest } from "./rest.ts";
import { scripts } from "./scripts.ts";
import { start } from "./start.ts";
import { catchUp, fullSync } from "./sync.ts";
import { overTcp, tcpCommands, tcpRandom, tcpValues } from "./tcp.ts";
import { overWebSocket } from "./websocket.ts";

type Line = readonly [
  name: string,
  what: string,
  chart: Chart,
  seconds: number,
  run: Measurement["run"],
];

const LINES: readonly Line[] = [
  ["tcp", "redis-benchmark over TCP, one key", "ratios", 40, overTcp],
  ["tcp-values", "values of 1 KB and 16 KB", "ratios", 42, tcpValues],
  ["tcp-random", "100,000 and 1,000,000 keys at random", "ratios", 75, tcpRandom],
  ["tcp-commands", "redis-benchmark's other commands", "ratios", 22, tcpCommands],
  ["websocket", "the same load over WebSockets, one and many", "ratios", 25, overWebSocket],
  [
    "bridge",
    "redis-benchmark through the bridge, one WebSocket and many",
    "ratios",
    12,
    overBridge,
  ],
  ["rest", "REST, against a bare call of an object, and webdis", "ratios", 20, overRest],
  ["scripts", "a rate limiter in Lua, and a script's first call", "ratios", 25, scripts],
  ["replicas", "writes while replicas follow, each in a process", "lines", 50, replicas],
  ["lag", "from a write to a GET of it on a replica", "bars", 12, lag],
  ["full-sync", "an empty replica until it has everything", "bars", 25, fullSync],
  ["catch-up", "a replica that was cut off until it is level", "bars", 45, catchUp],
  ["start", "until all is ready, and until the first answer", "bars", 10, start],
  ["memory", "what keys take", "bars", 2, memoryOfKeys],
  ["billing", "what a million commands cost on Cloudflare", "bars", 30, billing],
  ["growth-keys", "commands a second with more keys", "lines", 28, overKeys],
  ["growth-connections", "with more connections", "lines", 40, overConnections],
  ["growth-values", "with longer values", "lines", 45, overValues],
  ["pauses", "what a GET takes while others work", "bars", 60, pauses],
];

export const MEASUREMENTS: readonly Measurement[] = LINES.map(
  ([name, what, chart, seconds, run]) => ({ name, what, chart, seconds, run }),
);
