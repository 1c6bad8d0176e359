// Another Worker uses the database over a service binding: two Workers under Miniflare.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Miniflare } from "miniflare";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle, MAIN_MODULE } from "../../scripts/lib/bundle.ts";
import { COMPATIBILITY_DATE } from "../../scripts/lib/workerd.ts";
import { until } from "../support/until.ts";

/** Calls the method that it is asked for, and says what came of it. Bytes go as lists of numbers. */
const CALLER = `
const shown = (value) =>
  value instanceof Uint8Array ? { bytes: [...value] }
  : Array.isArray(value) ? value.map(shown)
  : value !== null && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(item)]))
  : value;
const meant = (value) =>
  value?.bytes !== undefined ? Uint8Array.from(value.bytes)
  : Array.isArray(value) ? value.map(meant) : value;
export default {
  async fetch(request, env) {
    const { binding = "DB", method, args, session } = await request.json();
    try {
      if (session !== undefined) {
        using own = await env[binding].session(session);
        const gives = [];
        for (const [name, ...rest] of args) {
          gives.push(shown(name === "syncToken" ? await own.syncToken : await own[name](...rest)));
        }
        return Response.json({ gives });
      }
      return Response.json({ gives: shown(await env[binding][method](...meant(args))) });
    } catch (error) {
      return Response.json({ throws: error.message });
    }
  },
};`;

let folder: string;
let miniflare: Miniflare;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "antipode-binding-"));
  await bundle("workers/index.ts", folder);
  const modules: Record<string, { type: string; contents: string | Buffer }> = {};
  for (const name of await readdir(folder)) {
    const contents = await readFile(path.join(folder, name));
    if (name === MAIN_MODULE) modules[name] = { type: "esm", contents: contents.toString("utf8") };
    else if (name.endsWith(".wasm")) modules[name] = { type: "wasm", contents };
  }
  const database = {
    config: {
      name: "antipode",
      compatibilityDate: COMPATIBILITY_DATE,
      manifest: { mainModule: MAIN_MODULE, modules },
      env: {
        NODE: { type: "durable-object", worker: "antipode", exportName: "Node" },
        REDIS_PASSWORD: { type: "text", value: "secret" },
        REPLICAS: { type: "text", value: "weur" },
      },
      exports: { Node: { type: "durable-object", storage: "sqlite" } },
    },
  };
  const binding = { type: "worker", worker: "antipode", exportName: "Database" };
  const caller = {
    config: {
      name: "caller",
      compatibilityDate: COMPATIBILITY_DATE,
      manifest: {
        mainModule: "caller.js",
        modules: { "caller.js": { type: "esm", contents: CALLER } },
      },
      env: { DB: binding, READER: { ...binding, props: { isReadOnly: true } } },
    },
  };
  miniflare = new Miniflare({
    port: 0,
    host: "127.0.0.1",
    cf: false,
    telemetry: { enabled: false },
    resourcePersistencePath: folder,
    workers: [caller, database],
  } as unknown as ConstructorParameters<typeof Miniflare>[0]);
  await miniflare.ready;
});
afterAll(async () => {
  await miniflare.dispose();
  await rm(folder, { recursive: true, force: true });
});

async function ask(method: string, args: readonly unknown[], binding = "DB"): Promise<unknown> {
  const body = JSON.stringify({ binding, method, args });
  const response = await fetch(await miniflare.ready, { method: "POST", body });
  return await response.json();
}

/** Calls of one session, each `[method, ...arguments]`. */
async function inSession(
  calls: readonly (readonly unknown[])[],
  session: Record<string, unknown> = {},
): Promise<{ gives?: unknown[]; throws?: string }> {
  const body = JSON.stringify({ session, args: calls });
  const response = await fetch(await miniflare.ready, { method: "POST", body });
  return (await response.json()) as { gives?: unknown[]; throws?: string };
}

/** How many GETs a node has run. */
async function getsAt(node: string): Promise<number> {
  const { gives } = (await ask("run", [["INFO", "commandstats"], { node }])) as { gives: string };
  return Number(/cmdstat_get:calls=(\d+)/.exec(gives)?.[1] ?? 0);
}

const NEAR = { near: "weur" };

/** The replica is made by the first who reads there, and the master answers until it has loaded. */
async function replicaServes(): Promise<void> {
  await until("the replica answers", async () => {
    const before = await getsAt("weur");
    await ask("get", ["k", NEAR]);
    return (await getsAt("weur")) > before;
  });
}

const given = (value: unknown) => ({ gives: value });
const thrown = (text: string) => ({ throws: text });

describe("over a service binding", () => {
  it("commands are run and answered, without a token", async () => {
    expect(await ask("set", ["k", "grün", { ttlMs: 60_000 }])).toEqual(given(true));
    expect(await ask("get", ["k"])).toEqual(given("grün"));
    expect(await ask("set", ["k", 1, { when: "absent" }])).toEqual(given(false));
    expect(await ask("run", [["TTL", "k"]])).toEqual(given(60));
    expect(await ask("delete", ["k", "none"])).toEqual(given(1));
    expect(await ask("get", ["k"])).toEqual(given(null));
    expect(await ask("increment", ["n"])).toEqual(given(1));
    expect(await ask("increment", ["n", 41])).toEqual(given(42));
    expect(await ask("publish", ["channel", "x"])).toEqual(given(0));
    expect(await ask("run", [["MSET", "a", 1, "b", true]])).toEqual(given("OK"));
    expect(await ask("run", [["MGET", "a", "b", "none"]])).toEqual(given(["1", "true", null]));
  });

  it("bytes go in and come out as they are", async () => {
    const bytes = { bytes: [0, 255, 128, 13, 10] };
    expect(await ask("set", ["bin", bytes])).toEqual(given(true));
    expect(await ask("getBytes", ["bin"])).toEqual(given(bytes));
    expect(await ask("run", [["MGET", "bin", "none"], { asBytes: true }])).toEqual(
      given([bytes, null]),
    );
    expect(await ask("get", ["bin"])).toEqual(given("\0\ufffd\ufffd\r\n"));
    expect(await ask("run", [["SET", "ok", "OK"], { asBytes: true }])).toEqual(given("OK"));
    expect(await ask("getBytes", ["ok"])).toEqual(given({ bytes: [79, 75] }));
  });

  it("a failure is an error with the server's words", async () => {
    await ask("set", ["text", "x"]);
    expect(await ask("increment", ["text"])).toEqual(
      thrown("ERR value is not an integer or out of range"),
    );
    expect(await ask("run", [["WATCH", "a"]])).toMatchObject({
      throws: expect.stringContaining('Command "WATCH" is not allowed'),
    });
    expect(await ask("run", [["GET", "a"], { node: "nowhere" }])).toEqual(
      thrown("ERR no such node"),
    );
    expect(await ask("run", [["GET", { a: 1 }]])).toMatchObject({
      throws: expect.stringContaining("an argument is"),
    });
  });

  it("pipelines and transactions have an outcome for each command", async () => {
    const commands = [
      ["SET", "p", "x"],
      ["INCR", "p"],
      ["GET", "p"],
    ];
    const outcomes = given([
      { result: "OK" },
      { error: "ERR value is not an integer or out of range" },
      { result: "x" },
    ]);
    expect(await ask("pipeline", [commands])).toEqual(outcomes);
    expect(await ask("transaction", [commands])).toEqual(outcomes);
    expect(await ask("pipeline", [[]])).toEqual(given([]));
    expect(await ask("transaction", [[["SET", "p", "y"], ["NOSUCH"]]])).toMatchObject({
      throws: expect.stringMatching(/^ERR unknown command 'NOSUCH'/),
    });
    expect(await ask("get", ["p"])).toEqual(given("x"));
  });

  it("reads are where it is near, and writes at the master", async () => {
    await replicaServes();
    const [master, near] = [await getsAt("master"), await getsAt("weur")];
    await ask("set", ["near", "1"]);
    await ask("run", [["GET", "near"], NEAR]);
    await ask("pipeline", [[["GET", "near"]], { near: { latitude: "52.5", longitude: "13.4" } }]);
    expect(await getsAt("weur")).toBe(near + 2);
    expect(await getsAt("master")).toBe(master);
  });

  it("reads are as fresh as they are asked to be", async () => {
    await replicaServes();
    const [master, near] = [await getsAt("master"), await getsAt("weur")];
    await ask("set", ["fresh", "now"]);
    for (const consistency of ["strong", "max-lag=0"]) {
      expect(await ask("get", ["fresh", { ...NEAR, consistency }])).toEqual(given("now"));
    }
    await ask("get", ["fresh", { ...NEAR, consistency: "any" }]);
    expect(await getsAt("master")).toBeGreaterThan(master);
    expect(await getsAt("weur")).toBeGreaterThan(near);
    expect(await ask("get", ["fresh", { consistency: "soon" }])).toEqual(
      thrown("ERR consistency is strong, token, any or max-lag=MILLISECONDS"),
    );
    expect(await ask("get", ["fresh", { near: "mars" }])).toEqual(
      thrown("ERR near names no region"),
    );
  });

  it("a session reads what it has written, and hands on what it has seen", async () => {
    await replicaServes();
    const calls = Array.from({ length: 20 }, (_, i) => [
      ["set", "own", String(i)],
      ["get", "own"],
    ]).flat();
    const { gives } = await inSession([...calls, ["syncToken"]], NEAR);
    const values = gives!.slice(0, -1).filter((_, i) => i % 2 === 1);
    expect(values).toEqual(Array.from({ length: 20 }, (_, i) => String(i)));
    const syncToken = gives!.at(-1) as string;
    expect(syncToken).toMatch(/^[0-9a-f]{40}:\d+$/);
    // Another session begins with it; so does who reads once.
    expect(await inSession([["get", "own"]], { ...NEAR, syncToken })).toEqual(given(["19"]));
    expect(await ask("get", ["own", { ...NEAR, syncToken }])).toEqual(given("19"));
  });

  it("a session with a token of nowhere reads at the master", async () => {
    await replicaServes();
    const near = await getsAt("weur");
    const syncToken = `${"0".repeat(40)}:1`;
    expect(await inSession([["get", "none"]], { ...NEAR, syncToken })).toEqual(given([null]));
    expect(await getsAt("weur")).toBe(near);
  });

  it("a binding for reading only reads", async () => {
    await ask("set", ["r", "1"]);
    expect(await ask("get", ["r"], "READER")).toEqual(given("1"));
    expect(await ask("set", ["r", "2"], "READER")).toEqual(
      thrown("NOPERM this user has no permissions to run the 'set' command or its subcommand"),
    );
  });
});
