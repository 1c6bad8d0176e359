// The contract of every store, on SQLite inside workerd, and what only this one has: a schema.

import { env } from "cloudflare:workers";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";

import { SqliteStore } from "../../../workers/node/sqlite-store.ts";
import { storeContract } from "../../support/store-contract.ts";

/** Any object with SQLite will do: its own tables are cleared away first. */
const { NODE } = env as unknown as { NODE: DurableObjectNamespace };

async function onStorage(work: (storage: DurableObjectStorage) => void): Promise<void> {
  const stub = NODE.get(NODE.newUniqueId());
  await runInDurableObject(stub, async (_instance, { storage }) => {
    await storage.deleteAll();
    work(storage);
  });
}

function longValues({ sql }: DurableObjectStorage): unknown[] {
  return sql.exec(`SELECT id FROM long_values ORDER BY id`).toArray();
}

function longValuesInUse({ sql }: DurableObjectStorage): unknown[] {
  const of = (table: string): string =>
    `SELECT value AS id FROM ${table} WHERE typeof(value) = 'integer'`;
  return sql.exec(`${of("base")} UNION ALL ${of("overlay")} ORDER BY id`).toArray();
}

describe("the store in SQLite", () => {
  storeContract((rule) =>
    onStorage((storage) => {
      rule({ open: () => new SqliteStore(storage) });
      // Whatever has happened: a long value has one row, and goes with it.
      // oxlint-disable-next-line vitest/no-standalone-expect -- it runs behind each rule
      expect(longValues(storage)).toEqual(longValuesInUse(storage));
    }),
  );
});

describe("a store in SQLite", () => {
  test("is found as it was by the object's next life", async () => {
    const stub = NODE.get(NODE.newUniqueId());
    // A whole command: the node itself wakes first, and replays it.
    const ping = new TextEncoder().encode("*1\r\n$4\r\nPING\r\n");
    await runInDurableObject(stub, async (_instance, { storage }) => {
      await storage.deleteAll();
      const store = new SqliteStore(storage);
      store.appendLog(ping);
      store.setMeta("m", "kept");
    });
    await evictDurableObject(stub);
    await runInDurableObject(stub, (_instance, { storage }) => {
      const store = new SqliteStore(storage);
      expect([store.readLog(0, ping.length), store.meta("m")]).toEqual([ping, "kept"]);
    });
  });

  test("writes nothing when it is opened again", () =>
    onStorage((storage) => {
      new SqliteStore(storage).appendLog(Uint8Array.of(1));
      const again = new SqliteStore(storage);
      expect([again.logEnd, again.rowsWritten]).toEqual([1, 0]);
    }));

  test("refuses tables newer than its code", () =>
    onStorage((storage) => {
      expect(new SqliteStore(storage).logEnd).toBe(0);
      storage.sql.exec("UPDATE schema_version SET version = 999");
      expect(() => new SqliteStore(storage)).toThrow("newer than this code");
    }));

  test("writes a long value as two rows, and one when it is replaced by another", () =>
    onStorage((storage) => {
      const store = new SqliteStore(storage);
      const written = (value: string): number => {
        const before = store.rowsWritten;
        const row = { name: "k", hash: 1, type: 0, expiresAtMs: 0, pieces: 1, value };
        store.write(1, [{ kind: "head", row }]);
        return store.rowsWritten - before;
      };
      const [long, longer, short] = ["x".repeat(1000), "y".repeat(5000), "z".repeat(900)];
      expect([long, longer, short, long].map(written)).toEqual([2, 1, 2, 2]);
      expect(longValues(storage)).toHaveLength(1);
    }));

  test("refuses a row that production would not take", () =>
    onStorage((storage) => {
      const row = { hash: 1, type: 0, expiresAtMs: 0, pieces: 1, value: "v".repeat(1_000_000) };
      const write = (name: string): void =>
        new SqliteStore(storage).write(1, [{ kind: "head", row: { ...row, name } }]);
      expect(() => write("k".repeat(500_001))).toThrow("at most 2 MB");
      expect(() => write("k".repeat(500_000))).not.toThrow();
    }));

  test("does not take what a trim left behind for the log, once there is a gap before it", () =>
    onStorage((storage) => {
      const store = new SqliteStore(storage);
      const append = (count: number): void => {
        for (let i = 0; i < count; i++) store.appendLog(new Uint8Array(5000));
      };
      append(4);
      store.trimLog(15_000);
      append(2);
      // The trim freed three rows; two of them are overwritten, the last ones of the three first.
      expect(new SqliteStore(storage).logStart).toBe(15_000);
      expect(storage.sql.exec("SELECT count(*) AS n FROM log").one()).toEqual({ n: 4 });
    }));
});
