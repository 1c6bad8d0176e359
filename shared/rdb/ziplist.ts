/**
 * Ziplists: small lists, hashes and sorted sets from Redis 2.0 to 6.2. Read only.
 * (reference: redis/src/ziplist.c)
 *
 *     bytes:u32  offset of the last entry:u32  entries:u16  entry …  0xff
 *     entry: length of the entry before (1 byte, or 0xfe and u32), encoding, contents
 */
import { detach } from "../base/bytes.ts";
import { signedDigits } from "./packed.ts";
import { RdbReader } from "./reader.ts";

const HEADER_BYTES = 10;
const LAST_OFFSET_AT = 4;
const COUNT_AT = 8;
/** There are so many entries, or more. */
const COUNT_UNKNOWN = 0xffff;
const END = 0xff;
/** The length of the entry before stands in four bytes behind this. */
const WIDE = 0xfe;

/** Bytes of an integer by its encoding. Above them 0xf1 to 0xfd are the integers 0 to 12. */
const INTEGER_BYTES: Readonly<Record<number, number>> = {
  0xc0: 2,
  0xd0: 4,
  0xe0: 8,
  0xf0: 3,
  0xfe: 1,
};

/** The entries in their order; throws RdbError where the bytes are no ziplist. */
export function ziplistEntries(packed: string): string[] {
  const reader = new RdbReader(packed);
  const { length } = packed;
  if (reader.uint32() !== length) reader.fail(`the ziplist's size, which is ${length} bytes`, 0);
  const lastOffset = reader.uint32();
  const count = reader.uint16();

  const entries: string[] = [];
  let last = HEADER_BYTES;
  let lastBytes = 0;
  for (;;) {
    const start = reader.at;
    const first = reader.byte();
    if (first === END) break;
    const before = first === WIDE ? reader.uint32() : first;
    if (before !== lastBytes) reader.fail(`the size of the entry before, ${lastBytes}`, start);
    entries.push(entry(reader));
    last = start;
    lastBytes = reader.at - start;
  }

  if (reader.at !== length) reader.fail("no bytes behind the ziplist's end");
  if (lastOffset !== last) reader.fail(`the offset of the last entry, ${last}`, LAST_OFFSET_AT);
  if (count !== COUNT_UNKNOWN && count !== entries.length) {
    reader.fail(`the number of entries, ${entries.length}`, COUNT_AT);
  }
  return entries;
}

function entry(reader: RdbReader): string {
  const { at } = reader;
  const encoding = reader.byte();
  if (encoding < 0x40) return detach(reader.bytes(encoding));
  if (encoding < 0x80) return detach(reader.bytes(((encoding & 0x3f) << 8) | reader.byte()));
  if (encoding === 0x80) return detach(reader.bytes(bigEndian32(reader)));
  if (encoding > 0xf0 && encoding < 0xfe) return String(encoding - 0xf1);
  const size = INTEGER_BYTES[encoding];
  if (size === undefined) return reader.fail(`an encoding of ziplists, not ${encoding}`, at);
  return signedDigits(reader.bytes(size));
}

function bigEndian32(reader: RdbReader): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = value * 256 + reader.byte();
  return value;
}
