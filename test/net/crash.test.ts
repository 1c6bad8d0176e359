// kill -9 of everything, in the middle of writes: what was acknowledged is there, and nothing that was
// never sent; a restart costs no full sync.

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ReplyError } from "../../shared/resp/reply.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { type Args, RespClient } from "../support/resp-client.ts";
import { scaled } from "../support/scale.ts";
import { serve, type Served } from "../support/serve.ts";
import { asText, digestOf, infoOf, isLinkUp, offsetOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const CRASHES = scaled({ short: 2, full: 20 });
const WRITERS = 4;
const REPLIES_BEFORE_CRASH = { min: 2000, max: 30_000 };

describe("npm start after kill -9", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ replicas: ["weur"] });
  });
  afterAll(() => served.stop());

  it(
    `has every acknowledged write and nothing that was never sent, ${CRASHES} times`,
    async () => {
      const random = seededRandom(7);
      for (let round = 1; round <= CRASHES; round++) {
        const writers = Array.from(
          { length: WRITERS },
          (_, id) => new Writer(`${round}:${id}`, id),
        );
        const crashAt =
          REPLIES_BEFORE_CRASH.min +
          Math.floor(random.next() * (REPLIES_BEFORE_CRASH.max - REPLIES_BEFORE_CRASH.min));
        const ended = writers.map((writer) => writer.write(served.ports.master));
        await until("some writes", () => sum(writers.map(({ acked }) => acked)) >= crashAt);
        await served.kill9();
        await Promise.all(ended);
        await served.restart();
        await checkAll(served, writers);
        expect(served.log().filter(({ event }) => event === "invariant")).toEqual([]);
        expect(fullSyncsOf(served)).toEqual([]);
      }
    },
    60_000 + CRASHES * 15_000,
  );

  it("lets replicas go on where they were when either side comes back", async () => {
    const { master, replica } = await clientsOf(served);
    await until("the link", () => isLinkUp(replica));
    await master.send("SET", "before", "1");
    await until("the offset", async () => (await offsetOf(master)) === (await offsetOf(replica)));
    master.close();
    replica.close();

    await served.end();
    await served.restart();
    const again = await clientsOf(served);
    await until("the link", () => isLinkUp(again.replica));
    await again.master.send("SET", "after", "1");
    await until("the write", async () => (await again.replica.send("GET", "after")) === "1");
    const info = await infoOf(again.master, "stats");
    expect(info.get("sync_full")).toBe("0");
    expect(info.get("sync_partial_ok")).toBe("1");
    again.master.close();
    again.replica.close();
  });
});

/**
 * Sets as many keys as it can until the connection ends. The n-th write is of a key and a value that
 * say n, so that afterwards each can be told from any other.
 */
class Writer {
  readonly #name: string;
  readonly #db: number;
  #sent = 0;
  acked = 0;

  constructor(name: string, db: number) {
    this.#name = name;
    this.#db = db;
  }

  async write(port: number): Promise<void> {
    const client = await RespClient.tcp(port);
    await client.send("SELECT", `${this.#db}`);
    const commands = function* (this: Writer): Generator<Args> {
      for (;;) yield this.#command(this.#sent++);
    };
    const onReply = (reply: unknown): void => {
      if (reply instanceof ReplyError) throw new Error(reply.text);
      this.acked++;
    };
    await client.run(commands.call(this), { onReply }).catch(() => undefined);
    await client.closed;
  }

  /** One in four counts up instead: a write that was replayed twice would show. */
  #command(i: number): Args {
    return i % 4 === 3 ? ["INCR", this.#counter] : ["SET", this.#key(i), `${this.#name}=${i}`];
  }

  get #counter(): string {
    return `${this.#name}:counter`;
  }

  #key(i: number): string {
    return `${this.#name}:${i}`;
  }

  /** What is there, in order, must be some first part of what was sent: at least what was answered. */
  async check(port: number): Promise<string[]> {
    const client = await RespClient.tcp(port);
    await client.send("SELECT", `${this.#db}`);
    const numbers = Array.from({ length: this.#sent }, (_, i) => i).filter((i) => i % 4 !== 3);
    let kept = 0;
    const wrong: string[] = [];
    await client.run(
      numbers.map((i) => ["GET", this.#key(i)]),
      {
        onReply: (reply, at) => {
          const i = numbers[at]!;
          if (reply === null && i < this.acked) wrong.push(`${this.#key(i)} was lost`);
          else if (reply !== null && kept < at)
            wrong.push(`${this.#key(i)} came, one before did not`);
          else if (reply !== null && reply !== `${this.#name}=${i}`)
            wrong.push(`${i}: ${asText(reply)}`);
          if (reply !== null) kept++;
        },
      },
    );
    const counted = Number(await client.send("GET", this.#counter));
    const [least, most] = [Math.floor(this.acked / 4), Math.floor(this.#sent / 4)];
    if (counted < least || counted > most) wrong.push(`${counted} counted`);
    // The counter and the keys are of one moment.
    if (Math.abs(counted - Math.floor(kept / 3)) > 1)
      wrong.push(`${counted} counted, ${kept} kept`);
    const beyond = await client.send("EXISTS", this.#key(this.#sent), this.#key(this.#sent + 1));
    if (beyond !== 0) wrong.push("a key that was never sent");
    client.close();
    return wrong;
  }
}

async function checkAll(served: Served, writers: readonly Writer[]): Promise<void> {
  for (const writer of writers) {
    expect((await writer.check(served.ports.master)).slice(0, 10)).toEqual([]);
  }
  const { master, replica } = await clientsOf(served);
  await until("the link", () => isLinkUp(replica));
  await until("the offset", async () => (await offsetOf(master)) === (await offsetOf(replica)));
  expect(await digestOf(replica)).toBe(await digestOf(master));
  // The next round must not be slower than this one.
  await master.send("FLUSHALL");
  master.close();
  replica.close();
}

async function clientsOf(served: Served): Promise<{ master: RespClient; replica: RespClient }> {
  return {
    master: await RespClient.tcp(served.ports.master),
    replica: await RespClient.tcp(served.ports["weur"]!),
  };
}

function fullSyncsOf(served: Served): unknown[] {
  return served.log().filter(({ event, answer }) => event === "psync" && answer === "full");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
