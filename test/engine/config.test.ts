import { describe, expect, it } from "vitest";

import { Config } from "../../shared/engine/config.ts";
import { parseMemory } from "../../shared/engine/config-values.ts";
import { MemoryStore } from "../../shared/engine/memory-store.ts";
import { SETTINGS } from "../../shared/engine/settings.ts";
import { ReplyError } from "../../shared/resp/reply.ts";

describe("the table of settings", () => {
  it.each(SETTINGS.map((setting) => [setting.name, setting] as const))(
    "%s: its default is a value of its kind, and so is what is shown of it",
    (_, { kind, default: text }) => {
      const first = kind.read(text, "");
      expect(first).not.toHaveProperty("why");
      const { shown, value } = first as { shown: string; value: unknown };
      expect(kind.read(shown, shown)).toEqual({ shown, value });
    },
  );

  it("has each name once, aliases included", () => {
    const names = SETTINGS.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("has names in lower case, as look-ups are", () => {
    for (const { name } of SETTINGS) expect(name).toMatch(/^[a-z][a-z-]*$/);
  });
});

describe("a setting", () => {
  it("is read as what it is: bytes as a number, yes as true, the rest as text", () => {
    const config = new Config(new MemoryStore());
    expect(config.number("cache-bytes")).toBe(32 * 1024 * 1024);
    expect(config.flag("replica-read-only")).toBe(true);
    expect(config.text("cache-bytes")).toBe("33554432");
    expect(config.text("maxmemory-policy")).toBe("noeviction");
  });

  it("that does not exist, or is of another kind, is a bug", () => {
    const config = new Config(new MemoryStore());
    expect(() => config.number("nosuch")).toThrow("no setting nosuch");
    expect(() => config.number("replica-read-only")).toThrow("no setting");
    expect(() => config.flag("cache-bytes")).toThrow("no setting");
    expect(() => config.text("slave-read-only")).toThrow("no setting");
  });

  it("can show the state of something else", () => {
    const config = new Config(new MemoryStore());
    let master = "";
    config.show("replicaof", () => master);
    master = "10.0.0.1 6379";
    expect(config.match(["replicaof", "slaveof"])).toEqual([
      ["replicaof", master],
      ["slaveof", master],
    ]);
  });
});

describe("what CONFIG SET said", () => {
  it("holds after a restart", () => {
    const store = new MemoryStore();
    new Config(store).set([
      ["timeout", "10"],
      ["SLAVE-PRIORITY", "7"],
      ["masterauth", "caf\xc3\xa9"],
    ]);
    const config = new Config(store);
    expect(config.number("timeout")).toBe(10);
    expect(config.number("replica-priority")).toBe(7);
    expect(config.text("masterauth")).toBe("caf\xc3\xa9");
  });

  it("is not stored when a part of it is refused", () => {
    const store = new MemoryStore();
    const config = new Config(store);
    const before = store.meta("config");
    const pairs: [string, string][] = [
      ["timeout", "10"],
      ["maxmemory", "x"],
    ];
    expect(() => config.set(pairs)).toThrow(ReplyError);
    expect(config.number("timeout")).toBe(0);
    expect(store.meta("config")).toBe(before);
  });

  it("is told to listeners once a setting, by its own name", () => {
    const config = new Config(new MemoryStore());
    const told: string[] = [];
    config.onChange((name) => told.push(`${name}=${config.text(name)}`));
    config.set([
      ["slave-priority", "7"],
      ["timeout", "10"],
    ]);
    expect(told).toEqual(["replica-priority=7", "timeout=10"]);
  });

  it("has no effect where another version knew a setting or a value that this one does not", () => {
    const store = new MemoryStore();
    const set = { nosuch: "1", timeout: "never", hz: "20" };
    store.setMeta("config", JSON.stringify({ set, given: {} }));
    const config = new Config(store);
    expect(config.number("timeout")).toBe(0);
    expect(config.number("hz")).toBe(20);
    config.set([["hz", "30"]]);
    expect(store.meta("config")).toContain("nosuch");
  });
});

describe("what a node is started with", () => {
  const start = (store: MemoryStore, password?: string): Config =>
    new Config(store, password === undefined ? {} : { requirepass: password });

  it("holds in place of the default, and is UTF-8 on the wire", () => {
    expect(start(new MemoryStore(), "café").text("requirepass")).toBe("caf\xc3\xa9");
  });

  it("gives way to CONFIG SET, over restarts too", () => {
    const store = new MemoryStore();
    start(store, "one").set([["requirepass", "two"]]);
    expect(start(store, "one").text("requirepass")).toBe("two");
    expect(start(store, "one").text("requirepass")).toBe("two");
  });

  it("wins again once it is changed itself", () => {
    const store = new MemoryStore();
    start(store, "one").set([["requirepass", "two"]]);
    expect(start(store, "three").text("requirepass")).toBe("three");
    expect(start(store, "three").text("requirepass")).toBe("three");
  });

  it("leaves what CONFIG SET said when it is taken away", () => {
    const store = new MemoryStore();
    start(store, "one").set([["requirepass", "two"]]);
    expect(start(store).text("requirepass")).toBe("two");
    expect(start(new MemoryStore()).text("requirepass")).toBe("");
  });

  it("is not written to the store again when nothing changed", () => {
    const store = new MemoryStore();
    start(store, "one");
    const before = store.rowsWritten;
    start(store, "one");
    expect(store.rowsWritten).toBe(before);
  });

  it("may be what CONFIG SET may not change", () => {
    expect(new Config(new MemoryStore(), { port: "6379" }).number("port")).toBe(6379);
  });

  it("must be right: a node with a bad setting does not start", () => {
    expect(() => new Config(new MemoryStore(), { port: "x" })).toThrow("bad value of port");
    expect(() => new Config(new MemoryStore(), { nosuch: "x" })).toThrow("unknown setting nosuch");
  });
});

describe("CONFIG GET", () => {
  it("shows every name and alias for *, each once, in the order of the alphabet", () => {
    const names = new Config(new MemoryStore()).match(["*", "time*"]).map(([name]) => name);
    const known = SETTINGS.flatMap(({ name, aliases }) => [name, ...aliases]).toSorted();
    expect(names).toEqual(known);
  });
});

describe("bytes", () => {
  it.each([
    ["0", 0],
    ["10b", 10],
    ["1k", 1000],
    ["1kb", 1024],
    ["2M", 2_000_000],
    ["2MB", 2 * 1024 ** 2],
    ["1g", 1e9],
    ["1gB", 1024 ** 3],
    ["1t", undefined],
    ["1 kb", undefined],
    ["-1", undefined],
    ["", undefined],
    ["kb", undefined],
    ["99999999999gb", undefined],
  ])("%j are %j", (text, bytes) => {
    expect(parseMemory(text)).toBe(bytes);
  });
});
