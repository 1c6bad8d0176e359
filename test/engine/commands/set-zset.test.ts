// Sets, sorted sets and places: what transcripts cannot show.

import { describe, expect, it } from "vitest";

import { seededRandom } from "../../../shared/base/random.ts";
import { encodeReply } from "../../../shared/resp/encoder.ts";
import { type Reply, ReplyError, type SetReply } from "../../../shared/resp/reply.ts";
import type { ZsetValue } from "../../../shared/types/zset.ts";
import { engineHarness, type EngineHarness } from "../../support/engine.ts";
import { Draw, type Maker } from "../../support/random-commands.ts";
import { MAKERS as GEO } from "../../support/random/geo.ts";
import { MAKERS as SETS } from "../../support/random/set.ts";
import { MAKERS as ZSETS } from "../../support/random/zset.ts";

/** One after the other, as redis-server 7.0.15 answers them. */
const RESP3: readonly (readonly [line: string, bytes: string])[] = [
  ["SADD s 1 2", ":2\r\n"],
  ["SMEMBERS s", "~2\r\n$1\r\n1\r\n$1\r\n2\r\n"],
  ["SMEMBERS x", "~0\r\n"],
  ["SINTER s s", "~2\r\n$1\r\n1\r\n$1\r\n2\r\n"],
  ["SDIFF s s", "~0\r\n"],
  ["SRANDMEMBER s 5", "*2\r\n$1\r\n1\r\n$1\r\n2\r\n"],
  ["SMISMEMBER s 1 9", "*2\r\n:1\r\n:0\r\n"],
  ["SPOP s 5", "~2\r\n$1\r\n1\r\n$1\r\n2\r\n"],
  ["SPOP x 5", "~0\r\n"],
  ["SPOP x", "_\r\n"],
  ["SSCAN x 0", "*2\r\n$1\r\n0\r\n*0\r\n"],
  ["ZADD z 1 a 2.5 b inf c -inf d 0.1 e", ":5\r\n"],
  ["ZSCORE z b", ",2.5\r\n"],
  ["ZMSCORE z c x", "*2\r\n,inf\r\n_\r\n"],
  ["ZINCRBY z 1 a", ",2\r\n"],
  ["ZADD z NX INCR 1 a", "_\r\n"],
  [
    "ZRANGE z 0 -1 WITHSCORES",
    "*5\r\n*2\r\n$1\r\nd\r\n,-inf\r\n*2\r\n$1\r\ne\r\n,0.10000000000000001\r\n*2\r\n$1\r\na\r\n,2\r\n*2\r\n$1\r\nb\r\n,2.5\r\n*2\r\n$1\r\nc\r\n,inf\r\n",
  ],
  ["ZRANGE z 0 1", "*2\r\n$1\r\nd\r\n$1\r\ne\r\n"],
  ["ZRANGEBYSCORE z 2 3 WITHSCORES", "*2\r\n*2\r\n$1\r\na\r\n,2\r\n*2\r\n$1\r\nb\r\n,2.5\r\n"],
  [
    "ZRANDMEMBER z 9 WITHSCORES",
    "*5\r\n*2\r\n$1\r\nc\r\n,inf\r\n*2\r\n$1\r\nb\r\n,2.5\r\n*2\r\n$1\r\na\r\n,2\r\n*2\r\n$1\r\ne\r\n,0.10000000000000001\r\n*2\r\n$1\r\nd\r\n,-inf\r\n",
  ],
  ["ZRANK z x", "_\r\n"],
  [
    "ZSCAN z 0",
    "*2\r\n$1\r\n0\r\n*10\r\n$1\r\nd\r\n$4\r\n-inf\r\n$1\r\ne\r\n$19\r\n0.10000000000000001\r\n$1\r\na\r\n$1\r\n2\r\n$1\r\nb\r\n$3\r\n2.5\r\n$1\r\nc\r\n$3\r\ninf\r\n",
  ],
  [
    "ZUNION 1 z WITHSCORES",
    "*5\r\n*2\r\n$1\r\nd\r\n,-inf\r\n*2\r\n$1\r\ne\r\n,0.10000000000000001\r\n*2\r\n$1\r\na\r\n,2\r\n*2\r\n$1\r\nb\r\n,2.5\r\n*2\r\n$1\r\nc\r\n,inf\r\n",
  ],
  ["ZDIFF 1 z", "*5\r\n$1\r\nd\r\n$1\r\ne\r\n$1\r\na\r\n$1\r\nb\r\n$1\r\nc\r\n"],
  ["ZPOPMIN z", "*2\r\n$1\r\nd\r\n,-inf\r\n"],
  ["ZPOPMIN z 1", "*1\r\n*2\r\n$1\r\ne\r\n,0.10000000000000001\r\n"],
  ["ZMPOP 1 z MIN", "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\na\r\n,2\r\n"],
  ["BZPOPMIN z 0", "*3\r\n$1\r\nz\r\n$1\r\nb\r\n,2.5\r\n"],
  ["BZMPOP 0 1 z MAX", "*2\r\n$1\r\nz\r\n*1\r\n*2\r\n$1\r\nc\r\n,inf\r\n"],
  ["ZPOPMAX z", "*0\r\n"],
  ["ZMPOP 1 z MIN", "_\r\n"],
  ["GEOADD g 13.361389 38.115556 p", ":1\r\n"],
  ["GEODIST g p p", "$6\r\n0.0000\r\n"],
  ["GEOHASH g p x", "*2\r\n$11\r\nsqc8b49rny0\r\n_\r\n"],
];

it("answers in RESP3 as redis-server does", () => {
  const { connect } = engineHarness();
  const client = connect();
  client.send(["HELLO", "3"]);
  const answers = RESP3.map(([line]) => [line, encodeReply(client.send(line.split(" ")), 3)]);
  expect(answers).toEqual(RESP3);
});

function digest({ run }: EngineHarness): Reply {
  return run("DEBUG DIGEST");
}

describe("a replica that is sent the effects has the same data", () => {
  const GROUPS: Readonly<Record<string, readonly Maker[]>> = { sets: SETS, zsets: ZSETS, geo: GEO };
  it.each(Object.keys(GROUPS))("of %s", (name) => {
    const draw = new Draw(seededRandom(5));
    const [master, replica] = [engineHarness(), engineHarness()];
    const client = master.connect();
    const digests: Reply[] = [];
    const wanted: Reply[] = [];
    for (let i = 1; i <= 3000; i++) {
      master.units.length = 0;
      client.send(draw.of(GROUPS[name]!)(draw));
      for (const { args } of master.units.flat()) replica.replay(...args);
      if (i % 500 !== 0) continue;
      digests.push(digest(replica));
      wanted.push(digest(master));
    }
    expect(digests).toEqual(wanted);
  });

  it("after SPOP and SRANDMEMBER too, and each of the members has been answered", () => {
    const [master, replica] = [engineHarness(), engineHarness()];
    const members = Array.from({ length: 1000 }, (_, i) => `member ${i}`);
    const client = master.connect();
    client.send(["SADD", "s", ...members]);
    const popped: string[] = [];
    for (const count of ["1", "10", "100", "700", "50"]) {
      const reply = client.send(["SPOP", "s", count]) as SetReply;
      expect(reply.items).toHaveLength(Number(count));
      popped.push(...(reply.items as string[]), client.send(["SPOP", "s"]) as string);
    }
    for (const { args } of master.units.flat()) replica.replay(...args);
    expect(digest(replica)).toEqual(digest(master));
    const rest = (client.send(["SMEMBERS", "s"]) as SetReply).items as string[];
    expect([...popped, ...rest].toSorted()).toEqual(members.toSorted());
  });
});

it("SPOP that leaves little keeps the time to live, and may make an intset again", () => {
  const { run } = engineHarness();
  run(`SADD s x ${Array.from({ length: 40 }, (_, i) => i).join(" ")}`);
  run("EXPIREAT s 33177117420");
  run("SREM s x");
  expect(run("OBJECT ENCODING s")).toBe("hashtable");
  run("SPOP s 38");
  expect(run("SCARD s")).toBe(2);
  expect(run("EXPIRETIME s")).toBe(33177117420);
  expect(run("OBJECT ENCODING s")).toBe("intset");
});

describe("a sample", () => {
  it("has as many different members as were asked for, each as likely as the others", () => {
    const { run } = engineHarness();
    run(`SADD s ${Array.from({ length: 60 }, (_, i) => `m${i}`).join(" ")}`);
    for (const count of [1, 5, 19, 21, 59, 60]) {
      const sample = run(`SRANDMEMBER s ${count}`) as string[];
      expect(new Set(sample).size).toBe(count);
    }
    const seen = new Map<string, number>();
    for (const member of run("SRANDMEMBER s -30000") as string[]) {
      seen.set(member, (seen.get(member) ?? 0) + 1);
    }
    expect(seen.size).toBe(60);
    expect(Math.min(...seen.values())).toBeGreaterThan(380);
    expect(Math.max(...seen.values())).toBeLessThan(640);
  });

  it("that would fill the memory is refused", () => {
    const { run } = engineHarness();
    run("SADD s a");
    run("ZADD z 1 a");
    const refusal = new ReplyError("ERR value is out of range");
    expect(run("SRANDMEMBER s -9223372036854775807")).toEqual(refusal);
    expect(run("ZRANDMEMBER z -1000001")).toEqual(refusal);
    expect(run("SRANDMEMBER s -3")).toEqual(["a", "a", "a"]);
  });
});

describe("a sorted set of many members", () => {
  const COUNT = 20_000;

  function filled(): EngineHarness {
    const harness = engineHarness();
    for (let i = 0; i < COUNT; i += 1000) {
      const pairs = Array.from({ length: 1000 }, (_, j) => `${(i + j) / 2} member:${i + j}`);
      harness.run(`ZADD z ${pairs.join(" ")}`);
    }
    return harness;
  }

  it("is the same after it was stored and forgotten", () => {
    const { run, engine, checkpoint } = filled();
    checkpoint();
    run("ZINCRBY z 0.25 member:77");
    const entry = engine.keyspace.find(engine.keyspace.space(0), "z")!;
    const { parts } = entry.value as ZsetValue;
    expect([...parts.changed()]).toHaveLength(1);
    expect(parts.count).toBeGreaterThan(100);
    const before = run("DEBUG DIGEST");
    checkpoint({ isForgetting: true });
    checkpoint({ isForgetting: true });
    engine.keyspace.loaded(engine.keyspace.find(engine.keyspace.space(0), "z")!);
    expect(run("DEBUG DIGEST")).toEqual(before);
    expect(run("ZRANK z member:19999")).toBe(COUNT - 1);
    expect(run("ZRANGEBYSCORE z 38.5 39")).toEqual(["member:77", "member:78"]);
    expect(run("ZCOUNT z (100 200")).toBe(200);
    expect(run("OBJECT ENCODING z")).toBe("skiplist");
  });

  it("is walked by ZSCAN, each member once", () => {
    const { run } = filled();
    const seen: string[] = [];
    let cursor = "0";
    do {
      const [next, items] = run(`ZSCAN z ${cursor} COUNT 500`) as [string, string[]];
      for (let i = 0; i < items.length; i += 2) seen.push(items[i]!);
      cursor = next;
    } while (cursor !== "0");
    expect(seen).toHaveLength(COUNT);
    expect(new Set(seen).size).toBe(COUNT);
  });

  it("loses a range, and then all", () => {
    const { run } = filled();
    expect(run("ZREMRANGEBYRANK z 10 -11")).toBe(COUNT - 20);
    expect(run("ZRANGE z 9 10")).toEqual(["member:9", "member:19990"]);
    expect(run("ZREMRANGEBYSCORE z -inf inf")).toBe(20);
    expect(run("EXISTS z")).toBe(0);
  });
});

it("ranges by bytes over different scores depend on the elements alone, not on their history", () => {
  const [one, other] = [engineHarness(), engineHarness()];
  const members = Array.from({ length: 3000 }, (_, i) => `m${(i * 7919) % 3000}`);
  for (const member of members) one.run(`ZADD z ${member.length} ${member}`);
  for (const member of members.toReversed()) other.run(`ZADD z ${member.length} ${member}`);
  for (const [min, max] of ["[m1 [m2", "(m5 +", "- [m77", "[m123 (m45"].map((x) => x.split(" "))) {
    const line = `ZRANGEBYLEX z ${min} ${max}`;
    expect(one.run(line)).toEqual(other.run(line));
  }
});
