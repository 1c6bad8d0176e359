// Whether redis-server and an engine hold the same keys, with the same values, encodings and expiries.

import { datasetDigest, valueDigest } from "../../shared/engine/digest.ts";
import type { Engine } from "../../shared/engine/engine.ts";
import { type Reply, Status } from "../../shared/resp/reply.ts";
import { render } from "../support/transcript.ts";
import { DATABASES } from "./program.ts";
import type { RedisClient } from "./redis-client.ts";
import { areSame, type Difference, type Past } from "./sameness.ts";

/** A command run by our side. */
type Ask = (args: readonly string[]) => Reply;

/** Our side. */
interface Side {
  readonly engine: Engine;
  readonly ask: Ask;
  readonly past: Past;
}

/** What is asked of every key. Its digest is read from the engine: DEBUG is not for everyone. */
const QUESTIONS = ["TYPE", "OBJECT ENCODING", "PEXPIRETIME"];

/** The first key that differs, by name and by how; keys that have expired are none. */
export async function compareDataSets(
  { engine, ask, past }: Side,
  redis: RedisClient,
): Promise<Difference | undefined> {
  for (let db = 0; db < DATABASES; db++) {
    ask(["SELECT", String(db)]);
    await redis.ask("SELECT", String(db));
    const names = new Set([await redis.ask("KEYS", "*"), ask(["KEYS", "*"])].flat() as string[]);
    for (const name of names) {
      const difference = await compareKey({ engine, ask, past, db, name }, redis);
      if (difference !== undefined) return difference;
    }
  }
  const theirs = await redis.ask("DEBUG", "DIGEST");
  const ours = new Status(datasetDigest(engine));
  return differenceOf("DEBUG DIGEST, though every key is the same", ours, theirs);
}

async function compareKey(
  { engine, ask, past, db, name }: Side & { db: number; name: string },
  redis: RedisClient,
): Promise<Difference | undefined> {
  const where = `of ${render(name)} in database ${db}`;
  for (const question of QUESTIONS) {
    const args = [...question.split(" "), name];
    const answer = { args, ours: ask(args), theirs: await redis.ask(...args) };
    if (areSame(answer, { protocol: 2, queued: [], past })) continue;
    return differenceOf(`${question} ${where}`, answer.ours, answer.theirs);
  }
  const { keyspace } = engine;
  const entry = keyspace.find(keyspace.space(db), name);
  if (entry !== undefined) keyspace.loaded(entry);
  const theirs = await redis.ask("DEBUG", "DIGEST-VALUE", name);
  return differenceOf(`the value ${where}`, [new Status(valueDigest(entry))], theirs);
}

function differenceOf(what: string, ours: Reply, theirs: Reply): Difference | undefined {
  const [own, other] = [render(ours), render(theirs)];
  return own === other ? undefined : { what, ours: own, theirs: other };
}
