// The REST API in all its forms, and how it says no.

import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

import { toBinary } from "../../../shared/base/bytes.ts";
import { ask, call, freshMaster, info, openUp, restart, trusted } from "../support/nodes.ts";
import { until } from "../support/until.ts";

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

/** As clients say it over a network; from within there is no such header. */
function lengthOf(body: string | Uint8Array): Record<string, string> {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { "content-length": String(bytes.byteLength) };
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

  test("that a client has in its URL is told to be none", async () => {
    const hint = "a path is a command here; the URL that is given to a client has none";
    const told = error(`ERR unknown command 'db1': ${hint}`);
    expect(await post("/db1", ["SET", "a", "1"])).toEqual(told);
    expect(await post("/db1/pipeline", [["SET", "a", "1"]])).toEqual(told);
    expect(await ask("master", "EXISTS", "a")).toBe(0);
    // Where a command is meant, Redis's words say what is wrong with it.
    expect((await post("/nosuch", "text")).body).toEqual({
      error: "ERR unknown command 'nosuch', with args beginning with: 'text' ",
    });
    expect(await post("/set/list", [1, 2])).toEqual(result("OK"));
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

describe("a request that is none", () => {
  /** A SET of such bytes. */
  const setOf = (...bytes: number[]): Uint8Array<ArrayBuffer> =>
    Uint8Array.of(...new TextEncoder().encode('["SET","a","'), ...bytes, 34, 93);
  const bodies: Record<string, string | Uint8Array<ArrayBuffer>> = {
    "cut off": '["SET","a","1"',
    "more than one": '["SET","a","1"]["SET","b","1"]',
    "a string": '"SET"',
    "an array in a command": '["SET",["a"],"1"]',
    "an object in a command": '["SET","a",{"b":1}]',
    "nested very deep": "[".repeat(100_000),
    "no UTF-8": setOf(0xff),
    "a character that is cut off": setOf(0xe2, 0x82),
    "a character that is cut off, beside one that stands for such": setOf(0xef, 0xbf, 0xbd, 0xc3),
    "a surrogate": setOf(0xed, 0xa0, 0x80),
    "UTF-16": Uint8Array.from('["SET","a","1"]', (char) => char.charCodeAt(0)).map((c) => c ^ 0x80),
  };
  for (const [what, body] of Object.entries(bodies)) {
    test(`is refused, and nothing of it is executed: ${what}`, async () => {
      for (const path of ["/", "/pipeline", "/multi-exec"]) {
        for (const headers of [{}, lengthOf(body)]) {
          const { status, body: answer } = await rest(path, { method: "POST", body, headers });
          expect([path, status]).toEqual([path, 400]);
          expect(answer).toEqual({ error: expect.stringMatching(/^ERR failed to parse/) });
        }
      }
      expect(await ask("master", "DBSIZE")).toBe(0);
    });
  }

  const odd: Record<string, string> = {
    "the character that stands for what is none": "\ufffd",
    "characters of one to four bytes": "a\u00e9\u20ac\u{1f600}",
    "a mark of the order of bytes": "\ufeff",
  };
  for (const [what, text] of Object.entries(odd)) {
    test(`is not one that holds ${what}`, async () => {
      const body = new TextEncoder().encode(JSON.stringify(["SET", "a", text]));
      for (const headers of [{}, lengthOf(body)]) {
        expect(await rest("/", { method: "POST", body, headers })).toEqual(result("OK"));
        expect(await rest("/get/a")).toEqual(result(text));
      }
    });
  }

  test("is not one that begins with a mark of the order of bytes", async () => {
    const body = new TextEncoder().encode('\ufeff["PING"]');
    for (const headers of [{}, lengthOf(body)]) {
      expect(await rest("/", { method: "POST", body, headers })).toEqual(result("PONG"));
    }
  });

  test("that says another length than it has is none but for its text", async () => {
    const body = new TextEncoder().encode(JSON.stringify(["SET", "a", "\u00e9\u20ac"]));
    const headers = { "content-length": "17" };
    expect(await rest("/", { method: "POST", body, headers })).toEqual(result("OK"));
    expect(await rest("/get/a")).toEqual(result("\u00e9\u20ac"));
  });

  test("is refused as a whole when one command of it is none", async () => {
    for (const path of ["/pipeline", "/multi-exec"]) {
      const bad = [
        ["SET", "a", "1"],
        ["SET", "b", null],
      ];
      expect(await post(path, bad)).toEqual(error("ERR failed to parse command"));
    }
    expect(await ask("master", "DBSIZE")).toBe(0);
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

describe("a command without a name", () => {
  test("is refused on its own in a pipeline, and with all others in a transaction", async () => {
    expect(await post("/pipeline", [[], ["SET", "a", "1"], [], ["GET", "a"], []])).toEqual({
      status: 200,
      body: [
        { error: "ERR empty pipeline command" },
        { result: "OK" },
        { error: "ERR empty pipeline command" },
        { result: "1" },
        { error: "ERR empty pipeline command" },
      ],
    });
    expect(await post("/multi-exec", [["SET", "a", "2"], []])).toEqual(
      error("ERR empty multi-exec command"),
    );
    expect(await rest("/get/a")).toEqual(result("1"));
    expect((await rest("//")).status).toBe(400);
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

describe("the RESP2 format", () => {
  const asked = { "upstash-response-format": "resp2" };

  async function raw(path: string, body: unknown): Promise<[number, string | null, string]> {
    const response = await call(path, {
      method: "POST",
      body: JSON.stringify(body),
      headers: asked,
    });
    const text = toBinary(new Uint8Array(await response.arrayBuffer()));
    return [response.status, response.headers.get("content-type"), text];
  }

  test("is what a RESP2 client would get, byte for byte", async () => {
    await ask("master", "SET", "a", "\xff\r\n");
    const bytes = "application/octet-stream";
    expect(await raw("/", ["GET", "a"])).toEqual([200, bytes, "$3\r\n\xff\r\n\r\n"]);
    expect(await raw("/", ["SET", "b", "1"])).toEqual([200, bytes, "+OK\r\n"]);
    expect(await raw("/", ["INCR", "a"])).toEqual([
      400,
      bytes,
      "-ERR value is not an integer or out of range\r\n",
    ]);
    expect(await raw("/pipeline", [["GET", "none"], [], ["WATCH", "a"], ["MGET", "b"]])).toEqual([
      200,
      bytes,
      "$-1\r\n-ERR empty pipeline command\r\n" +
        '-ERR Command "WATCH" is not allowed in REST or it has a special context path\r\n' +
        "*1\r\n$1\r\n1\r\n",
    ]);
  });

  test("has replies of any depth and length", async () => {
    const deep = "local t = {1} for i = 1, 200 do t = {t} end return t";
    const [, , nested] = await raw("/", ["EVAL", deep, 0]);
    expect(nested).toBe(`${"*1\r\n".repeat(201)}:1\r\n`);
    const long = "return {ok = string.rep('x', 2e6)}";
    expect((await raw("/", ["EVAL", long, 0]))[2]).toBe(`+${"x".repeat(2e6)}\r\n`);
    expect((await raw("/", ["PING"]))[2]).toBe("+PONG\r\n");
  });

  test("is JSON all the same for a transaction", async () => {
    expect((await raw("/multi-exec", [["SET", "a", "1"]]))[2]).toBe('[{"result":"OK"}]');
  });

  test("cannot be had in base64, and no other format can be had", async () => {
    const both = { ...asked, "upstash-encoding": "base64" };
    expect((await post("/", ["PING"], both)).status).toBe(400);
    const other = { "upstash-response-format": "resp3" };
    expect((await post("/", ["PING"], other)).status).toBe(400);
    expect(await post("/", ["PING"], { "upstash-response-format": "JSON" })).toEqual(
      result("PONG"),
    );
  });
});

describe("where there are as many clients as there may be", () => {
  test("a call is told so, keeps no place, and the next one that finds room is run", async () => {
    const client = await trusted();
    await client.send("CONFIG", "SET", "maxclients", "1");
    const full = "ERR max number of clients reached";
    expect(await rest("/get/a")).toEqual(error(full));
    expect(await post("/multi-exec", [["GET", "a"]])).toEqual(error(full));
    const { body } = await post("/pipeline", [["PING"], ["PING"]]);
    expect(body).toEqual([{ error: full }, { error: "ERR connection closed" }]);
    const list = (await client.send("CLIENT", "LIST")) as string;
    expect(list.trim().split("\n")).toHaveLength(1);
    await client.send("CONFIG", "SET", "maxclients", "2");
    for (let i = 0; i < 5; i++) expect(await rest("/ping")).toEqual(result("PONG"));
    await client.send("CONFIG", "SET", "maxclients", "10000");
    client.close();
  });
});

describe("the sync token", () => {
  async function token(path: string, body: unknown, headers: Record<string, string> = {}) {
    const init = { method: "POST", body: JSON.stringify(body), headers };
    const response = await call(path, init);
    await response.text();
    return response.headers.get("upstash-sync-token");
  }

  test("is history and offset, and changes with every write and no read", async () => {
    const first = await token("/", ["SET", "a", "1"]);
    expect(first).toMatch(/^[0-9a-f]{40}:\d+$/);
    expect(await token("/", ["GET", "a"])).toBe(first);
    const others = [
      await token("/", ["SET", "a", "1"]),
      await token("/pipeline", [
        ["INCR", "a"],
        ["INCR", "a"],
      ]),
      await token("/multi-exec", [
        ["INCR", "a"],
        ["INCR", "a"],
      ]),
      ...(await Promise.all([1, 2, 3].map((i) => token("/", ["SET", `b${i}`, "1"])))),
    ];
    expect(new Set([first, ...others]).size).toBe(others.length + 1);
  });

  test("is not given with an error, and taken whatever it is", async () => {
    expect(await token("/", ["NOSUCH"])).toBe(null);
    for (const garbage of ["", "my-new-sync-token", "0".repeat(40) + ":1", ":", "%00"]) {
      expect(await token("/", ["GET", "a"], { "upstash-sync-token": garbage })).not.toBe(null);
    }
  });
});

describe("a request that is sent again", () => {
  const again = { "upstash-telemetry-retry": "1" };

  test("is told its first outcome, and changes nothing", async () => {
    expect(await post("/", ["INCR", "n"])).toEqual(result(1));
    expect(await post("/", ["INCR", "n"], again)).toEqual(result(1));
    expect(await post("/", ["INCR", "n"], { "upstash-telemetry-retry": "2" })).toEqual(result(1));
    expect(await post("/", ["INCR", "n"])).toEqual(result(2));
    const many = [["INCR", "n"], ["NOSUCH"]];
    const outcome = await post("/pipeline", many);
    expect(await post("/pipeline", many, again)).toEqual(outcome);
    expect(await post("/multi-exec", [["INCR", "n"]])).toEqual({
      status: 200,
      body: [result(4).body],
    });
    await post("/multi-exec", [["INCR", "n"]], again);
    expect(await rest("/incr/n", { method: "POST" })).toEqual(result(5));
    expect(await rest("/incr/n", { method: "POST", headers: again })).toEqual(result(5));
    expect(await rest("/get/n")).toEqual(result("5"));
  });

  test("is executed when the first did not arrive", async () => {
    expect(await post("/", ["INCR", "m"], again)).toEqual(result(1));
    expect(await post("/", ["INCR", "m"], again)).toEqual(result(1));
  });

  test("is not taken for another's: of another token, or another state", async () => {
    const seen = { "upstash-sync-token": "a".repeat(40) + ":1" };
    expect(await post("/", ["INCR", "o"], seen)).toEqual(result(1));
    expect(await post("/", ["INCR", "o"], again)).toEqual(result(2));
    expect(await post("/", ["INCR", "o"], { ...seen, ...again })).toEqual(result(1));
  });

  test("is answered anew when it only reads", async () => {
    await rest("/set/a/1");
    expect(await rest("/get/a")).toEqual(result("1"));
    await rest("/set/a/2");
    expect(await rest("/get/a", { headers: again })).toEqual(result("2"));
  });
});

describe("a request whose node goes away meanwhile", () => {
  /** Once the node holds a client that waits. */
  async function waiting(): Promise<void> {
    await until("it waits", async () => (await info("master", "blocked_clients")) === "1");
  }

  test("is made again where it only reads", async () => {
    const answer = post("/", ["XREAD", "BLOCK", "20000", "STREAMS", "x", "$"]);
    await waiting();
    await restart();
    await openUp("master");
    await waiting();
    await ask("master", "XADD", "x", "1-1", "a", "1");
    expect(await answer).toEqual(result([["x", [["1-1", ["a", "1"]]]]]));
  });

  test("is a 503 where nobody knows if it has run", async () => {
    const answer = post("/", ["BLPOP", "l", "20"]);
    await waiting();
    await restart();
    expect(await answer).toEqual(
      error("ERR the node was restarted; whether this was executed is not known", 503),
    );
    await openUp("master");
  });
});

describe("a token for reading", () => {
  const reader = { authorization: "Bearer reader" };
  const writer = { authorization: "Bearer s3cret" };
  beforeEach(async () => {
    await ask("master", "CONFIG", "SET", "requirepass", "s3cret", "rest-readonly-token", "reader");
    await ask("master", "SET", "a", "1");
    return async () => {
      await ask("master", "CONFIG", "SET", "requirepass", "", "rest-readonly-token", "");
    };
  });

  const refused = (name: string): string =>
    `NOPERM this user has no permissions to run the '${name}' command or its subcommand`;

  const READS = [
    ["GET", "a"],
    ["EXISTS", "a"],
    ["PING"],
    ["TTL", "a"],
    ["OBJECT", "ENCODING", "a"],
    ["CLIENT", "SETINFO", "LIB-NAME", "x"],
  ];
  for (const args of READS) {
    test(`lets ${args.join(" ")} pass`, async () => {
      expect((await post("/", args, reader)).status).toBe(200);
    });
  }

  const WRITES: readonly (readonly [name: string, ...args: string[]])[] = [
    ["set", "SET", "a", "2"],
    ["getdel", "GETDEL", "a"],
    ["keys", "KEYS", "*"],
    ["scan", "SCAN", "0"],
    ["sort_ro", "SORT_RO", "a"],
    ["eval", "EVAL", "return 1", "0"],
    ["eval_ro", "EVAL_RO", "return 1", "0"],
    ["config|set", "CONFIG", "SET", "requirepass", ""],
    ["config|get", "CONFIG", "GET", "requirepass"],
    ["flushall", "FLUSHALL"],
    ["publish", "PUBLISH", "a", "b"],
    ["acl|whoami", "ACL", "WHOAMI"],
    ["debug", "DEBUG", "SLEEP", "0"],
  ];
  for (const [name, ...args] of WRITES) {
    test(`does not let ${args.join(" ")} pass`, async () => {
      expect(await post("/", args, reader)).toEqual(error(refused(name)));
      expect((await post("/pipeline", [args, ["GET", "a"], args], reader)).body).toEqual([
        { error: refused(name) },
        { result: "1" },
        { error: refused(name) },
      ]);
      expect(await post("/multi-exec", [["GET", "a"], args], reader)).toEqual(error(refused(name)));
    });
  }

  test("says what is wrong with a command as anyone is told", async () => {
    expect((await post("/", ["NOSUCH"], reader)).body).toMatchObject({
      error: expect.stringMatching(/^ERR unknown command/),
    });
    expect((await post("/pipeline", [[], ["GET"]], reader)).body).toEqual([
      { error: "ERR empty pipeline command" },
      { error: "ERR wrong number of arguments for 'get' command" },
    ]);
    expect((await post("/", "no json", reader)).status).toBe(400);
  });

  test("does not open what is not for reading", async () => {
    for (const path of ["/metrics", "/v1/topology", "/v1/nodes/master/snapshot", "/monitor"]) {
      expect([path, (await rest(path, { headers: reader })).status]).toEqual([path, 403]);
    }
  });

  test("counts for nothing when it is empty, and is shown to nobody", async () => {
    await post("/", ["CONFIG", "SET", "rest-readonly-token", ""], writer);
    expect((await post("/", ["GET", "a"], { authorization: "Bearer " })).status).toBe(401);
    expect((await post("/", ["GET", "a"], reader)).status).toBe(401);
  });

  test("what is wrong with a stranger's request he is not told", async () => {
    for (const [path, body] of [
      ["/", "no json"],
      ["/pipeline", "[]"],
      ["/", '["WATCH","a"]'],
      ["/get/%zz", ""],
    ] as const) {
      expect([path, (await post(path, body)).status]).toEqual([path, 401]);
    }
  });
});

describe("pages of other origins", () => {
  const origin = "https://app.example";
  const preflight = {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST" },
  };
  const env = { LOOPBACK: "0" };

  test("cannot use REST unless they are named", async () => {
    for (const CORS_ORIGINS of [undefined, "", "https://other.example, http://app.example"]) {
      const more = CORS_ORIGINS === undefined ? env : { ...env, CORS_ORIGINS };
      expect((await call("/", { ...preflight, env: more })).status).toBe(405);
      const response = await call("/get/a", { headers: { origin }, env: more });
      expect(response.headers.get("access-control-allow-origin")).toBe(null);
    }
  });

  for (const CORS_ORIGINS of ["*", origin, `http://x, ${origin}`]) {
    test(`can where they are: ${CORS_ORIGINS}`, async () => {
      const more = { ...env, CORS_ORIGINS };
      const asked = await call("/", { ...preflight, env: more });
      expect(asked.status).toBe(204);
      expect(asked.headers.get("access-control-allow-origin")).toBe(origin);
      expect(asked.headers.get("access-control-allow-headers")).toContain("upstash-sync-token");
      const response = await call("/get/a", { headers: { origin }, env: more });
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("access-control-expose-headers")).toContain("upstash-sync-token");
      expect(response.headers.get("vary")).toBe("origin");
    });
  }
});

describe("who looks at the address", () => {
  test("with a browser is told what this is, on a page that runs nothing", async () => {
    const response = await call("/", { headers: { accept: "text/html,*/*" } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const text = await response.text();
    expect(text).toContain("docs/rest.md");
    expect(text).not.toContain("<script");
  });

  test("with a program is told in plain text", async () => {
    const response = await call("/");
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toContain("docs/rest.md");
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

  const PATHS: Record<string, string> = {
    "/get/a": "GET, HEAD, POST, PUT",
    "/": "GET, HEAD, POST, PUT",
    "/pipeline": "POST, PUT",
    "/multi-exec": "POST, PUT",
    "/subscribe/a": "GET, HEAD, POST",
    "/health": "GET, HEAD",
    "/v1/topology": "GET, HEAD",
    "/resp": "GET, HEAD",
  };
  for (const [path, allowed] of Object.entries(PATHS)) {
    test(`a method that ${path} does not have`, async () => {
      for (const method of ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"]) {
        if (allowed.includes(method)) continue;
        const response = await call(path, { method });
        expect([method, response.status]).toEqual([method, 405]);
        expect(response.headers.get("allow")).toBe(allowed);
        expect(await response.json()).toEqual({ error: `ERR ${method} is not used here` });
      }
    });
  }

  test("a request that is too large, whoever does not say how large it is", async () => {
    const chunk = new Uint8Array(1 << 20);
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (sent++ < 100) controller.enqueue(chunk);
        else controller.close();
      },
    });
    expect((await rest("/set/a", { method: "POST", body })).status).toBe(413);
    expect(sent).toBeLessThan(60);
    expect(await rest("/get/a")).toEqual(result(null));
  });

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
    const read = (): Promise<Answer> => rest("/get/a?node=weur");
    await until("it has loaded its data", async () => (await read()).status === 200);
    expect(await read()).toEqual(result(null));
  });
});
