/**
 * Zipmaps: small hashes of Redis 2.2 and 2.4. Read only. (reference: redis/src/zipmap.c)
 *
 *     pairs:u8  pair …  0xff
 *     pair: size, field, size, unused bytes:u8, value, the unused bytes
 *     size: one byte, or 0xfe and u32
 */
import { detach } from "../base/bytes.ts";
import { RdbReader } from "./reader.ts";

const END = 0xff;
/** The size stands in four bytes behind this; as the number of pairs: there are so many, or more. */
const WIDE = 0xfe;

/** Fields and values, one behind the other; throws RdbError where the bytes are no zipmap. */
export function zipmapPairs(packed: string): string[] {
  const reader = new RdbReader(packed);
  const count = reader.byte();
  const pairs: string[] = [];
  for (let first = reader.byte(); first !== END; first = reader.byte()) {
    pairs.push(detach(reader.bytes(size(reader, first))));
    const valueBytes = size(reader, reader.byte());
    const unused = reader.byte();
    pairs.push(detach(reader.bytes(valueBytes)));
    reader.bytes(unused);
  }
  if (reader.at !== packed.length) reader.fail("no bytes behind the zipmap's end");
  if (count < WIDE && count !== pairs.length / 2) {
    reader.fail(`the number of pairs, ${pairs.length / 2}`, 0);
  }
  return pairs;
}

function size(reader: RdbReader, first: number): number {
  if (first === END) reader.fail("a size, not the zipmap's end", reader.at - 1);
  return first === WIDE ? reader.uint32() : first;
}
