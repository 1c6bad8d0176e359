// The contract of every store, and what only the one in memory can do: lose what is not committed.

import { describe, expect, test } from "vitest";

import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { storeContract } from "../support/store-contract.ts";

describe("the store in memory", () => {
  storeContract((rule) => {
    let store: MemoryStore | undefined;
    rule({
      open: () => {
        store?.commit();
        store = store?.crash() ?? new MemoryStore();
        return store;
      },
    });
  });
});

describe("a crash", () => {
  test("takes back all that was not committed, and nothing else", () => {
    const store = new MemoryStore();
    store.appendLog(Uint8Array.of(1, 2, 3));
    store.setMeta("m", "kept");
    store.write(1, [put("a", "kept"), put("b", "kept")]);
    store.commit();
    store.appendLog(Uint8Array.of(4));
    store.trimLog(2);
    store.setMeta("m", "lost");
    store.pin();
    store.write(1, [{ kind: "delete", key: { hash: 1, name: "a" }, piece: 0 }, put("c", "lost")]);
    store.unpin();
    store.merge(1);
    const after = store.crash();
    expect([after.logStart, after.logEnd, after.meta("m")]).toEqual([0, 3, "kept"]);
    expect([...after.readLog(0, 9)]).toEqual([1, 2, 3]);
    expect(after.keys(1, 0, 9).map((row) => row.name)).toEqual(["a", "b"]);
    expect(after.isPinned).toBe(false);
  });

  test("takes back a log that was started afresh", () => {
    const store = new MemoryStore();
    store.appendLog(Uint8Array.of(1, 2, 3));
    store.commit();
    store.resetLog(100);
    store.appendLog(Uint8Array.of(9));
    const after = store.crash();
    after.appendLog(Uint8Array.of(4));
    expect([...after.readLog(0, 9)]).toEqual([1, 2, 3, 4]);
  });

  test("leaves the bytes on disk as they were", () => {
    const store = new MemoryStore();
    store.write(1, [put("a", "value")]);
    store.commit();
    const { byteCount } = store;
    store.write(1, [put("a", "a longer value"), put("b", "another")]);
    expect(store.crash().byteCount).toBe(byteCount);
  });

  test("ends the old store: whoever still holds it is found out", () => {
    const store = new MemoryStore();
    store.crash();
    expect(() => store.meta("m")).toThrow("this store has crashed");
  });
});

function put(name: string, value: string) {
  const row = { hash: 1, name, type: 0, expiresAtMs: 0, pieces: 1, value };
  return { kind: "head", row } as const;
}
