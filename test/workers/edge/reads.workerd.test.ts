// Where a read goes, how fresh it is, and what its answer says of that.

import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { ask, call, freshMaster, info, isIdle, openUp, sleep, stubOf } from "../support/nodes.ts";
import { until } from "../support/until.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeEach(freshMaster);

const IN_EUROPE = { "x-antipode-region": "weur" };

interface Answer {
  readonly result: unknown;
  readonly error: unknown;
  readonly status: number;
  /** The headers about where it comes from. */
  readonly node: string | null;
  readonly role: string | null;
  readonly region: string | null;
  readonly lag: string | null;
  readonly forwarded: string | null;
  readonly token: string | null;
  readonly position: string;
}

async function rest(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return await answerOf(await call(path, { headers }));
}

async function answerOf(response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  const { result, error } = body as { result?: unknown; error?: unknown };
  const header = (name: string): string | null => response.headers.get(name);
  return {
    result: Array.isArray(body) ? body : result,
    error,
    status: response.status,
    node: header("x-antipode-node"),
    role: header("x-antipode-role"),
    region: header("x-antipode-region"),
    lag: header("x-antipode-lag"),
    forwarded: header("x-antipode-forwarded"),
    token: header("upstash-sync-token"),
    position: `${header("x-antipode-history")}:${header("x-antipode-offset")}`,
  };
}

/** `weur` follows the master and has what it has. */
async function replicaInEurope(): Promise<void> {
  await openUp("weur");
  await until("weur has everything", async () => {
    const [master, replica] = await Promise.all([stubOf().describe(), stubOf("weur").describe()]);
    return replica.history === master.history && replica.offset === master.offset;
  });
}

/** The same, and it has let go of its master. */
async function idleReplicaInEurope(): Promise<void> {
  await replicaInEurope();
  const soon = ["replica-idle-timeout", "1", "repl-ping-replica-period", "1"];
  await ask("weur", "CONFIG", "SET", ...soon);
  await until("nobody follows", async () => (await stubOf().describe()).followers.length === 0);
}

describe("a read from near a replica", () => {
  test("is answered there, and says so", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    const answer = await rest("/get/a", IN_EUROPE);
    expect(answer).toMatchObject({ result: "1", node: "weur", role: "replica", region: "weur" });
    const { history, offset } = await stubOf("weur").describe();
    expect(answer.position).toBe(`${history}:${offset}`);
    expect(answer.token).toBe(answer.position);
    expect(answer.lag).toMatch(/^(\d+|unknown)$/);
    expect(answer.forwarded).toBe(null);
  });

  test("creates the replica with the first such read; the master answers until it has its data", async () => {
    await ask("master", "SET", "a", "1");
    const first = await rest("/get/a", IN_EUROPE);
    expect(first).toMatchObject({ result: "1", node: "master", role: "master", lag: "0" });
    // It has no password, and nobody has told it that there is none.
    expect(first.forwarded).toBe("not-admitted");
    await openUp("weur");
    await until("the replica answers", async () => {
      const { node, result } = await rest("/get/a", IN_EUROPE);
      expect(result).toBe("1");
      return node === "weur";
    });
  });

  test("sees what its own session has written, every time", async () => {
    await replicaInEurope();
    let token = "";
    const nodes = new Set<string | null>();
    for (let i = 0; i < 50; i++) {
      const headers = { ...IN_EUROPE, "upstash-sync-token": token };
      const written = await rest(`/set/a/${i}`, headers);
      expect([written.node, written.status]).toEqual(["master", 200]);
      const read = await rest("/get/a", { ...IN_EUROPE, "upstash-sync-token": written.token! });
      expect(read.result).toBe(String(i));
      nodes.add(read.node);
      token = read.token!;
    }
    expect([...nodes]).toContain("weur");
  });

  test("goes to the master where it must be strong", async () => {
    await replicaInEurope();
    const answer = await rest("/get/a", { ...IN_EUROPE, "x-antipode-read": "strong" });
    expect(answer).toMatchObject({ node: "master", role: "master", lag: "0" });
  });

  test("is proven fresh where it must not be older than so much", async () => {
    await replicaInEurope();
    for (let i = 0; i < 20; i++) {
      await ask("master", "SET", "a", String(i));
      const answer = await rest("/get/a", { ...IN_EUROPE, "x-antipode-read": "max-lag=0" });
      expect(answer).toMatchObject({ result: String(i), node: "weur", role: "replica" });
      expect(Number(answer.lag)).toBeGreaterThanOrEqual(0);
    }
  });

  test("with a token of a history nobody knows is answered by the master", async () => {
    await replicaInEurope();
    const foreign = `${"f".repeat(40)}:7`;
    for (const token of [foreign, "not a token"]) {
      const answer = await rest("/get/a", { ...IN_EUROPE, "upstash-sync-token": token });
      expect(answer).toMatchObject({ node: "master", forwarded: "other-history", result: null });
    }
  });

  test("is refused with a contract that is none", async () => {
    const { status, error } = await rest("/get/a", { "x-antipode-read": "fresh" });
    expect(status).toBe(400);
    expect(error).toMatch(/^ERR x-antipode-read must be strong, token, any or max-lag=/);
  });

  test("takes its contract from the settings where it names none", async () => {
    await replicaInEurope();
    await ask("weur", "CONFIG", "SET", "read-contract", "strong");
    const answer = await rest("/get/a", IN_EUROPE);
    expect(answer).toMatchObject({ node: "master", forwarded: "strong" });
    const any = await rest("/get/a", { ...IN_EUROPE, "x-antipode-read": "any" });
    expect(any.node).toBe("weur");
  });
});

describe("what is not only reading", () => {
  test("goes to the master, from wherever it comes", async () => {
    await replicaInEurope();
    for (const path of ["/set/a/1", "/info", "/config/get/port", "/xread/block/1/streams/s/0"]) {
      expect([path, (await rest(path, IN_EUROPE)).node]).toEqual([path, "master"]);
    }
  });

  test("takes the reads in its pipeline along, and a pipeline of reads goes near", async () => {
    await replicaInEurope();
    const post = (path: string, body: unknown): Promise<Answer> =>
      call(path, { method: "POST", body: JSON.stringify(body), headers: IN_EUROPE }).then(answerOf);
    expect(
      (
        await post("/pipeline", [
          ["SET", "a", "1"],
          ["GET", "a"],
        ])
      ).node,
    ).toBe("master");
    expect((await post("/pipeline", [["GET", "a"], [], ["TTL", "a"]])).node).toBe("weur");
    expect((await post("/multi-exec", [["GET", "a"]])).node).toBe("master");
  });
});

describe("a node asked for by name", () => {
  test("answers as it is", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    expect(await rest("/get/a?node=weur")).toMatchObject({ result: "1", node: "weur" });
    const written = await rest("/set/a/2?node=weur");
    expect(written).toMatchObject({ status: 400, node: "weur" });
    expect(written.error).toMatch(/^READONLY/);
  });

  test("refuses a read that it cannot answer as it asks, and no other node is asked", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    const strong = { "x-antipode-read": "strong" };
    expect(await rest("/get/a?node=weur", strong)).toMatchObject({
      status: 400,
      error: "ERR not as fresh as it must be here (strong)",
      node: "weur",
      forwarded: null,
    });
  });

  test("lets in by its own password", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    await ask("weur", "CONFIG", "SET", "requirepass", "s3cret");
    expect(await rest("/get/a?node=weur")).toMatchObject({ status: 401, result: undefined });
    const { result } = await rest("/get/a?node=weur", { authorization: "Bearer s3cret" });
    expect(result).toBe("1");
  });

  test("is a database of its own where nodes do not follow one another", async () => {
    await ask("master", "SET", "a", "the master's");
    await openUp("weur");
    await ask("weur", "REPLICAOF", "NO", "ONE");
    await ask("weur", "SET", "a", "its own");
    await ask("weur", "CONFIG", "SET", "protected-mode", "yes");
    const env = { STANDALONE: "1" };
    const answer = await answerOf(await call("/get/a?node=weur", { env }));
    expect(answer).toMatchObject({ status: 403, result: undefined });
  });
});

describe("a caller whose place is not known", () => {
  test("is answered by the master", async () => {
    await replicaInEurope();
    expect((await rest("/get/a")).node).toBe("master");
  });

  test("cannot say where it is, but on a machine of one's own", async () => {
    await replicaInEurope();
    const env = { LOOPBACK: "0" };
    const answer = await answerOf(await call("/get/a", { headers: IN_EUROPE, env }));
    expect(answer.node).toBe("master");
    const { status } = await rest("/get/a", { "x-antipode-region": "mars" });
    expect(status).toBe(400);
  });
});

describe("a master that is one no more", () => {
  test("passes on what it is asked to the node it follows", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    await ask("weur", "REPLICAOF", "NO", "ONE");
    await ask("master", "REPLICAOF", "weur");
    expect(await rest("/incr/a")).toMatchObject({ result: 2, node: "weur", role: "master" });
    const read = await rest("/get/a", IN_EUROPE);
    expect(read).toMatchObject({ result: "2", node: "weur" });
  });

  test("is no answer to a read while another took its place behind our back", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    await ask("weur", "REPLICAOF", "NO", "ONE");
    await ask("weur", "SET", "a", "astray");
    const read = await rest("/get/a", IN_EUROPE);
    expect(read).toMatchObject({ result: "1", node: "master", forwarded: "not-a-replica" });
  });
});

describe("asleep", () => {
  test("a master is not woken by a replica that proves itself fresh", async () => {
    await ask("master", "SET", "a", "1");
    await replicaInEurope();
    await sleep();
    const fresh = { ...IN_EUROPE, "x-antipode-read": "max-lag=0" };
    expect(await rest("/get/a", fresh)).toMatchObject({ result: "1", node: "weur" });
    const seen = await runInDurableObject(stubOf(), (_instance, state) =>
      state.getWebSockets().some((socket) => state.getWebSocketAutoResponseTimestamp(socket)),
    );
    expect(seen).toBe(true);
  });

  test("a master's last word is not taken for the truth once it has written again", async () => {
    await replicaInEurope();
    for (let i = 0; i < 3; i++) {
      await sleep();
      await ask("master", "SET", "a", String(i));
      const fresh = { ...IN_EUROPE, "x-antipode-read": "max-lag=0" };
      expect(await rest("/get/a", fresh)).toMatchObject({ result: String(i), node: "weur" });
    }
  });

  test("an idle replica lets go of its master, both sleep, and the next read is right", async () => {
    await ask("master", "SET", "a", "1");
    await idleReplicaInEurope();
    await sleep("weur");
    const written = await rest("/set/a/2");
    await until("the master may sleep", () => isIdle());
    await sleep();
    const read = await rest("/get/a", { ...IN_EUROPE, "upstash-sync-token": written.token! });
    expect(read).toMatchObject({ result: "2", node: "weur", role: "replica" });
    expect(await info("master", "sync_full")).toBe("0");
    expect(await info("master", "sync_partial_ok")).toBe("1");
  });

  test("an idle replica catches up for who has seen nothing as well", async () => {
    await ask("master", "SET", "a", "1");
    await idleReplicaInEurope();
    await ask("master", "SET", "a", "2");
    const read = await rest("/get/a", { ...IN_EUROPE, "x-antipode-read": "any" });
    expect(read).toMatchObject({ result: "2", node: "weur" });
  });
});
