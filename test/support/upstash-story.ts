// What `@upstash/redis` does, group by group: each row a call by the SDK and what the SDK makes of the
// answer. The calls of a group build on each other.

import type { Redis } from "@upstash/redis";

export interface Row {
  readonly call: (redis: Redis) => Promise<unknown>;
  readonly gives: unknown;
  /** The order of the answer is the server's. */
  readonly isUnordered?: boolean;
}

export type Story = Readonly<Record<string, readonly Row[]>>;

function row(call: Row["call"], gives: unknown): Row {
  return { call, gives };
}

function unordered(call: Row["call"], gives: unknown): Row {
  return { call, gives, isUnordered: true };
}

const FAR_S = 4_102_444_800;

const STRINGS: readonly Row[] = [
  row((r) => r.set("s", "hello"), "OK"),
  row((r) => r.get("s"), "hello"),
  row((r) => r.set("s", "x", { nx: true }), null),
  row((r) => r.set("s", { a: [1, "ü"] }, { get: true, ex: 100 }), "hello"),
  row((r) => r.get("s"), { a: [1, "ü"] }),
  row((r) => r.set("s", "OK", { keepTtl: true }), "OK"),
  row((r) => r.get("s"), "OK"),
  row((r) => r.append("s", "!"), 3),
  row((r) => r.strlen("s"), 3),
  row((r) => r.getrange("s", 0, 1), "OK"),
  row((r) => r.setrange("s", 2, "??"), 4),
  row((r) => r.getset("s", "1"), "OK??"),
  row((r) => r.incr("s"), 2),
  row((r) => r.incrby("s", 40), 42),
  row((r) => r.incrbyfloat("s", 0.5), 42.5),
  row((r) => r.set("s", 10), "OK"),
  row((r) => r.decr("s"), 9),
  row((r) => r.decrby("s", 4), 5),
  row((r) => r.mset({ s1: "a", s2: 2, s3: { b: true } }), "OK"),
  row((r) => r.mget("s1", "s2", "s3", "none"), ["a", 2, { b: true }, null]),
  row((r) => r.msetnx({ s1: "b", s4: "c" }), 0),
  row((r) => r.setnx("s4", "d"), 1),
  row((r) => r.setex("s5", 100, "e"), "OK"),
  row((r) => r.psetex("s6", 100_000, "f"), "OK"),
  row((r) => r.getex("s6", { persist: true }), "f"),
  row((r) => r.ttl("s6"), -1),
  row((r) => r.getdel("s6"), "f"),
  row((r) => r.get("s6"), null),
  row((r) => r.set("s", "9007199254740993"), "OK"),
  row((r) => r.get("s"), "9007199254740993"),
  row((r) => r.set("", ""), "OK"),
  row((r) => r.get(""), ""),
];

const BITS: readonly Row[] = [
  row((r) => r.setbit("bits", 7, 1), 0),
  row((r) => r.getbit("bits", 7), 1),
  row((r) => r.bitcount("bits", 0, -1), 1),
  row((r) => r.bitpos("bits", 1), 7),
  row((r) => r.set("bits2", "a"), "OK"),
  row((r) => r.bitop("or", "bits3", "bits", "bits2"), 1),
  // Its own builder is not to be had of a client that pipelines by itself.
  row(
    (r) => r.exec(["BITFIELD", "b4", "SET", "u8", 0, 200, "INCRBY", "u8", 0, 10, "GET", "u4", 0]),
    [0, 210, 13],
  ),
  row((r) => r.pfadd("hll", "a", "b"), 1),
  row((r) => r.pfadd("hll2", "c"), 1),
  row((r) => r.pfcount("hll", "hll2"), 3),
  row((r) => r.pfmerge("hll3", "hll", "hll2"), "OK"),
];

const KEYS: readonly Row[] = [
  row((r) => r.set("k", "1"), "OK"),
  row((r) => r.exists("k", "k", "none"), 2),
  row((r) => r.expire("k", 100), 1),
  row((r) => r.expire("k", 50, "GT"), 0),
  row((r) => r.ttl("k"), 100),
  row((r) => r.pexpire("k", 5_000_000), 1),
  row((r) => r.expireat("k", FAR_S), 1),
  row((r) => r.pexpireat("k", FAR_S * 1000), 1),
  row((r) => r.persist("k"), 1),
  row((r) => r.pttl("k"), -1),
  row((r) => r.type("k"), "string"),
  row((r) => r.copy("k", "k2"), "COPIED"),
  row((r) => r.rename("k2", "k3"), "OK"),
  row((r) => r.renamenx("k3", "k"), 0),
  row((r) => r.touch("k", "k3"), 2),
  row((r) => r.unlink("k3"), 1),
  row((r) => r.del("k", "none"), 1),
  row((r) => r.randomkey(), null),
  row((r) => r.set("key:1", 1), "OK"),
  row((r) => r.keys("key:*"), ["key:1"]),
  row((r) => r.scan(0, { match: "key:*", count: 100, type: "string" }), ["0", ["key:1"]]),
  row((r) => r.dbsize(), 1),
  row((r) => r.echo("hi"), "hi"),
  row((r) => r.ping(), "PONG"),
  row((r) => r.exec(["OBJECT", "ENCODING", "key:1"]), "int"),
  row(async (r) => (await r.time()).length, 2),
  row((r) => r.flushdb(), "OK"),
  row((r) => r.dbsize(), 0),
];

const HASHES: readonly Row[] = [
  row((r) => r.hset<unknown>("h", { a: 1, b: { c: 2 }, d: "x" }), 3),
  row((r) => r.hget("h", "b"), { c: 2 }),
  row((r) => r.hgetall("h"), { a: 1, b: { c: 2 }, d: "x" }),
  row((r) => r.hgetall("none"), null),
  row((r) => r.hmget("h", "a", "none"), { a: 1, none: null }),
  row((r) => r.hmset("h", { e: 5 }), "OK"),
  row((r) => r.hexists("h", "a"), 1),
  unordered((r) => r.hkeys("h"), ["a", "b", "d", "e"]),
  unordered((r) => r.hvals("h"), [1, { c: 2 }, "x", 5]),
  row((r) => r.hlen("h"), 4),
  row((r) => r.hstrlen("h", "d"), 1),
  row((r) => r.hsetnx("h", "a", 9), 0),
  row((r) => r.hincrby("h", "a", 2), 3),
  row((r) => r.hincrbyfloat("h", "a", 0.5), 3.5),
  row((r) => r.hdel("h", "b", "none"), 1),
  row((r) => r.hscan("h", 0, { match: "d" }), ["0", ["d", "x"]]),
  row((r) => r.hset("h1", { only: "v" }), 1),
  row((r) => r.hrandfield("h1", 1, true), { only: "v" }),
  row((r) => r.hrandfield("h1"), "only"),
  row((r) => r.hexpire("h", ["a", "none"], 100), [1, -2]),
  row((r) => r.httl("h", ["a", "d"]), [100, -1]),
  row((r) => r.hpersist("h", "a"), [1]),
  row((r) => r.hexpireat("h", "a", FAR_S), [1]),
  row((r) => r.hexpiretime("h", "a"), [FAR_S]),
  row((r) => r.hpexpire("h", "a", 100_000), [1]),
  row((r) => r.hpexpireat("h", "a", FAR_S * 1000), [1]),
  row((r) => r.hpexpiretime("h", "a"), [FAR_S * 1000]),
];

const LISTS: readonly Row[] = [
  row((r) => r.rpush<unknown>("l", "a", { b: 1 }, 3), 3),
  row((r) => r.lpush("l", "z"), 4),
  row((r) => r.lrange("l", 0, -1), ["z", "a", { b: 1 }, 3]),
  row((r) => r.lindex("l", 2), { b: 1 }),
  row((r) => r.llen("l"), 4),
  row((r) => r.lset("l", 0, "y"), "OK"),
  row((r) => r.linsert("l", "before", "a", "x"), 5),
  row((r) => r.lrem("l", 1, "x"), 1),
  row((r) => r.lpos("l", "a"), 1),
  row((r) => r.lpop("l"), "y"),
  row((r) => r.lpop("l", 2), ["a", { b: 1 }]),
  row((r) => r.rpop("l"), 3),
  row((r) => r.rpushx("l", "a"), 0),
  row((r) => r.lpushx("l", "a"), 0),
  row((r) => r.rpush("l", "1", "2", "3"), 3),
  row((r) => r.lmove("l", "l2", "left", "right"), 1),
  row((r) => r.lmpop(1, ["none"], "LEFT", 2), null),
  row((r) => r.lmpop(2, ["none", "l"], "LEFT", 2), ["l", [2, 3]]),
  row((r) => r.rpush("l2", "2", "3"), 3),
  row((r) => r.ltrim("l2", 1, 1), "OK"),
  row((r) => r.lrange("l2", 0, -1), [2]),
];

const SETS: readonly Row[] = [
  row((r) => r.sadd<unknown>("set", "a", "b", { c: 1 }), 3),
  unordered((r) => r.smembers("set"), ["a", "b", { c: 1 }]),
  row((r) => r.sismember("set", "a"), 1),
  row((r) => r.smismember("set", ["a", "x"]), [1, 0]),
  row((r) => r.scard("set"), 3),
  row((r) => r.srem("set", { c: 1 }), 1),
  row((r) => r.sadd("set2", "b", "c"), 2),
  row((r) => r.sinter("set", "set2"), ["b"]),
  row((r) => r.sintercard(["set", "set2"]), 1),
  row((r) => r.sdiff("set", "set2"), ["a"]),
  unordered((r) => r.sunion("set", "set2"), ["a", "b", "c"]),
  row((r) => r.sinterstore("set3", "set", "set2"), 1),
  row((r) => r.sdiffstore("set3", "set", "set2"), 1),
  row((r) => r.sunionstore("set3", "set", "set2"), 3),
  row((r) => r.smove("set", "set2", "a"), 1),
  row((r) => r.sscan("set", 0), ["0", ["b"]]),
  row((r) => r.srandmember("set"), "b"),
  row((r) => r.srandmember("set", 2), ["b"]),
  row((r) => r.spop("set"), "b"),
];

const SORTED_SETS: readonly Row[] = [
  row((r) => r.zadd<unknown>("z", { score: 1, member: "a" }, { score: 2.5, member: { b: 1 } }), 2),
  row((r) => r.zadd("z", { nx: true }, { score: 9, member: "a" }), 0),
  row((r) => r.zadd("z", { incr: true }, { score: 1, member: "a" }), 2),
  row((r) => r.zcard("z"), 2),
  row((r) => r.zscore("z", "a"), 2),
  row((r) => r.zmscore("z", ["a", "none"]), [2, null]),
  row((r) => r.zincrby("z", 5, "a"), 7),
  row((r) => r.zrank("z", "a"), 1),
  row((r) => r.zrevrank("z", "a"), 0),
  row((r) => r.zrange("z", 0, -1, { withScores: true }), [{ b: 1 }, 2.5, "a", 7]),
  row((r) => r.zrange("z", 10, 0, { byScore: true, rev: true, offset: 0, count: 1 }), ["a"]),
  row((r) => r.zrange("z", "(2", "+inf", { byScore: true }), [{ b: 1 }, "a"]),
  row((r) => r.zcount("z", "-inf", 3), 1),
  row((r) => r.zlexcount("z", "-", "+"), 2),
  row((r) => r.zadd("z2", { score: 1, member: "a" }, { score: 4, member: "c" }), 2),
  row((r) => r.zunion(2, ["z2", "none"], { withScores: true }), ["a", 1, "c", 4]),
  row((r) => r.zunionstore("z3", 2, ["z", "z2"], { weights: [1, 10] }), 3),
  row((r) => r.zinterstore("z3", 2, ["z", "z2"], { aggregate: "max" }), 1),
  row((r) => r.zdiffstore("z3", 2, "z", "z2"), 1),
  row((r) => r.zscan("z3", 0), ["0", [{ b: 1 }, 2.5]]),
  row((r) => r.zpopmin("z2"), ["a", 1]),
  row((r) => r.zpopmax("z2"), ["c", 4]),
  row((r) => r.zrem("z", "a"), 1),
  row((r) => r.zremrangebyrank("z", 5, 9), 0),
  row((r) => r.zremrangebyscore("z", 8, 9), 0),
  row((r) => r.zremrangebylex("z", "-", "+"), 1),
  row((r) => r.exec(["ZADD", "zi", "inf", "m"]), 1),
  row((r) => r.zscore("zi", "m"), "inf"),
];

const STREAMS: readonly Row[] = [
  row((r) => r.xadd("x", "1-1", { a: 1, b: "t" }), "1-1"),
  row((r) => r.xadd("x", "1-2", { a: 2 }), "1-2"),
  row(
    (r) =>
      r.xadd("x", "1-3", { a: 3 }, { trim: { type: "MAXLEN", comparison: "=", threshold: 3 } }),
    "1-3",
  ),
  row((r) => r.xlen("x"), 3),
  row((r) => r.xrange("x", "-", "+", 1), { "1-1": { a: 1, b: "t" } }),
  row((r) => r.xrevrange("x", "+", "-", 1), { "1-3": { a: 3 } }),
  row((r) => r.xread("x", "1-2"), [["x", [["1-3", ["a", 3]]]]]),
  row((r) => r.xgroup("x", { type: "CREATE", group: "g", id: "0" }), "OK"),
  row(
    (r) => r.xreadgroup("g", "c", "x", ">", { count: 1 }),
    [["x", [["1-1", ["a", 1, "b", "t"]]]]],
  ),
  row((r) => r.xpending("x", "g", "-", "+", 10).then((found) => found.length), 1),
  row((r) => r.exec(["XPENDING", "x", "g"]), [1, "1-1", "1-1", [["c", 1]]]),
  row((r) => r.xclaim("x", "g", "d", 0, "1-1"), [["1-1", ["a", 1, "b", "t"]]]),
  row((r) => r.xautoclaim("x", "g", "e", 0, "0-0"), ["0-0", [["1-1", ["a", 1, "b", "t"]]], []]),
  row((r) => r.xack("x", "g", "1-1"), 1),
  row((r) => r.xinfo("x", { type: "GROUPS" }).then((found) => found.length), 1),
  row((r) => r.xdel("x", "1-1"), 1),
  row((r) => r.xtrim("x", { strategy: "MAXLEN", exactness: "=", threshold: 1 }), 1),
];

const GEO: readonly Row[] = [
  row(
    (r) =>
      r.geoadd(
        "geo",
        { longitude: 13.361389, latitude: 38.115556, member: "Palermo" },
        { longitude: 15.087269, latitude: 37.502669, member: "Catania" },
      ),
    2,
  ),
  row((r) => r.geodist("geo", "Palermo", "Catania", "KM"), 166.2742),
  row((r) => r.geohash("geo", "Palermo"), ["sqc8b49rny0"]),
  row((r) => r.geopos("geo", "none"), []),
  row(
    (r) =>
      r.geosearch(
        "geo",
        { type: "FROMLONLAT", coordinate: { lon: 15, lat: 37 } },
        { type: "BYRADIUS", radius: 100, radiusType: "KM" },
        "ASC",
      ),
    [{ member: "Catania" }],
  ),
  row(
    (r) =>
      r.geosearchstore(
        "geo2",
        "geo",
        { type: "FROMMEMBER", member: "Palermo" },
        { type: "BYBOX", rect: { width: 500, height: 500 }, rectType: "KM" },
        "DESC",
      ),
    2,
  ),
];

const SCRIPTS: readonly Row[] = [
  row((r) => r.eval("return ARGV[1]", [], ["hi"]), "hi"),
  row((r) => r.eval("return redis.call('incrby', KEYS[1], ARGV[1])", ["n"], [5]), 5),
  row((r) => r.evalRo("return redis.call('get', KEYS[1])", ["n"], []), 5),
  row(async (r) => await r.evalsha(await r.scriptLoad("return 7"), [], []), 7),
  row(async (r) => await r.evalshaRo(await r.scriptLoad("return 8"), [], []), 8),
  row(async (r) => await r.scriptExists(await r.scriptLoad("return 9"), "0".repeat(40)), [1, 0]),
  row((r) => r.createScript<number>("return #KEYS").exec(["a", "b"], []), 2),
  row(
    (r) => r.createScript<string, true>("return ARGV[1]", { readonly: true }).exec([], ["x"]),
    "x",
  ),
  row((r) => r.createScript<number>("return #KEYS").eval(["a"], []), 1),
  row(
    (r) => r.eval("return {1, 'two', false, {'in', {}}, '3'}", [], []),
    [1, "two", null, ["in", []], 3],
  ),
  row((r) => r.eval("return cjson.encode({a = {1, 2}})", [], []), { a: [1, 2] }),
  row(
    (r) => r.eval("#!lua flags=allow-key-locking\nreturn redis.call('type', 'n')", [], []),
    "string",
  ),
  row((r) => r.eval("return redis.status_reply('OK')", [], []), "OK"),
  row((r) => r.scriptFlush({ async: true }), "OK"),
];

const LIBRARY = `#!lua name=lib
redis.register_function("put", function(keys, args) return redis.call("SET", keys[1], args[1]) end)
redis.register_function{
  function_name = "read",
  callback = function(keys) return redis.call("GET", keys[1]) end,
  flags = {"no-writes"},
}`;

const FUNCTIONS: readonly Row[] = [
  row((r) => r.functions.load({ code: LIBRARY }), "lib"),
  row((r) => r.functions.load({ code: LIBRARY, replace: true }), "lib"),
  row((r) => r.functions.call("put", ["f"], ["v"]), "OK"),
  row((r) => r.functions.callRo("read", ["f"], []), "v"),
  row(async (r) => (await r.functions.list()).map(({ libraryName }) => libraryName), ["lib"]),
  row(
    async (r) => (await r.functions.list({ libraryName: "l*", withCode: true }))[0]!.libraryCode,
    LIBRARY,
  ),
  row(
    async (r) => (await r.functions.list())[0]!.functions.map(({ name }) => name).toSorted(),
    ["put", "read"],
  ),
  row(async (r) => (await r.functions.stats()).engines, {
    LUA: { librariesCount: 1, functionsCount: 2 },
  }),
  row((r) => r.functions.delete("lib"), "OK"),
  row((r) => r.functions.flush(), "OK"),
  row((r) => r.functions.list(), []),
];

const CONNECTION: readonly Row[] = [
  row((r) => r.clientSetinfo("LIB-NAME", "sdk"), "OK"),
  row((r) => r.publish("nobody", "listens"), 0),
  row((r) => r.flushall(), "OK"),
];

export const STORY: Story = {
  keys: KEYS,
  strings: STRINGS,
  "bitmaps and HyperLogLogs": BITS,
  hashes: HASHES,
  lists: LISTS,
  sets: SETS,
  "sorted sets": SORTED_SETS,
  streams: STREAMS,
  "geo sets": GEO,
  scripts: SCRIPTS,
  functions: FUNCTIONS,
  "the server": CONNECTION,
};
