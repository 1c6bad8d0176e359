// What of messages is propagated: what was said goes to replicas, whose own clients listen as well.

import { type EffectCase, row } from "../effect-cases.ts";

export const CASES: readonly EffectCase[] = [
  row(
    "PUBLISH goes out as it came, whoever listens",
    "",
    'PUBLISH news hello; publish news ""; SPUBLISH shard x',
    'PUBLISH news hello | publish news "" | SPUBLISH shard x',
  ),
  row(
    "PUBLISH goes out in its database",
    "",
    "SELECT 1; PUBLISH a b; SET k v",
    "[1] PUBLISH a b | [1] SET k v",
  ),
  row(
    "PUBLISH in a transaction goes out with it",
    "",
    "MULTI; PUBLISH a b; SET k v; SPUBLISH c d; EXEC; MULTI; PUBLISH a b; EXEC",
    "PUBLISH a b; SET k v; SPUBLISH c d | PUBLISH a b",
  ),
  row("PUBLISH that fails goes out as nothing", "", "PUBLISH a; SPUBLISH a b c", ""),
  row(
    "Listening and looking go out as nothing",
    "",
    "PUBSUB CHANNELS; PUBSUB NUMSUB a; SUBSCRIBE a; UNSUBSCRIBE; PSUBSCRIBE a; PUNSUBSCRIBE",
    "",
  ),
  row(
    "Tracking goes out as nothing",
    "",
    "CLIENT TRACKING ON; GET k; SET k v; CLIENT TRACKING OFF",
    "SET k v",
  ),
  row(
    "Events go out as nothing",
    "CONFIG SET notify-keyspace-events KEA",
    'SET k v; SUBSCRIBE a; UNSUBSCRIBE; DEL k; CONFIG SET notify-keyspace-events ""',
    "SET k v | DEL k",
  ),
];
