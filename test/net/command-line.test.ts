// `npm start` as a program: what it refuses, how it ends, and whom it lets in.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ReplyError } from "../../shared/resp/reply.ts";
import { startChild } from "../support/child.ts";
import { RespClient } from "../support/resp-client.ts";
import {
  freePorts,
  processesOn,
  ROOT,
  serve,
  type Served,
  startCommand,
} from "../support/serve.ts";
import { asText, isLinkUp } from "../support/server-facts.ts";
import { until } from "../support/until.ts";

const FOLDER = mkdtempSync(path.join(tmpdir(), "antipode-start-"));
const FILE = path.join(FOLDER, "file");
writeFileSync(FILE, "not a folder");
afterAll(() => rmSync(FOLDER, { recursive: true }));

describe("npm start refuses in one line, with code 1, and leaves nothing running:", () => {
  const ANY_PORTS = ["--http-port", "0", "--redis-port", "0"];
  it.each([
    ["an option it does not have", ["--no-such"], "has no option --no-such"],
    ["a port that is none", ["--http-port", "x"], "--http-port wants a whole number"],
    ["a port out of range", ["--redis-port", "65536"], "--redis-port wants a whole number"],
    ["a last replica without a port", ["--redis-port", "65534"], "there is no port 65536"],
    ["a word it has no use for", ["start"], 'has no use for "start"'],
    ["a replica's name that is none", ["--replicas", "A_b"], "'A_b' is no name for a replica"],
    ["a replica named as the master", ["--replicas", "master"], "'master' is no name"],
    ["a replica named twice", ["--replicas", "a,a"], "--replicas names a node twice"],
    ["a state folder that is a file", [...ANY_PORTS, "--state", FILE], "cannot be written to"],
    ["a state folder below a file", [...ANY_PORTS, "--state", `${FILE}/x`], "cannot be written to"],
    ["strangers without a password", [...ANY_PORTS, "--host", "0.0.0.0"], "needs a --password"],
    ["an address that is not here", ["--host", "192.0.2.1", "--password", "x"], "cannot listen on"],
  ])("%s", async (_what, args, why) => {
    const state = path.join(FOLDER, "refused");
    const given = args.includes("--state") ? args : [...args, "--state", state];
    expect(await run(given)).toEqual(refusal(why));
  });

  it.each(["--http-port", "--redis-port"])("a busy port for %s", async (option) => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as { port: number };
    const args = [...ANY_PORTS, option, `${port}`, "--state", path.join(FOLDER, "busy")];
    expect(await run(args)).toEqual(refusal(`port ${port} is in use`));
    await new Promise((done) => server.close(done));
  });

  it("a busy port for a replica", async () => {
    const first = await freePorts(3);
    const server = createServer();
    await new Promise<void>((done) => server.listen(first + 2, "127.0.0.1", done));
    const args = ["--http-port", "0", "--redis-port", `${first}`];
    const ended = await run([...args, "--state", path.join(FOLDER, "busy")]);
    expect(ended).toEqual(refusal(`port ${first + 2} is in use`));
    await new Promise((done) => server.close(done));
  });
});

describe("npm start", () => {
  it("takes a state folder for itself until it ends, however it ends", async () => {
    const state = path.join(FOLDER, "taken");
    const args = ["--http-port", "0", "--redis-port", "0", "--state", state, "--replicas="];
    const first = startChild(startCommand(args), { cwd: ROOT });
    await until("the first one", () => first.output().includes("ready "));
    expect(await run(args)).toEqual(refusal("is in use by process "));
    expect(processesOn(state)).toHaveLength(2);

    await first.kill();
    await until("the end of all", () => processesOn(state).length === 0);
    const third = startChild(startCommand(args), { cwd: ROOT });
    await until("the third one", () => third.output().includes("ready "));
    await third.stop();
  });

  it.each(["SIGTERM", "SIGINT"] as const)(
    "ends on %s with code 0 and free ports, whoever is connected",
    async (signal) => {
      const state = path.join(FOLDER, "signalled");
      const redisPort = await freePorts(2);
      const args = ["--redis-port", `${redisPort}`, "--http-port", `${redisPort + 1}`];
      const place = ["--state", state, "--replicas="];
      const child = startChild(startCommand([...args, ...place]), { cwd: ROOT });
      await until("ready", () => child.output().includes("ready "));
      const client = await RespClient.tcp(redisPort);
      await client.send("SET", "a", "1");
      const started = processesOn(state).find(({ program }) => program === "node");
      process.kill(Number(started!.pid), signal);
      expect(await child.ended).toBe(0);
      await client.closed;
      expect(processesOn(state)).toEqual([]);
      expect(child.output().split("\n").filter(isComplaint)).toEqual([]);

      const again = startChild(startCommand([...args, ...place]), { cwd: ROOT });
      await until("ready", () => again.output().includes("ready "));
      const other = await RespClient.tcp(redisPort);
      expect(await other.send("GET", "a")).toBe("1");
      other.close();
      await again.stop();
    },
  );
});

describe("npm start --password", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ password: "pw" });
  });
  afterAll(() => served.stop());

  it("asks RESP clients for it, and nobody reads the data before", async () => {
    const client = await RespClient.tcp(served.ports.master);
    expect(errorOf(await client.send("GET", "a"))).toBe("NOAUTH Authentication required.");
    expect(errorOf(await client.send("AUTH", "no"))).toMatch(/^WRONGPASS /);
    expect(asText(await client.send("AUTH", "pw"))).toBe("OK");
    expect(asText(await client.send("SET", "a", "1"))).toBe("OK");
    client.close();
  });

  it("brings the replicas up", async () => {
    for (const node of ["weur", "apac"]) {
      const client = await RespClient.tcp(served.ports[node]!);
      await client.send("AUTH", "pw");
      expect(await until(`the link of ${node}`, () => isLinkUp(client))).toBe(true);
      client.close();
    }
  });

  it.each([
    ["/", undefined, 401],
    ["/", "Bearer no", 401],
    ["/", "Bearer pw", 200],
    ["/pipeline", "Bearer pw", 200],
    ["/?_token=pw", undefined, 200],
    ["/?_token=no", undefined, 401],
  ])("answers POST %s with authorization %s by %i", async (where, authorization, status) => {
    const response = await fetch(served.http + where, {
      method: "POST",
      headers: authorization === undefined ? {} : { authorization },
      body: JSON.stringify(where === "/pipeline" ? [["GET", "x"]] : ["GET", "x"]),
    });
    expect(response.status).toBe(status);
    expect((await response.text()).includes("WRONGPASS")).toBe(status === 401);
  });

  it.each(["/v1/topology", "/metrics", "/v1/nodes/master/snapshot", "/get/a"])(
    "keeps %s from those who do not know it",
    async (where) => {
      const without = await fetch(served.http + where);
      expect(without.status).toBe(401);
      await without.text();
      const headers = { authorization: "Bearer pw" };
      const withIt = await fetch(served.http + where, { headers });
      expect(withIt.status).toBe(200);
      await withIt.arrayBuffer();
    },
  );

  it("asks over a WebSocket as over TCP", async () => {
    const client = await RespClient.webSocket(`${served.http}/resp`);
    expect(errorOf(await client.send("GET", "a"))).toBe("NOAUTH Authentication required.");
    expect(asText(await client.send("AUTH", "pw"))).toBe("OK");
    client.close();
  });

  it("writes the password nowhere", async () => {
    expect(served.output()).not.toContain("pw");
  });
});

describe("npm start without a password", () => {
  let served: Served;
  beforeAll(async () => {
    served = await serve({ replicas: [] });
  });
  afterAll(() => served.stop());

  it.each([
    ["/get/a", { origin: "https://example.com" }, 403],
    ["/get/a", { origin: "null" }, 403],
    ["/get/a", { origin: "http://localhost:3000" }, 200],
    ["/resp", { origin: "https://example.com" }, 403],
    ["/v1/nodes/master/snapshot", { origin: "https://example.com" }, 403],
    ["/get/a", {}, 200],
  ])("answers %s of a page with %j by %i", async (where, headers, status) => {
    const response = await fetch(served.http + where, {
      headers: headers as Record<string, string>,
    });
    expect(response.status).toBe(status);
    await response.text();
  });

  it("cannot be reached from another address of this machine", async () => {
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const { address } of others.filter(
      ({ internal, family }) => !internal && family === "IPv4",
    )) {
      await expect(RespClient.tcp(served.ports.master, address)).rejects.toThrow("ECONNREFUSED");
    }
  });
});

type Ended = { readonly code: number; readonly lines: readonly string[] };

/** Runs it to its end. */
async function run(args: readonly string[]): Promise<Ended> {
  const child = startChild(startCommand(args), { cwd: ROOT });
  const code = await child.ended;
  return { code, lines: child.output().trimEnd().split("\n") };
}

/** One line that says so, and no more. */
function refusal(why: string): Ended {
  return { code: 1, lines: [expect.stringContaining(why) as string] };
}

function isComplaint(line: string): boolean {
  return /error|exception|fatal|warning|invariant/i.test(line);
}

function errorOf(reply: unknown): string {
  return reply instanceof ReplyError ? reply.text : "";
}
