// The bridge: a local TCP port for a deployment, as if the node were here.

import { connect, createServer, type Socket } from "node:net";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ReplyError } from "../../shared/resp/reply.ts";
import { type Child, startChild } from "../support/child.ts";
import { RespClient } from "../support/resp-client.ts";
import { freePorts, ROOT, serve, type Served } from "../support/serve.ts";
import { asText, infoOf } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const PASSWORD = "secret-of-the-bridge";

let served: Served;
const bridges: Child[] = [];
beforeAll(async () => {
  served = await serve({ replicas: ["weur"], password: PASSWORD });
});
afterAll(async () => {
  for (const bridge of bridges) await bridge.stop();
  await served.stop();
});

function start(...args: string[]): Child {
  const child = startChild([process.execPath, path.join(ROOT, "scripts/bridge.ts"), ...args]);
  bridges.push(child);
  return child;
}

/** The port it listens on, once it is ready. */
async function listening(...args: string[]): Promise<number> {
  const child = start("--port", "0", ...args);
  const line = /^ready {2}redis:\/\/127\.0\.0\.1:(\d+)/m;
  const ready = await until("the bridge", () => line.exec(child.output()) ?? false);
  return Number(ready[1]);
}

const WAYS = [
  { way: "one WebSocket for all", more: [] },
  { way: "a WebSocket for each client", more: ["--no-multiplex"] },
] as const;

describe.each(WAYS)("npm run bridge, $way", ({ more }) => {
  const bridgeTo = (...args: string[]): Promise<number> => listening(...args, ...more);

  it("lets local clients in without a password when it has one", async () => {
    const client = await RespClient.tcp(await bridgeTo(served.http, "--password", PASSWORD));
    expect(asText(await client.send("SET", "a", "\u0000\u00ff\r\n"))).toBe("OK");
    expect(await client.send("GET", "a")).toBe("\u0000\u00ff\r\n");
    expect((await infoOf(client, "replication")).get("role")).toBe("master");
    client.close();
  });

  it("leaves it to clients to authenticate when it has none", async () => {
    const client = await RespClient.tcp(await bridgeTo(served.http));
    expect(((await client.send("GET", "a")) as ReplyError).text).toMatch(/^NOAUTH/);
    expect(asText(await client.send("AUTH", PASSWORD))).toBe("OK");
    client.close();
  });

  it("reaches any node", async () => {
    const args = [served.http.replace("http", "ws"), "--node", "weur", "--password", PASSWORD];
    const client = await RespClient.tcp(await bridgeTo(...args));
    expect((await infoOf(client, "replication")).get("role")).toBe("slave");
    client.close();
  });

  it("carries more at once than a client's query buffer holds", async () => {
    const client = await RespClient.tcp(await bridgeTo(served.http, "--password", PASSWORD));
    await client.send("CONFIG", "SET", "client-query-buffer-limit", "1mb");
    // Held back by its replies, of which many times as much as the window comes.
    const commands = Array.from({ length: 150_000 }, (_, i) => ["ECHO", String(i).padStart(20)]);
    const replies = await client.pipeline(commands);
    expect(replies.every((reply, i) => reply === commands[i]![1])).toBe(true);
    await client.send("CONFIG", "SET", "client-query-buffer-limit", "64mb");
    client.close();
  });

  it("carries a long pipeline and long values, in order", async () => {
    const client = await RespClient.tcp(await bridgeTo(served.http, "--password", PASSWORD));
    const replies: unknown[] = [];
    await client.send("DEL", "n");
    const commands = Array.from({ length: 20_000 }, () => ["INCR", "n"]);
    await client.run(commands, { onReply: (reply) => replies.push(reply) });
    expect(replies).toEqual(commands.map((_, i) => i + 1));
    const long = "z".repeat(8 * 1024 ** 2);
    await client.send("SET", "long", long);
    expect(await client.send("GET", "long")).toBe(long);
    client.close();
  });

  it("sends the last replies to a client that has closed its side", async () => {
    const port = await bridgeTo(served.http, "--password", PASSWORD);
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.end("SET half 1\r\nGET half\r\n");
    let heard = "";
    socket.setEncoding("latin1").on("data", (text: string) => (heard += text));
    await new Promise((done) => socket.once("end", done));
    expect(heard).toBe("+OK\r\n$1\r\n1\r\n");
  });

  it("does not read a client that does not read its replies", async () => {
    const port = await bridgeTo(served.http, "--password", PASSWORD);
    const client = await RespClient.tcp(port);
    await client.send("SET", "long", "z".repeat(10_000));
    client.close();

    const deaf = connect(port, "127.0.0.1");
    deaf.pause().on("error", () => deaf.destroy());
    const command = "*2\r\n$3\r\nGET\r\n$4\r\nlong\r\n";
    // Far more replies than fit anywhere on the way: at some point our commands must be left standing.
    const batch = command.repeat(10_000);
    let written = 0;
    await until("a standstill", () => {
      if (deaf.writableLength > 4 * batch.length) return true;
      deaf.write(batch);
      written++;
      return false;
    });
    expect(written).toBeLessThan(200);
    deaf.destroy();
    const other = await RespClient.tcp(port);
    expect(asText(await other.send("PING"))).toBe("PONG");
    other.close();
  });

  it("ends a client's connection when the deployment goes away, and takes the next one up", async () => {
    const port = await bridgeTo(served.http, "--password", PASSWORD);
    const client = await RespClient.tcp(port);
    expect(asText(await client.send("PING"))).toBe("PONG");
    await served.kill9();
    await client.closed;
    const refused = await RespClient.tcp(port);
    expect(((await refused.next()) as ReplyError).text).toMatch(/^ERR bridge: cannot reach/);
    await served.restart();
    const again = await RespClient.tcp(port);
    expect(await again.send("GET", "half")).toBe("1");
    again.close();
  });
});

describe("clients that share a WebSocket", () => {
  /** WebSockets that the master has accepted, and other calls. */
  async function calls(): Promise<number> {
    const client = await RespClient.tcp(served.ports.master);
    await client.send("AUTH", PASSWORD);
    const count = Number((await infoOf(client, "billing")).get("billed_calls"));
    client.close();
    return count;
  }

  async function clientsOf(port: number, count: number): Promise<RespClient[]> {
    const clients = await Promise.all(Array.from({ length: count }, () => RespClient.tcp(port)));
    for (const client of clients) expect(asText(await client.send("PING"))).toBe("PONG");
    return clients;
  }

  it("are clients of their own, and a bad one costs the others nothing", async () => {
    const port = await listening(served.http, "--password", PASSWORD);
    const [waiting, queueing, listener, other] = await clientsOf(port, 4);
    const deaf = connect(port, "127.0.0.1").pause();
    await other!.send("SET", "long", "z".repeat(1_000_000));
    deaf.write("GET long\r\n".repeat(200));
    const broken = connect(port, "127.0.0.1");
    broken.end("*1\r\n$x\r\n");
    expect(asText(await queueing!.send("MULTI"))).toBe("OK");
    expect(asText(await queueing!.send("INCR", "queued"))).toBe("QUEUED");
    await listener!.send("SUBSCRIBE", "news");
    const popped = waiting!.send("BLPOP", "list", "0");
    const heard = listener!.next();
    expect(await other!.send("PUBLISH", "news", "x")).toBe(1);
    expect(await heard).toEqual(["message", "news", "x"]);
    expect(await other!.send("RPUSH", "list", "1")).toBe(1);
    expect(await popped).toEqual(["list", "1"]);
    expect(await queueing!.send("EXEC")).toEqual([1]);
    expect(await other!.send("CLIENT", "KILL", "TYPE", "pubsub")).toBe(1);
    await listener!.closed;
    for (const client of [waiting!, queueing!, other!]) {
      expect(asText(await client.send("PING"))).toBe("PONG");
      client.close();
    }
    deaf.destroy();
  });

  it("take one call of the node, and one each where they do not", async () => {
    for (const { more, expected } of [
      { more: [], expected: 1 },
      { more: ["--no-multiplex"], expected: 10 },
    ]) {
      const port = await listening(served.http, "--password", PASSWORD, ...more);
      const before = await calls();
      const clients = await clientsOf(port, 10);
      expect((await calls()) - before).toBe(expected);
      for (const client of clients) client.close();
    }
  });

  it("are not mixed up when many come and go at once", async () => {
    const port = await listening(served.http, "--password", PASSWORD);
    await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const client = await RespClient.tcp(port);
        const size = (i * 7919) % 60_000;
        expect(await client.send("ECHO", `${i} `.padEnd(size, "."))).toBe(
          `${i} `.padEnd(size, "."),
        );
        client.close();
      }),
    );
  });

  it("have one each where the deployment is older than the bridge", async () => {
    const proxy = await olderDeployment(Number(new URL(served.http).port));
    const port = await listening(`http://127.0.0.1:${proxy.port}`, "--password", PASSWORD);
    const before = await calls();
    const clients = await clientsOf(port, 5);
    expect((await calls()) - before).toBe(5);
    for (const client of clients) client.close();
    await proxy.close();
  });

  /** The same deployment as one that knows another subprotocol. */
  async function olderDeployment(httpPort: number) {
    const sockets = new Set<Socket>();
    const server = createServer((near) => {
      const far = connect(httpPort, "127.0.0.1");
      for (const socket of [near, far]) {
        sockets.add(socket);
        socket.on("error", () => undefined).on("close", () => (near.destroy(), far.destroy()));
      }
      near.pipe(far);
      far.on("data", (bytes) => {
        near.write(
          bytes.toString("latin1").replace("antipode.channels.1", "antipode.channels.0"),
          "latin1",
        );
      });
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return {
      port: (server.address() as { port: number }).port,
      close: async () => {
        for (const socket of sockets) socket.destroy();
        await new Promise((done) => server.close(done));
      },
    };
  }
});

describe("npm run bridge", () => {
  it("refuses in one line, with code 1, what cannot work", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const nowhere = `http://127.0.0.1:${await freePorts(1)}`;
    const cases: readonly (readonly [string[], string])[] = [
      [[nowhere], `cannot reach ${nowhere} (ECONNREFUSED)`],
      [[served.http, "--node", "nowhere"], "no node is called 'nowhere'; there are: master, weur"],
      [[served.http, "--password", "wrong"], "the password is refused: WRONGPASS"],
      [[served.http, "--port", `${port}`], `port ${port} is in use`],
      [[served.http, "--port", "x"], "--port wants a whole number"],
      [["redis://127.0.0.1"], "'redis://127.0.0.1' is no address"],
      [[], "wants URL"],
    ];
    for (const [args, why] of cases) {
      const child = start(...args);
      expect(await child.ended).toBe(1);
      expect(child.output()).toMatch(/^npm run bridge[^\n]+\n$/);
      expect(child.output()).toContain(why);
    }
    await new Promise((done) => server.close(done));
  });
});
