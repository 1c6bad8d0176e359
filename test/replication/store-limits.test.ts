// What a few bytes from outside may cost where they meet the store.

import { expect, test } from "vitest";
import { Checkpoint } from "../../shared/engine/checkpoint.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey } from "../../shared/rdb/writer.ts";
import { Crc64 } from "../../shared/base/crc64.ts";
import { Applier } from "../../shared/replication/apply.ts";
import { Loading } from "../../shared/replication/loading.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";
import { engineHarness } from "../support/engine.ts";
import { MASTER, pass, quietWorld, send } from "../support/sim/quiet.ts";

const HISTORY = { id: "a".repeat(40), previousId: "0".repeat(40), previousUntil: -1, epoch: 0 };
/** Not in the order of the base. */
const KEYS = ["a", "b"]
  .map((name) => rdbKey({ name, type: 0, expiresAtMs: 0, body: `\x01${name}` }))
  .join("");

test("keys with long values are not all loaded before the first of a batch is done", () => {
  const harness = engineHarness();
  const { keyspace } = harness.engine;
  const names = Array.from({ length: 50 }, (_, i) => `k${i}`);
  for (const name of names) keyspace.put(keyspace.space(0), name, name.repeat(50_000));
  harness.checkpoint({ isForgetting: true });
  let most = 0;
  const find = keyspace.find.bind(keyspace);
  keyspace.find = (space, name) => {
    most = Math.max(most, keyspace.residentBytes);
    return find(space, name);
  };
  const stream = names.map((name) => encodeCommand(["DEL", name])).join("");
  expect(new Applier(harness.engine, 0).push(stream)).toBe(stream);
  expect(most).toBeLessThan(500_000);
  expect(keyspace.space(0).keyCount).toBe(0);
});

test("a snapshot that changes databases at every turn stores some of them at a time", () => {
  const { engine } = engineHarness();
  const loading = new Loading(engine.ports.store, engine);
  loading.push(rdbHeader({}));
  const startMs = performance.now();
  loading.push("\xfe\x01\xfe\x00".repeat(10_000));
  expect(performance.now() - startMs).toBeLessThan(1000);
  loading.push(`\xfe\x01${KEYS}\xfe\x00${KEYS}`.repeat(20));
  expect(loading.isBusy).toBe(true);
  while (loading.isBusy) loading.work();
  expect(loading.keyCount).toBe(80);
});

test("a data set that is being loaded keeps its space when memory is read anew", () => {
  const harness = engineHarness();
  const { engine } = harness;
  const { store } = engine.ports;
  harness.run("SET old 1");
  harness.checkpoint();
  const loading = new Loading(store, engine);
  const file = rdbHeader({}) + rdbDatabase(0, { keys: 2, expires: 0 }) + KEYS;
  loading.push(file);
  engine.keyspace.reset(Checkpoint.recover(store));
  loading.push(rdbEnd(new Crc64().update(file)));
  while (!loading.isComplete) loading.work();
  loading.finish({ history: HISTORY, offset: 0 });
  const spaces = Array.from({ length: 16 }, (_, db) => engine.keyspace.space(db).id);
  expect(new Set(spaces).size).toBe(16);
});

test("a bit in each of more long strings than memory holds waits for no quiet moment", () => {
  const world = quietWorld({ m: MASTER }, { "cache-bytes": "4mb" });
  const client = send(world, "m");
  const names = Array.from({ length: 8 }, (_, i) => `b${i}`);
  for (const name of names) {
    client.send(`SETBIT ${name} ${(8 << 20) - 1} 1`);
    pass(world, 1500);
  }
  client.send("MEMORY PURGE");
  pass(world, 500);
  client.text = "";
  for (const name of names) client.send(`SETBIT ${name} 5 1`);
  const other = send(world, "m");
  for (let i = 0; i < 10; i++) {
    other.send("SET tick x");
    pass(world, 300);
  }
  expect(client.text).toBe(":0\r\n".repeat(names.length));
});
