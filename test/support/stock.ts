// A stock redis-server on one side of a link and a node of ours on the other: how tests tell that they are
// level, and that they hold the same.

import { type Reply, ReplyError, Status } from "../../shared/resp/reply.ts";
import type { Redis, RedisConfig } from "./redis.ts";
import { startRedis } from "./redis.ts";
import type { RespClient } from "./resp-client.ts";
import { asText, digestOf, infoOf, isLinkUp, offsetOf } from "./server-facts.ts";
import { render } from "./transcript.ts";
import { until } from "./until.ts";

/** A diskless full sync would otherwise wait for more replicas to come. */
const SETTINGS: RedisConfig = {
  "enable-debug-command": "yes",
  "repl-diskless-sync-delay": 0,
  "proto-max-bulk-len": "32mb",
};
const DATABASES = 16;
/** Of XINFO STREAM: what is no part of the data, or each server's own. */
const OWN = new Set(["radix-tree-keys", "radix-tree-nodes", "seen-time", "active-time"]);

export function startStock(
  config: RedisConfig = {},
  place: { readonly port?: number; readonly folder?: string } = {},
): Promise<Redis> {
  return startRedis({ ...SETTINGS, ...config }, place);
}

/** Waits until the replica follows and has all that the master has. */
export async function untilLevel(
  master: RespClient,
  replica: RespClient,
  { timeoutMs = 60_000 } = {},
): Promise<void> {
  const isLevel = async (): Promise<boolean> =>
    (await isLinkUp(replica)) && (await offsetOf(replica)) === (await offsetOf(master));
  try {
    await until("the replica to be level", isLevel, { timeoutMs });
  } catch (error) {
    const facts = [await replicationOf(master), await replicationOf(replica)];
    throw new Error(`the replica is not level:\n${facts.join("\n")}`, { cause: error });
  }
}

async function replicationOf(client: RespClient): Promise<string> {
  return [...(await infoOf(client, "replication"))].map((pair) => pair.join(":")).join("\n");
}

/** `sync_full`, `sync_partial_ok` and `sync_partial_err` of a master. */
export async function syncsOf(client: RespClient): Promise<[string, string, string]> {
  const stats = await infoOf(client, "stats");
  const count = (name: string): string => stats.get(name)!;
  return [count("sync_full"), count("sync_partial_ok"), count("sync_partial_err")];
}

/** What `replica` holds and `master` does not, or otherwise; a line a key. The clients change database. */
export async function differences(master: RespClient, replica: RespClient): Promise<string[]> {
  const found: string[] = [];
  const isSame = (await digestOf(master)) === (await digestOf(replica));
  for (let db = 0; db < DATABASES; db++) {
    const [names, others] = [await keysOf(master, db), await keysOf(replica, db)];
    // The digest is silent about consumer groups.
    for (const name of isSame ? [] : new Set([...names, ...others])) {
      const [own, other] = [await shownKey(master, name), await shownKey(replica, name)];
      if (own !== other) found.push(`${db} ${JSON.stringify(name)}: ${own} | ${other}`);
    }
    for (const name of await keysOf(master, db, "stream")) {
      const [own, other] = [await shownStream(master, name), await shownStream(replica, name)];
      if (own !== other) found.push(`${db} ${JSON.stringify(name)}: ${own} | ${other}`);
    }
  }
  if (!isSame && found.length === 0) found.push("DEBUG DIGEST, though no key differs");
  const libraries = [await shownLibraries(master), await shownLibraries(replica)];
  if (libraries[0] !== libraries[1]) found.push(`libraries: ${libraries.join(" | ")}`);
  return found;
}

async function keysOf(client: RespClient, db: number, type?: string): Promise<string[]> {
  await client.send("SELECT", `${db}`);
  const names: string[] = [];
  let cursor = "0";
  do {
    const filter = type === undefined ? [] : ["TYPE", type];
    const reply = await client.send("SCAN", cursor, "COUNT", "1000", ...filter);
    const [next, page] = reply as [string, string[]];
    names.push(...page);
    cursor = next;
  } while (cursor !== "0");
  return [...new Set(names)];
}

async function shownKey(client: RespClient, name: string): Promise<string> {
  const commands = [
    ["TYPE", name],
    ["PEXPIRETIME", name],
    ["DEBUG", "DIGEST-VALUE", name],
  ];
  return (await client.pipeline(commands))
    .map((reply) => render(reply))
    .join(" ")
    .replaceAll(/\s+/g, " ");
}

async function shownStream(client: RespClient, name: string): Promise<string> {
  const reply = await client.send("XINFO", "STREAM", name, "FULL", "COUNT", "0");
  // It may have expired.
  return reply instanceof ReplyError ? "none" : JSON.stringify(withoutOwn(reply));
}

/** A reply without the fields that are each server's own. */
function withoutOwn(reply: Reply): unknown {
  if (reply instanceof Status) return reply.text;
  if (typeof reply === "bigint") return String(reply);
  if (!Array.isArray(reply)) return reply;
  const items = reply as readonly Reply[];
  const isOwn = (item: Reply | undefined): boolean => typeof item === "string" && OWN.has(item);
  return items.flatMap((item, i) => {
    return isOwn(item) || isOwn(items[i - 1]) ? [] : [withoutOwn(item)];
  });
}

async function shownLibraries(client: RespClient): Promise<string> {
  const reply = await client.send("FUNCTION", "LIST", "WITHCODE");
  if (reply instanceof ReplyError) return asText(reply);
  return (reply as Reply[])
    .map((library) => JSON.stringify(library))
    .toSorted()
    .join("\n");
}
