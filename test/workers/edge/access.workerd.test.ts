// Who is let in: passwords, protected mode, browsers, and paths that are nobody's business.

import { runInDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { toBinary } from "../../../shared/base/bytes.ts";
import { DENIED } from "../../../shared/replication/admission.ts";
import { Node } from "../../../workers/node/node.ts";
import { Client } from "../support/client.ts";
import { ask, call, connect, ENV, freshMaster, stubOf } from "../support/nodes.ts";

vi.setConfig({ testTimeout: 30_000 });

const WRONG = { error: "WRONGPASS invalid or missing auth token" };
const UPGRADE = { headers: { upgrade: "websocket" } };

/** What shows something of the data or of the nodes. */
const GUARDED = [
  "/get/a",
  "/get/a?node=weur",
  "/metrics",
  "/v1/topology",
  "/v1/nodes/master/snapshot",
  "/v1/nodes/weur/snapshot",
  "/v1/nodes/master/snapshot?pin=x&cursor=",
];

function bearer(password: string): { headers: Record<string, string> } {
  return { headers: { authorization: `Bearer ${password}` } };
}

beforeEach(freshMaster);

describe("with a password", () => {
  beforeEach(async () => {
    for (const node of ["master", "weur", "apac"]) {
      await ask(node, "CONFIG", "SET", "protected-mode", "no", "requirepass", "s3cret");
    }
  });

  for (const path of GUARDED) {
    test(`${path} is served to who has it, and to nobody else`, async () => {
      for (const init of [{}, bearer("wrong"), bearer("secret"), bearer("")]) {
        const response = await call(path, init);
        expect([response.status, await response.json()]).toEqual([401, WRONG]);
      }
      const right = await call(path, bearer("s3cret"));
      expect([200, 410]).toContain(right.status);
      await right.body?.cancel();
    });
  }

  test("takes it as a query parameter too; the header wins", async () => {
    const token = "_token=s3cret";
    expect((await call(`/get/a?${token}`)).status).toBe(200);
    expect((await call(`/get/a?${token}`, bearer("wrong"))).status).toBe(401);
    const wrong = await call("/get/a?_token=wrong", {
      headers: { authorization: "bearer s3cret" },
    });
    expect(wrong.status).toBe(200);
  });

  test("takes any text as one", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "\xc3\xa9");
    expect((await call("/get/a?_token=%C3%A9")).status).toBe(200);
    expect((await call("/get/a?_token=%E9")).status).toBe(401);
  });

  test("refuses the old one once it is changed", async () => {
    const set = ["CONFIG", "SET", "requirepass", "new"];
    const init = { method: "POST", body: JSON.stringify(set), ...bearer("s3cret") };
    expect((await call("/", init)).status).toBe(200);
    expect((await call("/get/a", bearer("s3cret"))).status).toBe(401);
    expect((await call("/get/a", bearer("new"))).status).toBe(200);
  });

  test("asks for it on a socket as Redis does", async () => {
    const client = await connect();
    expect(await client.send("GET", "a")).toBe("-NOAUTH Authentication required.");
    expect(await client.send("PSYNC", "?", "-1")).toBe("-NOAUTH Authentication required.");
    expect(await client.send("AUTH", "s3cret")).toBe("+OK");
    expect(await client.send("GET", "a")).toBe(null);
  });

  test("says that it is healthy to anyone, and no more", async () => {
    const response = await call("/health");
    expect(await response.json()).toEqual({ status: "ok", node: "master", role: "master" });
  });

  test("gives the snapshot as an RDB file", async () => {
    const client = await connect();
    await client.send("AUTH", "s3cret");
    await client.send("SET", "key", "value");
    const response = await call("/v1/nodes/master/snapshot", bearer("s3cret"));
    expect(response.headers.get("content-disposition")).toContain("dump.rdb");
    const text = toBinary(new Uint8Array(await response.arrayBuffer()));
    expect(text.startsWith("REDIS0")).toBe(true);
    expect(text).toContain("key");
  });
});

describe("the password that the Worker is given", () => {
  test("is every node's", async () => {
    await runInDurableObject(stubOf(), (_instance, ctx) => {
      const node = new Node(ctx, { ...ENV, REDIS_PASSWORD: "sécret" });
      expect(node.admits(undefined)).toBe("wrong-password");
      expect(node.admits("s\xc3\xa9cret")).toBe("admitted");
      expect(node.admits("s\xc3\xa9cre")).toBe("wrong-password");
    });
  });
});

describe("without a password, and not on loopback only,", () => {
  beforeEach(async () => {
    for (const node of ["master", "weur", "apac"]) {
      await ask(node, "CONFIG", "SET", "protected-mode", "yes");
    }
  });
  const env = { LOOPBACK: "0" };

  for (const path of GUARDED) {
    test(`${path} is refused with what to do about it`, async () => {
      for (const init of [{}, bearer("any")]) {
        const response = await call(path, { ...init, env, host: "db.example.com" });
        expect([response.status, await response.json()]).toEqual([403, { error: DENIED }]);
      }
    });
  }

  test("a socket is told so before it asks, and closed", async () => {
    const response = await call("/resp", { ...UPGRADE, env, host: "db.example.com" });
    const client = Client.of(response);
    expect(await client.next()).toBe(`-${DENIED}`);
    expect(await client.closed).toBe(1000);
  });

  test("a TCP client is told so before it asks, and hung up on", async () => {
    const socket = stubOf().connect("10.0.0.1:1");
    const text = await new Response(socket.readable).text();
    expect(text).toBe(`-${DENIED}\r\n`);
  });

  test("the text names what must be set", () => {
    expect(DENIED).toMatch(/wrangler secret put REDIS_PASSWORD/);
  });

  test("/health answers all the same", async () => {
    expect((await call("/health", { env, host: "db.example.com" })).status).toBe(200);
  });
});

describe("without a password, on loopback,", () => {
  const strangers: Record<string, Parameters<typeof call>[1]> = {
    "a page from elsewhere": { headers: { origin: "https://evil.example" } },
    "a page that looks local": { headers: { origin: "http://localhost.evil.example" } },
    "a page without an origin": { headers: { origin: "null" } },
    "an image or a link on a page": { headers: { "sec-fetch-site": "cross-site" } },
    "a name that resolves to us": { host: "rebound.evil.example" },
    "a host that looks local": { host: "127.0.0.1.evil.example" },
  };
  for (const [who, init] of Object.entries(strangers)) {
    test(`${who} is refused, whatever it asks for`, async () => {
      for (const path of ["/set/a/1", "/resp", "/health", "/v1/topology"]) {
        const response = await call(path, init);
        expect([path, response.status]).toEqual([path, 403]);
        expect(await response.json()).toMatchObject({ error: expect.stringMatching(/^NOPERM/) });
      }
      expect(await ask("master", "GET", "a")).toBe(null);
    });
  }

  const friends: Record<string, Parameters<typeof call>[1]> = {
    "a program": {},
    "a page of this machine": {
      headers: { origin: "http://localhost:3000", "sec-fetch-site": "cross-site" },
    },
    "someone who types the address": { headers: { "sec-fetch-site": "none" } },
    "any of our addresses": { host: "127.8.8.8:8787" },
    "the address in six parts": { host: "[::1]:8787" },
  };
  for (const [who, init] of Object.entries(friends)) {
    test(`${who} is served`, async () => {
      expect((await call("/set/a/1", init)).status).toBe(200);
    });
  }

  test("with a password pages may come from anywhere: they must know it", async () => {
    const env = { REDIS_PASSWORD: "secret" };
    const response = await call("/get/a", { headers: { origin: "https://app.example" }, env });
    expect(response.status).toBe(200);
  });
});

describe("a path between nodes cannot be reached from outside:", () => {
  const paths = [
    "/link",
    "//link",
    "/LINK",
    "/%6cink",
    "/resp/../link",
    "/resp/%2e%2e/link",
    "/resp%2f..%2flink",
    "/v1/nodes/master/link",
    "/v1/nodes/master%2f..%2f..%2flink/snapshot",
    "/v1/nodes/..%2flink%3f/snapshot",
    "/v1/nodes/master/snapshot/../../../../link",
    "/snapshot?pin=x&cursor=",
    "/snapshot.rdb",
    "/%73napshot",
  ];
  for (const path of paths) {
    test(`not as ${path}`, async () => {
      const response = await call(path, UPGRADE);
      expect(response.webSocket).toBe(null);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    });
  }

  test("a query of /resp does not become a path or a trust", async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "secret");
    const response = await call("/resp?node=master&x=/../link", UPGRADE);
    expect(await Client.of(response).send("GET", "a")).toBe("-NOAUTH Authentication required.");
  });

  test("nobody says for himself where he comes from", async () => {
    const headers = { ...UPGRADE.headers, "x-antipode-from": "10.0.0.1:1" };
    const client = Client.of(await call("/resp", { headers }));
    expect(await client.send("CLIENT", "INFO")).not.toContain("10.0.0.1");
  });
});
