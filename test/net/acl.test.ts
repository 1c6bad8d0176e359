// ACL programs drawn by chance say the same on the engine and on redis-server, as do the keys that both find
// in requests. The engine has redis-server's command table: descriptions of users depend on all of it.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { seededRandom } from "../../shared/base/random.ts";
import { ENGINE_COMMANDS } from "../../shared/engine/tables.ts";
import { type EngineClient, engineHarness, throughCodec } from "../support/engine.ts";
import { AclDraw } from "../support/random/acl-programs.ts";
import { redisTable } from "../support/redis-table.ts";
import { hasRedis, type Redis, startRedis } from "../support/redis.ts";
import { RespClient } from "../support/resp-client.ts";
import { render } from "../support/transcript.ts";

const SEEDS = [1, 2, 3, 4];
const COMMANDS = 1500;
const TABLE = redisTable();
const OURS = TABLE.filter(({ name }) => ENGINE_COMMANDS.some((row) => row.name === name));

describe.skipIf(!hasRedis)("the engine and redis-server", () => {
  let redis: Redis;
  let peer: RespClient;
  let engine: EngineClient;
  beforeAll(async () => {
    redis = await startRedis();
    peer = await RespClient.tcp(redis.port);
  });
  afterAll(async () => {
    peer.close();
    await redis.stop();
  });

  /** Both are given the same: what they answered differently. */
  async function differences(program: readonly (readonly string[])[]): Promise<unknown[]> {
    const theirs = await peer.pipeline(program);
    return program.flatMap((args, i) => {
      const [ours, wanted] = [engine.send(args), theirs[i]!].map((reply) => inOrder(render(reply)));
      return ours === wanted ? [] : [{ args, ours, wanted }];
    });
  }

  it.each(SEEDS)("know the same users after the same rules, seed %i", async (seed) => {
    const draw = new AclDraw(seededRandom(seed), TABLE);
    engine = throughCodec(engineHarness({ commands: TABLE }).connect());
    await peer.send("ACL", "DELUSER", "alice", "bob", "carol");
    const program = Array.from({ length: COMMANDS }, () => draw.command());
    expect(await differences(program)).toEqual([]);
  });

  it.each(SEEDS)("find the same keys in requests, seed %i", async (seed) => {
    const draw = new AclDraw(seededRandom(seed), OURS);
    engine = throughCodec(engineHarness({ commands: TABLE }).connect());
    const program = Array.from({ length: COMMANDS }, () => {
      return ["COMMAND", draw.of(["GETKEYS", "GETKEYSANDFLAGS"]), ...draw.keyedRequest()];
    });
    expect(await differences(program)).toEqual([]);
  });

  it("end the connections of users that lose what they listen to", async () => {
    const answers = async (rules: string): Promise<boolean> => {
      await peer.send(
        "ACL",
        "SETUSER",
        "alice",
        "reset",
        "on",
        "nopass",
        "+@all",
        ...rules.split(" "),
      );
      const client = await RespClient.tcp(redis.port);
      await client.send("AUTH", "alice", "x");
      await client.send("SUBSCRIBE", "a1");
      await peer.send("ACL", "SETUSER", "alice", "resetchannels", "&b*");
      const end = client.closed.then(() => false);
      const isOpen = await Promise.race([
        client.send("PING").then(
          () => true,
          () => false,
        ),
        end,
      ]);
      client.close();
      return isOpen;
    };
    expect([await answers("&a*"), await answers("allchannels")]).toEqual([false, false]);
  });
});

/** Redis shows the single commands of a user in an order by chance, new at each start. */
function inOrder(text: string): string {
  return text.replace(/(?<=[ "(])[+-][^@ ")][^ ")]*(?: [+-][^@ ")][^ ")]*)*/g, (rules) => {
    return rules.split(" ").toSorted().join(" ");
  });
}
