// Reads whole files with the loader, in the pieces a test wants.

import { type KeyRecord, RdbLoader, type RdbRecord } from "../../../shared/rdb/loader.ts";

/** Everything the loader says about these pieces, taken after each of them. */
export function load(pieces: Iterable<string>): { records: RdbRecord[]; loader: RdbLoader } {
  const loader = new RdbLoader();
  const records: RdbRecord[] = [];
  for (const piece of pieces) {
    loader.push(piece);
    for (let record = loader.next(); record !== undefined; record = loader.next()) {
      records.push(record);
    }
  }
  return { records, loader };
}

export function keysOf(records: readonly RdbRecord[]): KeyRecord[] {
  return records.filter((record) => record.kind === "key");
}

/** Cuts a text at random; `next` as Random has it. Some pieces are empty. */
export function* cut(text: string, sizeMax: number, next: () => number): Generator<string> {
  for (let at = 0; at < text.length;) {
    const size = Math.floor(next() * (sizeMax + 1));
    yield text.slice(at, at + size);
    at += size;
  }
}
