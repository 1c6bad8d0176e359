/** What a node holds, as a text that can be compared. */
import { valueDigest } from "../../../shared/engine/digest.ts";
import { DATABASE_COUNT } from "../../../shared/engine/keyspace.ts";
import { MemoryStore } from "../../../shared/engine/memory-store.ts";
import { NodeCore } from "../../../shared/replication/node-core.ts";
import { LongString } from "../../../shared/types/long-string.ts";
import type { SimNode } from "./sim-node.ts";
import { luaModules } from "../lua.ts";

export type DataSet = ReadonlyMap<string, string>;

/** Every key of every database: its type, value and expiry. */
export function dataOf(core: NodeCore): DataSet {
  const data = new Map<string, string>();
  const { keyspace } = core.engine;
  for (let db = 0; db < DATABASE_COUNT; db++) {
    const space = keyspace.space(db);
    let from = 0;
    let count = 0;
    let expireCount = 0;
    do {
      const { keys, next } = keyspace.walk(space, from, 100);
      for (const { name, type, expiresAtMs } of keys) {
        const entry = keyspace.find(space, name);
        const value = entry && keyspace.loaded(entry);
        // Of a long string the pages are memory's own affair.
        const isText = typeof value === "string" || value instanceof LongString;
        const shown = isText ? JSON.stringify(String(value)) : valueDigest(entry);
        data.set(`${db}:${name}`, `${type} ${shown} ${expiresAtMs}`);
        count++;
        if (expiresAtMs !== 0) expireCount++;
      }
      from = next;
    } while (from !== 0);
    if (count !== space.keyCount || expireCount !== space.expireCount) {
      const counted = `${space.keyCount} keys, ${space.expireCount} that expire`;
      throw new Error(`database ${db} counts ${counted}, and has ${count} and ${expireCount}`);
    }
  }
  return data;
}

/** What a whole log makes of nothing. */
export function replayed(log: Uint8Array, { setup }: SimNode): DataSet {
  const store = new MemoryStore();
  store.appendLog(log);
  const nothing = (): void => undefined;
  const host = {
    store,
    random: { next: () => 0, hex: (count: number) => "0".repeat(count) },
    send: nothing,
    close: nothing,
    probe: nothing,
    dial: nothing,
    fetchSnapshot: nothing,
    scheduleCommit: nothing,
    wakeAt: nothing,
    lua: luaModules,
    clockUs: () => 0,
    log: nothing,
  };
  return dataOf(new NodeCore(host, { ...setup, firstRole: { kind: "master" }, nowMs: 0 }));
}

/** Throws an error that shows where two data sets differ. */
export function compareData(what: string, a: DataSet, b: DataSet): void {
  const lines: string[] = [];
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    if (a.get(key) === b.get(key)) continue;
    const show = (data: DataSet) => (data.get(key) ?? "nothing").slice(0, 120);
    lines.push(`  ${key}: ${show(a)} | ${show(b)}`);
  }
  if (lines.length > 0) throw new Error(`${what} differ:\n${lines.slice(0, 20).join("\n")}`);
}
