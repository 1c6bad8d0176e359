// The engine and redis-server are given the same commands, drawn by chance: they answer the same, and
// send their replicas the same.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { showUnits } from "../engine/effect-cases.ts";
import { engineHarness, throughCodec } from "../support/engine.ts";
import { randomCommand } from "../support/random-commands.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { redisStream, type RedisStream, type Unit } from "../support/redis-stream.ts";
import { type SocketClient, socketClient } from "../support/socket-place.ts";
import { render, sorted } from "../support/transcript.ts";

const SEEDS = [1, 2, 3, 4];
const COMMANDS = 1500;
/** Times that two clocks told at the same time may differ by so much. */
const CLOCK_MS = 30_000;

describe.skipIf(!hasRedis)("the engine and redis-server", () => {
  let redis: Redis;
  let stream: RedisStream;
  let control: SocketClient;
  beforeAll(async () => {
    redis = await startRedis({ "enable-debug-command": "yes", "proto-max-bulk-len": "32mb" });
    stream = await redisStream(redis.port);
    control = await socketClient(redis.port);
    await control.send(["DEBUG", "SET-ACTIVE-EXPIRE", "0"]);
  });
  afterAll(async () => {
    stream.close();
    control.close();
    await redis.stop();
  });

  it.each(SEEDS)("answer and propagate alike, seed %i", async (seed) => {
    const random = seededRandom(seed);
    const harness = engineHarness({ nowMs: Date.now() });
    await control.send(["FLUSHALL"]);
    await control.send(["PUBLISH", "start", ""]);
    await stream.until("start");
    const clients = [throughCodec(harness.connect()), throughCodec(harness.connect())];
    const peers = [await socketClient(redis.port), await socketClient(redis.port)];
    for (let i = 0; i < COMMANDS; i++) {
      const at = random.next() < 0.8 ? 0 : 1;
      const args = randomCommand(random);
      harness.engine.nowMs = Date.now();
      harness.units.length = 0;
      const ours = shown(clients[at]!.send(args), harness.units);
      const reply = await peers[at]!.send(args);
      await control.send(["PUBLISH", "done", ""]);
      const theirs = shown(reply, await stream.until("done"));
      expect({ i, args, answer: sameTimes(ours, theirs) }).toEqual({ i, args, answer: theirs });
    }
    for (const peer of peers) peer.close();
  });
});

/** The answer and what was propagated; keys in any order, as a walk meets them in an order of its own. */
function shown(reply: Reply, units: readonly Unit[]): string {
  return [render(sorted(reply)), ...showUnits(units, 0).toSorted()].join("\n");
}

/** `ours` with the times of `theirs`, where they are close. */
function sameTimes(ours: string, theirs: string): string {
  const wanted = theirs.match(/\d{10,}/g) ?? [];
  let at = 0;
  return ours.replace(/\d{10,}/g, (time) => {
    const other = wanted[at++];
    const isClose = other !== undefined && Math.abs(Number(time) - Number(other)) < CLOCK_MS;
    return isClose ? other : time;
  });
}
