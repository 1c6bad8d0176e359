import { describe, expect, test } from "vitest";

import { Crc64 } from "../../shared/base/crc64.ts";
import { rdbDatabase, rdbEnd, rdbHeader, rdbKey } from "../../shared/rdb/writer.ts";
import { load } from "./support/records.ts";

const KEY = { name: "k", type: 0, body: "\x01v", expiresAtMs: 0 };

describe("a file", () => {
  test("begins with the version that Redis 5 reads", () => {
    expect(rdbHeader({})).toBe("REDIS0009");
    expect(rdbHeader({ a: "1" })).toBe("REDIS0009\xfa\x01a\xc0\x01");
  });

  test("says no more of a key than there is to say", () => {
    expect(rdbKey(KEY)).toBe("\x00\x01k\x01v");
    expect(rdbKey({ ...KEY, expiresAtMs: 258 })).toBe("\xfc\x02\x01\0\0\0\0\0\0\x00\x01k\x01v");
    expect(rdbKey({ ...KEY, idleSeconds: 64 })).toBe("\xf8\x40\x40\x00\x01k\x01v");
    expect(rdbKey({ ...KEY, frequency: 255 })).toBe("\xf9\xff\x00\x01k\x01v");
  });

  test("reads as it was written", () => {
    const keys = [KEY, { ...KEY, expiresAtMs: 2 ** 42 + 1, idleSeconds: 5 }];
    const text = rdbHeader({ by: "us" }) + rdbDatabase(3, { keys: 2, expires: 1 });
    const body = text + keys.map(rdbKey).join("");
    const said = [
      { kind: "aux", name: "by", value: "us" },
      { kind: "db", db: 3 },
      { kind: "resize", keys: 2, expires: 1 },
      ...keys.map((key) => ({ kind: "key", db: 3, ...key })),
    ];
    expect(load([body + rdbEnd(new Crc64().update(body))]).records).toMatchObject([
      ...said,
      { kind: "end", checksum: "verified" },
    ]);
    expect(load([body + rdbEnd(undefined)]).records).toMatchObject([
      ...said,
      { kind: "end", checksum: "absent" },
    ]);
  });
});
