/**
 * Streams as RDB has them (reference: redis/src/rdb.c): blocks, counters, groups. Redis 5 and 6 write type
 * 15, which lacks the counters; 7.0 type 19; 7.2 type 21, which has when a consumer was last active.
 */
import { detach } from "../base/bytes.ts";
import { StreamBlock } from "../types/stream-block.ts";
import { FIRST_ID } from "../types/stream-id.ts";
import { elementInteger } from "../types/stream-listpack.ts";
import { listOf } from "../types/stream-parts.ts";
import { StreamValue } from "../types/stream.ts";
import { listpackStarts } from "./listpack.ts";
import { unpackString } from "./packed.ts";
import { encodeLength } from "./primitives.ts";
import { RdbError, RdbReader } from "./reader.ts";
import { decodeHead, encodeHead, readPieces } from "./stream-head.ts";
import { TYPE_OF_REDIS_5 } from "./stream-redis5.ts";
import { admitRun, NO_CUTS, readTail, runBody, TAIL_TYPE } from "./stream-tail.ts";
import type { Steps, ValueCodec } from "./value-codec.ts";

const MASTER_ID_BYTES = 16;

/** The head is the number of blocks and the tail (stream-tail.ts). */
export const STREAM_CODEC: ValueCodec<StreamValue> = {
  head: encodeHead,
  frame: (head, form) => {
    const { blockCount, before, last } = readPieces(head, form);
    return {
      type: form === "redis5" ? TYPE_OF_REDIS_5 : TAIL_TYPE,
      before: encodeLength(blockCount),
      after: last,
      elements: (body) => {
        const run = runBody(body);
        return run === undefined ? body : (before.get(run.number) ?? "") + run.text;
      },
    };
  },
  open: decodeHead,
  admit: (stream, number, body) => {
    if (listOf(number) !== undefined) admitRun(stream, number, body);
    else {
      const reader = new RdbReader(body);
      const master = detach(reader.string());
      stream.admit(StreamBlock.of(number, master, reader.string()), { isStored: true });
    }
  },
};

export const STREAM_STEPS: Readonly<Record<number, Steps>> = {
  15: (reader) => decode(reader, 15),
  19: (reader) => decode(reader, 19),
  21: (reader) => decode(reader, 21),
};

/** Blocks between two pauses. */
const STEP_BLOCKS = 8;

function* decode(reader: RdbReader, type: number): Generator<undefined, StreamValue, undefined> {
  const stream = new StreamValue();
  const blockCount = reader.length();
  let highest = "";
  for (let number = 0; number < blockCount; number++) {
    const { at } = reader;
    const block = readBlock(reader, number);
    const lowest = block.idAt(0) ?? block.master;
    if (number > 0 && (block.master <= highest || lowest <= highest)) {
      reader.fail("blocks of a stream in the order of their IDs", at);
    }
    highest = block.idAt(block.liveCount - 1) ?? block.master;
    if (block.master > highest) highest = block.master;
    block.forgetIndex();
    stream.admit(block);
    if (number % STEP_BLOCKS === STEP_BLOCKS - 1) yield;
  }
  const { at } = reader;
  const size = readTail(reader, stream, { type, cuts: NO_CUTS });
  if (stream.size !== size) reader.fail(`the number of the stream's entries, ${stream.size}`, at);
  if ((stream.lastEntryId ?? FIRST_ID) > stream.lastId) {
    reader.fail("a last ID that is not below those of the entries", at);
  }
  return stream;
}

function readBlock(reader: RdbReader, number: number): StreamBlock {
  const { at } = reader;
  const master = detach(reader.string());
  if (master.length !== MASTER_ID_BYTES) reader.fail(`an ID of ${MASTER_ID_BYTES} bytes`, at);
  let block: StreamBlock | undefined;
  // Its elements are looked at where the listpack is whole, so that what is wrong is named by its byte.
  unpackString(reader, (listpack) => {
    new BlockCheck(listpack).run();
    block = StreamBlock.of(number, master, listpack);
    checkOrder(block);
    return [];
  });
  return block!;
}

function checkOrder(block: StreamBlock): void {
  for (let i = 1; i < block.liveCount; i++) {
    if (block.idAt(i)! <= block.idAt(i - 1)!) throw new RdbError(0, "entries in the order of IDs");
  }
}

/** Flags of an entry that are known, each one bit. */
const [DELETED, SAME_FIELDS, FLAGS_MAX] = [1, 2, 3];

/** Checks that a listpack has the form of a block (types/stream-block.ts). */
class BlockCheck {
  readonly #listpack: string;
  readonly #starts: readonly number[];
  #next = 0;

  constructor(listpack: string) {
    this.#listpack = listpack;
    this.#starts = listpackStarts(listpack);
  }

  run(): void {
    const liveCount = this.#count("the number of entries");
    const deletedCount = this.#count("the number of deleted entries");
    const fieldCount = this.#count("the number of fields");
    this.#skip(fieldCount);
    this.#count("0 behind the fields", 0);
    let deleted = 0;
    let entries = 0;
    for (; this.#next < this.#starts.length; entries++) {
      const flags = this.#entry(fieldCount);
      if ((flags & DELETED) !== 0) deleted++;
    }
    if (entries === 0) this.#fail(this.#listpack.length - 1, "an entry of a stream");
    if (deleted !== deletedCount || entries - deleted !== liveCount) {
      this.#fail(this.#starts[0]!, `the numbers of entries, ${entries - deleted} and ${deleted}`);
    }
  }

  /** Passes an entry and returns its flags. */
  #entry(masterFieldCount: number): number {
    const first = this.#next;
    const at = this.#starts[first]!;
    // One byte, as the block reads it in place.
    if (this.#listpack.charCodeAt(at) > FLAGS_MAX) this.#fail(at, "the flags of a stream's entry");
    const flags = this.#count("the flags of a stream's entry");
    this.#integer();
    this.#integer();
    const isSame = (flags & SAME_FIELDS) !== 0;
    this.#skip(isSame ? masterFieldCount : this.#count("the number of fields") * 2);
    const size = this.#next - first;
    this.#count(`the number of the entry's elements, ${size}`, size, size);
    return flags;
  }

  #count(what: string, valueMax = Number.MAX_SAFE_INTEGER, valueMin = 0): number {
    const at = this.#element();
    const value = Number(elementInteger(this.#listpack, at));
    return value >= valueMin && value <= valueMax ? value : this.#fail(at, what);
  }

  #integer(): void {
    const at = this.#element();
    const value = elementInteger(this.#listpack, at);
    if (typeof value === "number" && Number.isNaN(value)) this.#fail(at, "an integer");
  }

  #element(): number {
    const at = this.#starts[this.#next++];
    return at ?? this.#fail(this.#listpack.length - 1, "the rest of a stream's entry");
  }

  #skip(count: number): void {
    this.#next += count;
    if (this.#next <= this.#starts.length) return;
    this.#fail(this.#listpack.length - 1, "the rest of a stream's entry");
  }

  #fail(at: number, expected: string): never {
    throw new RdbError(at, expected);
  }
}
