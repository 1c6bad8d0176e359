// npm run export -- FILE.rdb: a server's data set as an RDB file, which Redis 5 and later load.
//
// The file appears under its name once it is whole, checked and on disk; until then the old one stays.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";

import { flag, integer, readCommandLine, text } from "./lib/options.ts";
import { fetchRdb } from "./lib/rdb/fetch.ts";
import { checkRdb } from "./lib/rdb/read.ts";
import { serverAddressOf, shownAddress } from "./lib/server-address.ts";

const { options, positionals } = readCommandLine({
  name: "npm run export --",
  summary: "Writes a server's data set to an RDB file.",
  positionals: [{ name: "FILE", help: "as in backup.rdb" }],
  options: {
    from: text("URL", "the server: redis://, rediss:// or a deployment's https://"),
    port: integer("PORT", "the same, on this machine", { default: 6379, min: 1, max: 65535 }),
    password: text("PW", "of the server", { default: "", env: "REDIS_PASSWORD" }),
    replace: flag("a file of that name is overwritten"),
  },
});

const file = path.resolve(positionals[0]!);
/** In the same folder, so that it can be renamed. */
const draft = `${file}.${process.pid}.tmp`;
try {
  await main();
} catch (error) {
  rmSync(draft, { force: true });
  process.stderr.write(
    `npm run export: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(1);
}

async function main(): Promise<void> {
  if (existsSync(file) && !options.replace) {
    throw new Error(`${positionals[0]!} is there already: say --replace to overwrite it`);
  }
  const source = serverAddressOf(options.from ?? `redis://127.0.0.1:${options.port}`);
  const fd = openSync(draft, "wx");
  const how = await fetchRdb(source, { fd }, options.password);
  fsyncSync(fd);
  closeSync(fd);
  const { keys, warnings } = await checkRdb(draft);
  for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
  renameSync(draft, file);
  const folder = openSync(path.dirname(file), "r");
  fsyncSync(folder);
  closeSync(folder);
  const size = (statSync(file).size / 1e6).toFixed(1);
  process.stdout.write(`fetched ${shownAddress(source)} ${how}\n`);
  process.stdout.write(`exported ${keys} keys to ${positionals[0]!} (${size} MB, checked)\n`);
}
