import { DEFAULT_LIMITS } from "../../shared/types/limits.ts";
import { describe, expect, test } from "vitest";

import { Crc64 } from "../../shared/base/crc64.ts";
import { dumpPayload, restorePayload, seal } from "../../shared/rdb/dump.ts";
import { encodeLength } from "../../shared/rdb/primitives.ts";
import { ReplyError } from "../../shared/resp/reply.ts";
import { STRINGS } from "./support/dataset.ts";

const WRONG = new ReplyError("ERR DUMP payload version or checksum are wrong");
const BAD = new ReplyError("ERR Bad data format");

/** What DUMP of redis-server 7.0.15 answered. */
const RECORDED = [
  ["hello", "000568656c6c6f0a006372df766534200a"],
  ["12345678", "00c24e61bc000a00e8848a08472ff6fb"],
  ["antipode".repeat(10), "00c310405008616e7469706f646561e03c070164650a0036e64e9ea060be92"],
] as const;

/** The payload with a right checksum behind it. */
function sealed(text: string): string {
  return text + new Crc64().update(text).digest();
}

/** What restoring throws; ReplyErrors are no Errors. */
function refusalOf(payload: string, stringMax?: number): unknown {
  try {
    return restorePayload(payload, DEFAULT_LIMITS, stringMax);
  } catch (error) {
    return error;
  }
}

describe("a dump", () => {
  test.each(Object.entries(STRINGS))("of %s restores", (_, value) => {
    expect(restorePayload(dumpPayload(value, "redis5"), DEFAULT_LIMITS)).toBe(value);
  });

  test("has the version of Redis 5, which every later one restores", () => {
    expect(dumpPayload("10", "redis5").slice(0, 5)).toBe("\x00\xc0\x0a\x09\x00");
  });

  test.each(RECORDED)("of Redis 7.0.15 restores: %s", (value, payload) => {
    expect(restorePayload(Buffer.from(payload, "hex").toString("latin1"), DEFAULT_LIMITS)).toBe(
      value,
    );
  });
});

describe("a payload is refused", () => {
  test("when any bit of it has changed", () => {
    const payload = dumpPayload("some text", "redis5");
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const at = bit >> 3;
      const byte = String.fromCharCode(payload.charCodeAt(at) ^ (1 << (bit & 7)));
      expect(refusalOf(payload.slice(0, at) + byte + payload.slice(at + 1))).toEqual(WRONG);
    }
  });

  test("when it is cut", () => {
    const payload = dumpPayload("some text", "redis5");
    for (let size = 0; size < payload.length; size++) {
      expect(refusalOf(payload.slice(0, size))).toEqual(WRONG);
    }
  });

  test("when its version is one we do not read", () => {
    expect(restorePayload(sealed("\x00\x01a\x0c\x00"), DEFAULT_LIMITS)).toBe("a");
    for (const version of ["\x00\x00", "\x0d\x00", "\x09\x01"]) {
      expect(refusalOf(sealed(`\x00\x01a${version}`))).toEqual(WRONG);
    }
  });

  test("when what is in it is no value", () => {
    for (const text of ["\x00\x02a", "\x00\x01ab", "\x06\x01a", "\xff", "\x00", ""]) {
      expect(refusalOf(sealed(`${text}\x09\x00`))).toEqual(BAD);
    }
  });
});

describe("a payload of compressed strings", () => {
  /** A letter, and copies of it, 264 to every three bytes. */
  const compressed = (copies: number): string => {
    const text = "\x00a" + "\xe0\xff\x00".repeat(copies);
    return `\xc3${encodeLength(text.length)}${encodeLength(1 + 264 * copies)}${text}`;
  };

  test("is restored", () => {
    const payload = seal(`\0${compressed(10)}`, 9);
    expect(restorePayload(payload, DEFAULT_LIMITS)).toBe("a".repeat(2641));
    expect(restorePayload(payload, DEFAULT_LIMITS, 2641)).toBe("a".repeat(2641));
  });

  test("is refused before it fills the memory: one string or many", () => {
    const long = seal(`\0${compressed(10)}`, 9);
    expect(refusalOf(long, 2640)).toEqual(BAD);
    const list = encodeLength(9) + compressed(10).repeat(9);
    expect(refusalOf(seal(`\x01${list}`, 9), 2641)).toEqual(BAD);
  });
});
