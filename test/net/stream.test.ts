// Streams by chance on the engine and on redis-server, with the commands whose answers tell times: those may
// differ by what two clocks do.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import type { Reply } from "../../shared/resp/reply.ts";
import { engineHarness, throughCodec } from "../support/engine.ts";
import { Draw } from "../support/random-commands.ts";
import { MAKERS, TIMED_MAKERS } from "../support/random/stream.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { type SocketClient, socketClient } from "../support/socket-place.ts";
import { render } from "../support/transcript.ts";

const SEEDS = [1, 2, 3];
const COMMANDS = 2000;
const SETTINGS = { "stream-node-max-entries": "5", "stream-node-max-bytes": "300" };
const CLOCK_MS = 30_000;
/** Unix times are above this, and all other integers in answers below it, or near 2^63. */
const TIME_MIN = 1e12;
const TIME_MAX = 1e13;

describe.skipIf(!hasRedis)("streams on the engine and on redis-server", () => {
  let redis: Redis;
  let peer: SocketClient;
  beforeAll(async () => {
    redis = await startRedis(SETTINGS);
    peer = await socketClient(redis.port);
  });
  afterAll(async () => {
    peer.close();
    await redis.stop();
  });

  it.each(SEEDS)("are the same in every answer, seed %i", { timeout: 60_000 }, async (seed) => {
    const draw = new Draw(seededRandom(seed));
    const harness = engineHarness({ nowMs: Date.now() });
    const ours = throughCodec(harness.connect());
    for (const [name, value] of Object.entries(SETTINGS)) ours.send(["CONFIG", "SET", name, value]);
    await peer.send(["FLUSHALL"]);
    for (let i = 0; i < COMMANDS; i++) {
      const args = draw.of(draw.chance(0.15) ? TIMED_MAKERS : MAKERS)(draw);
      harness.engine.nowMs = Date.now();
      const answer = ours.send(args);
      const wanted = await peer.send(args);
      const theirs = render(wanted);
      const shown = sameTimes(render(isIdleTold(args) ? sameIdle(answer, wanted) : answer), theirs);
      expect({ i, args, answer: shown }).toEqual({ i, args, answer: theirs });
      if (i % 300 === 299) harness.checkpoint({ isForgetting: true });
    }
  });
});

function isIdleTold(args: readonly string[]): boolean {
  return args[0] === "XPENDING" || args[1] === "CONSUMERS";
}

/** Rows of XPENDING and XINFO CONSUMERS with the idle times of the other ones, where they are close. */
function sameIdle(ours: Reply, theirs: Reply): Reply {
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return ours;
  return (ours as readonly Reply[]).map((row, i) => {
    const other = (theirs as readonly Reply[])[i]!;
    if (!Array.isArray(row) || !Array.isArray(other)) return row;
    const [items, wanted] = [row as readonly Reply[], other as readonly Reply[]];
    const at = items[0] === "name" ? 5 : 2;
    const isClose = Math.abs(Number(items[at]) - Number(wanted[at])) < CLOCK_MS;
    return isClose ? items.with(at, wanted[at]!) : items;
  });
}

/** `ours` with the times of `theirs`, where they are close. */
function sameTimes(ours: string, theirs: string): string {
  const wanted = theirs.match(/\d+/g) ?? [];
  let at = 0;
  return ours.replace(/\d+/g, (digits) => {
    const other = wanted[at++] ?? "";
    const time = Number(digits);
    const isTime = time > TIME_MIN && time < TIME_MAX;
    return isTime && Math.abs(time - Number(other)) < CLOCK_MS ? other : digits;
  });
}
