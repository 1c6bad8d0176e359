// The helper that other tests start redis-server with: it answers, it is alone, it goes away.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { startChild } from "../support/child.ts";
import { freePort, hasRedis, startRedis } from "../support/redis.ts";

const HELPER = path.resolve(import.meta.dirname, "../support/redis.ts");

describe.skipIf(!hasRedis)("a redis-server for a test", () => {
  test("answers once it is started, and not after it is stopped", async () => {
    const redis = await startRedis();
    expect(await ask(redis.port, "PING")).toBe("+PONG\r\n");
    await redis.stop();
    expect(await ask(redis.port, "PING")).toBe("");
    expect(existsSync(redis.folder)).toBe(false);
  });

  test("has the settings it is given", async () => {
    const redis = await startRedis({ requirepass: "pw", save: ["60 1", "30 2"] });
    expect(await ask(redis.port, "AUTH pw\r\nCONFIG GET save")).toContain("60 1 30 2");
    await redis.stop();
  });

  test("starts again on its data after a crash", async () => {
    const place = { port: await freePort(), folder: mkdtempSync(path.join(tmpdir(), "antipode-")) };
    const config = { appendonly: "yes", appendfsync: "always" };
    const redis = await startRedis(config, place);
    await ask(redis.port, "SET a 1");
    await redis.kill();
    expect(await ask(redis.port, "PING")).toBe("");

    const again = await startRedis(config, place);
    expect(await ask(again.port, "GET a")).toBe("$1\r\n1\r\n");
    await again.stop();
    rmSync(place.folder, { recursive: true });
  });

  test("shows what redis-server said when it does not start", async () => {
    await expect(startRedis({ "no-such-setting": 1 })).rejects.toThrow("no-such-setting");
  });

  test("dies with the process that started it, however that ends", async () => {
    const port = await freePort();
    const source = `
      const { startRedis } = await import(${JSON.stringify(HELPER)});
      await startRedis({}, { port: ${port} });
      process.kill(process.pid, "SIGKILL");`;
    const parent = startChild([process.execPath, "--input-type=module", "-e", source]);
    expect(await parent.ended).not.toBe(0);
    for (let tries = 0; tries < 100 && (await ask(port, "PING")) !== ""; tries++) await sleep(20);
    expect(await ask(port, "PING")).toBe("");
  });
});

/** What the server answers to a line, or nothing where there is no server. */
function ask(port: number, line: string): Promise<string> {
  return new Promise((done) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(`${line}\r\nQUIT\r\n`));
    socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
    socket.on("error", () => done(""));
    socket.on("close", () => done(answer.replace(/\+OK\r\n$/, "")));
  });
}
