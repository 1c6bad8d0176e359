/**
 * What stands beside the key of a stream: the number of its blocks, and the tail. Long lists of IDs are
 * missing there, as their runs are parts. So the tail comes in pieces, each with the number of the run before
 * which it goes; the last one goes behind all parts.
 */
import { listOf } from "../types/stream-parts.ts";
import { StreamValue } from "../types/stream.ts";
import { encodeLength } from "./primitives.ts";
import { RdbReader } from "./reader.ts";
import { withoutCounters } from "./stream-redis5.ts";
import { encodeTail, readTail, TAIL_TYPE } from "./stream-tail.ts";
import type { Form } from "./value-codec.ts";

interface Pieces {
  readonly blockCount: number;
  /** By the runs they go before, in order. */
  readonly before: ReadonlyMap<number, string>;
  readonly last: string;
}

export function encodeHead(stream: StreamValue): string {
  const { pieces, runs } = encodeTail(stream);
  const texts = runs.map((run, i) => encodeLength(run) + encodePiece(pieces[i]!));
  const counts = encodeLength(stream.blockCount) + encodeLength(runs.length);
  return counts + texts.join("") + encodePiece(pieces.at(-1)!);
}

function encodePiece(text: string): string {
  return encodeLength(text.length) + text;
}

export function readPieces(head: string, form: Form): Pieces {
  const reader = new RdbReader(head);
  const blockCount = reader.length();
  const before = new Map<number, string>();
  for (let left = reader.length(); left > 0; left--) {
    const run = reader.length();
    before.set(run, reader.bytes(reader.length()));
  }
  const last = reader.bytes(reader.length());
  if (form !== "redis5") return { blockCount, before, last };
  const pieces = withoutCounters([...before.values(), last]);
  const runs = [...before.keys()];
  return {
    blockCount,
    before: new Map(runs.map((run, i) => [run, pieces[i]!])),
    last: pieces[runs.length]!,
  };
}

/** A stream with all that the head has, and neither blocks nor long lists yet. */
export function decodeHead(head: string): StreamValue {
  const { before, last } = readPieces(head, "ours");
  const cuts = new Map<number, number>();
  let tail = "";
  for (const [run, piece] of before) {
    tail += piece;
    cuts.set(tail.length, listOf(run)!);
  }
  const stream = new StreamValue();
  readTail(new RdbReader(tail + last), stream, { type: TAIL_TYPE, cuts });
  return stream;
}
