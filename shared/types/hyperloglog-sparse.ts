/**
 * The sparse registers of a HyperLogLog: runs, changed in place exactly as Redis changes them (hllSparseSet),
 * as clients compare and copy the bytes.
 *
 *     00llllll           1…64 zeros
 *     01llllll llllllll  1…16384 zeros
 *     1vvvvvll           1…4 registers of 1…32
 */
import { type BufferLike, newBuffer, toBinary } from "../base/bytes.ts";

const ZEROS_MAX = 64;
const VALUE_MAX = 32;
const VALUES_MAX = 4;
/** How many runs are looked at to join them after a change. */
const JOINED_MAX = 5;

/** Shows each run, until `visit` says false. `isLong`: zeros in two bytes. */
export function readRuns(
  text: string,
  from: number,
  visit: (value: number, length: number, isLong: boolean) => boolean,
): void {
  for (let at = from; at < text.length; at++) {
    const byte = text.charCodeAt(at);
    const isLong = byte >>> 6 === 1;
    if (isLong) at++;
    const length = isLong ? longLength(byte, text.charCodeAt(at)) : runLength(byte);
    if (!visit(valueOf(byte), length, isLong)) return;
  }
}

function valueOf(byte: number): number {
  return byte >= 0x80 ? ((byte >>> 2) & 31) + 1 : 0;
}

/** Of a run in one byte. */
function runLength(byte: number): number {
  return byte >= 0x80 ? (byte & 3) + 1 : (byte & 63) + 1;
}

function longLength(byte: number, next: number): number {
  return (((byte & 63) << 8) | next) + 1;
}

/** Where a register stands among the runs. */
interface Place {
  readonly at: number;
  /** The run before it; -1: none. */
  readonly before: number;
  /** The run's first register, and how many it has. */
  readonly first: number;
  readonly length: number;
}

export class SparseRegisters {
  #bytes: BufferLike;
  #length: number;
  readonly #start: number;

  /** `text` has a header of `start` bytes. */
  constructor(text: string, start: number) {
    this.#start = start;
    this.#length = text.length;
    this.#bytes = newBuffer(text.length + 64);
    this.#bytes.latin1Write(text, 0, text.length);
  }

  text(): string {
    return toBinary(this.#bytes.subarray(0, this.#length));
  }

  /**
   * Raises a register: whether that changed it, undefined when the runs are damaged, and "full" when it
   * takes dense registers to hold the value.
   */
  raise(index: number, value: number, bytesMax: number): boolean | undefined | "full" {
    if (value > VALUE_MAX) return "full";
    const place = this.#find(index);
    if (place === undefined) return undefined;
    const { at, before, length } = place;
    const byte = this.#bytes[at]!;
    const old = valueOf(byte);
    if (old >= value) return false;

    const isLong = byte >>> 6 === 1;
    if (length === 1 && !isLong) this.#bytes[at] = valueRun(value, 1);
    else {
      const runs = splitRun(place, { index, value, old });
      const growth = runs.length - (isLong ? 2 : 1);
      if (growth > 0 && this.#length + growth > bytesMax) return "full";
      this.#replace(at, isLong ? 2 : 1, runs);
    }
    this.#join(before < 0 ? this.#start : before);
    return true;
  }

  #find(index: number): Place | undefined {
    const bytes = this.#bytes;
    const end = this.#length;
    let before = -1;
    let first = 0;
    for (let at = this.#start; at < end;) {
      const byte = bytes[at]!;
      const isLong = byte >>> 6 === 1;
      const next = at + 1 < end ? bytes[at + 1]! : 0;
      const length = isLong ? longLength(byte, next) : runLength(byte);
      if (index < first + length) return { at, before, first, length };
      before = at;
      first += length;
      at += isLong ? 2 : 1;
    }
    return undefined;
  }

  #replace(at: number, count: number, runs: readonly number[]): void {
    const length = this.#length + runs.length - count;
    if (length > this.#bytes.length) {
      const larger = newBuffer(length * 2);
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.copyWithin(at + runs.length, at + count, this.#length);
    this.#bytes.set(runs, at);
    this.#length = length;
  }

  /** Joins neighbours of one value, as far as a run goes. */
  #join(from: number): void {
    const bytes = this.#bytes;
    let at = from;
    for (let left = JOINED_MAX; at < this.#length && left > 0; left--) {
      const byte = bytes[at]!;
      const next = at + 1 < this.#length ? bytes[at + 1]! : 0;
      if (byte < 0x80) at += byte >>> 6 === 1 ? 2 : 1;
      else {
        const length = runLength(byte) + runLength(next);
        if (next >= 0x80 && valueOf(byte) === valueOf(next) && length <= VALUES_MAX) {
          bytes[at + 1] = valueRun(valueOf(byte), length);
          bytes.copyWithin(at, at + 1, this.#length);
          this.#length--;
        } else at++;
      }
    }
  }
}

/** What stands in place of a run once one register of it has another value. */
function splitRun(
  { first, length }: Place,
  { index, value, old }: { readonly index: number; readonly value: number; readonly old: number },
): number[] {
  const before = index - first;
  const behind = first + length - 1 - index;
  return [...run(old, before), valueRun(value, 1), ...run(old, behind)];
}

function run(value: number, length: number): number[] {
  if (length === 0) return [];
  if (value > 0) return [valueRun(value, length)];
  if (length <= ZEROS_MAX) return [length - 1];
  return [0x40 | ((length - 1) >>> 8), (length - 1) & 255];
}

function valueRun(value: number, length: number): number {
  return 0x80 | ((value - 1) << 2) | (length - 1);
}
