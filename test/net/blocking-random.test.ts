// Clients by chance, some of which wait, on a node in process and on redis-server: everybody hears the
// same on both.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { type NodeParty, nodeScene } from "../blocking/node-scene.ts";
import { type Party, show } from "../blocking/programs.ts";
import { socketScene } from "../blocking/socket-scene.ts";
import { BLOCKING_MAKERS, MAKERS } from "../support/random/list.ts";
import { Draw } from "../support/random-commands.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";

const SEEDS = [1, 2, 3, 4];
const STEPS = 500;
const CLIENTS = 6;

interface Pair {
  readonly ours: NodeParty;
  readonly theirs: Party;
}

type Commands = readonly (readonly string[])[];

/** What a client that does not wait sends at once. */
function commandsOf(draw: Draw): Commands {
  const one = (): readonly string[] => draw.of(draw.chance(0.15) ? BLOCKING_MAKERS : MAKERS)(draw);
  const some = (): Commands => Array.from({ length: draw.of([1, 2, 3, 5]) }, one);
  if (draw.chance(0.35)) return [draw.of(BLOCKING_MAKERS)(draw)];
  return draw.chance(0.3) ? [["MULTI"], ...some(), ["EXEC"]] : some();
}

/** Both send; returns what everybody then heard, by client. */
async function exchange(pairs: readonly Pair[], sender: Pair, commands: [Commands, Commands]) {
  sender.ours.send(commands[0]);
  sender.theirs.send(commands[1]);
  if (sender.ours.isWaiting) await sender.theirs.waits();
  const heard = { ours: [] as string[], theirs: [] as string[] };
  for (const [i, { ours, theirs }] of pairs.entries()) {
    for (let reply = ours.next(); reply !== undefined; reply = ours.next()) {
      heard.ours.push(`${i}: ${show(reply)}`);
      heard.theirs.push(`${i}: ${show(await theirs.next())}`);
    }
  }
  return heard;
}

describe.skipIf(!hasRedis)("clients by chance, on redis-server and a node", () => {
  let redis: Redis;
  beforeAll(async () => {
    redis = await startRedis({ "enable-debug-command": "yes" });
  });
  afterAll(() => redis.stop());

  it.each(SEEDS)("hear the same, seed %i", async (seed) => {
    const draw = new Draw(seededRandom(seed));
    const [here, there] = [nodeScene(), await socketScene(redis.port)];
    const pairs: Pair[] = [];
    while (pairs.length < CLIENTS) {
      pairs.push({ ours: here.open(), theirs: await there.open() });
    }
    let waits = 0;
    for (let step = 0; step < STEPS; step++) {
      const free = pairs.filter(({ ours }) => !ours.isWaiting);
      const waiting = pairs.filter(({ ours }) => ours.isWaiting);
      const sender = draw.of(free);
      let commands = commandsOf(draw);
      let both: [Commands, Commands] = [commands, commands];
      if (free.length === 1 || (waiting.length > 0 && draw.chance(0.05))) {
        const { ours, theirs } = draw.of(waiting);
        const how = draw.of(["TIMEOUT", "ERROR"]);
        commands = [["MULTI"], ["CLIENT", "UNBLOCK", "@", how], ["RPUSH", "a", "1"], ["EXEC"]];
        const named = (id: string) => commands.map((args) => args.map((a) => (a === "@" ? id : a)));
        both = [named(ours.id), named(theirs.id)];
      }
      const { ours, theirs } = await exchange(pairs, sender, both);
      expect({ step, commands, heard: ours }).toEqual({ step, commands, heard: theirs });
      expect({ step, commands, rest: await there.rest() }).toEqual({ step, commands, rest: [] });
      waits += waiting.length;
    }
    await there.close();
    expect(waits).toBeGreaterThan(STEPS / 2);
  });
});
