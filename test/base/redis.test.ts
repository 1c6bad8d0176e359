// What numbers, patterns and checksums mean is what redis-server does with them.

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { crc64 } from "../../shared/base/crc64.ts";
import { globMatch } from "../../shared/base/glob.ts";
import { addLongDouble } from "../../shared/base/long-double.ts";
import {
  addIntegers,
  formatDouble,
  parseFloat64,
  parseInteger,
} from "../../shared/base/numbers.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { ERRORS } from "../../shared/resp/errors.ts";
import { type Redis, hasRedis, startRedis } from "../support/redis.ts";
import { askAll, textOf } from "./support/ask.ts";
import { floatText, integerText, word } from "./support/texts.ts";

const PAIRS = 3_000;

describe.skipIf(!hasRedis)("beside redis-server", { timeout: 30_000 }, () => {
  let redis: Redis;
  const random = seededRandom(7);

  beforeAll(async () => {
    // A sorted set that is small forgets the sign of -0.
    redis = await startRedis({ "zset-max-listpack-entries": 0 });
  }, 30_000);

  afterAll(() => redis.stop());

  function pairs(text: () => string): [string, string][] {
    return Array.from({ length: PAIRS }, () => [text(), text()]);
  }

  test("integers are read and added as by INCRBY", async () => {
    const asked = pairs(() => integerText(random));
    const replies = await askAll(
      redis.port,
      asked.flatMap(([a, b]) => [
        ["SET", "i", a],
        ["INCRBY", "i", b],
      ]),
    );
    const ours = asked.map(([a, b]) => {
      const [x, y] = [parseInteger(a), parseInteger(b)];
      if (x === undefined || y === undefined) return ERRORS.notInteger;
      return String(addIntegers(x, y) ?? ERRORS.incrOverflow);
    });
    expect(ours).toEqual(asked.map((_, i) => textOf(replies[2 * i + 1])));
  });

  test("doubles are read as by ZADD and written as by ZSCORE", async () => {
    const asked = pairs(() => floatText(random)).flat();
    const replies = await askAll(
      redis.port,
      asked.flatMap((text) => [
        ["DEL", "z"],
        ["ZADD", "z", text, "m"],
        ["ZSCORE", "z", "m"],
      ]),
    );
    const ours = asked.map((text) => {
      const value = parseFloat64(text);
      return [text, value === undefined ? undefined : formatDouble(value)];
    });
    expect(ours).toEqual(asked.map((text, i) => [text, textOf(replies[3 * i + 2])]));
  });

  test("long doubles are read, added and written as by INCRBYFLOAT", async () => {
    const asked = pairs(() => floatText(random));
    const replies = await askAll(
      redis.port,
      asked.flatMap(([a, b]) => [
        ["SET", "f", a],
        ["INCRBYFLOAT", "f", b],
      ]),
    );
    const texts = {
      "not-a-float": ERRORS.notFloat,
      "not-finite": "ERR increment would produce NaN or Infinity",
    };
    const ours = asked.map(([a, b]) => {
      const result = addLongDouble(a, b);
      return [a, b, "sum" in result ? result.sum : texts[result.refused]];
    });
    expect(ours).toEqual(asked.map(([a, b], i) => [a, b, textOf(replies[2 * i + 1])]));
  });

  test("patterns match as those of KEYS", async () => {
    const keys = ["", ...new Set(names(300, "abAB-]^\\[", 6))];
    const patterns = ["**", "a*a*a*b", "[", "[^", "[a", "\\", "[\\", "[a-", "[a-]"];
    patterns.push(...names(1_500, "ab*?[]^-\\AB", 8));
    const replies = await askAll(redis.port, [
      ["FLUSHALL"],
      ["MSET", ...keys.flatMap((key) => [key, ""])],
      ...patterns.map((pattern) => ["KEYS", pattern]),
    ]);
    const found = replies.slice(2).map((reply) => (reply as string[]).toSorted());
    const ours = patterns.map((pattern) => {
      return keys.filter((key) => pattern === "*" || globMatch(pattern, key)).toSorted();
    });
    expect(ours).toEqual(found);
  });

  test("patterns that ignore the case match as those of COMMAND LIST", async () => {
    const [all] = await askAll(redis.port, [["COMMAND", "LIST"]]);
    const patterns = names(500, "sSeEtTgG*?[]^-\\zZaA", 8);
    const replies = await askAll(
      redis.port,
      patterns.map((pattern) => ["COMMAND", "LIST", "FILTERBY", "PATTERN", pattern]),
    );
    const ours = patterns.map((pattern) => {
      return (all as string[])
        .filter((name) => globMatch(pattern, name, { ignoreCase: true }))
        .toSorted();
    });
    expect(ours).toEqual(replies.map((reply) => (reply as string[]).toSorted()));
  });

  test("the checksum is the one at the end of a DUMP", async () => {
    const values = [0, 1, 7, 8, 9, 63, 1000].map((length) => word(random, "abc\xff\0", length));
    const replies = await askAll(
      redis.port,
      values.flatMap((value) => [
        ["SET", "k", value],
        ["DUMP", "k"],
      ]),
    );
    for (const [i, dump] of replies.entries()) {
      if (i % 2 === 0) continue;
      const payload = dump as string;
      expect(crc64(payload.slice(0, -8))).toBe(payload.slice(-8));
    }
  });

  /** Words of one character and more. */
  function names(count: number, alphabet: string, lengthMax: number): string[] {
    return Array.from({ length: count }, () => {
      return word(random, alphabet, 1 + Math.floor(random.next() * lengthMax));
    });
  }
});
