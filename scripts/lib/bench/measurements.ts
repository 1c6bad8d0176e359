// All that `npm run bench` measures, in this order. To measure more, add a row.

import { firstGet } from "./first-get.ts";
import type { Measurement } from "./measurement.ts";
import { catchUp, fullSync, lag, replicas } from "./replication.ts";
import { overRest } from "./rest.ts";
import { rowsWritten } from "./rows-written.ts";
import { scripts } from "./scripts.ts";
import { overTcp, overTcpRandom, overWebSocket } from "./throughput.ts";

export const MEASUREMENTS: readonly Measurement[] = [
  { name: "tcp", what: "redis-benchmark over TCP, one key", run: overTcp },
  { name: "tcp-random", what: "redis-benchmark over TCP, 100,000 keys", run: overTcpRandom },
  { name: "websocket", what: "the same load over WebSockets", run: overWebSocket },
  { name: "rest", what: "commands over REST, against a bare call of an object", run: overRest },
  { name: "scripts", what: "a rate limiter in Lua, and a script's first call", run: scripts },
  { name: "replicas", what: "writes while replicas follow, each in a process", run: replicas },
  { name: "lag", what: "from a write to a GET of it on a replica", run: lag },
  { name: "full-sync", what: "an empty replica until it has everything", run: fullSync },
  { name: "catch-up", what: "a restarted replica until it has what it missed", run: catchUp },
  { name: "first-get", what: "from the start of the process to the first answer", run: firstGet },
  { name: "rows", what: "billed rows written per thousand commands", run: rowsWritten },
];
