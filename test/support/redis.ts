// A stock redis-server for one test file: on a free loopback port, in a folder of its own.
//
//   const redis = await startRedis({ appendonly: "yes" });
//   ...
//   await redis.stop();

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { startChild, type Child } from "./child.ts";
import { isOnPath } from "../../scripts/lib/on-path.ts";

/** Whether tests that compare with Redis can run: `describe.skipIf(!hasRedis)`. */
export const hasRedis = isOnPath("redis-server");

const START_MAX_MS = 10_000;
const POLL_MS = 20;
const PORT_TRIES_MAX = 5;

/** The settings of redis.conf, quoted as there; a list where one stands on several lines. */
export type RedisConfig = Readonly<Record<string, string | number | string[]>>;

export type Redis = Child & {
  readonly port: number;
  /** Its working folder, with dump.rdb in it; removed at the end unless the test brought it. */
  readonly folder: string;
};

/**
 * Resolves once it answers PING. Nothing is saved to disk unless `config` says so. A test that starts
 * the same server again gives it the `place` of the first.
 */
export async function startRedis(
  config: RedisConfig = {},
  place: { readonly port?: number; readonly folder?: string } = {},
): Promise<Redis> {
  // Between asking for a free port and its use another process may take it: then ask again.
  for (let tries = 1; ; tries++) {
    const redis = launch(config, { ...place, port: place.port ?? (await freePort()) });
    if (await isReady(redis)) return redis;
    await redis.kill();
    const isTaken = redis.output().includes("Address already in use");
    if (!isTaken || tries === PORT_TRIES_MAX) {
      throw new Error(`redis-server does not start:\n${redis.output()}`);
    }
  }
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function launch(config: RedisConfig, place: { port: number; folder?: string }): Redis {
  const { port } = place;
  const folder = place.folder ?? mkdtempSync(path.join(tmpdir(), "antipode-redis-"));
  const settings: RedisConfig = {
    bind: "127.0.0.1",
    port,
    dir: `"${folder}"`,
    save: '""',
    ...config,
  };
  const lines = Object.entries(settings).flatMap(([name, values]) => {
    return [values].flat().map((value) => `${name} ${value}\n`);
  });
  const file = path.join(folder, "redis.conf");
  writeFileSync(file, lines.join(""));
  const child = startChild(["redis-server", file], { cwd: folder });
  const remove = (): void => {
    if (place.folder === undefined) rmSync(folder, { recursive: true, force: true });
  };
  return {
    ...child,
    port,
    folder,
    stop: (graceMs) => child.stop(graceMs).finally(remove),
    kill: () => child.kill().finally(remove),
  };
}

async function isReady(redis: Redis): Promise<boolean> {
  let hasEnded = false;
  void redis.ended.then(() => (hasEnded = true));
  const untilMs = performance.now() + START_MAX_MS;
  while (!hasEnded && performance.now() < untilMs) {
    // NOAUTH is an answer too: whoever sets a password knows it.
    if (/^(\+PONG|-NOAUTH)/.test(await ping(redis.port))) return !hasEnded;
    await sleep(POLL_MS);
  }
  return false;
}

/** The first bytes of the answer, or nothing where there is none. */
function ping(port: number): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port }, () => socket.write("PING\r\n"));
    const end = (answer: string): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(1_000, () => end(""));
    socket.once("data", (bytes) => end(bytes.toString("latin1")));
    socket.once("error", () => end(""));
    socket.once("close", () => end(""));
  });
}
