import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { test } from "vitest";
import { SqliteStore } from "../../../workers/node/sqlite-store.ts";
import { keyHash } from "../../../shared/base/key-hash.ts";
import { seededRandom } from "../../../shared/base/random.ts";
import { LogModel, RowsModel } from "../../support/store-model.ts";
const { NODE } = env as unknown as { NODE: DurableObjectNamespace };
test("bench", () => runInDurableObject(NODE.get(NODE.newUniqueId()), async (_i, { storage }) => {
  const store = new SqliteStore(storage);
  const out: Record<string, number> = {};
  const T = (name: string, n: number, f: () => void) => { const t = performance.now(); f(); const d = (performance.now() - t) * 1000 / n; out[name] = Math.min(out[name] ?? 1e9, +d.toFixed(2)); };
  const N = 16000;
  const rows = Array.from({ length: N }, (_, i) => { const name = "key:" + String(i).padStart(9, "0"); return { hash: keyHash(name), name, type: 0, expiresAtMs: 0, pieces: 1, value: "\xff\x00v" + String(i).padStart(17, "x") }; }).sort((a, b) => a.hash - b.hash);
  const plain = rows.map((row) => ({ kind: "head", row } as const));
  const ttl = rows.map((row) => ({ kind: "head", row: { ...row, expiresAtMs: 1790000000000 } } as const));
  for (let k = 0; k < 5; k++) {
    T("checkpoint plain, new/again", N, () => store.transaction(() => store.write(1, plain)));
    T("checkpoint with ttl", N, () => store.transaction(() => store.write(2, ttl)));
    const keys = Array.from({ length: N }, () => rows[Math.floor(Math.random() * N)]!);
    T("load 90 a query", N, () => { for (let i = 0; i < N; i += 90) store.load(1, keys.slice(i, i + 90)); });
    T("load 1 a query", N, () => { for (let i = 0; i < N; i++) store.load(1, [keys[i]!]); });
    T("load 1, miss", N, () => { for (let i = 0; i < N; i++) store.load(7, [keys[i]!]); });
    T("keys by 1000", N, () => { let from = 0; for (;;) { const p = store.keys(1, from, 1000); if (p.length < 1000) break; from = p.at(-1)!.hash + 1; } });
    for (const [size, n] of [[50, 3000], [500, 3000], [4096, 2000], [65536, 300]] as const) {
      const b = new Uint8Array(size).fill(65);
      T(`appendLog ${size} B`, n, () => { for (let i = 0; i < n; i++) store.appendLog(b); });
      store.trimLog(store.logEnd - 200000);
    }
    T("delete rows", N, () => store.transaction(() => store.write(2, rows.map((row) => ({ kind: "delete", key: row, piece: 0 } as const)))));
    store.pin();
    T("checkpoint pinned", N, () => store.transaction(() => store.write(1, plain)));
    T("pinnedRows by 500", N, () => { let after; for (;;) { const p = store.pinnedRows(1, after, 500); if (p.length === 0) break; after = p.at(-1); } });
    store.unpin();
    T("load 90 a query, overlaid", N, () => { for (let i = 0; i < N; i += 90) store.load(1, keys.slice(i, i + 90)); });
    T("merge by 1000", N, () => { while (!store.merge(1000)); });
  }
  console.log(JSON.stringify(out, null, 1));
}), 60000);
test("seeds", async () => {
  for (let seed = 100; seed < 106; seed++) {
    await runInDurableObject(NODE.get(NODE.newUniqueId()), async (_i, { storage }) => {
      const host = { open: () => new SqliteStore(storage) };
      new RowsModel(host.open(), { host, random: seededRandom(seed) }).run(150);
      new LogModel(host.open(), { host, random: seededRandom(seed) }).run(200);
    });
  }
}, 120000);
