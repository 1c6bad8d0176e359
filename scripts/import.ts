// npm run import -- SOURCE: the keys of an RDB file, or of another server, into a running server.
//
// Nothing is sent before the whole source has been read and found sound: a damaged file changes nothing.
// A server's data set is first fetched into a file, so the same holds for it.

import { closeSync, existsSync, mkdtempSync, openSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { escape } from "../shared/engine/monitor.ts";
import type { KeyRecord } from "../shared/rdb/loader.ts";
import { ReplyError } from "../shared/resp/reply.ts";
import { flag, integer, readCommandLine, text } from "./lib/options.ts";
import type { Pipeline } from "./lib/pipeline.ts";
import { Progress } from "./lib/progress.ts";
import { fetchRdb } from "./lib/rdb/fetch.ts";
import { checkRdb, isSound, type RdbContents, readRdb } from "./lib/rdb/read.ts";
import { commandsFor } from "./lib/rdb/restore.ts";
import { RedisClient } from "./lib/redis-client.ts";
import {
  isServer,
  type ServerAddress,
  serverAddressOf,
  shownAddress,
} from "./lib/server-address.ts";

const { options, positionals } = readCommandLine({
  name: "npm run import --",
  summary:
    "Loads an RDB file of Redis or Valkey, or another server's data set, into a running server.",
  positionals: [
    {
      name: "SOURCE",
      help: "FILE.rdb, redis://[user:password@]host:port, or a deployment's https://",
    },
  ],
  options: {
    to: text("URL", "the server to load into: redis://, rediss:// or a deployment's https://"),
    port: integer("PORT", "the same, on this machine", { default: 6379, min: 1, max: 65535 }),
    password: text("PW", "of the server to load into", { default: "", env: "REDIS_PASSWORD" }),
    sourcePassword: text("PW", "of the server to load from", { default: "" }),
    db: integer("N", "only the keys of this database"),
    replace: flag("keys that are there already are replaced"),
    flush: flag("the server is emptied first"),
  },
});

try {
  await main();
} catch (error) {
  process.stderr.write(
    `npm run import: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}

async function main(): Promise<void> {
  const target = serverAddressOf(options.to ?? `redis://127.0.0.1:${options.port}`);
  const source = positionals[0]!;
  // The target is asked first: whoever has mistyped its address need not wait for the source.
  const client = await RedisClient.connect(target, options.password);
  if (!options.flush && !options.replace) await checkEmpty(client);
  if (isServer(source)) await importFrom(serverAddressOf(source), client);
  else if (existsSync(source)) await importFile(source, client);
  else throw new Error(`there is no file ${source}`);
  client.close();
}

async function checkEmpty(client: RedisClient): Promise<void> {
  const info = await client.text("INFO", "keyspace");
  const databases = Array.from(
    info.matchAll(/^(db\d+):keys=(\d+)/gm),
    ([, db, n]) => `${db}: ${n}`,
  );
  if (databases.length === 0) return;
  const where = shownAddress(client.address);
  throw new Error(
    `${where} holds keys (${databases.join(", ")}): ` +
      "say --replace to add to them, or --flush to delete them",
  );
}

async function importFrom(source: ServerAddress, client: RedisClient): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "antipode-import-"));
  try {
    const file = path.join(folder, "fetched.rdb");
    const fd = openSync(file, "w");
    const how = await fetchRdb(source, { fd }, options.sourcePassword);
    closeSync(fd);
    say(`fetched ${shownAddress(source)} ${how}`);
    await importFile(file, client);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function importFile(file: string, client: RedisClient): Promise<void> {
  const contents = await checkRdb(file);
  const { keys, databases, writtenBy, warnings } = contents;
  const by = writtenBy === "" ? "" : `, written by ${writtenBy}`;
  say(`checked ${path.basename(file)}: ${keys} keys in ${databases.length} databases${by}`);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  if (options.flush) await client.ask("FLUSHALL");
  const startMs = performance.now();
  const { sent, expired } = await send(file, contents, client);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  const left = expired === 0 ? "" : ` (${expired} had expired and were left out)`;
  say(`imported ${sent} keys into ${shownAddress(client.address)} in ${seconds} s${left}`);
}

/** Sends what the file holds; its contents have been found sound. */
async function send(
  file: string,
  { emptyKeys }: RdbContents,
  client: RedisClient,
): Promise<{ sent: number; expired: number }> {
  const progress = new Progress("importing", statSync(file).size);
  const pipeline = client.pipeline();
  let selected = 0;
  let expired = 0;
  for await (const records of readRdb(file, progress)) {
    for (const record of records) {
      if (record.kind === "function") await sendLibrary(record.code, pipeline);
      if (record.kind !== "key" || !isWanted(record)) continue;
      if (record.expiresAtMs !== 0 && record.expiresAtMs <= Date.now()) expired++;
      else if (emptyKeys === 0 || isSound(path.basename(file), record)) {
        const commands = commandsFor(record, { isReplacing: options.replace });
        if (record.db !== selected) {
          selected = record.db;
          await pipeline.send(["SELECT", String(selected)], (reply) => {
            return reply instanceof ReplyError ? `database ${record.db}: ${reply.text}` : undefined;
          });
        }
        for (const args of commands) {
          await pipeline.send(args, (reply) => {
            if (!(reply instanceof ReplyError)) return undefined;
            return `${args[0]} of "${escape(record.name)}" in database ${record.db}: ${reply.text}`;
          });
        }
        progress.keys++;
      }
    }
  }
  await pipeline.end();
  progress.end();
  return { sent: progress.keys, expired };
}

/** Libraries come before the keys: where they are refused, nothing has been sent yet. */
async function sendLibrary(code: string, pipeline: Pipeline): Promise<void> {
  const replace = options.replace || options.flush ? ["REPLACE"] : [];
  await pipeline.send(["FUNCTION", "LOAD", ...replace, code], (reply) => {
    return reply instanceof ReplyError ? `a function library: ${reply.text}` : undefined;
  });
  await pipeline.end();
}

function isWanted({ db }: KeyRecord): boolean {
  return options.db === undefined || db === options.db;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
