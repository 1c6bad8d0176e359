import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, test } from "vitest";

import { InvariantError } from "../../shared/base/assert.ts";
import { Crc64 } from "../../shared/base/crc64.ts";
import { seededRandom } from "../../shared/base/random.ts";
import { RdbLoader } from "../../shared/rdb/loader.ts";
import { encodeLength, encodeString, littleEndian32 } from "../../shared/rdb/primitives.ts";
import { RdbError } from "../../shared/rdb/reader.ts";
import { rdbEnd, rdbKey } from "../../shared/rdb/writer.ts";
import { BODIES, MODULE_AUX_BODY } from "./support/bodies.ts";
import { cut, keysOf, load } from "./support/records.ts";

/** Saved by redis-server 7.0.15 from support/dataset.ts, less its three longest strings. */
const SAVED = readFileSync(
  path.resolve(import.meta.dirname, "../fixtures/redis-7.0.rdb"),
  "latin1",
);
const CHECKSUM_BYTES = 8;

const KEY = "\x00\x01k\x01v";
const KEY_RECORD = { kind: "key", db: 0, name: "k", type: 0, body: "\x01v", expiresAtMs: 0 };

const SHORT_BODIES = BODIES.filter(({ body }) => body.length < 256);

/** These keys, and everything that may stand between keys. */
const everything = (bodies: typeof BODIES): string =>
  [
    "REDIS0012",
    `\xfa\x01a${encodeString("x".repeat(100))}`,
    `\xf7${MODULE_AUX_BODY}`,
    `\xf5${encodeString("#!lua name=l")}`,
    "\xfe\x02\xfb\x40\x50\x01",
    "\xf4\x01\x02\x03",
    ...bodies.map((value, i) => rdbKey({ name: `k${i}`, ...value, expiresAtMs: i * 1000 })),
    `\xf7${MODULE_AUX_BODY}`,
  ].join("");

/** A file whose checksum is right. */
function sealed(text: string): string {
  return text + rdbEnd(new Crc64().update(text));
}

describe("a file of Redis 7.0", () => {
  test("has its keys by database, type and name", () => {
    const { records } = load([SAVED]);
    const found = keysOf(records).map(({ db, type, name }) => `${db} ${type} ${name}`);
    expect(found.filter((row) => !row.startsWith("0 0")).toSorted()).toEqual([
      "1 11 set:intset",
      "1 16 h:listpack",
      "1 17 z:listpack",
      "1 18 l:long",
      "1 18 l:plain",
      "1 18 l:short",
      "1 2 set:table",
      "1 4 h:table",
      "1 5 z:skiplist",
      "15 19 x:empty",
      "15 19 x:groups",
      "15 19 x:plain",
    ]);
    expect(found).toHaveLength(29);
    expect(records.at(-1)).toEqual({ kind: "end", checksum: "verified" });
  });

  test("says what else it holds", () => {
    const others = load([SAVED]).records.filter((record) => record.kind !== "key");
    expect(others).toContainEqual({ kind: "aux", name: "redis-ver", value: "7.0.15" });
    expect(others).toContainEqual({ kind: "resize", keys: 17, expires: 1 });
    expect(others).toContainEqual({ kind: "db", db: 15 });
    expect(others.map(({ kind }) => kind)).toContain("function");
  });
});

describe("a file in pieces", () => {
  const FILES = [
    ["of Redis 7.0", SAVED],
    ["with everything in it", sealed(everything(BODIES))],
  ] as const;

  test.each(FILES)("%s reads as it does whole, byte by byte", (_, file) => {
    const whole = load([file]).records;
    expect(whole.at(-1)?.kind).toBe("end");
    expect(load(file).records).toEqual(whole);
  });

  test.each(FILES)("%s reads as it does whole, cut anywhere", (_, file) => {
    const whole = load([file]).records;
    const random = seededRandom(7);
    for (const sizeMax of [3, 25, 100, 1000]) {
      expect(load(cut(file, sizeMax, random.next)).records).toEqual(whole);
    }
  });

  test("gives each record as soon as its last byte is there", () => {
    const file = `REDIS0009${KEY}`;
    expect(load([file.slice(0, -1)]).records).toEqual([]);
    expect(load([file]).records).toMatchObject([KEY_RECORD]);
  });

  test("gives records of bytes that came while others were taken", () => {
    const loader = new RdbLoader();
    loader.push(`REDIS0009${KEY}${KEY.slice(0, 2)}`);
    expect(loader.next()).toMatchObject(KEY_RECORD);
    loader.push(KEY.slice(2));
    expect(loader.next()).toMatchObject(KEY_RECORD);
    expect(loader.next()).toBeUndefined();
  });

  test("costs no more for a long value of many elements, or of one", () => {
    const element = "\x0aabcdefghij";
    const count = 750_000;
    const bodies = [
      { type: 1, body: encodeLength(count) + element.repeat(count) },
      { type: 0, body: encodeString(element.repeat(count)) },
    ];
    for (const value of bodies) {
      const record = rdbKey({ name: "k", ...value, expiresAtMs: 0 });
      const file = `REDIS0009${record}${rdbEnd(undefined)}`;
      const [key] = keysOf(load(cut(file, 4096, () => 0.999_99)).records);
      expect(key?.body === value.body).toBe(true);
    }
  });
});

describe("what stands before a key", () => {
  const CASES = [
    ["an expiry in ms", "\xfc\x01\0\0\0\x01\0\0\0", { expiresAtMs: 2 ** 32 + 1 }],
    ["an expiry in seconds", `\xfd${littleEndian32(100)}`, { expiresAtMs: 100_000 }],
    ["an expiry before 1970", `\xfc${"\x80".repeat(8)}`, { expiresAtMs: 1 }],
    ["an expiry at 0, which is not never", `\xfc${"\0".repeat(8)}`, { expiresAtMs: 1 }],
    ["an expiry at -1, which is never", `\xfc${"\xff".repeat(8)}`, { expiresAtMs: 0 }],
    [
      "an expiry at the end of time, which is the last double before it",
      `\xfc${"\xff".repeat(7)}\x7f`,
      { expiresAtMs: 2 ** 63 - 1024 },
    ],
    ["idle seconds", "\xf8\x41\x00", { idleSeconds: 256 }],
    ["a frequency", "\xf9\xff", { frequency: 255 }],
  ] as const;

  test.each(CASES)("is said of that key alone: %s", (_, before, said) => {
    const { records } = load([`REDIS0009${before}${KEY}${KEY}`]);
    expect(records).toMatchObject([{ ...KEY_RECORD, ...said }, KEY_RECORD]);
  });
});

describe("the end", () => {
  test("is at hand when the file is", () => {
    const { loader } = load([SAVED]);
    expect(loader.isEnded).toBe(true);
    expect(loader.offset).toBe(SAVED.length);
    expect(load([SAVED.slice(0, -1)]).loader.isEnded).toBe(false);
  });

  test("leaves the bytes behind it, also those that come later, in any split", () => {
    const file = `${sealed("REDIS0009")}*1\r\n$4\r\nPING\r\n`;
    for (const pieces of [[file], file, [file.slice(0, 20), file.slice(20)]]) {
      const { loader, records } = load(pieces);
      expect(records).toEqual([{ kind: "end", checksum: "verified" }]);
      expect(loader.takeRest()).toBe("*1\r\n$4\r\nPING\r\n");
      loader.push("more");
      expect(loader.next()).toBeUndefined();
      expect(loader.takeRest()).toBe("more");
      expect(loader.offset).toBe("REDIS0009".length + 1 + CHECKSUM_BYTES);
    }
  });

  test("has not come before there is a rest", () => {
    expect(() => load(["REDIS0009"]).loader.takeRest()).toThrow(InvariantError);
  });

  test("has a checksum from version 5 on, which 0 leaves out", () => {
    const end = { kind: "end", checksum: "absent" };
    expect(load([`REDIS0004${KEY}\xffrest`]).records).toMatchObject([KEY_RECORD, end]);
    expect(load([`REDIS0005${KEY}\xff${"\0".repeat(8)}`]).records).toMatchObject([KEY_RECORD, end]);
  });
});

describe("a file that we do not read", () => {
  const HEADS = ["REDIS0000", "REDIS0013", "VALKEY079", "VALKEY082", "REDIS000x", "-ERR what"];

  test.each(HEADS)("is known by its beginning: %s", (head) => {
    expect(() => load([head])).toThrow(expect.objectContaining({ name: "RdbError", offset: 0 }));
  });

  test.each(["REDIS0001", "REDIS0012", "VALKEY080", "VALKEY081"])("is not this: %s", (head) => {
    expect(load([head + KEY]).records).toMatchObject([KEY_RECORD]);
  });

  test.each([6, 22, 100, 242, 243, 246])("is known by what stands in it: %d", (type) => {
    const file = `REDIS0009${KEY}${String.fromCharCode(type)}\x01k`;
    expect(() => load([file])).toThrow(expect.objectContaining({ offset: 14 }));
  });

  test("is known by a value that is too long for us, before it is all there", () => {
    const loader = new RdbLoader({ valueBytesMax: 1000 });
    loader.push(`REDIS0009\x00\x01k${encodeLength(5000)}${"x".repeat(1000)}`);
    expect(() => loader.next()).toThrow(RdbError);
  });
});

describe("a damaged file", () => {
  test("is known by its checksum, whichever bit has changed", () => {
    for (let at = 0; at < SAVED.length; at++) {
      expect(outcomeOf(flipped(SAVED, at, at % 8))).not.toBe("ended");
    }
  });

  test(
    "without a checksum ends, stops short or is refused, and nothing else",
    { timeout: 30_000 },
    () => {
      const seen = new Set<string>();
      for (const file of [SAVED.slice(0, -CHECKSUM_BYTES), `${everything(SHORT_BODIES)}\xff`]) {
        const unsealed = file + "\0".repeat(CHECKSUM_BYTES);
        for (let at = 0; at < file.length; at++) {
          for (let bit = 0; bit < 8; bit++) seen.add(outcomeOf(flipped(unsealed, at, bit)));
        }
      }
      expect([...seen].toSorted()).toEqual(["ended", "refused", "short"]);
    },
  );

  test("that was cut stops short, wherever that was", () => {
    for (let size = 0; size < SAVED.length; size++) {
      expect(outcomeOf(SAVED.slice(0, size))).toBe("short");
    }
  });
});

function flipped(text: string, at: number, bit: number): string {
  const byte = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
  return text.slice(0, at) + byte + text.slice(at + 1);
}

/** How the reading went; an error that is no RdbError is thrown on. */
function outcomeOf(file: string): "ended" | "short" | "refused" {
  try {
    return load([file]).loader.isEnded ? "ended" : "short";
  } catch (error) {
    if (error instanceof RdbError) return "refused";
    throw error;
  }
}
