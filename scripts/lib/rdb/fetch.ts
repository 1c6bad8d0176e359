// Gets a whole data set as an RDB file: from a deployment by HTTP; from a Redis server as a replica of
// its would; and key by key where that is refused, as hosted Redis does.

import { writeSync } from "node:fs";

import { toBinary } from "../../../shared/base/bytes.ts";
import { Progress } from "../progress.ts";
import { RedisClient } from "../redis-client.ts";
import type { ServerAddress } from "../server-address.ts";
import { receiveSnapshot } from "./psync.ts";
import { scanAndDump } from "./scan-dump.ts";

/** A file being written, from its first byte on. */
export interface Output {
  readonly fd: number;
}

/** Writes the data set to the file and returns, as a sentence, how it was had. */
export async function fetchRdb(
  address: ServerAddress,
  output: Output,
  password: string,
): Promise<string> {
  const progress = new Progress("fetching ");
  const write = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) at += writeSync(output.fd, bytes, at);
    progress.bytes += bytes.length;
    progress.show();
  };
  try {
    if (address.kind === "deployment") {
      await download(address.url, write, password);
      return "by HTTP, as of one moment";
    }
    const client = await RedisClient.connect(address, password);
    try {
      const refusal = await receiveSnapshot(client, write);
      if (refusal === undefined) return "by PSYNC, as of one moment";
      await scanAndDump(client, write, progress);
      return (
        `by SCAN and DUMP, as PSYNC is refused (${refusal}): ` +
        "what changed meanwhile may be there as it was or as it is"
      );
    } finally {
      client.close();
    }
  } finally {
    progress.end();
  }
}

/** `url` is the WebSocket address of a node, which tells where its snapshot is. */
async function download(
  url: URL,
  write: (bytes: Uint8Array) => void,
  password: string,
): Promise<void> {
  const node = url.searchParams.get("node") ?? "master";
  const base = `${url.origin.replace(/^ws/, "http")}${url.pathname.replace(/\/resp$/, "")}`;
  const snapshot = `${base}/v1/nodes/${encodeURIComponent(node)}/snapshot`;
  const headers: Record<string, string> =
    password === "" ? {} : { authorization: `Bearer ${toBinary(Buffer.from(password))}` };
  let response: Response;
  try {
    response = await fetch(snapshot, { headers });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`cannot reach ${url.host} (${String(cause)})`, { cause: error });
  }
  if (response.status !== 200 || response.body === null) {
    const text = (await response.text()).slice(0, 300);
    throw new Error(`${snapshot} answers ${response.status}: ${text}`);
  }
  for await (const bytes of response.body) write(bytes as Uint8Array);
}
