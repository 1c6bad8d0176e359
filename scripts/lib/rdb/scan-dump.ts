// A data set key by key, as an RDB file: SCAN finds the keys, DUMP tells their values.

import { Crc64 } from "../../../shared/base/crc64.ts";
import { fromBinary } from "../../../shared/base/bytes.ts";
import { escape } from "../../../shared/engine/monitor.ts";
import { encodedIn } from "../../../shared/rdb/dump.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey } from "../../../shared/rdb/writer.ts";
import { type Reply, ReplyError } from "../../../shared/resp/reply.ts";
import type { Progress } from "../progress.ts";
import type { RedisClient } from "../redis-client.ts";

const SCAN_COUNT = "500";

export async function scanAndDump(
  client: RedisClient,
  write: (bytes: Uint8Array) => void,
  progress: Progress,
): Promise<void> {
  const crc = new Crc64();
  const say = (text: string): void => {
    crc.update(text);
    write(fromBinary(text));
  };
  say(rdbHeader({}));
  for (const { db, keys, expires } of await databasesOf(client)) {
    await client.ask("SELECT", String(db));
    say(rdbDatabase(db, { keys, expires }));
    let cursor = "0";
    do {
      const [next, names] = (await client.ask("SCAN", cursor, "COUNT", SCAN_COUNT)) as [
        string,
        string[],
      ];
      await dumpAll(client, names, (text) => {
        say(text);
        progress.keys++;
      });
      cursor = next;
    } while (cursor !== "0");
  }
  write(fromBinary(rdbEnd(crc)));
}

async function databasesOf(
  client: RedisClient,
): Promise<{ db: number; keys: number; expires: number }[]> {
  const info = await client.text("INFO", "keyspace");
  return Array.from(
    info.matchAll(/^db(\d+):keys=(\d+),expires=(\d+)/gm),
    ([, db, keys, expires]) => {
      return { db: Number(db), keys: Number(keys), expires: Number(expires) };
    },
  );
}

/** Keys of one answer to SCAN, in the selected database. One that is gone meanwhile is left out. */
async function dumpAll(
  client: RedisClient,
  names: readonly string[],
  take: (text: string) => void,
): Promise<void> {
  const pipeline = client.pipeline();
  for (const name of names) {
    let leftMs = -1;
    await pipeline.send(["PTTL", name], (reply) => {
      leftMs = Number(reply);
      return errorIn(reply, "PTTL", name);
    });
    await pipeline.send(["DUMP", name], (reply) => {
      if (typeof reply !== "string") return errorIn(reply, "DUMP", name);
      const encoded = encodedIn(reply);
      if (encoded === undefined) return `DUMP of "${escape(name)}" is in a form we do not read`;
      const expiresAtMs = leftMs < 0 ? 0 : Date.now() + leftMs;
      take(rdbKey({ name, ...encoded, expiresAtMs }));
      return undefined;
    });
  }
  await pipeline.end();
}

function errorIn(reply: Reply, what: string, name: string): string | undefined {
  return reply instanceof ReplyError ? `${what} of "${escape(name)}": ${reply.text}` : undefined;
}
