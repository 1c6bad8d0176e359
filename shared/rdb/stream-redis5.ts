/**
 * Streams as Redis 5 and 6 read them: type 15, which is type 19 without its counters (stream-tail.ts
 * says where they stand). They are cut out of the text: it may be of a stream that nobody has loaded.
 */
import { assert } from "../base/assert.ts";
import { RdbReader } from "./reader.ts";
import { ID_BYTES } from "./stream-tail.ts";

export const TYPE_OF_REDIS_5 = 15;

const TIME_BYTES = 8;

/** A whole stream of type 19, without its counters. */
export function streamForRedis5(body: string): { type: number; body: string } {
  const reader = new RdbReader(body);
  for (let left = reader.length(); left > 0; left--) {
    skipString(reader);
    skipString(reader);
  }
  const [tail] = withoutCounters([body.slice(reader.at)]);
  return { type: TYPE_OF_REDIS_5, body: body.slice(0, reader.at) + tail! };
}

/** The pieces of a tail of type 19, each without its counters. Between them stand lists in parts. */
export function withoutCounters(pieces: readonly string[]): string[] {
  const tail = pieces.join("");
  let end = 0;
  const ends = pieces.map((piece) => (end += piece.length));
  const spans = counterSpans(tail, new Set(ends));
  let at = 0;
  let next = 0;
  return ends.map((pieceEnd) => {
    let text = "";
    for (; next < spans.length && spans[next]!.from < pieceEnd; next++) {
      text += tail.slice(at, spans[next]!.from);
      at = spans[next]!.to;
    }
    text += tail.slice(at, pieceEnd);
    at = pieceEnd;
    return text;
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a tail has counters, in order. At `cuts` the IDs of a list are missing. */
function counterSpans(tail: string, cuts: ReadonlySet<number>): Span[] {
  const reader = new RdbReader(tail);
  // The number of entries and the last ID; then the first ID, the last deleted one, and the entries added.
  skipLengths(reader, 1 + 2);
  const spans = [skipLengths(reader, 2 + 2 + 1)];
  for (let groups = reader.length(); groups > 0; groups--) {
    skipString(reader);
    skipLengths(reader, 2);
    spans.push(skipLengths(reader, 1));
    const pending = reader.length();
    if (!cuts.has(reader.at)) skipDeliveries(reader, pending);
    for (let consumers = reader.length(); consumers > 0; consumers--) {
      skipString(reader);
      reader.at += TIME_BYTES;
      const own = reader.length();
      if (!cuts.has(reader.at)) reader.at += own * ID_BYTES;
    }
  }
  assert(reader.at === tail.length, "the tail of a stream ends with its last consumer");
  return spans;
}

function skipLengths(reader: RdbReader, count: number): Span {
  const from = reader.at;
  for (let left = count; left > 0; left--) reader.at = reader.lengthEnd(reader.at);
  return { from, to: reader.at };
}

function skipString(reader: RdbReader): void {
  reader.at = reader.stringEnd(reader.at);
}

/** IDs of a group's list, each with when it was delivered and how often. */
function skipDeliveries(reader: RdbReader, count: number): void {
  for (let left = count; left > 0; left--) {
    reader.at = reader.lengthEnd(reader.at + ID_BYTES + TIME_BYTES);
  }
}
