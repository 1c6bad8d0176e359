/**
 * What every store keeps to (shared/engine/store.ts), as a suite: one block of rules by hand, and one of
 * random operations against a model. A restart is `open` called once more.
 */
// oxlint-disable vitest/expect-expect, vitest/valid-title -- a rule is a test by another name
import { describe, expect, test } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import type { Store } from "../../shared/engine/store.ts";
import { LogModel, RowsModel } from "./store-model.ts";
import {
  baseRules,
  bytes,
  head,
  lives,
  pinRules,
  remove,
  type Rule,
  SPACE,
  text,
  valuesOf,
} from "./store-rules.ts";

/** The first `open` makes an empty store; each further one what a restart finds then. */
export interface StoreHost {
  open(): Store;
}

/** Runs a rule where the store can live, on a host of its own. */
export type RunRule = (rule: (host: StoreHost) => void) => void | Promise<void>;

export function storeContract(run: RunRule): void {
  const rule = (title: string, body: (store: Store, host: StoreHost) => void): void => {
    test(title, () => run((host) => body(host.open(), host)));
  };
  describe("transactions and meta", () => {
    transactionRules(rule);
  });
  describe("the log", () => {
    logRules(rule);
  });
  describe("the base", () => {
    baseRules(rule);
  });
  describe("a pinned base", () => {
    pinRules(rule);
  });
  describe("random operations", () => {
    randomRules(rule);
  });
}

function transactionRules(rule: Rule): void {
  rule("meta texts are kept, replaced and removed", (store, host) => {
    expect(store.meta("a")).toBeUndefined();
    store.setMeta("a", "1");
    store.setMeta("b", "two \0 π");
    store.setMeta("a", "3");
    expect([store.meta("a"), store.meta("b")]).toEqual(["3", "two \0 π"]);
    store.setMeta("a", undefined);
    const again = host.open();
    expect([again.meta("a"), again.meta("b")]).toEqual([undefined, "two \0 π"]);
  });

  rule("a transaction returns what its work returns", (store) => {
    expect(store.transaction(() => 7)).toBe(7);
  });

  rule("nothing stays of a transaction that throws", (store, host) => {
    store.appendLog(bytes("before"));
    store.write(SPACE, [head("k", 1, "old")]);
    store.setMeta("m", "old");
    store.trimLog(2);
    expect(() =>
      store.transaction(() => {
        store.appendLog(bytes("after"));
        store.trimLog(8);
        store.setMeta("m", "new");
        store.write(SPACE, [head("k", 1, "new"), head("l", 2, "new")]);
        store.pin();
        store.write(SPACE, [remove("k", 1)]);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    for (const seen of lives(store, host)) {
      expect(seen.meta("m")).toBe("old");
      expect(seen.isPinned).toBe(false);
      expect([seen.logEnd, text(seen.readLog(2, 99))]).toEqual([6, "fore"]);
      expect(valuesOf(seen, ["k", "l"], [1, 2])).toEqual(["old", undefined]);
    }
  });

  rule("a log started afresh in a transaction that throws is the old log", (store) => {
    store.appendLog(bytes("before"));
    store.trimLog(2);
    const work = (): void => {
      store.resetLog(1000);
      store.appendLog(bytes("after"));
      throw new Error("stop");
    };
    expect(() => store.transaction(work)).toThrow("stop");
    expect([store.logStart, store.logEnd]).toEqual([2, 6]);
    store.appendLog(bytes("!"));
    expect(text(store.readLog(2, 99))).toBe("fore!");
  });

  rule("the log keeps what it was given, whatever becomes of the array", (store, host) => {
    const array = bytes("abc");
    store.appendLog(array);
    array.fill(0);
    for (const seen of lives(store, host)) expect(text(seen.readLog(0, 99))).toBe("abc");
  });

  rule("an inner transaction is undone without the outer one", (store, host) => {
    store.transaction(() => {
      store.setMeta("outer", "1");
      store.appendLog(bytes("ab"));
      const inner = (): void => {
        store.setMeta("inner", "1");
        store.appendLog(bytes("cd"));
        throw new Error("stop");
      };
      expect(() => store.transaction(inner)).toThrow("stop");
      store.appendLog(bytes("ef"));
    });
    const again = host.open();
    expect([again.meta("outer"), again.meta("inner")]).toEqual(["1", undefined]);
    expect(text(again.readLog(0, 99))).toBe("abef");
  });
}

function logRules(rule: Rule): void {
  rule("a new log is empty and starts at 0", (store) => {
    expect([store.logStart, store.logEnd]).toEqual([0, 0]);
    expect(store.readLog(0, 10)).toHaveLength(0);
  });

  rule("an append of nothing changes nothing", (store, host) => {
    store.appendLog(bytes(""));
    expect(host.open().logEnd).toBe(0);
  });

  rule(
    "small commits read as one stream, from any offset, and go on after a restart",
    (store, host) => {
      for (let i = 0; i < 300; i++) store.appendLog(bytes(`commit ${i};`));
      const whole = Array.from({ length: 300 }, (_, i) => `commit ${i};`).join("");
      for (const seen of lives(store, host)) {
        expect(seen.logEnd).toBe(whole.length);
        for (let offset = 0; offset < whole.length; offset += 97) {
          expect(readAll(seen, offset)).toBe(whole.slice(offset));
        }
      }
      const again = host.open();
      again.appendLog(bytes("more"));
      expect(readAll(host.open(), 0)).toBe(`${whole}more`);
    },
  );

  rule("a read returns at least one and at most as many bytes as asked for", (store) => {
    store.appendLog(bytes("0123456789"));
    expect(text(store.readLog(3, 4))).toBe("3456");
    expect(text(store.readLog(9, 4))).toBe("9");
    expect(store.readLog(10, 4)).toHaveLength(0);
    expect(() => store.readLog(11, 4)).toThrow("reads what the log holds");
  });

  rule("an append keeps nothing of the caller's array", (store, host) => {
    const array = bytes("abc");
    store.appendLog(array.subarray(1, 3));
    array.fill(0);
    expect(readAll(store, 0)).toBe("bc");
    expect(readAll(host.open(), 0)).toBe("bc");
  });

  rule("a commit of several megabytes is one stretch of the log", (store, host) => {
    const large = new Uint8Array(3_300_000).map((_, i) => (i * 7) ^ (i >>> 11));
    store.appendLog(bytes("head"));
    store.appendLog(large);
    store.appendLog(bytes("tail"));
    for (const seen of lives(store, host)) {
      expect(seen.logEnd).toBe(large.length + 8);
      expect(text(seen.readLog(large.length + 4, 9))).toBe("tail");
      for (let offset = 4; offset < large.length;) {
        const part = seen.readLog(offset, large.length + 4 - offset);
        expect(Buffer.compare(part, large.subarray(offset - 4, offset - 4 + part.length))).toBe(0);
        offset += part.length;
      }
    }
  });

  rule("what is trimmed cannot be read, and all behind it can", (store, host) => {
    for (let i = 0; i < 20; i++) store.appendLog(new Uint8Array(1000).fill(i));
    store.trimLog(10_500);
    expect(store.logStart).toBe(10_500);
    expect(() => store.readLog(10_499, 1)).toThrow("reads what the log holds");
    expect(store.readLog(10_500, 1)[0]).toBe(10);
    store.trimLog(3);
    expect(store.logStart).toBe(10_500);
    const again = host.open();
    expect(again.logStart).toBeLessThanOrEqual(10_500);
    expect(again.logEnd).toBe(20_000);
    expect(again.readLog(10_500, 1)[0]).toBe(10);
  });

  rule("a log that was trimmed whole still ends where it did", (store, host) => {
    store.appendLog(bytes("abc"));
    store.trimLog(3);
    const again = host.open();
    expect(again.logEnd).toBe(3);
    again.trimLog(3);
    again.appendLog(bytes("def"));
    const third = host.open();
    expect([third.logEnd, text(third.readLog(3, 9))]).toEqual([6, "def"]);
  });

  rule("a trimmed log takes no further room", (store) => {
    const fill = (): void => {
      for (let i = 0; i < 40; i++) {
        store.appendLog(new Uint8Array(50_000));
        store.trimLog(Math.max(store.logStart, store.logEnd - 200_000));
      }
    };
    fill();
    const { byteCount } = store;
    fill();
    expect(store.byteCount).toBeLessThan(byteCount * 1.2 + 50_000);
  });

  rule(
    "another history starts where it is told, below or above, with nothing of the old",
    (store, host) => {
      store.appendLog(bytes("first history"));
      store.resetLog(5);
      expect([store.logStart, store.logEnd]).toEqual([5, 5]);
      const again = host.open();
      expect([again.logStart, again.logEnd]).toEqual([5, 5]);
      again.appendLog(bytes("second"));
      expect(readAll(host.open(), 5)).toBe("second");
      const third = host.open();
      third.resetLog(1_000_000_000_000);
      third.appendLog(bytes("x"));
      const last = host.open();
      expect([last.logStart, last.logEnd]).toEqual([1_000_000_000_000, 1_000_000_000_001]);
    },
  );

  rule("a commit is one billed row, whatever it holds", (store) => {
    store.appendLog(bytes("first"));
    for (const size of [50, 50, 4096, 50, 65_536, 50]) {
      const before = store.rowsWritten;
      store.appendLog(new Uint8Array(size));
      expect(store.rowsWritten - before).toBe(1);
    }
  });
}

function randomRules(rule: Rule): void {
  for (const seed of [1, 2, 3]) {
    rule(`rows are what a simple model says (seed ${seed})`, (store, host) => {
      new RowsModel(store, { host, random: seededRandom(seed) }).run(250);
    });
    rule(`the log is what a simple model says (seed ${seed})`, (store, host) => {
      new LogModel(store, { host, random: seededRandom(seed) }).run(250);
    });
  }
}

function readAll(store: Store, from: number): string {
  let all = "";
  for (;;) {
    const part = store.readLog(from + all.length, 1000);
    if (part.length === 0) return all;
    all += text(part);
  }
}
