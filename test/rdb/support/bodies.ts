// A small value of every type, made by hand from the format's description. What Redis 7.0 can load
// of them it does load: see redis.test.ts.

import {
  encodeLength as length,
  encodeString as string,
  littleEndian16,
  littleEndian32,
  littleEndian64,
} from "../../../shared/rdb/primitives.ts";

const ONE = "\0\0\0\0\0\0\xf0\x3f"; // 1.0 as a double
const MINUTE = littleEndian64(60_000);
const ENTRY = "\0\0\0\0\0\0\0\x05".repeat(2); // the stream id 5-5
const FIVES = length(5) + length(5);

/** The elements "a" and 1. */
const ZIPLIST = string(
  `${littleEndian32(16)}${littleEndian32(13)}${littleEndian16(2)}\x00\x01a\x03\xf2\xff`,
);
const LISTPACK = string(`${littleEndian32(12)}${littleEndian16(2)}\x81a\x02\x01\x01\xff`);
/** 1 and 2, two bytes each. */
const INTSET = string(`${littleEndian32(2)}${littleEndian32(2)}\x01\0\x02\0`);
/** "f", "v" and no expiry. */
const EXPIRING_LISTPACK = string(
  `${littleEndian32(15)}${littleEndian16(3)}\x81f\x02\x81v\x02\x00\x01\xff`,
);

const STREAM_BODY_1 = stream({ counters: "", entriesRead: "", activeAt: "" });
const COUNTERS = FIVES + FIVES + length(1);
const STREAM_BODY_2 = stream({ counters: COUNTERS, entriesRead: length(1), activeAt: "" });
const STREAM_BODY_3 = stream({ counters: COUNTERS, entriesRead: length(1), activeAt: MINUTE });

/** No entries any more, but a group with a consumer that has one pending. */
function stream(parts: { counters: string; entriesRead: string; activeAt: string }): string {
  const pending = length(1) + ENTRY + MINUTE + length(3);
  const consumer = string("c") + MINUTE + parts.activeAt + length(1) + ENTRY;
  const group = string("g") + FIVES + parts.entriesRead + pending + length(1) + consumer;
  return length(0) + length(0) + FIVES + parts.counters + length(1) + group;
}

const MODULE_PARTS = `\x02\x07\x01\x40\x80\x03ffff\x04${ONE}\x05${string("text")}\x00`;

/** The text "aaaaaaaaaa…" 100 times, compressed. */
export const COMPRESSED = "\xc3\x05\x40\x64\x00a\xe0\x5a\x00";

export const BODIES: readonly { type: number; what: string; body: string }[] = [
  { type: 0, what: "string", body: string("text") },
  { type: 0, what: "string of 14 bit", body: string("t".repeat(300)) },
  { type: 0, what: "string of 32 bit", body: string("t".repeat(20_000)) },
  { type: 0, what: "integer", body: string("-70000") },
  { type: 0, what: "compressed string", body: COMPRESSED },
  { type: 1, what: "list", body: length(2) + string("a") + string("1") },
  { type: 2, what: "set", body: length(2) + string("a") + string("1") },
  { type: 3, what: "zset of texts", body: `${length(2)}${string("a")}\x031.5${string("b")}\xfe` },
  { type: 4, what: "hash", body: length(1) + string("f") + string("v") },
  { type: 5, what: "zset of doubles", body: length(1) + string("a") + ONE },
  { type: 7, what: "module", body: `\x81ABCDEFGH${MODULE_PARTS}` },
  { type: 9, what: "zipmap", body: string("\x01\x01f\x01\x00v\xff") },
  { type: 10, what: "list in a ziplist", body: ZIPLIST },
  { type: 11, what: "intset", body: INTSET },
  { type: 12, what: "zset in a ziplist", body: ZIPLIST },
  { type: 13, what: "hash in a ziplist", body: ZIPLIST },
  { type: 14, what: "list of ziplists", body: length(2) + ZIPLIST + ZIPLIST },
  { type: 15, what: "stream of Redis 5", body: STREAM_BODY_1 },
  { type: 16, what: "hash in a listpack", body: LISTPACK },
  { type: 17, what: "zset in a listpack", body: LISTPACK },
  { type: 18, what: "list of listpacks", body: `\x02\x02${LISTPACK}\x01${string("plain")}` },
  { type: 19, what: "stream of Redis 7.0", body: STREAM_BODY_2 },
  { type: 20, what: "set in a listpack", body: LISTPACK },
  { type: 21, what: "stream of Redis 7.2", body: STREAM_BODY_3 },
  { type: 24, what: "hash that expires", body: `${MINUTE}\x01\x01${string("f")}${string("v")}` },
  { type: 25, what: "the same in a listpack", body: MINUTE + EXPIRING_LISTPACK },
];

/** Types that came after Redis 7.0, or need a module that it does not have. */
export const BEYOND_REDIS_7_0: readonly number[] = [7, 20, 21, 24, 25];

/** What a module leaves beside the keys, behind its opcode. */
export const MODULE_AUX_BODY = `\x81ABCDEFGH\x02\x01${MODULE_PARTS}`;
