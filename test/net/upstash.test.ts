// Upstash's own clients, from the registry and unchanged, against a served instance.

import { Lock } from "@upstash/lock";
import { MultiRegionRatelimit, Ratelimit } from "@upstash/ratelimit";
import { Redis, type RedisConfigNodejs } from "@upstash/redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { serve, type Served } from "../support/serve.ts";
import { until } from "../support/until.ts";
import { STORY } from "../support/upstash-story.ts";

const TOKEN = "s3cret/+token=";
const READ_TOKEN = "reader";

let served: Served;
/** Another database. */
let elsewhere: Served;
beforeAll(async () => {
  served = await serve({ replicas: [], password: TOKEN });
  elsewhere = await serve({ replicas: [], password: TOKEN });
  await client().exec(["CONFIG", "SET", "rest-readonly-token", READ_TOKEN]);
});
afterAll(async () => {
  await served.stop();
  await elsewhere.stop();
});
beforeEach(() => client().flushall());
afterEach(() => vi.restoreAllMocks());

type Options = Partial<RedisConfigNodejs>;

function client(options: Options = {}): Redis {
  return new Redis({ url: served.http, token: TOKEN, ...options });
}

/** The requests that the SDK makes from now on, as they go out. */
function requestsMade(): { path: string; headers: Headers; body: unknown }[] {
  const made: ReturnType<typeof requestsMade> = [];
  const { fetch } = globalThis;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
    const { pathname } = new URL(url instanceof Request ? url.url : url);
    const body: unknown = JSON.parse(init?.body as string);
    made.push({ path: pathname, headers: new Headers(init?.headers), body });
    return await fetch(url, init);
  });
  return made;
}

const WAYS: Readonly<Record<string, Options>> = {
  "as it comes": {},
  "without base64": { responseEncoding: false },
  "without read-your-writes": { readYourWrites: false },
  "without auto-pipelining": { enableAutoPipelining: false },
};

describe.each(Object.entries(WAYS))("the SDK %s", (_way, options) => {
  it.each(Object.entries(STORY))("understands %s", async (_group, rows) => {
    const redis = client(options);
    for (const { call, gives, isUnordered = false } of rows) {
      const given = await call(redis);
      const seen = { call: String(call), gives: isUnordered ? sorted(given) : given };
      expect(seen).toEqual({ call: String(call), gives: isUnordered ? sorted(gives) : gives });
    }
  });

  it("keeps any text as it is, and any bytes in base64", async () => {
    const redis = client({ ...options, automaticDeserialization: false });
    const text = 'grün ✓ 𝄞 \u0000 " \\ \r\n \u2028';
    expect(await redis.set("t", text)).toBe("OK");
    expect(await redis.get("t")).toBe(text);
    expect(await redis.mget("t", "t")).toEqual([text, text]);
  });

  it("is told what is wrong in the server's words", async () => {
    const redis = client(options);
    await redis.set("t", "text");
    await expect(redis.incr("t")).rejects.toThrow("ERR value is not an integer or out of range");
    await expect(redis.lpush("t", 1)).rejects.toThrow("WRONGTYPE Operation against a key");
    await expect(redis.exec(["NOSUCH", "a"])).rejects.toThrow("ERR unknown command 'NOSUCH'");
    await expect(redis.evalsha("0".repeat(40), [], [])).rejects.toThrow(
      "NOSCRIPT No matching script. Please use EVAL.",
    );
  });

  it("pipelines, each command with its own outcome", async () => {
    const redis = client(options);
    const pipeline = redis.pipeline().set("a", "x").incr("a").get("a");
    expect(await pipeline.exec({ keepErrors: true })).toMatchObject([
      { result: "OK" },
      { error: "ERR value is not an integer or out of range" },
      { result: "x" },
    ]);
    const many = redis.pipeline();
    for (let i = 0; i < 1000; i++) many.incr("n");
    expect(await many.exec()).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1));
  });

  it("runs transactions, whole or not at all", async () => {
    const redis = client(options);
    expect(await redis.multi().set("a", 1).incrby("a", 2).get("a").exec()).toEqual(["OK", 3, 3]);
    const bad = redis
      .multi()
      .set("a", 9)
      .getrange("a", 0, "x" as unknown as number);
    await expect(bad.exec()).rejects.toThrow("value is not an integer");
    expect(await redis.get("a")).toBe(9);
  });

  it("iterates over everything there is", async () => {
    const redis = client(options);
    for (let i = 0; i < 50; i++) await redis.set(`key:${i}`, i);
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const [next, keys] = await redis.scan(cursor, { match: "key:*", count: 7 });
      for (const key of keys) seen.add(key);
      cursor = next;
    } while (cursor !== "0");
    expect(seen.size).toBe(50);
  });
});

describe("auto-pipelining", () => {
  it("sends what is asked at once in one request for reads and one for writes", async () => {
    const redis = client();
    const made = requestsMade();
    await Promise.all([redis.set("a", 1), redis.set("b", 2), redis.get("c"), redis.get("d")]);
    expect(made.map(({ path }) => path)).toEqual(["/pipeline", "/pipeline"]);
    expect(await Promise.all([redis.get("a"), redis.get("b")])).toEqual([1, 2]);
  });
});

describe("read-your-writes", () => {
  it("sends a token back that every write changes", async () => {
    const redis = client();
    const seen = new Set<string | undefined>();
    for (const write of [
      () => redis.set("a", 1),
      () => redis.pipeline().set("a", 2).set("b", 3).exec(),
      () => redis.multi().incr("a").incr("b").exec(),
      () => redis.eval("return redis.call('incr', KEYS[1])", ["a"], []),
    ]) {
      await write();
      seen.add(redis.readYourWritesSyncToken);
    }
    expect(seen.size).toBe(4);
    for (const token of seen) expect(token).toMatch(/^[0-9a-f]{40}:\d+$/);
    const made = requestsMade();
    await redis.get("a");
    expect(made[0]!.headers.get("upstash-sync-token")).toBe([...seen].at(-1));
  });

  it("gives each of parallel writes a token of its own", async () => {
    const responses = await Promise.all(
      [1, 2, 3].map((i) => rest("/", ["SET", `parallel:${i}`, "x"])),
    );
    expect(new Set(responses.map(({ headers }) => headers.get("upstash-sync-token"))).size).toBe(3);
  });

  it("takes a token that is none of ours", async () => {
    const redis = client();
    redis.readYourWritesSyncToken = "my-new-sync-token";
    expect(await redis.get("none")).toBe(null);
    expect(redis.readYourWritesSyncToken).toMatch(/^[0-9a-f]{40}:\d+$/);
  });

  it("is neither sent nor kept where it is switched off", async () => {
    const redis = client({ readYourWrites: false });
    const made = requestsMade();
    await redis.set("a", 1);
    expect(made[0]!.headers.has("upstash-sync-token")).toBe(false);
    expect(redis.readYourWritesSyncToken).toBeFalsy();
  });
});

describe("a retry", () => {
  it.each([{}, { readYourWrites: false }])("does not write twice (%j)", async (options) => {
    const redis = client({ ...options, retry: { retries: 3, backoff: () => 1 } });
    const { fetch } = globalThis;
    let failures = 2;
    const spy = vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const response = await fetch(url, init);
      if (failures-- <= 0) return response;
      await response.text();
      throw new TypeError("fetch failed"); // the answer did not arrive
    });
    expect(await redis.incr("n")).toBe(1);
    expect(spy).toHaveBeenCalledTimes(3);
    expect(await redis.incr("n")).toBe(2);
  });
});

describe("subscriptions", () => {
  it("bring messages, and end with the subscriber", async () => {
    const redis = client();
    const messages: unknown[] = [];
    const chat = redis.subscribe<unknown>("chat");
    chat.on("message", ({ channel, message }) => messages.push([channel, message]));
    const news = redis.psubscribe<unknown>(["news.*"]);
    news.on("pmessage", ({ pattern, channel, message }) => {
      messages.push([pattern, channel, message]);
    });
    const heard = (): Promise<number> =>
      redis
        .pipeline()
        .publish("chat", { a: 1, b: "x,y" })
        .publish("news.eu", "1")
        .exec<[number, number]>()
        .then(([one, two]) => one + two);
    await until("both listen", async () => (await heard()) === 2);
    await until("messages", () => messages.length >= 2);
    expect(messages).toContainEqual(["chat", { a: 1, b: "x,y" }]);
    expect(messages).toContainEqual(["news.*", "news.eu", 1]);
    await chat.unsubscribe();
    await news.unsubscribe();
    await until("nobody listens", async () => (await heard()) === 0);
  });
});

describe("a read-only token", () => {
  it("reads, and is refused everything else", async () => {
    await client().set("a", 1);
    const reader = client({ token: READ_TOKEN });
    expect(await reader.get("a")).toBe(1);
    expect(await reader.pipeline().get("a").exists("a").exec()).toEqual([1, 1]);
    for (const [call, name] of [
      [() => reader.set("a", 2), "set"],
      [() => reader.keys("*"), "keys"],
      [() => reader.scan(0), "scan"],
      [() => reader.eval("return 1", [], []), "eval"],
      [() => reader.multi().get("a").del("a").exec(), "del"],
    ] as const) {
      await expect(call()).rejects.toThrow(
        `NOPERM this user has no permissions to run the '${name}' command or its subcommand`,
      );
    }
    expect(await client().get("a")).toBe(1);
  });

  it("is not the password, and no other token is", async () => {
    await expect(client({ token: "wrong" }).get("a")).rejects.toThrow("WRONGPASS");
  });
});

describe("@upstash/ratelimit", () => {
  const limiters = {
    "a fixed window": Ratelimit.fixedWindow(3, "1 h"),
    "a sliding window": Ratelimit.slidingWindow(3, "1 h"),
    "a token bucket": Ratelimit.tokenBucket(3, "1 h", 3),
    "a fixed window that is cached": Ratelimit.cachedFixedWindow(3, "1 h"),
  };
  it.each(Object.entries(limiters))("limits by %s", async (_kind, limiter) => {
    const redis = client();
    const ratelimit = new Ratelimit({ redis, limiter, timeout: 0, ephemeralCache: new Map() });
    const allowed: boolean[] = [];
    for (let i = 0; i < 5; i++) allowed.push((await ratelimit.limit("caller")).success);
    expect(allowed).toEqual([true, true, true, false, false]);
    expect((await ratelimit.limit("another")).success).toBe(true);
    expect(await ratelimit.getRemaining("caller")).toMatchObject({ remaining: 0 });
    await ratelimit.resetUsedTokens("caller");
    expect((await ratelimit.limit("caller")).success).toBe(true);
  });

  it("asks nobody about who is over the limit, where it keeps a cache", async () => {
    const ephemeralCache = new Map<string, number>();
    const limiter = Ratelimit.fixedWindow(1, "1 h");
    const ratelimit = new Ratelimit({ redis: client(), limiter, timeout: 0, ephemeralCache });
    expect((await ratelimit.limit("caller")).success).toBe(true);
    expect((await ratelimit.limit("caller")).success).toBe(false);
    const made = requestsMade();
    const { success, reason } = await ratelimit.limit("caller");
    expect({ success, reason, made }).toEqual({ success: false, reason: "cacheBlock", made: [] });
  });

  it("lets those wait that are over the limit", async () => {
    const limiter = Ratelimit.fixedWindow(1, "1 s");
    const ratelimit = new Ratelimit({ redis: client(), limiter, timeout: 0 });
    await ratelimit.limit("caller");
    const { success } = await ratelimit.blockUntilReady("caller", 10_000);
    expect(success).toBe(true);
  });

  it("takes more than one at a time, and gives them back", async () => {
    const limiter = Ratelimit.slidingWindow(10, "1 h");
    const ratelimit = new Ratelimit({
      redis: client(),
      limiter,
      timeout: 0,
      ephemeralCache: false,
    });
    expect(await ratelimit.limit("caller", { rate: 8 })).toMatchObject({ remaining: 2 });
    expect(await ratelimit.limit("caller", { rate: -5 })).toMatchObject({ remaining: 7 });
  });

  const inRegions = {
    "a fixed window": MultiRegionRatelimit.fixedWindow(4, "1 h"),
    "a sliding window": MultiRegionRatelimit.slidingWindow(4, "1 h"),
  };
  it.each(Object.entries(inRegions))("limits by %s over databases", async (kind, limiter) => {
    const second = new Redis({ url: elsewhere.http, token: TOKEN });
    await second.flushall();
    const ratelimit = new MultiRegionRatelimit({
      redis: [client(), second],
      limiter,
      timeout: 0,
      ephemeralCache: false,
    });
    const allowed: boolean[] = [];
    for (let i = 0; i < 6; i++) {
      const { success, pending } = await ratelimit.limit(kind);
      await pending;
      allowed.push(success);
    }
    expect(allowed).toEqual([true, true, true, true, false, false]);
    expect(await client().dbsize()).toBeGreaterThan(0);
    expect(await second.dbsize()).toBeGreaterThan(0);
    await ratelimit.resetUsedTokens(kind);
    // The SDK does not wait for the databases to do so.
    const isReset = async (redis: Redis): Promise<boolean> =>
      (await redis.keys(`*:${kind}:*`)).length === 0;
    await until("the tokens to be back", async () => {
      return (await isReset(client())) && (await isReset(second));
    });
    const { success, pending } = await ratelimit.limit(kind);
    await pending;
    expect(success).toBe(true);
  });

  it("keeps a list of who is denied, and counts for its charts", async () => {
    const redis = client();
    const { fetch } = globalThis;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      // The list it denies by default is on the internet.
      if (!(url as string).startsWith(served.http)) return new Response("10.0.0.1\n10.0.0.2\n");
      return await fetch(url, init);
    });
    const ratelimit = new Ratelimit({
      redis,
      limiter: Ratelimit.fixedWindow(10, "1 h"),
      enableProtection: true,
      analytics: true,
      timeout: 0,
    });
    await redis.sadd("@upstash/ratelimit:denyList:all", "bad");
    const { success, reason, pending } = await ratelimit.limit("bad");
    expect({ success, reason }).toEqual({ success: false, reason: "denyList" });
    await pending;
    const good = await ratelimit.limit("good");
    await good.pending;
    expect(good.success).toBe(true);
    // The charts' counters, as its dashboard reads them.
    const counters = await redis.keys("@upstash/ratelimit:events:*");
    expect(counters).toHaveLength(1);
    const counted = await redis.zrange(counters[0]!, 0, -1, { withScores: true });
    expect(counted).toContainEqual({ identifier: "good", success: true });
    const banned = await ratelimit.limit("visitor", { ip: "10.0.0.2" });
    expect({ success: banned.success, reason: banned.reason }).toEqual({
      success: false,
      reason: "denyList",
    });
    await banned.pending;
  });

  it("limits by dynamic limits, whose unused key is empty", async () => {
    const ratelimit = new Ratelimit({
      redis: client(),
      limiter: Ratelimit.fixedWindow(1, "1 h"),
      dynamicLimits: true,
      timeout: 0,
    });
    await ratelimit.setDynamicLimit({ limit: 2 });
    const allowed: boolean[] = [];
    for (let i = 0; i < 3; i++) allowed.push((await ratelimit.limit("caller")).success);
    expect(allowed).toEqual([true, true, false]);
  });
});

describe("@upstash/lock", () => {
  it("is held by one, who can extend and release it", async () => {
    const redis = client();
    const mine = new Lock({ id: "job", redis, lease: 60_000 });
    const theirs = new Lock({ id: "job", redis, lease: 60_000, retry: { attempts: 1, delay: 1 } });
    expect(await mine.acquire()).toBe(true);
    expect(await theirs.acquire()).toBe(false);
    expect(await mine.extend(10_000)).toBe(true);
    expect(await mine.getStatus()).toBe("ACQUIRED");
    expect(await theirs.release()).toBe(false);
    expect(await mine.release()).toBe(true);
    expect(await theirs.acquire()).toBe(true);
  });
});

function rest(path: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  return fetch(served.http + path, { method: "POST", headers, body: JSON.stringify(body) });
}

function sorted(value: unknown): unknown[] {
  return (value as unknown[]).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
