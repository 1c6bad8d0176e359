import { describe, expect, it } from "vitest";
import { toBinary } from "../../shared/base/bytes.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { Log } from "../../shared/replication/log.ts";
import { encodeCommand } from "../../shared/resp/encoder.ts";

function open() {
  const store = new MemoryStore();
  const log = new Log(store);
  const text = () => toBinary(store.readLog(store.logStart, 1 << 20));
  return { store, log, text };
}

const set = (db: number, key: string) => ({ db, args: ["SET", key, "v"] });
const stream = (...commands: string[]) =>
  commands.map((line) => encodeCommand(line.split(" "))).join("");

describe("the log", () => {
  it("selects a database when it changes, and only then", () => {
    const { log, text } = open();
    for (const db of [0, 0, 3]) log.write([set(db, `k${db}`)]);
    log.commit();
    expect(text()).toBe(stream("SELECT 0", "SET k0 v", "SET k0 v", "SELECT 3", "SET k3 v"));
  });

  it("wraps several effects in MULTI and EXEC, with SELECTs inside, and a single one not", () => {
    const { log, text } = open();
    log.write([set(0, "a"), set(1, "b")]);
    log.commit();
    expect(text()).toBe(stream("MULTI", "SELECT 0", "SET a v", "SELECT 1", "SET b v", "EXEC"));
  });

  it("counts what is pending in its end, and shows it only when it is committed", () => {
    const { log, store } = open();
    log.write([set(0, "a")]);
    expect([log.hasPending, log.committedEnd, store.logEnd]).toEqual([true, 0, 0]);
    const { end } = log;
    log.commit();
    expect([log.hasPending, log.committedEnd, log.end]).toEqual([false, end, end]);
  });

  it("forgets an open group that is discarded", () => {
    const { log, text } = open();
    log.write([set(0, "a")]);
    log.discard();
    log.commit();
    expect(text()).toBe("");
  });
});
