// The snapshot that a master sends a replica that asks for everything; the stream behind it is not waited
// for. Hosted Redis refuses this.

import { fromBinary } from "../../../shared/base/bytes.ts";
import { RdbLoader } from "../../../shared/rdb/loader.ts";
import { parseBulkHeader } from "../../../shared/replication/intake.ts";
import { ReplyError, Status } from "../../../shared/resp/reply.ts";
import type { RedisClient } from "../redis-client.ts";

/** Masters drop a replica that says nothing for a while. */
const ACK_EVERY_MS = 1000;
const HEADER_BYTES_MAX = 1024;

/** Writes the snapshot; resolves with the reason where the server takes no replicas. */
export async function receiveSnapshot(
  client: RedisClient,
  write: (bytes: Uint8Array) => void,
): Promise<string | undefined> {
  const reply = await client.send(["REPLCONF", "capa", "eof", "capa", "psync2"]);
  if (reply instanceof ReplyError) return reply.text;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string | undefined>((done, fail) => {
      const intake = new Intake(write, () => done(undefined));
      client.readBehind(["PSYNC", "?", "-1"], {
        onReply: (answer) => {
          if (answer instanceof Status && answer.text.startsWith("FULLRESYNC")) {
            timer = setInterval(() => client.write(["REPLCONF", "ACK", "0"]), ACK_EVERY_MS);
            return (bytes) => intake.push(bytes);
          }
          if (answer instanceof ReplyError) done(answer.text);
          else fail(new Error("the server answers PSYNC with what is no answer to it"));
          return undefined;
        },
        onFailure: fail,
      });
    });
  } finally {
    clearInterval(timer);
  }
}

/** `$<bytes>` and so many of them, or `$EOF:<mark>`, a snapshot and the mark. */
class Intake {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #done: () => void;
  #head = "";
  #hasMark = false;
  #left = 0;
  #isBegun = false;
  #isOver = false;
  readonly #rdb = new RdbLoader();

  constructor(write: (bytes: Uint8Array) => void, done: () => void) {
    this.#write = write;
    this.#done = done;
  }

  push(bytes: string): void {
    if (this.#isOver) return;
    if (this.#isBegun) this.#take(bytes);
    else this.#begin(bytes);
  }

  #begin(bytes: string): void {
    // Empty lines come while the master prepares.
    this.#head = (this.#head + bytes).replace(/^\n+/, "");
    const end = this.#head.indexOf("\r\n");
    if (end < 0 && this.#head.length <= HEADER_BYTES_MAX) return;
    const header = parseBulkHeader(this.#head.slice(0, Math.max(0, end)));
    if (header === undefined) throw new Error("the server sends something that is no snapshot");
    if ("mark" in header) this.#hasMark = true;
    else this.#left = header.byteCount;
    this.#isBegun = true;
    const rest = this.#head.slice(end + 2);
    this.#head = "";
    this.#take(rest);
  }

  #take(bytes: string): void {
    if (!this.#hasMark) {
      const own = bytes.slice(0, this.#left);
      this.#left -= own.length;
      this.#write(fromBinary(own));
      if (this.#left === 0) this.#end();
      return;
    }
    // The stream may follow the mark at once, so the snapshot itself has to tell where it ends.
    this.#rdb.push(bytes);
    while (this.#rdb.next() !== undefined);
    if (!this.#rdb.isEnded) this.#write(fromBinary(bytes));
    else {
      this.#write(fromBinary(bytes.slice(0, bytes.length - this.#rdb.takeRest().length)));
      this.#end();
    }
  }

  #end(): void {
    this.#isOver = true;
    this.#done();
  }
}
