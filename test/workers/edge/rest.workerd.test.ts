// The REST API in all its forms, and how it says no.

import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { ask, call, freshMaster } from "../support/nodes.ts";

vi.setConfig({ testTimeout: 30_000 });
beforeAll(freshMaster);
beforeEach(async () => {
  await ask("master", "FLUSHALL");
});

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function rest(path: string, init: Parameters<typeof call>[1] = {}): Promise<Answer> {
  const response = await call(path, init);
  expect(response.headers.get("content-type")).toMatch(/^application\/json/);
  return { status: response.status, body: await response.json() };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return rest(path, { method: "POST", body: text, headers });
}

function result(value: unknown): Answer {
  return { status: 200, body: { result: value } };
}

function error(text: string, status = 400): Answer {
  return { status, body: { error: text } };
}

describe("a command in the path", () => {
  test("is run, in any case of letters", async () => {
    expect(await rest("/set/a/1")).toEqual(result("OK"));
    expect(await rest("/GeT/a")).toEqual(result("1"));
    expect(await rest("/get/none")).toEqual(result(null));
    expect(await rest("/incr/a")).toEqual(result(2));
    expect(await rest("/mget/a/none")).toEqual(result(["2", null]));
  });

  test("has its arguments percent-decoded, a plus stays a plus", async () => {
    expect(await rest("/set/a%2Fb/x+y%20z%C3%A9")).toEqual(result("OK"));
    expect(await post("/", ["GET", "a/b"])).toEqual(result("x+y zé"));
    expect(await rest("/set//empty")).toEqual(result("OK"));
    expect(await post("/", ["GET", ""])).toEqual(result("empty"));
  });

  test("may hold any byte", async () => {
    await rest("/set/bin/%ff%00%80");
    expect(await ask("master", "GET", "bin")).toBe("\xff\0\x80");
  });

  for (const path of ["/get/%", "/get/%zz", "/get/a%2", "/%g0"]) {
    test(`is refused where nothing can be decoded: ${path}`, async () => {
      expect(await rest(path)).toEqual(error("ERR failed to parse command"));
    });
  }

  for (const method of ["POST", "PUT"]) {
    test(`is followed by the body of a ${method} and then by the query`, async () => {
      const init = { method, body: "va/l ue" };
      expect(await rest("/set/a?EX=100&GET", init)).toEqual(result(null));
      expect(await rest("/get/a")).toEqual(result("va/l ue"));
      expect(await rest("/ttl/a")).toEqual(result(100));
      expect(await rest("/set/a/w?nx")).toEqual(result(null));
    });
  }

  test("takes a body of any bytes as it is", async () => {
    const body = Uint8Array.from({ length: 256 }, (_, i) => i);
    await rest("/set/bin", { method: "POST", body });
    expect(await ask("master", "GET", "bin")).toBe(String.fromCharCode(...body));
  });

  test("answers HEAD without a body", async () => {
    const response = await call("/get/a", { method: "HEAD" });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  });
});

describe("a command as JSON", () => {
  test("takes strings, numbers and booleans, as they are spelt", async () => {
    expect(await post("/", ["SET", "a", "é\u0000\n"])).toEqual(result("OK"));
    expect(await post("/", ["GET", "a"])).toEqual(result("é\u0000\n"));
    await post("/", '["MSET", "n", 18446744073709551616, "f", 1.0, "e", 1e3, "t", true]');
    expect(await post("/", ["MGET", "n", "f", "e", "t"])).toEqual(
      result(["18446744073709551616", "1.0", "1e3", "true"]),
    );
  });

  test("needs no content type", async () => {
    const init = { method: "POST", body: '["PING"]', headers: { "content-type": "text/csv" } };
    expect(await rest("/", init)).toEqual(result("PONG"));
  });

  const refused: Record<string, string> = {
    "": "ERR failed to parse command",
    "[": "ERR failed to parse command",
    "{}": "ERR failed to parse command",
    "[]": "ERR empty command",
    '[["GET","a"]]': "ERR failed to parse command",
    '["GET",null]': "ERR failed to parse command",
    '["GET",{}]': "ERR failed to parse command",
  };
  for (const [body, text] of Object.entries(refused)) {
    test(`is refused when it is none: ${body === "" ? "nothing" : body}`, async () => {
      expect(await post("/", body)).toEqual(error(text));
    });
  }

  test("that fails is a 400 with Redis's words", async () => {
    await rest("/set/s/text");
    expect(await post("/", ["INCR", "s"])).toEqual(
      error("ERR value is not an integer or out of range"),
    );
    expect(await post("/", ["GET"])).toEqual(
      error("ERR wrong number of arguments for 'get' command"),
    );
    expect((await post("/", ["NOSUCH", "a"])).body).toEqual({
      error: "ERR unknown command 'NOSUCH', with args beginning with: 'a' ",
    });
  });
});

describe("a pipeline", () => {
  test("answers each command in order, errors among them", async () => {
    const commands = [["SET", "a", "x"], ["INCR", "a"], ["NOSUCH"], ["GET", "a"]];
    expect(await post("/pipeline", commands)).toEqual({
      status: 200,
      body: [
        { result: "OK" },
        { error: "ERR value is not an integer or out of range" },
        { error: "ERR unknown command 'NOSUCH', with args beginning with: " },
        { result: "x" },
      ],
    });
  });

  test("is refused as a whole when it is none", async () => {
    const parse = error("ERR failed to parse pipeline request");
    expect(await post("/pipeline", {})).toEqual(parse);
    expect(await post("/pipeline", [])).toEqual(error("ERR empty pipeline request"));
    expect((await post("/pipeline", [["SET", "a", "1"], "x"])).status).toBe(400);
    expect(await rest("/get/a")).toEqual(result(null));
  });
});

describe("a transaction", () => {
  test("runs all, and an error of one does not stop the rest", async () => {
    const commands = [
      ["SET", "a", "x"],
      ["INCR", "a"],
      ["APPEND", "a", "y"],
    ];
    expect(await post("/multi-exec", commands)).toEqual({
      status: 200,
      body: [
        { result: "OK" },
        { error: "ERR value is not an integer or out of range" },
        { result: 2 },
      ],
    });
  });

  test("runs nothing when a command is refused, and says which reason came first", async () => {
    const commands = [["SET", "a", "1"], ["NOSUCH"], ["GET"]];
    expect(await post("/multi-exec", commands)).toEqual(
      error("ERR unknown command 'NOSUCH', with args beginning with: "),
    );
    expect(await rest("/get/a")).toEqual(result(null));
    expect(await post("/multi-exec", [])).toEqual(error("ERR empty multi-exec request"));
  });

  test("cannot be cut open from within", async () => {
    const commands = [["SET", "a", "1"], ["EXEC"], ["MULTI"], ["SET", "b", "1"]];
    expect((await post("/multi-exec", commands)).status).toBe(400);
    expect(await post("/", ["EXISTS", "a", "b"])).toEqual(result(0));
  });
});

describe("base64", () => {
  const asked = { "upstash-encoding": "base64" };

  test("is every string but the status OK, at any depth", async () => {
    await ask("master", "SET", "a", "\xff\0");
    expect(await post("/", ["GET", "a"], asked)).toEqual(result("/wA="));
    expect(await post("/", ["SET", "b", "OK"], asked)).toEqual(result("OK"));
    expect(await post("/", ["GET", "b"], asked)).toEqual(result("T0s="));
    expect(await post("/", ["PING"], asked)).toEqual(result("UE9ORw=="));
    expect(await post("/", ["MGET", "a", "none"], asked)).toEqual(result(["/wA=", null]));
    expect(await post("/", ["STRLEN", "a"], asked)).toEqual(result(2));
    expect((await post("/pipeline", [["GET", "a"], ["NOSUCH"]], asked)).body).toEqual([
      { result: "/wA=" },
      { error: "ERR unknown command 'NOSUCH', with args beginning with: " },
    ]);
    expect(
      (
        await post(
          "/multi-exec",
          [
            ["SET", "a", "1"],
            ["GET", "a"],
          ],
          asked,
        )
      ).body,
    ).toEqual([{ result: "OK" }, { result: "MQ==" }]);
  });
});

describe("a command that belongs to a connection", () => {
  const commands = [
    ["AUTH", "x"],
    ["CLIENT", "REPLY", "OFF"],
    ["MONITOR"],
    ["MULTI"],
    ["PSYNC", "?", "-1"],
    ["REPLCONF", "ACK", "1"],
    ["QUIT"],
    ["SUBSCRIBE", "a"],
    ["PUNSUBSCRIBE"],
    ["WATCH", "a"],
  ];
  for (const args of commands) {
    test(`is refused, and leaves nothing hanging: ${args.join(" ")}`, async () => {
      const text = `ERR Command "${args[0]}" is not allowed in REST or it has a special context path`;
      expect(await post("/", args)).toEqual(error(text));
      expect((await post("/pipeline", [args, ["PING"]])).body).toEqual([
        { error: text },
        { result: "PONG" },
      ]);
      expect(await post("/multi-exec", [["SET", "a", "1"], args])).toEqual(error(text));
    });
  }
});

describe("what cannot be served is said in JSON:", () => {
  test("a node that is not there", async () => {
    expect(await rest("/get/a?node=nowhere")).toMatchObject({ status: 404 });
    expect(await rest("/resp?node=nowhere")).toMatchObject({ status: 404 });
    expect(await rest("/health?node=nowhere")).toMatchObject({ status: 404 });
    expect(await rest("/v1/nodes/nowhere/snapshot")).toMatchObject({ status: 404 });
  });

  for (const method of ["DELETE", "PATCH", "OPTIONS"]) {
    test(`the method ${method}`, async () => {
      expect(await rest("/get/a", { method })).toEqual(
        error(`ERR ${method} is not used here`, 405),
      );
    });
  }

  test("a request that is too large", async () => {
    const body = "v".repeat(33 * 1024 * 1024);
    const { status, body: answer } = await rest("/set/a", { method: "POST", body });
    expect(status).toBe(413);
    expect(answer).toEqual({ error: expect.stringMatching(/^ERR max request size exceeded/) });
    expect(await rest("/get/a")).toEqual(result(null));
  });

  test("an answer that is too large", async () => {
    const body = "v".repeat(20_000_000);
    expect(await rest("/set/a", { method: "POST", body })).toEqual(result("OK"));
    const { status, body: answer } = await post("/", ["MGET", "a", "a"]);
    expect(status).toBe(400);
    expect(answer).toEqual({ error: expect.stringMatching(/^ERR max request size exceeded/) });
    expect(await rest("/strlen/a")).toEqual(result(20_000_000));
  });
});

describe("a replica asked by name", () => {
  test("answers reads and refuses writes as a Redis replica does", async () => {
    await ask("weur", "CONFIG", "SET", "protected-mode", "no");
    expect(await rest("/set/a/1?node=weur")).toEqual(
      error("READONLY You can't write against a read only replica."),
    );
    expect((await rest("/get/a?node=weur")).status).toBe(200);
  });
});
