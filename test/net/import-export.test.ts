// npm run import and npm run export, between files, redis-server and our own nodes.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Reply, Status } from "../../shared/resp/reply.ts";
import { startChild } from "../support/child.ts";
import { hasRedis, type Redis, type RedisConfig, startRedis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { ROOT, serve, type Served } from "../support/serve.ts";

const PASSWORD = "secret of the target";
const SETTINGS = { "enable-debug-command": "yes", "repl-diskless-sync-delay": 0 };
/** What is long takes several pieces of 4 MB. */
const LONG_BYTES = 9_000_000;
const MANY = 25_000;
const PADDING = ".".repeat(180);
const DIGITS = ["1", "2", "3"];
const LIBRARY = "#!lua name=lib\nredis.register_function('answer', function() return 42 end)";
const FAR_MS = "4000000000123";

const folder = mkdtempSync(path.join(tmpdir(), "antipode-import-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly code: number;
  readonly output: string;
}

async function run(script: "import" | "export", ...args: readonly string[]): Promise<Outcome> {
  const file = path.join(ROOT, `scripts/${script}.ts`);
  const child = startChild([process.execPath, file, ...args], { cwd: folder });
  return { code: await child.ended, output: child.output() };
}

describe.skipIf(!hasRedis)("import and export", () => {
  let source: Redis;
  let target: Redis;
  let served: Served;
  const clients: RespClient[] = [];
  let from: RespClient;
  let to: RespClient;
  let node: RespClient;
  const servers: Redis[] = [];

  async function start(config: RedisConfig): Promise<[Redis, RespClient]> {
    const redis = await startRedis(config);
    const client = await RespClient.tcp(redis.port);
    servers.push(redis);
    clients.push(client);
    return [redis, client];
  }

  beforeAll(async () => {
    [source, from] = await start(SETTINGS);
    [target, to] = await start(SETTINGS);
    served = await serve({ standalone: true, replicas: [], password: PASSWORD });
    node = await RespClient.tcp(served.ports.master);
    clients.push(node);
    await node.send("AUTH", PASSWORD);
    await fill(from);
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    for (const server of servers) await server.stop();
    await served.stop();
  });

  const digest = async (client: RespClient): Promise<Reply> => await client.send("DEBUG", "DIGEST");

  /** A redis-server that loads this file has the data set of the source. */
  async function expectSourceIn(file: string): Promise<void> {
    const [loaded, client] = await start({ ...SETTINGS, dbfilename: "none.rdb" });
    writeFileSync(path.join(loaded.folder, "none.rdb"), readFileSync(path.join(folder, file)));
    expect(await client.send("DEBUG", "RELOAD", "NOSAVE", "NOFLUSH")).toEqual(new Status("OK"));
    expect(await digest(client)).toEqual(await digest(from));
  }

  it("carry a data set from redis-server by file to another, and back from there", async () => {
    const exported = await run("export", "a.rdb", "--port", String(source.port));
    expect(exported).toMatchObject({ code: 0, output: expect.stringContaining("by PSYNC") });
    const imported = await run("import", "a.rdb", "--port", String(target.port));
    expect(imported.output).toMatch(/checked a\.rdb: \d+ keys in 2 databases, written by 7\.0\.15/);
    expect(imported).toMatchObject({ code: 0, output: expect.stringMatching(/imported \d+ keys/) });
    expect(await digest(to)).toEqual(await digest(from));
    expect(await to.send("FCALL", "answer", "0")).toBe(42);
    await expectSourceIn("a.rdb");
  });

  it("carry it to a node of ours over TCP, and from there by HTTP and by PSYNC", async () => {
    const url = `redis://127.0.0.1:${source.port}`;
    const password = ["--password", PASSWORD];
    const port = ["--port", String(served.ports.master), ...password];
    const imported = await run("import", url, ...port);
    expect(imported).toMatchObject({ code: 0, output: expect.stringContaining("by PSYNC") });
    expect(await run("export", "http.rdb", "--from", served.http, ...password)).toMatchObject({
      code: 0,
      output: expect.stringContaining("by HTTP"),
    });
    await expectSourceIn("http.rdb");
    expect(await run("export", "psync.rdb", ...port)).toMatchObject({ code: 0 });
    await expectSourceIn("psync.rdb");
  });

  it("carry it to a node of ours over a WebSocket, in place of what is there", async () => {
    const args = ["--to", served.http, "--password", PASSWORD];
    await node.send("SET", "old", "1");
    expect(await run("import", "a.rdb", ...args)).toMatchObject({
      code: 1,
      output: expect.stringMatching(
        /holds keys \(db0: \d+, db1: \d+\): say --replace .* or --flush/,
      ),
    });
    expect(await run("import", "a.rdb", ...args, "--replace")).toMatchObject({ code: 0 });
    expect(await node.send("GET", "old")).toBe("1");
    expect(await run("import", "a.rdb", ...args, "--flush")).toMatchObject({ code: 0 });
    expect(await node.send("GET", "old")).toBeNull();
    expect(await digest(node)).toEqual(await digest(from));
    expect(await node.send("FCALL", "answer", "0")).toBe(42);
  });

  it("take one database only", async () => {
    await to.pipeline([["FLUSHALL"], ["FUNCTION", "FLUSH"]]);
    const outcome = await run("import", "a.rdb", "--port", String(target.port), "--db", "1");
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("imported 1 keys") });
    expect(await to.send("DBSIZE")).toBe(0);
  });

  it("go key by key where the source takes no replicas", async () => {
    const [hosted, client] = await start({
      ...SETTINGS,
      "rename-command": ['PSYNC ""', 'REPLCONF ""'],
    });
    await client.send("SET", "a", "1", "PXAT", FAR_MS);
    await client.send("SELECT", "5");
    await client.send("RPUSH", "l", ...DIGITS);
    const outcome = await run("export", "scanned.rdb", "--port", String(hosted.port));
    expect(outcome).toMatchObject({ code: 0, output: expect.stringContaining("by SCAN and DUMP") });
    await to.send("FLUSHALL");
    expect(await run("import", "scanned.rdb", "--port", String(target.port))).toMatchObject({
      code: 0,
    });
    expect(await digest(to)).toEqual(await digest(client));
  });

  it("change nothing when the file is damaged, and name the byte", async () => {
    await to.send("FLUSHALL");
    const whole = readFileSync(path.join(folder, "scanned.rdb"), "latin1");
    const at = whole.indexOf("\x01l") + 2;
    const file = (name: string, text: string): void =>
      writeFileSync(path.join(folder, name), text, "latin1");
    file("flipped.rdb", `${whole.slice(0, at)}\x09${whole.slice(at + 1)}`);
    file("cut.rdb", whole.slice(0, -9));
    file("bit.rdb", whole.replace("\0\x01a", "\0\x01b"));
    file(
      "value.rdb",
      `REDIS0006\xfe\0\x0a\x01l\x0c\x20\0\0\0\x0a\0\0\0\0\0\xff?\xff${"\0".repeat(8)}`,
    );
    file("module.rdb", `REDIS0009\xfe\0\x07\x01m\x81ABCDEFGH\0\xff${"\0".repeat(8)}`);
    file("text.rdb", "hello, I am no such file");
    const rows = [
      ["flipped.rdb", /flipped\.rdb: byte \d+: expected /],
      ["cut.rdb", new RegExp(`cut\\.rdb: byte ${whole.length - 9}: expected more bytes`)],
      ["bit.rdb", new RegExp(`bit\\.rdb: byte ${whole.length - 8}: expected the checksum`)],
      ["value.rdb", /value\.rdb: byte 15: expected the ziplist's size, which is 12 bytes .*"l"/],
      ["module.rdb", /module\.rdb: byte 14: expected a value we can keep, not the module \S+'s/],
      ["text.rdb", /text\.rdb: byte 0: expected REDIS or VALKEY/],
      ["none.rdb", /there is no file none\.rdb/],
    ] as const;
    for (const [name, why] of rows) {
      const outcome = await run("import", name, "--port", String(target.port), "--flush");
      expect({ name, ...outcome }).toEqual({ name, code: 1, output: expect.stringMatching(why) });
    }
    expect(await to.send("DBSIZE")).toBe(0);
  });

  it("leave out what has expired, and say what else they leave out", async () => {
    await to.send("FLUSHALL");
    const keys = `\xfc${"\x01".padEnd(8, "\0")}\0\x01x\x01y\0\x01a\x01b\x02\x01e\0`;
    const text = `REDIS0010\xfe\0${keys}\xff${"\0".repeat(8)}`;
    writeFileSync(path.join(folder, "odd.rdb"), text, "latin1");
    const { code, output } = await run("import", "odd.rdb", "--port", String(target.port));
    expect(code).toBe(0);
    expect(output).toContain("imported 1 keys");
    expect(output).toContain("1 had expired");
    expect(output).toContain("warning: 1 keys without any elements are left out");
    expect(output).toContain("warning: it has no checksum");
    expect(await to.send("KEYS", "*")).toEqual(["a"]);
  });

  it("say in one line what is wrong with a server or a file name", async () => {
    const port = String(served.ports.master);
    const rows = [
      [["import", "a.rdb", "--port", port, "--password", "wrong"], "WRONGPASS"],
      [["import", "a.rdb", "--port", "1"], "cannot reach redis://127.0.0.1:1 (ECONNREFUSED)"],
      [["import", "a.rdb", "--to", "ftp://x"], "is no address"],
      [["import", "a.rdb", "--to", "redis://x/3"], "names a database"],
      [["export", "a.rdb", "--port", port], "a.rdb is there already: say --replace"],
      [["export", "b.rdb", "--from", served.http], "answers 401"],
    ] as const;
    for (const [[script, ...args], why] of rows) {
      const { code, output } = await run(script, ...args);
      expect({ args, code, output }).toEqual({
        args,
        code: 1,
        output: expect.stringContaining(why),
      });
      expect(output.trimEnd().split("\n")).toHaveLength(1);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

/** Something of each type, small and long, in two databases. */
async function fill(client: RespClient): Promise<void> {
  const numbers = Array.from({ length: MANY }, (_, i) => i);
  await client.run([
    ...numbers.slice(0, 2000).map((i) => ["SET", `s:${i}`, `value ${i}`]),
    ["SET", "binary", "\x00\xff\r\n", "PXAT", FAR_MS],
    ["RPUSH", "l", ...DIGITS],
    ["SADD", "set", ...DIGITS],
    ["SADD", "words", "a", "b"],
    ["ZADD", "z", "1.5", "a", "-inf", "b"],
    ["HSET", "h", "f", "v"],
    ["PEXPIREAT", "h", FAR_MS],
    ["XADD", "x", "1-1", "f", "v"],
    ["XGROUP", "CREATE", "x", "g", "0"],
    ["SET", "long:s", "0123456789".repeat(LONG_BYTES / 10)],
    ...many(numbers, "RPUSH", "long:l", (i) => [`${i}${PADDING}`]),
    ...many(numbers, "SADD", "long:set", (i) => [`${i}${PADDING}`]),
    ...many(numbers, "HSET", "long:h", (i) => [`${i}${PADDING}`, String(i)]),
    ...many(numbers, "ZADD", "long:z", (i) => [String(i / 7), `${i}${PADDING}`]),
    ["PEXPIREAT", "long:z", FAR_MS],
    ["FUNCTION", "LOAD", LIBRARY],
    ["SELECT", "1"],
    ["SET", "other", "1"],
  ]);
}

function* many(
  numbers: readonly number[],
  name: string,
  key: string,
  args: (i: number) => string[],
): Generator<string[]> {
  for (let at = 0; at < numbers.length; at += 1000) {
    yield [name, key, ...numbers.slice(at, at + 1000).flatMap(args)];
  }
}
